"""Right answers to the exercises of lesson 09, trustworthy numbers."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom, binomtest


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


def _gain_by_counts(first: np.ndarray, second: np.ndarray) -> list[float]:
    n = len(first)
    won, lost = (second & ~first).sum() / n, (first & ~second).sum() / n
    half = 1.96 * ((won + lost - (won - lost) ** 2) / n) ** 0.5
    return [won - lost - half, won - lost + half]


def _gain_by_pandas(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    gains = pd.Series(second, dtype=float) - pd.Series(first, dtype=float)
    half = 1.96 * gains.std(ddof=0) / np.sqrt(gains.size)
    return gains.mean() - half, gains.mean() + half


gain_interval = (_gain_by_counts, _gain_by_pandas)

images_needed = (9_300, 9220.5, 10_000, np.int64(9604), Decimal(9500))


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

chosen_on = (
    {"silent": "C", "swapped": "A", "monitor": "B", "epochs": "B"},
    {"epochs": " b", "monitor": "b", "swapped": "a ", "silent": "c", "remark": "by hand"},
)
