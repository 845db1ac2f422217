"""Exercises and quiz of lesson 08, whom it fails."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from course_utils import robustness
from course_utils.exercises.answer_types import DICTIONARY, function
from course_utils.exercises.conditions import (
    Arguments,
    holds,
    same_dtype,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

LESSON = 8


def _cases_of_images() -> Sequence[Arguments]:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (3, 6, 5), dtype=np.uint8)
    return [(images, 0.2), (images[:1], 0.4)]


brighter = Exercise(
    LESSON,
    "brighter",
    function("images", "share"),
    same_dtype(),
    same_values(
        overflow=lambda images, share: images + np.uint8(round(255 * share)),
        white_is_one=lambda images, share: np.clip(images + share, 0, 255).astype(np.uint8),
        multiplied=lambda images, share: (
            np.clip(images * (1 + share), 0, 255).round().astype(np.uint8)
        ),
    ),
    cases=_cases_of_images,
)


def _cases_to_move() -> Sequence[Arguments]:
    random = np.random.default_rng(1)
    return [(random.integers(0, 256, (2, 4, 5), dtype=np.uint8),)]


def _with_a_black_edge(images: np.ndarray) -> np.ndarray:
    moved = np.zeros_like(images)
    moved[:, :, 1:] = images[:, :, :-1]
    return moved


one_to_the_right = Exercise(
    LESSON,
    "one_to_the_right",
    function("images"),
    same_shape(),
    same_values(
        rolled=lambda images: np.roll(images, 1, axis=2),
        left=lambda images: np.concatenate([images[:, :, 1:], images[:, :, -1:]], axis=2),
        down=lambda images: np.concatenate([images[:, :1], images[:, :-1]], axis=1),
        black_edge=_with_a_black_edge,
    ),
    cases=_cases_to_move,
)


def _cases_of_shares() -> Sequence[Arguments]:
    random = np.random.default_rng(2)
    before, after = random.dirichlet(np.full(7, 5.0), 2)
    return [(random.dirichlet(np.ones(7), 4), before, after)]


corrected_for = Exercise(
    LESSON,
    "corrected_for",
    function("probabilities", "before", "after"),
    same_values(
        not_normalised=lambda p, before, after: p * after / before,
        way_back=lambda p, before, after: (
            (p * before / after) / (p * before / after).sum(axis=1, keepdims=True)
        ),
        old_shares=lambda p, before, after: (p * after) / (p * after).sum(axis=1, keepdims=True),
    ),
    cases=_cases_of_shares,
)


def _cases_of_answers() -> Sequence[Arguments]:
    random = np.random.default_rng(3)
    labels = random.integers(0, 7, 40)
    probabilities = random.dirichlet(np.full(7, 0.6), 40)
    probabilities[np.arange(40), labels] += 0.2
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return [(labels, probabilities, 0.5), (labels, probabilities, 0.2)]


def _risk(labels: np.ndarray, probabilities: np.ndarray, chosen: np.ndarray) -> float:
    return float(np.mean(probabilities[chosen].argmax(axis=1) != labels[chosen]))


def _surest(probabilities: np.ndarray, coverage: float) -> np.ndarray:
    order = np.argsort(-probabilities.max(axis=1))
    return np.asarray(order[: round(coverage * len(probabilities))])


risk_at = Exercise(
    LESSON,
    "risk_at",
    function("labels", "probabilities", "coverage"),
    same_values(
        accuracy=lambda labels, p, coverage: 1 - _risk(labels, p, _surest(p, coverage)),
        least_sure=lambda labels, p, coverage: _risk(
            labels, p, np.argsort(p.max(axis=1))[: round(coverage * len(p))]
        ),
        divided_by_all=lambda labels, p, coverage: (
            _risk(labels, p, _surest(p, coverage)) * round(coverage * len(p)) / len(p)
        ),
        everything_answered=lambda labels, p, coverage: _risk(labels, p, np.arange(len(p))),
    ),
    cases=_cases_of_answers,
)


def _cases_of_groups() -> Sequence[Arguments]:
    return [(np.arange(100) < 2,), (np.arange(20) % 4 == 0,)]


fair_weights = Exercise(
    LESSON,
    "fair_weights",
    function("is_dark"),
    same_shape(),
    same_values(
        mean_is_two=lambda is_dark: np.where(is_dark, 1 / is_dark.mean(), 1 / (1 - is_dark.mean())),
        exchanged=lambda is_dark: np.where(
            is_dark, 0.5 / (1 - is_dark.mean()), 0.5 / is_dark.mean()
        ),
        all_ones=lambda is_dark: np.ones(len(is_dark)),
    ),
    cases=_cases_of_groups,
)


def _cases_of_trainings() -> Sequence[Arguments]:
    rows = {
        "skewed": (0.60, 0.20, 0.40),
        "levelled": (0.30, 0.18, 0.12),
        "collected": (0.55, 0.45, 0.10),
        "larger": (0.80, 0.30, 0.50),
        "changed": (0.58, 0.35, 0.23),
    }
    columns = ["light", "dark", "gap"]
    return [(pd.DataFrame.from_dict(rows, orient="index", columns=columns),)]


real_repairs = Exercise(
    LESSON,
    "real_repairs",
    function("gaps"),
    same_values(
        gap_alone=lambda gaps: list(gaps.index[gaps["gap"] < gaps.loc["skewed", "gap"]]),
        dark_alone=lambda gaps: list(gaps.index[gaps["dark"] > gaps.loc["skewed", "dark"]]),
        either=lambda gaps: list(gaps.index[gaps.index != "skewed"]),
    ),
    cases=_cases_of_trainings,
)

# The mirror as the museum has planned it.
PLANNED = {
    "use": "nothing",
    "meaning": "feeling",
    "place": "public",
    "consent": "told",
    "measured": "no",
    "mistake": "little",
    "instead": "play",
    "frames": "forgotten",
}


def _verdict(key: str, answer: object) -> str:
    """Return what one answer leads to; nothing where the checklist does not know it."""
    question = robustness.QUESTIONS.get(key)
    choice = question.choices.get(str(answer)) if question else None
    return choice.verdict if choice else ""


def _unknown(answers: Mapping[str, object]) -> list[str]:
    """Return what is missing, or is no choice of the checklist."""
    missing = [f"`{key}` is missing" for key in robustness.QUESTIONS if key not in answers]
    strange = [
        f"`{key}: {answers[key]}` is none" for key in answers if not _verdict(key, answers[key])
    ]
    return missing + strange


def _open_changes(answers: Mapping[str, object]) -> list[str]:
    return [key for key in answers if _verdict(key, answers[key]) in ("change", "refuse")]


def _needlessly_changed(answers: Mapping[str, object]) -> list[str]:
    return [
        key
        for key, planned in PLANNED.items()
        if _verdict(key, planned) == "build" and answers.get(key, planned) != planned
    ]


mirror = Exercise(
    LESSON,
    "mirror",
    DICTIONARY,
    holds(
        "complete",
        lambda answer: not _unknown(answer),
        lambda answer: (
            f"Each of the eight questions needs one of its choices: {_unknown(answer)[0]}."
        ),
    ),
    holds(
        "ends in build",
        lambda answer: not _open_changes(answer),
        lambda answer: (
            f"It does not end in build yet. `{_open_changes(answer)[0]}` still leads to "
            f"{_verdict(_open_changes(answer)[0], answer[_open_changes(answer)[0]])}."
        ),
    ),
    holds(
        "no more than needed",
        lambda answer: not _needlessly_changed(answer),
        lambda answer: (
            f"`{_needlessly_changed(answer)[0]}` was fine as it was planned. A change that "
            "nobody needs makes it another project."
        ),
    ),
)


lesson = Lesson(
    LESSON, (brighter, one_to_the_right, corrected_for, risk_at, fair_weights, real_repairs, mirror)
)
quiz, progress = lesson.quiz, lesson.progress
