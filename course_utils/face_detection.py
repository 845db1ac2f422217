"""Find the faces in a frame, and cut them out as the training images were cut.

The detector is BlazeFace (Bazarevsky et al., 2019, arXiv:1907.05047), in the full-range version
of Google's MediaPipe: one small file in `weights/`, run by OpenCV. Nothing is downloaded.
"""

import contextlib
import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

WEIGHTS = Path(__file__).parent / "weights" / "blazeface_full_range.tflite"
WEIGHTS_SHA256 = "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3"

# The three settings are MediaPipe's own (face_detection_full_range_common.pbtxt).
INPUT_SIZE = 192
STRIDE = 4
MINIMUM_SCORE = 0.6
# Two boxes that share more than this much of their union show one face.
MAXIMUM_OVERLAP = 0.3

# The width of a FER2013 photograph in face boxes: the median over the 2,657 faces found in 3,000
# Training photographs (quartiles 1.03 and 1.26), enlarged one and a half times on a black ground.
PHOTOGRAPH_TO_BOX = 1.14
# The photograph's centre lies this much of a box above the centre of the box (the same median).
CENTRE_ABOVE_BOX = 0.024

_OUTPUTS = ["reshaped_regressor_face_4", "reshaped_classifier_face_4"]
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


def to_rgb(frame: np.ndarray) -> np.ndarray:
    """Return any ordinary picture as uint8 RGB (height, width, 3).

    Args:
        frame: grey (h, w) or (h, w, 1), RGB (h, w, 3) or RGBA (h, w, 4), whose transparency is
            left out. uint8, or floating point between 0 and 1. It is never changed.

    Raises:
        TypeError: the numbers are neither uint8 nor floating point.
        ValueError: the shape is none of these, a side is 0, or a float lies outside 0 to 1.
    """
    pixels = np.asarray(frame)
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4):
        raise ValueError(
            f"a frame has the shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), not {pixels.shape}"
        )
    if pixels.size == 0:
        raise ValueError(f"the frame is empty: its shape is {pixels.shape}")
    if np.issubdtype(pixels.dtype, np.floating):
        # Written so that NaN fails too.
        if not (pixels.min() >= 0 and pixels.max() <= 1):
            raise ValueError(
                "a frame of floating-point numbers lies between 0 and 1, this one between "
                f"{pixels.min():g} and {pixels.max():g}: divide by 255, or pass uint8"
            )
        pixels = np.round(pixels * 255).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise TypeError(f"a frame is uint8 or floating point, not {pixels.dtype}")
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])


def detect_faces(frame: np.ndarray, minimum_score: float = MINIMUM_SCORE) -> list[Face]:
    """Find the faces in a frame, the most certain first.

    The frame is brought to 192 by 192 pixels with black bars, so a face is found where its box
    takes up at least some 6 % of the frame's longer side: 40 pixels in a frame 640 wide. Faces
    that lean by up to 45 degrees, or stand in a twentieth of the light, are found too (measured
    on one photograph, in `tests/test_face_detection.py`).

    Args:
        frame: a picture as `to_rgb` takes it.
        minimum_score: between 0 and 1; less certain faces are left out.

    Raises:
        TypeError, ValueError: the frame is no picture, as `to_rgb` says.
        FileNotFoundError, ValueError: the detector's file is missing or damaged.
    """
    pixels = to_rgb(frame)
    network_input, scale, corner = letterbox(pixels)
    network = _load_network()
    with _lock:
        network.setInput(network_input)
        regressors, logits = network.forward(_OUTPUTS)
    boxes, points, scores = decode(regressors[0], logits[0, :, 0])
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), minimum_score, MAXIMUM_OVERLAP)

    boxes[:, :2] -= corner
    points -= corner
    faces = []
    for index in np.asarray(kept, dtype=int).ravel():
        x, y, width, height = (round(float(value)) for value in boxes[index] / scale)
        left_eye, right_eye = map(tuple, (points[index, :2] / scale).tolist())
        faces.append(Face((x, y, width, height), float(scores[index]), left_eye, right_eye))
    return faces


def letterbox(pixels: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Shrink or enlarge a picture until its longer side is 192, and centre it on black.

    Args:
        pixels: uint8 RGB (h, w, 3).

    Returns:
        The network's input, float32 (1, 3, 192, 192) between -1 and 1; the scale, in network
        pixels per frame pixel; and the picture's corner (x, y) in the network's input.
    """
    height, width = pixels.shape[:2]
    scale = INPUT_SIZE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    corner = (INPUT_SIZE - np.array(size)) // 2
    canvas = np.zeros((INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
    canvas[corner[1] : corner[1] + size[1], corner[0] : corner[0] + size[0]] = cv2.resize(
        pixels, size, interpolation=interpolation
    )
    network_input = cv2.dnn.blobFromImage(canvas, scalefactor=1 / 127.5, mean=(127.5,) * 3)
    return network_input, scale, corner


def decode(regressors: np.ndarray, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the network's numbers into boxes, key points and scores, one of each per anchor.

    The anchors are the centres of the cells of a grid of 48 by 48; everything is told relative
    to them.

    Args:
        regressors: float32 (2304, 16), box centre, box size and six key points, each (x, y), in
            network pixels.
        logits: float32 (2304,).

    Returns:
        boxes (2304, 4) as x, y, width, height; key points (2304, 6, 2), the eyes first; scores
        (2304,) between 0 and 1. The first two are in network pixels.
    """
    cells = np.arange(INPUT_SIZE // STRIDE)
    anchors = (np.stack(np.meshgrid(cells, cells), axis=-1).reshape(-1, 2) + 0.5) * STRIDE
    pairs = regressors.astype(np.float64).reshape(-1, 8, 2)
    centres, sizes = pairs[:, 0] + anchors, pairs[:, 1]
    boxes = np.concatenate([centres - sizes / 2, sizes], axis=1)
    points = pairs[:, 2:] + anchors[:, np.newaxis]
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -100, 100)))
    return boxes, points, scores


def crop_face(
    frame: np.ndarray, face: Face, size: int = 48, margin: float = PHOTOGRAPH_TO_BOX
) -> np.ndarray:
    """Cut a face out as the training photographs were cut, with its eyes level.

    Where the crop leaves the frame, the frame's edge is repeated.

    Args:
        frame: the picture in which `face` was found.
        face: one of the faces of `detect_faces`.
        size: width and height of the crop in pixels.
        margin: side of the cut square, in boxes. The default makes crops like FER2013's, whose
            photographs are 1.14 boxes wide in the median (quartiles 1.03 and 1.26).

    Returns:
        uint8 (size, size), grey.

    Raises:
        TypeError, ValueError: the frame is no picture, as `to_rgb` says.
    """
    x, y, width, height = face.box
    box_side = max(width, height, 1)
    side = max(1, round(margin * box_side))
    tilt = math.radians(face.tilt)
    # The two directions of the crop in the frame: along the eyes, and down the face.
    along, down = (
        np.array([math.cos(tilt), math.sin(tilt)]),
        np.array([-math.sin(tilt), math.cos(tilt)]),
    )
    centre = np.array([x + width / 2, y + height / 2]) - CENTRE_ABOVE_BOX * box_side * down
    # Coordinates count from the frame's edge, pixels from the centre of the first: half apart.
    first = centre - 0.5 - (side - 1) / 2 * (along + down)
    crop_to_frame = np.column_stack([along, down, first])
    crop = cv2.warpAffine(
        to_rgb(frame),
        crop_to_frame,
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    interpolation = cv2.INTER_AREA if size < side else cv2.INTER_LINEAR
    return cv2.resize(grey, (size, size), interpolation=interpolation)


@lru_cache(maxsize=1)
def _load_network() -> cv2.dnn.Net:
    """Read the detector once, and only if it is the file that the course shipped."""
    if not WEIGHTS.is_file():
        raise FileNotFoundError(
            f"the face detector's file {WEIGHTS} is missing: install the course again"
        )
    found = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        raise ValueError(
            f"the face detector's file {WEIGHTS} is damaged or another one: its SHA-256 is "
            f"{found}, not {WEIGHTS_SHA256}. Install the course again."
        )
    # OpenCV cannot open a path with accents on Windows; a bare name in the current folder it can.
    # Its new engine, the default in version 5, gives only one of this network's two outputs.
    with contextlib.chdir(WEIGHTS.parent):
        return cv2.dnn.readNetFromTFLite(WEIGHTS.name, cv2.dnn.ENGINE_CLASSIC)
