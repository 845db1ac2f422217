"""Corruptions against second implementations, known statistics, and the published order."""

import cv2
import numpy as np
import pytest
from skimage.filters import gaussian

from course_utils import drawn_faces
from course_utils.robustness.corruptions import CORRUPTIONS, SEVERITIES, corrupt

FACES = drawn_faces.make_dataset(12, seed=6).images
GREY = np.full((40, 48, 48), 128, np.uint8)


def point() -> np.ndarray:
    """Return one white pixel on black."""
    image = np.zeros((1, 48, 48), np.uint8)
    image[0, 24, 24] = 255
    return image


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_pictures_stay_pictures_and_get_worse_with_strength(name):
    assert SEVERITIES == (1, 2, 3, 4, 5)
    before = FACES.copy()
    distances = []
    for severity in SEVERITIES:
        worse = corrupt(FACES, name, severity)
        assert worse.dtype == np.uint8 and worse.shape == FACES.shape
        distances.append(np.abs(worse.astype(float) - FACES).mean())
    assert distances[0] > 0.2 and distances == sorted(distances)
    np.testing.assert_array_equal(FACES, before, "the images themselves have changed")


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_seed_decides_and_nothing_else(name):
    first = corrupt(FACES, name, 3, seed=1)
    np.testing.assert_array_equal(first, corrupt(FACES, name, 3, seed=1))
    differs = (first != corrupt(FACES, name, 3, seed=2)).any()
    assert differs == name.endswith("noise")


def test_there_are_blur_noise_and_the_others_of_the_lesson():
    kinds = ("noise", "blur", "brightness", "contrast", "pixelation", "JPEG")
    assert all(any(kind in name for name in CORRUPTIONS) for kind in kinds)


@pytest.mark.parametrize(
    ("severity", "deviation"), list(enumerate((0.04, 0.06, 0.08, 0.09, 0.10), 1))
)
def test_gaussian_noise_has_the_published_deviation(severity, deviation):
    noise = corrupt(GREY, "Gaussian noise", severity).astype(float) - 128
    assert noise.std() / 255 == pytest.approx(deviation, rel=0.02)
    assert abs(noise.mean()) < 0.5


@pytest.mark.parametrize(("severity", "photons"), list(enumerate((500, 250, 100, 75, 50), 1)))
def test_shot_noise_grows_with_the_grey_as_poisson_says(severity, photons):
    for level in (64, 128):
        grey = np.full((40, 48, 48), level, np.uint8)
        noisy = corrupt(grey, "shot noise", severity) / 255
        assert noisy.var() == pytest.approx(level / 255 / photons, rel=0.06)


@pytest.mark.parametrize(("severity", "deviation"), list(enumerate((0.4, 0.6, 0.7, 0.8, 1.0), 1)))
def test_gaussian_blur_is_scikit_images_half_as_wide_again(severity, deviation):
    expected = gaussian(FACES[0] / 255, sigma=1.5 * deviation, mode="nearest")
    found = corrupt(FACES[:1], "Gaussian blur", severity)[0] / 255
    np.testing.assert_allclose(found, expected, atol=1 / 255)


def test_defocus_makes_a_disk_of_a_point_and_keeps_a_plain_picture():
    np.testing.assert_array_equal(corrupt(GREY, "defocus blur", 5), GREY)
    spread = corrupt(point(), "defocus blur", 5)[0].astype(float)
    # Radius 1.5 x 1.5 = 2.25 pixels: the pixels at most that far from the middle, 21 in number.
    rows, columns = np.nonzero(spread > spread.max() / 2)
    assert len(rows) == 21 and np.hypot(rows - 24, columns - 24).max() <= 2.25


@pytest.mark.parametrize(("severity", "added"), list(enumerate((0.05, 0.1, 0.15, 0.2, 0.3), 1)))
def test_brightness_adds_and_stops_at_white(severity, added):
    expected = np.minimum(FACES + 255 * added, 255)
    np.testing.assert_allclose(corrupt(FACES, "brightness", severity), expected, atol=0.51)


@pytest.mark.parametrize(("severity", "kept"), list(enumerate((0.75, 0.5, 0.4, 0.3, 0.15), 1)))
def test_contrast_keeps_a_share_of_the_deviation_of_each_picture(severity, kept):
    flat = corrupt(FACES, "contrast", severity).astype(float)
    before = FACES.astype(float)
    np.testing.assert_allclose(flat.mean(axis=(1, 2)), before.mean(axis=(1, 2)), atol=0.3)
    np.testing.assert_allclose(flat.std(axis=(1, 2)), kept * before.std(axis=(1, 2)), atol=0.4)


@pytest.mark.parametrize(("severity", "pixels"), list(enumerate((45, 43, 40, 36, 31), 1)))
def test_pixelation_leaves_as_many_different_columns(severity, pixels):
    ramp = np.tile(np.linspace(0, 255, 48).astype(np.uint8), (48, 1))[np.newaxis]
    coarse = corrupt(ramp, "pixelation", severity)[0]
    assert len(np.unique(coarse[0])) == pixels
    assert (coarse == coarse[0]).all()


@pytest.mark.parametrize(("severity", "quality"), list(enumerate((80, 65, 58, 50, 40), 1)))
def test_jpeg_is_what_opencv_makes_of_that_quality(severity, quality):
    for face, found in zip(FACES, corrupt(FACES, "JPEG", severity)):
        _, content = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])
        expected = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE).astype(float)
        assert np.abs(expected - found).mean() < 0.5


def test_no_image_stays_no_image():
    assert corrupt(FACES[:0], "JPEG", 1).shape == (0, 48, 48)


@pytest.mark.parametrize(
    ("images", "name", "severity", "error", "words"),
    [
        (FACES / 255, "JPEG", 1, TypeError, "uint8"),
        (FACES[0], "JPEG", 1, ValueError, r"\(n, 48, 48\)"),
        (FACES[:, :40], "JPEG", 1, ValueError, r"\(n, 48, 48\)"),
        (FACES, "fog", 1, ValueError, "There are: Gaussian noise"),
        (FACES, "JPEG", 0, ValueError, "from 1 to 5"),
        (FACES, "JPEG", 6, ValueError, "from 1 to 5"),
    ],
)
def test_what_cannot_be_corrupted_is_refused(images, name, severity, error, words):
    with pytest.raises(error, match=words):
        corrupt(images, name, severity)
