"""The temperature found is the true one, and applying it changes no answer."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import softmax

from course_utils.evaluation.calibration import fit_temperature
from research.ship_weights import apply_temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 7))
    honest = softmax(logits, axis=1)
    labels = (rng.random((20_000, 1)) > honest.cumsum(axis=1)).sum(axis=1).clip(0, 6)
    reported = softmax(logits * temperature, axis=1)
    assert fit_temperature(labels, reported) == pytest.approx(temperature, rel=0.03)


def test_applying_it_divides_the_logits():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(7, activation="softmax")(inputs))
    model.layers[-1].set_weights(
        [np.random.default_rng(1).normal(size=shape) for shape in ((5, 7), (7,))]
    )
    x = np.random.default_rng(2).normal(size=(9, 5)).astype(np.float32)
    before = model.predict_on_batch(x)
    apply_temperature(model, 2.0)
    expected = softmax(np.log(before) / 2, axis=1)
    np.testing.assert_allclose(model.predict_on_batch(x), expected, atol=1e-6)


@pytest.mark.parametrize("activation", ["relu", None])
def test_a_network_with_another_end_is_refused(activation):
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(7, activation=activation)(inputs), name="odd")
    with pytest.raises(ValueError, match="odd"):
        apply_temperature(model, 2.0)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_none_is_refused(temperature):
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(7, activation="softmax")(inputs))
    with pytest.raises(ValueError, match="above 0"):
        apply_temperature(model, temperature)


def test_without_images_there_is_nothing_to_fit():
    with pytest.raises(ValueError, match="0 labels"):
        fit_temperature(np.empty(0, dtype=np.int64), np.empty((0, 7)))


@pytest.mark.parametrize("label", [-1, 7, 9])
def test_labels_that_are_no_classes_are_refused(label):
    with pytest.raises(ValueError, match="between 0 and 6"):
        fit_temperature(np.array([3, label]), np.full((2, 7), 1 / 7))


@pytest.mark.parametrize("row", [[np.nan, 0.5, 0.5], [np.inf, 0, 0], [2, -1, 0], [0.9, 0.9, 0]])
def test_rows_that_are_no_probabilities_are_refused(row):
    with pytest.raises(ValueError, match="sum to 1"):
        fit_temperature(np.array([0, 1]), np.array([[0.2, 0.3, 0.5], row]))


def test_a_single_row_without_its_dimension_is_refused():
    with pytest.raises(ValueError, match="one row for each label"):
        fit_temperature(np.zeros(7, dtype=np.int64), np.full(7, 1 / 7))
