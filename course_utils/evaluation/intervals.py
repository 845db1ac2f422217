"""A measured value and its uncertainty: Wilson's interval for shares, else the bootstrap."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import DegenerateDataWarning, binomtest, bootstrap

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

    >>> low, high = wilson_interval(61, 100)
    >>> round(low, 3), round(high, 3)
    (0.512, 0.7)
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


def estimate_mean(values: NDArray[np.floating]) -> Estimate:
    """Return the mean of one value per image, float (n,), with the percentile bootstrap's.

    >>> estimate_mean(np.array([2.0, 2.0, 2.0]))
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    return bootstrap_interval(np.mean, values)


def bootstrap_interval(statistic: Callable[..., NDArray[Any]], *values: NDArray[Any]) -> Estimate:
    """Return a statistic of one or more values per image, with the percentile bootstrap's interval.

    Efron (1979), doi:10.1214/aos/1176344552: the images are drawn again, with replacement and
    always with the same seed, and the middle 95 % of the results are kept, without NaN.

    Args:
        statistic: from arrays whose last axis has the images, and `axis=-1`, to one number each.
        values: (n,) each, in the same order.
    """
    estimates = bootstrap_intervals(
        lambda *drawn, axis: statistic(*drawn, axis=axis)[None], *values
    )
    return estimates[0]


def bootstrap_intervals(
    statistics: Callable[..., NDArray[Any]], *values: NDArray[Any]
) -> list[Estimate]:
    """Do as `bootstrap_interval` for several statistics, stacked on the first axis, at once."""
    found = statistics(*values, axis=-1)  # (k,)
    distributions = resampled(statistics, *values)
    estimates = []
    for value, distribution in zip(found, distributions, strict=True):
        known = distribution[~np.isnan(distribution)]
        ends = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
        estimates.append(Estimate(float(value), float(ends[0]), float(ends[1])))
    return estimates


def resampled(
    statistics: Callable[..., NDArray[Any]], *values: NDArray[Any]
) -> NDArray[np.floating]:
    """Return statistics of images drawn again by `scipy.stats.bootstrap`, float (k, RESAMPLES)."""
    if len(values[0]) == 1:  # SciPy asks for two images
        return np.repeat(statistics(*values, axis=-1)[:, None], RESAMPLES, axis=1)
    with warnings.catch_warnings():  # of what is not known of every drawing, and left out here
        warnings.simplefilter("ignore", DegenerateDataWarning)
        found = bootstrap(
            values,
            statistics,
            n_resamples=RESAMPLES,
            batch=100,
            paired=True,
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(SEED),
        )
    return np.asarray(found.bootstrap_distribution)
