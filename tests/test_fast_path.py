"""The fast path from a frame to emotions says what Keras says, and holds no memory."""

import gc
import os

import cv2
import numpy as np
import psutil
import pytest
import skimage.data

from course_utils import drawn_faces, load_pretrained
from course_utils.classifier import Classifier
from course_utils.dataset.loading import find_photographs, load_photographs
from course_utils.webcam.tracking import Smoother, detect_emotions

BOUND = 1e-5  # of a probability; float32 sums in another order


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return cv2.resize(skimage.data.astronaut()[:384], (320, 240), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("name", ["photographs", "drawn_faces"])
def test_faces_get_the_probabilities_that_keras_gives(name):
    shipped = load_pretrained(name)
    images = drawn_faces.make_dataset(64, seed=5).images
    expected = Classifier(shipped.model).predict_proba(images)
    assert expected.max() > 0.9 and np.ptp(expected.argmax(axis=1)) > 0, "too easy to agree on"
    np.testing.assert_allclose(shipped.predict_proba(images), expected, atol=BOUND, rtol=0)


def test_photographs_get_the_probabilities_that_keras_gives():
    location = find_photographs()
    if location is None:
        pytest.skip("COURSE_DATA names no photographs")
    images = load_photographs(location).validation.images[:200]
    shipped = load_pretrained()
    expected = Classifier(shipped.model).predict_proba(images)
    np.testing.assert_allclose(shipped.predict_proba(images), expected, atol=BOUND, rtol=0)


def test_a_frame_gets_the_probabilities_that_keras_gives(portrait):
    (fast,) = detect_emotions(portrait)
    (slow,) = detect_emotions(portrait, Classifier(load_pretrained().model))
    assert fast.box == slow.box and fast.emotion == slow.emotion == "happy"
    np.testing.assert_allclose(fast.probabilities, slow.probabilities, atol=BOUND, rtol=0)


def test_memory_stays_flat(portrait):
    frames = [portrait, np.hstack([portrait, portrait]), np.zeros((240, 320, 3), np.uint8)]
    smoother = Smoother()

    def run(count: int) -> int:
        for index in range(count):
            smoother.update(detect_emotions(frames[index % 3]), index / 30)
        gc.collect()
        return psutil.Process(os.getpid()).memory_info().rss

    before = run(60)
    grown = run(180) - before
    # One frame of 320 by 240 kept from each call would be 41 MB.
    assert grown < 12e6, f"{grown / 1e6:.0f} MB more after 180 frames"
