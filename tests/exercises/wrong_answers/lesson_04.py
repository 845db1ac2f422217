"""Wrong answers to the exercises of lesson 04, training."""

from typing import Any

import numpy as np
import pandas as pd

from course_utils.exercises.lesson_04 import (
    _by_seed,
    _gain,
    _gain_as_listed,
    _gain_beyond_spread,
    _of_right_class,
    _outcome,
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


def _picked(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return probabilities[np.arange(len(labels)), labels]


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
    WrongAnswer(_careless_loss, "yours is `inf`. Here one right class"),
    WrongAnswer(
        lambda p, labels: float(-np.log(_picked(p, labels) + 1e-7).mean()), "yours is `16.02"
    ),
    WrongAnswer(_clipping_input, "writes into"),
)


def _fit(network: Any, images: np.ndarray, labels: np.ndarray) -> Any:
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(2e-3), loss)
    return network.fit(images, labels, 32, epochs=6, validation_split=0.25, verbose=0)


def _shuffled_apart(network: Any, images: np.ndarray, labels: np.ndarray) -> Any:
    generator = np.random.default_rng(0)
    _fit(network, generator.permutation(images), generator.permutation(labels))
    return network


def _not_shuffled(network: Any, images: np.ndarray, labels: np.ndarray) -> Any:
    _fit(network, images, labels)
    return network


def _four_scores(network: Any, images: np.ndarray, labels: np.ndarray) -> Any:
    import keras

    return keras.Sequential(
        [keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )


fit_network = (
    WrongAnswer(_shuffled_apart, "look at some faces with their labels"),
    WrongAnswer(_not_shuffled, "of the class surprise it reads not one"),
    WrongAnswer(
        lambda network, images, labels: network.name, "Return the fitted Keras model. Yours"
    ),
    WrongAnswer(_four_scores, "an array of shape (200, 4)"),
)


def _read(**letters: str) -> dict[str, str]:
    return {"keep": "C", "over_fits": "B", "both_rise": "B", "differences": "C", **letters}


reading = (
    WrongAnswer(_read(keep="A"), "lowest validation loss"),
    WrongAnswer(_read(keep="B"), "The test images would choose"),
    WrongAnswer(_read(keep="D"), "knows its training faces best"),
    WrongAnswer(_read(keep="8"), "Choose one letter from A, B, C, D for `keep`"),
    WrongAnswer({"keep": "C"}, "Choose one letter from A, B, C, D for `over_fits`"),
    WrongAnswer(_read(over_fits="A"), "both losses still fall together"),
    WrongAnswer(_read(over_fits="C"), "past its highest"),
    WrongAnswer(_read(over_fits="D"), "has risen for long"),
    WrongAnswer(_read(both_rise="A"), "from the same 500 faces"),
    WrongAnswer(_read(both_rise="C"), "Dropout would lower training figures"),
    WrongAnswer(_read(differences="A"), "Some epoch is always the highest"),
    WrongAnswer(_read(differences="B"), "The rule needs one epoch"),
)


def _zero_at_the_end(losses: list[float], patience: int) -> int:
    stop = _stop(losses, patience)
    best = int(np.argmin(losses[:stop])) + 1
    return stop if stop - best >= patience else 0


def _ties_are_gains(losses: list[float], patience: int) -> int:
    lowest, waited = np.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        waited = 0 if loss <= lowest else waited + 1
        lowest = min(lowest, loss)
        if waited == patience:
            return epoch
    return len(losses)


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
        "Expected `5` for `[1.5, 1.2,",
    ),
    WrongAnswer(
        lambda losses, patience: int(np.argmin(losses[: _stop(losses, patience)])) + 1,
        "where the run stops",
    ),
    WrongAnswer(lambda losses, patience: _stop(losses, patience) - 1, "counts epochs from 0"),
    WrongAnswer(_ties_are_gains, "Expected `4` for `[1.0, 0.8, 0.8, 0.8, 0.7, 0.6]` and `2`"),
    WrongAnswer(_zero_at_the_end, "the run is never stopped"),
    WrongAnswer(_losing_losses, "writes into"),
)


def _gain_unpaired(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before, after = _by_seed(runs, old), _by_seed(runs, new)
    error = float(np.sqrt(before.var() / len(before) + after.var() / len(after)))
    gain = float(after.mean() - before.mean())
    return {"gain": gain, "standard_error": error, "convincing": gain > 2 * error}


def _gain_either_way(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    right = _gain(runs, old, new)
    return {**right, "convincing": right["convincing"] or _gain(runs, new, old)["convincing"]}


def _gain_of_sorted(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    before, after = _by_seed(runs, old).to_numpy(), _by_seed(runs, new).to_numpy()
    size = max(len(before), len(after))
    return _outcome(np.pad(after, (0, size - len(after))) - np.pad(before, (0, size - len(before))))


def _gain_in_per_cent(runs: pd.DataFrame, old: str, new: str) -> dict[str, Any]:
    result = _gain(runs, old, new)
    runs["accuracy"] *= 100
    return result


compare_recipes = (
    WrongAnswer(lambda runs, old, new: _gain(runs, old, new, ddof=0), "say `ddof=1`"),
    WrongAnswer(lambda runs, old, new: _gain(runs, old, new, root=False), "by the square root"),
    WrongAnswer(lambda runs, old, new: _gain(runs, old, new, t=1.96), "1.96 is for many seeds"),
    WrongAnswer(lambda runs, old, new: _gain(runs, new, old), "turned round"),
    WrongAnswer(_gain_as_listed, "as they stand in the table"),
    WrongAnswer(_gain_unpaired, "at `['standard_error']`"),
    WrongAnswer(_gain_beyond_spread, "held against the spread"),
    WrongAnswer(_gain_either_way, "at `['convincing']`"),
    WrongAnswer(_gain_of_sorted, "Leave them out"),
    WrongAnswer(_gain_in_per_cent, "writes into"),
)


def _untrained(images: np.ndarray, labels: np.ndarray) -> Any:
    import keras

    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(7)]
    )


train = (
    WrongAnswer(_untrained, "has it learned too little, or too much by heart?"),
    WrongAnswer(
        lambda images, labels: _fit(_untrained(images, labels), images[:64], labels[:64]).history,
        "Return the fitted Keras model. Yours returns",
    ),
    WrongAnswer(lambda images, labels: _four_scores(None, images, labels), "shape (1000, 4)"),
)
