"""A measured value and its uncertainty: Wilson's interval for shares, the bootstrap for the rest.

The percentile bootstrap (Efron 1979, doi:10.1214/aos/1176344552): the images are drawn again, with
replacement and always with the same seed, and the middle 95 % of the results are kept.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest

RESAMPLES = 2000
SEED = 0


class Estimate(NamedTuple):
    """A measured value, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def wilson_interval(successes: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval for a proportion (1927, doi:10.1080/01621459.1927.10502953).

    With no trial at all nothing is known, and both ends are NaN.

    Raises:
        ValueError: `successes` does not lie between 0 and `total`.
    """
    if not 0 <= successes <= total:
        raise ValueError(f"successes must lie between 0 and {total}, not be {successes}")
    if total == 0:
        return float("nan"), float("nan")
    interval = binomtest(int(successes), int(total)).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def estimate_share(successes: int, total: int) -> Estimate:
    """Return a share with Wilson's interval; `total` is above 0."""
    return Estimate(successes / total, *wilson_interval(successes, total))


def estimate_mean(values: np.ndarray) -> Estimate:
    """Return the mean of one value per image, float (n,), with the percentile bootstrap's."""
    return percentile_interval(values.mean(), pd.Series(resampled_means(values[:, None])[:, 0]))


def percentile_interval(value: float, resampled: pd.Series) -> Estimate:
    """Return `value` with the middle 95 % of what images drawn again gave, without NaN."""
    low, high = resampled.quantile([0.025, 0.975])
    return Estimate(float(value), float(low), float(high))


def resampled_matrices(matrix: np.ndarray) -> np.ndarray:
    """Return the confusion matrices (RESAMPLES, 7, 7) of images drawn again with replacement.

    Only an image's cell matters here, so drawing images is drawing cells from a multinomial.
    """
    random = np.random.default_rng(SEED)
    cells = random.multinomial(matrix.sum(), matrix.ravel() / matrix.sum(), size=RESAMPLES)
    return cells.reshape(-1, *matrix.shape)


def resampled_means(values: np.ndarray) -> np.ndarray:
    """Return the column means of `values`, (n, k), over images drawn again: (RESAMPLES, k)."""
    random = np.random.default_rng(SEED)
    draws = (random.integers(0, len(values), len(values)) for _ in range(RESAMPLES))
    times = (np.bincount(draw, minlength=len(values)) for draw in draws)
    return np.stack([how_often @ values for how_often in times]) / len(values)
