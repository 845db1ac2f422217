"""Exercises and quiz of lesson 06, webcam inference."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from course_utils.exercises.conditions import (
    Arguments,
    keeps_its_input,
    same_dtype,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise, WrongAnswer
from course_utils.exercises.kinds import NUMBER, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz
from course_utils.preprocessing import preprocess

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
    lesson=LESSON,
    name="nearest_box",
    prompt=(
        "**1. The person in front.** A frame can hold many faces, and often only the nearest "
        "counts. Write `nearest_box(boxes)`: of a list of boxes (x, y, width, height), return the "
        "one with the largest area. For an empty list, return the empty tuple `()`."
    ),
    kind=function("boxes"),
    hints=(
        "`max` takes a `key`: a function that says by what to compare.",
        "For an empty list `max` raises, unless it is told a `default`.",
    ),
    code="""
def nearest_box(boxes):
    return max(boxes, key=lambda box: box[2] * box[3], default=())
""",
    reason=(
        "`default` is what `max` returns for an empty list. Without it, an empty room would raise "
        "an error, and end the program."
    ),
    cases=_cases_of_boxes,
    conditions=(
        same_values(
            "Compute the area of each box by hand, and try an empty list.",
            {
                "That is the widest box. A narrow one can be larger: multiply width and height.": (
                    lambda boxes: _first_or_nothing(boxes, lambda box: box[2])
                ),
                "That is the highest box. A flat one can be larger: multiply width and height.": (
                    lambda boxes: _first_or_nothing(boxes, lambda box: box[3])
                ),
                "That is the first box. Detectors put the most certain face first, not the "
                "largest.": lambda boxes: boxes[0] if boxes else (),
                "x and y say where the corner is, and nothing about the size.": (
                    lambda boxes: _first_or_nothing(boxes, lambda box: box[0] * box[1])
                ),
            },
        ),
    ),
    wrong_answers=(
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
    ),
)

seconds_to_change = Exercise(
    lesson=LESSON,
    name="seconds_to_change",
    prompt=(
        "**2. How late is steady?** A face changes from one expression to another at once, from "
        "probability 0 to 1. The half-life is 0.3 seconds. After how many seconds does the "
        "steadied probability reach 0.9? Work it out on paper, let numpy compute the last step, "
        "and do not round."
    ),
    kind=NUMBER,
    hints=(
        "What was seen before the change counts $2^{-t / 0.3}$ after $t$ seconds.",
        "The old answer has to fall to 0.1: how many halves is that?",
    ),
    code="seconds_to_change = 0.3 * np.log2(10)  # 0.997",
    reason=(
        "The old answer counts $2^{-t / 0.3}$, and has to fall to 0.1. So $t = 0.3 \\cdot \\log_2 "
        "10$, about one second. That is long in a conversation. Halve the half-life, and the delay "
        "halves too; the jitter grows."
    ),
    conditions=(
        same_values(
            "Halve 1 until little more than 0.1 is left, and count the half-lives.",
            {
                "That is the time until it counts 0.9 as much as before. Wait until only 0.1 is "
                "left.": 0.3 * np.log2(1 / 0.9),
                "That is the natural logarithm. A half-life counts halves: take `np.log2`.": (
                    0.3 * np.log(10)
                ),
                "That is one half-life: the probability is then 0.5.": 0.3,
                "That is the number of half-lives. Each takes 0.3 seconds.": np.log2(10),
                "That is in milliseconds. Give seconds.": 300 * np.log2(10),
                "That is rounded. Hand in what numpy computes.": 0.997,
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(0.3 * np.log2(1 / 0.9), "until only 0.1 is left"),
        WrongAnswer(0.3 * np.log(10), "natural logarithm"),
        WrongAnswer(0.3, "That is one half-life"),
        WrongAnswer(np.log2(10), "number of half-lives"),
        WrongAnswer(300 * np.log2(10), "in milliseconds"),
        WrongAnswer(0.997, "is rounded"),
        WrongAnswer(1.2, "Halve 1 until"),
    ),
)


def _cases_of_crops() -> Sequence[Arguments]:
    rng = np.random.default_rng(11)
    colour = rng.integers(0, 256, (2, 60, 80, 3), dtype=np.uint8)
    colour[..., 2] //= 4  # little blue, so that the order of the channels shows
    return [(colour,), (rng.integers(0, 256, (3, 48, 48), dtype=np.uint8),)]


def _by_hand(
    crops: np.ndarray, to_grey: Callable[[np.ndarray], np.ndarray], way: int = cv2.INTER_AREA
) -> np.ndarray:
    grey = to_grey(crops) if crops.ndim == 4 else crops
    small = np.stack([cv2.resize(image, (48, 48), interpolation=way) for image in grey])
    return np.asarray(small[..., np.newaxis].astype(np.float32) / 255)


def _mean_of_channels(crops: np.ndarray) -> np.ndarray:
    return _by_hand(crops, lambda colour: colour.mean(axis=3).round().astype(np.uint8))


def _blue_for_red(crops: np.ndarray) -> np.ndarray:
    return preprocess(crops[..., ::-1]) if crops.ndim == 4 else preprocess(crops)


def _every_nth(crops: np.ndarray) -> np.ndarray:
    return _by_hand(
        crops,
        lambda colour: np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in colour]),
        cv2.INTER_NEAREST,
    )


serve = Exercise(
    lesson=LESSON,
    name="serve",
    prompt=(
        "**3. Serve what was trained on.** Write `serve(crops)`, which turns crops from a camera "
        "into the input of the network. `crops` are uint8, (n, height, width) in grey or (n, "
        "height, width, 3) in red, green and blue, of any size. The result must be exactly what "
        "the network saw in training: float32 (n, 48, 48, 1)."
    ),
    kind=function("crops"),
    hints=(
        "Which function made the training images what they are? It need not be written a second "
        "time.",
        "The section *Turn pixels into the network's input* calls it.",
    ),
    code="""
from course_utils import preprocess


def serve(crops):
    return preprocess(crops)
""",
    reason=(
        "The shortest answer is the safest. A second version has to repeat each choice of the "
        "first: how grey is weighed, how a picture is made smaller, where 1 is white. Whoever "
        "changes one of the two later breaks the other, and no error says so."
    ),
    cases=_cases_of_crops,
    conditions=(
        same_dtype("Networks of the course read float32."),
        same_shape("Look at the shape that `preprocess` returns."),
        same_values(
            "Compare smallest, largest and mean value with those of `preprocess(crops)`.",
            {
                "The pixels lie between 0 and 255. The network has learned from 0 to 1, and raises "
                "no error.": lambda crops: 255 * preprocess(crops),
                "Grey is the plain mean of the channels here. In training, green counted most.": (
                    _mean_of_channels
                ),
                "Red and blue are exchanged: OpenCV's cameras give blue first, these crops red.": (
                    _blue_for_red
                ),
                "The crops shrink by leaving pixels out. In training they were averaged.": (
                    _every_nth
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(lambda crops: preprocess(crops).astype(float), "Expected values of type"),
        WrongAnswer(lambda crops: preprocess(crops)[..., 0], "the shape that `preprocess`"),
        WrongAnswer(lambda crops: 255 * preprocess(crops), "and raises no error"),
        WrongAnswer(_mean_of_channels, "plain mean of the channels"),
        WrongAnswer(_blue_for_red, "Red and blue are exchanged"),
        WrongAnswer(_every_nth, "by leaving pixels out"),
        WrongAnswer(lambda crops: 2 * preprocess(crops) - 1, "smallest, largest and mean"),
    ),
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


def _steady_in_place(
    probabilities: np.ndarray, seconds: np.ndarray, half_life: float
) -> np.ndarray:
    probabilities[:] = _steady(probabilities, seconds, half_life)
    return probabilities


steady = Exercise(
    lesson=LESSON,
    name="steady",
    prompt=(
        "**4. Steady a film.** Write `steady(probabilities, seconds, half_life)`. `probabilities` "
        "are float (frames, 7), of one face, and `seconds` float (frames,) say when each frame was "
        "taken; the time between two frames varies. Return the exponential moving average, float "
        "(frames, 7). The first frame stays as it is."
    ),
    kind=function("probabilities", "seconds", "half_life"),
    hints=(
        "Loop over the frames from the second on. Mix each with the *result* of the one before.",
        "The past weighs `0.5 ** (time between the two / half_life)`.",
    ),
    code="""
def steady(probabilities, seconds, half_life):
    result = probabilities.copy()
    for frame in range(1, len(result)):
        weight = 0.5 ** ((seconds[frame] - seconds[frame - 1]) / half_life)
        result[frame] = weight * result[frame - 1] + (1 - weight) * probabilities[frame]
    return result
""",
    reason=(
        "The weight depends on the time that has passed, so that the steadiness is the same on a "
        "fast computer and on a slow one. `Smoother` does this for each face of a frame."
    ),
    cases=_cases_of_films,
    conditions=(
        same_shape("One row for each frame, the first one too."),
        same_values(
            "Work out the second frame by hand.",
            {
                "Past and present are exchanged: after a long time the past should count little.": (
                    lambda probabilities, seconds, half_life: _steady(
                        probabilities, seconds, half_life, lambda halves: 1 - 0.5**halves
                    )
                ),
                "That is e to the power. After one half-life the past should count 0.5.": (
                    lambda probabilities, seconds, half_life: _steady(
                        probabilities, seconds, half_life, lambda halves: np.exp(-halves)
                    )
                ),
                "You count frames, as if 20 came in each second. Use the times.": _fixed_step,
                "You mix with the last frame as it was seen. Mix with the mixture so far.": (
                    _last_two
                ),
                "You begin from zeros. The first frame stays as it is.": _from_zero,
            },
        ),
        keeps_its_input("Begin with `probabilities.copy()`."),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda probabilities, seconds, half_life: _steady(probabilities, seconds, half_life)[
                1:
            ],
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
        WrongAnswer(_steady_in_place, "changes what it is given"),
    ),
)


def _cases_of_budgets() -> Sequence[Arguments]:
    return [
        ({"find": [20, 21, 19, 400, 22], "cut": [1, 1, 1, 1, 2], "ask": [4, 5, 60, 4, 6]},),
        ({"find": [8.0, 9.0, 7.5], "ask": [30.0, 31.0, 95.0]},),
    ]


def _rate(milliseconds: dict[str, list[float]], typical: Callable[..., Any]) -> float:
    return float(1000 / sum(typical(times) for times in milliseconds.values()))


frames_per_second = Exercise(
    lesson=LESSON,
    name="frames_per_second",
    prompt=(
        "**5. Spend the milliseconds.** Write `frames_per_second(milliseconds)`. The dictionary "
        "holds, for each step of the chain, the times that it took in a few tries. The steps run "
        "one after the other. Return how many frames a second that makes, from the typical time of "
        "each step: a single slow try must not count."
    ),
    kind=function("milliseconds"),
    hints=(
        "What is typical, and not moved by one slow try? The lesson's `milliseconds` uses it, too.",
        "Add up the medians of all steps. A second has 1,000 milliseconds.",
    ),
    code="""
def frames_per_second(milliseconds):
    return 1000 / sum(np.median(times) for times in milliseconds.values())
""",
    reason=(
        "The mean of five tries with one of 400 milliseconds says 96, a time that none of them "
        "took. The median says 21. For the experience of a user the slow tries matter as well: "
        "report them apart, as a quantile."
    ),
    cases=_cases_of_budgets,
    conditions=(
        same_values(
            "Write down one time for each step, and add them up.",
            {
                "These are the means: one slow try moves them far. Take the medians.": (
                    lambda milliseconds: _rate(milliseconds, np.mean)
                ),
                "These are the best tries. The typical one is slower.": (
                    lambda milliseconds: _rate(milliseconds, min)
                ),
                "Only the slowest step counts here. The steps run one after the other: add them.": (
                    lambda milliseconds: (
                        1000 / max(np.median(times) for times in milliseconds.values())
                    )
                ),
                "A thousand is missing: the times are in milliseconds.": (
                    lambda milliseconds: _rate(milliseconds, np.median) / 1000
                ),
                "That is the time of a frame. How many fit into a second?": (
                    lambda milliseconds: 1000 / _rate(milliseconds, np.median)
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(lambda milliseconds: _rate(milliseconds, np.mean), "one slow try moves them"),
        WrongAnswer(lambda milliseconds: _rate(milliseconds, min), "These are the best tries"),
        WrongAnswer(
            lambda milliseconds: 1000 / max(np.median(times) for times in milliseconds.values()),
            "Only the slowest step",
        ),
        WrongAnswer(
            lambda milliseconds: _rate(milliseconds, np.median) / 1000, "A thousand is missing"
        ),
        WrongAnswer(
            lambda milliseconds: 1000 / _rate(milliseconds, np.median), "the time of a frame"
        ),
        WrongAnswer(
            lambda milliseconds: 1000 / np.median(next(iter(milliseconds.values()))),
            "Write down one time for each step",
        ),
    ),
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
    lesson=LESSON,
    name="smile_shot",
    prompt=(
        "**6. A small project: a photo booth that waits for a smile.** Write `smile_shot(happy, "
        "seconds, threshold, hold)`. `happy` is the steadied probability of *happy* in each frame, "
        "float (frames,), `nan` where no face was found; `seconds` are the times of the frames. "
        "Return the time of the first frame at which the probability has been at least `threshold` "
        "in every frame for at least `hold` seconds, or -1 where that never happens. A frame "
        "without a face breaks the smile. Then let it watch `timeline` from above, or your own "
        "camera."
    ),
    kind=function("happy", "seconds", "threshold", "hold"),
    hints=(
        "Remember since when the smile has lasted: a time, or None while there is no smile.",
        "`nan >= threshold` is False, so a missing face needs no case of its own if you ask "
        "`if value >= threshold`.",
        "A smile lasts `time - since`. Allow for rounding: compare with `hold - 1e-9`.",
    ),
    code="""
def smile_shot(happy, seconds, threshold, hold):
    since = None
    for value, time in zip(happy, seconds):
        if not value >= threshold:  # written so that nan breaks the smile
            since = None
            continue
        since = time if since is None else since
        if time - since >= hold - 1e-9:
            return time
    return -1
""",
    reason=(
        "Time is counted in seconds, since frames come at an uneven pace. This is a good use for "
        "such a network: the person is in control, sees what it does, and an error costs one "
        "photograph. It says that a face looks like a smile, and not that somebody is happy."
    ),
    cases=_cases_of_smiles,
    conditions=(
        same_values(
            "Go through `happy = [0.9, 0.1, 0.9]` with one frame in half a second by hand.",
            {
                "It takes the picture at the first smiling frame. Wait until the smile has lasted "
                "for `hold` seconds.": _at_once,
                "That is when the smile began. Return when it has lasted long enough.": _beginning,
                "You add up smiles with breaks between. A break starts the time anew.": _total,
                "You count frames, as if 20 came in each second. Use the times.": _by_frames,
                "Where no face was found, the smile goes on here. Such a frame breaks it.": (
                    _through_gaps
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(_at_once, "at the first smiling frame"),
        WrongAnswer(_beginning, "when the smile began"),
        WrongAnswer(_total, "add up smiles with breaks"),
        WrongAnswer(_by_frames, "You count frames"),
        WrongAnswer(_through_gaps, "Such a frame breaks it"),
        WrongAnswer(
            lambda happy, seconds, threshold, hold: seconds[-1],
            "with one frame in half a second by hand",
        ),
    ),
)


quiz = Quiz(
    LESSON,
    (
        Question(
            "Before the camera the network always gives the same answer. What do you check first?",
            (
                Option(
                    "The light: it may be too dark.",
                    "Poor light makes answers worse, and not all the same.",
                ),
                Option(
                    "The numbers that go in: smallest, largest and mean, as in training?",
                    "Forgotten scaling raises no error, and piles all answers up in one class.",
                    is_right=True,
                ),
                Option(
                    "The weights: it needs longer training.",
                    "On known images it was right often enough. The chain before it has changed.",
                ),
                Option(
                    "The face detector's threshold.",
                    "It decides whether there is a face. What the face is called comes after it.",
                ),
            ),
        ),
        Question(
            "Why is the crop 1.14 boxes wide, and not just the box?",
            (
                Option(
                    "So that no ear is cut off.",
                    "Ears do not matter to the network. What it has learned from does.",
                ),
                Option(
                    "Because the training photographs are framed so.",
                    "A network reads best what looks like what it has learned from.",
                    is_right=True,
                ),
                Option(
                    "Because the network needs 48 × 48 pixels.",
                    "Any crop is brought to that size. The question is what lies within.",
                ),
            ),
        ),
        Question(
            "You double the half-life of the smoother. What happens?",
            (
                Option(
                    "Answers are steadier, and a real change shows later.",
                    "Steadiness is paid for with delay.",
                    is_right=True,
                ),
                Option(
                    "Answers are steadier and right more often.",
                    "Noise evens out. But a change is missed for longer, and a wrong class stays.",
                ),
                Option(
                    "The camera delivers half as many frames.",
                    "The smoother works on the answers. The frames come as before.",
                ),
            ),
        ),
        Question(
            "Finding the face takes 20 ms, the rest 4 ms. What makes the whole much faster?",
            (
                Option(
                    "A network for expressions that is twice as fast.",
                    "At most 2 of 24 ms are gained there.",
                ),
                Option(
                    "Finding the face in every second frame only.",
                    "Ten of 24 ms on average: the slowest step is the one to save.",
                    is_right=True,
                ),
                Option(
                    "A faster way to scale the pixels.",
                    "It takes next to nothing already.",
                ),
            ),
        ),
        Question(
            "The box above your face says “angry 80 %”. What does it mean?",
            (
                Option(
                    "You are angry, with a probability of 80 %.",
                    "Only the look of a face was measured. What you feel is another question.",
                ),
                Option(
                    "Eight of ten people would call you angry.",
                    "Only if the network were calibrated for faces like yours, in your light.",
                ),
                Option(
                    "Faces like this one were mostly labelled angry in training.",
                    "So the network has learned. Whether that holds for your face was not tested.",
                    is_right=True,
                ),
            ),
        ),
        Question(
            "Which of these may a class build with the network of this course?",
            (
                Option(
                    "A display for the teacher that shows who is bored.",
                    "In the European Union it is forbidden to infer emotions in education, but for "
                    "medical or safety reasons.",
                ),
                Option(
                    "A photo booth that waits for a smile, for those who step before it.",
                    "The person is in control, and an error costs one photograph.",
                    is_right=True,
                ),
                Option(
                    "A check of who is honest in an oral examination.",
                    "No face shows honesty, and people would be judged by a guess.",
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON,
    (nearest_box, seconds_to_change, serve, steady, frames_per_second, smile_shot),
    quiz,
)
progress = lesson.progress
