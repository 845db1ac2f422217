"""Compare two classifiers on the same images."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from course_utils.evaluation.inputs import check_predictions
from course_utils.evaluation.intervals import Estimate, estimate_mean


class Comparison(NamedTuple):
    """Two classifiers on the same images: what only one of them reads correctly decides.

    Attributes:
        only_first: images that only the first one has right.
        only_second: images that only the second one has right.
        gain: the second's accuracy less the first's, and its 95 % interval.
        p_value: the chance of so uneven a split, or a more uneven one, if both were equally good.
    """

    only_first: int
    only_second: int
    gain: Estimate
    p_value: float


def compare(labels: NDArray[np.integer], first: NDArray[Any], second: NDArray[Any]) -> Comparison:
    """Compare two classifiers on the same images by McNemar's exact test.

    McNemar (1947), doi:10.1007/BF02295996: where both are equally good, an image that only one has
    right is a coin's throw. The interval is the percentile bootstrap's.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        first: float (n, 7), the probabilities of one classifier.
        second: float (n, 7), the probabilities of the other.

    Raises:
        ValueError: as `evaluate`.

    >>> labels = np.array([0, 1, 2, 3])
    >>> second = np.eye(7)[labels]  # right each time
    >>> first = np.eye(7)[[0, 0, 0, 0]]  # "angry" each time
    >>> found = compare(labels, first, second)
    >>> found.only_first, found.only_second, found.gain.value, found.p_value
    (0, 3, 0.75, 0.25)
    """
    labels, first = check_predictions(labels, first)
    _, second = check_predictions(labels, second)
    gains = (second.argmax(axis=1) == labels) * 1 - (first.argmax(axis=1) == labels)  # -1, 0, 1
    losses, wins = int((gains < 0).sum()), int((gains > 0).sum())
    p_value = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    return Comparison(losses, wins, estimate_mean(gains), float(p_value))
