"""The figures that describe a data set. `plots` hands them on."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course_utils.emotions import COLOURS, EMOTIONS, MARKERS
from course_utils.plots.style import (
    BLUE,
    INK,
    WIDTH,
    FigureWithText,
    class_bars,
    draw_image,
    in_percent,
    percent,
    styled,
)


@styled
def faces_by_class(images: NDArray[Any]) -> FigureWithText:
    """Draw a row of faces for each class, with its name beside it.

    Args:
        images: uint8 (7, n, h, w), or float in [0, 1], one row of images per class.

    Raises:
        ValueError: there are not seven rows of one image or more.
    """
    images = np.asarray(images)
    if images.ndim != 4 or len(images) != len(EMOTIONS) or images.shape[1] == 0:
        raise ValueError(f"Faces must be (7, n, height, width), not {images.shape}.")
    count = images.shape[1]
    margin = 0.95
    side = (WIDTH - margin) / count
    figure = Figure(figsize=(WIDTH, side * len(EMOTIONS)))
    edge = margin / WIDTH
    for row, (name, faces) in enumerate(zip(EMOTIONS, images)):
        # One picture per row: nothing between the faces but a line of white.
        axes = figure.add_axes((edge, 1 - (row + 1) / 7, 1 - edge, 1 / 7))
        draw_image(axes, np.hstack(_framed(faces)))
        figure.text(edge - 0.01, 1 - (row + 0.5) / 7, name, ha="right", va="center", fontsize=12)
    text = f"{count} faces of each class, one row per class: {', '.join(EMOTIONS)}."
    return FigureWithText(figure, text)


def _framed(faces: NDArray[np.uint8]) -> list[NDArray[Any]]:
    """Return the faces with a white line around each, a fortieth of their width."""
    line = max(faces.shape[-1] // 40, 1)
    white = 255 if faces.dtype == np.uint8 else 1
    padding = ((0, 0), (line, line), (line, line))
    return list(np.pad(faces, padding, constant_values=white))


@styled
def embedding(points: NDArray[np.floating], labels: NDArray[np.integer]) -> FigureWithText:
    """Draw images as points in a plane, each with the colour and the marker of its class.

    Args:
        points: float (n, 2).
        labels: int (n,), indices into `EMOTIONS`.
    """
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.set_aspect("equal", adjustable="datalim")
    for label, name in enumerate(EMOTIONS):
        of_class = points[labels == label]
        look: dict[str, Any] = {"color": COLOURS[name], "marker": MARKERS[name], "label": name}
        axes.plot(*of_class.T, linestyle="", markersize=6, markeredgecolor=INK, **look)
    axes.set(xticks=[], yticks=[])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), markerscale=1.4, handletextpad=0.2)
    shown = [name for label, name in enumerate(EMOTIONS) if (labels == label).any()]
    text = f"{len(points):,} images as points in a plane, coloured by class: {', '.join(shown)}."
    return FigureWithText(figure, text)


@styled
def votes(
    images: NDArray[Any], counts: pd.DataFrame, labels: NDArray[np.integer]
) -> FigureWithText:
    """Draw faces, and below each the votes that it got; its label's bar is framed.

    Args:
        images: (n, h, w), uint8 or float in [0, 1].
        counts: n rows of votes; the columns are the seven `EMOTIONS`, and others that are left out.
        labels: int (n,), indices into `EMOTIONS`.
    """
    shown = counts[list(EMOTIONS)]
    figure = Figure(figsize=(WIDTH, 2 + WIDTH / len(images)), layout="constrained")
    grid = figure.subplots(2, len(images), squeeze=False, sharey="row")
    described = []
    for index, (image, label) in enumerate(zip(images, labels)):
        draw_image(grid[0, index], image)
        axes, row = grid[1, index], shown.iloc[index]
        class_bars(axes, row.to_numpy())
        axes.patches[label].set_linewidth(3)
        axes.set(xlim=(0, shown.to_numpy().max()), xlabel="votes", ylabel="")
        axes.tick_params(labelsize=10)
        named = [f"{name} {count}" for name, count in row.items() if count]
        described.append(f"label {EMOTIONS[label]}, votes {', '.join(named)}")
    return FigureWithText(figure, f"Faces and their votes: {'; '.join(described)}.")


@styled
def accuracies(table: pd.DataFrame) -> FigureWithText:
    """Draw accuracies as points with their 95 % intervals, one line each.

    Args:
        table: index = name; columns `accuracy`, `low` and `high`, in [0, 1].
    """
    figure = Figure(figsize=(WIDTH, 1.0 + 0.55 * len(table)), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(table))
    axes.hlines(rows, table.low, table.high, color=BLUE, linewidth=4)
    axes.plot(table.accuracy, rows, "o", color=BLUE, markersize=9)
    for row, (value, high) in enumerate(zip(table.accuracy, table.high)):
        axes.text(high + 0.015, row, percent(value), va="center")
    axes.set(xlim=(0, 1.08), ylim=(len(table) - 0.5, -0.5), xlabel="accuracy", yticks=rows)
    axes.set_yticklabels(table.index)
    axes.tick_params(axis="y", length=0)
    in_percent(axes.xaxis)
    described = [
        f"{name} {percent(row.accuracy)} ({percent(row.low)} to {percent(row.high)})"
        for name, row in table.iterrows()
    ]
    return FigureWithText(figure, f"Accuracies with 95 % intervals: {'; '.join(described)}.")
