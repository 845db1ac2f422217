"""Wrong answers to the exercises of lesson 07, what the network sees."""

from collections.abc import Callable

import numpy as np

from course_utils.exercises import lesson_07
from course_utils.exercises.lesson_07 import (
    _as_they_are,
    _by_count,
    _effect,
    _hidden,
    _middles,
    _net_effects,
    _path,
    _rest_cut_off,
    _share_of_yes,
    _unsorted,
    _wearers_and_others,
    _without_interval,
)
from tests.exercises.wrong_answers import WrongAnswer


def _grad_cam(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    return np.maximum(maps @ gradients.mean(axis=(0, 1)), 0)


def _grad_cam_in_place(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    maps *= gradients.mean(axis=(0, 1))
    return np.asarray(np.maximum(maps.sum(axis=2), 0))


grad_cam_of = (
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
    WrongAnswer(_grad_cam_in_place, "writes into"),
)

integrate = (
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
        "yours is `0.153582`",
    ),
    WrongAnswer(
        lambda gradient, picture, baseline, steps: (
            (picture - baseline)
            * _path(gradient, picture, baseline, np.arange(1, steps + 1) / steps)
        ),
        "yours run from -0.447",
    ),
)


def _rest_is_a_square(
    score: Callable[[np.ndarray], float], picture: np.ndarray, size: int
) -> np.ndarray:
    drops = np.zeros([-(-length // size) for length in picture.shape])
    for row, column in np.ndindex(drops.shape):
        covered = picture.copy()
        covered[size * row : size * (row + 1), size * column : size * (column + 1)] = picture.mean()
        drops[row, column] = score(picture) - score(covered)
    return drops


def _hidden_in_place(
    score: Callable[[np.ndarray], float], picture: np.ndarray, size: int
) -> np.ndarray:
    drops = _hidden(score, picture, size)
    picture[-size:, -size:] = picture.mean()
    return drops


occlude = (
    WrongAnswer(
        lambda score, picture, size: np.kron(_hidden(score, picture, size), np.ones((size, size))),
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
    WrongAnswer(_rest_is_a_square, "yours is (4, 3)"),
    WrongAnswer(_rest_cut_off, "a smaller picture is scored"),
    WrongAnswer(_hidden_in_place, "writes into"),
)

_LETTERS = lesson_07.evidence.reference

evidence = (
    *(
        WrongAnswer({**_LETTERS, key: letter}, message)
        for key, letter, message in (
            ("saliency", "A", "Go on in the row"),
            ("saliency", "C", "New random weights know nothing"),
            ("winner", "A", "Four faces more"),
            ("winner", "B", "does not show that two shares are equal"),
            ("forgotten", "A", "the most reliable explanation of all"),
            ("forgotten", "C", "two orders have nothing in common"),
            ("claim", "B", "Was another network measured"),
            ("claim", "C", "two possible reasons"),
            ("claim", "D", "for `claim`"),
        )
    ),
    WrongAnswer({"saliency": "B"}, "for `winner`"),
)

effect_of_glasses = (
    WrongAnswer(
        lambda answer, table: np.array([_effect(answer, table)] * 2)[:1], "One number is wanted"
    ),
    WrongAnswer(_wearers_and_others, "Draw the same faces twice"),
    WrongAnswer(lambda answer, table: -_effect(answer, table), "sign is turned"),
    WrongAnswer(lambda answer, table: _share_of_yes(answer, table, 1), "the share with glasses on"),
    WrongAnswer(
        lambda answer, table: _share_of_yes(answer, table, 1) - _as_they_are(answer, table),
        "some of them wear glasses",
    ),
    WrongAnswer(lambda answer, table: abs(_effect(answer, table)), "yours is `0.375`"),
    WrongAnswer(lambda answer, table: 100 * _effect(answer, table), "yours is `37.5`"),
)


shortcuts = (
    WrongAnswer(_without_interval, "accused by the share alone"),
    WrongAnswer(_net_effects, "cancel out"),
    WrongAnswer(_unsorted, "in the wrong order"),
    WrongAnswer(_by_count, "in the order of how many"),
    WrongAnswer(lambda answer, pairs: list(pairs), "Print for each parameter how many"),
)
