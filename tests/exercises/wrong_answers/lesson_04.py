"""Wrong answers to the exercises of lesson 04, training."""

from typing import Any

import numpy as np
import pandas as pd

from course_utils.exercises.lesson_04 import (
    _by_seed,
    _gain,
    _gain_as_listed,
    _gain_unpaired,
    _of_right_class,
    _stop,
)
from tests.exercises.wrong_answers import WrongAnswer

my_loss = (
    WrongAnswer(-1.3862944, "sign is turned round"),
    WrongAnswer(2.0, "base 2"),
    WrongAnswer(0.60206, "base 10"),
    WrongAnswer(1 - 0.25, "missing to 1"),
    WrongAnswer(1.39, "is rounded"),
    WrongAnswer(1.95, "See the section"),
)


def _clipping_input(probabilities: np.ndarray, labels: np.ndarray) -> float:
    right = float(-np.log(_of_right_class(probabilities.copy(), labels)).mean())
    probabilities[:] = np.clip(probabilities, 0.01, 0.99)
    return right


@np.errstate(divide="ignore")
def _careless_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log([row[label] for row, label in zip(probabilities, labels)]).mean())


mean_loss = (
    WrongAnswer(
        lambda p, labels: np.array([-np.log(_of_right_class(p, labels)).mean()]),
        "one number for the whole batch",
    ),
    WrongAnswer(
        lambda p, labels: sum((-np.log(_of_right_class(p, labels))).tolist()),
        "sum over the batch",
    ),
    WrongAnswer(
        lambda p, labels: float(np.mean([-np.log(max(row)) for row in p])),
        "largest probability",
    ),
    WrongAnswer(
        lambda p, labels: -np.log(np.mean([row[label] for row, label in zip(p, labels)])),
        "logarithm of a mean",
    ),
    WrongAnswer(lambda p, labels: float(np.mean(-np.log(p))), "All seven classes"),
    WrongAnswer(
        lambda p, labels: 1 - _of_right_class(p, labels).mean(), "Do the batch of one face"
    ),
    WrongAnswer(_careless_loss, "keep the logarithm off it"),
    WrongAnswer(_clipping_input, "writes into"),
)

learning_rate_at = (
    WrongAnswer(
        lambda step, steps, peak: peak * (1 + np.cos(np.pi * step / steps)) / 2,
        "without a warm-up",
    ),
    WrongAnswer(
        lambda step, steps, peak: (
            peak * (0.1 + 9 * step / steps)
            if step < steps / 10
            else peak * (1 - step / steps) / 0.9
        ),
        "is a straight line",
    ),
    WrongAnswer(
        lambda step, steps, peak: (
            peak * (0.1 + 9 * step / steps)
            if step < steps / 10
            else peak * (1 + np.cos(2 * np.pi * (step / steps - 0.1) / 0.9)) / 2
        ),
        "a whole cosine",
    ),
    WrongAnswer(
        lambda step, steps, peak: (
            peak * 10 * step / steps
            if step < steps / 10
            else peak * (1 + np.cos(np.pi * (step / steps - 0.1) / 0.9)) / 2
        ),
        "starts at 0",
    ),
    WrongAnswer(lambda step, steps, peak: peak, "at the first step, at the peak"),
)


def _filling_gaps(history: pd.DataFrame) -> int:
    history["val_accuracy"] = history["val_accuracy"].fillna(0)
    history["best"] = history["val_accuracy"].cummax()
    return int(history["val_accuracy"].idxmax())


best_epoch = (
    WrongAnswer(
        lambda history: int(np.nanargmax(history["val_accuracy"].to_numpy())), "counted from 0"
    ),
    WrongAnswer(
        lambda history: int(np.argmax(history["accuracy"].to_numpy())) + 1, "Training accuracy"
    ),
    WrongAnswer(
        lambda history: int(np.argmin(history["val_loss"].to_numpy())) + 1, "lowest validation"
    ),
    WrongAnswer(lambda history: max(history["val_accuracy"]), "Asked for is its epoch"),
    WrongAnswer(lambda history: history["val_accuracy"].last_valid_index(), "row by row"),
    WrongAnswer(
        lambda history: int(np.argmax(history["val_accuracy"].to_numpy())) + 1, "takes NaN for"
    ),
    WrongAnswer(_filling_gaps, "writes into"),
)


def _zero_at_the_end(losses: list[float], patience: int) -> int:
    stop = _stop(losses, patience)
    best = int(np.argmin(losses[:stop])) + 1
    return stop if stop - best >= patience else 0


def _losing_losses(losses: list[float], patience: int) -> int:
    stop = _stop(losses, patience)
    losses.clear()
    return stop


stops_after = (
    WrongAnswer(lambda losses, patience: _stop(losses, patience + 1), "one epoch too late"),
    WrongAnswer(
        lambda losses, patience: _stop(losses, patience, compare_with_last=True),
        "with the one before it",
    ),
    WrongAnswer(
        lambda losses, patience: min(losses.index(min(losses)) + 1 + patience, len(losses)),
        "write down the lowest loss so far",
    ),
    WrongAnswer(
        lambda losses, patience: int(np.argmin(losses[: _stop(losses, patience)])) + 1,
        "where the run stops",
    ),
    WrongAnswer(lambda losses, patience: _stop(losses, patience) - 1, "counts epochs from 0"),
    WrongAnswer(_zero_at_the_end, "the run is never stopped"),
    WrongAnswer(_losing_losses, "writes into"),
)


def _gain_of_sorted(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before, after = _by_seed(runs, old).to_numpy(), _by_seed(runs, new).to_numpy()
    size = max(len(before), len(after))
    gains = np.pad(after, (0, size - len(after))) - np.pad(before, (0, size - len(before)))
    gain, spread = float(gains.mean()), float(gains.std(ddof=1))
    return {"gain": gain, "spread": spread, "convincing": gain > spread}


def _gain_in_per_cent(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    result = _gain(runs, old, new)
    runs["accuracy"] *= 100
    return result


compare_recipes = (
    WrongAnswer(lambda runs, old, new: _gain(runs, old, new, ddof=0), "say `ddof=1`"),
    WrongAnswer(lambda runs, old, new: _gain(runs, new, old), "turned round"),
    WrongAnswer(_gain_unpaired, "that of the new recipe"),
    WrongAnswer(_gain_as_listed, "as they stand in the table"),
    WrongAnswer(lambda runs, old, new: {**_gain(runs, old, new), "convincing": True}, "on paper"),
    WrongAnswer(_gain_of_sorted, "Leave it out"),
    WrongAnswer(_gain_in_per_cent, "writes into"),
)
