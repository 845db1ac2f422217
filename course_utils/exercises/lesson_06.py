"""Exercises and quiz of lesson 06, webcam inference."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from course_utils import EMOTIONS
from course_utils.exercises.answer_types import NUMBER, function
from course_utils.exercises.conditions import Arguments, same_shape, same_values
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

LESSON = 6

Box = tuple[int, int, int, int]


def _cases_of_boxes() -> Sequence[Arguments]:
    others = [(90, 90, 20, 140), (300, 200, 30, 30), (-20, -9, 60, 60)]
    return [
        ([(200, 20, 40, 40), (10, 30, 55, 55), (5, 5, 80, 30), *others],),
        ([(5, 5, 30, 30)],),
        ([(40, 8, 10, 10), (7, 2, 30, 20), (90, 9, 20, 30), (3, 3, 12, 25)],),  # two are as large
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
        last_of_equal=lambda boxes: _first_or_nothing(boxes[::-1], lambda box: box[2] * box[3]),
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


@cache
def _cases_of_frames() -> Sequence[Arguments]:
    from course_utils import load_pretrained
    from course_utils.drawn_faces import draw_film

    network = load_pretrained("drawn_faces")
    film = draw_film(("angry", "happy"), seconds_each=0.5, frames_a_second=8)
    angry, happy = (film.frames[[0, 7]] * np.array([0.6, 0.85, 1])).astype(np.uint8)  # in BGR
    both = np.hstack([angry[:, 60:260], happy[:, 60:260]])
    nobody = np.zeros((60, 80, 3), np.uint8)
    return [(frame, network) for frame in (happy, both, happy // 30, nobody)]


def _always_named(frame: np.ndarray, network: Any) -> list[tuple[str, float]]:
    from course_utils.webcam import detect_emotions

    found = [face.probabilities for face in detect_emotions(frame[:, :, ::-1], network)]
    return [(EMOTIONS[row.argmax()], row.max()) for row in found]


captions = Exercise(
    LESSON,
    "captions",
    function("frame", "network"),
    same_values(always_named=_always_named),
    cases=_cases_of_frames,
)


def _cases_of_films() -> Sequence[Arguments]:
    rng = np.random.default_rng(12)
    cases = []
    for frames, half_life in ((5, 0.3), (8, 1.0)):
        scores = rng.random((frames, 7))
        seconds = 100 + rng.uniform(0.03, 0.4, frames).cumsum()
        cases.append((scores / scores.sum(axis=1, keepdims=True), seconds, half_life))
    first, second = np.eye(7)[[2, 4]]
    return [
        *cases,
        (np.stack([first, second, first, second]), np.array([0, 0.5, 0.5, 90]), 0.5),  # and a pause
        (first[np.newaxis], np.array([3.0]), 0.3),  # one frame
    ]


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
    later = np.arange(len(seconds))[:, np.newaxis] > 0
    return _steady(probabilities * later, seconds, half_life)


def _fixed_step(probabilities: np.ndarray, seconds: np.ndarray, half_life: float) -> np.ndarray:
    even = np.linspace(seconds[0], seconds[-1], len(seconds))
    return _steady(probabilities, even, half_life)


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
        ({"find": [8.0, 9.0, 7.5, 40.0], "ask": [30.0, 31.0, 95.0]},),  # an even number of tries
        ({"all": [12.5]},),
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
    uneven = np.array([0.0, 0.25, 2.5, 3.0, 3.25, 3.5])
    hidden = np.array([0.8, 0.9, nan, 0.9, 0.9, 0.8, 0.9, 0.9])
    return [
        (broken, seconds, 0.8, 0.5),
        (hidden, np.arange(8) / 4, 0.8, 0.75),  # a time that is held exactly
        (np.full(6, 0.9), uneven, 0.9, 2.375),  # from the very first frame
        (np.array([0.9, 0.1, 0.9]), np.array([0.0, 0.5, 1.0]), 0.5, 0.4),
        (np.array([nan]), np.array([5.0]), 0.5, 0.0),
        (np.array([0.7]), np.array([5.0]), 0.5, 0.0),
    ]


def _at_once(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> Any:
    return smile_shot.reference(happy, seconds, threshold, 0)


def _through_breaks(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> Any:
    smiles = happy >= threshold
    return smile_shot.reference(happy[smiles], seconds[smiles], threshold, hold)


def _through_gaps(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> Any:
    seen = ~np.isnan(happy)
    return smile_shot.reference(happy[seen], seconds[seen], threshold, hold)


def _beginning(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> Any:
    taken = smile_shot.reference(happy, seconds, threshold, hold)
    breaks = seconds[~(happy >= threshold) & (seconds < taken)]
    after = seconds[seconds > breaks[-1]] if len(breaks) else seconds
    return after[0] if taken >= 0 else -1


smile_shot = Exercise(
    LESSON,
    "smile_shot",
    function("happy", "seconds", "threshold", "hold"),
    same_values(
        at_once=_at_once,
        beginning=_beginning,
        breaks_ignored=_through_breaks,
        no_face_ignored=_through_gaps,
    ),
    cases=_cases_of_smiles,
)


lesson = Lesson(
    LESSON, (nearest_box, seconds_to_change, captions, steady, frames_per_second, smile_shot)
)
quiz, progress = lesson.quiz, lesson.progress
