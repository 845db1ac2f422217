"""Wrong answers to the exercises of lesson 06, webcam inference."""

from typing import Any

import numpy as np
from scipy.special import softmax

from course_utils import EMOTIONS
from course_utils.exercises import lesson_06
from course_utils.exercises.lesson_06 import (
    _always_named,
    _at_once,
    _beginning,
    _fixed_step,
    _from_zero,
    _last_two,
    _rate,
    _steady,
    _through_breaks,
    _through_gaps,
)
from course_utils.webcam import detect_emotions
from tests.exercises.mutants import run
from tests.exercises.wrong_answers import WrongAnswer

nearest_box = (
    WrongAnswer(
        lambda boxes: max(boxes[::-1], key=lambda box: box[2] * box[3], default=()),
        "equally large",
    ),
    WrongAnswer(lambda boxes: max(boxes, key=lambda box: box[2] * box[3]), "ValueError"),
    WrongAnswer(lambda boxes: max(boxes, key=lambda box: box[2], default=()), "widest box"),
    WrongAnswer(lambda boxes: max(boxes, key=lambda box: box[3], default=()), "highest box"),
    WrongAnswer(lambda boxes: boxes[0] if boxes else (), "the first box"),
    WrongAnswer(
        lambda boxes: max(boxes, key=lambda box: box[0] * box[1], default=()),
        "where the corner is",
    ),
    WrongAnswer(
        lambda boxes: min(boxes, key=lambda box: box[2] * box[3], default=()),
        "Compute the area of each box",
    ),
)

seconds_to_change = (
    WrongAnswer(0.3 * np.log2(1 / 0.9), "until only 0.1 is left"),
    WrongAnswer(0.3 * np.log(10), "natural logarithm"),
    WrongAnswer(0.3, "That is one half-life"),
    WrongAnswer(np.log2(10), "number of half-lives"),
    WrongAnswer(300 * np.log2(10), "in milliseconds"),
    WrongAnswer(0.997, "is rounded"),
    WrongAnswer(1.2, "Halve 1 until"),
)


def _lower_threshold(frame: np.ndarray, network: Any) -> list[tuple[str | None, float]]:
    """Leave the second softmax, and name a face from 0.2 on."""
    rows = [softmax(face.probabilities) for face in detect_emotions(frame[:, :, ::-1], network)]
    return [(EMOTIONS[row.argmax()] if row.max() > 0.2 else None, row.max()) for row in rows]


captions = (
    WrongAnswer(run(lesson_06.captions.text.start, "captions"), "yours is `None`"),
    WrongAnswer(_always_named, "should get no name"),
    WrongAnswer(_lower_threshold, "yours is `0.31"),
    WrongAnswer(
        lambda frame, network: lesson_06.captions.reference(frame, network)[:1],
        "yours is `[('happy', 0.99",
    ),
    WrongAnswer(
        lambda frame, network: [face.emotion for face in detect_emotions(frame, network)],
        "yours is `'happy'`",
    ),
    WrongAnswer(
        lambda frame, network: network.predict_proba(np.stack([])), "need at least one array"
    ),
)


def _steady_in_place(
    probabilities: np.ndarray, seconds: np.ndarray, half_life: float
) -> np.ndarray:
    probabilities[:] = _steady(probabilities, seconds, half_life)
    return probabilities


steady = (
    WrongAnswer(
        lambda probabilities, seconds, half_life: _steady(probabilities, seconds, half_life)[1:],
        "yours is (4, 7)",
    ),
    WrongAnswer(
        lambda probabilities, seconds, half_life: _steady(probabilities, seconds, half_life)[
            np.newaxis
        ],
        "yours is (1, 5, 7)",
    ),
    WrongAnswer(
        lambda probabilities, seconds, half_life: _steady(
            probabilities, seconds, half_life, lambda halves: 1 - 0.5**halves
        ),
        "Past and present are exchanged",
    ),
    WrongAnswer(
        lambda probabilities, seconds, half_life: _steady(
            probabilities, seconds, half_life, lambda halves: np.exp(-halves)
        ),
        "That is e to the power",
    ),
    WrongAnswer(_fixed_step, "each step as equally long"),
    WrongAnswer(_last_two, "Mix with the mixture so far"),
    WrongAnswer(_from_zero, "You begin from zeros"),
    WrongAnswer(
        lambda probabilities, seconds, half_life: _steady(
            probabilities, seconds, half_life, lambda halves: 0.9
        ),
        "Work out the second frame",
    ),
    WrongAnswer(_steady_in_place, "writes into"),
)

frames_per_second = (
    WrongAnswer(lambda milliseconds: _rate(milliseconds, np.mean), "one slow try moves them"),
    WrongAnswer(lambda milliseconds: _rate(milliseconds, min), "These are the best tries"),
    WrongAnswer(
        lambda milliseconds: 1000 / max(np.median(times) for times in milliseconds.values()),
        "Only the slowest step",
    ),
    WrongAnswer(
        lambda milliseconds: _rate(milliseconds, np.median) / 1000, "A thousand is missing"
    ),
    WrongAnswer(lambda milliseconds: 1000 / _rate(milliseconds, np.median), "the time of a frame"),
    WrongAnswer(
        lambda milliseconds: 1000 / np.median(next(iter(milliseconds.values()))),
        "Write down one time for each step",
    ),
)


def _since_or_time(happy: np.ndarray, seconds: np.ndarray, threshold: float, hold: float) -> float:
    """Take a smile that began at time 0 for none."""
    since = None
    for value, time in zip(happy, seconds):
        since = (since or time) if value >= threshold else None
        if since is not None and time - since >= hold:
            return float(time)
    return -1


smile_shot = (
    WrongAnswer(_at_once, "at the first smiling frame"),
    WrongAnswer(_beginning, "when the smile began"),
    WrongAnswer(_through_breaks, "count on through a break"),
    WrongAnswer(_through_gaps, "Such a frame breaks it"),
    WrongAnswer(_since_or_time, "yours is `3`"),
    WrongAnswer(
        lambda happy, seconds, threshold, hold: seconds[-1],
        "yours is `1.4`",
    ),
)
