"""Plain and residual stacks differ in the shortcut alone, and are measured as is said."""

from collections import Counter
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from scipy.stats import entropy

from course_utils.drawn_faces import make_dataset
from course_utils.models import residual_block
from course_utils.preprocessing import preprocess
from research import compare_depths
from research.compare_depths import build_stack, first_gradient, plain_block
from tests.helpers import striped_faces


def kinds(model: keras.Model) -> Counter:
    return Counter(type(layer).__name__ for layer in model.layers)


def test_a_plain_stack_lacks_the_additions_and_nothing_else():
    plain, residual = (build_stack(block, 3, seed=0) for block in (plain_block, residual_block))
    assert kinds(residual) - kinds(plain) == {"Add": 3}
    assert kinds(plain) - kinds(residual) == {}
    assert plain.count_params() == residual.count_params()
    weights = zip(plain.get_weights(), residual.get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in weights), "the starts differ"
    assert plain.output_shape == (None, 7)


def test_seeds_start_networks_at_different_weights():
    first, second = (build_stack(plain_block, 1, seed).get_weights()[0] for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_the_gradient_is_that_of_finite_differences():
    images = striped_faces(7, seed=0)
    model = build_stack(residual_block, 1, seed=0)
    kernel = model.trainable_weights[0]
    assert kernel.shape == (3, 3, 1, compare_depths.FILTERS)
    start, inputs = keras.ops.convert_to_numpy(kernel), preprocess(images.images)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def loss_with(shift: np.ndarray) -> float:
        kernel.assign(start + shift)
        return float(loss(images.labels, model(inputs, training=True)))

    steps = 2e-3 * np.eye(start.size, dtype=np.float32).reshape(-1, *start.shape)
    slopes = [(loss_with(step) - loss_with(-step)) / 4e-3 for step in steps]
    kernel.assign(start)
    assert first_gradient(model, images) == pytest.approx(np.linalg.norm(slopes), rel=0.1)


def test_the_rate_of_the_best_validation_accuracy_is_chosen(monkeypatch):
    shares = dict(zip(compare_depths.LEARNING_RATES, (0.2, 0.6, 0.4), strict=True))
    tried = []

    def train(block, depth, seed, rate, images):
        tried.append((seed, images))
        return rate

    def correct(model, images):
        assert images == "validation"
        return np.arange(10) < 10 * shares[model]

    monkeypatch.setattr(compare_depths, "train", train)
    monkeypatch.setattr(compare_depths, "correct", correct)
    found = compare_depths.choose_rate(plain_block, 2, "training", "validation")
    assert found == compare_depths.LEARNING_RATES[1]
    assert tried == [(compare_depths.CHOOSING_SEED, "training")] * 3


def test_the_choosing_seed_is_not_one_of_those_reported():
    assert compare_depths.CHOOSING_SEED not in compare_depths.SEEDS


def test_rows_give_mean_and_ends_over_seeds_and_the_interval_over_images(monkeypatch):
    data = SimpleNamespace(validation=None, test=None)
    monkeypatch.setattr(compare_depths, "choose_rate", lambda *arguments: 0.01)
    monkeypatch.setattr(compare_depths, "train", lambda block, depth, seed, *rest: seed)
    monkeypatch.setattr(compare_depths, "training_loss", lambda model: float(model))
    monkeypatch.setattr(compare_depths, "correct", lambda model, images: np.ones(50, bool))
    table = compare_depths.compare_training(data, None)
    assert table["blocks"].tolist() == [2, 2, 16, 16]
    assert table["kind"].tolist() == ["plain", "residual"] * 2
    assert set(table["training loss"]) == {"2.00 (1.00 to 3.00)"}
    assert set(table["accuracy"]) == {"100.0% (100.0% to 100.0%)"}


def test_a_short_training_lowers_the_loss(monkeypatch):
    monkeypatch.setattr(compare_depths, "EPOCHS", 8)
    faces = striped_faces(140, seed=0)
    model = compare_depths.train(plain_block, 1, 0, 3e-3, faces)
    losses = model.history.history["loss"]
    assert len(losses) == 8 and losses[-1] < losses[0]
    assert compare_depths.training_loss(model) == losses[-1]
    right = compare_depths.correct(model, faces)
    assert right.shape == (140,) and right.mean() > 2 / 7


def test_the_least_loss_without_looking_is_the_entropy_of_the_shares():
    labels = np.array([0, 0, 0, 1, 1, 3])
    assert compare_depths.entropy_of_shares(labels) == pytest.approx(entropy([3, 2, 1]))


def test_numbers_are_printed_with_their_interval():
    estimate = compare_depths.Estimate(4.5, 4.0, 5.123)
    assert compare_depths.format_numbers(estimate) == "4.50 (4.00 to 5.12)"


def test_gradients_come_for_each_depth_and_block(monkeypatch):
    def stack(block, depth, seed):
        return depth * (10 if block is plain_block else 1)

    monkeypatch.setattr(compare_depths, "build_stack", stack)
    monkeypatch.setattr(compare_depths, "first_gradient", lambda model, images: float(model))
    table = compare_depths.compare_gradients(None)
    column = table["gradient at the first layer"].tolist()
    assert column[:2] == ["20.00 (20.00 to 20.00)", "2.00 (2.00 to 2.00)"]
    assert column[-2:] == ["160.00 (160.00 to 160.00)", "16.00 (16.00 to 16.00)"]


def test_the_shortcut_is_what_keeps_a_deep_gradient_in_range():
    images = make_dataset(28, seed=0)
    plain, residual = (
        first_gradient(build_stack(block, 16, seed=0), images)
        for block in (plain_block, residual_block)
    )
    assert plain > 2 * residual
