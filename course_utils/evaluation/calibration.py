"""Make a network's probabilities mean what they say, by one number: the temperature.

Temperature scaling divides the logits by one number before the softmax (Guo et al. 2017,
arXiv 1706.04599). The order of the classes stays, so no answer changes; only how sure it sounds.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from course_utils.evaluation.inputs import check_predictions
from course_utils.evaluation.intervals import (
    Estimate,
    resampled,
)
from course_utils.wording import counted

CONFIDENCE_BINS = 15  # as Guo et al. (2017) use


def fit_temperature(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> float:
    """Return the temperature that makes the log loss smallest.

    Args:
        labels: int (n,), of images that the network has not learned from, and that it is not
            reported on.
        probabilities: (n, classes), rows sum to 1.

    Returns:
        A number between 0.1 and 10: above 1 the network was too sure, below 1 not sure enough.

    Raises:
        ValueError: there are no images, or not one row of probabilities for each label, or what
            is given are no classes or no probabilities.

    >>> labels = np.array([0, 0, 0, 1])  # right in three of four, and far too sure
    >>> bool(fit_temperature(labels, np.array([[0.99, 0.01]] * 4)) > 1)
    True
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    if len(labels) == 0 or len(labels) != len(probabilities) or probabilities.ndim != 2:
        raise ValueError(
            f"{counted(len(labels), 'label')} for {counted(len(probabilities), 'row')} of "
            "probabilities: give one row for each label, and at least one."
        )
    classes = probabilities.shape[1]
    if not (labels.min() >= 0 and labels.max() < classes):
        raise ValueError(
            f"The labels must lie between 0 and {classes - 1}, not between {labels.min()} and "
            f"{labels.max()}."
        )
    # NaN fails both comparisons.
    if not ((probabilities >= 0).all() and np.allclose(probabilities.sum(axis=1), 1, atol=0.01)):
        raise ValueError("Each row of probabilities must have no negative number and sum to 1.")
    logits = np.log(np.clip(probabilities, 1e-12, 1))  # the logits, up to a constant in each row

    def log_loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(log_loss, bounds=(np.log(0.1), np.log(10)), method="bounded")
    return float(np.exp(found.x))


def expected_calibration_error(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> Estimate:
    """Return the mean gap between confidence and accuracy over the bins of `calibration_table`.

    Each bin weighs as many as its images. Guo et al. (2017), equation 3. Noise alone opens gaps, so
    that few images make any network look worse than it is, and images drawn again look worse still.
    The interval is therefore the basic bootstrap's (Davison & Hinkley 1997, section 5.2), which
    turns the second step round to undo the first: most of it lies below the value. In simulations
    it held the truth in about 95 of 100 cases for 1,500 images, in about 89 for 300; an error of
    nearly nothing is still overstated.

    Raises:
        ValueError: as `evaluate`.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    gaps = probabilities.max(axis=1) - (probabilities.argmax(axis=1) == labels)
    bins = _confidence_bins(probabilities)
    error = float(_mean_gap(gaps, bins)[0])
    low, high = np.quantile(resampled(_mean_gap, gaps, bins), [0.025, 0.975])
    return Estimate(*(float(max(0, end)) for end in (error, 2 * error - high, 2 * error - low)))


def _mean_gap(
    gaps: NDArray[np.floating], bins: NDArray[np.integer], axis: int = -1
) -> NDArray[Any]:
    of_bins = [np.where(bins == each, gaps, 0).mean(axis=axis) for each in range(CONFIDENCE_BINS)]
    return np.asarray(np.abs(of_bins).sum(axis=0)[np.newaxis])


def _confidence_bins(probabilities: NDArray[np.floating]) -> NDArray[Any]:
    """Return the bin of each image's confidence; a bin's upper end belongs to it."""
    edges = np.linspace(0, 1, CONFIDENCE_BINS + 1)
    bins = np.searchsorted(edges, probabilities.max(axis=1), side="left") - 1
    return np.asarray(bins.clip(0, CONFIDENCE_BINS - 1))
