"""Right answers to the exercises of lesson 05, evaluation."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score

from course_utils import EMOTIONS
from course_utils.evaluation import estimate_share

precision_of_sad = (0.5, Fraction(2, 4), np.float32(0.5), np.array(0.5), Decimal("0.5"))


def _balanced_in_a_loop(matrix: np.ndarray) -> float:
    recalls = [row[i] / sum(row) for i, row in enumerate(matrix.tolist()) if sum(row)]
    return sum(recalls) / len(recalls)


def _balanced_by_pandas(matrix: np.ndarray) -> float:
    table = pd.DataFrame(matrix)
    return float((pd.Series(np.diag(table)) / table.sum(axis=1)).mean())  # without NaN


def _balanced_by_scikit_learn(matrix: np.ndarray) -> float:
    rows, columns = np.indices(matrix.shape)
    labels, predicted = (np.repeat(axis.ravel(), matrix.ravel()) for axis in (rows, columns))
    return float(balanced_accuracy_score(labels, predicted))


balanced = (
    _balanced_in_a_loop,
    _balanced_by_pandas,
    _balanced_by_scikit_learn,
    lambda matrix: np.nanmean(np.diagonal(matrix) / matrix.sum(axis=1)).astype(np.float32),
)


def _recalls_by_class(labels: np.ndarray, predicted: np.ndarray) -> dict[str, tuple[float, ...]]:
    table = pd.DataFrame({"label": labels, "right": labels == predicted})
    counts = table.groupby("label")["right"].agg(["sum", "size"])
    return {EMOTIONS[i]: estimate_share(*map(int, row)) for i, row in counts.iterrows()}


def _recalls_as_arrays(labels: np.ndarray, predicted: np.ndarray) -> dict[str, np.ndarray]:
    rows = {}
    for emotion in reversed(EMOTIONS):
        right = (predicted == labels)[labels == EMOTIONS.index(emotion)]
        interval = binomtest(int(right.sum()), right.size).proportion_ci(method="wilson")
        rows[emotion] = np.array([right.mean(), interval.low, interval.high])
    return rows


recall_table = (_recalls_by_class, _recalls_as_arrays)


model_card = (
    {"claim": "B", "compare": "C", "neutral": "A", "disgust": "B"},
    {"disgust": "b", "neutral": " a", "compare": "c", "claim": "b ", "remark": "by eye"},
)


def _threshold_by_trying(is_class: np.ndarray, score: np.ndarray, recall: float) -> float:
    good = [t for t in score if (score[is_class] >= t).mean() >= recall]
    return max(good)


def _threshold_by_quantile(is_class: np.ndarray, score: np.ndarray, recall: float) -> np.float64:
    return -np.quantile(-score[is_class], recall, method="inverted_cdf")


threshold_for = (_threshold_by_trying, _threshold_by_quantile)
