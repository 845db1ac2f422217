"""Wrong answers to the exercises of lesson 01, dataset exploration."""

import numpy as np
import pandas as pd

from course_utils import EMOTIONS
from course_utils.dataset.duplicates import near_duplicate_pairs
from course_utils.exercises.lesson_01 import _without_majority
from tests.exercises.wrong_answers import WrongAnswer

two_accuracies = (
    WrongAnswer([0.6, 0.6], "plain accuracy again"),
    WrongAnswer([0.6, 1 / 7], "not seven"),
    WrongAnswer([1 / 3, 0.6], "in the other order"),
    WrongAnswer([60, 33.3333], "These are per cent"),
    WrongAnswer([0.6, 0.33], "is rounded"),
    WrongAnswer([0.3, 0.6], "Section *Count the classes*"),
)


def _share_of_first_class(labels: np.ndarray) -> float:
    return float(np.mean(labels == labels[0]))


def _sorting_baseline(labels: np.ndarray) -> float:
    labels.sort()
    return float(np.bincount(labels).max() / len(labels))


majority_baseline = (
    WrongAnswer(
        lambda labels: max(set(labels.tolist()), key=labels.tolist().count),
        "how often it occurs",
    ),
    WrongAnswer(
        lambda labels: max(labels.tolist().count(label) for label in labels.tolist()),
        "That is a number of images",
    ),
    WrongAnswer(lambda labels: 1 / len(set(labels.tolist())), "equal guessing"),
    WrongAnswer(
        lambda labels: min(np.mean(labels == label) for label in labels), "the rarest class"
    ),
    WrongAnswer(_share_of_first_class, "yours is `0.181818`"),
    WrongAnswer(lambda labels: np.bincount(labels).max() / 7 / len(labels), "yours is `0.025`"),
    WrongAnswer(_sorting_baseline, "writes into"),
)


def _folders(files: list[str]) -> pd.Series:
    return pd.Series(files).str.split("/").str[-2]


read_labels = (
    WrongAnswer(lambda files: pd.factorize(_folders(files))[0], "on few others"),
    WrongAnswer(lambda files: pd.factorize(_folders(files), sort=True)[0], "which labels move"),
    WrongAnswer(
        lambda files: [[EMOTIONS.index(folder)] for folder in _folders(files)], "yours is (7, 1)"
    ),
    WrongAnswer(lambda files: EMOTIONS.index(_folders(files)[0]), "yours is ()"),
    WrongAnswer(
        lambda files: [EMOTIONS.index(file.split("/")[-3]) for file in files], "`ValueError"
    ),
    WrongAnswer(
        lambda files: [next(i for i, e in enumerate(EMOTIONS) if e in file) for file in files],
        "expected `5`, yours is `3`",
    ),
    WrongAnswer(_folders, "yours is a Series"),
)


def _shares(images: np.ndarray) -> np.ndarray:
    return np.array([np.bincount(image.ravel()).max() / image.size for image in images])


find_empty = (
    WrongAnswer(lambda images: np.nonzero(_shares(images) > 0.5), "yours is `(array("),
    WrongAnswer(lambda images: np.argwhere(_shares(images) > 0.5), "of shape (3, 1)"),
    WrongAnswer(lambda images: _shares(images) > 0.5, "the bool array"),
    WrongAnswer(lambda images: np.flatnonzero(np.ptp(images, axis=(1, 2)) == 0), "blank ones"),
    WrongAnswer(lambda images: np.flatnonzero(_shares(images) >= 0.5), "array `[1, 2, 4, 5]`"),
    WrongAnswer(lambda images: np.flatnonzero(images.max(axis=(1, 2)) == 0), "array `[1]`"),
    WrongAnswer(
        lambda images: np.flatnonzero(images.std(axis=(1, 2)) < 70), "array `[0, 1, 3, 4, 5]`"
    ),
    WrongAnswer(lambda images: 1 + np.flatnonzero(_shares(images) > 0.5), "yours run from 2 to 6"),
)

copies_in_test = (
    WrongAnswer({"lift": "A", "cause": "C", "experiment": "A"}, "between the two groups"),
    WrongAnswer({"lift": "C", "cause": "C", "experiment": "A"}, "a part of"),
    WrongAnswer({"lift": "B", "cause": "A", "experiment": "A"}, "without memory"),
    WrongAnswer({"lift": "B", "cause": "B", "experiment": "A"}, "can also remember"),
    WrongAnswer({"lift": "B", "cause": "C", "experiment": "B"}, "have been seen"),
    WrongAnswer({"lift": "B", "cause": "C", "experiment": "C"}, "surer"),
    WrongAnswer({"lift": 1.6, "cause": "C", "experiment": "A"}, "for `lift`"),
    WrongAnswer({"lift": "B", "cause": "C"}, "for `experiment`"),
)


def _is_contradicted(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.array([row[label] < row.max() for row, label in zip(votes, labels)])


contradicted = (
    WrongAnswer(
        lambda votes, labels: np.flatnonzero(votes.argmax(axis=1) != labels), "share the first"
    ),
    WrongAnswer(_without_majority, "A label can have half"),
    WrongAnswer(_is_contradicted, "a bool array"),
    WrongAnswer(
        lambda votes, labels: np.argwhere(_is_contradicted(votes, labels)), "of shape (3, 1)"
    ),
    WrongAnswer(
        lambda votes, labels: np.flatnonzero(~_is_contradicted(votes, labels)),
        "`[0, 1, 5, 6]`",
    ),
    WrongAnswer(
        lambda votes, labels: np.flatnonzero(votes[np.arange(len(labels)), labels] == 0),
        "array `[6]`",
    ),
)


def _leaks(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    return np.unique(near_duplicate_pairs(test, train)[:, 0])


def _byte_by_byte(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    known = {image.tobytes() for image in train}
    return np.array([i for i, image in enumerate(test) if image.tobytes() in known], dtype=int)


def _in_all(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    pairs = near_duplicate_pairs(test, np.concatenate([train, test]))
    images, counts = np.unique(pairs[:, 0], return_counts=True)
    return images[counts > 1]


find_leaks = (
    WrongAnswer(_byte_by_byte, "array `[6]`"),
    WrongAnswer(lambda train, test: near_duplicate_pairs(test, train)[:, 0], "stands twice"),
    WrongAnswer(lambda train, test: _leaks(train, test)[np.newaxis], "yours is an int64 array"),
    WrongAnswer(
        lambda train, test: np.unique(near_duplicate_pairs(test, train)[:, 1]),
        "indices of training images",
    ),
    WrongAnswer(lambda train, test: _leaks(train, test)[::-1], "`[0]`: expected `2`, yours is `6`"),
    WrongAnswer(lambda train, test: np.arange(len(_leaks(train, test))), "yours run from 0 to 1"),
    WrongAnswer(_in_all, "`[2, 3, 4, 6]`"),
)
