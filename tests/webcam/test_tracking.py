import keras
import numpy as np
import pytest
import skimage.data

from course_utils.classifier import Classifier
from course_utils.emotions import EMOTIONS
from course_utils.models import build_model
from course_utils.webcam.blazeface import overlap
from course_utils.webcam.face_detection import crop_face, detect_faces
from course_utils.webcam.tracking import (
    DetectedFace,
    Smoother,
    detect_emotions,
    name_emotion,
)

FEAR, HAPPY, SAD = (EMOTIONS.index(name) for name in ("fear", "happy", "sad"))


class CountingClassifier(Classifier):
    """An untrained network that remembers how many faces each call brought."""

    def __init__(self) -> None:
        keras.utils.set_random_seed(0)
        super().__init__(build_model("compact"))
        self.batches: list[int] = []

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        self.batches.append(len(images))
        return super().predict_proba(images)


@pytest.fixture(scope="module")
def network() -> CountingClassifier:
    return CountingClassifier()


@pytest.fixture
def classifier(network: CountingClassifier) -> CountingClassifier:
    network.batches.clear()
    return network


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return skimage.data.astronaut()


def face_at(x: int, y: int = 0, emotion: int = HAPPY, sure: float = 1.0) -> DetectedFace:
    probabilities = np.full(7, (1 - sure) / 6, np.float32)
    probabilities[emotion] = sure
    return DetectedFace((x, y, 100, 100), 0.9, probabilities, name_emotion(probabilities))


def test_the_face_of_a_photograph_is_judged(astronaut, classifier):
    (found,) = detect_faces(astronaut)
    (face,) = detect_emotions(astronaut, classifier)
    assert (face.box, face.score, face.track_id) == (found.box, found.score, None)
    assert face.probabilities.shape == (7,)
    assert face.probabilities.dtype == np.float32
    assert face.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert face.emotion == name_emotion(face.probabilities)
    expected = classifier.predict_proba(crop_face(astronaut, found)[np.newaxis])[0]
    np.testing.assert_allclose(face.probabilities, expected, atol=1e-6)


def test_all_faces_of_a_frame_go_in_one_batch(astronaut, classifier):
    portrait = astronaut[:300, 50:400]
    frame = np.hstack([portrait, portrait[:, ::-1] // 2])
    faces = detect_emotions(frame, classifier)
    assert classifier.batches == [2]
    for face, found in zip(faces, detect_faces(frame)):
        assert face.box == found.box
        alone = classifier.predict_proba(crop_face(frame, found)[np.newaxis])[0]
        np.testing.assert_allclose(face.probabilities, alone, atol=1e-5)


def test_a_frame_without_a_face_asks_no_network(classifier):
    assert detect_emotions(np.zeros((1, 1, 3), np.uint8), classifier) == []
    assert detect_emotions(np.full((240, 320), 90, np.uint8), classifier) == []
    assert classifier.batches == []


def test_other_kinds_of_picture_give_the_same_answer(astronaut, classifier):
    (expected,) = detect_emotions(astronaut, classifier)
    frozen = astronaut.copy()
    frozen.flags.writeable = False
    rgba = np.dstack([astronaut, np.full((512, 512), 255, np.uint8)])
    for frame in (frozen, rgba, astronaut / 255.0):
        (face,) = detect_emotions(frame, classifier)
        assert face.box == expected.box
        np.testing.assert_allclose(face.probabilities, expected.probabilities, atol=1e-6)


def test_what_is_no_picture_is_refused(classifier):
    with pytest.raises(ValueError, match="shape"):
        detect_emotions(np.zeros((2, 4, 4, 3), np.uint8), classifier)
    with pytest.raises(ValueError, match="divide by 255"):
        detect_emotions(np.full((4, 4, 3), 200.0), classifier)


def test_the_network_is_unsure_below_its_threshold():
    assert face_at(0, sure=0.51).emotion == "happy"
    assert name_emotion(np.array([0.5, 0.2, 0.1, 0.1, 0.1, 0, 0])) == "angry"
    assert face_at(0, sure=0.49).emotion is None
    assert name_emotion(np.full(7, 1 / 7)) is None


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ((0, 0, 10, 10), 1.0),
        ((5, 0, 10, 10), 50 / 150),
        ((5, 5, 10, 10), 25 / 175),
        ((2, 2, 5, 5), 25 / 100),
        ((10, 0, 10, 10), 0.0),
        ((30, 30, 10, 10), 0.0),
        ((-5, 0, 10, 10), 50 / 150),
    ],
)
def test_overlap(second, expected):
    assert overlap((0, 0, 10, 10), second) == pytest.approx(expected)
    assert overlap(second, (0, 0, 10, 10)) == pytest.approx(expected)


def test_overlap_of_boxes_without_area_is_none():
    assert overlap((0, 0, 0, 0), (0, 0, 0, 0)) == 0


def test_smoothing_halves_the_past_in_each_half_life():
    smoother = Smoother(half_life=0.5)
    (first,) = smoother.update([face_at(0, emotion=SAD)], 10.0)
    assert first.probabilities[SAD] == 1
    (second,) = smoother.update([face_at(0, emotion=HAPPY)], 10.5)
    assert second.probabilities[SAD] == pytest.approx(0.5)
    (third,) = smoother.update([face_at(0, emotion=HAPPY)], 11.5)
    assert third.probabilities[SAD] == pytest.approx(0.125)
    assert third.probabilities.sum() == pytest.approx(1)
    assert third.emotion == "happy"


def test_smoothing_does_not_depend_on_the_frame_rate():
    slow, fast = Smoother(), Smoother()
    slow.update([face_at(0, emotion=SAD)], 0.0)
    fast.update([face_at(0, emotion=SAD)], 0.0)
    for step in range(1, 10):
        fast.update([face_at(0)], step / 20)
    (at_two,) = slow.update([face_at(0)], 0.5)
    (at_twenty,) = fast.update([face_at(0)], 0.5)
    np.testing.assert_allclose(at_two.probabilities, at_twenty.probabilities, atol=1e-6)


def test_the_name_follows_the_steadied_probabilities():
    smoother = Smoother(half_life=0.5)
    smoother.update([face_at(0, emotion=SAD)], 0.0)
    (face,) = smoother.update([face_at(0, emotion=FEAR, sure=0.7)], 0.05)
    assert face.emotion == "sad"


def test_a_moving_face_keeps_its_number():
    smoother = Smoother()
    numbers = [smoother.update([face_at(30 * step)], step / 10)[0].track_id for step in range(8)]
    assert numbers == [1] * 8


def test_two_faces_keep_their_numbers_whatever_their_order():
    smoother = Smoother()
    first = smoother.update([face_at(0, emotion=SAD), face_at(300)], 0.0)
    second = smoother.update([face_at(310), face_at(10, emotion=SAD)], 0.1)
    assert [face.track_id for face in first] == [1, 2]
    assert [face.track_id for face in second] == [2, 1]
    assert [face.emotion for face in second] == ["happy", "sad"]


def test_the_nearest_face_gets_the_number():
    smoother = Smoother()
    smoother.update([face_at(0), face_at(60)], 0.0)
    moved = smoother.update([face_at(50), face_at(-5)], 0.1)
    assert [face.track_id for face in moved] == [2, 1]


def test_one_number_never_stands_on_two_faces():
    smoother = Smoother()
    smoother.update([face_at(0)], 0.0)
    faces = smoother.update([face_at(5), face_at(20)], 0.1)
    assert [face.track_id for face in faces] == [1, 2]


def test_a_face_near_two_others_gets_the_nearer_ones_number():
    smoother = Smoother()
    smoother.update([face_at(0), face_at(40)], 0.0)
    assert smoother.update([face_at(5)], 0.1)[0].track_id == 1


def test_a_face_that_overlaps_too_little_is_another():
    smoother = Smoother()
    smoother.update([face_at(0)], 0.0)
    assert smoother.update([face_at(60)], 0.1)[0].track_id == 2


def test_a_face_is_known_again_only_for_a_second():
    smoother = Smoother()
    smoother.update([face_at(0, emotion=SAD)], 0.0)
    assert smoother.update([], 0.4) == []
    assert smoother.update([face_at(0)], 0.9)[0].track_id == 1
    (stranger,) = smoother.update([face_at(0, emotion=FEAR)], 2.0)
    assert stranger.track_id == 2
    assert stranger.probabilities[FEAR] == 1


@pytest.mark.parametrize("half_life", [0, -1, float("nan")])
def test_a_half_life_is_above_zero(half_life):
    with pytest.raises(ValueError, match="half_life"):
        Smoother(half_life)
