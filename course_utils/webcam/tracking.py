"""From a frame to emotions, smoothed over time.

Without a notebook: `python -m course_utils.webcam --help`, for a camera, a video or pictures.

What a network reads off a face is an expression as people labelled it, not what someone feels.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.classifier import Classifier, load_pretrained
from course_utils.emotions import EMOTIONS
from course_utils.webcam.blazeface import Face, overlap
from course_utils.webcam.face_detection import (
    SECOND_LOOKS,
    crop_face,
    detect_faces,
    distinct,
    look_again,
    to_rgb,
)

# Below this probability no name is given, since it would be wrong more often than right:
# `research/choose_threshold.py` finds 0.49 (0.45 to 0.60) on PublicTest's 3,589 photographs.
CONFIDENCE_THRESHOLD = 0.5


@dataclass(frozen=True, eq=False)
class DetectedFace:
    """A face in a frame, and what the network makes of its expression.

    Attributes:
        box: (x, y, width, height) in pixels of the frame. It can leave the frame at its edges.
        score: the face detector's confidence, between 0 and 1.
        probabilities: float32 (7,), in the order of `EMOTIONS`; they sum to 1.
        emotion: the most probable class, or None where its probability is below 0.5.
        track_id: the same for the same face from frame to frame, counted from 1; None in a
            single picture, and where no `Smoother` has numbered the faces.
    """

    box: tuple[int, int, int, int]
    score: float
    probabilities: NDArray[np.float32]
    emotion: str | None
    track_id: int | None = None


def detect_emotions(
    frame: NDArray[Any],
    classifier: Classifier | None = None,
    detect: Callable[[NDArray[Any]], list[Face]] = detect_faces,
) -> list[DetectedFace]:
    """Find the faces in a frame, and the probability of each emotion for each of them.

    Args:
        frame: uint8 RGB (h, w, 3). Grey, RGBA and floating point between 0 and 1 work too.
        classifier: the network to ask, or None for the shipped weights for photographs.
        detect: what finds the faces: `FaceTracker().detect` for the frames of one film in turn.

    Returns:
        One entry per face, the most certainly detected first; an empty list for no face.

    Raises:
        TypeError, ValueError: the frame is no picture; the message says why.
        FileNotFoundError: a file that ships with the course is missing.

    >>> detect_emotions(np.zeros((240, 320, 3), np.uint8))  # nobody is there
    []
    """
    pixels = to_rgb(frame)
    faces = detect(pixels)
    if not faces:
        return []
    crops = np.stack([crop_face(pixels, face) for face in faces])  # (n, 48, 48)
    probabilities = (classifier or _shipped_classifier()).predict_proba(crops)  # (n, 7)
    return [
        DetectedFace(face.box, face.score, row, name_emotion(row))
        for face, row in zip(faces, probabilities)
    ]


def name_emotion(probabilities: NDArray[np.floating]) -> str | None:
    """Return the most probable emotion of (7,) probabilities, or None where it is below 0.5.

    >>> name_emotion(np.array([0, 0, 0, 0.6, 0.4, 0, 0]))
    'happy'
    >>> name_emotion(np.full(7, 1 / 7)) is None  # too unsure
    True
    """
    best = int(np.argmax(probabilities))
    return EMOTIONS[best] if probabilities[best] >= CONFIDENCE_THRESHOLD else None


@lru_cache(maxsize=1)
def _shipped_classifier() -> Classifier:
    return load_pretrained()


class FaceTracker:
    """Follows the faces of a film, which takes less time than to search each frame.

    Every twelfth frame is searched closely, and others where a face is lost or nobody is known.
    Else each second frame is looked at around the known faces. In the rest they stay, unless the
    picture there has changed.
    """

    SEARCH_EVERY = 12  # frames
    LOOK_EVERY = 2
    FOLLOWED_SCORE = 0.5
    STILL = 10  # grey levels, the mean difference of a place from frame to frame

    def __init__(self) -> None:
        self._faces: list[Face] = []
        self._pixels = np.empty((0, 0, 3), np.uint8)  # of the frame before
        self._frame = 0

    def detect(self, frame: NDArray[Any]) -> list[Face]:
        """Return the faces of the next frame, as `detect_faces` does and with its errors."""
        pixels = to_rgb(frame)
        if pixels.shape != self._pixels.shape:
            self._faces, self._frame = [], 0
        if self._frame % self.SEARCH_EVERY == 0:
            self._faces = detect_faces(pixels)
        elif not self._faces:
            self._faces = detect_faces(pixels, closely=False)
        elif self._frame % self.LOOK_EVERY == 0 or self._has_changed(pixels):
            self._faces = self._follow(pixels)
        self._frame += 1
        self._pixels = pixels.copy()
        return self._faces

    def _follow(self, pixels: NDArray[np.uint8]) -> list[Face]:
        seen = [look_again(face, pixels, SECOND_LOOKS[-1]) for face in self._faces]
        followed = [face for face in seen if face and face.score >= self.FOLLOWED_SCORE]
        if len(followed) < len(seen):
            return detect_faces(pixels)
        return distinct(followed)

    def _has_changed(self, pixels: NDArray[np.uint8]) -> bool:
        return any(self._change(face.box, pixels) > self.STILL for face in self._faces)

    def _change(self, box: tuple[int, int, int, int], pixels: NDArray[np.uint8]) -> float:
        x, y, width, height = box
        place = np.s_[max(0, y) : max(0, y + height) : 4, max(0, x) : max(0, x + width) : 4]
        change = np.abs(pixels[place].astype(int) - self._pixels[place])
        return float(change.mean()) if change.size else 0.0


class Smoother:
    """Steadies the probabilities of each face over time, and keeps track of who is who.

    A face is the one of an earlier frame whose box it overlaps most. Its probabilities are an
    exponential moving average: what was seen `half_life` seconds ago counts half as much.

    Args:
        half_life: in seconds. Longer is steadier, and slower to follow a change.
    """

    SAME_FACE_OVERLAP = 0.3
    FORGET_AFTER = 1.0  # seconds without being seen

    def __init__(self, half_life: float = 0.3) -> None:
        if not half_life > 0:
            raise ValueError(f"half_life is a number of seconds above 0, not {half_life}")
        self.half_life = half_life
        self._seen: dict[int, tuple[float, DetectedFace]] = {}
        self._count = 0

    def update(self, faces: list[DetectedFace], seconds: float) -> list[DetectedFace]:
        """Return the faces of the newest frame, tracked and smoothed, in the same order.

        Args:
            faces: what `detect_emotions` found.
            seconds: when the frame was taken, on any clock that runs forward.
        """
        self._seen = {
            track_id: (when, face)
            for track_id, (when, face) in self._seen.items()
            if seconds - when <= self.FORGET_AFTER
        }
        known = self._match(faces)
        smoothed = [
            self._blend(face, known[index], seconds) if index in known else self._welcome(face)
            for index, face in enumerate(faces)
        ]
        self._seen.update({face.track_id: (seconds, face) for face in smoothed if face.track_id})
        return smoothed

    def _match(self, faces: list[DetectedFace]) -> dict[int, int]:
        """Return the number of each face that was seen before, the best overlaps first."""
        overlaps = [
            (overlap(face.box, earlier.box), index, track_id)
            for index, face in enumerate(faces)
            for track_id, (_, earlier) in self._seen.items()
        ]
        known: dict[int, int] = {}
        for shared, index, track_id in sorted(overlaps, reverse=True):
            is_free = index not in known and track_id not in known.values()
            if is_free and shared >= self.SAME_FACE_OVERLAP:
                known[index] = track_id
        return known

    def _welcome(self, face: DetectedFace) -> DetectedFace:
        self._count += 1
        return replace(face, track_id=self._count)

    def _blend(self, face: DetectedFace, track_id: int, seconds: float) -> DetectedFace:
        when, earlier = self._seen[track_id]
        weight = 0.5 ** ((seconds - when) / self.half_life)
        probabilities = weight * earlier.probabilities + (1 - weight) * face.probabilities
        return replace(
            face,
            probabilities=probabilities,
            emotion=name_emotion(probabilities),
            track_id=track_id,
        )
