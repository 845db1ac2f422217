"""Right answers to the exercises of lesson 07, what the network sees."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from course_utils import drawn_faces, evaluation
from course_utils.exercises.lesson_07 import shortcuts as _shortcuts

Score = Callable[[np.ndarray], float]
Answer = Callable[..., np.ndarray]


def _grad_cam_in_a_loop(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    total = np.zeros(maps.shape[:2])
    for channel in range(maps.shape[-1]):
        total += gradients[:, :, channel].mean() * maps[:, :, channel]
    total[total < 0] = 0
    return total


grad_cam_of = (
    _grad_cam_in_a_loop,
    lambda maps, gradients: np.clip(maps @ gradients.mean((0, 1)), 0, None).astype(np.float32),
    lambda maps, gradients: (
        np.einsum("rck,k->rc", maps, np.mean(gradients, axis=(0, 1))).clip(min=0).tolist()
    ),
)


def _integrate_in_a_loop(
    gradient: Callable[[np.ndarray], np.ndarray],
    picture: np.ndarray,
    baseline: np.ndarray,
    steps: int,
) -> np.ndarray:
    total = np.zeros(picture.shape)
    for k in range(1, steps + 1):
        total += gradient(baseline + (k - 1 / 2) / steps * (picture - baseline)) / steps
    return total * (picture - baseline)


integrate = (
    _integrate_in_a_loop,
    lambda gradient, picture, baseline, steps: sum(
        (picture - baseline) / steps * gradient((1 - share) * baseline + share * picture)
        for share in np.linspace(0.5 / steps, 1 - 0.5 / steps, steps)
    ),
)


def _occlude_by_masks(score: Score, picture: np.ndarray, size: int) -> list[list[float]]:
    rows, columns = (np.arange(length) // size for length in picture.shape)
    grey, whole = np.mean(picture), score(picture)
    return [
        [
            whole
            - score(np.where((rows == row)[:, np.newaxis] & (columns == column), grey, picture))
            for column in range(picture.shape[1] // size)
        ]
        for row in range(picture.shape[0] // size)
    ]


def _occlude_and_put_back(score: Score, picture: np.ndarray, size: int) -> np.ndarray:
    covered, before = picture.copy(), score(picture)
    drops = np.empty((len(picture) // size, len(picture[0]) // size), np.float32)
    for (row, column), _ in np.ndenumerate(drops):
        square = np.s_[row * size : row * size + size, column * size : column * size + size]
        covered[square] = picture.mean()
        drops[row, column] = before - score(covered)
        covered[square] = picture[square]
    return drops


occlude = (_occlude_by_masks, _occlude_and_put_back)

evidence = (
    {"claim": "A", "forgotten": "B", "winner": "C", "saliency": "B"},
    {"saliency": "b", "winner": " c", "forgotten": "b", "claim": "a ", "remark": "so far"},
)


def _effect_face_by_face(answer: Answer, table: pd.DataFrame) -> float:
    worn, bare = (answer(drawn_faces.redraw(table, glasses=glasses)) for glasses in (1, 0))
    return float(np.mean(worn.astype(int) - bare.astype(int)))


def _effect_of_a_column(answer: Answer, table: pd.DataFrame) -> float:
    shares = [
        pd.Series(answer(drawn_faces.redraw(table.assign(glasses=glasses)))).mean()
        for glasses in (0.0, 1.0)
    ]
    return shares[1] - shares[0]


effect_of_glasses = (_effect_face_by_face, _effect_of_a_column)


def _shortcuts_in_a_table(answer: Answer, pairs: Mapping[str, Any]) -> list[str]:
    rows = {}
    for name, (without, with_it) in pairs.items():
        changed = np.logical_xor(answer(without), answer(with_it))
        rows[name] = evaluation.estimate_share(int(changed.sum()), changed.size)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["share", "low", "high"])
    return list(table[table["low"] > 0.1].sort_values("share", ascending=False).index)


shortcuts = (
    _shortcuts_in_a_table,
    lambda answer, pairs: tuple(_shortcuts.reference(answer, dict(reversed(pairs.items())))),
    lambda answer, pairs: [np.str_(name) for name in _shortcuts_in_a_table(answer, pairs)],
)
