"""The one learning-rate schedule of the course: a linear warm-up, then half a cosine down to zero.

Source: Loshchilov & Hutter 2017, arXiv 1608.03983, without restarts.
"""

import math

import keras

START = 0.1  # of the peak, where the warm-up begins


def learning_rate_at(progress: float, peak: float, warmup: float = 0.1) -> float:
    """Return the learning rate after a share of a run.

    Args:
        progress: the share of the steps that are done, 0 to 1.
        peak: the highest learning rate.
        warmup: the share of the steps after which it is reached.

    >>> [round(learning_rate_at(progress, peak=0.5), 3) for progress in (0, 0.1, 0.55, 1)]
    [0.05, 0.5, 0.25, 0.0]
    """
    if progress < warmup:
        return peak * (START + (1 - START) * progress / warmup)
    return peak * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


def build_schedule(
    peak: float, total_steps: int, warmup: float = 0.1
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return `learning_rate_at` as a schedule that a Keras optimizer takes."""
    warmup_steps = max(int(total_steps * warmup), 1)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=START * peak,
        decay_steps=max(total_steps - warmup_steps, 1),
        warmup_target=peak,
        warmup_steps=warmup_steps,
    )
