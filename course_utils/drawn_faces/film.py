"""A drawn film: a face that changes its expression, for who would rather not use a camera.

Unlike a film of a person it has a known truth: which expression was drawn, and when it changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from course_utils.drawn_faces.generator import draw_face
from course_utils.drawn_faces.parameters import EXPRESSIONS
from course_utils.emotions import EMOTIONS
from course_utils.wording import counted

SIZE = (320, 240)  # width and height, as the camera's frames
SECONDS_TO_CHANGE = 0.4  # from one expression to the next
STRENGTH = 0.85  # of each action unit in a full expression
# The face is drawn small enough for a detector to see it whole, in the grain of a cheap camera.
CONDITIONS = {"zoom": 0.7, "background": 110, "light_strength": 0.3, "blur": 0.3, "noise": 5}


@dataclass(frozen=True, eq=False)
class Film:
    """A film with its truth.

    Attributes:
        frames: uint8 RGB (n, 240, 320, 3).
        seconds: float64 (n,), when each frame was taken, from 0.
        labels: int64 (n,), an index into `EMOTIONS`. While the face changes, it is the nearer one.
        frames_a_second: how fast the film runs.
    """

    frames: NDArray[np.uint8]
    seconds: NDArray[np.floating]
    labels: NDArray[np.int64]
    frames_a_second: float

    def __repr__(self) -> str:
        frames, rate = counted(len(self.frames), "frame"), self.frames_a_second
        names = " → ".join(
            EMOTIONS[label]
            for index, label in enumerate(self.labels)
            if index == 0 or label != self.labels[index - 1]
        )
        return f"Film of {frames}, {rate:g} a second: {names}"


def draw_film(
    emotions: Sequence[str] = ("neutral", "happy", "neutral", "surprise", "angry"),
    seconds_each: float = 2.0,
    frames_a_second: float = 12,
) -> Film:
    """Draw a face that shows one expression after the other, and sways a little.

    Args:
        emotions: names out of `EMOTIONS`, at least one, in the order in which they are shown.
        seconds_each: how long each lasts, the change to it included: 0.4 seconds or more.
        frames_a_second: 1 or more.

    Raises:
        ValueError: an argument outside of its range.
    """
    unknown = [name for name in emotions if name not in EMOTIONS]
    if unknown or not emotions:
        given = ", ".join(unknown) or "none given"
        raise ValueError(f"No such class: {given}. There are: {', '.join(EMOTIONS)}.")
    if not (seconds_each >= SECONDS_TO_CHANGE and frames_a_second >= 1):
        raise ValueError(
            f"seconds_each must be at least {SECONDS_TO_CHANGE}, and frames_a_second at least 1: "
            f"{seconds_each}, {frames_a_second}."
        )
    count = round(len(emotions) * seconds_each * frames_a_second)
    seconds = np.arange(count) / frames_a_second
    shares = _shares(seconds, len(emotions), seconds_each)
    frames = np.stack(
        [_draw_frame(index, when, emotions, shares[index]) for index, when in enumerate(seconds)]
    )
    order = np.array([EMOTIONS.index(name) for name in emotions])
    return Film(frames, seconds, order[shares.argmax(axis=1)], frames_a_second)


def _shares(seconds: NDArray[np.floating], count: int, seconds_each: float) -> NDArray[Any]:
    """Return how much of each expression is shown, (frames, expressions); rows sum to 1."""
    begins = seconds_each * np.arange(count)
    reached = np.clip((seconds[:, None] - begins) / SECONDS_TO_CHANGE, 0, 1)
    reached[:, 0] = 1
    return np.asarray(reached - np.pad(reached[:, 1:], ((0, 0), (0, 1))))


def _draw_frame(
    index: int, when: float, emotions: Sequence[str], shares: NDArray[np.floating]
) -> NDArray[Any]:
    units = {unit: 0.0 for name in emotions for unit in EXPRESSIONS[name]}
    for name, share in zip(emotions, shares):
        for unit, probability in EXPRESSIONS[name].items():
            # Whoever shows it, shows what most people do.
            units[unit] += share * STRENGTH * (probability >= 0.5)
    sway = {
        "roll": 4 * np.sin(2.1 * when),
        "yaw": 6 * np.sin(1.3 * when),
        "shift_x": 0.04 * np.sin(0.9 * when),
    }
    picture = draw_face({**CONDITIONS, **units, **sway, "noise_seed": index}, size=SIZE[1])
    margin = (SIZE[0] - SIZE[1]) // 2
    wide = cv2.copyMakeBorder(picture, 0, 0, margin, margin, cv2.BORDER_REFLECT_101)
    return cv2.cvtColor(wide, cv2.COLOR_GRAY2RGB)
