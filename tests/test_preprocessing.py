"""Pixels become what the networks read, and augmentation changes what it says it changes."""

import numpy as np
import pytest
from skimage.color import rgb2gray
from skimage.transform import resize

from course_utils import preprocess
from course_utils.preprocessing import build_augmentation, to_grey


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def smooth(size: int) -> np.ndarray:
    rows, columns = np.mgrid[0 : 1 : size * 1j, 0 : 1 : size * 1j]
    return (255 * (0.5 + 0.5 * np.sin(3 * rows + 2 * columns))).astype(np.uint8)


def test_grey_48_pixels_are_only_scaled():
    images = noise(5, 48, 48)
    inputs = preprocess(images)
    assert inputs.shape == (5, 48, 48, 1) and inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[..., 0], images / 255, atol=1e-7)


def test_colours_are_weighed_as_bt601_says():
    colour = noise(3, 48, 48, 3)
    expected = colour @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(to_grey(colour), expected, atol=1)
    # Another weighing would be off by more.
    assert np.abs(to_grey(colour) - 255 * rgb2gray(colour)).max() > 5


@pytest.mark.parametrize("size", [30, 96, 200, 333])
def test_resizing_agrees_with_scikit_image(size):
    expected = resize(smooth(size), (48, 48), order=1, anti_aliasing=size > 48)
    np.testing.assert_allclose(
        preprocess(smooth(size)[np.newaxis])[0, :, :, 0], expected, atol=0.03
    )


def test_reducing_averages_instead_of_picking_pixels():
    stripes = np.zeros((1, 480, 480), dtype=np.uint8)
    stripes[:, :, ::2] = 255
    np.testing.assert_allclose(preprocess(stripes), 0.5, atol=0.01)


def test_no_images_give_no_inputs():
    for shape in ((0, 48, 48), (0, 30, 40), (0, 30, 40, 3)):
        assert preprocess(np.empty(shape, np.uint8)).shape == (0, 48, 48, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, bool])
def test_other_types_are_refused_with_the_way_out(dtype):
    with pytest.raises(TypeError, match="must be uint8"):
        preprocess(np.zeros((1, 48, 48), dtype))


@pytest.mark.parametrize("shape", [(48, 48), (1, 48, 48, 4), (1, 48, 48, 1), (1, 0, 48)])
def test_other_shapes_are_refused_with_the_shape(shape):
    with pytest.raises(ValueError, match="must be"):
        preprocess(np.zeros(shape, np.uint8))


def test_read_only_images_are_fine_and_left_alone():
    images = noise(2, 60, 60)
    before = images.copy()
    images.flags.writeable = False
    preprocess(images)
    np.testing.assert_array_equal(images, before)


def test_augmentation_changes_images_in_training_only():
    inputs = preprocess(np.stack([smooth(48)] * 8))
    augmentation = build_augmentation(seed=1)
    np.testing.assert_array_equal(np.asarray(augmentation(inputs, training=False)), inputs)
    changed = np.asarray(augmentation(inputs, training=True))
    assert changed.shape == inputs.shape
    assert changed.min() >= 0 and changed.max() <= 1
    differences = np.abs(changed - inputs).mean(axis=(1, 2, 3))
    assert (differences > 0.001).all(), "some image was left as it was"
    assert len(np.unique(differences.round(6))) == 8, "all images were changed alike"


def test_augmentation_mirrors_half_of_the_images_and_never_turns_them_over():
    image = np.zeros((48, 48), np.uint8)
    image[8:16, 8:16] = 255  # bright at the upper left
    inputs = preprocess(np.stack([image] * 200))
    changed = np.asarray(build_augmentation(seed=2)(inputs, training=True))[..., 0]
    rows, columns = np.mgrid[0:48, 0:48]
    bright = changed > 0.6
    mean_row = (bright * rows).sum((1, 2)) / bright.sum((1, 2))
    mean_column = (bright * columns).sum((1, 2)) / bright.sum((1, 2))
    assert 70 < (mean_column > 24).sum() < 130
    assert mean_row.max() < 24


def test_the_same_seed_gives_the_same_changes():
    inputs = preprocess(noise(4, 48, 48))
    first, again, other = (
        np.asarray(build_augmentation(seed=seed)(inputs, training=True)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01
