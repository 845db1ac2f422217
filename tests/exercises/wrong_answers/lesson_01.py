"""Wrong answers to the exercises of lesson 01, dataset exploration."""

import numpy as np
from scipy.stats import entropy

from course_utils.dataset.duplicates import near_duplicate_pairs
from course_utils.drawn_faces.generator import draw_face
from course_utils.exercises.lesson_01 import _happily_surprised
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
    WrongAnswer(_share_of_first_class, "Count one of the cases by hand"),
    WrongAnswer(_sorting_baseline, "sorts in place"),
)

find_blank = (
    WrongAnswer(lambda images: np.nonzero(np.ptp(images, axis=(1, 2)) == 0), "yours is (1, 2)"),
    WrongAnswer(lambda images: np.ptp(images, axis=(1, 2)) == 0, "yours is (6,)"),
    WrongAnswer(lambda images: np.flatnonzero(images.max(axis=(1, 2)) == 0), "yours is (1,)"),
    WrongAnswer(lambda images: np.flatnonzero(images.std(axis=(1, 2)) < 5), "yours is (3,)"),
    WrongAnswer(lambda images: 1 + np.flatnonzero(images.std(axis=(1, 2)) == 0), "counts from 1"),
    WrongAnswer(
        lambda images: np.argsort(images.std(axis=(1, 2)))[: (images.std(axis=(1, 2)) == 0).sum()][
            ::-1
        ],
        "images 1 and 4 are blank",
    ),
)

happily_surprised = (
    WrongAnswer(lambda: _happily_surprised(48), "Say `size=96`"),
    WrongAnswer(lambda: draw_face(dict.fromkeys(["AU1", "AU2", "AU12"], 1), 96), "AU25 is missing"),
    WrongAnswer(
        lambda: draw_face(dict.fromkeys(["AU1", "AU2", "AU12", "AU25"], 0.5), 96),
        "half strength",
    ),
    WrongAnswer(lambda: _happily_surprised(AU15=1), "Compare your dictionary"),
)


def _bits(votes: np.ndarray) -> np.ndarray:
    return np.asarray(entropy(votes, axis=1, base=2))


@np.errstate(divide="ignore", invalid="ignore")
def _careless_bits(votes: np.ndarray) -> np.ndarray:
    shares = votes / votes.sum(axis=1, keepdims=True)
    return np.asarray(-(shares * np.log2(shares)).sum(axis=1))


doubt = (
    WrongAnswer(lambda votes: _bits(votes)[:, np.newaxis], "yours is (3, 1)"),
    WrongAnswer(lambda votes: entropy(votes, base=2), "yours is (7,)"),
    WrongAnswer(lambda votes: _bits(votes) * np.log(2), "These are nats"),
    WrongAnswer(
        lambda votes: np.array([max(row) / sum(row) for row in votes.tolist()]), "the agreement"
    ),
    WrongAnswer(lambda votes: -_bits(votes), "sign is turned round"),
    WrongAnswer(_careless_bits, "is not a number"),
    WrongAnswer(
        lambda votes: np.array([len(row[row > 0]) - 1.0 for row in votes]), "yours run from"
    ),
)


def _leaks(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    return np.unique(near_duplicate_pairs(test, train)[:, 0])


def _byte_by_byte(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    known = {image.tobytes() for image in train}
    return np.array([i for i, image in enumerate(test) if image.tobytes() in known], dtype=int)


find_leaks = (
    WrongAnswer(_byte_by_byte, "yours is (1,)"),
    WrongAnswer(lambda train, test: near_duplicate_pairs(test, train)[:, 0], "yours is (3,)"),
    WrongAnswer(lambda train, test: _leaks(train, test)[np.newaxis], "yours is (1, 2)"),
    WrongAnswer(
        lambda train, test: near_duplicate_pairs(test, train)[: len(_leaks(train, test)), 1],
        "indices of training images",
    ),
    WrongAnswer(
        lambda train, test: np.array(sorted(_leaks(train, test), reverse=True), dtype=int),
        "not in rising order",
    ),
    WrongAnswer(
        lambda train, test: np.arange(len(_leaks(train, test))), "for your own small example"
    ),
)
