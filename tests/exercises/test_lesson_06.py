"""What the exercises of lesson 06 say of the course's own detector holds."""

import numpy as np
from scipy.special import softmax

from course_utils.exercises import lesson_06
from course_utils.webcam import detect_emotions
from tests.exercises.mutants import run

FRAMES = [frame for frame, _ in lesson_06._cases_of_frames()]
NETWORK = lesson_06._cases_of_frames()[0][1]


def test_the_repaired_camera_program_says_what_the_detector_says():
    said = [lesson_06.captions.reference(frame, NETWORK) for frame in FRAMES]
    found = [detect_emotions(frame[:, :, ::-1], NETWORK) for frame in FRAMES]
    assert [[name for name, _ in faces] for faces in said] == [
        [face.emotion for face in faces] for faces in found
    ]
    assert [sorted(map(len, faces)) for faces in said] == [[2], [2, 2], [2], []]
    assert {name for faces in said for name, _ in faces} == {"angry", "happy", None}


def test_the_faulty_camera_program_names_nobody_and_keeps_the_order():
    faulty = run(lesson_06.captions.text.start, "captions")
    for frame in FRAMES:
        said = faulty(frame, NETWORK)
        rows = [face.probabilities for face in detect_emotions(frame[:, :, ::-1], NETWORK)]
        assert [name for name, _ in said] == [None] * len(rows)
        np.testing.assert_allclose([c for _, c in said], [softmax(row).max() for row in rows])
        assert all(softmax(row).argmax() == row.argmax() for row in rows)
