"""Wrong answers to the exercises of lesson 02, preprocessing."""

from typing import Any

import cv2
import numpy as np
import tensorflow as tf
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from course_utils.exercises.lesson_02 import (
    _one_by_one,
    _standardised,
    make_negative,
)
from tests.exercises.wrong_answers import WrongAnswer


def _pixels(inputs: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(255 * inputs[..., 0]), 0, 255), dtype=np.uint8)


def _in_place(inputs: np.ndarray) -> np.ndarray:
    inputs *= 255
    return np.asarray(np.clip(np.rint(inputs[..., 0]), 0, 255), dtype=np.uint8)


to_pixels = (
    WrongAnswer(lambda inputs: _pixels(inputs).astype(float), "End with `.astype"),
    WrongAnswer(lambda inputs: _pixels(inputs)[..., np.newaxis], "yours is (3, 6, 5, 1)"),
    WrongAnswer(lambda inputs: np.uint8(255 * inputs[..., 0]), "Decimals are cut off"),
    WrongAnswer(lambda inputs: inputs[..., 0].round().astype(np.uint8), "between 0 and 1 are left"),
    WrongAnswer(
        lambda inputs: (256 * inputs[..., 0]).round().clip(0, 255).astype(np.uint8), "not 256"
    ),
    WrongAnswer(lambda inputs: 255 - _pixels(inputs), "Take one pixel of 200"),
    WrongAnswer(
        lambda inputs: (np.rint(255 * inputs[..., 0]).astype(int) % 256).astype(np.uint8),
        "yours is `205`",
    ),
    WrongAnswer(
        lambda inputs: _pixels(inputs).squeeze(), "for a float32 array of shape (1, 6, 5, 1)"
    ),
    WrongAnswer(
        lambda inputs: cv2.convertScaleAbs(inputs[..., 0].copy(), alpha=255), "yours is `51`"
    ),
    WrongAnswer(_in_place, "writes into"),
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
        lambda train, test: _standardised(test, by=train).squeeze()[..., np.newaxis],
        "of shape (1, 4, 4, 1)",
    ),
    WrongAnswer(
        lambda train, test: (test - train.mean(axis=0)) / train.std(axis=0), "for each pixel"
    ),
    WrongAnswer(
        lambda train, test: (test - train.mean()) / train.std() ** 2, "divides by the variance"
    ),
    WrongAnswer(lambda train, test: test - train.mean(), "then divide by a standard deviation"),
    WrongAnswer(_standardise_in_place, "writes into"),
)

allowed_changes = (
    WrongAnswer(["mirror", "noise", "rain"], "none of the five"),
    WrongAnswer(["mirror", "noise", 3], "between quotes"),
    WrongAnswer(["mirror", "noise", "negative"], 'about "negative"'),
    WrongAnswer(["mirror", "noise", "quarter turn"], 'about "quarter turn"'),
    WrongAnswer(["mirror", "noise", "bar over the mouth"], 'about "bar over the mouth"'),
    WrongAnswer(["noise"], "One more of them"),
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

Data = tf.data.Dataset


def _pairs(images: Any, labels: Any) -> Any:
    return Data.from_tensor_slices((images, labels))


def _finished(batches: Any, augmentation: Any) -> Any:
    """Return batches as decimals with a channel, and augmented."""
    batches = batches.map(lambda x, y: (tf.cast(x, tf.float32)[..., tf.newaxis] / 255, y))
    if augmentation is None:
        return batches
    return batches.map(lambda x, y: (augmentation(x, training=True), y))


def _usual(images: Any, labels: Any, augmentation: Any) -> Any:
    return _finished(_pairs(images, labels).shuffle(300).batch(32), augmentation)


def _shuffled_apart(images: Any, labels: Any, augmentation: Any) -> Any:
    both = [Data.from_tensor_slices(part).shuffle(300).batch(32) for part in (images, labels)]
    return _finished(Data.zip(*both), augmentation)


def _drawn_again(images: Any, labels: Any, augmentation: Any) -> Any:
    def draw(number: Any) -> Any:
        place = number % len(images)
        return tf.gather(images, place), tf.gather(labels, place)

    # Unlike random operations in a map, this draws anew in each epoch under a global seed, too.
    numbers = Data.random(rerandomize_each_iteration=True).take(len(images))
    return _finished(numbers.map(draw).batch(32), augmentation)


def _always_augmented(images: Any, labels: Any, augmentation: Any) -> Any:
    return _usual(images, labels, augmentation or make_negative)


training_data = (
    WrongAnswer(lambda x, y, augmentation: _pairs(x, y), "Return a data set that yields batches"),
    WrongAnswer(
        lambda x, y, augmentation: _usual(x, y, augmentation).map(
            lambda x, y: (tf.cast(x, tf.float64), y)
        ),
        "Look at the dtype",
    ),
    WrongAnswer(
        lambda x, y, augmentation: _usual(x, y, augmentation).map(lambda x, y: (x[..., 0], y)),
        "Look at the shape",
    ),
    WrongAnswer(
        lambda x, y, augmentation: _usual(x, y, augmentation).map(lambda x, y: (255 * x, y)),
        "Look at the smallest",
    ),
    WrongAnswer(
        lambda x, y, augmentation: _finished(_pairs(x, y).shuffle(9).batch(32), augmentation),
        "near each other",
    ),
    WrongAnswer(
        lambda x, y, augmentation: _finished(_pairs(x, y).shuffle(300).batch(64), augmentation),
        "Count the batches",
    ),
    WrongAnswer(_always_augmented, "called with `training=True`"),
    WrongAnswer(_drawn_again, "and others never"),
    WrongAnswer(_shuffled_apart, "Follow a single pair"),
    WrongAnswer(
        lambda x, y, augmentation: _finished(
            _pairs(x, y).shuffle(300, reshuffle_each_iteration=False).batch(32), augmentation
        ),
        "they are the same",
    ),
)

Sides = tuple[np.ndarray, np.ndarray]


def _oversampled(rows: np.ndarray, labels: np.ndarray, each: int) -> np.ndarray:
    return np.concatenate([np.resize(rows[labels[rows] == c], each) for c in np.unique(labels)])


def _fifth(labels: np.ndarray, seed: int, stratify: np.ndarray | None = None) -> Sides:
    rows = np.arange(len(labels))
    train, test = train_test_split(rows, test_size=0.2, random_state=seed, stratify=stratify)
    return train, test


def _largest(labels: np.ndarray) -> int:
    return int(np.bincount(labels).max())


def _oversample_first(labels: np.ndarray, seed: int) -> Sides:
    rows = _oversampled(np.arange(len(labels)), labels, _largest(labels))
    train, test = _fifth(labels[rows], seed, labels[rows])
    return rows[train], rows[test]


def _oversample_all(labels: np.ndarray, seed: int) -> Sides:
    train, test = _fifth(labels, seed, labels)
    return _oversampled(np.arange(len(labels))[::-1], labels, _largest(labels[train])), test


def _oversample_both(labels: np.ndarray, seed: int) -> Sides:
    train, test = _fifth(labels, seed, labels)
    repeated = (_oversampled(side, labels, _largest(labels[side])) for side in (train, test))
    return tuple(repeated)


def _not_stratified(labels: np.ndarray, seed: int) -> Sides:
    train, test = _fifth(labels, seed)
    return _oversampled(train, labels, _largest(labels[train])), test


def _as_many_as_of_all(labels: np.ndarray, seed: int) -> Sides:
    train, test = _fifth(labels, seed, labels)
    return _oversampled(train, labels, _largest(labels)), test


def _oversample_by_luck(labels: np.ndarray, seed: int) -> Sides:
    train, test = _fifth(labels, int(np.random.default_rng().integers(1 << 30)), labels)
    return _oversampled(train, labels, _largest(labels[train])), test


def _right(labels: np.ndarray, seed: int) -> Sides:
    train, test = _fifth(labels, seed, labels)
    return _oversampled(train, labels, _largest(labels[train])), test


oversampled_split = (
    WrongAnswer(_oversample_first, "share 50 images"),
    WrongAnswer(_oversample_all, "share 55 images"),
    WrongAnswer(_oversample_both, "more than once"),
    WrongAnswer(_not_stratified, "of the 40 images of class 0"),
    WrongAnswer(lambda labels, seed: _fifth(labels, seed, labels), "32, 4, 33, 58, 40, 38, 27"),
    WrongAnswer(_as_many_as_of_all, "72, 72"),
    WrongAnswer(_oversample_by_luck, "Hand `seed` on"),
    WrongAnswer(
        lambda labels, seed: np.array([*_right(labels, seed)], dtype=object),
        "from 0 to 289",
    ),
)


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
        "from 0 to 199",
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
