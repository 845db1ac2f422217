"""Every figure of the course, each with a text that says what it shows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray

from course_utils.emotions import COLOURS, MARKERS
from course_utils.plots.style import (
    BLUE,
    INK,
    ORANGE,
    OUTLINED,
    WIDTH,
    FigureWithText,
    in_percent,
    leading,
    probability_bars,
    styled,
)


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


PROTOCOLS = {  # colour, marker
    "chosen on other images, or not at all": (BLUE, "o"),
    "chosen on the images that it reports": (ORANGE, "X"),
    "not found": (INK, "s"),
}


@styled
def accuracy_against_parameters(table: pd.DataFrame) -> FigureWithText:
    """Draw accuracy against the number of parameters, and the band of human accuracy.

    The band is 65 ± 5 %, as Goodfellow et al. (2013, arXiv:1307.0414) report it for FER2013. The
    points are numbered from left to right, and listed beside the figure.

    Args:
        table: `evaluation.published_results`: index = name; columns `parameters` (0 where there are
            none: a line across; rows without a number are left out), `accuracy`, `low` and `high`,
            its 95 % interval, NaN where not known, `measured_on` and `chosen_on`.
    """
    figure = Figure(figsize=(WIDTH, 5.6), layout="constrained")
    axes, beside = figure.subplots(1, 2, width_ratios=[1.35, 1])
    axes.axhspan(0.60, 0.70, color="#E8E8E8", zorder=0)
    sized = table[(table["parameters"] > 0).fillna(False)]
    sized = sized.sort_values("parameters", kind="stable")
    sizes = sized["parameters"].astype(float)
    left, right = sizes.min() / 3, sizes.max() * 4
    axes.text(left * 1.1, 0.605, "people, 65 ± 5 %", va="bottom", fontsize=11)
    for name, row in table[(table["parameters"] == 0).fillna(False)].iterrows():
        axes.axhline(row["accuracy"], color="#999999", linestyle=":")
        axes.text(left * 1.1, row["accuracy"], f"{name}", va="bottom", fontsize=11)
    protocols = _protocols(sized)
    for protocol, (colour, marker) in PROTOCOLS.items():
        of_these = protocols == protocol
        x, shown = sizes[of_these], sized[of_these]
        axes.vlines(x, shown["low"], shown["high"], color=colour, linewidth=1.5)
        axes.plot(x, shown["accuracy"], marker, color=colour, markersize=6, label=protocol)
    beside.text(0, 1, "\n".join(_numbered(axes, sized)), va="top", fontsize=10, linespacing=1.5)
    beside.set_axis_off()
    axes.set(xscale="log", xlabel="parameters", ylabel="accuracy", ylim=(0.1, 0.85))
    axes.set_xlim(left, right)
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    in_percent(axes.yaxis)
    figure.legend(loc="outside lower center", ncols=3, fontsize=10)
    described = "; ".join(
        f"{name} {100 * row.accuracy:.1f} % ({protocol})"
        for (name, row), protocol in zip(sized.iterrows(), protocols)
    )
    return FigureWithText(figure, f"Accuracy against number of parameters: {described}.")


def _protocols(table: pd.DataFrame) -> pd.Series:
    same = table["chosen_on"] == table["measured_on"]
    unknown = table[["chosen_on", "measured_on"]].eq("not found").any(axis=1)
    other, chosen, not_found = PROTOCOLS
    names = np.select([unknown, same], [not_found, chosen], other)
    return pd.Series(names, index=table.index)


def _numbered(axes: Axes, sized: pd.DataFrame) -> list[str]:
    """Number the points from left to right, and return a line about each."""
    lines = []
    # A number goes to the right of its point, or to the left where the next point is close.
    sizes = sized["parameters"].astype(float)
    next_one = sizes.shift(-1, fill_value=np.inf) / sizes
    for number, (name, row) in enumerate(sized.iterrows(), start=1):
        side = 1 if next_one[name] > 1.2 else -1
        axes.annotate(
            str(number),
            (row["parameters"], row["accuracy"]),
            xytext=(6 * side, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=10,
        )
        lines.append(f"{number}  {name}, {100 * row['accuracy']:.1f} %")
    return lines
