"""Exercises and quiz of lesson 02, preprocessing."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.exercises.answer_types import LIST, function
from course_utils.exercises.conditions import (
    Arguments,
    Attempt,
    Condition,
    holds,
    keeps_its_input,
    same_dtype,
    same_shape,
    same_values,
    same_values_for,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson
from course_utils.wording import counted

LESSON = 2

batch_shape = Exercise(
    LESSON,
    "batch_shape",
    LIST,
    same_values(
        what_goes_in=[64, 100, 80, 3],
        colour=[64, 48, 48, 3],
        old_size=[64, 100, 80, 1],
        channels_first=[64, 1, 48, 48],
    ),
)


def _cases_of_pixels() -> Sequence[Arguments]:
    return [(np.random.default_rng(4).random((3, 6, 5, 1), dtype=np.float32),)]


def _cases_out_of_range() -> Sequence[Arguments]:
    return [(np.array([-0.2, 0.0, 0.5, 1.0, 1.3], dtype=np.float32).reshape(1, 1, 5, 1),)]


to_pixels = Exercise(
    LESSON,
    "to_pixels",
    function("inputs"),
    same_dtype(),
    same_shape(),
    same_values(
        cut_off=lambda inputs: (255 * inputs[..., 0]).astype(np.uint8),
        not_multiplied=lambda inputs: np.rint(inputs[..., 0]).astype(np.uint8),
        white_is_256=lambda inputs: np.clip(np.rint(256 * inputs[..., 0]), 0, 255).astype(np.uint8),
    ),
    same_values_for("clipped", _cases_out_of_range),
    keeps_its_input(),
    cases=_cases_of_pixels,
)


def _cases_of_statistics() -> Sequence[Arguments]:
    rng = np.random.default_rng(5)
    train = rng.normal(0.5, 0.2, (6, 4, 4, 1)).astype(np.float32)
    test = rng.normal(0.3, 0.1, (3, 4, 4, 1)).astype(np.float32)
    return [(train, test)]


def _standardised(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.asarray((values - by.mean()) / by.std(), dtype=np.float32)


def _one_by_one(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    return np.stack([_standardised(image, by=image) for image in test])


standardise_test = Exercise(
    LESSON,
    "standardise_test",
    function("train", "test"),
    same_dtype(),
    same_shape(),
    same_values(
        test_statistics=lambda train, test: _standardised(test, by=test),
        both_statistics=lambda train, test: _standardised(test, by=np.concatenate([train, test])),
        each_by_itself=_one_by_one,
        variance=lambda train, test: (test - train.mean()) / train.var(),
    ),
    keeps_its_input(),
    cases=_cases_of_statistics,
)


def _cases_of_weights() -> Sequence[Arguments]:
    return [
        (np.repeat(np.arange(7), [40, 5, 41, 72, 50, 48, 33]),),
        (np.array([3, 3, 3, 1, 3, 6, 1, 3]),),
    ]


def _scaled_weights(labels: np.ndarray, factor: float) -> dict[int, float]:
    weights = balanced_weights.reference(labels)
    return {label: factor * weight for label, weight in weights.items()}


balanced_weights: Exercise = Exercise(
    LESSON,
    "balanced_weights",
    function("labels"),
    same_values(
        frequencies=lambda labels: {
            label: count / len(labels)
            for label, count in zip(*np.unique(labels, return_counts=True))
        },
        not_by_classes=lambda labels: _scaled_weights(labels, len(np.unique(labels))),
        seven_classes=lambda labels: _scaled_weights(labels, len(np.unique(labels)) / 7),
        largest_is_one=lambda labels: _scaled_weights(
            labels, 1 / min(balanced_weights.reference(labels).values())
        ),
    ),
    cases=_cases_of_weights,
)

CHANGES = {
    "mirror": True,
    "noise": True,
    "negative": False,
    "quarter turn": False,
    "bar over the mouth": False,
}


def _chosen(allowed: bool) -> list[str]:
    return [change for change, is_allowed in CHANGES.items() if is_allowed is allowed]


allowed_changes = Exercise(
    LESSON,
    "allowed_changes",
    LIST,
    holds(
        "known names",
        lambda answer: all(not isinstance(entry, str) or entry in CHANGES for entry in answer),
    ),
    holds("only texts", lambda answer: all(isinstance(entry, str) for entry in answer)),
    holds(
        "none too many",
        lambda answer: not set(_chosen(False)) & set(answer),
        lambda answer: (
            f'Think again about "{next(c for c in _chosen(False) if c in answer)}": does it '
            "occur in real pictures, and is the expression still readable?"
        ),
    ),
    holds("none missing", lambda answer: set(_chosen(True)) <= set(answer)),
)


def _cases_of_persons() -> Sequence[Arguments]:
    rng = np.random.default_rng(6)
    return [
        (np.repeat(np.arange(40), 5)[rng.permutation(200)], 0.25, 0),
        (100 + rng.integers(0, 60, 300), 0.2, 1),
    ]


def _each_side(attempt: Attempt, complaint: Any) -> str:
    """Return the first complaint about the two sides of a case, or an empty string."""
    for case in attempt.comparisons():
        train, test = map(np.asarray, case.got)
        found = complaint(*case.arguments, train, test)
        if found:
            return str(found)
    return ""


def _not_two(attempt: Attempt) -> str:
    for case in attempt.comparisons():
        if not isinstance(case.got, list | tuple) or len(case.got) < 2:
            return "Return two arrays of indices: `return train, test`."
    return ""


def _lost(person: np.ndarray, share: float, seed: int, train: np.ndarray, test: np.ndarray) -> str:
    both = np.concatenate([train, test])
    lost = np.setdiff1d(np.arange(len(person)), both).size
    return f"Neither side has {lost} of the {len(person)} images." if lost else ""


def _shared(
    person: np.ndarray, share: float, seed: int, train: np.ndarray, test: np.ndarray
) -> str:
    shared = np.intersect1d(person[train], person[test]).size
    if not shared:
        return ""
    found = counted(shared, "person")
    return f"The two sides share {found}. Choose persons by chance, and not images."


def _uneven(
    person: np.ndarray, share: float, seed: int, train: np.ndarray, test: np.ndarray
) -> str:
    got = len(np.unique(person[test])) / len(np.unique(person))
    if abs(got - share) <= 0.05:
        return ""
    return f"{got:.0%} of the persons are in the test, and {share:.0%} are asked for."


def _forgetful(attempt: Attempt) -> str:
    for case in attempt.comparisons():
        again = attempt.call(*case.arguments)
        if not np.array_equal(np.asarray(again[1]), np.asarray(case.got[1])):
            return "The same seed gives another split when called again. Hand `seed` on."
    return ""


def _deaf(attempt: Attempt) -> str:
    for case in attempt.comparisons():
        person, share, seed = case.arguments
        other = attempt.call(person, share, seed + 1)
        if np.array_equal(np.asarray(other[1]), np.asarray(case.got[1])):
            return "Another seed gives the same split. Let `seed` decide who is in the test."
    return ""


split_by_person = Exercise(
    LESSON,
    "split_by_person",
    function("person", "share", "seed"),
    Condition("two sides", _not_two),
    Condition("nothing lost", lambda attempt: _each_side(attempt, _lost)),
    Condition("nobody on both", lambda attempt: _each_side(attempt, _shared)),
    Condition("share", lambda attempt: _each_side(attempt, _uneven)),
    Condition("same seed", _forgetful),
    Condition("other seed", _deaf),
    cases=_cases_of_persons,
)


lesson = Lesson(
    LESSON,
    (batch_shape, to_pixels, standardise_test, balanced_weights, allowed_changes, split_by_person),
)
quiz, progress = lesson.quiz, lesson.progress
