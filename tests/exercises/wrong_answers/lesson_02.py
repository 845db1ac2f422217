"""Wrong answers to the exercises of lesson 02, preprocessing."""

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from course_utils.exercises.lesson_02 import (
    _one_by_one,
    _standardised,
)
from tests.exercises.wrong_answers import WrongAnswer

batch_shape = (
    WrongAnswer([64, 100, 80, 3], "the shape that goes in"),
    WrongAnswer([64, 48, 48, 3], "one channel is left"),
    WrongAnswer([64, 100, 80, 1], "reads 48 × 48"),
    WrongAnswer([64, 1, 48, 48], "channels come last"),
    WrongAnswer([48, 48, 1, 64], "Try it"),
)


def _pixels(inputs: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(255 * inputs[..., 0]), 0, 255), dtype=np.uint8)


def _in_place(inputs: np.ndarray) -> np.ndarray:
    inputs *= 255
    return np.asarray(np.clip(np.rint(inputs[..., 0]), 0, 255), dtype=np.uint8)


to_pixels = (
    WrongAnswer(lambda inputs: _pixels(inputs).astype(float), "End with `.astype"),
    WrongAnswer(lambda inputs: _pixels(inputs)[..., np.newaxis], "`[..., 0]` takes it away"),
    WrongAnswer(lambda inputs: np.uint8(255 * inputs[..., 0]), "Decimals are cut off"),
    WrongAnswer(lambda inputs: inputs[..., 0].round().astype(np.uint8), "between 0 and 1 are left"),
    WrongAnswer(
        lambda inputs: (256 * inputs[..., 0]).round().clip(0, 255).astype(np.uint8), "not 256"
    ),
    WrongAnswer(lambda inputs: 255 - _pixels(inputs), "Take one pixel of 200"),
    WrongAnswer(
        lambda inputs: (np.rint(255 * inputs[..., 0]).astype(int) % 256).astype(np.uint8),
        "start again at the other end",
    ),
    WrongAnswer(_in_place, "works in place"),
)


def _standardise_in_place(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    result = _standardised(test, by=train)
    test -= train.mean()
    return result


standardise_test = (
    WrongAnswer(
        lambda train, test: _standardised(test, by=train).astype(np.float64),
        "are float64 unless",
    ),
    WrongAnswer(lambda train, test: _standardised(test, by=train)[..., 0], "yours is (3, 4, 4)."),
    WrongAnswer(lambda train, test: _standardised(train, by=train), "yours is (6, 4, 4, 1)"),
    WrongAnswer(lambda train, test: (test - test.mean()) / test.std(), "mean of the test set"),
    WrongAnswer(
        lambda train, test: _standardised(test, by=np.append(test, train)),
        "have a part in your",
    ),
    WrongAnswer(_one_by_one, "standardised by itself"),
    WrongAnswer(
        lambda train, test: (test - train.mean()) / train.std() ** 2, "divides by the variance"
    ),
    WrongAnswer(lambda train, test: test - train.mean(), "then divide by a standard deviation"),
    WrongAnswer(_standardise_in_place, "makes a new array"),
)

balanced_weights = (
    WrongAnswer(
        lambda labels: {c: float(np.mean(labels == c)) for c in set(labels.tolist())},
        "mixed up",
    ),
    WrongAnswer(
        lambda labels: {c: 1 / float(np.mean(labels == c)) for c in set(labels.tolist())},
        "Divide by the number of classes too",
    ),
    WrongAnswer(
        lambda labels: {
            c: len(labels) / (7 * int((labels == c).sum())) for c in set(labels.tolist())
        },
        "Seven is too many",
    ),
    WrongAnswer(
        lambda labels: {
            c: np.bincount(labels).max() / int((labels == c).sum()) for c in set(labels.tolist())
        },
        "need not have the weight 1",
    ),
    WrongAnswer(
        lambda labels: dict.fromkeys(set(labels.tolist()), 1.0),
        "In the second case the classes",
    ),
)

allowed_changes = (
    WrongAnswer(["mirror", "noise", "rain"], "none of the five"),
    WrongAnswer(["mirror", "noise", 3], "between quotes"),
    WrongAnswer(["mirror", "noise", "negative"], 'about "negative"'),
    WrongAnswer(["mirror", "noise", "quarter turn"], 'about "quarter turn"'),
    WrongAnswer(["mirror", "noise", "bar over the mouth"], 'about "bar over the mouth"'),
    WrongAnswer(["noise"], "One more of them"),
)


Sides = tuple[np.ndarray, np.ndarray]


def _split(person: np.ndarray, share: float, seed: int) -> Sides:
    splitter = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    train, test = next(splitter.split(person, groups=person))
    return train, test


def _split_images(person: np.ndarray, share: float, seed: int) -> Sides:
    train, test = train_test_split(np.arange(len(person)), test_size=share, random_state=seed)
    return train, test


def _train_on_all(person: np.ndarray, share: float, seed: int) -> Sides:
    return np.arange(len(person)), _split(person, share, seed)[1]


def _split_without_rest(person: np.ndarray, share: float, seed: int) -> Sides:
    train, test = _split(person, share, seed)
    return train[:-10], test


def _split_by_luck(person: np.ndarray, share: float, seed: int) -> Sides:
    return _split(person, share, int(np.random.default_rng().integers(1 << 30)))


split_by_person = (
    WrongAnswer(
        lambda person, share, seed: np.array([*_split(person, share, seed)], dtype=object),
        "Return two arrays",
    ),
    WrongAnswer(_split_without_rest, "Neither side has"),
    WrongAnswer(_split_images, "share 34 persons"),
    WrongAnswer(_train_on_all, "share 10 persons"),
    WrongAnswer(
        lambda person, share, seed: _split(person, 1 - share, seed),
        "of the persons are in the test",
    ),
    WrongAnswer(_split_by_luck, "Hand `seed` on"),
    WrongAnswer(lambda person, share, seed: _split(person, share, 0), "Another seed"),
)
