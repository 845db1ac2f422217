"""Which mistakes are the labels'? Confident learning, and the confusions that people share.

These take labels as they are given, and probabilities from a model that has not learned from these
very images: one that has repeats their labels, the wrong ones too.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from course_utils.emotions import EMOTIONS
from course_utils.evaluation.inputs import CLASSES, check_predictions

PEOPLE = Path(__file__).parent / "people_on_fer2013.csv"


def worst_mistakes(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating], n: int = 8
) -> NDArray[np.int64]:
    """Return where the classifier was wrong and most sure of it, the surest first.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        probabilities: float (n, 7), rows sum to 1.
        n: how many; fewer come back where there are fewer mistakes.

    Returns:
        int64 (at most n,), indices into `labels`.

    Raises:
        ValueError: as `evaluation.evaluate`.

    >>> probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]) @ np.eye(2, 7)
    >>> worst_mistakes(np.array([1, 1, 1]), probabilities)
    array([0, 2])
    """
    labels, probabilities = check_predictions(labels, probabilities)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")
    return wrong[order][:n]


class Suspects(NamedTuple):
    """Images whose label confident learning doubts, the most doubtful first.

    Attributes:
        images: int64 (k,), which ones.
        proposed: int64 (k,), the class that each is taken for.
    """

    images: NDArray[np.int64]
    proposed: NDArray[np.int64]


def find_label_errors(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Suspects:
    """Find the images that confidently belong to another class than their label's.

    Confident learning (Northcutt, Jiang & Chuang 2021, doi:10.1613/jair.1.12125): a class counts as
    possible for an image where its probability reaches the mean that it has over the images that
    carry its label. Of the possible classes the most probable one is proposed; an image is suspect
    where that is not its label. The lower the probability of the label, the more doubtful it is.

    Args:
        labels: int (n,), indices into `EMOTIONS`, some of them wrong.
        probabilities: float (n, 7), rows sum to 1, of a model that did not learn from these labels.

    Raises:
        ValueError: as `evaluation.evaluate`.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    thresholds = class_thresholds(labels, probabilities)
    possible = np.where(probabilities >= thresholds, probabilities, -1)
    proposed = np.where(possible.max(axis=1) >= 0, possible.argmax(axis=1), labels)
    suspect = np.flatnonzero(proposed != labels)
    order = np.argsort(probabilities[suspect, labels[suspect]], kind="stable")
    return Suspects(suspect[order], proposed[suspect[order]])


def class_thresholds(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return each class's mean probability over the images that carry its label, float (7,).

    It is infinite for a class that no image carries: nothing is taken for it.

    Raises:
        ValueError: as `evaluation.evaluate`.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    return np.array(
        [
            probabilities[labels == each, each].mean() if (labels == each).any() else np.inf
            for each in CLASSES
        ]
    )


def people_confusions() -> pd.DataFrame:
    """Return how people read the photographs of FER2013, by the label that they carry.

    Counted by `research/count_votes.py` from FER+ (Barsoum et al. 2016, arXiv:1608.01041), ten
    votes an image, and the labels of FER2013's Training and PublicTest rows.

    Returns:
        A row per label, a column per class that people chose, the shares of the votes for the seven
        classes; each row sums to 1.
    """
    votes = pd.read_csv(PEOPLE, index_col="label")
    return votes.div(votes.sum(axis=1), axis=0)


def confusion_pairs(shares: NDArray[np.floating] | pd.DataFrame) -> pd.Series:
    """Return how often the two classes of each pair are taken for one another, most often first.

    Args:
        shares: float (7, 7), each row the shares of the answers to one true class.

    Returns:
        21 means of the two directions, by names such as "fear / surprise".
    """
    shares = np.asarray(shares, dtype=float)
    pairs = {
        f"{EMOTIONS[one]} / {EMOTIONS[other]}": (shares[one, other] + shares[other, one]) / 2
        for one in CLASSES
        for other in range(one + 1, len(EMOTIONS))
    }
    return pd.Series(pairs).sort_values(ascending=False, kind="stable")
