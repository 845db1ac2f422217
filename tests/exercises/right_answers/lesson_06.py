"""Right answers to the exercises of lesson 06, webcam inference."""

import math
import statistics
from typing import Any

import cv2
import numpy as np
import pandas as pd

from course_utils import EMOTIONS
from course_utils.webcam import crop_face, detect_emotions, detect_faces

Box = tuple[int, int, int, int]


def _nearest_in_a_loop(boxes: list[Box]) -> Box | tuple[()]:
    best, largest = (), 0
    for x, y, width, height in boxes:
        if width * height > largest:
            best, largest = (x, y, width, height), width * height
    return best


def _nearest_by_numpy(boxes: list[Box]) -> Any:
    if not boxes:
        return ()
    table = np.array(boxes)
    return table[np.argmax(table[:, 2] * table[:, 3])]


nearest_box = (
    _nearest_in_a_loop,
    _nearest_by_numpy,
    lambda boxes: next(iter(sorted(boxes, key=lambda box: -box[2] * box[3])), ()),
)

seconds_to_change = (
    0.3 * math.log(10) / math.log(2),
    -0.3 * np.log2(0.1),
    np.float32(0.3 / np.log10(2)),
    np.array(0.996578),
)


def _captions_by_course(frame: np.ndarray, network: Any) -> list[tuple[str | None, float]]:
    faces = detect_emotions(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), network)
    return [(face.emotion, face.probabilities.max()) for face in faces]


def _captions_in_a_batch(frame: np.ndarray, network: Any) -> list[list[Any]]:
    pixels = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    faces = detect_faces(pixels)
    if not faces:
        return []
    rows = network.predict_proba(np.stack([crop_face(pixels, face) for face in faces]))
    return [[EMOTIONS[row.argmax()] if row.max() >= 0.5 else None, row.max()] for row in rows]


captions = (_captions_by_course, _captions_in_a_batch)


def _steady_by_list(
    probabilities: np.ndarray, seconds: np.ndarray, half_life: float
) -> list[np.ndarray]:
    mixed = [probabilities[0]]
    for row, passed in zip(probabilities[1:], np.diff(seconds)):
        mixed.append(row + (mixed[-1] - row) * math.exp(-math.log(2) * passed / half_life))
    return mixed


def _steady_at_once(probabilities: np.ndarray, seconds: np.ndarray, half_life: float) -> np.ndarray:
    """Weigh all frames up to each one, without a loop."""
    passed = np.maximum(seconds[:, np.newaxis] - seconds, 0)
    weights = np.tri(len(seconds)) * 2 ** (-passed / half_life)
    shares = np.append(1, 1 - 2 ** (-np.diff(seconds) / half_life))
    return (weights @ (shares[:, np.newaxis] * probabilities)).astype(np.float32)


steady = (_steady_by_list, _steady_at_once)

frames_per_second = (
    lambda milliseconds: 1 / (sum(map(statistics.median, milliseconds.values())) / 1000),
    lambda milliseconds: 1000 / sum(pd.Series(t).median() for t in milliseconds.values()),
    lambda milliseconds: np.array(
        1000 / np.sum([np.quantile(times, 0.5) for times in milliseconds.values()])
    ),
)


def _smile_frame_by_frame(
    happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float
) -> float:
    """Go back from each frame to where its smile began."""
    for last in range(len(happy)):
        first = last
        while first >= 0 and happy[first] >= threshold:
            first -= 1
        if first < last and seconds[last] - seconds[first + 1] >= hold:
            return float(seconds[last])
    return -1.0


def _smile_by_pandas(
    happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float
) -> float:
    table = pd.DataFrame({"smiles": happy >= threshold, "seconds": seconds})
    table["run"] = (~table.smiles).cumsum()
    smiling = table[table.smiles]
    lasted = smiling.seconds - smiling.groupby("run").seconds.transform("min")
    long_enough = smiling.seconds[lasted >= hold - 1e-9]  # with room for rounding
    return -1 if long_enough.empty else long_enough.iloc[0]


smile_shot = (_smile_frame_by_frame, _smile_by_pandas)
