"""Factors one at a time, and an unfairness that was planted, on drawn faces."""

import keras
import numpy as np
import pytest
from keras import layers

from course_utils import drawn_faces, load_pretrained
from course_utils.drawn_faces.generator import redraw
from course_utils.drawn_faces.parameters import PARAMETERS
from course_utils.evaluation.intervals import wilson_interval
from course_utils.robustness.factors import (
    DARK_TONES,
    FACTORS,
    LIGHT_TONES,
    measure_factors,
    measure_gap,
    train_small,
    with_dark_share,
)


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.make_dataset(40, seed=9)


class Scripted:
    """Answers the labels that it is given, call by call."""

    def __init__(self, *predictions: np.ndarray) -> None:
        self.predictions = list(predictions)

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        return np.eye(7)[self.predictions.pop(0)]


def test_every_level_is_a_knob_within_its_range():
    for levels in FACTORS.values():
        assert len(levels) >= 2
        for parameters in levels.values():
            for name, value in parameters.items():
                assert PARAMETERS[name].lowest <= value <= PARAMETERS[name].highest
    varied = [set().union(*levels.values()) for levels in FACTORS.values()]
    assert all(len(names) == 1 for names in varied), "a factor varies more than one parameter"


def test_a_row_is_the_accuracy_on_the_faces_drawn_again(faces):
    classifier = load_pretrained("drawn_faces")
    table = measure_factors(classifier, faces)
    assert list(table.index) == [(factor, level) for factor in FACTORS for level in FACTORS[factor]]
    predictions = classifier.predict_proba(redraw(faces.table, roll=40)).argmax(axis=1)
    upright = classifier.predict_proba(redraw(faces.table, roll=0)).argmax(axis=1)
    right = int((predictions == faces.labels).sum())
    row = table.loc[("tilted", "40°")]
    assert row.accuracy == right / 40 and row.images == 40
    assert (row.low, row.high) == wilson_interval(right, 40)
    assert row.change == pytest.approx((right - (upright == faces.labels).sum()) / 40)
    assert row.change_low <= row.change <= row.change_high
    firsts = table.groupby("factor", sort=False).first()
    assert (firsts[["change", "change_low", "change_high"]] == 0).all(axis=None)
    assert table.loc[("tilted", "40°"), "accuracy"] < table.loc[("tilted", "0°"), "accuracy"]


def test_a_share_of_the_faces_is_dark_and_nothing_else_changes(faces):
    skewed = with_dark_share(faces, 0.25, seed=1)
    tones = skewed.table["skin_tone"]
    assert tones.isin(DARK_TONES).sum() == 10 and tones.isin(LIGHT_TONES).sum() == 30
    np.testing.assert_array_equal(skewed.labels, faces.labels)
    others = skewed.table.drop(columns="skin_tone")
    assert others.equals(faces.table.drop(columns="skin_tone"))
    np.testing.assert_array_equal(skewed.images, redraw(skewed.table))
    assert tones.equals(with_dark_share(faces, 0.25, seed=1).table["skin_tone"])
    assert not tones.equals(with_dark_share(faces, 0.25, seed=2).table["skin_tone"])
    assert with_dark_share(faces, 1).images.mean() < with_dark_share(faces, 0).images.mean()


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_impossible_shares_are_refused(faces, share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        with_dark_share(faces, share)


def test_the_gap_by_hand(faces):
    """All light faces are read rightly, and every second dark one."""
    every_second = np.where(np.arange(40) % 2, faces.labels, (faces.labels + 1) % 7)
    found = measure_gap(Scripted(every_second, faces.labels), faces, faces)
    assert (found.light, found.dark, found.gap) == (1, 0.5, 0.5)
    assert 0.3 < found.low < 0.5 < found.high < 0.7


def test_other_faces_are_no_twins(faces):
    with pytest.raises(ValueError, match="same faces"):
        measure_gap(Scripted(), faces, drawn_faces.make_dataset(40, seed=10))


def test_the_small_network_is_the_one_that_the_lesson_names(faces):
    change = layers.RandomBrightness(0.3, (0, 1))
    model = train_small(faces, changes=[change]).model
    assert model.layers[0] is change
    assert model.count_params() - change.count_params() == 24_199
    assert keras.backend.floatx() == "float32"


def test_faces_without_weight_teach_nothing(faces):
    plain, weightless = (train_small(faces, weights).model for weights in (None, np.zeros(40)))
    assert np.abs(plain.layers[-1].get_weights()[1]).max() > 0
    assert (weightless.layers[-1].get_weights()[1] == 0).all()


@pytest.mark.slow
def test_the_planted_gap_is_found_and_more_dark_faces_repair_it():
    source = drawn_faces.make_dataset(1400, seed=31)
    new = drawn_faces.make_dataset(250, seed=32)
    light, dark = (with_dark_share(new, share) for share in (0, 1))
    unfair = measure_gap(train_small(with_dark_share(source, 0.0)), light, dark)
    fair = measure_gap(train_small(with_dark_share(source, 0.5)), light, dark)
    assert unfair.low > 0, "the interval does not exclude zero"
    assert fair.gap < unfair.gap and fair.dark > unfair.dark
