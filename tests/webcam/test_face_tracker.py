"""A tracker reads a film as a search of each frame does, and looks at less of it."""

import cv2
import numpy as np
import pytest
import skimage.data

from course_utils.webcam import tracking
from course_utils.webcam.blazeface import overlap
from course_utils.webcam.face_detection import detect_faces
from course_utils.webcam.tracking import FaceTracker


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return cv2.resize(skimage.data.astronaut()[:384], (320, 240), interpolation=cv2.INTER_AREA)


@pytest.fixture
def searches(monkeypatch) -> list[bool]:
    """Return a list to which each search of a whole frame adds how closely it was."""
    made: list[bool] = []

    def search(pixels, *, closely=True):
        made.append(closely)
        return detect_faces(pixels, closely=closely)

    monkeypatch.setattr(tracking, "detect_faces", search)
    return made


def moved(frame: np.ndarray, x: float, y: float = 0) -> np.ndarray:
    move = np.array([[1, 0, x], [0, 1, y]], float)
    return cv2.warpAffine(frame, move, (320, 240), borderMode=cv2.BORDER_REPLICATE)


def test_a_still_face_is_searched_once_in_twelve_frames(portrait, searches):
    tracker = FaceTracker()
    found = [tracker.detect(portrait) for _ in range(24)]
    assert searches == [True, True]
    (expected,) = detect_faces(portrait)
    assert all(len(faces) == 1 for faces in found)
    assert min(overlap(faces[0].box, expected.box) for faces in found) > 0.7


def test_a_walking_face_is_followed(portrait, searches):
    tracker = FaceTracker()
    for step in range(11):
        frame = moved(portrait, 6 * step)
        (face,) = tracker.detect(frame)
        (expected,) = detect_faces(frame)
        assert overlap(face.box, expected.box) > 0.6
    assert searches == [True]


def test_whoever_has_gone_is_gone_at_once(portrait, searches):
    tracker = FaceTracker()
    tracker.detect(portrait)
    assert tracker.detect(np.zeros_like(portrait)) == []
    assert searches == [True, True]


def test_nobody_costs_a_quick_look_and_a_close_one_in_twelve(portrait, searches):
    tracker = FaceTracker()
    empty = np.full_like(portrait, 90)
    assert [tracker.detect(empty) for _ in range(13)] == [[]] * 13
    assert searches == [True, *[False] * 11, True]
    assert len(tracker.detect(portrait)) == 1, "someone who comes is seen in the next frame"


def test_a_film_of_another_size_begins_anew(portrait, searches):
    tracker = FaceTracker()
    tracker.detect(portrait)
    larger = cv2.resize(portrait, (640, 480))
    (face,) = tracker.detect(larger)
    assert searches == [True, True] and face.box[2] > 100


def test_two_who_meet_are_not_counted_twice(portrait):
    tracker = FaceTracker()
    both = np.hstack([portrait[:, 60:220], portrait[:, 60:220]])
    assert len(tracker.detect(both)) == 2
    assert len(tracker.detect(np.hstack([portrait[:, 60:220], 0 * portrait[:, 60:220]]))) == 1


def test_the_callers_frame_may_be_used_again(portrait):
    tracker = FaceTracker()
    buffer = portrait.copy()
    tracker.detect(buffer)
    buffer[:] = 0  # as a camera that writes into the same memory
    assert tracker.detect(buffer) == []
