"""Wrong answers to the exercises of lesson 06, webcam inference."""

import numpy as np

from course_utils.exercises.lesson_06 import (
    _at_once,
    _beginning,
    _blue_for_red,
    _by_frames,
    _every_nth,
    _fixed_step,
    _from_zero,
    _last_two,
    _mean_of_channels,
    _rate,
    _steady,
    _through_gaps,
    _total,
)
from course_utils.preprocessing import preprocess
from tests.exercises.wrong_answers import WrongAnswer

nearest_box = (
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

serve = (
    WrongAnswer(lambda crops: preprocess(crops).astype(float), "Expected values of type"),
    WrongAnswer(lambda crops: preprocess(crops)[..., 0], "the shape that `preprocess`"),
    WrongAnswer(lambda crops: 255 * preprocess(crops), "and raises no error"),
    WrongAnswer(_mean_of_channels, "plain mean of the channels"),
    WrongAnswer(_blue_for_red, "Red and blue are exchanged"),
    WrongAnswer(_every_nth, "by leaving pixels out"),
    WrongAnswer(lambda crops: 2 * preprocess(crops) - 1, "smallest, largest and mean"),
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
    WrongAnswer(_fixed_step, "You count frames"),
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

smile_shot = (
    WrongAnswer(_at_once, "at the first smiling frame"),
    WrongAnswer(_beginning, "when the smile began"),
    WrongAnswer(_total, "add up smiles with breaks"),
    WrongAnswer(_by_frames, "You count frames"),
    WrongAnswer(_through_gaps, "Such a frame breaks it"),
    WrongAnswer(
        lambda happy, seconds, threshold, hold: seconds[-1],
        "with one frame in half a second by hand",
    ),
)
