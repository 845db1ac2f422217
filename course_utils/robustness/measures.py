"""What is left of a network when pictures, people or questions change, and when it had better pass.

Worse pictures and shifts by a pixel, classes in other shares, pictures without a face, and the
trade between answering often and answering rightly.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import cv2
import numpy as np
import pandas as pd
import skimage.data
from numpy.typing import NDArray
from scipy.ndimage import shift
from tqdm.auto import tqdm

from course_utils.classifier import Classifier
from course_utils.emotions import EMOTIONS
from course_utils.evaluation.inputs import check_predictions
from course_utils.evaluation.intervals import Estimate, bootstrap_interval, wilson_interval
from course_utils.preprocessing import to_grey
from course_utils.robustness.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from course_utils.split import IMAGE_SIZE, Split

DIRECTIONS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
COVERAGES = tuple(round(0.05 * step, 2) for step in range(1, 21))
EM_STEPS = 200
TEXTURES = ("brick", "grass", "gravel")
THINGS = ("coffee", "hubble_deep_field", "moon", "page", "rocket", "text")
PLAIN, NOISE = "one grey", "noise"


def correct_when_corrupted(
    classifier: Classifier,
    faces: Split,
    severities: Sequence[int] = SEVERITIES,
    seed: int = 0,
) -> pd.DataFrame:
    """Tell for each image whether it is read correctly in each corruption at each severity.

    A progress bar counts the corruptions.

    Args:
        classifier: what is evaluated.
        faces: images with labels.
        severities: some of `corruptions.SEVERITIES`.
        seed: of the noise.

    Returns:
        bool: a row per image, a column for each pair of `corruption` and `severity`.

    Raises:
        ValueError: a severity that does not exist.
    """
    right = {}
    for name, severity in tqdm(list(product(CORRUPTIONS, severities)), "Corruptions", leave=False):
        worse = corrupt(faces.images, name, severity, seed)
        right[name, severity] = classifier.predict_proba(worse).argmax(axis=1) == faces.labels
    columns = pd.MultiIndex.from_tuples(right, names=["corruption", "severity"])
    return pd.DataFrame(np.stack(list(right.values()), axis=1), columns=columns)


def accuracy_by_corruption(right: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy in each corruption at each severity, with Wilson's 95 % interval.

    Args:
        right: as `correct_when_corrupted` returns it.

    Returns:
        A row for each pair of `corruption` and `severity`: `accuracy`, `low`, `high`, `images`.
    """
    table = pd.DataFrame({"accuracy": right.mean(), "images": len(right)})
    intervals = [wilson_interval(int(hits), len(right)) for hits in right.sum()]
    table[["low", "high"]] = intervals
    return table[["accuracy", "low", "high", "images"]]


def mean_corruption_accuracy(
    right: pd.DataFrame, severities: Sequence[int] = SEVERITIES
) -> Estimate:
    """Return the mean accuracy over all corruptions at some severities.

    Each corruption and severity weighs the same. Hendrycks & Dietterich (2019, arXiv 1903.12261)
    divide the errors by those of an older network first; here nothing is divided. The interval is
    the percentile bootstrap's over images: one image is in every corruption.

    Args:
        right: as `correct_when_corrupted` returns it.
        severities: those to count, all of them measured.

    Raises:
        ValueError: a severity was not measured.
    """
    return bootstrap_interval(np.mean, _each_image(right, severities))


def accuracy_retained(
    clean: NDArray[np.bool_], right: pd.DataFrame, severities: Sequence[int] = SEVERITIES
) -> Estimate:
    """Return the mean corruption accuracy as a share of the accuracy on the same clean images.

    Args:
        clean: bool (n,), whether each image is read correctly without a corruption.
        right: as `correct_when_corrupted` returns it.
        severities: those to count, all of them measured.

    Raises:
        ValueError: a severity was not measured, or the two are not on the same images.
    """
    if len(clean) != len(right):
        raise ValueError(f"{len(clean)} clean images and {len(right)} corrupted ones differ.")

    def ratio(corrupted: NDArray[Any], whole: NDArray[Any], axis: int = -1) -> NDArray[Any]:
        return np.asarray(corrupted.mean(axis=axis) / whole.mean(axis=axis))

    return bootstrap_interval(ratio, _each_image(right, severities), np.asarray(clean, dtype=float))


def _each_image(right: pd.DataFrame, severities: Sequence[int]) -> NDArray[np.floating]:
    """Return the share of the corruptions in which each image is read correctly, float (n,)."""
    measured = right.columns.get_level_values("severity")
    missing = sorted(set(severities) - set(measured))
    if missing or not len(severities):
        raise ValueError(f"Not measured at the severities {missing}: {sorted(set(measured))} are.")
    return np.asarray(right.loc[:, measured.isin(list(severities))].to_numpy().mean(axis=1))


def move(images: NDArray[np.uint8], right: int, down: int) -> NDArray[np.uint8]:
    """Move images by whole pixels; the edge that is left is filled with its own last pixels.

    Args:
        images: uint8 (n, h, w).
        right: pixels to the right, negative to the left.
        down: pixels down, negative up.

    Returns:
        uint8 (n, h, w).
    """
    return np.asarray(shift(images, (0, down, right), order=0, mode="nearest"))


def flip_probability(classifier: Classifier, images: NDArray[np.uint8]) -> Estimate:
    """Return how often the prediction changes when the picture moves by one pixel.

    The mean over images and four directions; the interval is the percentile bootstrap's over
    images. Hendrycks & Dietterich (2019, arXiv 1903.12261, section 3.2) call it flip probability.

    Args:
        classifier: what is evaluated.
        images: uint8 (n, 48, 48).
    """
    still = classifier.predict_proba(images).argmax(axis=1)
    changes = [
        classifier.predict_proba(move(images, *step)).argmax(axis=1) != still
        for step in DIRECTIONS.values()
    ]
    return bootstrap_interval(np.mean, np.mean(changes, axis=0))


def resample_to_priors(faces: Split, shares: Mapping[str, float], seed: int = 0) -> Split:
    """Choose images so that the classes have other shares: as many as there are, each once at most.

    Args:
        faces: images with labels.
        shares: how common each class shall be; a class that is not named is left out.
        seed: of the choice.

    Raises:
        ValueError: an unknown class, shares that are negative or all zero, or no image of a class.
    """
    wanted = _as_shares(shares)
    there = np.bincount(faces.labels, minlength=len(EMOTIONS))
    total = min(there[wanted > 0] / wanted[wanted > 0])
    counts = np.floor(total * wanted + 1e-9).astype(int)
    if not counts[wanted > 0].all():
        raise ValueError("There are too few images of a class for these shares.")
    order = np.random.default_rng(seed).permutation(len(faces))
    chosen = [order[faces.labels[order] == label][:count] for label, count in enumerate(counts)]
    return faces.take(np.sort(np.concatenate(chosen)))


def _as_shares(shares: Mapping[str, float]) -> NDArray[Any]:
    unknown = [name for name in shares if name not in EMOTIONS]
    if unknown:
        raise ValueError(f"No such class: {', '.join(unknown)}. There are: {', '.join(EMOTIONS)}.")
    wanted = np.array([shares.get(name, 0.0) for name in EMOTIONS], dtype=float)
    if wanted.min() < 0 or wanted.sum() == 0:
        raise ValueError("Shares must not be negative, nor all zero.")
    return np.asarray(wanted / wanted.sum())


def adjust_to_priors(
    probabilities: NDArray[np.floating], before: NDArray[np.floating], after: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Correct probabilities for classes that have become more or less common.

    Bayes' rule: each class is multiplied by its new share over its old one, and rows are divided by
    their sums. It holds where the faces of each class look as before, and only the shares differ.
    Saerens, Latinne & Decaestecker (2002), doi 10.1162/089976602753284446, equation 2.4.

    Args:
        probabilities: float (n, 7), rows sum to 1.
        before: float (7,), the shares where the network learned, all above 0.
        after: float (7,), the shares where it is used.

    Returns:
        float (n, 7), rows sum to 1.
    """
    raised = probabilities * (np.asarray(after) / np.asarray(before))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def estimate_priors(
    probabilities: NDArray[np.floating], before: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Estimate the shares of the classes from a network's predictions, without any label.

    Expectation-maximisation, 200 steps: the shares are the mean of the corrected probabilities, and
    the probabilities are corrected for these shares. Saerens, Latinne & Decaestecker (2002),
    doi 10.1162/089976602753284446, equation 2.9. It is as good as the probabilities are calibrated.

    Args:
        probabilities: float (n, 7), rows sum to 1.
        before: float (7,), the shares where the network learned, all above 0.

    Returns:
        float (7,), sums to 1.
    """
    after = np.asarray(before, dtype=float)
    for _ in range(EM_STEPS):
        after = adjust_to_priors(probabilities, before, after).mean(axis=0)
    return after


def out_of_distribution(n: int, seed: int = 0) -> dict[str, NDArray[np.uint8]]:
    """Return pictures that show no face, of four sorts.

    One grey; noise; textures and things, cut at random from the pictures that come with
    scikit-image.

    Args:
        n: how many of each kind.
        seed: of the greys, the noise and the cuts.

    Returns:
        For the name of each kind, uint8 (n, 48, 48).
    """
    rng = np.random.default_rng(seed)
    shape = (n, IMAGE_SIZE, IMAGE_SIZE)
    greys = rng.integers(0, 256, (n, 1, 1), dtype=np.uint8)
    return {
        PLAIN: np.broadcast_to(greys, shape).copy(),
        NOISE: rng.integers(0, 256, shape, dtype=np.uint8),
        "textures": _cuttings(TEXTURES, n, rng),
        "things": _cuttings(THINGS, n, rng),
    }


def _cuttings(names: Sequence[str], n: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return squares from 48 to 144 pixels wide of some pictures, each reduced to 48."""
    pictures = [_grey_picture(getattr(skimage.data, name)()) for name in names]
    cuttings = []
    for index in range(n):
        picture = pictures[index % len(pictures)]
        side = int(rng.integers(IMAGE_SIZE, 3 * IMAGE_SIZE))
        top, left = (int(rng.integers(0, length - side)) for length in picture.shape)
        square = picture[top : top + side, left : left + side]
        size = (IMAGE_SIZE, IMAGE_SIZE)
        cuttings.append(cv2.resize(square, size, interpolation=cv2.INTER_AREA))
    return np.stack(cuttings)


def _grey_picture(picture: NDArray[np.uint8]) -> NDArray[Any]:
    return np.asarray(to_grey(picture[np.newaxis])[0])


def risk_coverage(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> pd.DataFrame:
    """Return how often the network is wrong where it may pass on the images it is least sure of.

    El-Yaniv & Wiener (2010), "On the foundations of noise-free selective classification", JMLR 11.
    How sure it is of an image is its largest probability.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        probabilities: float (n, 7), rows sum to 1.

    Returns:
        A row per coverage, the share of images that it answers, from 5 % to all: `threshold`, the
        least probability that is answered, `risk`, the share of wrong ones among the answers, with
        Wilson's 95 % interval as `low` and `high`, and `predictions`, their number.

    Raises:
        ValueError: as `evaluation.evaluate`.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    confidence = probabilities.max(axis=1)
    surest_first = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[surest_first]
    rows = []
    for coverage in COVERAGES:
        predictions = max(round(coverage * len(labels)), 1)
        mistakes = int(wrong[:predictions].sum())
        threshold = confidence[surest_first[predictions - 1]]
        interval = wilson_interval(mistakes, predictions)
        rows.append((threshold, mistakes / predictions, *interval, predictions))
    index = pd.Index(COVERAGES, name="coverage")
    return pd.DataFrame(rows, index, columns=["threshold", "risk", "low", "high", "predictions"])


def threshold_for_risk(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating], risk: float
) -> float:
    """Return the lowest probability from which on at most a share `risk` of predictions is wrong.

    Choose it on validation images, and read what it costs on others.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        probabilities: float (n, 7), rows sum to 1.
        risk: the share of wrong answers that is allowed, from 0 to 1.

    Returns:
        A probability; infinity where not even the surest answers are right often enough.

    Raises:
        ValueError: as `evaluation.evaluate`, or the risk is outside of its range.
    """
    if not 0 <= risk <= 1:
        raise ValueError(f"The risk must lie between 0 and 1: {risk}.")
    labels, probabilities = check_predictions(labels, probabilities)
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[order]
    risks = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    # Images of the same probability are answered together, or not at all.
    is_last = np.append(np.diff(confidence[order]) < 0, True)
    allowed = np.flatnonzero(is_last & (risks <= risk))
    return float(confidence[order][allowed[-1]]) if len(allowed) else float("inf")
