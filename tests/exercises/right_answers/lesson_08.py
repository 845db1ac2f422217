"""Right answers to the exercises of lesson 08, whom it fails."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import recall_score
from sklearn.utils.class_weight import compute_sample_weight


def _brighter_in_whole_numbers(images: np.ndarray, share: float) -> np.ndarray:
    return np.minimum(images.astype(int) + round(255 * share), 255).astype(np.uint8)


def _brighter_by_rint(images: np.ndarray, share: float) -> np.ndarray:
    bright = np.rint(images.astype(np.float32) + 255 * share)
    bright[bright > 255] = 255
    return np.uint8(bright)


brighter = (
    _brighter_in_whole_numbers,
    _brighter_by_rint,
    lambda images, share: (
        (255 * np.minimum(images / 255 + share, 1) + 0.5).astype(int).astype(np.uint8)
    ),
)


def _moved_by_an_assignment(images: np.ndarray) -> np.ndarray:
    moved = images.copy()
    moved[:, :, 1:] = images[:, :, :-1]
    return moved


def _rolled_and_repaired(images: np.ndarray) -> np.ndarray:
    moved = np.roll(images, 1, axis=-1)
    moved[..., 0] = images[..., 0]
    return moved


one_to_the_right = (
    _moved_by_an_assignment,
    _rolled_and_repaired,
    lambda images: np.pad(images, ((0, 0), (0, 0), (1, 0)), mode="edge")[:, :, :-1],
    lambda images: images[:, :, np.maximum(np.arange(images.shape[2]) - 1, 0)].tolist(),
)


def _corrected_without_nan(
    probabilities: np.ndarray, before: np.ndarray, after: np.ndarray
) -> np.ndarray:
    raised = np.nan_to_num(probabilities / before * after, nan=0, posinf=0)
    return raised / raised.sum(axis=1)[:, np.newaxis]


def _corrected_row_by_row(
    probabilities: np.ndarray, before: np.ndarray, after: np.ndarray
) -> list[list[float]]:
    rows = []
    for row in probabilities:
        raised = [p * now / then if then else 0.0 for p, then, now in zip(row, before, after)]
        rows.append([value / sum(raised) for value in raised])
    return rows


corrected_for = (_corrected_without_nan, _corrected_row_by_row)


def _risk_in_a_table(labels: np.ndarray, probabilities: np.ndarray, coverage: float) -> float:
    table = pd.DataFrame(
        {
            "sure": probabilities.max(axis=1),
            "wrong": probabilities.argmax(axis=1) != labels,
        }
    )
    return float(table.nlargest(round(coverage * len(table)), "sure")["wrong"].mean())


def _risk_in_a_loop(labels: np.ndarray, probabilities: np.ndarray, coverage: float) -> float:
    surest = sorted(zip(probabilities.tolist(), labels), key=lambda pair: -max(pair[0]))
    kept = surest[: round(coverage * len(labels))]
    return sum(row.index(max(row)) != label for row, label in kept) / len(kept)


risk_at = (
    _risk_in_a_table,
    _risk_in_a_loop,
    lambda labels, p, coverage: np.mean(
        (p.argmax(1) != labels)[np.argsort(p.max(1))[::-1][: int(coverage * len(p) + 0.5)]]
    ),
)


def _gap_in_a_loop(labels: np.ndarray, predicted: np.ndarray, is_dark: np.ndarray) -> float:
    differences = []
    for emotion in range(7):
        light, dark = (predicted[(labels == emotion) & (is_dark == side)] for side in (0, 1))
        if len(light) and len(dark):
            differences.append((light == emotion).mean() - (dark == emotion).mean())
    return sum(differences) / len(differences)


def _gap_of_recalls(labels: np.ndarray, predicted: np.ndarray, is_dark: np.ndarray) -> Any:
    both = np.intersect1d(labels[is_dark], labels[~is_dark])
    light, dark = (
        recall_score(labels[side], predicted[side], labels=both, average="macro")
        for side in (~is_dark, is_dark)
    )
    return np.float32(light - dark)


like_with_like = (_gap_in_a_loop, _gap_of_recalls)

fair_weights = (
    lambda is_dark: compute_sample_weight("balanced", is_dark),
    lambda is_dark: [
        len(is_dark) / 2 / (sum(is_dark) if dark else sum(~is_dark)) for dark in is_dark
    ],
    lambda is_dark: pd.Series(is_dark).map(0.5 / pd.Series(is_dark).value_counts(normalize=True)),
)


def _repairs_row_by_row(gaps: pd.DataFrame) -> list[str]:
    first, *others = gaps.itertuples()
    return [row.Index for row in others if row.gap < first.gap and row.dark > first.dark]


real_repairs = (
    _repairs_row_by_row,
    lambda gaps: gaps.query("gap < gap.iloc[0] and dark > dark.iloc[0]").index.tolist(),
    lambda gaps: tuple(
        gaps.index[gaps["gap"].lt(gaps["gap"].iloc[0]) & gaps["dark"].gt(gaps["dark"].iloc[0])]
    ),
)
