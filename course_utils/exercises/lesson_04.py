"""Exercises and quiz of lesson 04, training."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from course_utils.exercises.answer_types import NUMBER, function
from course_utils.exercises.conditions import (
    Arguments,
    same_shape,
    same_values,
    same_values_for,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

LESSON = 4

my_loss = Exercise(
    LESSON,
    "my_loss",
    NUMBER,
    same_values(
        sign=math.log(0.25), base_2=2, base_10=-math.log10(0.25), missing_to_one=0.75, rounded=1.39
    ),
)


def _cases_of_predictions() -> Sequence[Arguments]:
    rng = np.random.default_rng(7)
    return [(rng.dirichlet(np.ones(7), size), rng.integers(0, 7, size)) for size in (1, 5, 20)]


def _cases_of_certainty() -> Sequence[Arguments]:
    return [(np.eye(7)[[6]], np.array([5]))]


def _of_right_class(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    picked = np.take_along_axis(probabilities, labels[:, np.newaxis], 1)[:, 0]
    return np.asarray(np.clip(picked, 1e-7, 1))


mean_loss = Exercise(
    LESSON,
    "mean_loss",
    function("probabilities", "labels"),
    same_shape(),
    same_values(
        sum=lambda p, labels: -np.log(_of_right_class(p, labels)).sum(),
        largest_probability=lambda p, labels: -np.log(p.max(axis=1)).mean(),
        logarithm_of_mean=lambda p, labels: -np.log(_of_right_class(p, labels).mean()),
        all_classes=lambda p, labels: -np.log(p).mean(),
    ),
    same_values_for("never infinite", _cases_of_certainty),
    cases=_cases_of_predictions,
)


def _cases_of_steps() -> Sequence[Arguments]:
    return [(step, 200, 1e-3) for step in (0, 7, 20, 60, 110, 199)] + [(5, 50, 0.02)]


def _cosine(step: int, steps: int, peak: float, warmup: int, share: float = 0.5) -> float:
    done = (step - warmup) / (steps - warmup)
    return peak * (1 + math.cos(2 * share * math.pi * done)) / 2


def _rise(step: int, steps: int, peak: float, start: float) -> float:
    return start + (peak - start) * step / (steps // 10)


def _rate(step: int, steps: int, peak: float, share: float = 0.5, start: float = 0.1) -> float:
    if step < steps // 10:
        return _rise(step, steps, peak, start * peak)
    return _cosine(step, steps, peak, steps // 10, share)


def _straight(step: int, steps: int, peak: float) -> float:
    warmup = steps // 10
    if step < warmup:
        return _rise(step, steps, peak, peak / 10)
    return peak * (steps - step) / (steps - warmup)


learning_rate_at = Exercise(
    LESSON,
    "learning_rate_at",
    function("step", "steps", "peak"),
    same_values(
        no_warmup=lambda step, steps, peak: _cosine(step, steps, peak, 0),
        straight_line=_straight,
        whole_cosine=lambda step, steps, peak: _rate(step, steps, peak, share=1.0),
        starts_at_zero=lambda step, steps, peak: _rate(step, steps, peak, start=0.0),
    ),
    cases=_cases_of_steps,
)


def _history(**columns: list[float]) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
    return table


def _cases_of_histories() -> Sequence[Arguments]:
    learned = _history(
        accuracy=[0.3, 0.5, 0.7, 0.8, 0.9],
        val_loss=[1.8, 1.4, 1.45, 1.5, 1.9],
        val_accuracy=[0.3, 0.45, 0.48, 0.55, 0.5],
    )
    return [(learned,), (learned.iloc[::-1].set_axis(learned.index),)]


def _cases_with_gaps() -> Sequence[Arguments]:
    gaps = [math.nan, 0.4, math.nan, 0.6, math.nan]
    return [(_history(accuracy=[0.2, 0.3, 0.4, 0.5, 0.6], val_accuracy=gaps),)]


best_epoch = Exercise(
    LESSON,
    "best_epoch",
    function("history"),
    same_values(
        position=lambda history: history["val_accuracy"].argmax(),
        training_accuracy=lambda history: history["accuracy"].idxmax(),
        lowest_loss=lambda history: history["val_loss"].idxmin(),
        accuracy_itself=lambda history: history["val_accuracy"].max(),
    ),
    same_values_for("gaps", _cases_with_gaps),
    cases=_cases_of_histories,
)


def _cases_of_patience() -> Sequence[Arguments]:
    return [
        ([1.9, 1.5, 1.2, 1.3, 1.25, 1.4, 1.1, 1.6], 3),
        ([1.0, 1.2, 1.1, 1.05], 2),
        ([1.0, 1.1, 1.2, 1.3, 1.4], 2),
        ([1.5, 1.6, 1.4, 1.5, 1.3, 1.35, 1.36], 2),
    ]


def _cases_without_a_stop() -> Sequence[Arguments]:
    return [([1.9, 1.7, 1.5, 1.4], 2)]


def _stop(losses: list[float], patience: int, **rule: Any) -> int:
    """Return where a run stops; `rule` plants a mistake."""
    best, waited = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            waited = 0
        else:
            waited += 1
        best = loss if rule.get("compare_with_last") else min(best, loss)
        if waited >= patience + rule.get("more", 0):
            return epoch
    return len(losses)


def _total_waiting(losses: list[float], patience: int) -> int:
    best, waited = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        waited += loss >= best
        best = min(best, loss)
        if waited == patience:
            return epoch
    return len(losses)


stops_after = Exercise(
    LESSON,
    "stops_after",
    function("losses", "patience"),
    same_values(
        one_too_late=lambda losses, patience: _stop(losses, patience, more=1),
        compared_with_last=lambda losses, patience: _stop(losses, patience, compare_with_last=True),
        not_in_a_row=_total_waiting,
        lowest_epoch=lambda losses, patience: np.argmin(losses[: _stop(losses, patience)]) + 1,
        counted_from_zero=lambda losses, patience: _stop(losses, patience) - 1,
    ),
    same_values_for("never stops", _cases_without_a_stop),
    cases=_cases_of_patience,
)


def _runs(old: dict[int, float], new: dict[int, float], seed: int) -> pd.DataFrame:
    rows = [("none", *run) for run in old.items()] + [("dropout", *run) for run in new.items()]
    table = pd.DataFrame(rows, columns=["recipe", "seed", "accuracy"])
    order = np.random.default_rng(seed).permutation(len(table))
    return table.iloc[order].reset_index(drop=True)


def _cases_of_runs() -> Sequence[Arguments]:
    clear = _runs({0: 0.40, 1: 0.52, 2: 0.46}, {0: 0.43, 1: 0.54, 2: 0.50}, seed=1)
    unclear = _runs(
        {0: 0.45, 1: 0.41, 2: 0.48, 3: 0.44}, {0: 0.44, 1: 0.47, 2: 0.46, 3: 0.43}, seed=2
    )
    return [(clear, "none", "dropout"), (unclear, "none", "dropout")]


def _cases_with_a_seed_missing() -> Sequence[Arguments]:
    uneven = _runs({0: 0.40, 1: 0.52, 2: 0.46, 3: 0.20}, {0: 0.43, 1: 0.54, 2: 0.50}, seed=3)
    return [(uneven, "none", "dropout")]


def _by_seed(runs: pd.DataFrame, recipe: str) -> pd.Series:
    return runs[runs["recipe"] == recipe].set_index("seed")["accuracy"].sort_index()


def _outcome(gain: float, spread: float) -> dict[str, Any]:
    return {"gain": gain, "spread": spread, "convincing": gain > spread}


def _gain(runs: pd.DataFrame, old: str, new: str, ddof: int = 1) -> dict[str, Any]:
    gains = (_by_seed(runs, new) - _by_seed(runs, old)).dropna()
    return _outcome(float(gains.mean()), float(gains.std(ddof=ddof)))


def _gain_unpaired(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before, after = _by_seed(runs, old), _by_seed(runs, new)
    return _outcome(float(after.mean() - before.mean()), float(after.std()))


def _gain_as_listed(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before = runs[runs["recipe"] == old]["accuracy"].to_numpy()
    after = runs[runs["recipe"] == new]["accuracy"].to_numpy()
    gains = after[: len(before)] - before[: len(after)]
    return _outcome(float(gains.mean()), float(gains.std(ddof=1)))


compare_recipes = Exercise(
    LESSON,
    "compare_recipes",
    function("runs", "old", "new"),
    same_values(
        population_spread=lambda runs, old, new: _gain(runs, old, new, ddof=0),
        turned_round=lambda runs, old, new: _gain(runs, new, old),
        spread_of_new=_gain_unpaired,
        paired_as_listed=_gain_as_listed,
    ),
    same_values_for("shared seeds", _cases_with_a_seed_missing),
    cases=_cases_of_runs,
)


lesson = Lesson(
    LESSON, (my_loss, mean_loss, learning_rate_at, best_epoch, stops_after, compare_recipes)
)
quiz, progress = lesson.quiz, lesson.progress
