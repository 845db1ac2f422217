"""Every figure of the course, each with a text that says what it shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray
from sklearn.metrics import auc, precision_recall_curve, roc_curve

from course_utils.emotions import COLOURS, EMOTIONS, MARKERS
from course_utils.plots.style import (
    BLUE,
    INK,
    ORANGE,
    OUTLINED,
    WIDTH,
    FigureWithText,
    in_percent,
    leading,
    percent,
    probability_bars,
    styled,
)

if TYPE_CHECKING:
    from course_utils.evaluation.report import Report


@styled
def confusion_matrix(matrix: NDArray[np.integer]) -> FigureWithText:
    """Draw a confusion matrix: each row in per cent of its images, with the counts below.

    Args:
        matrix: int (7, 7); row = true class, column = predicted class.
    """
    matrix = np.asarray(matrix)
    totals = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, totals, out=np.full(matrix.shape, np.nan), where=totals > 0)
    cells = [
        [f"{percent(share)}\n{count:,}" if count else "" for share, count in zip(*row)]
        for *row, total in zip(shares, matrix, totals.ravel())
    ]
    figure = Figure(figsize=(WIDTH, 6.6), layout="constrained")
    axes = figure.subplots()
    names = {"xticklabels": EMOTIONS, "yticklabels": EMOTIONS}
    colours = {"cmap": "Blues", "vmin": 0, "vmax": 1, "cbar": False, "linewidths": 1}
    look = {"annot_kws": {"fontsize": 11.5}}
    seaborn.heatmap(shares, annot=np.array(cells), fmt="", ax=axes, **names, **colours, **look)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)
    axes.tick_params(axis="x", rotation=0)
    return FigureWithText(figure, _describe_confusions(matrix, shares))


@styled
def per_class(table: pd.DataFrame) -> FigureWithText:
    """Draw precision, recall and F1 of each class with their 95 % intervals.

    Args:
        table: `Report.table` of `evaluation.evaluate`: a row per class, columns `precision`,
            `precision_low`, `precision_high`, the same for `recall` and `f1`, and `support`.
    """
    figure = Figure(figsize=(WIDTH, 3.9), layout="constrained")
    sentences = []
    rows = np.arange(len(table))
    for measure, axes in zip(("precision", "recall", "f1"), figure.subplots(1, 3, sharey=True)):
        values = table[measure]
        for row, name in enumerate(table.index):
            look = {"color": COLOURS[name], **OUTLINED}
            axes.plot(table.loc[name, [f"{measure}_low", f"{measure}_high"]], [row, row], **look)
            axes.plot(values[name], row, MARKERS[name], markersize=9, **look)
            if np.isnan(values[name]):
                axes.text(0, row, "unknown", va="center", fontsize=11)
        shown = measure.upper() if measure == "f1" else measure
        axes.set(title=shown, xlim=(-0.04, 1.04), xticks=[0, 0.5, 1], yticks=rows)
        axes.set_yticklabels([f"{name} ({table.support[name]:,})" for name in table.index])
        axes.grid(axis="x", color="#E5E5E5")
        sentences.append(
            f"{shown} is highest for {values.idxmax()} ({values.max():.2f}) and lowest for "
            f"{values.idxmin()} ({values.min():.2f})"
        )
    axes.invert_yaxis()
    text = f"Scores of each class with 95 % intervals: {'; '.join(sentences)}."
    return FigureWithText(figure, text)


@styled
def probabilities(
    probabilities: NDArray[np.floating], titles: Sequence[str] | None = None, columns: int = 3
) -> FigureWithText:
    """Draw the probability of each class as bars, for one face or several.

    Args:
        probabilities: float (7,) or (n, 7), rows sum to 1.
        titles: one short text per face.
        columns: how many faces stand side by side.
    """
    faces = np.atleast_2d(probabilities)
    titles = titles if titles is not None else [f"face {index + 1}" for index in range(len(faces))]
    columns = min(columns, len(faces))
    rows = -(-len(faces) // columns)
    figure = Figure(figsize=(WIDTH * min(1, 0.4 * columns), 2.9 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, face, title in zip(grid, faces, titles):
        probability_bars(axes, face)
        axes.set_title(title)
    for axes in grid[len(faces) :]:
        axes.set_visible(False)
    described = "; ".join(f"{title}: {leading(face)}" for title, face in zip(titles, faces))
    return FigureWithText(figure, f"Probability of each class. {described}.")


@styled
def reliability(table: pd.DataFrame) -> FigureWithText:
    """Draw accuracy against confidence; on the diagonal, a network knows how sure it may be.

    Args:
        table: `evaluation.calibration_table`: a row per bin of confidence, columns `low`, `high`,
            `images`, `confidence` and `accuracy`.
    """
    used = table[table.images > 0]
    figure = Figure(figsize=(WIDTH * 0.6, WIDTH * 0.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], ":", color=INK)
    widths = used.high - used.low
    axes.bar(used.low, used.accuracy, widths, align="edge", color=BLUE, edgecolor="white")
    axes.plot(used.confidence, used.accuracy, "o", color=ORANGE, label="mean confidence")
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="upper left")
    above = used.accuracy > used.confidence
    text = (
        f"Reliability diagram of {used.images.sum():,} images in {len(used)} bins of confidence; "
        f"{used.images[~above].sum():,} of them lie in bins that are more confident than accurate."
    )
    return FigureWithText(figure, text)


@styled
def ranking_curves(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> FigureWithText:
    """Draw each class's ROC curve and its precision-recall curve, one class against the rest.

    Args:
        labels: int (n,), indices into `EMOTIONS`; classes without an image are left out.
        probabilities: float (n, 7), rows sum to 1.
    """
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    areas: dict[str, float] = {}
    for index in np.unique(labels):
        name = EMOTIONS[index]
        of_class, found = labels == index, probabilities[:, index]
        look = {"color": COLOURS[name], "marker": MARKERS[name], "markevery": 0.2, **OUTLINED}
        false_alarms, hits, _ = roc_curve(of_class, found)
        left.plot(false_alarms, hits, label=name, **look)
        precision, recall, _ = precision_recall_curve(of_class, found)
        right.plot(recall, precision, **look)
        areas[name] = auc(false_alarms, hits)
    left.plot([0, 1], [0, 1], ":", color=INK)
    left.set(title="ROC", xlabel="share of the others taken for it", ylabel="share found")
    right.set(title="precision and recall", xlabel="recall", ylabel="precision")
    for axes in (left, right):
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    best, worst = max(areas, key=areas.__getitem__), min(areas, key=areas.__getitem__)
    text = (
        "ROC and precision-recall curves of each class against the rest. The area under the ROC "
        f"curve is largest for {best} ({areas[best]:.2f}), smallest for {worst} "
        f"({areas[worst]:.2f})."
    )
    return FigureWithText(figure, text)


def report_figures(report: "Report") -> dict[str, FigureWithText]:
    """Draw all figures of a report.

    Args:
        report: as `evaluation.evaluate` returns it.

    Returns:
        The figures `confusion_matrix`, `per_class`, `reliability` and `ranking_curves`, by name.
    """
    return {
        "confusion_matrix": confusion_matrix(report.confusion_matrix),
        "per_class": per_class(report.table),
        "reliability": reliability(report.calibration),
        "ranking_curves": ranking_curves(report.labels, report.probabilities),
    }


@styled
def accuracy_against_parameters(table: pd.DataFrame) -> FigureWithText:
    """Draw accuracy against the number of parameters, and the band of human accuracy.

    The band is 65 ± 5 %, as Goodfellow et al. (2013, arXiv:1307.0414) report it for FER2013. The
    points are numbered from left to right, and listed beside the figure.

    Args:
        table: index = name; columns `parameters` (0 where there are none: a line across),
            `accuracy` in [0, 1], and `low` and `high`, its 95 % interval, NaN where not known.
    """
    figure = Figure(figsize=(WIDTH, 5.0), layout="constrained")
    axes, beside = figure.subplots(1, 2, width_ratios=[1.6, 1])
    axes.axhspan(0.60, 0.70, color="#E8E8E8", zorder=0)
    sized = table[table["parameters"] > 0].sort_values("parameters", kind="stable")
    left = sized["parameters"].min() / 3
    right = sized["parameters"].max() * 4
    axes.text(left * 1.1, 0.605, "people, 65 ± 5 %", va="bottom", fontsize=11)
    for name, row in table[table["parameters"] == 0].iterrows():
        axes.axhline(row["accuracy"], color="#999999", linestyle=":")
        axes.text(left * 1.1, row["accuracy"], f"{name}", va="bottom", fontsize=11)
    axes.vlines(sized["parameters"], sized["low"], sized["high"], color=BLUE, linewidth=2)
    axes.plot(sized["parameters"], sized["accuracy"], "o", color=BLUE, markersize=5)
    lines = []
    # A number goes to the right of its point, or to the left where the next point is close.
    next_one = sized["parameters"].astype(float).shift(-1, fill_value=np.inf) / sized["parameters"]
    for number, (name, row) in enumerate(sized.iterrows(), start=1):
        side = 1 if next_one[name] > 1.5 else -1
        look = {"ha": "left" if side > 0 else "right", "va": "center", "fontsize": 11}
        point = (row["parameters"], row["accuracy"])
        axes.annotate(str(number), point, (6 * side, 0), textcoords="offset points", **look)
        lines.append(f"{number}  {name}\n     {100 * row['accuracy']:.1f} %")
    beside.text(0, 1, "\n".join(lines), va="top", fontsize=10.5, linespacing=1.35)
    beside.set_axis_off()
    axes.set(xscale="log", xlabel="parameters", ylabel="accuracy", ylim=(0, 0.85))
    axes.set_xlim(left, right)
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    in_percent(axes.yaxis)
    described = "; ".join(f"{name} {100 * row.accuracy:.1f} %" for name, row in table.iterrows())
    return FigureWithText(figure, f"Accuracy against number of parameters: {described}.")


def _describe_confusions(matrix: NDArray[np.integer], shares: NDArray[np.floating]) -> str:
    if not matrix.any():
        return "Confusion matrix without any image."
    recalls = np.diag(shares)
    best, worst = int(np.nanargmax(recalls)), int(np.nanargmin(recalls))
    wrong = np.where(np.eye(len(matrix), dtype=bool), -1, np.nan_to_num(shares))
    true, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    return (
        f"Confusion matrix of {matrix.sum():,} images. Recognised best: {EMOTIONS[best]} "
        f"({percent(recalls[best])} of {matrix[best].sum():,}); worst: {EMOTIONS[worst]} "
        f"({percent(recalls[worst])} of {matrix[worst].sum():,}). Most frequent confusion: "
        f"{EMOTIONS[true]} read as {EMOTIONS[predicted]} ({percent(shares[true, predicted])})."
    )
