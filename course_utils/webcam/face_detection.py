"""Find the faces in a frame, and cut them out as the training images were cut.

The detector is BlazeFace (Bazarevsky et al., 2019, arXiv:1907.05047) in both versions of Google's
MediaPipe, two small files in `weights/`, run by OpenCV. The full-range network finds faces at some
distance, the short-range one those that fill much of the frame. Nothing is downloaded.
`docs/detector.md` has the measurements.
"""

import contextlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Any

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

# How closely `detect_faces` looks. The numbers were chosen on 240 scenes such as those of
# `research/compare_detectors.py`, with other photographs and another seed.
CANDIDATE_SCORE = 0.3  # what the first look takes for a face, to be looked at again
CLOSE_CANDIDATE_SCORE = 0.5  # the same of the closer look, which sees many more places
SURE_SCORE = 0.75  # from here on one look is enough
CONFIRMED_SCORE = 0.65  # the mean of all three looks
SECOND_LOOKS = (1.6, 2.2)  # the sides of the squares that they see, in boxes
SAME_PLACE_OVERLAP = 0.35  # so much must a second look's box share with the first one's
NEAR = 1 / 6  # of the frame's width: whoever sits before a camera is larger
TILES = 4  # to each side

# The width of a FER2013 photograph in face boxes: the median over the 2,657 faces found in 3,000
# Training photographs (quartiles 1.03 and 1.26), enlarged one and a half times on a black ground.
PHOTOGRAPH_TO_BOX = 1.14
# The photograph's centre lies this much of a box above the centre of the box (the same median).
CENTRE_ABOVE_BOX = 0.024

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


def to_rgb(frame: NDArray[Any]) -> NDArray[np.uint8]:
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


def detect_faces(frame: NDArray[Any], minimum_score: float = 0.0) -> list[Face]:
    """Find the faces in a frame, the most certain first.

    The short-range network looks at the whole frame. Where it finds nobody as near as someone
    before a webcam, the full-range network does, and the short-range one looks at 16 overlapping
    parts. A box of which they are not sure is looked at again, enlarged, and kept where the face is
    still there. `docs/detector.md` has the share of faces that is found, by size, angle and light.

    Args:
        frame: a picture as `to_rgb` takes it.
        minimum_score: between 0 and 1; what is less certain is left out.

    Raises:
        TypeError, ValueError: the frame is no picture, as `to_rgb` says.
        FileNotFoundError, ValueError: a file of the detector is missing or damaged.
    """
    pixels = to_rgb(frame)
    candidates = detect_with(SHORT_RANGE, pixels, CANDIDATE_SCORE)
    faces = _confirmed(candidates, pixels)
    if not any(face.box[2] >= NEAR * pixels.shape[1] for face in faces):
        candidates = detect_with(FULL_RANGE, pixels, CLOSE_CANDIDATE_SCORE)
        for tile in _tiles(pixels):
            candidates += detect_within(tile, pixels, CLOSE_CANDIDATE_SCORE)
        faces += _confirmed(_distinct(candidates), pixels)
    return [face for face in _distinct(faces) if face.score >= minimum_score]


def detect_within(
    region: tuple[int, int, int, int],
    pixels: NDArray[np.uint8],
    minimum_score: float,
) -> list[Face]:
    """Return the faces that the short-range network finds in a part of a picture.

    Args:
        region: (x, y, width, height) in pixels; what leaves the picture is cut off.
        pixels: uint8 RGB (h, w, 3).
        minimum_score: what is less certain is left out.
    """
    x, y, width, height = region
    left, top = max(0, x), max(0, y)
    part = pixels[top : y + height, left : x + width]
    if not part.size:
        return []
    return [face.moved(left, top) for face in detect_with(SHORT_RANGE, part, minimum_score)]


def around(box: tuple[int, int, int, int], sides: float) -> tuple[int, int, int, int]:
    """Return the square with a box in its middle, `sides` times as large as its longer side.

    >>> around((10, 20, 40, 40), 2)
    (-10, 0, 80, 80)
    """
    x, y, width, height = box
    side = round(sides * max(width, height))
    return round(x + (width - side) / 2), round(y + (height - side) / 2), side, side


def _confirmed(candidates: list[Face], pixels: NDArray[np.uint8]) -> list[Face]:
    """Return the faces that are sure or seen again when enlarged, with the closest look's box."""
    kept = []
    for candidate in candidates:
        is_sure = candidate.score >= SURE_SCORE
        sides = SECOND_LOOKS[-1:] if is_sure else SECOND_LOOKS
        again = [_look_again(candidate, pixels, each) for each in sides]
        seen = [face for face in again if face]
        scores = [candidate.score, *(face.score for face in seen)]
        score = candidate.score if is_sure else sum(scores) / (1 + len(again))
        if score >= CONFIRMED_SCORE:
            kept.append(replace(seen[-1] if seen else candidate, score=score))
    return kept


def _look_again(face: Face, pixels: NDArray[np.uint8], sides: float) -> Face | None:
    """Return the face that is found at the same place in the square around its box."""
    found = detect_within(around(face.box, sides), pixels, 0.0)
    same = [other for other in found if overlap(other.box, face.box) >= SAME_PLACE_OVERLAP]
    return max(same, key=lambda other: other.score, default=None)


def _tiles(pixels: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int]]:
    """Yield overlapping parts, each 2 / (TILES + 1) as wide and as high as the picture."""
    height, width = pixels.shape[:2]
    tile_width, tile_height = 2 * width // (TILES + 1), 2 * height // (TILES + 1)
    for row in np.linspace(0, height - tile_height, TILES).round().astype(int).tolist():
        for column in np.linspace(0, width - tile_width, TILES).round().astype(int).tolist():
            yield column, row, tile_width, tile_height


def _distinct(faces: list[Face]) -> list[Face]:
    """Return one box for each face, the most certain first."""
    scores = [face.score for face in faces]
    kept = cv2.dnn.NMSBoxes([face.box for face in faces], scores, 0.0, MAXIMUM_OVERLAP)
    return [faces[index] for index in np.asarray(kept, dtype=int).ravel()]


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
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), minimum_score, MAXIMUM_OVERLAP)
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


def crop_face(
    frame: NDArray[Any], face: Face, size: int = 48, margin: float = PHOTOGRAPH_TO_BOX
) -> NDArray[np.uint8]:
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
    return np.asarray(cv2.resize(grey, (size, size), interpolation=interpolation), dtype=np.uint8)


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
