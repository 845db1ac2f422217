"""Right answers in other styles to the exercises of lesson 01, dataset exploration."""

from collections import Counter
from fractions import Fraction
from pathlib import PurePosixPath

import cv2
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier

from course_utils import EMOTIONS
from course_utils.dataset.duplicates import near_duplicates

two_accuracies = (
    (0.6, 0.33333333),
    [Fraction(3, 5), Fraction(1, 3)],
    list(np.array([0.6, 1 / 3], dtype=np.float32)),
)


def _of_a_dummy(labels: np.ndarray) -> float:
    return float(DummyClassifier().fit(labels, labels).score(labels, labels))


majority_baseline = (
    lambda labels: pd.Series(labels).value_counts(normalize=True).max(),
    lambda labels: Fraction(Counter(labels.tolist()).most_common(1)[0][1], len(labels)),
    lambda labels: max(np.mean(labels == label) for label in range(7)),
    lambda labels: np.mean(labels == np.bincount(labels).argmax()),
    _of_a_dummy,
)

read_labels = (
    lambda files: [EMOTIONS.index(file.split("/")[-2]) for file in files],
    lambda files: np.array([EMOTIONS.index(PurePosixPath(file).parent.name) for file in files]),
    lambda files: (
        pd.Categorical(pd.Series(files).str.extract(r"/(\w+)/[^/]+$")[0], categories=EMOTIONS).codes
    ),
    lambda files: (
        pd.Series(files).str.split("/").str[-2].map({e: i for i, e in enumerate(EMOTIONS)})
    ),
)


def _with_a_loop(images: np.ndarray) -> list[int]:
    found = []
    for place, image in enumerate(images):
        _, counts = np.unique(image, return_counts=True)
        if 2 * counts.max() > image.size:
            found.append(place)
    return found


def _by_the_median(images: np.ndarray) -> np.ndarray:
    middle = np.median(images, axis=(1, 2), keepdims=True)
    return np.flatnonzero((images == middle).mean(axis=(1, 2)) > 0.5)


def _by_histograms(images: np.ndarray) -> np.ndarray:
    most = [cv2.calcHist([image], [0], None, [256], [0, 256]).max() for image in images]
    return np.where(np.array(most) > images.shape[1] * images.shape[2] / 2)[0]


find_empty = (_with_a_loop, _by_the_median, _by_histograms)

copies_in_test = (
    {"lift": "b", "cause": "c", "experiment": "a"},
    {"experiment": " A", "cause": "C ", "lift": "B"},
)


def _by_deviation(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    best = votes == votes.max(axis=1, keepdims=True)
    return np.nonzero(~best[np.arange(len(votes)), labels])[0]


contradicted = (
    lambda votes, labels: [
        place for place, (row, label) in enumerate(zip(votes, labels)) if row[label] < max(row)
    ],
    lambda votes, labels: np.flatnonzero(
        (votes > np.take_along_axis(votes, labels[:, np.newaxis], axis=1)).any(axis=1)
    ),
    _by_deviation,
)


def _by_correlation(train: np.ndarray, test: np.ndarray) -> list[int]:
    small = [
        [cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA).ravel() for image in images]
        for images in (test, train)
    ]
    correlations = np.corrcoef(*small)[: len(test), len(test) :]
    return [place for place, row in enumerate(correlations) if row.max() > 0.995]


find_leaks = (
    lambda train, test: np.flatnonzero(near_duplicates(test, train)),
    lambda train, test: sorted(i for i in range(len(test)) if near_duplicates(test, train)[i]),
    _by_correlation,
)
