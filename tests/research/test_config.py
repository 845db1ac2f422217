"""A config holds what can be trained, and says how a run changes while it goes."""

import numpy as np
import pytest

from course_utils.training.schedule import learning_rate_at
from research.config import Config


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", -1),
        ("momentum", 2),
        ("weight_decay", -1),
        ("label_smoothing", 2),
        ("ema_decay", -1),
        ("distillation_weight", 3),
        ("mixup", -1),
        ("noise_sigma", 2),
    ],
)
def test_values_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        Config(**{name: value})


@pytest.mark.parametrize("resolutions", [(28, 32, 40), (32, 40, 0)])
def test_resolutions_that_cannot_be_halved_are_refused(resolutions):
    with pytest.raises(ValueError, match="multiple of 8"):
        Config(resolutions=resolutions)


def test_the_same_view_needs_a_teacher():
    with pytest.raises(ValueError, match="has to be a teacher"):
        Config(same_view=True)
    assert Config(same_view=True, teachers=("one.keras",)).same_view


def test_the_learning_rate_warms_up_for_a_twentieth_and_ends_at_zero():
    config = Config(learning_rate=0.1)
    rates = [config.learning_rate_at(progress) for progress in (0, 0.025, 0.05, 0.525, 1)]
    np.testing.assert_allclose(rates, [0.01, 0.055, 0.1, 0.05, 0], atol=1e-12)


def test_the_learning_rate_is_the_courses_own_but_for_the_warm_up():
    progress = np.linspace(0, 1, 21)
    expected = [learning_rate_at(share, 0.3, warmup=0.05) for share in progress]
    config = Config(learning_rate=0.3)
    assert [config.learning_rate_at(share) for share in progress] == expected


def test_images_grow_in_three_stages():
    config = Config()
    found = [config.resolution_at(progress) for progress in (0, 0.39, 0.41, 0.69, 0.71, 0.999)]
    assert found == [32, 32, 40, 40, 48, 48]
