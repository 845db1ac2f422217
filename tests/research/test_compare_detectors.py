"""What a detector finds is counted as it is defined."""

import numpy as np

from research.compare_detectors import evaluate
from research.scenes import NO_FACE, Scene


def test_found_faces_and_false_boxes_by_hand():
    scene = Scene(np.zeros((480, 640, 3), np.uint8), ((100, 100, 100), (400, 300, 80)), "both")
    right, wrong = [60.0, 60.0, 80.0, 80.0], [300.0, 10.0, 50.0, 50.0]
    assert evaluate(scene, [right, wrong]) == {"condition": "both", "found": 1, "false": 1}
    assert evaluate(scene, []) == {"condition": "both", "found": 0, "false": 0}
    assert evaluate(Scene(scene.pixels, (), NO_FACE), [wrong]) | {"condition": ""} == {
        "condition": "",
        "found": 0,
        "false": 1,
    }
