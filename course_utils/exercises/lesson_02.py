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
    same_dtype,
    same_shape,
    same_values,
    same_values_for,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.kinds import Epoch, each_epoch
from course_utils.exercises.lesson import Lesson
from course_utils.wording import counted

LESSON = 2


def _cases_of_pixels() -> Sequence[Arguments]:
    inputs = np.random.default_rng(4).random((3, 6, 5, 1), dtype=np.float32)
    return [(inputs,), (inputs[:1],)]


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
    cases=_cases_of_pixels,
)


def _cases_of_statistics() -> Sequence[Arguments]:
    rng = np.random.default_rng(5)
    train = rng.normal(0.5, 0.2, (6, 4, 4, 1)).astype(np.float32)
    test = rng.normal(0.3, 0.1, (3, 4, 4, 1)).astype(np.float32)
    return [(train, test), (train[:2] - 1, test[:1])]


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
        each_pixel=lambda train, test: (test - train.mean(axis=0)) / train.std(axis=0),
        variance=lambda train, test: (test - train.mean()) / train.var(),
    ),
    cases=_cases_of_statistics,
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


def _cases_of_weights() -> Sequence[Arguments]:
    return [
        (np.repeat(np.arange(7), [40, 5, 41, 72, 50, 48, 33]),),
        (np.array([3, 3, 3, 1, 3, 6, 1, 3]),),
        (np.array([4, 4]),),
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


def make_negative(images: Any, training: bool = False) -> Any:
    """Stand for an augmentation that is known: in training, dark becomes bright."""
    return 1 - images if training else images


def _cases_of_training_data() -> Sequence[Arguments]:
    images = np.random.default_rng(7).integers(0, 256, (200, 4, 6), dtype=np.uint8)
    labels = np.arange(200) // 30  # sorted, as files are by their folders
    return [(images, labels, None), (images[:129], labels[:129], make_negative)]


def _places(epoch: Epoch, *forms: np.ndarray) -> np.ndarray:
    """Return which of the images, in any of their forms, each of an epoch is; -1 for none."""
    places = {image.tobytes(): place for images in forms for place, image in enumerate(images)}
    pixels = np.rint(255 * (epoch.images / epoch.images.max())).astype(np.uint8)
    return np.array([places.get(picture.tobytes(), -1) for picture in pixels])


def _first_batch_is_mixed(first: Epoch, _: Epoch, images: np.ndarray, *others: Any) -> bool:
    places = _places(first, images, 255 - images)[: first.batch_sizes[0]]
    return bool(np.ptp(places) > len(images) / 2)


def _are_augmented(
    first: Epoch, _: Epoch, images: np.ndarray, labels: np.ndarray, augmentation: Any
) -> bool:
    expected = images if augmentation is None else 255 - images
    return bool((_places(first, expected) >= 0).all())


training_data = Exercise(
    LESSON,
    "training_data",
    function("images", "labels", "augmentation"),
    each_epoch("dtype", lambda first, *_: first.images.dtype == np.float32),
    each_epoch(
        "shape", lambda first, _, images, *others: first.images.shape[1:] == (*images.shape[1:], 1)
    ),
    each_epoch(
        "range",
        lambda first, *_: np.allclose([first.images.min(), first.images.max()], [0, 1], atol=1e-3),
    ),
    each_epoch("mixed", _first_batch_is_mixed),
    each_epoch(
        "batches",
        lambda first, _, images, *others: (
            first.batch_sizes == (*[32] * (len(images) // 32), len(images) % 32)
        ),
    ),
    each_epoch("augmentation", _are_augmented),
    each_epoch(
        "every image",
        lambda _, second, images, *others: np.array_equal(
            np.sort(_places(second, images, 255 - images)), np.arange(len(images))
        ),
    ),
    each_epoch(
        "pairs",
        lambda _, second, images, labels, augmentation: np.array_equal(
            labels[_places(second, images, 255 - images)], second.labels
        ),
    ),
    each_epoch("new order", lambda first, second, *_: (first.images != second.images).any()),
    cases=_cases_of_training_data,
)


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
        images = len(case.arguments[0])
        is_pair = isinstance(case.got, list | tuple) and len(case.got) == 2
        if not is_pair or not all(_are_indices(side, images) for side in case.got):
            return f"Return two arrays of indices from 0 to {images - 1}: `return train, test`."
    return ""


def _are_indices(side: Any, images: int) -> bool:
    side = np.asarray(side)
    is_row = side.ndim == 1 and side.size > 0 and side.dtype.kind in "iu"
    return is_row and side.min() >= 0 and side.max() < images


def _forgetful(attempt: Attempt) -> str:
    for case in attempt.comparisons():
        again = attempt.call(*case.arguments)
        if not all(map(np.array_equal, again, case.got)):
            return "The same seed gives another split when called again. Hand `seed` on."
    return ""


def _cases_of_rare() -> Sequence[Arguments]:
    rng = np.random.default_rng(8)
    many = np.repeat(np.arange(7), [40, 5, 41, 72, 50, 48, 34])
    return [(rng.permutation(many), 0), (np.repeat([6, 1, 3], [61, 11, 29]), 1)]


def _on_both(labels: np.ndarray, seed: int, train: np.ndarray, test: np.ndarray) -> str:
    shared = np.intersect1d(train, test).size
    if not shared:
        return ""
    found = f"The two sides share {counted(shared, 'image')} of {len(labels)}."
    return f"{found} Follow one image of a rare class line by line: where does it multiply?"


def _test_differs(labels: np.ndarray, seed: int, train: np.ndarray, test: np.ndarray) -> str:
    if len(np.unique(test)) < len(test):
        return "Some images are in the test more than once. Leave the test as it was collected."
    for label, count in zip(*np.unique(labels, return_counts=True)):
        got = int((labels[test] == label).sum())
        if abs(got - 0.2 * count) >= 1:
            return (
                f"The test has {got} of the {count} images of class {label}: a fifth was asked for."
            )
    return ""


def _train_differs(labels: np.ndarray, seed: int, train: np.ndarray, test: np.ndarray) -> str:
    left = np.bincount(np.delete(labels, test), minlength=7)
    got = np.bincount(labels[train], minlength=7)
    if np.array_equal(got, np.where(left > 0, left.max(), 0)):
        return ""
    return (
        f"In training the seven classes occur {', '.join(map(str, got))} times. Each that occurs "
        f"at all should do so as often as the largest of them, which has {left.max()} images there."
    )


oversampled_split = Exercise(
    LESSON,
    "oversampled_split",
    function("labels", "seed"),
    Condition("two sides", _not_two),
    Condition("nothing on both", lambda attempt: _each_side(attempt, _on_both)),
    Condition("test", lambda attempt: _each_side(attempt, _test_differs)),
    Condition("training", lambda attempt: _each_side(attempt, _train_differs)),
    Condition("same seed", _forgetful),
    cases=_cases_of_rare,
)


def _cases_of_persons() -> Sequence[Arguments]:
    rng = np.random.default_rng(6)
    return [
        (np.repeat(np.arange(40), 5)[rng.permutation(200)], 0.25, 0),
        (100 + rng.integers(0, 60, 300), 0.2, 1),
        (np.repeat(np.arange(20), [200] + 19 * [4]), 0.3, 2),
    ]


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
    (
        to_pixels,
        standardise_test,
        allowed_changes,
        balanced_weights,
        training_data,
        oversampled_split,
        split_by_person,
    ),
)
quiz, progress = lesson.quiz, lesson.progress
