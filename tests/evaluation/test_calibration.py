"""The temperature found is the true one, and what cannot have one is refused."""

import numpy as np
import pytest
from scipy.special import softmax

from course_utils.evaluation.calibration import fit_temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 7))
    honest = softmax(logits, axis=1)
    labels = (rng.random((20_000, 1)) > honest.cumsum(axis=1)).sum(axis=1).clip(0, 6)
    reported = softmax(logits * temperature, axis=1)
    assert fit_temperature(labels, reported) == pytest.approx(temperature, rel=0.03)


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
