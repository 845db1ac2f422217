"""How good is a classifier, and how sure can one be? Metrics with their uncertainty."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import entropy
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
    top_k_accuracy_score,
)

from course_utils.emotions import EMOTIONS
from course_utils.evaluation.calibration import expected_calibration_error
from course_utils.evaluation.inputs import CLASSES, check_predictions
from course_utils.evaluation.intervals import (
    Estimate,
    bootstrap_intervals,
    estimate_mean,
    estimate_share,
    wilson_interval,
)
from course_utils.wording import counted


@dataclass(frozen=True, repr=False)
class Report:
    """What a classifier's predictions on one set of images come to.

    Attributes:
        images: how many images were evaluated.
        accuracy: share of images whose most probable class is the true one.
        balanced_accuracy: mean recall over the classes that have images; each counts the same. It
            is the macro average of recall.
        macro_precision: mean precision over the classes that have images or predictions. That of a
            class without a prediction counts as 0, as in scikit-learn.
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
    macro_precision: Estimate
    macro_f1: Estimate
    log_loss: Estimate
    top_2_accuracy: Estimate
    brier_score: Estimate
    calibration_error: Estimate
    table: pd.DataFrame
    confusion_matrix: NDArray[np.int64]

    @property
    def summary(self) -> pd.DataFrame:
        """All figures about the images together: a row each, columns `value`, `low` and `high`."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        rows = {name: value for name, value in values.items() if isinstance(value, Estimate)}
        return pd.DataFrame.from_dict(rows, orient="index", columns=Estimate._fields)

    def __repr__(self) -> str:
        shares = self.table.support / self.images
        log_loss, brier_score = entropy(shares), 1 - (shares**2).sum()
        lines = [
            f"Report on {counted(self.images, 'image')}, with 95 % intervals",
            _line("accuracy", self.accuracy, "share of images that are right", percent=True),
            _line("balanced accuracy", self.balanced_accuracy, "mean recall", percent=True),
            _line("top-2 accuracy", self.top_2_accuracy, "right in two answers", percent=True),
            _line("macro precision", self.macro_precision, "mean precision", percent=True),
            _line("macro F1", self.macro_f1, "mean F1 of the classes; 1 is perfect"),
            _line("log loss", self.log_loss, f"{log_loss:.2f} for the class shares alone"),
            _line("Brier score", self.brier_score, f"{brier_score:.2f} for the class shares alone"),
            _line("calibration error", self.calibration_error, "confidence is off by this much"),
        ]
        recalls = self.table.recall.dropna()
        weakest = self.table.loc[recalls.idxmin()]
        lines.append(
            f"  weakest class: {weakest.name}, recall {100 * weakest.recall:.0f} % "
            f"({100 * weakest.recall_low:.0f} to {100 * weakest.recall_high:.0f}) "
            f"of {counted(int(weakest.support), 'image')}"
        )
        if absent := [str(name) for name in self.table.index[self.table.support == 0]]:
            lines.append(f"  without any image, so without a recall: {', '.join(absent)}")
        return "\n".join(lines)


def evaluate(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Report:
    """Compare a classifier's probabilities with the true labels.

    Proportions have Wilson's interval. Means over classes, F1, log loss and Brier score have the
    percentile bootstrap's, `expected_calibration_error` its own.

    Args:
        labels: int (n,), indices into `EMOTIONS`.
        probabilities: float (n, 7), rows sum to 1.

    Raises:
        ValueError: the two do not have these shapes and values, or there is no image.

    >>> labels = np.array([3, 3, 3, 0])
    >>> report = evaluate(labels, np.eye(7)[[3, 3, 0, 0]])
    >>> report.accuracy.value
    0.75
    >>> report.table.loc["happy", ["precision", "recall"]].round(2).tolist()
    [1.0, 0.67]
    """
    labels, probabilities = check_predictions(labels, probabilities)
    matrix = confusion_matrix(labels, probabilities.argmax(axis=1), labels=CLASSES)
    predicted = probabilities.argmax(axis=1)
    balanced, precision, f1, *f1s = bootstrap_intervals(_means_and_f1s, labels, predicted)
    table = _per_class_table(labels, probabilities, matrix, f1s)
    return Report(
        images=len(labels),
        accuracy=estimate_share(int(np.trace(matrix)), len(labels)),
        balanced_accuracy=balanced,
        macro_precision=precision,
        macro_f1=f1,
        log_loss=estimate_mean(_log_losses(labels, probabilities)),
        top_2_accuracy=_top_2_accuracy(labels, probabilities),
        brier_score=estimate_mean(_squared_errors(labels, probabilities)),
        calibration_error=expected_calibration_error(labels, probabilities),
        table=table,
        confusion_matrix=matrix,
    )


def _per_class_table(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    matrix: NDArray[np.integer],
    f1s: list[Estimate],
) -> pd.DataFrame:
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=CLASSES, zero_division=np.nan
    )
    right = np.diag(matrix)
    columns = {
        "precision": precision,
        **_wilson_columns("precision", right, matrix.sum(axis=0)),
        "recall": recall,
        **_wilson_columns("recall", right, matrix.sum(axis=1)),
        "f1": f1,
        "f1_low": [estimate.low for estimate in f1s],
        "f1_high": [estimate.high for estimate in f1s],
        **_areas(labels, probabilities),
        "support": support,
    }
    return pd.DataFrame(columns, index=pd.Index(EMOTIONS, name="emotion"))


def _wilson_columns(
    name: str, successes: NDArray[np.integer], totals: NDArray[np.integer]
) -> dict[str, list[float]]:
    intervals = [wilson_interval(int(part), int(whole)) for part, whole in zip(successes, totals)]
    lows, highs = zip(*intervals)
    return {f"{name}_low": list(lows), f"{name}_high": list(highs)}


def _means_and_f1s(
    labels: NDArray[np.integer], predicted: NDArray[np.integer], axis: int = -1
) -> NDArray[np.floating]:
    """Return mean recall, mean precision and mean F1, then each class's F1, float (10, ...).

    What is not known, as the recall of a class without an image, is NaN, and left out of means.
    """
    of_class = [(labels == each, predicted == each) for each in CLASSES]
    right = np.stack([(true & found).sum(axis=axis) for true, found in of_class])  # (7, ...)
    present = np.stack([true.sum(axis=axis) for true, _ in of_class])
    found = np.stack([found.sum(axis=axis) for _, found in of_class])
    f1 = _ratio(2 * right, present + found)
    precision = np.where((present > 0) & (found == 0), 0, _ratio(right, found))
    means = [_known_mean(x) for x in (_ratio(right, present), precision, f1)]
    return np.concatenate([np.stack(means), f1])


def _ratio(parts: NDArray[Any], wholes: NDArray[Any]) -> NDArray[Any]:
    return np.where(wholes > 0, parts / np.maximum(wholes, 1), np.nan)


def _known_mean(values: NDArray[np.floating]) -> NDArray[Any]:
    known = ~np.isnan(values)
    return np.asarray(np.where(known, values, 0).sum(axis=0) / known.sum(axis=0))


def _top_2_accuracy(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Estimate:
    right = top_k_accuracy_score(labels, probabilities, k=2, labels=CLASSES, normalize=False)
    return estimate_share(int(right), len(labels))


def _log_losses(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> NDArray[Any]:
    true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.maximum(true, np.finfo(np.float64).eps)))


def _squared_errors(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> NDArray[Any]:
    return np.asarray(((probabilities - np.eye(len(CLASSES))[labels]) ** 2).sum(axis=1))


def _areas(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> dict[str, list[float]]:
    """Return the areas under each class's curves; NaN where no image, or every one, is of it."""
    areas: dict[str, list[float]] = {"roc_auc": [], "average_precision": []}
    for each in CLASSES:
        of_class, found = labels == each, probabilities[:, each]
        known = of_class.any() and not of_class.all()
        areas["roc_auc"].append(roc_auc_score(of_class, found) if known else np.nan)
        precision = average_precision_score(of_class, found) if known else np.nan
        areas["average_precision"].append(precision)
    return areas


def _line(name: str, estimate: Estimate, meaning: str, percent: bool = False) -> str:
    shown = (f"{100 * number:.1f} %" if percent else f"{number:.3f}" for number in estimate)
    value, low, high = shown
    return f"  {name:<18} {value:>7} ({low:>6} to {high:>6})  {meaning}"
