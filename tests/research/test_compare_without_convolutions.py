"""The three ways get the same number of settings, and what is chosen is the best one."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from research import compare_without_convolutions as comparison
from research.compare_without_convolutions import WAYS
from research.measure_accuracy import describe_images
from tests.helpers import small_model, striped_faces

TRAINING, VALIDATION, TEST = (striped_faces(n, seed) for seed, n in enumerate((140, 70, 70)))


def test_all_ways_have_as_many_settings():
    for _, settings in WAYS.values():
        assert len(settings) == 6 == len({str(setting) for setting in settings})


def test_combinations_are_a_product():
    expected = [{"a": 1, "b": 3}, {"a": 1, "b": 4}, {"a": 2, "b": 3}, {"a": 2, "b": 4}]
    assert comparison.combinations(a=(1, 2), b=(3, 4)) == expected


@pytest.mark.parametrize("name", WAYS)
def test_each_way_learns_stripes_and_reads_any_number_of_images(name, monkeypatch):
    monkeypatch.setattr(comparison, "EPOCHS", 6)
    fit, settings = WAYS[name]
    keras.utils.set_random_seed(0)
    classify = fit(settings[0], TRAINING, VALIDATION)
    assert comparison.share_correct(classify, TEST) > 0.5
    assert classify(TEST.images[:3]).shape == (3,)


def test_light_makes_no_difference_to_networks():
    inputs = keras.Input((48, 48, 1))
    model = keras.Model(inputs, comparison.normalised(inputs))
    x = np.random.default_rng(0).random((2, 48, 48, 1), dtype=np.float32)
    mean, spread = x.mean(axis=(1, 2, 3), keepdims=True), x.std(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(model(x), (x - mean) / spread, atol=0.05)
    np.testing.assert_allclose(model(x), model(0.5 * x + 0.2), atol=0.05)


def test_a_network_keeps_its_best_epoch(monkeypatch):
    monkeypatch.setattr(comparison, "EPOCHS", 7)
    got_worse = 0
    for rate in (0.05, 0.1, 0.3, 0.5):  # large, so that some run ends below its best
        model = small_model()
        classify = comparison.fit_network(model, rate, TRAINING, VALIDATION)
        *_, last = shares = model.history.history["val_accuracy"]
        assert comparison.share_correct(classify, VALIDATION) == pytest.approx(max(shares))
        got_worse += last < max(shares)
    assert got_worse, "every run ended at its best, which shows nothing"


def test_the_setting_of_most_validation_images_is_chosen():
    shares, seen = {"a": 0.1, "b": 0.7, "c": 0.7}, []

    def fit(setting, training, validation):
        seen.append((training, validation.name))
        return lambda images: np.where(np.arange(10) < 10 * shares[setting], 1, 0)

    validation = SimpleNamespace(images=None, labels=np.ones(10), name="validation")
    assert comparison.choose(fit, ["a", "b", "c"], "training", validation) == "b"
    assert seen == [("training", "validation")] * 3


def test_rows_name_the_setting_and_report_the_test_images(monkeypatch):
    def fit(setting, training, validation):
        right = setting["rate"] == 2
        return lambda images: np.where(right, images, -1)

    monkeypatch.setattr(comparison, "WAYS", {"one": (fit, [{"rate": 1}, {"rate": 2}])})
    part = SimpleNamespace(images=np.arange(20), labels=np.arange(20))
    wrong = SimpleNamespace(images=np.arange(20), labels=np.r_[np.arange(10), np.full(10, -2)])
    table = comparison.compare(SimpleNamespace(validation=part, test=wrong), None)
    (row,) = table.to_numpy().tolist()
    assert row[:2] == ["one", "rate 2"] and row[2].startswith("50.0% (")


def test_reported_seeds_are_others_than_the_choosing_one():
    assert comparison.CHOOSING_SEED not in comparison.SEEDS


@pytest.mark.parametrize(("pixels", "length"), [(8, 800), (12, 288), (6, 1568)])
def test_hog_has_a_histogram_for_each_cell_of_each_block(pixels, length):
    assert describe_images(TEST.images[:2], pixels).shape == (2, length)
