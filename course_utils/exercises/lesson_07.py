"""Exercises and quiz of lesson 07, what the network sees."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from course_utils import drawn_faces, evaluation
from course_utils.exercises.answer_types import function
from course_utils.exercises.conditions import Arguments, same_shape, same_values
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.kinds import read
from course_utils.exercises.lesson import Lesson

LESSON = 7


def _cases_of_maps() -> Sequence[Arguments]:
    rng = np.random.default_rng(8)
    shapes = ((6, 6, 5), (3, 4, 8), (1, 3, 1))
    cases = [(rng.random(shape), rng.normal(size=shape)) for shape in shapes]
    against = (rng.random((4, 4, 3)), -rng.random((4, 4, 3)))  # all of it speaks against the class
    return [*cases, against, (rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 4)))]


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
        (_cube, rng.random((1, 5)), rng.normal(size=(1, 5)), 1),
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
        (_spread_of, rng.normal(size=(13, 10)), 4),  # one row and two columns are left over
        (_spread_of, rng.random((1, 2)), 1),
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


def _rest_cut_off(
    score: Callable[[np.ndarray], float], picture: np.ndarray, size: int
) -> np.ndarray:
    rows, columns = (length // size * size for length in picture.shape)
    return _hidden(score, picture[:rows, :columns], size)


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
        rest_cut_off=_rest_cut_off,
    ),
    cases=_cases_of_pictures,
)


evidence = read(LESSON, "evidence", saliency="ABC", winner="ABC", forgotten="ABC", claim="ABC")


def _dark_eyes(images: np.ndarray) -> np.ndarray:
    """Answer yes where the rows of the eyes are darker than those of the mouth."""
    return np.asarray(images[:, 14:26].mean(axis=(1, 2)) < images[:, 26:38].mean(axis=(1, 2)))


def _dark_in_all(images: np.ndarray) -> np.ndarray:
    return np.asarray(images.mean(axis=(1, 2)) < 105)


def _bright_eyes(images: np.ndarray) -> np.ndarray:
    return ~_dark_eyes(images)


@lru_cache(maxsize=1)
def _table() -> pd.DataFrame:
    return drawn_faces.make_dataset(24, seed=12, glasses_for="happy").table


def _cases_of_glasses() -> Sequence[Arguments]:
    return [
        (_dark_eyes, _table()[:16]),
        (_dark_in_all, _table()[16:].reset_index(drop=True)),
        (_bright_eyes, _table()[:16]),  # here glasses turn yes to no
    ]


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


def _bright_corner(images: np.ndarray) -> np.ndarray:
    return np.asarray(images[:, 0, 0] > 100)


def _corners(faces: int, to_yes: int, to_no: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images without and with what turns some of the answers of `_bright_corner`."""
    without = np.full((faces, 48, 48), 90, np.uint8)
    without[faces - to_no :] = 110
    with_it = without.copy()
    with_it[:to_yes] = 110
    with_it[faces - to_no :] = 90
    return without, with_it


@lru_cache(maxsize=1)
def _cases_of_parameters() -> Sequence[Arguments]:
    # With this seed no two parameters change equally many answers, so that their order is one.
    table = drawn_faces.make_dataset(60, seed=13, glasses_for="happy").table
    pairs = {
        parameter: (
            drawn_faces.redraw(table, **{parameter: 0}),
            drawn_faces.redraw(table, **{parameter: 1}),
        )
        for parameter in ("hand", "beard", "glasses")
    }
    unequal = {
        "beard": _corners(100, to_yes=0, to_no=30),
        "hand": _corners(10, to_yes=3, to_no=5),
        "hat": _corners(1, to_yes=1, to_no=0),
        "lamp": _corners(20, to_yes=4, to_no=0),  # a fifth, and it may be chance
    }
    return [
        (_dark_eyes, pairs),
        (_odd, pairs),
        (_bright_corner, unequal),
        (_bright_corner, {"lamp": unequal["lamp"]}),
    ]


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


def _by_count(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> list[str]:
    shares = _shares_changed(answer, pairs)
    counts = {parameter: shares[parameter] * len(pairs[parameter][0]) for parameter in pairs}
    return _ordered(counts, _low_ends(shares, pairs))


def _unsorted(answer: Callable[..., np.ndarray], pairs: dict[str, Any]) -> list[str]:
    return [parameter for parameter in pairs if parameter in _shortcuts(answer, pairs)]


shortcuts = Exercise(
    LESSON,
    "shortcuts",
    function("answer", "pairs"),
    same_values(
        share_alone=_without_interval,
        net_effect=_net_effects,
        by_count=_by_count,
        unsorted=_unsorted,
    ),
    cases=_cases_of_parameters,
)


lesson = Lesson(LESSON, (grad_cam_of, integrate, occlude, evidence, effect_of_glasses, shortcuts))
quiz, progress = lesson.quiz, lesson.progress
