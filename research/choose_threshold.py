"""Choose the probability below which `detect_emotions` gives no name, on validation images.

Usage: COURSE_DATA=... python -m research.choose_threshold [--keep 700]

A name is worth giving where it is more often right than wrong (Chow 1970,
doi 10.1109/TIT.1970.1054406, with a wrong name as bad as a right one is good). The threshold is the
one at which the right names exceed the wrong ones by most. Only validation images count that the
network has not learned from; `--keep` says how many there are, as for `long_training`.
"""

import argparse

import numpy as np
import pandas as pd

from course_utils.classifier import load_pretrained
from course_utils.dataset.loading import load_dataset
from course_utils.evaluation.intervals import wilson_interval
from course_utils.training.fitting import move_to_training
from research.judge_weights import to_markdown

SHOWN = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
RESAMPLES = 2000


def best_threshold(confidence: np.ndarray, right: np.ndarray) -> float:
    """Return the lowest confidence to name, so that right names minus wrong ones are most.

    Args:
        confidence: float (n,), the largest probability of each image.
        right: bool (n,), whether it stands at the right class.
    """
    order = np.argsort(-confidence, kind="stable")
    gain = np.cumsum(np.where(right[order], 1, -1))
    return float(confidence[order][gain.argmax()])


def share(count: int, total: int) -> str:
    """Return a share with its 95 % interval, as text."""
    low, high = wilson_interval(count, total)
    return f"{count / total:.1%} ({low:.1%} to {high:.1%})" if total else "-"


def main() -> None:
    """Choose and print."""
    parser = argparse.ArgumentParser(description="Choose the threshold below which it is unsure.")
    parser.add_argument("--keep", type=int, default=700, help="validation images not learned from")
    asked = parser.parse_args()
    data = load_dataset()
    _, kept = move_to_training(data.train, data.validation, asked.keep)
    probabilities = load_pretrained(data.source).predict_proba(kept.images)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == kept.labels
    rows = []
    for threshold in SHOWN:
        named = confidence >= threshold
        rows.append(
            {
                "threshold": f"{threshold:.1f}",
                "named": f"{named.mean():.1%}",
                "right of the named": share(int(right[named].sum()), int(named.sum())),
                "right of the others": share(int(right[~named].sum()), int((~named).sum())),
            }
        )
    print(to_markdown(pd.DataFrame(rows)))
    rng = np.random.default_rng(0)
    samples = rng.integers(0, len(kept), (RESAMPLES, len(kept)))
    low, high = np.quantile(
        [best_threshold(confidence[sample], right[sample]) for sample in samples], [0.025, 0.975]
    )
    print(
        f"\nBest threshold on {len(kept)} {data.source} of validation: "
        f"{best_threshold(confidence, right):.2f} (95 % interval {low:.2f} to {high:.2f})"
    )


if __name__ == "__main__":
    main()
