"""The two networks that find faces, and how their numbers become boxes.

BlazeFace (Bazarevsky et al., 2019, arXiv:1907.05047) in both versions of Google's MediaPipe, two
small files in `weights/`, run by OpenCV. The full-range network finds faces at some distance, the
short-range one those that fill much of its picture. Nothing is downloaded.
"""

import contextlib
import math
import os
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from course_utils.files import WEIGHTS_FOLDER, read_checked


@dataclass(frozen=True)
class BlazeFace:
    """One of the detector's two networks, with the settings that MediaPipe has for it.

    Attributes:
        file: its name in `weights/`.
        input_size: height and width of what it reads, in pixels.
        grids: the step between two cells in pixels, and how many anchors each cell has.
        minimum_score: less certain boxes are left out.
        outputs: the names of its layers for boxes and for logits.
        box_scale: what its boxes are multiplied by, to be as large as the full-range ones.
        box_shift: how much of such a box they are moved down, for the same reason.
    """

    file: str
    input_size: int
    grids: tuple[tuple[int, int], ...]
    minimum_score: float
    outputs: tuple[str, str]
    box_scale: float = 1.0
    box_shift: float = 0.0

    def anchors(self) -> NDArray[np.floating]:
        """Return the points from which boxes are told, float (n, 2) as x, y in its pixels."""
        per_grid = []
        for step, count in self.grids:
            cells = np.arange(self.input_size // step)
            centres = (np.stack(np.meshgrid(cells, cells), axis=-1).reshape(-1, 2) + 0.5) * step
            per_grid.append(np.repeat(centres, count, axis=0))
        return np.concatenate(per_grid)


# The settings of face_detection_full_range_common.pbtxt and of its short-range counterpart.
FULL_RANGE = BlazeFace(
    file="blazeface_full_range.tflite",
    input_size=192,
    grids=((4, 1),),
    minimum_score=0.6,
    outputs=("reshaped_regressor_face_4", "reshaped_classifier_face_4"),
)
# Where both find a face, the short-range box is 0.936 times as wide, and lies 0.062 of the other
# box lower: medians over the 28 % of 500 Training photographs that both found, 288 pixels wide on a
# black ground of 432. `research/measure_crop.py` measures it anew.
SHORT_RANGE = BlazeFace(
    file="blazeface_short_range.tflite",
    input_size=128,
    grids=((8, 2), (16, 6)),
    minimum_score=0.5,
    outputs=("regressors", "classificators"),
    box_scale=1 / 0.936,
    box_shift=-0.062,
)
# Two boxes that share more than this much of their union show one face.
MAXIMUM_OVERLAP = 0.3

# OpenCV's networks keep their input inside: one thread at a time.
_lock = Lock()


@dataclass(frozen=True)
class Face:
    """A face in a frame, in pixels of that frame; x runs to the right and y downwards.

    Attributes:
        box: (x, y, width, height), integers. A face cut by the edge has a box that leaves the
            frame, so x and y can be negative.
        score: the detector's confidence, between 0 and 1.
        left_eye, right_eye: (x, y), left and right as a viewer sees an upright face.
    """

    box: tuple[int, int, int, int]
    score: float
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]

    @property
    def tilt(self) -> float:
        """The angle of the line through the eyes, in degrees, clockwise as seen; level is 0."""
        (left_x, left_y), (right_x, right_y) = self.left_eye, self.right_eye
        return math.degrees(math.atan2(right_y - left_y, right_x - left_x))

    def moved(self, x: int, y: int) -> "Face":
        """Return the face in a picture whose corner lies (x, y) pixels further up and left."""
        (left_x, left_y), (right_x, right_y) = self.left_eye, self.right_eye
        box = (self.box[0] + x, self.box[1] + y, *self.box[2:])
        return Face(box, self.score, (left_x + x, left_y + y), (right_x + x, right_y + y))


def detect_with(
    network: BlazeFace, pixels: NDArray[np.uint8], minimum_score: float | None = None
) -> list[Face]:
    """Return the faces that one network finds in a picture, the most certain first.

    Args:
        network: one of the two.
        pixels: uint8 RGB (h, w, 3).
        minimum_score: what is less certain is left out; None takes the network's own.
    """
    minimum_score = network.minimum_score if minimum_score is None else minimum_score
    network_input, scale, corner = letterbox(pixels, network)
    runner = _load_network(network)
    with _lock:
        runner.setInput(network_input)
        regressors, logits = runner.forward(network.outputs)
    numbers = [np.asarray(output[0], dtype=np.float32) for output in (regressors, logits)]
    boxes, points, scores = decode(numbers[0], numbers[1][:, 0], network)
    likely = scores >= minimum_score
    boxes, points, scores = boxes[likely], points[likely], scores[likely]
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.0, MAXIMUM_OVERLAP)
    boxes[:, :2] -= corner
    points -= corner
    faces = []
    for index in np.asarray(kept, dtype=int).ravel():
        x, y, width, height = (round(float(value)) for value in boxes[index] / scale)
        left_eye, right_eye = map(tuple, (points[index, :2] / scale).tolist())
        faces.append(Face((x, y, width, height), float(scores[index]), left_eye, right_eye))
    return faces


def letterbox(
    pixels: NDArray[np.uint8], network: BlazeFace = FULL_RANGE
) -> tuple[NDArray[np.float32], float, NDArray[np.integer]]:
    """Shrink or enlarge a picture until its longer side is the network's, and centre it on black.

    Args:
        pixels: uint8 RGB (h, w, 3).
        network: the one that will read it; the full-range one reads 192 pixels.

    Returns:
        The network's input, float32 (1, 3, 192, 192) between -1 and 1; the scale, in network
        pixels per frame pixel; and the picture's corner (x, y) in the network's input.
    """
    height, width = pixels.shape[:2]
    side = network.input_size
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    corner = (side - np.array(size)) // 2
    padded = np.zeros((side, side, 3), np.uint8)
    padded[corner[1] : corner[1] + size[1], corner[0] : corner[0] + size[0]] = cv2.resize(
        pixels, size, interpolation=interpolation
    )
    network_input = cv2.dnn.blobFromImage(padded, scalefactor=1 / 127.5, mean=(127.5,) * 3)
    return np.asarray(network_input, dtype=np.float32), scale, corner


def decode(
    regressors: NDArray[np.floating], logits: NDArray[np.floating], network: BlazeFace = FULL_RANGE
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    """Turn the network's numbers into boxes, key points and scores, one of each per anchor.

    The anchors are the centres of a grid's cells, 48 by 48 for the full-range network; everything
    is told relative to them.

    Args:
        regressors: float32 (n, 16), box centre, box size and six key points, each (x, y), in
            network pixels; n is 2,304 for the full-range network, 896 for the short-range one.
        logits: float32 (n,).
        network: the one that gave them.

    Returns:
        boxes (n, 4) as x, y, width, height; key points (n, 6, 2), the eyes first; scores (n,)
        between 0 and 1. The first two are in network pixels.
    """
    anchors = network.anchors()
    pairs = regressors.astype(np.float64).reshape(-1, 8, 2)
    sizes = pairs[:, 1] * network.box_scale
    centres = pairs[:, 0] + anchors + sizes * (0, network.box_shift)
    boxes = np.concatenate([centres - sizes / 2, sizes], axis=1)
    points = pairs[:, 2:] + anchors[:, np.newaxis]
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -100, 100)))
    return boxes, points, scores


def overlap(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> float:
    """Return the intersection over union of two boxes (x, y, width, height), from 0 to 1.

    >>> overlap((0, 0, 10, 10), (5, 0, 10, 10))  # 50 of 150 pixels
    0.3333333333333333
    """
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right = min(first[0] + first[2], second[0] + second[2])
    bottom = min(first[1] + first[3], second[1] + second[3])
    shared = max(0, right - left) * max(0, bottom - top)
    union = first[2] * first[3] + second[2] * second[3] - shared
    return shared / union if union else 0.0


@lru_cache(maxsize=2)
def _load_network(network: BlazeFace) -> cv2.dnn.Net:
    """Read a network once, and only if its file is the one that the course shipped."""
    path = WEIGHTS_FOLDER / network.file
    read_checked(path)
    # From a buffer, OpenCV 5.0 takes its new engine whatever it is told, and that gives only one of
    # these networks' two outputs in one run. A path with accents it cannot open on Windows; there a
    # bare name in the current folder is the one way.
    if os.name == "nt" and not str(path).isascii():
        with contextlib.chdir(path.parent):
            return cv2.dnn.readNetFromTFLite(path.name, cv2.dnn.ENGINE_CLASSIC)
    return cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)
