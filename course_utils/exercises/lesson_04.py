"""Exercises and quiz of lesson 04, training."""

import math
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from course_utils.emotions import EMOTIONS
from course_utils.exercises.answer_types import NUMBER, describe, function
from course_utils.exercises.conditions import (
    AnswerError,
    Arguments,
    Attempt,
    Condition,
    NothingReturnedError,
    same_shape,
    same_values,
    same_values_for,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.kinds import beats, read
from course_utils.exercises.lesson import Lesson

LESSON = 4
SECONDS_TO_TRAIN = 120  # four times what a task allows: other computers are slower

Faces = tuple[np.ndarray, np.ndarray]  # what a network reads, and labels

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
    nearly = np.array([[0, 1e-8, 0, 0, 0, 0.5, 0.5 - 1e-8]])
    return [(np.eye(7)[[6]], np.array([5])), (nearly, np.array([1]))]


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


@lru_cache(maxsize=1)
def _clear_faces() -> tuple[Faces, Faces]:
    """Return 400 faces that look straight ahead, class by class, and 200 others."""
    from course_utils.drawn_faces import make_dataset, redraw
    from course_utils.preprocessing import preprocess

    four = {"angry": 1, "happy": 1, "sad": 1, "surprise": 1}
    split = make_dataset(600, seed=4, proportions=four)
    straight = {"roll": 0, "yaw": 0, "pitch": 0, "shift_x": 0, "shift_y": 0, "zoom": 1, "hand": 0}
    images = preprocess(redraw(split.table, **straight))
    rows = [np.flatnonzero(split.labels == label) for label in np.unique(split.labels)]
    seen, hidden = (
        np.concatenate([row[part] for row in rows]) for part in (slice(100), slice(100, None))
    )
    return (images[seen], split.labels[seen]), (images[hidden], split.labels[hidden])


def _cases_of_runs_to_debug() -> Sequence[Arguments]:
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((48, 48, 1))])
    network.add(layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False))
    network.add(layers.Conv2D(16, 3, strides=2, activation="relu"))
    network.add(layers.MaxPooling2D())
    network.add(layers.Conv2D(32, 3, activation="relu"))
    network.add(layers.Flatten())
    network.add(layers.Dense(len(EMOTIONS)))
    return [(network, *_clear_faces()[0])]


def _guesses(model: Any, images: np.ndarray) -> np.ndarray:
    """Return the labels that a fitted model gives to images.

    Raises:
        NothingReturnedError, AnswerError: there is none, or it gives no seven numbers.
    """
    import keras

    if model is None:
        raise NothingReturnedError
    if not isinstance(model, keras.Model):
        raise AnswerError(f"Return the fitted Keras model. Yours returns {describe(model)}.")
    scores = np.asarray(model.predict(images, verbose=0))
    if scores.shape != (len(images), len(EMOTIONS)):
        raise AnswerError(
            f"For {len(images)} faces your model returns an array of shape {scores.shape}, and "
            f"should return one of ({len(images)}, {len(EMOTIONS)}). Look at its last layer."
        )
    return np.asarray(scores.argmax(axis=1))


def _learns_too_little(attempt: Attempt) -> str:
    (arguments,) = _cases_of_runs_to_debug()
    images, labels = _clear_faces()[1]
    right = _guesses(attempt.call(*arguments), images) == labels
    missed = [EMOTIONS[label] for label in np.unique(labels) if not right[labels == label].any()]
    told = f"It reads {right.mean():.0%} of hidden faces of four classes, where guessing reads 25%."
    if missed and right.mean() > 0.4:
        return (
            f"{told} But of the class {missed[-1]} it reads not one. Print the labels of the faces "
            "that `validation_split` sets aside: they are the last ones that `fit` is given."
        )
    return "" if right.mean() > 0.6 else f"{told} {attempt.text.advice['learns']}"


fit_network = Exercise(
    LESSON,
    "fit_network",
    function("network", "images", "labels"),
    Condition("learns", _learns_too_little, has_advice=True),
    cases=_cases_of_runs_to_debug,
    seconds=SECONDS_TO_TRAIN,
)

reading = read(LESSON, "reading", keep="ABCD", over_fits="ABCD", both_rise="ABC", differences="ABC")


def _cases_of_patience() -> Sequence[Arguments]:
    return [
        ([1.5, 1.2, 1.3, 1.25, 1.4, 1.1], 3),
        ([1.0, 1.2, 1.1, 1.05], 2),
        ([1.0, 1.1, 1.2, 1.3, 1.4], 2),
        ([1.5, 1.6, 1.4, 1.5, 1.45], 2),
        ([1.0, 0.8, 0.8, 0.8, 0.7, 0.6], 2),
        ([1.3, 1.2, 1.25], 1),
    ]


def _cases_without_a_stop() -> Sequence[Arguments]:
    return [([1.9, 1.7, 1.5, 1.4], 2), ([1.3], 1), ([1.3, 1.4], 5)]


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


def _runs(gains: Sequence[float], *unpaired: tuple[str, int, float]) -> pd.DataFrame:
    """Return runs of "none" and "dropout" that differ by these gains, in any order, and others."""
    rng = np.random.default_rng(len(gains))
    before = rng.uniform(0.4, 0.55, len(gains)).round(2)
    rows = [("none", seed, accuracy) for seed, accuracy in enumerate(before)]
    rows += [("dropout", seed, accuracy + gains[seed]) for _, seed, accuracy in rows]
    table = pd.DataFrame([*rows, *unpaired], columns=["recipe", "seed", "accuracy"])
    return table.sample(frac=1, random_state=1).reset_index(drop=True)


def _cases_of_runs() -> Sequence[Arguments]:
    clear, unclear = [0.03, 0.02, 0.04], [0.015, 0.03, 0.045]
    small_but_clear = [0.024, 0.001, 0.018, -0.006, 0.012, 0.02, -0.003, 0.014]
    worse, equal = [-0.03, -0.02, -0.04, -0.03], [0, 0]
    runs = [_runs(gains) for gains in (clear, unclear, small_but_clear, worse, equal)]
    runs.append(_runs([0.02, -0.01, 0.03, 0.01], ("mixup", 0, 0.61), ("mixup", 1, 0.63)))
    return [(table, "none", "dropout") for table in runs]


def _cases_with_a_seed_missing() -> Sequence[Arguments]:
    runs = _runs([0.03, 0.02, 0.04], ("none", 7, 0.2), ("dropout", 8, 0.6), ("dropout", 9, 0.7))
    return [(runs, "none", "dropout")]


def _by_seed(runs: pd.DataFrame, recipe: str) -> pd.Series:
    return runs[runs["recipe"] == recipe].set_index("seed")["accuracy"].sort_index()


def _outcome(
    gains: Any, ddof: int = 1, root: bool = True, t: float | None = None
) -> dict[str, Any]:
    """Return what `compare_recipes` returns for these differences; the settings plant mistakes."""
    from scipy import stats

    error = float(np.std(gains, ddof=ddof)) / (math.sqrt(len(gains)) if root else 1)
    lowest = np.mean(gains) - (t or stats.t.ppf(0.975, len(gains) - 1)) * error
    return {"gain": np.mean(gains), "standard_error": error, "convincing": bool(lowest > 0)}


def _differences(runs: pd.DataFrame, old: str, new: str) -> pd.Series:
    return (_by_seed(runs, new) - _by_seed(runs, old)).dropna()


def _gain(runs: pd.DataFrame, old: str, new: str, **mistake: Any) -> dict[str, Any]:
    return _outcome(_differences(runs, old, new), **mistake)


def _gain_beyond_spread(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    gains = _differences(runs, old, new)
    return {**_outcome(gains), "convincing": gains.mean() > gains.std()}


def _gain_as_listed(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before = runs[runs["recipe"] == old]["accuracy"].to_numpy()
    after = runs[runs["recipe"] == new]["accuracy"].to_numpy()
    return _outcome(after[: len(before)] - before[: len(after)])


compare_recipes = Exercise(
    LESSON,
    "compare_recipes",
    function("runs", "old", "new"),
    same_values(
        population_spread=lambda runs, old, new: _gain(runs, old, new, ddof=0),
        no_root=lambda runs, old, new: _gain(runs, old, new, root=False),
        normal=lambda runs, old, new: _gain(runs, old, new, t=1.96),
        beyond_spread=_gain_beyond_spread,
        turned_round=lambda runs, old, new: _gain(runs, new, old),
        paired_as_listed=_gain_as_listed,
    ),
    same_values_for("shared seeds", _cases_with_a_seed_missing),
    cases=_cases_of_runs,
)


@lru_cache(maxsize=2)
def _drawn_faces(n: int, seed: int) -> Faces:
    from course_utils.drawn_faces import make_dataset
    from course_utils.preprocessing import preprocess

    split = make_dataset(n, seed)
    return preprocess(split.images), split.labels


def _hidden_faces() -> Faces:
    return _drawn_faces(1000, 42)


def _logistic_regression(images: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy of the baseline on the hidden faces."""
    from sklearn.linear_model import LogisticRegression

    hidden, truth = _hidden_faces()
    # Twenty passes have not settled, and read hidden faces as well as a hundred.
    model = LogisticRegression(solver="saga", max_iter=20, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(images.reshape(len(images), -1), labels)
    return float(model.score(hidden.reshape(len(hidden), -1), truth))


def _accuracy(model: Any) -> float:
    hidden, truth = _hidden_faces()
    return float((_guesses(model, hidden) == truth).mean())


train = Exercise(
    LESSON,
    "train",
    function("images", "labels"),
    beats(_logistic_regression, _accuracy, "logistic regression on pixels"),
    cases=lambda: [_drawn_faces(2000, 41)],
    seconds=SECONDS_TO_TRAIN,
)


lesson = Lesson(
    LESSON, (my_loss, mean_loss, fit_network, reading, stops_after, compare_recipes, train)
)
quiz, progress = lesson.quiz, lesson.progress
