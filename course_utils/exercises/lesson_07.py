"""Exercises and quiz of lesson 07, what the network sees."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from course_utils import drawn_faces, evaluation
from course_utils.exercises.answer_types import DICTIONARY, function
from course_utils.exercises.conditions import (
    Arguments,
    holds,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

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
    LESSON,
    "method_that",
    DICTIONARY,
    holds("right", lambda answer: answer == WHAT_THEY_DO, _wrong_entries),
)


def _cases_of_maps() -> Sequence[Arguments]:
    rng = np.random.default_rng(8)
    shapes = ((6, 6, 5), (3, 4, 8))
    return [(rng.random(shape), rng.normal(size=shape)) for shape in shapes]


grad_cam_of: Exercise = Exercise(
    LESSON,
    "grad_cam_of",
    function("maps", "gradients"),
    same_shape(),
    same_values(
        negative_left=lambda maps, gradients: maps @ gradients.mean(axis=(0, 1)),
        weight_for_each_value=lambda maps, gradients: np.maximum((maps * gradients).sum(axis=2), 0),
        sums_of_gradients=lambda maps, gradients: np.maximum(maps @ gradients.sum(axis=(0, 1)), 0),
        mean_over_channels=lambda maps, gradients: (
            grad_cam_of.reference(maps, gradients) / maps.shape[2]
        ),
    ),
    cases=_cases_of_maps,
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
    LESSON,
    "integrate",
    function("gradient", "picture", "baseline", "steps"),
    same_values(
        end_only=lambda gradient, picture, baseline, steps: (
            (picture - baseline) * gradient(picture)
        ),
        not_multiplied=lambda gradient, picture, baseline, steps: _path(
            gradient, picture, baseline, _middles(steps)
        ),
        sum=lambda gradient, picture, baseline, steps: (
            (picture - baseline) * steps * _path(gradient, picture, baseline, _middles(steps))
        ),
        beginning_of_step=lambda gradient, picture, baseline, steps: (
            (picture - baseline) * _path(gradient, picture, baseline, np.arange(steps) / steps)
        ),
        black_baseline=lambda gradient, picture, baseline, steps: (
            picture * _path(gradient, picture, baseline, _middles(steps))
        ),
    ),
    cases=_cases_of_gradients,
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


occlude = Exercise(
    LESSON,
    "occlude",
    function("score", "picture", "size"),
    same_shape(),
    same_values(
        sign=lambda score, picture, size: -_hidden(score, picture, size),
        black=lambda score, picture, size: _hidden(score, picture, size, 0),
        stays_hidden=lambda score, picture, size: _hidden(score, picture, size, stays=True),
        scores=lambda score, picture, size: score(picture) - _hidden(score, picture, size),
    ),
    cases=_cases_of_pictures,
)


def _dark_eyes(images: np.ndarray) -> np.ndarray:
    """Answer yes where the rows of the eyes are darker than those of the mouth."""
    return np.asarray(images[:, 14:26].mean(axis=(1, 2)) < images[:, 26:38].mean(axis=(1, 2)))


def _dark_in_all(images: np.ndarray) -> np.ndarray:
    return np.asarray(images.mean(axis=(1, 2)) < 105)


@lru_cache(maxsize=1)
def _table() -> pd.DataFrame:
    return drawn_faces.make_dataset(24, seed=12, glasses_for="happy").table


def _cases_of_glasses() -> Sequence[Arguments]:
    return [(_dark_eyes, _table()[:16]), (_dark_in_all, _table()[16:].reset_index(drop=True))]


def _share_of_yes(answer: Callable[..., np.ndarray], table: pd.DataFrame, glasses: float) -> float:
    return float(answer(drawn_faces.redraw(table, glasses=glasses)).mean())


def _effect(answer: Callable[..., np.ndarray], table: pd.DataFrame) -> float:
    return _share_of_yes(answer, table, 1) - _share_of_yes(answer, table, 0)


def _as_they_are(answer: Callable[..., np.ndarray], table: pd.DataFrame) -> float:
    return float(answer(drawn_faces.redraw(table)).mean())


def _wearers_and_others(answer: Callable[..., np.ndarray], table: pd.DataFrame) -> float:
    """Compare the people who wear glasses with those who do not, as they are."""
    answers, worn = answer(drawn_faces.redraw(table)), table["glasses"].to_numpy() == 1
    return float(answers[worn].mean() - answers[~worn].mean())


effect_of_glasses = Exercise(
    LESSON,
    "effect_of_glasses",
    function("answer", "table"),
    same_shape(),
    same_values(
        other_faces=_wearers_and_others,
        sign=lambda answer, table: -_effect(answer, table),
        share_with=lambda answer, table: _share_of_yes(answer, table, 1),
        as_they_are=lambda answer, table: (
            _share_of_yes(answer, table, 1) - _as_they_are(answer, table)
        ),
    ),
    cases=_cases_of_glasses,
    seconds=60,
)


MOST_CHANGED = 0.1


def _odd(images: np.ndarray) -> np.ndarray:
    """Answer by the last bit of the sum of all pixels: any change turns half of the answers."""
    return np.asarray(images.sum(axis=(1, 2)) % 2 == 1)


@lru_cache(maxsize=1)
def _cases_of_parameters() -> Sequence[Arguments]:
    # With this seed no two parameters change equally many answers, so that their order is one.
    table = drawn_faces.make_dataset(60, seed=13, glasses_for="happy").table
    parameters = ("hand", "beard", "glasses")
    pairs = {
        parameter: (
            drawn_faces.redraw(table, **{parameter: 0}),
            drawn_faces.redraw(table, **{parameter: 1}),
        )
        for parameter in parameters
    }
    return [(_dark_eyes, pairs), (_odd, pairs)]


def _shares_changed(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> dict[str, float]:
    return {
        parameter: float((answer(without) != answer(with_it)).mean())
        for parameter, (without, with_it) in pairs.items()
    }


def _ordered(found: dict[str, float], measure: dict[str, float]) -> list[str]:
    """Return the parameters whose measure exceeds a tenth, the largest share first."""
    kept = [parameter for parameter in found if measure[parameter] > MOST_CHANGED]
    return sorted(kept, key=lambda parameter: -found[parameter])


def _low_ends(shares: dict[str, float], pairs: dict[str, Any]) -> dict[str, float]:
    faces = {parameter: len(without) for parameter, (without, _) in pairs.items()}
    return {
        parameter: evaluation.wilson_interval(round(share * faces[parameter]), faces[parameter])[0]
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
    LESSON,
    "shortcuts",
    function("answer", "pairs"),
    same_values(share_alone=_without_interval, net_effect=_net_effects, unsorted=_unsorted),
    cases=_cases_of_parameters,
)


lesson = Lesson(
    LESSON, (method_that, grad_cam_of, integrate, occlude, effect_of_glasses, shortcuts)
)
quiz, progress = lesson.quiz, lesson.progress
