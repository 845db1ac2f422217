"""Choose the probability below which `detect_emotions` gives no name, on FER2013's PublicTest.

Usage: COURSE_DATA=... python -m research.choose_threshold

A name is worth giving where it is more often right than wrong (Chow 1970,
doi 10.1109/TIT.1970.1054406, with a wrong name as bad as a right one is good). The threshold is the
one at which the right names exceed the wrong ones by most.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from course_utils.classifier import load_pretrained
from research.data import load_official_splits
from research.tables import format_estimate, proportion, to_markdown

SHOWN = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
RESAMPLES = 2000


def best_threshold(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> float:
    """Return the lowest confidence to name, so that right names minus wrong ones are most.

    Args:
        confidence: float (n,), the largest probability of each image.
        correct: bool (n,), whether it stands at the right class.
    """
    order = np.argsort(-confidence, kind="stable")
    gain = np.cumsum(np.where(correct[order], 1, -1))
    return float(confidence[order][gain.argmax()])


def describe(
    threshold: float, confidence: NDArray[np.floating], correct: NDArray[np.bool_]
) -> dict[str, str]:
    """Return one line of the table: what a threshold names, and how much of it rightly."""
    is_named = confidence >= threshold
    row = {"threshold": f"{threshold:.1f}", "named": f"{is_named.mean():.1%}"}
    for name, chosen in (("named", correct[is_named]), ("others", correct[~is_named])):
        shown = format_estimate(proportion(chosen)) if len(chosen) else "-"
        row[f"right of the {name}"] = shown
    return row


def main() -> None:
    """Choose and print."""
    _, validation = load_official_splits()
    probabilities = load_pretrained("photographs").predict_proba(validation.images)
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == validation.labels
    table = pd.DataFrame([describe(threshold, confidence, correct) for threshold in SHOWN])
    generator = np.random.default_rng(0)
    samples = generator.integers(0, len(validation), (RESAMPLES, len(validation)))
    low, high = np.quantile(
        [best_threshold(confidence[sample], correct[sample]) for sample in samples], [0.025, 0.975]
    )
    print(to_markdown(table))
    print(
        f"\nBest threshold on {len(validation):,} photographs of PublicTest: "
        f"{best_threshold(confidence, correct):.2f} (95 % interval {low:.2f} to {high:.2f})"
    )


if __name__ == "__main__":
    main()
