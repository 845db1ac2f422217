import numpy as np
import pytest

from course_utils.drawn_faces.film import SECONDS_TO_CHANGE, draw_film
from course_utils.emotions import EMOTIONS
from course_utils.webcam.face_detection import detect_faces

NEUTRAL, HAPPY, SAD = (EMOTIONS.index(name) for name in ("neutral", "happy", "sad"))


@pytest.fixture(scope="module")
def film():
    return draw_film(["neutral", "happy", "sad"], seconds_each=1, frames_a_second=10)


def test_a_film_has_a_frame_for_each_moment(film):
    assert film.frames.shape == (30, 240, 320, 3)
    assert film.frames.dtype == np.uint8
    np.testing.assert_allclose(film.seconds, np.arange(30) / 10)
    assert film.labels.shape == (30,)
    assert film.labels.dtype == np.int64


def test_the_truth_changes_in_the_middle_of_a_change(film):
    """A change begins after 1.0 s and ends after 1.4 s: from 1.2 s on, the new one is nearer."""
    names = [NEUTRAL] * 12 + [HAPPY] * 10 + [SAD] * 8
    middles = (12, 22)  # frames in which both are equally near
    agrees = film.labels == names
    assert all(agrees[index] or index in middles for index in range(30))


def test_the_face_moves_as_the_truth_says(film):
    """Between two frames of one expression little changes; from one to the next, the mouth does."""
    mouth = film.frames[:, 130:200, 120:200].astype(float)

    def change(first, second):
        return np.abs(mouth[first] - mouth[second]).mean()

    assert change(8, 15) > 2 * change(8, 9)
    assert change(18, 25) > 2 * change(18, 19)


def test_the_detector_finds_the_face_in_nearly_every_frame(film):
    assert np.mean([len(detect_faces(frame)) == 1 for frame in film.frames]) >= 0.95


def test_the_same_film_is_drawn_each_time(film):
    again = draw_film(["neutral", "happy", "sad"], seconds_each=1, frames_a_second=10)
    np.testing.assert_array_equal(again.frames, film.frames)


def test_a_film_says_what_it_shows(film):
    assert repr(film) == "Film of 30 frames, 10 a second: neutral → happy → sad"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((["glad"],), "No such class: glad"),
        (([],), "none given"),
        ((["happy"], SECONDS_TO_CHANGE / 2), "seconds_each"),
        ((["happy"], float("nan")), "seconds_each"),
        ((["happy"], 1, 0), "frames_a_second"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        draw_film(*arguments)
