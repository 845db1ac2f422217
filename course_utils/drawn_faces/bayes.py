"""The best that anyone could do on the drawn faces: Bayes' rule on the parameters that drew them.

The Bayes-optimal prediction knows how `parameters` samples a face, and reads its action units
without any error. The other parameters say nothing about the class, and a picture says no more than
the parameters that it is drawn from. So no network that looks at pixels can be expected to beat it:
what it gets wrong is unclear by nature.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import erf

from course_utils.drawn_faces.generator import FER2013_COUNTS
from course_utils.drawn_faces.parameters import (
    ACTION_UNITS,
    BLENDED,
    EXPRESSIONS,
    INTENSITIES,
    RESTING_SIGMA,
    SHARES,
    STRENGTHS,
)
from course_utils.emotions import EMOTIONS

_INTENSITY_STEPS, _SHARE_STEPS = 16, 4
_ROWS = 1000  # at once, so that memory stays small
_SMALLEST = 1e-12  # density, where rounding could leave less than none


def bayes_optimal_proba(table: pd.DataFrame) -> NDArray[np.float32]:
    """Return the probability of each class, given a face's action units and nothing else.

    The probabilities are those of Bayes' rule. Intensity and blend, which are not seen,
    are summed over on a grid. The classes are taken to be as frequent as in FER2013, as
    `make_dataset` draws them by default.

    Args:
        table: the table of drawn faces: a column for each of `ACTION_UNITS`.

    Returns:
        float32 (n, 7), rows sum to 1.

    Raises:
        ValueError: the table lacks action units, as that of photographs does.
    """
    missing = [unit for unit in ACTION_UNITS if unit not in table]
    if missing:
        raise ValueError(
            f"The table has no column {', '.join(missing)}. Only drawn faces have them."
        )
    units = table[list(ACTION_UNITS)].to_numpy(dtype=float)  # (n, units)
    prior = np.log(list(FER2013_COUNTS.values()))
    scores = [_log_likelihoods(units[i : i + _ROWS]) + prior for i in range(0, len(units), _ROWS)]
    joint = np.concatenate(scores) if scores else np.empty((0, len(EMOTIONS)))
    # The largest becomes 1 first: no exponential overflows.
    posterior = np.exp(joint - joint.max(axis=1, keepdims=True))
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True), dtype=np.float32)


def _log_likelihoods(units: NDArray[np.floating]) -> NDArray[Any]:
    """Return log p(units | class), (n, 7), but for a constant."""
    probabilities = np.array(
        [[EXPRESSIONS[e].get(unit, 0.0) for unit in ACTION_UNITS] for e in EMOTIONS]
    )
    total = np.full((len(units), len(EMOTIONS)), -np.inf)
    others = range(1, len(EMOTIONS))
    log_weight = np.log(BLENDED / len(others) / _SHARE_STEPS)
    for intensity in _middles(*INTENSITIES, _INTENSITY_STEPS):
        pure = _log_likelihood(
            _densities(units, intensity, 0.0), probabilities, np.zeros_like(probabilities)
        )
        total = np.logaddexp(total, np.log(1 - BLENDED) + pure)
        for share in _middles(*SHARES, _SHARE_STEPS):
            densities = _densities(units, intensity, share)
            for shift in others:
                second = np.roll(probabilities, -shift, axis=0)
                blend = _log_likelihood(densities, probabilities, second)
                total = np.logaddexp(total, log_weight + blend)
    return total


def _middles(lowest: float, highest: float, steps: int) -> NDArray[Any]:
    return np.asarray(lowest + (highest - lowest) * (np.arange(steps) + 0.5) / steps)


def _log_likelihood(
    densities: NDArray[np.floating], first: NDArray[np.floating], second: NDArray[np.floating]
) -> NDArray[Any]:
    """Return log p(units | class, second class), (n, 7). Units are independent of one another.

    Args:
        densities: (4, n, units), as `_densities` returns them.
        first: (7, units), how often each class uses a unit.
        second: (7, units), how often the class that is mixed in does.
    """
    cases = np.stack(
        [(1 - first) * (1 - second), first * (1 - second), (1 - first) * second, first * second]
    )
    mixtures = np.einsum("kcu,knu->ncu", cases, densities)
    return np.asarray(np.log(mixtures + _SMALLEST).sum(axis=2))


def _densities(units: NDArray[np.floating], intensity: float, share: float) -> NDArray[Any]:
    """Return the density of each unit, (4, n, units): in neither expression, one, other or both.

    A unit is its strength in the two expressions, uniform, plus resting noise, half normal. Values
    that were cut off at 1 are taken as they stand.
    """
    strengths = np.array(STRENGTHS)
    low, high = intensity * (1 - share) * strengths
    density = np.zeros((4, *units.shape))
    density[0] = np.exp(-((units / RESTING_SIGMA) ** 2) / 2) / RESTING_SIGMA * (2 / np.pi) ** 0.5
    density[1] = (_cumulative(units - low) - _cumulative(units - high)) / (high - low)
    if share > 0:
        low_2, high_2 = intensity * share * strengths
        density[2] = (_cumulative(units - low_2) - _cumulative(units - high_2)) / (high_2 - low_2)
        rising = _twice_cumulative(units - low - low_2) - _twice_cumulative(units - high - low_2)
        falling = _twice_cumulative(units - low - high_2) - _twice_cumulative(units - high - high_2)
        density[3] = (rising - falling) / ((high - low) * (high_2 - low_2))
    return density


def _cumulative(x: NDArray[np.floating]) -> NDArray[Any]:
    """Return the half-normal distribution function of a resting face's noise."""
    return np.asarray(erf(np.maximum(x, 0) / (RESTING_SIGMA * 2**0.5)))


def _twice_cumulative(x: NDArray[np.floating]) -> NDArray[Any]:
    """Return the integral of `_cumulative` from 0 to x."""
    x = np.maximum(x, 0)
    bell = np.exp(-((x / RESTING_SIGMA) ** 2) / 2) - 1
    return np.asarray(x * _cumulative(x) + RESTING_SIGMA * (2 / np.pi) ** 0.5 * bell)
