"""Research's own networks are what they are said to be."""

import keras
import numpy as np
import pytest

from research.designs import DESIGNS, build_network, weigh_channels


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_stays_under_a_million_parameters(design):
    model = build_network(design)
    assert model.count_params() < 1_000_000
    assert model.output_shape == (None, 7) and model.name == design


def test_the_wide_teacher_has_the_parameters_that_it_is_said_to_have():
    assert build_network("wide").count_params() == 2_807_703


@pytest.mark.parametrize("name", [*DESIGNS, "wide", "seed_baseline"])
def test_every_network_ends_in_logits(name):
    last = build_network(name).layers[-1]
    assert isinstance(last, keras.layers.Dense)
    assert last.activation is keras.activations.linear


def test_an_unknown_name_lists_the_networks_of_the_course_and_of_research():
    with pytest.raises(ValueError, match=r"no model 'vgg'.*compact.*late_down_sampling.*wide"):
        build_network("vgg")


def test_channels_are_weighed_by_what_the_whole_image_shows():
    inputs = keras.Input((6, 6, 16))
    model = keras.Model(inputs, weigh_channels(inputs))
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 16)).astype(np.float32)
    weighed = model.predict_on_batch(x)
    first, bias, second, last = model.get_weights()
    squeezed = np.maximum(x.mean(axis=(1, 2)) @ first[0, 0] + bias, 0)
    share = 1 / (1 + np.exp(-(squeezed @ second[0, 0] + last)))
    np.testing.assert_allclose(weighed, x * share[:, None, None], atol=1e-5)
