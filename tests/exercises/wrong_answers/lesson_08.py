"""Wrong answers to the exercises of lesson 08, whom it fails."""

import numpy as np

from course_utils.exercises import lesson_08
from course_utils.exercises.lesson_08 import (
    _gap_of,
    _risk,
    _surest,
    _with_a_black_edge,
)
from tests.exercises.mutants import run
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
        lambda images, share: np.clip(images + 255 * share, 0, 255).astype(np.uint8),
        "Decimals are cut off",
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
    probabilities[:, before == 0] = 0
    probabilities *= after / np.where(before == 0, 1, before)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities


def _unlearned_kept(p: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    raised = p * np.divide(after, before, out=np.ones(7), where=before > 0)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _absent_kept(p: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Leave classes alone that nobody shows where the network is used."""
    factors = np.divide(after, before, out=np.zeros(7), where=before > 0)
    factors[(after == 0) & (before > 0)] = 1
    return np.asarray(p * factors / (p * factors).sum(axis=1, keepdims=True))


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
    WrongAnswer(lambda p, before, after: p, "yours is `0.095451`"),
    WrongAnswer(
        lambda p, before, after: (
            (p * after / before) / (p * after / before).sum(axis=1, keepdims=True)
        ),
        "Yours is not a number",
    ),
    WrongAnswer(_absent_kept, "expected `0.144719`"),
    WrongAnswer(_unlearned_kept, "expected `0.30259`"),
    WrongAnswer(_corrected_in_place, "writes into"),
)


def _risk_above_a_threshold(labels: np.ndarray, p: np.ndarray, coverage: float) -> float:
    """Answer more than was asked where some are as sure as the last one that is kept."""
    confidence = p.max(axis=1)
    threshold = np.sort(confidence)[-round(coverage * len(p))]
    return _risk(labels, p, np.flatnonzero(confidence >= threshold))


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
    WrongAnswer(
        lambda labels, p, coverage: _risk(
            labels, p, np.argsort(-p.max(axis=1))[: int(coverage * len(p))]
        ),
        "yours is `0.529412`",
    ),
    WrongAnswer(_risk_above_a_threshold, "yours is `0.714286`"),
)

like_with_like = (
    WrongAnswer(run(lesson_08.like_with_like.text.start, "like_with_like"), "the report as it was"),
    WrongAnswer(lambda *faces: -_gap_of(faces[0], *faces).mean(), "light less dark"),
    WrongAnswer(lambda *faces: _gap_of(faces[1], *faces).mean(), "were *predicted* alike"),
    WrongAnswer(lambda *faces: _gap_of(faces[0], *faces).sum(), "The differences are added up"),
    WrongAnswer(
        lambda *faces: _gap_of(faces[0], *faces).fillna(0).mean(), "There is nothing to compare"
    ),
    WrongAnswer(lambda *faces: _gap_of(faces[0], *faces).abs().mean(), "yours is `0.5`"),
    WrongAnswer(
        lambda *faces: _gap_of(faces[0], *faces).dropna().to_numpy(), "yours is the float64 array"
    ),
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
    WrongAnswer(
        lambda gaps: list(
            gaps.index[
                (gaps["gap"] < gaps.loc["skewed", "gap"])
                | (gaps["dark"] > gaps.loc["skewed", "dark"])
            ]
        ),
        "`&`, not `|`",
    ),
    WrongAnswer(
        lambda gaps: list(
            gaps.index[
                (gaps["gap"] <= gaps.loc["skewed", "gap"])
                & (gaps["dark"] >= gaps.loc["skewed", "dark"])
            ]
        ),
        "leave the equal out",
    ),
    WrongAnswer(lambda gaps: [str(gaps["gap"].idxmin())], "with both questions"),
)
