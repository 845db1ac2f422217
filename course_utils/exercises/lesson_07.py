"""Exercises and quiz of lesson 07, what the network sees."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from course_utils.drawn_faces.generator import make_dataset
from course_utils.drawn_faces.parameters import PARAMETERS
from course_utils.drawn_faces.rendering import paint_faces
from course_utils.evaluation.intervals import wilson_interval
from course_utils.exercises.conditions import (
    Arguments,
    holds,
    keeps_its_input,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise, WrongAnswer
from course_utils.exercises.kinds import DICTIONARY, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz
from course_utils.split import IMAGE_SIZE

LESSON = 7

METHODS = ("saliency", "integrated gradients", "Grad-CAM", "occlusion")
WHAT_THEY_DO = {
    "asks again with a part hidden": "occlusion",
    "adds up to the score gained": "integrated gradients",
    "is as coarse as the last maps": "Grad-CAM",
    "tells what a small change does": "saliency",
}


def _wrong_entries(answer: dict[str, Any]) -> str:
    unknown = [str(name) for name in answer.values() if name not in METHODS]
    if unknown:
        return f"Use the four names as they are written above, and not `{unknown[0]}`."
    wrong = [task for task, name in WHAT_THEY_DO.items() if answer.get(task) != name]
    advice = {
        "asks again with a part hidden": "Which of them needs no gradient?",
        "adds up to the score gained": "Which of them walks all the way from a baseline?",
        "is as coarse as the last maps": "Which of them does not go back to the pixels?",
        "tells what a small change does": "Which of them is the slope alone?",
    }
    if wrong == [*WHAT_THEY_DO]:
        return "None of the four is right. Read once more what each method computes."
    return f'{len(wrong)} of the four are wrong, the first is "{wrong[0]}". {advice[wrong[0]]}'


method_that = Exercise(
    lesson=LESSON,
    name="method_that",
    prompt=(
        "**1. Which method is it?** Put one of `saliency`, `integrated gradients`, `Grad-CAM` and "
        "`occlusion` as a text in the place of each `None`. Each occurs once."
    ),
    kind=DICTIONARY,
    hints=(
        "Begin with the one that works for a program that you cannot open.",
        "Only one of them was checked by a sum, and only one had to be enlarged to be drawn.",
    ),
    code="""
method_that = {
    "asks again with a part hidden": "occlusion",
    "adds up to the score gained": "integrated gradients",
    "is as coarse as the last maps": "Grad-CAM",
    "tells what a small change does": "saliency",
}
""",
    reason=(
        "They answer four different questions. So they may disagree, and none of them has to be "
        "wrong for that."
    ),
    conditions=(holds("right", lambda answer: answer == WHAT_THEY_DO, _wrong_entries),),
    wrong_answers=(
        WrongAnswer(
            dict(zip(WHAT_THEY_DO, ("saliency", "Grad-CAM", "integrated gradients", "occlusion"))),
            "None of the four is right",
        ),
        WrongAnswer(
            {
                **WHAT_THEY_DO,
                "asks again with a part hidden": "saliency",
                "tells what a small change does": "occlusion",
            },
            "Which of them needs no gradient?",
        ),
        WrongAnswer(
            {
                **WHAT_THEY_DO,
                "adds up to the score gained": "Grad-CAM",
                "is as coarse as the last maps": "integrated gradients",
            },
            "walks all the way",
        ),
        WrongAnswer(
            {
                **WHAT_THEY_DO,
                "is as coarse as the last maps": "saliency",
                "tells what a small change does": "Grad-CAM",
            },
            "does not go back to the pixels",
        ),
        WrongAnswer(
            {**WHAT_THEY_DO, "asks again with a part hidden": "hide and seek"}, "Use the four names"
        ),
    ),
)


def _cases_of_maps() -> Sequence[Arguments]:
    rng = np.random.default_rng(8)
    shapes = ((6, 6, 5), (3, 4, 8))
    return [(rng.random(shape), rng.normal(size=shape)) for shape in shapes]


def _grad_cam(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(maps @ gradients.mean(axis=(0, 1)), 0))


def _grad_cam_in_place(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    maps *= gradients.mean(axis=(0, 1))
    return np.asarray(np.maximum(maps.sum(axis=2), 0))


grad_cam_of = Exercise(
    lesson=LESSON,
    name="grad_cam_of",
    prompt=(
        "**2. Grad-CAM by hand.** Write `grad_cam_of(maps, gradients)` for one face. `maps` are "
        "its last feature maps and `gradients` those of the score by each of their values, both "
        "float (rows, columns, channels). Return $\\max(0, \\sum_k w_k A_k)$, float (rows, "
        "columns), where $w_k$ is the mean gradient over map $k$."
    ),
    kind=function("maps", "gradients"),
    hints=(
        "The weights first: one for each channel. Which axes does the mean run over?",
        "`gradients.mean(axis=(0, 1))` are the weights, (channels,). Multiply, and add up the "
        "channels.",
        "What is negative speaks against the class: `np.maximum(..., 0)`.",
    ),
    code="""
def grad_cam_of(maps, gradients):
    weights = gradients.mean(axis=(0, 1))  # (channels,)
    return np.maximum((maps * weights).sum(axis=-1), 0)  # (rows, columns)
""",
    reason=(
        "A map weighs as much as the score rises with it. The lesson's cell does the same for a "
        "whole batch, with TensorFlow's names."
    ),
    cases=_cases_of_maps,
    conditions=(
        same_shape("The channels are added up; rows and columns remain."),
        same_values(
            "Do it for one place: weight times map for each channel, then the sum.",
            {
                "Values below 0 are left. They speak against the class: set them to 0.": (
                    lambda maps, gradients: maps @ gradients.mean(axis=(0, 1))
                ),
                "Each value has a weight of its own here. A map has one weight: the mean of its "
                "gradients.": lambda maps, gradients: np.maximum((maps * gradients).sum(axis=2), 0),
                "The weights are sums of the gradients. Take their means.": (
                    lambda maps, gradients: np.maximum(maps @ gradients.sum(axis=(0, 1)), 0)
                ),
                "You take the mean over the channels. The maps are added up.": (
                    lambda maps, gradients: _grad_cam(maps, gradients) / maps.shape[2]
                ),
            },
        ),
        keeps_its_input("`maps *= ...` writes into the array itself: write `maps * ...`."),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda maps, gradients: np.maximum(maps * gradients.mean(axis=(0, 1)), 0),
            "yours is (6, 6, 5)",
        ),
        WrongAnswer(
            lambda maps, gradients: _grad_cam(maps, gradients)[..., np.newaxis],
            "yours is (6, 6, 1)",
        ),
        WrongAnswer(
            lambda maps, gradients: maps @ gradients.mean(axis=(0, 1)), "Values below 0 are left"
        ),
        WrongAnswer(
            lambda maps, gradients: np.maximum((maps * gradients).sum(axis=2), 0),
            "A map has one weight",
        ),
        WrongAnswer(
            lambda maps, gradients: np.maximum(maps @ gradients.sum(axis=(0, 1)), 0),
            "are sums of the gradients",
        ),
        WrongAnswer(
            lambda maps, gradients: _grad_cam(maps, gradients) / maps.shape[2],
            "mean over the channels",
        ),
        WrongAnswer(
            lambda maps, gradients: np.abs(maps @ gradients.mean(axis=(0, 1))),
            "Do it for one place",
        ),
        WrongAnswer(_grad_cam_in_place, "changes what it is given"),
    ),
)


def _cube(picture: np.ndarray) -> np.ndarray:
    """Return the gradient of the sum of x³ + x."""
    return 3 * picture**2 + 1


def _saturating(picture: np.ndarray) -> np.ndarray:
    """Return the gradient of tanh(4 × sum of x): flat where the sum is large."""
    return np.full_like(picture, 4 / np.cosh(4 * picture.sum()) ** 2)


def _cases_of_gradients() -> Sequence[Arguments]:
    rng = np.random.default_rng(9)
    return [
        (_cube, rng.random((4, 4)), np.full((4, 4), 0.4), 8),
        (_saturating, rng.random((3, 3)), np.zeros((3, 3)), 20),
    ]


def _path(
    gradient: Callable[[np.ndarray], np.ndarray],
    picture: np.ndarray,
    baseline: np.ndarray,
    places: np.ndarray,
) -> np.ndarray:
    """Return the mean gradient at some places between the baseline, 0, and the picture, 1."""
    steps = [gradient(baseline + place * (picture - baseline)) for place in places]
    return np.asarray(np.mean(steps, axis=0))


def _middles(steps: int) -> np.ndarray:
    return (np.arange(steps) + 0.5) / steps


integrate = Exercise(
    lesson=LESSON,
    name="integrate",
    prompt=(
        "**3. Walk all the way.** Write `integrate(gradient, picture, baseline, steps)`, the "
        "integrated gradients of any score. `gradient` is a function: it takes a picture, float "
        "(rows, columns), and returns the gradient of the score there. Take it in the middle of "
        "each step, as the formula of the lesson does, and return a map of the picture's shape."
    ),
    kind=function("gradient", "picture", "baseline", "steps"),
    hints=(
        "The picture after a share `s` of the way is `baseline + s * (picture - baseline)`.",
        "The shares are `(k + 0.5) / steps` for `k` from 0 to `steps - 1`. Take the mean of the "
        "gradients there.",
        "One factor is left: how far the picture lies from the baseline, pixel by pixel.",
    ),
    code="""
def integrate(gradient, picture, baseline, steps):
    shares = (np.arange(steps) + 0.5) / steps
    gradients = [gradient(baseline + share * (picture - baseline)) for share in shares]
    return (picture - baseline) * np.mean(gradients, axis=0)
""",
    reason=(
        "The values add up to what the picture has over the baseline in score, as nearly as the "
        "steps allow. Check it: with the sum of $x^3 + x$ as score, a hundred steps miss less than "
        "a thousandth."
    ),
    cases=_cases_of_gradients,
    conditions=(
        same_values(
            "Add up your map, and compare with the score of the picture less that of the baseline.",
            {
                "That is the gradient at the picture alone, times the difference. Walk from the "
                "baseline to it.": lambda gradient, picture, baseline, steps: (
                    (picture - baseline) * gradient(picture)
                ),
                "The mean gradient is right. Multiply it by how far the picture lies from the "
                "baseline.": lambda gradient, picture, baseline, steps: _path(
                    gradient, picture, baseline, _middles(steps)
                ),
                "The gradients are added up. Take their mean, or the map grows with the steps.": (
                    lambda gradient, picture, baseline, steps: (
                        (picture - baseline)
                        * steps
                        * _path(gradient, picture, baseline, _middles(steps))
                    )
                ),
                "Each step's gradient is taken at its beginning. Take it in the middle: "
                "`(k + 0.5) / steps`.": lambda gradient, picture, baseline, steps: (
                    (picture - baseline)
                    * _path(gradient, picture, baseline, np.arange(steps) / steps)
                ),
                "You multiply by the picture, as if the baseline were black.": (
                    lambda gradient, picture, baseline, steps: (
                        picture * _path(gradient, picture, baseline, _middles(steps))
                    )
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda gradient, picture, baseline, steps: (picture - baseline) * gradient(picture),
            "at the picture alone",
        ),
        WrongAnswer(
            lambda gradient, picture, baseline, steps: _path(
                gradient, picture, baseline, _middles(steps)
            ),
            "The mean gradient is right",
        ),
        WrongAnswer(
            lambda gradient, picture, baseline, steps: (
                (picture - baseline) * steps * _path(gradient, picture, baseline, _middles(steps))
            ),
            "The gradients are added up",
        ),
        WrongAnswer(
            lambda gradient, picture, baseline, steps: (
                (picture - baseline) * _path(gradient, picture, baseline, np.arange(steps) / steps)
            ),
            "at its beginning",
        ),
        WrongAnswer(
            lambda gradient, picture, baseline, steps: (
                picture * _path(gradient, picture, baseline, _middles(steps))
            ),
            "as if the baseline were black",
        ),
        WrongAnswer(
            lambda gradient, picture, baseline, steps: np.abs(
                (picture - baseline) * _path(gradient, picture, baseline, _middles(steps))
            ),
            "Add up your map",
        ),
    ),
)


def _middle_of(picture: np.ndarray) -> float:
    return float(picture[4:8, 4:8].sum())


def _spread_of(picture: np.ndarray) -> float:
    return float(picture.std() + picture[0, 0])


def _cases_of_pictures() -> Sequence[Arguments]:
    rng = np.random.default_rng(10)
    return [
        (_middle_of, rng.random((12, 12)), 4),
        (_spread_of, rng.random((8, 12)) ** 2, 2),
    ]


def _hidden(
    score: Callable[[np.ndarray], float],
    picture: np.ndarray,
    size: int,
    grey: float | None = None,
    stays: bool = False,
) -> np.ndarray:
    """Return the drops; `stays` hides each square for all later questions as well."""
    whole = score(picture)
    fill = picture.mean() if grey is None else grey
    drops = np.zeros((picture.shape[0] // size, picture.shape[1] // size))
    covered = picture.copy()
    for row, column in np.ndindex(drops.shape):
        covered = covered if stays else picture.copy()
        covered[row * size : (row + 1) * size, column * size : (column + 1) * size] = fill
        drops[row, column] = whole - score(covered)
    return drops


def _hidden_in_place(
    score: Callable[[np.ndarray], float], picture: np.ndarray, size: int
) -> np.ndarray:
    drops = _hidden(score, picture, size)
    picture[-size:, -size:] = picture.mean()
    return drops


occlude = Exercise(
    lesson=LESSON,
    name="occlude",
    prompt=(
        "**4. Explain what you cannot open.** Write `occlude(score, picture, size)`: `score` is "
        "any function from a picture, float (rows, columns), to a number. Cut the picture into "
        "squares of `size` pixels, side by side. Hide one after the other behind the picture's "
        "mean grey, each alone, and return by how much the score drops, float (rows // size, "
        "columns // size)."
    ),
    kind=function("score", "picture", "size"),
    hints=(
        "Two loops over the rows and columns of the result. Start each time from a fresh "
        "`picture.copy()`.",
        "The square of `row` and `column` is `covered[row * size : (row + 1) * size, ...]`.",
        "A drop is the score of the whole picture less that of the covered one.",
    ),
    code="""
def occlude(score, picture, size):
    drops = np.zeros((picture.shape[0] // size, picture.shape[1] // size))
    for row in range(drops.shape[0]):
        for column in range(drops.shape[1]):
            covered = picture.copy()
            square = covered[row * size : (row + 1) * size, column * size : (column + 1) * size]
            square[:] = picture.mean()
            drops[row, column] = score(picture) - score(covered)
    return drops
""",
    reason=(
        "No gradient, no layers: one question for each square. This works for any program that "
        "answers. `interpretation.occlusion` lets the squares overlap, for a finer map."
    ),
    cases=_cases_of_pictures,
    conditions=(
        same_shape("One value for each square: rows // size by columns // size."),
        same_values(
            "Hide the first square by hand, and compare the two scores.",
            {
                "The sign is turned: a square matters where the score drops without it.": (
                    lambda score, picture, size: -_hidden(score, picture, size)
                ),
                "The squares are black. A black square adds an edge and a mouth of its own: use "
                "the mean grey.": lambda score, picture, size: _hidden(score, picture, size, 0),
                "A square stays hidden while the next one is. Start each time from a fresh copy.": (
                    lambda score, picture, size: _hidden(score, picture, size, stays=True)
                ),
                "These are the scores of the covered pictures. By how much did each drop?": (
                    lambda score, picture, size: score(picture) - _hidden(score, picture, size)
                ),
            },
        ),
        keeps_its_input("Without `.copy()` you write into the picture itself."),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda score, picture, size: np.kron(
                _hidden(score, picture, size), np.ones((size, size))
            ),
            "yours is (12, 12)",
        ),
        WrongAnswer(
            lambda score, picture, size: _hidden(score, picture, size)[np.newaxis],
            "yours is (1, 3, 3)",
        ),
        WrongAnswer(lambda score, picture, size: -_hidden(score, picture, size), "sign is turned"),
        WrongAnswer(
            lambda score, picture, size: _hidden(score, picture, size, 0), "The squares are black"
        ),
        WrongAnswer(
            lambda score, picture, size: _hidden(score, picture, size, stays=True),
            "stays hidden while the next",
        ),
        WrongAnswer(
            lambda score, picture, size: score(picture) - _hidden(score, picture, size),
            "scores of the covered pictures",
        ),
        WrongAnswer(
            lambda score, picture, size: np.abs(_hidden(score, picture, size)),
            "Hide the first square by hand",
        ),
        WrongAnswer(_hidden_in_place, "changes what it is given"),
    ),
)


def _dark_eyes(images: np.ndarray) -> np.ndarray:
    """Answer yes where the rows of the eyes are darker than those of the mouth."""
    return np.asarray(images[:, 14:26].mean(axis=(1, 2)) < images[:, 26:38].mean(axis=(1, 2)))


def _dark_in_all(images: np.ndarray) -> np.ndarray:
    return np.asarray(images.mean(axis=(1, 2)) < 105)


def _redraw(table: pd.DataFrame, **parameters: float) -> np.ndarray:
    """Do as `drawn_faces.redraw`, which loads TensorFlow as well."""
    changed = table.assign(**parameters)
    return paint_faces({name: changed[name].to_numpy(float) for name in PARAMETERS}, IMAGE_SIZE)


@lru_cache(maxsize=1)
def _table() -> pd.DataFrame:
    return make_dataset(24, seed=12, glasses_for="happy").table


def _cases_of_glasses() -> Sequence[Arguments]:
    return [(_dark_eyes, _table()[:16]), (_dark_in_all, _table()[16:].reset_index(drop=True))]


def _share_of_yes(answer: Callable[..., np.ndarray], table: pd.DataFrame, glasses: float) -> float:
    return float(answer(_redraw(table, glasses=glasses)).mean())


def _effect(answer: Callable[..., np.ndarray], table: pd.DataFrame) -> float:
    return _share_of_yes(answer, table, 1) - _share_of_yes(answer, table, 0)


def _as_they_are(answer: Callable[..., np.ndarray], table: pd.DataFrame) -> float:
    return float(answer(_redraw(table)).mean())


def _wearers_and_others(answer: Callable[..., np.ndarray], table: pd.DataFrame) -> float:
    """Compare the people who wear glasses with those who do not, as they are."""
    answers, worn = answer(_redraw(table)), table["glasses"].to_numpy() == 1
    return float(answers[worn].mean() - answers[~worn].mean())


effect_of_glasses = Exercise(
    lesson=LESSON,
    name="effect_of_glasses",
    prompt=(
        "**5. Prove it by an experiment.** Write `effect_of_glasses(answer, table)`. `answer` is a "
        "function such as `called_happy`: from images, uint8 (n, 48, 48), to bool (n,). `table` "
        "describes drawn faces, as `plain.table` above. Return by how much the share of faces that "
        "are called happy changes when *the same* faces put glasses on: with glasses, less without "
        "glasses. `drawn_faces.redraw` draws them."
    ),
    kind=function("answer", "table"),
    hints=(
        "`drawn_faces.redraw(table, glasses=1)` are all faces with glasses, whoever wore some.",
        "The mean of a bool array is the share that is true.",
    ),
    code="""
from course_utils import drawn_faces


def effect_of_glasses(answer, table):
    with_glasses = answer(drawn_faces.redraw(table, glasses=1))
    without = answer(drawn_faces.redraw(table, glasses=0))
    return with_glasses.mean() - without.mean()
""",
    reason=(
        "Nothing but the glasses differs between the two, so nothing else can explain the change. "
        "Comparing people who wear glasses with people who do not would mix in all else in which "
        "they differ: here, the smiles."
    ),
    cases=_cases_of_glasses,
    seconds=60,
    conditions=(
        same_shape("One number is wanted: a difference of two shares."),
        same_values(
            "Draw all faces twice, once with `glasses=1` and once with `glasses=0`.",
            {
                "You compare faces that wear glasses with other faces that do not. Draw the same "
                "faces twice.": _wearers_and_others,
                "The sign is turned: with glasses, less without.": (
                    lambda answer, table: -_effect(answer, table)
                ),
                "That is the share with glasses on. Compare it with the share without.": (
                    lambda answer, table: _share_of_yes(answer, table, 1)
                ),
                "The faces without glasses are drawn as they are, and some of them wear glasses. "
                "Draw them with `glasses=0`.": lambda answer, table: (
                    _share_of_yes(answer, table, 1) - _as_they_are(answer, table)
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda answer, table: np.array([_effect(answer, table)] * 2)[:1], "One number is wanted"
        ),
        WrongAnswer(_wearers_and_others, "Draw the same faces twice"),
        WrongAnswer(lambda answer, table: -_effect(answer, table), "sign is turned"),
        WrongAnswer(
            lambda answer, table: _share_of_yes(answer, table, 1), "the share with glasses on"
        ),
        WrongAnswer(
            lambda answer, table: _share_of_yes(answer, table, 1) - _as_they_are(answer, table),
            "some of them wear glasses",
        ),
        WrongAnswer(
            lambda answer, table: 100 * _effect(answer, table), "Draw all faces twice, once"
        ),
    ),
)


MOST_CHANGED = 0.1


def _odd(images: np.ndarray) -> np.ndarray:
    """Answer by the last bit of the sum of all pixels: any change turns half of the answers."""
    return np.asarray(images.sum(axis=(1, 2)) % 2 == 1)


@lru_cache(maxsize=1)
def _cases_of_parameters() -> Sequence[Arguments]:
    # With this seed no two knobs change equally many answers, so that their order is one.
    table = make_dataset(60, seed=13, glasses_for="happy").table
    parameters = ("hand", "beard", "glasses")
    pairs = {
        parameter: (_redraw(table, **{parameter: 0}), _redraw(table, **{parameter: 1}))
        for parameter in parameters
    }
    return [(_dark_eyes, pairs), (_odd, pairs)]


def _shares_changed(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> dict[str, float]:
    return {
        parameter: float((answer(without) != answer(with_it)).mean())
        for parameter, (without, with_it) in pairs.items()
    }


def _ordered(found: dict[str, float], measure: dict[str, float]) -> list[str]:
    """Return the knobs whose measure exceeds a tenth, the largest share first."""
    kept = [parameter for parameter in found if measure[parameter] > MOST_CHANGED]
    return sorted(kept, key=lambda parameter: -found[parameter])


def _low_ends(shares: dict[str, float], pairs: dict[str, Any]) -> dict[str, float]:
    faces = {parameter: len(without) for parameter, (without, _) in pairs.items()}
    return {
        parameter: wilson_interval(round(share * faces[parameter]), faces[parameter])[0]
        for parameter, share in shares.items()
    }


def _shortcuts(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> list[str]:
    shares = _shares_changed(answer, pairs)
    return _ordered(shares, _low_ends(shares, pairs))


def _without_interval(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> list[str]:
    shares = _shares_changed(answer, pairs)
    return _ordered(shares, shares)


def _net_effects(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> list[str]:
    nets = {
        parameter: abs(float(answer(with_it).mean() - answer(without).mean()))
        for parameter, (without, with_it) in pairs.items()
    }
    return _ordered(nets, _low_ends(nets, pairs))


def _unsorted(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> list[str]:
    return [parameter for parameter in pairs if parameter in _shortcuts(answer, pairs)]


shortcuts = Exercise(
    lesson=LESSON,
    name="shortcuts",
    prompt=(
        "**6. A small project: audit a network.** Write `shortcuts(answer, pairs)`, which finds "
        "what a network should not look at, and does. `answer` is as above. `pairs` is a "
        "dictionary from the name of a knob to two arrays of images, the same faces without it and "
        "with it. Return the list of those knobs that change the answer of more than a tenth of "
        "the faces: one is accused only where the lower end of Wilson's 95 % interval is above 0.1 "
        "(`evaluation.wilson_interval`, in `course_utils`). The knob that changes most comes "
        "first. Then audit `called_happy`, with pairs from `drawn_faces.redraw(plain.table, "
        "glasses=0)` and `glasses=1`, and of other knobs."
    ),
    kind=function("answer", "pairs"),
    hints=(
        "For one knob: `changed = answer(without) != answer(with_it)`. A face whose answer turns "
        "to no counts as much as one that turns to yes.",
        "`wilson_interval(int(changed.sum()), len(changed))[0]` is the lower end.",
        "Collect shares in a dictionary, and sort its keys: `sorted(shares, key=shares.get, "
        "reverse=True)`.",
    ),
    code="""
from course_utils.evaluation.report import wilson_interval


def shortcuts(answer, pairs):
    shares = {}
    for knob, (without, with_it) in pairs.items():
        changed = answer(without) != answer(with_it)
        low, high = wilson_interval(int(changed.sum()), len(changed))
        if low > 0.1:
            shares[knob] = changed.mean()
    return sorted(shares, key=shares.get, reverse=True)
""",
    reason=(
        "Each knob is an experiment of its own, and the interval keeps chance from accusing. What "
        "the list does not name is not acquitted: with more faces it might be found."
    ),
    cases=_cases_of_parameters,
    conditions=(
        same_values(
            "Print for each knob how many answers change, and the lower end of the interval.",
            {
                "A knob is accused by the share alone. With few faces that can be chance: look at "
                "the lower end of the interval.": _without_interval,
                "Faces that turn to yes and faces that turn to no cancel out. Count each answer "
                "that changes.": _net_effects,
                "The right knobs, in the wrong order: the one that changes most comes first.": (
                    _unsorted
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(_without_interval, "accused by the share alone"),
        WrongAnswer(_net_effects, "cancel out"),
        WrongAnswer(_unsorted, "in the wrong order"),
        WrongAnswer(lambda answer, pairs: list(pairs), "Print for each knob how many"),
    ),
)


quiz = Quiz(
    LESSON,
    (
        Question(
            "A heat map of a happy face is brightest at the mouth. What does that show?",
            (
                Option(
                    "That the network reads smiles as people do.",
                    "It fits what we expect, and that is the danger: an edge filter lights up "
                    "there as well.",
                ),
                Option(
                    "Nothing yet: it has to beat edges and an untrained network first.",
                    "A map that looks the same without a trained network shows the picture.",
                    is_right=True,
                ),
                Option(
                    "That the person is happy.",
                    "The map is about the network's answer, and the answer about an expression.",
                ),
                Option(
                    "That the label is right.",
                    "The map explains the score of any class that you ask for, right or wrong.",
                ),
            ),
        ),
        Question(
            "All layers get new random weights, and the map stays nearly the same. So",
            (
                Option(
                    "the method is stable, which is good.",
                    "Stable against forgetting everything: then it never showed what was learned.",
                ),
                Option(
                    "the method shows the picture rather than the network.",
                    "What does not change with the network cannot come from it.",
                    is_right=True,
                ),
                Option(
                    "the network had learned nothing.",
                    "That would show in its accuracy. Here the method is under test.",
                ),
            ),
        ),
        Question(
            "The values of an integrated-gradients map add up to",
            (
                Option("1.", "Probabilities do. A map can add up to anything."),
                Option(
                    "the score of the class.",
                    "Nearly: what the baseline scores has to be taken away.",
                ),
                Option(
                    "the score of the picture less that of the baseline.",
                    "Nothing is lost and nothing invented, but for the error of the steps.",
                    is_right=True,
                ),
                Option(
                    "the number of pixels that matter.",
                    "A value says how much a pixel adds. It does not count.",
                ),
            ),
        ),
        Question(
            "Why are the methods tested on drawn faces, and not on photographs?",
            (
                Option(
                    "Networks read drawn faces better.",
                    "They do, but that is not the reason.",
                ),
                Option(
                    "There one muscle can be taken back, with all else the same.",
                    "So it is known where the answer's reason lies, and how much hangs on it.",
                    is_right=True,
                ),
                Option(
                    "Photographs are too large.",
                    "They are 48 × 48 too. What is missing is the truth to compare with.",
                ),
            ),
        ),
        Question(
            "Accuracy is high on new images from the same source. Can there be a shortcut?",
            (
                Option(
                    "No: the images are new.",
                    "New images of the same source have the same glasses on the same faces.",
                ),
                Option(
                    "Yes: only images from elsewhere, or an experiment, would show it.",
                    "The biased network found 9 of 10 happy faces, until the glasses came off.",
                    is_right=True,
                ),
                Option(
                    "Only where the network over-fits.",
                    "A shortcut holds on validation images as well. It is no over-fitting.",
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON,
    (method_that, grad_cam_of, integrate, occlude, effect_of_glasses, shortcuts),
    quiz,
)
progress = lesson.progress
