"""Exercises and quiz of lesson 06, webcam inference."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.exercises.answer_types import NUMBER, function
from course_utils.exercises.conditions import (
    Arguments,
    same_dtype,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

LESSON = 6

Box = tuple[int, int, int, int]


def _cases_of_boxes() -> Sequence[Arguments]:
    others = [(90, 90, 20, 140), (300, 200, 30, 30), (2, 2, 10, 10)]
    return [
        ([(200, 20, 40, 40), (10, 30, 55, 55), (5, 5, 80, 30), *others],),
        ([(5, 5, 30, 30)],),
        ([],),
    ]


def _first_or_nothing(boxes: Sequence[Box], key: Callable[[Box], float]) -> Box | tuple[()]:
    return max(boxes, key=key, default=())


nearest_box = Exercise(
    LESSON,
    "nearest_box",
    function("boxes"),
    same_values(
        widest=lambda boxes: _first_or_nothing(boxes, lambda box: box[2]),
        highest=lambda boxes: _first_or_nothing(boxes, lambda box: box[3]),
        first=lambda boxes: boxes[0] if boxes else (),
        corner=lambda boxes: _first_or_nothing(boxes, lambda box: box[0] * box[1]),
    ),
    cases=_cases_of_boxes,
)

seconds_to_change = Exercise(
    LESSON,
    "seconds_to_change",
    NUMBER,
    same_values(
        counts_0_9=0.3 * np.log2(1 / 0.9),
        natural_logarithm=0.3 * np.log(10),
        one_half_life=0.3,
        number_of_halves=np.log2(10),
        milliseconds=300 * np.log2(10),
        rounded=0.997,
    ),
)


def _cases_of_crops() -> Sequence[Arguments]:
    rng = np.random.default_rng(11)
    colour = rng.integers(0, 256, (2, 60, 80, 3), dtype=np.uint8)
    colour[..., 2] //= 4  # little blue, so that the order of the channels shows
    return [(colour,), (rng.integers(0, 256, (3, 48, 48), dtype=np.uint8),)]


def _shrunk(grey: np.ndarray, interpolation: int) -> np.ndarray:
    """Return grey crops as network input, shrunk by a method of OpenCV."""
    import cv2

    small = [cv2.resize(image, (48, 48), interpolation=interpolation) for image in grey]
    return np.asarray(np.stack(small)[..., np.newaxis].astype(np.float32) / 255)


def _mean_of_channels(crops: np.ndarray) -> np.ndarray:
    import cv2

    grey = crops.mean(axis=3).round().astype(np.uint8) if crops.ndim == 4 else crops
    return _shrunk(grey, cv2.INTER_AREA)


def _blue_for_red(crops: np.ndarray) -> np.ndarray:
    return np.asarray(serve.reference(crops[..., ::-1] if crops.ndim == 4 else crops))


def _every_nth(crops: np.ndarray) -> np.ndarray:
    import cv2

    if crops.ndim == 4:
        crops = np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in crops])
    return _shrunk(crops, cv2.INTER_NEAREST)


serve: Exercise = Exercise(
    LESSON,
    "serve",
    function("crops"),
    same_dtype(),
    same_shape(),
    same_values(
        not_scaled=lambda crops: 255 * serve.reference(crops),
        plain_mean=_mean_of_channels,
        red_and_blue=_blue_for_red,
        pixels_left_out=_every_nth,
    ),
    cases=_cases_of_crops,
)


def _cases_of_films() -> Sequence[Arguments]:
    rng = np.random.default_rng(12)
    cases = []
    for frames, half_life in ((5, 0.3), (8, 1.0)):
        scores = rng.random((frames, 7))
        seconds = 100 + rng.uniform(0.03, 0.4, frames).cumsum()
        cases.append((scores / scores.sum(axis=1, keepdims=True), seconds, half_life))
    return cases


def _steady(
    probabilities: np.ndarray,
    seconds: np.ndarray,
    half_life: float,
    weigh: Callable[[float], float] = lambda halves: 0.5**halves,
) -> np.ndarray:
    """Mix each frame with those before; `weigh` gives the weight of the past."""
    result = probabilities.copy()
    for frame in range(1, len(result)):
        weight = weigh((seconds[frame] - seconds[frame - 1]) / half_life)
        result[frame] = weight * result[frame - 1] + (1 - weight) * probabilities[frame]
    return result


def _from_zero(probabilities: np.ndarray, seconds: np.ndarray, half_life: float) -> np.ndarray:
    before = np.vstack([np.zeros(7), probabilities])
    times = np.concatenate([[2 * seconds[0] - seconds[1]], seconds])
    return _steady(before, times, half_life)[1:]


def _fixed_step(probabilities: np.ndarray, seconds: np.ndarray, half_life: float) -> np.ndarray:
    return _steady(probabilities, np.arange(len(seconds)) / 20, half_life)


def _last_two(probabilities: np.ndarray, seconds: np.ndarray, half_life: float) -> np.ndarray:
    """Mix with the last frame as it was seen, and not with the mixture."""
    weights = 0.5 ** (np.diff(seconds) / half_life)[:, np.newaxis]
    mixed = weights * probabilities[:-1] + (1 - weights) * probabilities[1:]
    return np.vstack([probabilities[:1], mixed])


steady = Exercise(
    LESSON,
    "steady",
    function("probabilities", "seconds", "half_life"),
    same_shape(),
    same_values(
        exchanged=lambda probabilities, seconds, half_life: _steady(
            probabilities, seconds, half_life, lambda halves: 1 - 0.5**halves
        ),
        base_e=lambda probabilities, seconds, half_life: _steady(
            probabilities, seconds, half_life, lambda halves: np.exp(-halves)
        ),
        frames_counted=_fixed_step,
        unmixed_past=_last_two,
        from_zeros=_from_zero,
    ),
    cases=_cases_of_films,
)


def _cases_of_budgets() -> Sequence[Arguments]:
    return [
        ({"find": [20, 21, 19, 400, 22], "cut": [1, 1, 1, 1, 2], "ask": [4, 5, 60, 4, 6]},),
        ({"find": [8.0, 9.0, 7.5], "ask": [30.0, 31.0, 95.0]},),
    ]


def _rate(milliseconds: dict[str, list[float]], typical: Callable[..., Any]) -> float:
    return float(1000 / sum(typical(times) for times in milliseconds.values()))


frames_per_second = Exercise(
    LESSON,
    "frames_per_second",
    function("milliseconds"),
    same_values(
        means=lambda milliseconds: _rate(milliseconds, np.mean),
        best_tries=lambda milliseconds: _rate(milliseconds, min),
        slowest_step=lambda milliseconds: (
            1000 / max(np.median(times) for times in milliseconds.values())
        ),
        thousand_missing=lambda milliseconds: _rate(milliseconds, np.median) / 1000,
        time_of_frame=lambda milliseconds: 1000 / _rate(milliseconds, np.median),
    ),
    cases=_cases_of_budgets,
)


def _cases_of_smiles() -> Sequence[Arguments]:
    nan = float("nan")
    broken = np.array([0.2, 0.8, 0.9, 0.4, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9])
    seconds = np.array([0.0, 0.1, 0.3, 0.4, 0.5, 0.6, 0.9, 1.1, 1.2, 1.4])
    hidden = np.array([0.8, 0.9, nan, 0.9, 0.9, 0.8, 0.9, 0.9])
    return [
        (broken, seconds, 0.8, 0.5),
        (hidden, np.arange(8) / 5, 0.8, 0.6),
        (np.array([0.9, 0.1, 0.9]), np.array([0.0, 0.5, 1.0]), 0.5, 0.4),
    ]


def _smiled_at(happy: np.ndarray, threshold: float) -> list[bool]:
    return [bool(value >= threshold) for value in happy]  # nan, no face, is no smile


def _when(
    happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float, gap_ends: bool = True
) -> float:
    since = None
    for value, time, smiles in zip(happy, seconds, _smiled_at(happy, threshold)):
        if smiles:
            since = time if since is None else since
            if time - since >= hold - 1e-9:
                return float(time)
        elif gap_ends or not np.isnan(value):
            since = None
    return -1.0


def _through_gaps(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> float:
    return _when(happy, seconds, threshold, hold, gap_ends=False)


def _total(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> float:
    """Add up all smiling, with the breaks left out."""
    lasted = 0.0
    smiles = _smiled_at(happy, threshold)
    for frame in range(1, len(happy)):
        if smiles[frame] and smiles[frame - 1]:
            lasted += seconds[frame] - seconds[frame - 1]
        if smiles[frame] and lasted >= hold - 1e-9:
            return float(seconds[frame])
    return -1.0


def _at_once(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> float:
    smiles = _smiled_at(happy, threshold)
    return float(seconds[smiles.index(True)]) if any(smiles) else -1.0


def _beginning(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> float:
    taken = _when(happy, seconds, threshold, hold)
    if taken < 0:
        return -1.0
    frame = list(seconds).index(taken)
    smiles = _smiled_at(happy, threshold)
    while frame and smiles[frame - 1]:
        frame -= 1
    return float(seconds[frame])


def _by_frames(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> float:
    """Count frames, as if 20 came in each second."""
    taken = _when(happy, np.arange(len(happy)) / 20, threshold, hold)
    return float(seconds[round(20 * taken)]) if taken >= 0 else -1.0


smile_shot = Exercise(
    LESSON,
    "smile_shot",
    function("happy", "seconds", "threshold", "hold"),
    same_values(
        at_once=_at_once,
        beginning=_beginning,
        breaks_ignored=_total,
        frames_counted=_by_frames,
        no_face_ignored=_through_gaps,
    ),
    cases=_cases_of_smiles,
)


lesson = Lesson(
    LESSON, (nearest_box, seconds_to_change, serve, steady, frames_per_second, smile_shot)
)
quiz, progress = lesson.quiz, lesson.progress
