"""What every function of this package expects of labels and probabilities."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.emotions import EMOTIONS

CLASSES = range(len(EMOTIONS))


def check_predictions(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Return labels, int (n,), and probabilities, float64 (n, 7) whose rows sum to 1 exactly.

    Raises:
        ValueError: the two do not have these shapes and values, or there is no image.
    """
    labels = _check_labels(labels)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.shape != (len(labels), len(CLASSES)):
        raise ValueError(
            f"probabilities must be {(len(labels), len(CLASSES))}, one row for each label, "
            f"not {probabilities.shape}"
        )
    if not np.isfinite(probabilities).all():
        row = int(np.flatnonzero(~np.isfinite(probabilities).all(axis=1))[0])
        raise ValueError(f"probabilities must be finite; row {row} holds NaN or infinity")
    sums = probabilities.sum(axis=1)
    bad = (probabilities.min(axis=1) < 0) | (np.abs(sums - 1) > 1e-3)
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(
            "probabilities must not be negative, and rows must sum to 1 (did you pass the "
            f"network's logits, or counts?); row {row} sums to {sums[row]:.3f}"
        )
    return labels, probabilities / sums[:, np.newaxis]


def _check_labels(labels: NDArray[np.integer]) -> NDArray[Any]:
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers (n,), not {labels.dtype} {labels.shape}")
    if not len(labels):
        raise ValueError("There is no image to evaluate: labels is empty.")
    if labels.min() < 0 or labels.max() >= len(CLASSES):
        raise ValueError(
            f"labels must lie between 0 and {len(CLASSES) - 1}; "
            f"these lie between {labels.min()} and {labels.max()}"
        )
    return labels
