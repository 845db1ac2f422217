"""Exercises and quiz of lesson 08, whom it fails."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from course_utils.exercises.answer_types import function
from course_utils.exercises.conditions import (
    Arguments,
    same_dtype,
    same_shape,
    same_values,
    same_values_for,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

LESSON = 8


def _cases_of_images() -> Sequence[Arguments]:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (3, 6, 5), dtype=np.uint8)
    black_and_white = np.array([[[0, 255]]], np.uint8)
    return [(images, 0.2), (images[:1], 0.4), (images, 0.25), (images, 0.75), (black_and_white, 0)]


brighter = Exercise(
    LESSON,
    "brighter",
    function("images", "share"),
    same_dtype(),
    same_values(
        overflow=lambda images, share: images + np.uint8(round(255 * share)),
        cut_off=lambda images, share: np.clip(images + 255 * share, 0, 255).astype(np.uint8),
        white_is_one=lambda images, share: np.clip(images + share, 0, 255).astype(np.uint8),
        multiplied=lambda images, share: (
            np.clip(images * (1 + share), 0, 255).round().astype(np.uint8)
        ),
    ),
    cases=_cases_of_images,
)


def _cases_to_move() -> Sequence[Arguments]:
    random = np.random.default_rng(1)
    shapes = ((2, 4, 5), (1, 3, 2), (3, 2, 1))  # the last ones are one column wide, and so stay
    return [(random.integers(0, 256, shape, dtype=np.uint8),) for shape in shapes]


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
    nobody_now = np.array([0.2, 0, 0.1, 0, 0.3, 0.4, 0])
    answers = random.dirichlet(np.ones(7), 5)
    return [
        (answers[:4], before, after),
        (answers[:1], before, nobody_now),
        (answers, after, after),
    ]


def _cases_without_a_class() -> Sequence[Arguments]:
    random = np.random.default_rng(4)
    learned = np.array([0.2, 0, 0.1, 0.4, 0, 0.1, 0.2])
    answers = random.dirichlet(np.ones(7), 3)
    return [(answers, learned, np.full(7, 1 / 7)), (answers[:1], learned, learned)]


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
    same_values_for("never learned", _cases_without_a_class),
    cases=_cases_of_shares,
)


def _cases_of_answers() -> Sequence[Arguments]:
    random = np.random.default_rng(3)
    labels = random.integers(0, 7, 40)
    probabilities = random.dirichlet(np.full(7, 0.6), 40)
    probabilities[np.arange(40), labels] += 0.2
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    # Five are equally sure, and all of these are wrong, so that it does not matter which are kept.
    tied = np.repeat([0.9, 0.6, 0.5], [2, 5, 1])
    guesses = np.where(np.arange(7) == 3, tied[:, np.newaxis], (1 - tied[:, np.newaxis]) / 6)
    true = np.array([3, 3, 0, 1, 2, 4, 5, 3])
    return [
        (labels, probabilities, 0.5),
        (labels, probabilities, 0.2),
        (labels, probabilities, 0.44),  # 17.6 images: 18
        (labels, probabilities, 0.31),  # 12.4 images: 12
        (true, guesses, 0.5),
        (labels[:1], probabilities[:1], 1.0),
    ]


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


def _faces(*counts: tuple[int, bool, int, int]) -> Arguments:
    """Return labels, predictions and who is dark.

    Args:
        counts: the emotion of some faces, whether they are dark, and how many of them are read
            rightly and wrongly.
    """
    labels, predicted, is_dark = [], [], []
    for emotion, dark, right, wrong in counts:
        labels += [emotion] * (right + wrong)
        predicted += [emotion] * right + [(emotion + 1) % 7] * wrong
        is_dark += [dark] * (right + wrong)
    order = np.random.default_rng(5).permutation(len(labels))
    return np.array(labels)[order], np.array(predicted)[order], np.array(is_dark)[order]


def _cases_of_reports() -> Sequence[Arguments]:
    return [
        # Light faces are mostly afraid, dark ones mostly happy, as in the task.
        _faces((3, False, 18, 2), (2, False, 40, 40), (3, True, 68, 12), (2, True, 8, 12)),
        # Each group lacks an emotion, and in another one dark faces are read better.
        _faces(
            *((0, False, 3, 1), (0, True, 1, 1), (4, False, 5, 0)),
            *((5, True, 2, 3), (6, False, 2, 6), (6, True, 2, 0)),
        ),
        _faces((1, False, 1, 0), (1, True, 0, 1)),  # one face in each group
    ]


def _gap_of(
    kinds: np.ndarray, labels: np.ndarray, predicted: np.ndarray, is_dark: np.ndarray
) -> pd.Series:
    """Return what light faces of each kind gain over dark ones; NaN where a group has none."""
    right = pd.DataFrame({"right": labels == predicted, "kind": kinds, "dark": is_dark})
    shares = right.groupby(["kind", "dark"])["right"].mean().unstack()
    return shares[False] - shares[True]


like_with_like = Exercise(
    LESSON,
    "like_with_like",
    function("labels", "predicted", "is_dark"),
    same_values(
        as_it_was=lambda labels, predicted, is_dark: (
            (labels == predicted)[~is_dark].mean() - (labels == predicted)[is_dark].mean()
        ),
        sign=lambda *faces: -_gap_of(faces[0], *faces).mean(),
        by_prediction=lambda *faces: _gap_of(faces[1], *faces).mean(),
        sum_of_all=lambda *faces: _gap_of(faces[0], *faces).sum(),
        lacking_is_zero=lambda *faces: _gap_of(faces[0], *faces).fillna(0).mean(),
    ),
    cases=_cases_of_reports,
)


def _cases_of_groups() -> Sequence[Arguments]:
    return [(np.arange(100) < 2,), (np.arange(20) % 4 == 0,), (np.array([True, False]),)]


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
        "shifted": (0.65, 0.25, 0.40),  # as large a gap
        "tinted": (0.50, 0.20, 0.30),  # dark faces read as before
        "turned": (0.40, 0.45, -0.05),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["light", "dark", "gap"])
    return [(table,), (table[:2],)]  # the second has no repair


real_repairs = Exercise(
    LESSON,
    "real_repairs",
    function("gaps"),
    same_values(
        gap_alone=lambda gaps: list(gaps.index[gaps["gap"] < gaps.loc["skewed", "gap"]]),
        dark_alone=lambda gaps: list(gaps.index[gaps["dark"] > gaps.loc["skewed", "dark"]]),
        either=lambda gaps: list(gaps.index[gaps.index != "skewed"]),
        no_worse=lambda gaps: list(
            gaps.index[
                (gaps["gap"] <= gaps.loc["skewed", "gap"])
                & (gaps["dark"] >= gaps.loc["skewed", "dark"])
            ]
        ),
    ),
    cases=_cases_of_trainings,
)

lesson = Lesson(
    LESSON,
    (
        brighter,
        one_to_the_right,
        corrected_for,
        risk_at,
        like_with_like,
        fair_weights,
        real_repairs,
    ),
)
quiz, progress = lesson.quiz, lesson.progress
