"""Exercises and quiz of lesson 04, training."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from course_utils.exercises.conditions import (
    Arguments,
    keeps_its_input,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise, WrongAnswer
from course_utils.exercises.kinds import NUMBER, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz

LESSON = 4

my_loss = Exercise(
    lesson=LESSON,
    name="my_loss",
    prompt=(
        "**1. A loss by hand.** The right class gets the probability 0.25. What is the "
        "cross-entropy loss? Let numpy compute it, and do not round."
    ),
    kind=NUMBER,
    hints=(
        "The loss looks only at the probability of the right class.",
        "It is the negative natural logarithm, `np.log`.",
    ),
    code="my_loss = -np.log(0.25)",
    reason=(
        "About 1.39. It is below the 1.95 of a network that knows nothing: 0.25 is more than 1/7."
    ),
    conditions=(
        same_values(
            "See the section *Say how wrong a prediction is*.",
            {
                "The sign is turned round: a loss is never negative.": math.log(0.25),
                "That is the logarithm to base 2. The loss takes the natural one.": 2,
                "That is the logarithm to base 10. The loss takes the natural one.": (
                    -math.log10(0.25)
                ),
                "That is what is missing to 1. The loss is a logarithm.": 0.75,
                "That is rounded. Hand in what numpy computes.": 1.39,
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(-1.3862944, "sign is turned round"),
        WrongAnswer(2.0, "base 2"),
        WrongAnswer(0.60206, "base 10"),
        WrongAnswer(1 - 0.25, "missing to 1"),
        WrongAnswer(1.39, "is rounded"),
        WrongAnswer(1.95, "See the section"),
    ),
)


def _cases_of_predictions() -> Sequence[Arguments]:
    rng = np.random.default_rng(7)
    return [(rng.dirichlet(np.ones(7), size), rng.integers(0, 7, size)) for size in (1, 5, 20)]


def _cases_of_certainty() -> Sequence[Arguments]:
    return [(np.eye(7)[[6]], np.array([5]))]


def _of_right_class(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.clip(np.take_along_axis(probabilities, labels[:, np.newaxis], 1)[:, 0], 1e-7, 1)


def _clipping_input(probabilities: np.ndarray, labels: np.ndarray) -> float:
    right = float(-np.log(_of_right_class(probabilities.copy(), labels)).mean())
    probabilities[:] = np.clip(probabilities, 0.01, 0.99)
    return right


@np.errstate(divide="ignore")
def _careless_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log([row[label] for row, label in zip(probabilities, labels)]).mean())


mean_loss = Exercise(
    lesson=LESSON,
    name="mean_loss",
    prompt=(
        "**2. The loss of a batch.** Write `mean_loss(probabilities, labels)`: the mean "
        "cross-entropy over a batch. `probabilities` is (n, 7) with rows that sum to 1, `labels` "
        "is int64 (n,). A probability of 0 must not make the loss infinite: raise it to 1e-7 "
        "first, as Keras does."
    ),
    kind=function("probabilities", "labels"),
    hints=(
        "Pick one probability from each row: that of the row's label.",
        "`probabilities[np.arange(len(labels)), labels]` picks them all.",
        "`np.maximum(picked, 1e-7)`, then the negative logarithm, then the mean.",
    ),
    code="""
def mean_loss(probabilities, labels):
    picked = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.maximum(picked, 1e-7)).mean()
""",
    reason=(
        "The mean, and not the sum, keeps the size of a step independent of the size of the batch. "
        "The floor of 1e-7 is a loss of 16: a lot for one answer, and still a number."
    ),
    cases=_cases_of_predictions,
    conditions=(
        same_shape("Asked for is one number for the whole batch."),
        same_values(
            "Do the batch of one face by hand.",
            {
                "That is the sum over the batch. Take the mean.": (
                    lambda p, labels: -np.log(_of_right_class(p, labels)).sum()
                ),
                "The largest probability of each row is used. Use that of the right class.": (
                    lambda p, labels: -np.log(p.max(axis=1)).mean()
                ),
                "The logarithm of a mean is not the mean of logarithms. Take the mean last.": (
                    lambda p, labels: -np.log(_of_right_class(p, labels).mean())
                ),
                "All seven classes are in your mean. Only the right one of each row counts.": (
                    lambda p, labels: -np.log(p).mean()
                ),
            },
        ),
        same_values(
            "Here one right class has the probability 0: keep the logarithm off it.",
            cases=_cases_of_certainty,
            name="never infinite",
        ),
        keeps_its_input("Change a copy of the probabilities, or only what you picked."),
    ),
    wrong_answers=(
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
        WrongAnswer(_clipping_input, "only what you picked"),
    ),
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
    lesson=LESSON,
    name="learning_rate_at",
    prompt=(
        "**3. A schedule of your own.** Write `learning_rate_at(step, steps, peak)`. Over the "
        "first tenth of the steps the rate rises in a straight line from `peak / 10` to `peak`. "
        "Then it falls to 0 along half a cosine, which ends after the last step. `steps` is a "
        "multiple of 10. `build_schedule` from above should give the same."
    ),
    kind=function("step", "steps", "peak"),
    hints=(
        "`warmup = steps // 10`. Before it the rate is a straight line, after it a cosine.",
        "After the warm-up, what share of the remaining steps is done? It runs from 0 to 1.",
        "`(1 + np.cos(np.pi * done)) / 2` falls from 1 to 0 as `done` goes from 0 to 1.",
    ),
    code="""
def learning_rate_at(step, steps, peak):
    warmup = steps // 10
    if step < warmup:
        return peak / 10 + (peak - peak / 10) * step / warmup
    done = (step - warmup) / (steps - warmup)
    return peak * (1 + np.cos(np.pi * done)) / 2
""",
    reason=(
        "The rate starts low while the weights are still random, and ends low so that the last "
        "steps settle (Loshchilov & Hutter 2017)."
    ),
    cases=_cases_of_steps,
    conditions=(
        same_values(
            "Compute the rate at the first step, at the peak and after the last step by hand.",
            {
                "That is the rate without a warm-up.": (
                    lambda step, steps, peak: _cosine(step, steps, peak, 0)
                ),
                "The fall is a straight line. Asked for is half a cosine.": _straight,
                "That is a whole cosine: it rises again. Half of one ends at 0.": (
                    lambda step, steps, peak: _rate(step, steps, peak, share=1.0)
                ),
                "The warm-up starts at 0. Asked for is a start at a tenth of the peak.": (
                    lambda step, steps, peak: _rate(step, steps, peak, start=0.0)
                ),
            },
        ),
    ),
    wrong_answers=(
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
    ),
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


def _cases_not_judged() -> Sequence[Arguments]:
    gaps = [math.nan, 0.4, math.nan, 0.6, math.nan]
    return [(_history(accuracy=[0.2, 0.3, 0.4, 0.5, 0.6], val_accuracy=gaps),)]


def _filling_gaps(history: pd.DataFrame) -> int:
    history["val_accuracy"] = history["val_accuracy"].fillna(0)
    history["best"] = history["val_accuracy"].cummax()
    return int(history["val_accuracy"].idxmax())


best_epoch = Exercise(
    lesson=LESSON,
    name="best_epoch",
    prompt=(
        "**4. Which epoch to keep?** Write `best_epoch(history)`. `history` is a table like the "
        "one that `fit` returns: its index is the epoch, counted from 1. Return the epoch with the "
        "highest validation accuracy. In long runs not every epoch is judged; the accuracy of the "
        "others is NaN."
    ),
    kind=function("history"),
    hints=(
        "The column is `val_accuracy`.",
        "A pandas column has two methods: `argmax` gives a position from 0, `idxmax` the index.",
    ),
    code="""
def best_epoch(history):
    return history["val_accuracy"].idxmax()
""",
    reason="`idxmax` returns the index, which is the epoch itself, and leaves out what is NaN.",
    cases=_cases_of_histories,
    conditions=(
        same_values(
            "Read the table of a case row by row.",
            {
                "That is a position, counted from 0. The epochs are the index.": (
                    lambda history: history["val_accuracy"].argmax()
                ),
                "Training accuracy chose. It rises as long as faces are learned by heart.": (
                    lambda history: history["accuracy"].idxmax()
                ),
                "The lowest validation loss chose. Asked for is the highest accuracy.": (
                    lambda history: history["val_loss"].idxmin()
                ),
                "That is an accuracy. Asked for is its epoch.": (
                    lambda history: history["val_accuracy"].max()
                ),
            },
        ),
        same_values(
            "Here epochs that were not judged are NaN, and numpy takes NaN for the largest.",
            cases=_cases_not_judged,
            name="gaps",
        ),
        keeps_its_input("Leave the table as it is: it is still needed for the curves."),
    ),
    wrong_answers=(
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
        WrongAnswer(_filling_gaps, "needed for the curves"),
    ),
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


def _zero_at_the_end(losses: list[float], patience: int) -> int:
    stop = _stop(losses, patience)
    best = int(np.argmin(losses[:stop])) + 1
    return stop if stop - best >= patience else 0


def _losing_losses(losses: list[float], patience: int) -> int:
    stop = _stop(losses, patience)
    losses.clear()
    return stop


stops_after = Exercise(
    lesson=LESSON,
    name="stops_after",
    prompt=(
        "**5. Stop in time.** Write `stops_after(losses, patience)`. `losses` is the list of "
        "validation losses, one for each epoch. The run stops when `patience` epochs in a row have "
        "brought no loss lower than the lowest so far. Return the epoch after which it stops, "
        "counted from 1; where it never does, the number of epochs."
    ),
    kind=function("losses", "patience"),
    hints=(
        "Go through the losses, and remember two things: the lowest so far, and how many epochs "
        "ago it was.",
        "A loss below the lowest sets the waiting back to 0. Any other adds 1 to it.",
        "`for epoch, loss in enumerate(losses, start=1):` counts from 1.",
    ),
    code="""
def stops_after(losses, patience):
    lowest, waited = np.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        waited = 0 if loss < lowest else waited + 1
        lowest = min(lowest, loss)
        if waited == patience:
            return epoch
    return len(losses)
""",
    reason=(
        "This is what `keras.callbacks.EarlyStopping` does. In the first case it stops one epoch "
        "before the lowest loss of all: with little patience one misses what comes late."
    ),
    cases=_cases_of_patience,
    conditions=(
        same_values(
            "Go through the first case by hand, and write down the lowest loss so far.",
            {
                "That is one epoch too late: the waiting is full when it equals the patience.": (
                    lambda losses, patience: _stop(losses, patience, more=1)
                ),
                "Each loss is compared with the one before it. Compare with the lowest so far.": (
                    lambda losses, patience: _stop(losses, patience, compare_with_last=True)
                ),
                "That counts all epochs without a gain. Only those in a row count.": _total_waiting,
                "That is the epoch with the lowest loss. Asked for is where the run stops.": (
                    lambda losses, patience: np.argmin(losses[: _stop(losses, patience)]) + 1
                ),
                "That counts epochs from 0.": lambda losses, patience: _stop(losses, patience) - 1,
            },
        ),
        same_values(
            "Here the loss falls to the end, so that the run is never stopped.",
            cases=_cases_without_a_stop,
            name="never stops",
        ),
        keeps_its_input("Go through the list without taking anything out of it."),
    ),
    wrong_answers=(
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
        WrongAnswer(_losing_losses, "without taking anything out"),
    ),
)


def _runs(old: dict[int, float], new: dict[int, float], seed: int) -> pd.DataFrame:
    rows = [("none", *run) for run in old.items()] + [("dropout", *run) for run in new.items()]
    table = pd.DataFrame(rows, columns=["recipe", "seed", "accuracy"])
    order = np.random.default_rng(seed).permutation(len(table))
    return table.iloc[order].reset_index(drop=True)


def _cases_of_runs() -> Sequence[Arguments]:
    clear = _runs({0: 0.40, 1: 0.52, 2: 0.46}, {0: 0.43, 1: 0.54, 2: 0.50}, seed=1)
    chance = _runs(
        {0: 0.45, 1: 0.41, 2: 0.48, 3: 0.44}, {0: 0.44, 1: 0.47, 2: 0.46, 3: 0.43}, seed=2
    )
    return [(clear, "none", "dropout"), (chance, "none", "dropout")]


def _cases_with_a_seed_missing() -> Sequence[Arguments]:
    uneven = _runs({0: 0.40, 1: 0.52, 2: 0.46, 3: 0.20}, {0: 0.43, 1: 0.54, 2: 0.50}, seed=3)
    return [(uneven, "none", "dropout")]


def _by_seed(runs: pd.DataFrame, recipe: str) -> pd.Series:
    return runs[runs["recipe"] == recipe].set_index("seed")["accuracy"].sort_index()


def _gain(runs: pd.DataFrame, old: str, new: str, ddof: int = 1) -> dict[str, Any]:
    gains = (_by_seed(runs, new) - _by_seed(runs, old)).dropna()
    gain, spread = float(gains.mean()), float(gains.std(ddof=ddof))
    return {"gain": gain, "spread": spread, "convincing": gain > spread}


def _gain_unpaired(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before, after = _by_seed(runs, old), _by_seed(runs, new)
    gain, spread = float(after.mean() - before.mean()), float(after.std())
    return {"gain": gain, "spread": spread, "convincing": gain > spread}


def _gain_as_listed(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before = runs[runs["recipe"] == old]["accuracy"].to_numpy()
    after = runs[runs["recipe"] == new]["accuracy"].to_numpy()
    gains = after[: len(before)] - before[: len(after)]
    gain, spread = float(gains.mean()), float(gains.std(ddof=1))
    return {"gain": gain, "spread": spread, "convincing": gain > spread}


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


compare_recipes = Exercise(
    lesson=LESSON,
    name="compare_recipes",
    prompt=(
        "**6. A small project: is it a gain?** You ran two recipes with several seeds. Write "
        "`compare_recipes(runs, old, new)`. `runs` is a table with the columns `recipe`, `seed` "
        "and `accuracy`, in any order. For each seed that both recipes have, take accuracy of "
        "`new` minus accuracy of `old`. Return a dictionary: `gain`, the mean of these "
        "differences; `spread`, their standard deviation as of a sample (`ddof=1`); and "
        "`convincing`, whether the gain is larger than the spread."
    ),
    kind=function("runs", "old", "new"),
    hints=(
        "Make a series of each recipe whose index is the seed; pandas then subtracts by seed.",
        "`runs[runs['recipe'] == old].set_index('seed')['accuracy']`",
        "A seed that only one of them has gives NaN, which `mean` and `std` of pandas leave out.",
    ),
    code="""
def compare_recipes(runs, old, new):
    table = runs.pivot(index="seed", columns="recipe", values="accuracy")
    gains = (table[new] - table[old]).dropna()
    gain, spread = gains.mean(), gains.std()
    return {"gain": gain, "spread": spread, "convincing": bool(gain > spread)}
""",
    reason=(
        "Two runs of one seed share their luck, so that their difference shows the recipe better "
        "than two means do (Bouthillier et al. 2021). Feed it with `run_with` from above, and with "
        "seeds of your own. Three seeds are few: a gain of one spread is a reason to run more."
    ),
    cases=_cases_of_runs,
    conditions=(
        same_values(
            "Write the three differences of the first case on paper.",
            {
                "The spread is that of all people, not of a sample: say `ddof=1`.": (
                    lambda runs, old, new: _gain(runs, old, new, ddof=0)
                ),
                "The difference is turned round: it is `new` minus `old`.": (
                    lambda runs, old, new: _gain(runs, new, old)
                ),
                "The spread is that of the new recipe. Asked for is that of the differences.": (
                    _gain_unpaired
                ),
                "Runs are paired as they stand in the table. Pair them by seed.": _gain_as_listed,
            },
        ),
        same_values(
            "Here one seed was run with one recipe only. Leave it out.",
            cases=_cases_with_a_seed_missing,
            name="shared seeds",
        ),
        keeps_its_input("Work on `runs.copy()`: others still need the table itself."),
    ),
    wrong_answers=(
        WrongAnswer(lambda runs, old, new: _gain(runs, old, new, ddof=0), "say `ddof=1`"),
        WrongAnswer(lambda runs, old, new: _gain(runs, new, old), "turned round"),
        WrongAnswer(_gain_unpaired, "that of the new recipe"),
        WrongAnswer(_gain_as_listed, "as they stand in the table"),
        WrongAnswer(
            lambda runs, old, new: {**_gain(runs, old, new), "convincing": True}, "on paper"
        ),
        WrongAnswer(_gain_of_sorted, "Leave it out"),
        WrongAnswer(_gain_in_per_cent, "still need the table itself"),
    ),
)

quiz = Quiz(
    LESSON,
    (
        Question(
            "Training and validation loss both stay at 1.95. What happened?",
            (
                Option(
                    "The network over-fits.",
                    "Then the training loss would fall. Here it does not move.",
                ),
                Option(
                    "It learns nothing: 1.95 is the loss of guessing among seven.",
                    "ln 7 = 1.95. Look for a mistake, or for a rate that is far too small.",
                    is_right=True,
                ),
                Option(
                    "It has finished learning.",
                    "A network that has learned something has a loss below that of guessing.",
                ),
            ),
        ),
        Question(
            "Training accuracy 95 %, validation accuracy 40 %. What helps most?",
            (
                Option(
                    "More epochs.",
                    "It knows its faces by heart already. More of the same widens the gap.",
                ),
                Option("A higher learning rate.", "It learns well, only the wrong thing."),
                Option(
                    "More faces or, in a long run, augmentation.",
                    "Faces that it cannot learn by heart make it learn expressions.",
                    is_right=True,
                ),
                Option("A larger network.", "It would learn by heart even more easily."),
            ),
        ),
        Question(
            "With dropout 61.0 %, without 60.4 %, one run each. What do you report?",
            (
                Option(
                    "That dropout helps by 0.6 points.",
                    "Another seed may turn it round. One run each cannot tell.",
                ),
                Option(
                    "Nothing yet: both again with more seeds, and the spread.",
                    "A difference smaller than the spread from seed to seed means nothing.",
                    is_right=True,
                ),
                Option(
                    "That dropout makes no difference.",
                    "That is not shown either. A real gain of 0.6 points looks the same.",
                ),
            ),
        ),
        Question(
            "Why is the epoch not chosen on the test images?",
            (
                Option(
                    "The best of many looks better than it is, by chance.",
                    "The reported figure would contain that luck. The test is read once.",
                    is_right=True,
                ),
                Option(
                    "It would take too long to read them after each epoch.",
                    "It would cost seconds. What it costs is an honest figure.",
                ),
                Option(
                    "The test images are harder.",
                    "They are like the others. What matters is that nothing was chosen on them.",
                ),
            ),
        ),
        Question(
            "Why does the learning rate fall towards the end?",
            (
                Option(
                    "To save time: small steps are faster.",
                    "A step takes the same time, however far it goes.",
                ),
                Option(
                    "Small steps settle into the best place; large ones jump over it.",
                    "Large steps find the region, small ones the place in it.",
                    is_right=True,
                ),
                Option(
                    "So that the network forgets its first epochs.",
                    "It forgets nothing. Weights only move less.",
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON,
    (my_loss, mean_loss, learning_rate_at, best_epoch, stops_after, compare_recipes),
    quiz,
)
progress = lesson.progress
