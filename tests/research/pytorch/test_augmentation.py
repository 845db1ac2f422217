"""The changes in PyTorch are the course's own in Keras; erasing, blending and noise are as said."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import torch
from scipy import stats

from course_utils.preprocessing import build_augmentation
from course_utils.training.batches import Batches
from course_utils.training.config import TrainingConfig
from research.augmentation import (
    Changes,
    add_noise,
    augment,
    change_light,
    draw_changes,
    mix_batch,
    move,
)
from tests.helpers import TRAIN

# As `build_augmentation` lists them.
FLIP, SHIFT, ROTATION, ZOOM, CONTRAST, BRIGHTNESS = build_augmentation().layers


def smooth_images() -> np.ndarray:
    """Images that interpolation hardly blurs, between 0.3 and 0.7; float32 (5, 48, 48, 1)."""
    coarse = 0.3 + 0.4 * np.random.default_rng(0).random((5, 6, 6, 1), dtype=np.float32)
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.image.resize(coarse, (48, 48))))


def changes(n: int, **values: float) -> Changes:
    """Changes that do nothing, but for these."""
    nothing = dict.fromkeys(("shift_x", "shift_y", "rotation", "zoom", "brightness"), 0.0)
    values = {**nothing, "mirror": 1.0, "contrast": 1.0, **values}
    return Changes(**{name: torch.full((n,), value) for name, value in values.items()})


def in_torch(images: np.ndarray, **values: float) -> np.ndarray:
    """Move images and change their light; (n, 48, 48, 1) as in Keras."""
    tensor, wanted = torch.from_numpy(images.transpose(0, 3, 1, 2)), changes(len(images), **values)
    return change_light(move(tensor, 48, wanted), wanted).numpy().transpose(0, 2, 3, 1)


def in_keras(images: np.ndarray, layer: keras.layers.Layer, **fixed: float) -> np.ndarray:
    """Apply a layer of the course's augmentation, with these settings in the place of a range."""
    ranges = {name: (value, value) for name, value in fixed.items()}
    always_so = type(layer).from_config({**layer.get_config(), **ranges})
    return np.asarray(keras.ops.convert_to_numpy(always_so(images, training=True)))


ALIKE = {
    "shift": (
        {"shift_x": 0.07, "shift_y": -0.03},
        (SHIFT, {"width_factor": 0.07, "height_factor": -0.03}),
    ),
    "rotation": ({"rotation": 9.0}, (ROTATION, {"factor": 9 / 360})),
    "zoom": ({"zoom": -0.08}, (ZOOM, {"height_factor": -0.08})),
    "brightness": ({"brightness": -0.06}, (BRIGHTNESS, {"factor": -0.06})),
}


@pytest.mark.parametrize("name", ALIKE)
def test_each_change_is_that_of_keras(name):
    images = TRAIN.images[:5, ..., np.newaxis] / np.float32(255)
    ours, (layer, theirs) = ALIKE[name]
    found = in_torch(images, **ours)
    np.testing.assert_allclose(found, in_keras(images, layer, **theirs), atol=1e-4)
    assert np.abs(found - images).max() > 0.05


def test_contrast_is_that_of_keras():
    """Whatever factor Keras draws: nothing is clipped here, so that it can be told."""
    images = smooth_images()
    by_keras = np.asarray(keras.ops.convert_to_numpy(CONTRAST(images, training=True)))
    for image, expected in zip(images, by_keras):
        factor = float(expected.std() / image.std())
        assert abs(factor - 1) > 0.01
        np.testing.assert_allclose(in_torch(image[None], contrast=factor)[0], expected, atol=1e-5)


def test_a_mirror_image_is_that_of_keras():
    images = smooth_images()
    found = in_torch(images, mirror=-1.0)
    np.testing.assert_allclose(found, images[:, :, ::-1], atol=1e-5)
    by_keras = np.asarray(keras.ops.convert_to_numpy(FLIP(images, training=True)))
    is_mirrored = [not np.array_equal(*pair) for pair in zip(by_keras, images)]
    assert any(is_mirrored)
    np.testing.assert_allclose(by_keras[is_mirrored], found[is_mirrored], atol=1e-5)


def middle_of_spot(images: np.ndarray) -> np.ndarray:
    """Return where the light of one image is, (row, column)."""
    weights = images[0, ..., 0] / images.sum()
    return np.array([(weights.sum(axis) * np.arange(48)).sum() for axis in (1, 0)])


def test_the_changes_follow_each_other_as_in_keras():
    rows, columns = np.mgrid[:48, :48]
    spot = np.exp(-((rows - 18) ** 2 + (columns - 28) ** 2) / 18).astype(np.float32)
    image = spot[np.newaxis, ..., np.newaxis]
    by_keras, moves = image[:, :, ::-1], {}
    for name in ("shift", "rotation", "zoom"):
        ours, (layer, theirs) = ALIKE[name]
        by_keras, moves = in_keras(by_keras, layer, **theirs), {**moves, **ours}
    expected = middle_of_spot(by_keras)
    at_once = middle_of_spot(in_torch(image, mirror=-1.0, **moves))
    np.testing.assert_allclose(at_once, expected, atol=0.05)
    mirrored_last = in_torch(in_torch(image, **moves), mirror=-1.0)
    turned = in_torch(image, mirror=-1.0, rotation=9.0)
    turned_first = in_torch(turned, **{**moves, "rotation": 0.0})
    for other_order in (mirrored_last, turned_first):
        assert np.abs(middle_of_spot(other_order) - expected).max() > 0.3


def both_ways(factor: float | tuple[float, float]) -> tuple[float, float]:
    """Return the range that a setting of Keras stands for."""
    return factor if isinstance(factor, tuple) else (-factor, factor)


def test_the_changes_go_as_far_as_in_keras():
    ours = draw_changes(20_000, torch.Generator().manual_seed(0))
    assert 0.48 < float((ours.mirror == -1).float().mean()) < 0.52
    fewer, more = CONTRAST.get_config()["factor"]
    ranges = {
        "shift_x": both_ways(SHIFT.get_config()["width_factor"]),
        "shift_y": both_ways(SHIFT.get_config()["height_factor"]),
        "rotation": tuple(360 * turn for turn in both_ways(ROTATION.get_config()["factor"])),
        "zoom": both_ways(ZOOM.get_config()["height_factor"]),
        "contrast": (1 - fewer, 1 + more),
        "brightness": both_ways(BRIGHTNESS.get_config()["factor"]),
    }
    for name, (low, high) in ranges.items():
        drawn = getattr(ours, name).numpy()
        assert stats.kstest(drawn, stats.uniform(low, high - low).cdf).pvalue > 0.01, name
        assert low - 1e-6 <= drawn.min() and drawn.max() <= high + 1e-6


def test_augmentation_keeps_the_range_and_follows_its_generator():
    images = torch.from_numpy(TRAIN.images[:20, np.newaxis] / np.float32(255))
    first = augment(images, 32, torch.Generator().manual_seed(1))
    again = augment(images, 32, torch.Generator().manual_seed(1))
    other = augment(images, 32, torch.Generator().manual_seed(2))
    assert first.shape == (20, 1, 32, 32) and first.min() >= 0 and first.max() <= 1
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_half_of_the_images_are_mirrored_and_none_is_turned_over():
    image = torch.zeros(1, 1, 48, 48)
    image[..., :24, :24] = 1  # light above on the left
    many = augment(image.repeat(400, 1, 1, 1), 48, torch.Generator().manual_seed(0))
    corners = many[:, 0, 8:16, 8:16].mean((1, 2)), many[:, 0, 8:16, -16:-8].mean((1, 2))
    mirrored = float((corners[1] > corners[0]).float().mean())
    assert 0.4 < mirrored < 0.6
    above, below = many[:, 0, :16].mean((1, 2)), many[:, 0, -16:].mean((1, 2))
    assert float((above > below).float().mean()) > 0.85  # an erased rectangle can hide it


def test_half_of_the_images_lose_a_rectangle():
    grey = torch.full((400, 1, 48, 48), 0.5)
    many = augment(grey, 48, torch.Generator().manual_seed(0)).flatten(1)
    erased = (many - many.median(dim=1, keepdim=True).values).abs() > 1e-4
    assert 0.4 < float(erased.any(1).float().mean()) < 0.6
    assert 0.02 < float(erased.float().mean(1)[erased.any(1)].mean()) < 0.15


def test_half_of_the_images_get_noise_of_up_to_sigma():
    grey = torch.full((400, 1, 48, 48), 0.5)
    added = add_noise(grey, 0.08, torch.Generator().manual_seed(0)) - grey
    sigmas = added.flatten(1).std(1)
    noisy = sigmas > 1e-6
    assert 0.4 < float(noisy.float().mean()) < 0.6
    assert 0.03 < float(sigmas[noisy].median()) < 0.05 and float(sigmas.max()) < 0.085
    assert abs(float(added.mean())) < 1e-3


def test_noise_keeps_the_range():
    images = torch.from_numpy(TRAIN.images[:20, np.newaxis] / np.float32(255))
    noisy = add_noise(images, 0.5, torch.Generator().manual_seed(1))
    assert noisy.min() == 0 and noisy.max() == 1


def test_batches_are_blended_as_in_keras():
    config = TrainingConfig(epochs=1, batch_size=20, augment=False, seed=5)
    for step in range(4):
        images, labels = Batches(TRAIN, config, total_steps=4)[step]
        mixed = Batches(TRAIN, replace(config, mixup=0.4), total_steps=4)
        expected_images, expected_labels = mixed[step]
        blended, targets = mix_batch(
            torch.from_numpy(images.transpose(0, 3, 1, 2)),
            torch.from_numpy(labels).float(),
            0.4,
            np.random.default_rng([5, step, 1]),
        )
        np.testing.assert_allclose(
            blended.numpy().transpose(0, 2, 3, 1), expected_images, atol=1e-6
        )
        np.testing.assert_allclose(targets, expected_labels, atol=1e-6)
        assert np.abs(expected_images - images).max() > 1e-3


def test_a_blend_is_of_two_images_and_of_their_targets_alike():
    images = torch.eye(100).view(100, 1, 10, 10)  # each image is one pixel of its own
    targets = torch.eye(7)[torch.arange(100) % 7]
    weights = []
    for seed in range(60):
        blended, mixed = mix_batch(images, targets, 0.5, np.random.default_rng(seed))
        shares = blended.view(100, 100)
        np.testing.assert_allclose(mixed, shares @ targets, atol=1e-6)
        assert int((shares > 0).sum(1).max()) == 2
        weights.append(float(shares.diagonal().median()))
    assert stats.kstest(weights, stats.beta(0.5, 0.5).cdf).pvalue > 0.01
    assert mix_batch(images, targets, 0.0, np.random.default_rng(0)) == (images, targets)
