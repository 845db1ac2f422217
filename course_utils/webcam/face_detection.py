"""Find the faces in a frame, and cut them out as the training images were cut.

The networks are those of `blazeface.py`. `docs/detector.md` has the measurements.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from course_utils.webcam.blazeface import (
    FULL_RANGE,
    MAXIMUM_OVERLAP,
    SHORT_RANGE,
    Face,
    detect_with,
    overlap,
)

# How closely `detect_faces` looks. The numbers were chosen on 600 scenes such as those of
# `research/compare_detectors.py`, with other photographs and seeds.
CANDIDATE_SCORE = 0.3  # what the first look takes for a face, to be looked at again
CLOSE_CANDIDATE_SCORE = 0.5  # the same of the closer look, which sees many more places
SEEN_SCORE = 0.2  # what a second look takes for the face at all
SURE_SCORE = 0.75  # from here on the first look is enough
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


def detect_faces(
    frame: NDArray[Any], minimum_score: float = 0.0, *, closely: bool = True
) -> list[Face]:
    """Find the faces in a frame, the most certain first.

    The short-range network looks at the whole frame. Where it finds nobody as near as someone
    before a webcam, the full-range network does, and the short-range one looks at 16 overlapping
    parts. A box of which they are not sure is looked at again, enlarged, and kept where the face is
    still there. `docs/detector.md` has the share of faces that is found, by size, angle and light.

    Args:
        frame: a picture as `to_rgb` takes it.
        minimum_score: between 0 and 1; what is less certain is left out.
        closely: False leaves out the search for small faces, which takes most of the time.

    Raises:
        TypeError, ValueError: the frame is no picture, as `to_rgb` says.
        FileNotFoundError, ValueError: a file of the detector is missing or damaged.
    """
    pixels = to_rgb(frame)
    candidates = detect_with(SHORT_RANGE, pixels, CANDIDATE_SCORE)
    faces = _confirmed(candidates, pixels)
    if closely and not any(face.box[2] >= NEAR * pixels.shape[1] for face in faces):
        candidates = detect_with(FULL_RANGE, pixels, CLOSE_CANDIDATE_SCORE)
        for tile in _tiles(pixels):
            candidates += detect_within(tile, pixels, CLOSE_CANDIDATE_SCORE)
        faces += _confirmed(distinct(candidates), pixels)
    return [face for face in distinct(faces) if face.score >= minimum_score]


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
    part = pixels[top : max(0, y + height), left : max(0, x + width)]
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
        again = [look_again(candidate, pixels, each) for each in sides]
        seen = [face for face in again if face]
        scores = [candidate.score, *(face.score for face in seen)]
        score = candidate.score if is_sure else sum(scores) / (1 + len(again))
        if score >= CONFIRMED_SCORE:
            kept.append(replace(seen[-1] if seen else candidate, score=score))
    return kept


def look_again(face: Face, pixels: NDArray[np.uint8], sides: float) -> Face | None:
    """Return the face that is found at the same place in the square around its box."""
    found = detect_within(around(face.box, sides), pixels, SEEN_SCORE)
    same = [other for other in found if overlap(other.box, face.box) >= SAME_PLACE_OVERLAP]
    return max(same, key=lambda other: other.score, default=None)


def _tiles(pixels: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int]]:
    """Yield overlapping parts, each 2 / (TILES + 1) as wide and as high as the picture."""
    height, width = pixels.shape[:2]
    tile_width, tile_height = 2 * width // (TILES + 1), 2 * height // (TILES + 1)
    for row in np.linspace(0, height - tile_height, TILES).round().astype(int).tolist():
        for column in np.linspace(0, width - tile_width, TILES).round().astype(int).tolist():
            yield column, row, tile_width, tile_height


def distinct(faces: list[Face]) -> list[Face]:
    """Return one box for each face, the most certain first."""
    scores = [face.score for face in faces]
    kept = cv2.dnn.NMSBoxes([face.box for face in faces], scores, 0.0, MAXIMUM_OVERLAP)
    return [faces[index] for index in np.asarray(kept, dtype=int).ravel()]


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
