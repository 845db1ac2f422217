"""Right answers to the exercises of lesson 05, evaluation."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom, binomtest
from sklearn.metrics import balanced_accuracy_score

from course_utils import EMOTIONS
from course_utils.evaluation import estimate_share

precision_of_sad = (0.5, Fraction(2, 4), np.float32(0.5), np.array(0.5), Decimal("0.5"))

images_needed = (9_300, 9220.5, 10_000, np.int64(9604), Decimal(9500))


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


def _p_value_in_a_loop(first: np.ndarray, second: np.ndarray) -> float:
    pairs = list(zip(first, second))
    only_first, only_second = pairs.count((True, False)), pairs.count((False, True))
    differ = only_first + only_second
    return binomtest(k=only_second, n=differ).pvalue if differ else 1.0


def _p_value_doubled(first: np.ndarray, second: np.ndarray) -> float:
    table = pd.crosstab(pd.Series(first), pd.Series(second))
    table = table.reindex(index=[False, True], columns=[False, True], fill_value=0)
    fewer, more = sorted((table.loc[True, False], table.loc[False, True]))
    return min(1, 2 * binom.cdf(fewer, fewer + more, 0.5))


p_value = (_p_value_in_a_loop, _p_value_doubled)

model_card = (
    {"claim": "B", "compare": "C", "neutral": "A", "disgust": "B"},
    {"disgust": "b", "neutral": " a", "compare": "c", "claim": "b ", "remark": "by eye"},
)


def _abstain_with_a_table(
    labels: np.ndarray,
    probabilities: np.ndarray,
    test_labels: np.ndarray,
    test_probabilities: np.ndarray,
    target: float,
) -> dict[str, Any]:
    table = pd.DataFrame(probabilities)
    confidence, right = table.max(axis=1), table.idxmax(axis=1) == labels
    good = [t for t in np.arange(20) / 20 if right[confidence >= t].mean() >= target]
    test = pd.DataFrame(test_probabilities)
    answered = test[test.max(axis=1) >= min(good)]
    accuracy = (answered.idxmax(axis=1) == test_labels[answered.index]).mean()
    return {"accuracy": accuracy, "answered": len(answered) / len(test), "threshold": min(good)}


def _abstain_in_a_loop(
    labels: np.ndarray,
    probabilities: np.ndarray,
    test_labels: np.ndarray,
    test_probabilities: np.ndarray,
    target: float,
) -> dict[str, Any]:
    def answers(true: np.ndarray, rows: np.ndarray, threshold: float) -> list[bool]:
        sure = [i for i, row in enumerate(rows) if max(row) >= threshold]
        return [bool(np.argmax(rows[i]) == true[i]) for i in sure]

    threshold = 0.0
    while sum(found := answers(labels, probabilities, threshold)) < target * len(found):
        threshold = round(threshold + 0.05, 2)
    right = answers(test_labels, test_probabilities, threshold)
    return {
        "threshold": threshold,
        "answered": len(right) / len(test_labels),
        "accuracy": sum(right) / len(right),
    }


abstain = (_abstain_with_a_table, _abstain_in_a_loop)
