"""How good is a classifier, and how sure can one be? Metrics with their uncertainty."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
    top_k_accuracy_score,
)

from course_utils.emotions import EMOTIONS

CLASSES = range(len(EMOTIONS))
CONFIDENCE_BINS = 15  # as Guo et al. (2017) use
RESAMPLES = 2000
SEED = 0
ACCURACIES = Path(__file__).parent / "static" / "accuracy_on_fer2013.csv"


class Estimate(NamedTuple):
    """A measured value, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, repr=False)
class Report:
    """What a classifier's answers on one set of images come to.

    Attributes:
        images: how many images were judged.
        accuracy: share of images whose most probable class is the true one.
        balanced_accuracy: mean recall over the classes that have images; each counts the same.
        macro_f1: mean F1 over the classes; each counts the same.
        log_loss: mean of -log(probability of the true class), in nats; 0 is perfect.
        top_2_accuracy: share of images whose true class is one of the two most probable.
        brier_score: mean over the images of the squared errors of all seven probabilities together
            (Brier 1950); 0 is perfect, 2 is certain of a wrong class every time.
        calibration_error: expected calibration error; 0 where 70 % sure is right in 70 %.
        table: a row per class, with `precision`, `recall` and `f1`, the ends of their 95 %
            intervals as `precision_low`, `precision_high` and so on, `roc_auc` and
            `average_precision`, the areas under its ROC and its precision-recall curve, and
            `support`, its images. NaN where nothing can be said: recall without an image, precision
            without a prediction.
        confusion_matrix: int64 (7, 7); row = true class, column = predicted class.
    """

    images: int
    accuracy: Estimate
    balanced_accuracy: Estimate
    macro_f1: Estimate
    log_loss: Estimate
    top_2_accuracy: Estimate
    brier_score: Estimate
    calibration_error: Estimate
    table: pd.DataFrame
    confusion_matrix: np.ndarray

    def __repr__(self) -> str:
        lines = [
            f"Report on {self.images:,} images, with 95 % intervals",
            _line("accuracy", self.accuracy, "share of images that are right", percent=True),
            _line("balanced accuracy", self.balanced_accuracy, "mean recall", percent=True),
            _line("top-2 accuracy", self.top_2_accuracy, "right in two answers", percent=True),
            _line("macro F1", self.macro_f1, "mean F1 of the classes; 1 is perfect"),
            _line("log loss", self.log_loss, f"{np.log(len(CLASSES)):.2f} is equal guessing"),
            _line("Brier score", self.brier_score, f"{6 / 7:.2f} is equal guessing"),
            _line("calibration error", self.calibration_error, "confidence is off by this much"),
        ]
        recalls = self.table.recall.dropna()
        weakest = self.table.loc[recalls.idxmin()]
        lines.append(
            f"  weakest class: {weakest.name}, recall {100 * weakest.recall:.0f} % "
            f"({100 * weakest.recall_low:.0f} to {100 * weakest.recall_high:.0f}) "
            f"of {weakest.support:,.0f} images"
        )
        if absent := [str(name) for name in self.table.index[self.table.support == 0]]:
            lines.append(f"  without any image, so without a recall: {', '.join(absent)}")
        return "\n".join(lines)


def evaluate(labels: np.ndarray, probabilities: np.ndarray) -> Report:
    """Compare a classifier's probabilities with the true labels.

    Proportions have Wilson's interval. Means over classes, F1, log loss and Brier score have the
    percentile bootstrap's (Efron 1979, doi:10.1214/aos/1176344552): the images are drawn again,
    with replacement and always with the same seed, and the middle 95 % of the results are kept.
    `expected_calibration_error` has its own.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        probabilities: float (n, 7), rows sum to 1.

    Raises:
        ValueError: the two do not have these shapes and values, or there is no image.
    """
    labels, probabilities = check_answers(labels, probabilities)
    matrix = confusion_matrix(labels, probabilities.argmax(axis=1), labels=CLASSES)
    resampled = _resample(matrix)
    table = _per_class_table(labels, probabilities, matrix, resampled)
    recalls, f1s = _recalls(resampled), _f1s(resampled)
    return Report(
        images=len(labels),
        accuracy=_proportion(int(np.trace(matrix)), len(labels)),
        balanced_accuracy=_estimate(table.recall.mean(), recalls.mean(axis=1)),
        macro_f1=_estimate(table.f1.mean(), f1s.mean(axis=1)),
        log_loss=_mean(_log_losses(labels, probabilities)),
        top_2_accuracy=_top_2_accuracy(labels, probabilities),
        brier_score=_mean(((probabilities - np.eye(len(CLASSES))[labels]) ** 2).sum(axis=1)),
        calibration_error=expected_calibration_error(labels, probabilities),
        table=table,
        confusion_matrix=matrix,
    )


def wilson_interval(successes: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval for a proportion (1927, doi:10.1080/01621459.1927.10502953).

    With no trial at all nothing is known, and both ends are NaN.

    Raises:
        ValueError: `successes` does not lie between 0 and `total`.
    """
    if not 0 <= successes <= total:
        raise ValueError(f"successes must lie between 0 and {total}, not be {successes}")
    if total == 0:
        return float("nan"), float("nan")
    interval = binomtest(int(successes), int(total)).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def baselines(train_labels: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """Return what answers without a look at the image score: the figures to beat.

    The random ones are expectations, not one draw.

    Args:
        train_labels: int (m,), where the most frequent class and the shares are learnt.
        labels: int (n,), the images to judge on.

    Returns:
        one row per baseline, columns `accuracy` and `balanced_accuracy`.

    Raises:
        ValueError: one of the two is empty, or a label is no index into `EMOTIONS`.
    """
    learnt = _shares(_check_labels(train_labels))
    judged = _shares(_check_labels(labels))
    majority = int(learnt.argmax())
    accuracy = {
        f"always {EMOTIONS[majority]}": judged[majority],
        "guess by class share": float(learnt @ judged),
        "guess all equally": 1 / len(CLASSES),
    }
    present = judged > 0
    recalls = [np.eye(len(CLASSES))[majority], learnt, np.full(len(CLASSES), 1 / len(CLASSES))]
    balanced = [float(recall[present].mean()) for recall in recalls]
    return pd.DataFrame(
        {"accuracy": list(accuracy.values()), "balanced_accuracy": balanced}, index=list(accuracy)
    )


def calibration_table(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """Compare confidence with accuracy: the reliability table of Guo et al. (2017).

    An image's confidence is its largest probability. "On Calibration of Modern Neural Networks",
    arXiv:1706.04599.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        probabilities: float (n, 7), rows sum to 1.

    Returns:
        a row for each of 15 equal bins of confidence: `low` (not in the bin) and `high` (in it),
        `images`, and the mean `confidence` and the `accuracy` of its images, NaN where empty.

    Raises:
        ValueError: as `evaluate`.
    """
    labels, probabilities = check_answers(labels, probabilities)
    edges = np.linspace(0, 1, CONFIDENCE_BINS + 1)
    confidence = probabilities.max(axis=1)
    images = pd.DataFrame({"confidence": confidence, "accuracy": probabilities.argmax(1) == labels})
    groups = images.groupby(_confidence_bins(probabilities))
    rows = range(CONFIDENCE_BINS)
    table = groups.mean().reindex(rows)
    counts = groups.size().reindex(rows, fill_value=0)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "images": counts}).join(table)


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> Estimate:
    """Return the mean gap between confidence and accuracy over the bins of `calibration_table`.

    Each bin weighs as many as its images. Guo et al. (2017), equation 3. Noise alone opens gaps, so
    that few images make any network look worse than it is, and images drawn again look worse still.
    The interval is therefore the basic bootstrap's (Davison & Hinkley 1997, section 5.2), which
    turns the second step round to undo the first: most of it lies below the value. In simulations
    it held the truth in about 95 of 100 cases for 1,500 images, in about 89 for 300; an error of
    nearly nothing is still overstated.

    Raises:
        ValueError: as `evaluate`.
    """
    labels, probabilities = check_answers(labels, probabilities)
    gaps = probabilities.max(axis=1) - (probabilities.argmax(axis=1) == labels)
    bins = np.eye(CONFIDENCE_BINS)[_confidence_bins(probabilities)]  # (n, bins)
    error = np.abs((bins * gaps[:, None]).mean(axis=0)).sum()
    resampled = np.abs(_resampled_means(bins * gaps[:, None])).sum(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(*(float(max(0, end)) for end in (error, 2 * error - high, 2 * error - low)))


class Comparison(NamedTuple):
    """Two classifiers on the same images: what only one of them reads rightly decides.

    Attributes:
        only_first: images that only the first one has right.
        only_second: images that only the second one has right.
        gain: the second's accuracy less the first's, and its 95 % interval.
        p_value: the chance of so uneven a split, or a more uneven one, if both were equally good.
    """

    only_first: int
    only_second: int
    gain: Estimate
    p_value: float


def compare(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> Comparison:
    """Compare two classifiers on the same images by McNemar's exact test.

    McNemar (1947), doi:10.1007/BF02295996: where both are equally good, an image that only one has
    right is a coin's throw. The interval is the percentile bootstrap's.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        first: float (n, 7), the probabilities of one classifier.
        second: float (n, 7), the probabilities of the other.

    Raises:
        ValueError: as `evaluate`.
    """
    labels, first = check_answers(labels, first)
    _, second = check_answers(labels, second)
    gains = (second.argmax(axis=1) == labels) * 1 - (first.argmax(axis=1) == labels)  # -1, 0, 1
    losses, wins = int((gains < 0).sum()), int((gains > 0).sum())
    p_value = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    return Comparison(losses, wins, _mean(gains), float(p_value))


def accuracies_on_fer2013() -> pd.DataFrame:
    """Return accuracies on FER2013: what knows nothing, the course's networks, published ones.

    Returns:
        index `name`; columns `parameters` (0 where there are none to count), `accuracy`, `images`,
        Wilson's 95 % interval for that many images as `low` and `high`, `protocol` (on which images
        it was judged, and how), and `source`.
    """
    table = pd.read_csv(ACCURACIES, index_col="name")
    right = (table["accuracy"] * table["images"]).round().astype(int)
    intervals = [wilson_interval(part, whole) for part, whole in zip(right, table["images"])]
    table[["low", "high"]] = intervals
    return table


def _confidence_bins(probabilities: np.ndarray) -> np.ndarray:
    """Return the bin of each image's confidence; a bin's upper end belongs to it."""
    edges = np.linspace(0, 1, CONFIDENCE_BINS + 1)
    bins = np.searchsorted(edges, probabilities.max(axis=1), side="left") - 1
    return np.clip(bins, 0, CONFIDENCE_BINS - 1)


def _per_class_table(
    labels: np.ndarray, probabilities: np.ndarray, matrix: np.ndarray, resampled: np.ndarray
) -> pd.DataFrame:
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=CLASSES, zero_division=np.nan
    )
    right = np.diag(matrix)
    f1_interval = _f1s(resampled).quantile([0.025, 0.975])
    columns = {
        "precision": precision,
        **_wilson_columns("precision", right, matrix.sum(axis=0)),
        "recall": recall,
        **_wilson_columns("recall", right, matrix.sum(axis=1)),
        "f1": f1,
        "f1_low": f1_interval.loc[0.025].to_numpy(),
        "f1_high": f1_interval.loc[0.975].to_numpy(),
        **_areas(labels, probabilities),
        "support": support,
    }
    return pd.DataFrame(columns, index=pd.Index(EMOTIONS, name="emotion"))


def _wilson_columns(name: str, successes: np.ndarray, totals: np.ndarray) -> dict[str, list[float]]:
    intervals = [wilson_interval(int(part), int(whole)) for part, whole in zip(successes, totals)]
    lows, highs = zip(*intervals)
    return {f"{name}_low": list(lows), f"{name}_high": list(highs)}


def _resample(matrix: np.ndarray) -> np.ndarray:
    """Return (RESAMPLES, 7, 7) confusion matrices of images drawn again with replacement.

    Only an image's cell matters here, so drawing images is drawing cells from a multinomial.
    """
    random = np.random.default_rng(SEED)
    cells = random.multinomial(matrix.sum(), matrix.ravel() / matrix.sum(), size=RESAMPLES)
    return cells.reshape(-1, *matrix.shape)


def _recalls(matrices: np.ndarray) -> pd.DataFrame:
    """Return the recall of each class (column) in each matrix (row); NaN without an image."""
    right = pd.DataFrame(np.diagonal(matrices, axis1=1, axis2=2))
    return right / matrices.sum(axis=2)


def _f1s(matrices: np.ndarray) -> pd.DataFrame:
    """Return the F1 of each class (column) in each matrix (row); NaN where it never occurs."""
    right = pd.DataFrame(np.diagonal(matrices, axis1=1, axis2=2))
    return 2 * right / (matrices.sum(axis=1) + matrices.sum(axis=2))


def _estimate(value: float, resampled: pd.Series) -> Estimate:
    low, high = resampled.quantile([0.025, 0.975])
    return Estimate(float(value), float(low), float(high))


def _proportion(successes: int, total: int) -> Estimate:
    return Estimate(successes / total, *wilson_interval(successes, total))


def _top_2_accuracy(labels: np.ndarray, probabilities: np.ndarray) -> Estimate:
    right = top_k_accuracy_score(labels, probabilities, k=2, labels=CLASSES, normalize=False)
    return _proportion(int(right), len(labels))


def _log_losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.maximum(true, np.finfo(np.float64).eps)))


def _areas(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, list[float]]:
    """Return the areas under each class's curves; NaN where no image, or every one, is of it."""
    areas: dict[str, list[float]] = {"roc_auc": [], "average_precision": []}
    for each in CLASSES:
        of_class, found = labels == each, probabilities[:, each]
        known = of_class.any() and not of_class.all()
        areas["roc_auc"].append(roc_auc_score(of_class, found) if known else np.nan)
        precision = average_precision_score(of_class, found) if known else np.nan
        areas["average_precision"].append(precision)
    return areas


def _mean(values: np.ndarray) -> Estimate:
    """Return the mean of one value per image, with the percentile bootstrap's interval."""
    resampled = _resampled_means(values[:, None])[:, 0]
    return _estimate(values.mean(), pd.Series(resampled))


def _resampled_means(values: np.ndarray) -> np.ndarray:
    """Return the column means of `values`, (n, k), over images drawn again: (RESAMPLES, k)."""
    random = np.random.default_rng(SEED)
    draws = (random.integers(0, len(values), len(values)) for _ in range(RESAMPLES))
    times = (np.bincount(draw, minlength=len(values)) for draw in draws)
    return np.stack([how_often @ values for how_often in times]) / len(values)


def _shares(labels: np.ndarray) -> np.ndarray:
    return np.bincount(labels, minlength=len(CLASSES)) / len(labels)


def _line(name: str, estimate: Estimate, meaning: str, percent: bool = False) -> str:
    shown = (f"{100 * number:.1f} %" if percent else f"{number:.3f}" for number in estimate)
    value, low, high = shown
    return f"  {name:<18} {value:>7} ({low:>6} to {high:>6})  {meaning}"


def _check_labels(labels: np.ndarray) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers (n,), not {labels.dtype} {labels.shape}")
    if not len(labels):
        raise ValueError("There is no image to judge: labels is empty.")
    if labels.min() < 0 or labels.max() >= len(CLASSES):
        raise ValueError(
            f"labels must lie between 0 and {len(CLASSES) - 1}; "
            f"these lie between {labels.min()} and {labels.max()}"
        )
    return labels


def check_answers(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, int (n,), and probabilities, float64 (n, 7) whose rows sum to 1 exactly.

    Raises:
        ValueError: the two do not have these shapes and values, or there is no image.
    """
    labels = _check_labels(labels)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.shape != (len(labels), len(CLASSES)):
        raise ValueError(
            f"probabilities must be {(len(labels), len(CLASSES))}, one row for each label, "
            f"not {probabilities.shape}"
        )
    if not np.isfinite(probabilities).all():
        row = int(np.flatnonzero(~np.isfinite(probabilities).all(axis=1))[0])
        raise ValueError(f"probabilities must be finite; row {row} holds NaN or infinity")
    sums = probabilities.sum(axis=1)
    bad = (probabilities.min(axis=1) < 0) | (np.abs(sums - 1) > 1e-3)
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(
            "probabilities must not be negative, and rows must sum to 1 (did you pass the "
            f"network's logits, or counts?); row {row} sums to {sums[row]:.3f}"
        )
    return labels, probabilities / sums[:, np.newaxis]
