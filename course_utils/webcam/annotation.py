"""Draw on a frame what was read off it: boxes, names, and seven bars for each face."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from course_utils.emotions import COLOURS, EMOTIONS

FONT = cv2.FONT_HERSHEY_SIMPLEX
GROUND, PAPER = (0, 0, 0), (255, 255, 255)  # every class stands out on the ground
ROWS_IN_FRAME = 28  # lines of text that a frame has room for
SMALLEST_ROW, LARGEST_ROW = 10, 40  # pixels
NAME_WIDTH, BAR_WIDTH = 4.6, 3.4  # in rows


def annotate(pixels: NDArray[np.uint8], faces: Sequence[Any]) -> NDArray[np.uint8]:
    """Return a copy of a frame with the faces drawn on it.

    Args:
        pixels: uint8 RGB (h, w, 3).
        faces: as `detect_emotions` returns them: `box` (x, y, width, height), `probabilities`
            (7,), `emotion`, which is None where the network is unsure, and `track_id`, or None.
    """
    drawn = np.ascontiguousarray(pixels).copy()
    row = int(np.clip(pixels.shape[0] / ROWS_IN_FRAME, SMALLEST_ROW, LARGEST_ROW))
    for face in faces:
        _draw_bars(drawn, face, row)
    for face in faces:
        _draw_box(drawn, face, row)
    return drawn


def caption(face: Any) -> str:
    """Return a face's number, name and probability as a short text."""
    number = "" if face.track_id is None else f"{face.track_id} "
    name = face.emotion or "unsure"
    return f"{number}{name} {100 * face.probabilities.max():.0f} %"


def _draw_box(drawn: NDArray[np.uint8], face: Any, row: int) -> None:
    x, y, width, height = face.box
    colour = _rgb(COLOURS[face.emotion]) if face.emotion else PAPER
    line = max(1, row // 8)
    # A black line below the coloured one shows on light skin too.
    for ink, thickness in ((GROUND, 3 * line), (colour, line)):
        cv2.rectangle(drawn, (x, y), (x + width, y + height), ink, thickness, cv2.LINE_AA)
    text = caption(face)
    (text_width, _), _ = cv2.getTextSize(text, FONT, row / 32, max(1, row // 14))
    wide = text_width + row // 2
    left = int(np.clip(x, 0, max(0, drawn.shape[1] - wide)))
    top = y - row if y >= row else max(0, min(y + height, drawn.shape[0] - row))
    cv2.rectangle(drawn, (left, top), (left + wide, top + row), GROUND, cv2.FILLED)
    _write(drawn, text, left + row // 4, top, row)


def _draw_bars(drawn: NDArray[np.uint8], face: Any, row: int) -> None:
    """Draw the seven bars on a black ground, right of the box or where there is room."""
    x, y, width, _ = face.box
    names, bars = round(NAME_WIDTH * row), round(BAR_WIDTH * row)
    panel_width, panel_height = names + bars + row // 2, len(EMOTIONS) * row
    gap = row // 2
    right = x + width + gap
    left = right if right + panel_width <= drawn.shape[1] else x - gap - panel_width
    left = int(np.clip(left, 0, max(0, drawn.shape[1] - panel_width)))
    top = int(np.clip(y, 0, max(0, drawn.shape[0] - panel_height)))
    drawn[top : top + panel_height, left : left + panel_width] = GROUND
    for line, (emotion, share) in enumerate(zip(EMOTIONS, face.probabilities)):
        upper = top + line * row
        _write(drawn, emotion, left + row // 4, upper, row)
        start = (left + names, upper + row // 5)
        end = (left + names + round(float(share) * bars), upper + row - row // 5)
        cv2.rectangle(drawn, start, end, _rgb(COLOURS[emotion]), cv2.FILLED)


def _write(drawn: NDArray[np.uint8], text: str, left: int, top: int, row: int) -> None:
    place = (left, top + round(0.75 * row))
    cv2.putText(drawn, text, place, FONT, row / 32, PAPER, max(1, row // 14), cv2.LINE_AA)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
