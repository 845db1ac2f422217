"""What is drawn on a frame is where the face is, in its colour, and the frame stays as it was."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.emotions import COLOURS, EMOTIONS
from course_utils.webcam.annotation import annotate, caption


def face(box=(200, 150, 120, 120), emotion="happy", track_id=1, sure=0.9):
    probabilities = np.full(7, (1 - sure) / 6)
    probabilities[EMOTIONS.index(emotion or "sad")] = sure
    return SimpleNamespace(box=box, probabilities=probabilities, emotion=emotion, track_id=track_id)


def colour_of(emotion: str) -> list[int]:
    return [int(COLOURS[emotion][place : place + 2], 16) for place in (1, 3, 5)]


def has_colour(pixels: np.ndarray, colour: list[int]) -> np.ndarray:
    return (pixels == colour).all(axis=-1)


def test_the_box_has_the_colour_of_the_emotion():
    frame = np.full((480, 640, 3), 90, np.uint8)
    drawn = annotate(frame, [face()])
    assert drawn.shape == frame.shape and (frame == 90).all()
    for x, y in ((200, 210), (320, 210), (316, 150), (260, 270)):
        assert drawn[y, x].tolist() == colour_of("happy")
    assert (drawn[200:220, 230:300] == 90).all(), "the face itself is not painted over"
    unsure = annotate(frame, [face(emotion=None)])
    assert unsure[210, 200].tolist() == [255, 255, 255]


def test_the_bars_are_as_long_as_the_probabilities():
    frame = np.full((480, 640, 3), 90, np.uint8)
    lengths = {}
    for sure in (0.4, 0.8):
        drawn = annotate(frame, [face(sure=sure)])[:, 330:]
        lengths[sure] = has_colour(drawn, colour_of("happy")).sum(axis=1).max()
    assert lengths[0.8] == pytest.approx(2 * lengths[0.4], abs=3)


@pytest.mark.parametrize(
    "box",
    [
        (-40, -30, 100, 100),
        (600, 440, 100, 100),
        (-900, 20, 50, 50),
        (0, 0, 640, 480),
        (5, 5, 0, 0),
    ],
)
def test_a_face_cut_by_the_edge_is_drawn(box):
    drawn = annotate(np.full((480, 640, 3), 90, np.uint8), [face(box=box)])
    assert drawn.shape == (480, 640, 3) and has_colour(drawn, colour_of("happy")).any()


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (30, 40), (2160, 3840)])
def test_frames_of_any_size(size):
    frame = np.zeros((*size, 3), np.uint8)
    frame.flags.writeable = False
    assert annotate(frame, [face(box=(0, 0, size[1], size[0]))]).shape == frame.shape
    np.testing.assert_array_equal(annotate(frame, []), frame)


def test_the_caption_says_who_what_and_how_sure():
    assert caption(face()) == "1 happy 90 %"
    assert caption(face(emotion=None, track_id=None, sure=0.31)) == "unsure 31 %"
