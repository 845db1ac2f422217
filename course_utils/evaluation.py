"""How good is a classifier, and how sure can one be? Metrics with their uncertainty."""

from dataclasses import dataclass, fields
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
from course_utils.intervals import (
    RESAMPLES,
    SEED,
    Estimate,
    estimate_mean,
    estimate_share,
    percentile_interval,
    resampled_matrices,
    resampled_means,
    wilson_interval,
)

__all__ = [
    "ACCURACIES",
    "RESAMPLES",
    "SEED",
    "Comparison",
    "Estimate",
    "Report",
    "accuracies_on_fer2013",
    "baselines",
    "calibration_table",
    "check_answers",
    "compare",
    "evaluate",
    "expected_calibration_error",
    "wilson_interval",
]

CLASSES = range(len(EMOTIONS))
CONFIDENCE_BINS = 15  # as Guo et al. (2017) use
ACCURACIES = Path(__file__).parent / "static" / "accuracy_on_fer2013.csv"


@dataclass(frozen=True, repr=False)
class Report:
    """What a classifier's answers on one set of images come to.

    Attributes:
        images: how many images were judged.
        accuracy: share of images whose most probable class is the true one.
        balanced_accuracy: mean recall over the classes that have images; each counts the same. It
            is the macro average of recall.
        macro_precision: mean precision over the classes that were answered at all.
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
        calibration: `calibration_table` of the same answers.
        labels: int (n,), the true classes.
        probabilities: float64 (n, 7), what was judged.
    """

    images: int
    accuracy: Estimate
    balanced_accuracy: Estimate
    macro_precision: Estimate
    macro_f1: Estimate
    log_loss: Estimate
    top_2_accuracy: Estimate
    brier_score: Estimate
    calibration_error: Estimate
    table: pd.DataFrame
    confusion_matrix: np.ndarray
    calibration: pd.DataFrame
    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def summary(self) -> pd.DataFrame:
        """All figures about the images together: a row each, columns `value`, `low` and `high`."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        rows = {name: value for name, value in values.items() if isinstance(value, Estimate)}
        return pd.DataFrame.from_dict(rows, orient="index", columns=Estimate._fields)

    def __repr__(self) -> str:
        lines = [
            f"Report on {self.images:,} images, with 95 % intervals",
            _line("accuracy", self.accuracy, "share of images that are right", percent=True),
            _line("balanced accuracy", self.balanced_accuracy, "mean recall", percent=True),
            _line("top-2 accuracy", self.top_2_accuracy, "right in two answers", percent=True),
            _line("macro precision", self.macro_precision, "mean precision", percent=True),
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
    percentile bootstrap's, `expected_calibration_error` its own.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        probabilities: float (n, 7), rows sum to 1.

    Raises:
        ValueError: the two do not have these shapes and values, or there is no image.
    """
    labels, probabilities = check_answers(labels, probabilities)
    matrix = confusion_matrix(labels, probabilities.argmax(axis=1), labels=CLASSES)
    resampled = resampled_matrices(matrix)
    table = _per_class_table(labels, probabilities, matrix, resampled)
    precisions, recalls, f1s = _precisions(resampled), _recalls(resampled), _f1s(resampled)
    return Report(
        images=len(labels),
        accuracy=estimate_share(int(np.trace(matrix)), len(labels)),
        balanced_accuracy=percentile_interval(table.recall.mean(), recalls.mean(axis=1)),
        macro_precision=percentile_interval(table.precision.mean(), precisions.mean(axis=1)),
        macro_f1=percentile_interval(table.f1.mean(), f1s.mean(axis=1)),
        log_loss=estimate_mean(_log_losses(labels, probabilities)),
        top_2_accuracy=_top_2_accuracy(labels, probabilities),
        brier_score=estimate_mean(_squared_errors(labels, probabilities)),
        calibration_error=expected_calibration_error(labels, probabilities),
        table=table,
        confusion_matrix=matrix,
        calibration=calibration_table(labels, probabilities),
        labels=labels,
        probabilities=probabilities,
    )


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
    resampled = np.abs(resampled_means(bins * gaps[:, None])).sum(axis=1)
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
    return Comparison(losses, wins, estimate_mean(gains), float(p_value))


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


def _precisions(matrices: np.ndarray) -> pd.DataFrame:
    """Return the precision of each class (column) in each matrix (row); NaN without an answer."""
    right = pd.DataFrame(np.diagonal(matrices, axis1=1, axis2=2))
    return right / matrices.sum(axis=1)


def _recalls(matrices: np.ndarray) -> pd.DataFrame:
    """Return the recall of each class (column) in each matrix (row); NaN without an image."""
    right = pd.DataFrame(np.diagonal(matrices, axis1=1, axis2=2))
    return right / matrices.sum(axis=2)


def _f1s(matrices: np.ndarray) -> pd.DataFrame:
    """Return the F1 of each class (column) in each matrix (row); NaN where it never occurs."""
    right = pd.DataFrame(np.diagonal(matrices, axis1=1, axis2=2))
    return 2 * right / (matrices.sum(axis=1) + matrices.sum(axis=2))


def _top_2_accuracy(labels: np.ndarray, probabilities: np.ndarray) -> Estimate:
    right = top_k_accuracy_score(labels, probabilities, k=2, labels=CLASSES, normalize=False)
    return estimate_share(int(right), len(labels))


def _log_losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.maximum(true, np.finfo(np.float64).eps)))


def _squared_errors(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    return np.asarray(((probabilities - np.eye(len(CLASSES))[labels]) ** 2).sum(axis=1))


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
