"""The learning rate over a run: a linear warm-up, then half a cosine."""

import math


def learning_rate_at(progress: float, peak: float, warmup: float = 0.1) -> float:
    """Return the learning rate after a share of a run.

    Source: Loshchilov & Hutter 2017, arXiv 1608.03983, without restarts.

    Args:
        progress: the share of the run that is done, from 0 to 1.
        peak: the highest learning rate, reached at the end of the warm-up.
        warmup: the share of the run in which the rate rises from 0 in a straight line.

    Returns:
        A rate from 0 to `peak`; 0 at the end of the run.
    """
    if progress < warmup:
        return peak * progress / warmup
    return peak * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2
