"""Wrong answers to the exercises of lesson 08, whom it fails."""

import numpy as np

from course_utils.exercises.lesson_08 import (
    PLANNED,
    _risk,
    _surest,
    _with_a_black_edge,
)
from tests.exercises.wrong_answers import WrongAnswer


def _brightened(images: np.ndarray, share: float) -> np.ndarray:
    return np.clip(images + 255 * share, 0, 255).round().astype(np.uint8)


def _brightened_in_place(images: np.ndarray, share: float) -> np.ndarray:
    added = np.uint8(round(255 * share))
    np.minimum(images, 255 - added, out=images)
    images += added
    return images


brighter = (
    WrongAnswer(
        lambda images, share: np.clip(images + 255 * share, 0, 255).round(),
        "End with `.astype(np.uint8)`",
    ),
    WrongAnswer(
        lambda images, share: (images.astype(int) + round(255 * share)).astype(np.uint8),
        "begin again at 0",
    ),
    WrongAnswer(
        lambda images, share: np.clip(images + share, 0, 255).astype(np.uint8),
        "white is 255, not 1",
    ),
    WrongAnswer(
        lambda images, share: np.clip(images * (1 + share), 0, 255).round().astype(np.uint8),
        "That multiplies",
    ),
    WrongAnswer(lambda images, share: 255 - _brightened(images, share), "Try one pixel"),
    WrongAnswer(_brightened_in_place, "writes into"),
)


def _moved(images: np.ndarray) -> np.ndarray:
    return np.concatenate([images[:, :, :1], images[:, :, :-1]], axis=2)


one_to_the_right = (
    WrongAnswer(
        lambda images: np.concatenate([images[:, :, :1], images], axis=2), "yours is (2, 4, 6)"
    ),
    WrongAnswer(lambda images: _moved(images)[..., np.newaxis], "yours is (2, 4, 5, 1)"),
    WrongAnswer(lambda images: np.roll(images, 1, axis=2), "comes back on the left"),
    WrongAnswer(
        lambda images: np.concatenate([images[:, :, 1:], images[:, :, -1:]], axis=2),
        "That moves to the left",
    ),
    WrongAnswer(
        lambda images: np.concatenate([images[:, :1], images[:, :-1]], axis=1),
        "That moves down",
    ),
    WrongAnswer(_with_a_black_edge, "The new column is black"),
    WrongAnswer(lambda images: images.copy(), "Print one row"),
)


def _corrected_in_place(
    probabilities: np.ndarray, before: np.ndarray, after: np.ndarray
) -> np.ndarray:
    probabilities *= after / before
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities


corrected_for = (
    WrongAnswer(lambda p, before, after: p * after / before, "do not sum to 1 yet"),
    WrongAnswer(
        lambda p, before, after: (
            (p * before / after) / (p * before / after).sum(axis=1, keepdims=True)
        ),
        "the shares have changed places",
    ),
    WrongAnswer(
        lambda p, before, after: (p * after) / (p * after).sum(axis=1, keepdims=True),
        "The old shares are still in it",
    ),
    WrongAnswer(lambda p, before, after: p, "Take one row and two classes"),
    WrongAnswer(_corrected_in_place, "writes into"),
)

risk_at = (
    WrongAnswer(
        lambda labels, p, coverage: 1 - _risk(labels, p, _surest(p, coverage)),
        "share of right answers",
    ),
    WrongAnswer(
        lambda labels, p, coverage: _risk(
            labels, p, np.argsort(p.max(axis=1))[: round(coverage * len(p))]
        ),
        "Turn the order round",
    ),
    WrongAnswer(
        lambda labels, p, coverage: (
            _risk(labels, p, _surest(p, coverage)) * round(coverage * len(p)) / len(p)
        ),
        "You divide by all images",
    ),
    WrongAnswer(
        lambda labels, p, coverage: _risk(labels, p, np.arange(len(p))),
        "answering everything",
    ),
    WrongAnswer(lambda labels, p, coverage: 2.0, "look at the first five"),
)

fair_weights = (
    WrongAnswer(
        lambda is_dark: np.array([0.5 / (1 - is_dark.mean()), 0.5 / is_dark.mean()]),
        "yours is (2,)",
    ),
    WrongAnswer(
        lambda is_dark: np.where(is_dark, 0.5 / is_dark.mean(), 0.5 / (1 - is_dark.mean())).reshape(
            -1, 1
        ),
        "yours is (100, 1)",
    ),
    WrongAnswer(
        lambda is_dark: np.where(is_dark, 1 / is_dark.mean(), 1 / (1 - is_dark.mean())),
        "but the mean is 2",
    ),
    WrongAnswer(
        lambda is_dark: np.where(is_dark, 0.5 / (1 - is_dark.mean()), 0.5 / is_dark.mean()),
        "has got the larger weights",
    ),
    WrongAnswer(lambda is_dark: np.ones(len(is_dark)), "With 1 for each face"),
    WrongAnswer(
        lambda is_dark: np.where(is_dark, 1 - is_dark.mean(), is_dark.mean()),
        "Add up the weights",
    ),
)

real_repairs = (
    WrongAnswer(
        lambda gaps: list(gaps.index[gaps["gap"] < gaps.loc["skewed", "gap"]]),
        "by reading light faces worse",
    ),
    WrongAnswer(
        lambda gaps: list(gaps.index[gaps["dark"] > gaps.loc["skewed", "dark"]]),
        "the gap has grown",
    ),
    WrongAnswer(lambda gaps: list(gaps.index[gaps.index != "skewed"]), "`&`, not `|`"),
    WrongAnswer(lambda gaps: [str(gaps["gap"].idxmin())], "with both questions"),
)


_IMPROVED = {"meaning": "expression", "place": "private", "consent": "free", "measured": "fair"}


mirror = (
    WrongAnswer({**PLANNED, **_IMPROVED, "place": "booth"}, "`place: booth` is none"),
    WrongAnswer(
        {key: value for key, value in {**PLANNED, **_IMPROVED}.items() if key != "frames"},
        "`frames` is missing",
    ),
    WrongAnswer(dict(PLANNED), "`meaning` still leads to change"),
    WrongAnswer({**PLANNED, **_IMPROVED, "place": "work"}, "`place` still leads to refuse"),
    WrongAnswer({**PLANNED, **_IMPROVED, "use": "own"}, "makes it another project"),
)
