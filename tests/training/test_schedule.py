"""The schedule warms up, ends at zero, and is the same for Keras and for everything else."""

import numpy as np
import pytest

from course_utils.training.schedule import build_schedule, learning_rate_at


def test_the_schedule_warms_up_and_ends_at_zero():
    schedule = build_schedule(0.1, total_steps=100)
    rates = np.array([float(schedule(step)) for step in range(101)])
    assert rates.argmax() == 10 and rates.max() == pytest.approx(0.1)
    progress = np.arange(91) / 90
    np.testing.assert_allclose(rates[10:], 0.05 * (1 + np.cos(np.pi * progress)), atol=1e-6)
    assert (np.diff(rates[:11]) > 0).all()


@pytest.mark.parametrize("warmup", [0.05, 0.1, 0.5])
def test_keras_reads_the_same_schedule(warmup):
    schedule = build_schedule(0.1, 200, warmup)
    theirs = [float(schedule(step)) for step in range(201)]
    ours = [learning_rate_at(step / 200, 0.1, warmup) for step in range(201)]
    np.testing.assert_allclose(theirs, ours, atol=1e-7)
