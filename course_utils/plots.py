"""Every figure of the course, each with a text that says what it shows.

JupyterLab 4 and nbconvert's default page drop the `alt` entry of an `image/png` output, so a
figure goes out as an HTML image, whose `alt` every front end hands to a screen reader.
"""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import EngFormatter, MaxNLocator, PercentFormatter

from course_utils.emotions import COLOURS, EMOTIONS, MARKERS

# Okabe & Ito's blue and vermilion: the two series of a figure that is not about the classes.
BLUE, ORANGE = COLOURS["sad"], COLOURS["angry"]
INK = "#333333"
WIDTH = 8.0  # inches
DOTS_PER_INCH = 144
CSS_PIXELS_PER_INCH = 96  # less than the dots, so that text is sharp on a dense screen

STYLE = {
    **seaborn.axes_style("ticks"),
    **{"axes.spines.right": False, "axes.spines.top": False},
    **{"axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK},
    **{"xtick.color": INK, "ytick.color": INK, "legend.frameon": False},
    **{"font.family": ["DejaVu Sans"], "font.size": 13, "axes.titlesize": 14},
    **{"axes.labelsize": 13, "xtick.labelsize": 12, "ytick.labelsize": 12},
    **{"legend.fontsize": 12, "lines.linewidth": 2.2, "lines.markersize": 7},
}
_styled = matplotlib.rc_context(STYLE)


class FigureWithText:
    """A matplotlib figure and the text that stands for it where it cannot be seen.

    Attributes:
        figure: the matplotlib figure, for further changes before it is shown.
        text: what the figure shows, in one or two sentences.
    """

    def __init__(self, figure: Figure, text: str) -> None:
        self.figure = figure
        self.text = text

    @cached_property
    def png(self) -> bytes:
        """The picture as a PNG file; drawn once."""
        buffer = io.BytesIO()
        with matplotlib.rc_context(STYLE):
            self.figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": ""})
        return buffer.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the picture to `path` as a PNG file."""
        Path(path).write_bytes(self.png)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        width = round(self.figure.get_figwidth() * CSS_PIXELS_PER_INCH)
        source = base64.b64encode(self.png).decode("ascii")
        image = f'<img width="{width}" alt="{html.escape(self.text)}" '
        return {
            "text/html": f'{image}src="data:image/png;base64,{source}">',
            "text/plain": self.text,
        }


def with_alt_text(figure: Figure, text: str) -> FigureWithText:
    """Give a figure of your own its alternative text, and return it ready to show.

    Make `with_alt_text(figure, "...")` the last line of a cell, in place of `plt.show()`. Say what
    a reader should see in the figure, not only what kind of figure it is.

    Raises:
        ValueError: the text is empty.
    """
    if not text.strip():
        raise ValueError("The alternative text is empty: say in a sentence what the figure shows.")
    plt.close(figure)  # else the notebook shows it a second time
    return FigureWithText(figure, text)


@_styled
def show_faces(
    images: np.ndarray | Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    columns: int = 8,
) -> FigureWithText:
    """Draw images in a grid.

    Args:
        images: n images (h, w), (h, w, 1) or RGB (h, w, 3), uint8 in 0-255 or float in [0, 1].
        titles: one short text per image.

    Raises:
        ValueError: there is no image, or not one title per image.
    """
    if len(images) == 0:
        raise ValueError("There is no image to show.")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(images)} images need as many titles, not {len(titles)}")
    columns = min(columns, len(images))
    figure, panels = _grid(len(images), columns, heading=0.0 if titles is None else 0.3)
    for index, (image, axes) in enumerate(zip(images, panels)):
        _image(axes, image)
        if titles is not None:
            axes.set_title(titles[index], fontsize=12 if columns <= 8 else 9)
    named = "" if titles is None else ": " + _listed([str(title) for title in titles])
    what = "One image" if len(images) == 1 else f"{len(images)} images in rows of {columns}"
    return FigureWithText(figure, f"{what}{named}.")


@_styled
def class_counts(splits: Mapping[str, np.ndarray]) -> FigureWithText:
    """Draw how many images each class has, one panel per split.

    Args:
        splits: for each split's name its labels, int (n,).
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    sentences = []
    panels = np.atleast_1d(figure.subplots(1, len(splits), sharey=True))
    for (name, labels), axes in zip(splits.items(), panels):
        counts = np.bincount(labels, minlength=len(EMOTIONS))
        _class_bars(axes, counts)
        shares = counts / max(counts.sum(), 1)
        for row, (count, share) in enumerate(zip(counts, shares)):
            axes.text(count, row, f" {count:,} ({share:.0%})", va="center", fontsize=10.5)
        axes.set(title=f"{name}: {counts.sum():,}", xlabel="", ylabel="", xticks=[])
        axes.set_xlim(0, max(counts.max(), 1) * 1.75)
        axes.spines["bottom"].set_visible(False)
        most, least = counts.argmax(), counts.argmin()
        sentences.append(
            f"{name} has {counts.sum():,} images; {EMOTIONS[most]} is most frequent with "
            f"{counts[most]:,}, {EMOTIONS[least]} least with {counts[least]:,}."
        )
    return FigureWithText(figure, "Bar chart of images per class. " + " ".join(sentences))


@_styled
def pixel_histogram(images: np.ndarray, labels: np.ndarray | None = None) -> FigureWithText:
    """Draw how often each grey level occurs: over all images, or one line per class.

    Args:
        images: (n, h, w) or (n, h, w, 1), uint8 in 0-255 or float in [0, 1].
        labels: int (n,), or None for one histogram of all pixels.
    """
    top = 255 if images.dtype == np.uint8 else 1.0
    edges = np.linspace(0, 256 if images.dtype == np.uint8 else 1.0, 33)
    figure = Figure(figsize=(WIDTH, 3.8), layout="constrained")
    axes = figure.subplots()
    text = (
        f"Histogram of pixel values from 0 (black) to {top:g} (white): "
        f"mean {images.mean():.3g}, standard deviation {images.std():.3g}"
    )
    if labels is None:
        counts, _ = np.histogram(images, edges)
        axes.stairs(counts / counts.sum(), edges, fill=True, color=BLUE)
    else:
        parts = []
        for index in np.unique(labels):
            counts, _ = np.histogram(images[labels == index], edges)
            part = {"value": edges[:-1], "share": counts / counts.sum()}
            parts.append(pd.DataFrame({**part, "emotion": EMOTIONS[index]}))
        lines = pd.concat(parts)
        seaborn.lineplot(lines, x="value", y="share", ax=axes, **_by_emotion(), markevery=4)
        axes.legend(title=None, loc="upper left", bbox_to_anchor=(1, 1))
        means = {EMOTIONS[index]: images[labels == index].mean() for index in np.unique(labels)}
        darkest, lightest = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        text += (
            f". One line per class: {darkest} is darkest with mean {means[darkest]:.3g}, "
            f"{lightest} lightest with {means[lightest]:.3g}"
        )
    axes.set(xlabel="pixel value", ylabel="share of pixels", xlim=(0, top), ylim=(0, None))
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    return FigureWithText(figure, text + ".")


@_styled
def mean_faces(images: np.ndarray, labels: np.ndarray) -> FigureWithText:
    """Draw the mean image of each class.

    Args:
        images: (n, h, w), uint8 in 0-255 or float in [0, 1].
        labels: int (n,), indices into `EMOTIONS`.
    """
    figure, panels = _grid(len(EMOTIONS), len(EMOTIONS), heading=0.6)
    scale = 255 if images.dtype == np.uint8 else 1
    counts = np.bincount(labels, minlength=len(EMOTIONS))
    for index, axes in enumerate(panels):
        axes.set_title(f"{EMOTIONS[index]}\n{counts[index]:,}", fontsize=12)
        if counts[index]:
            _image(axes, images[labels == index].mean(axis=0) / scale)
    described = ", ".join(f"{name} of {count:,}" for name, count in zip(EMOTIONS, counts) if count)
    return FigureWithText(figure, f"The mean image of each class: {described} images.")


@_styled
def learning_curves(history: pd.DataFrame | Mapping[str, Sequence[float]]) -> FigureWithText:
    """Draw loss and accuracy by epoch, for training and, where given, validation.

    Args:
        history: columns `loss` and `accuracy`, and `val_loss` and `val_accuracy` where there was a
            validation set; one row per epoch.

    Raises:
        ValueError: a column is missing, or there is no epoch.
    """
    history = pd.DataFrame(history)
    if missing := {"loss", "accuracy"} - set(history.columns):
        raise ValueError(f"The history has no column {_listed(sorted(missing))}.")
    if history.empty:
        raise ValueError("The history has no epoch: fit the model first.")
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    epochs = np.arange(1, len(history) + 1)
    sentences = []
    for measure, axes in zip(("loss", "accuracy"), figure.subplots(1, 2)):
        series = {
            "training": (measure, BLUE, "o-"),
            "validation": (f"val_{measure}", ORANGE, "s--"),
        }
        for name, (column, colour, line) in series.items():
            if column not in history:
                continue
            values = history[column].to_numpy(dtype=float)
            axes.plot(epochs, values, line, color=colour, label=name, markersize=5)
            best = int(values.argmin() if measure == "loss" else values.argmax())
            sentences.append(
                f"{name} {measure} goes from {values[0]:.2f} to {values[-1]:.2f}, "
                f"best {values[best]:.2f} in epoch {best + 1}"
            )
        axes.set(xlabel="epoch", title=measure, xlim=(0.5, len(history) + 0.5))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    text = f"Learning curves over {len(history)} epochs: {'; '.join(sentences)}."
    return FigureWithText(figure, text)


@_styled
def schedule(values: Sequence[float] | np.ndarray) -> FigureWithText:
    """Draw the learning rate of each step, float (steps,)."""
    rates = np.asarray(values, dtype=float)
    figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
    axes = figure.subplots()
    axes.plot(np.arange(1, len(rates) + 1), rates, color=BLUE)
    axes.set(xlabel="step", ylabel="learning rate", ylim=(0, None), xlim=(1, len(rates)))
    peak = int(rates.argmax())
    text = (
        f"Learning rate over {len(rates):,} steps: it starts at {rates[0]:.2g}, is highest at step "
        f"{peak + 1:,} with {rates[peak]:.2g}, and ends at {rates[-1]:.2g}."
    )
    return FigureWithText(figure, text)


@_styled
def confusion_matrix(matrix: np.ndarray) -> FigureWithText:
    """Draw a confusion matrix: each row in per cent of its images, with the counts below.

    Args:
        matrix: int (7, 7); row = true class, column = predicted class.
    """
    matrix = np.asarray(matrix)
    totals = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, totals, out=np.full(matrix.shape, np.nan), where=totals > 0)
    cells = [
        [f"{share:.0%}\n{count:,}" if total else "" for share, count in zip(*row)]
        for *row, total in zip(shares, matrix, totals.ravel())
    ]
    figure = Figure(figsize=(WIDTH, 6.6), layout="constrained")
    axes = figure.subplots()
    names = {"xticklabels": EMOTIONS, "yticklabels": EMOTIONS}
    colours = {"cmap": "Blues", "vmin": 0, "vmax": 1, "cbar": False, "linewidths": 1}
    look = {"annot_kws": {"fontsize": 11.5}, "square": True}
    seaborn.heatmap(shares, annot=np.array(cells), fmt="", ax=axes, **names, **colours, **look)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)
    axes.tick_params(axis="x", rotation=0)
    return FigureWithText(figure, _describe_confusions(matrix, shares))


@_styled
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
            look = {"color": COLOURS[name], "linewidth": 3}
            axes.plot(table.loc[name, [f"{measure}_low", f"{measure}_high"]], [row, row], **look)
            axes.plot(values[name], row, MARKERS[name], color=COLOURS[name], markersize=9)
        shown = measure.upper() if measure == "f1" else measure
        axes.set(title=shown, xlim=(0, 1), yticks=rows)
        axes.set_yticklabels([f"{name} ({table.support[name]:,})" for name in table.index])
        axes.grid(axis="x", color="#E5E5E5")
        sentences.append(
            f"{shown} is highest for {values.idxmax()} ({values.max():.2f}) and lowest for "
            f"{values.idxmin()} ({values.min():.2f})"
        )
    axes.invert_yaxis()
    text = f"Scores of each class with 95 % intervals: {'; '.join(sentences)}."
    return FigureWithText(figure, text)


@_styled
def probabilities(
    probabilities: np.ndarray, titles: Sequence[str] | None = None, columns: int = 3
) -> FigureWithText:
    """Draw the probability of each class as bars, for one face or several.

    Args:
        probabilities: float (7,) or (n, 7), rows sum to 1.
        titles: one short text per face.
    """
    faces = np.atleast_2d(probabilities)
    titles = titles if titles is not None else [f"face {index + 1}" for index in range(len(faces))]
    columns = min(columns, len(faces))
    rows = -(-len(faces) // columns)
    figure = Figure(figsize=(WIDTH * min(1, 0.4 * columns), 2.9 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, face, title in zip(grid, faces, titles):
        _probability_bars(axes, face)
        axes.set_title(title)
    for axes in grid[len(faces) :]:
        axes.set_visible(False)
    described = "; ".join(f"{title}: {_leading(face)}" for title, face in zip(titles, faces))
    return FigureWithText(figure, f"Probability of each class. {described}.")


@_styled
def detections(frame: np.ndarray, faces: Sequence[Any]) -> FigureWithText:
    """Draw the faces found in a frame: a box and a name on each, and its probabilities beside.

    Args:
        frame: uint8 RGB (h, w, 3).
        faces: each with `box` (x, y, width, height) in pixels, `probabilities` (7,) and
            `emotion`, which is None where the network is unsure.
    """
    height = np.clip(0.62 * WIDTH * frame.shape[0] / frame.shape[1], 3.0, 8.0)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    picture, side = figure.subfigures(1, 2, width_ratios=[1.7, 1])
    axes = picture.subplots()
    _image(axes, frame)
    if not len(faces):
        return FigureWithText(figure, "A picture in which no face was found.")
    shown = faces[: max(1, int(height // 1.4))]  # as many bar charts as stay readable
    for number, face in enumerate(faces, start=1):
        x, y, _, tall = _box(axes, face.box, COLOURS.get(face.emotion, "white"))
        look = {"color": "white", "backgroundcolor": INK, "fontsize": 11}
        below = {"va": "top"} if y < tall / 4 else {"va": "bottom"}
        axes.text(x, y, f"{number} {face.emotion or 'unsure'}", **look, **below)
    panels = np.atleast_1d(side.subplots(len(shown), 1, sharex=True))
    for number, (bars, face) in enumerate(zip(panels, shown), start=1):
        _probability_bars(bars, face.probabilities, fontsize=10)
        bars.set_title(f"face {number}", fontsize=12)
    described = "; ".join(
        f"face {number} {face.emotion or 'unsure'} ({_leading(face.probabilities)})"
        for number, face in enumerate(faces, start=1)
    )
    count = "one face" if len(faces) == 1 else f"{len(faces)} faces"
    return FigureWithText(figure, f"A picture in which {count} were found: {described}.")


@_styled
def feature_maps(maps: np.ndarray, columns: int = 8) -> FigureWithText:
    """Draw the channels of a layer's output, each scaled to its own largest value.

    Maps with negative values are drawn in two colours around white, which is zero.

    Args:
        maps: float (h, w, channels), or (h, w) for a single one.
    """
    maps = np.atleast_3d(maps)
    channels = maps.shape[-1]
    figure, panels = _grid(channels, min(columns, channels), heading=0.3)
    signed = maps.min() < 0
    for index, axes in enumerate(panels[:channels]):
        largest = max(np.abs(maps[..., index]).max(), 1e-12)
        limits = {"vmin": -largest if signed else 0, "vmax": largest}
        axes.imshow(
            maps[..., index],
            cmap="PuOr" if signed else "viridis",
            interpolation="nearest",
            **limits,
        )
        axes.set_title(str(index), fontsize=11)
    silent = int((np.abs(maps).max(axis=(0, 1)) == 0).sum())
    text = f"{channels} feature maps of {maps.shape[0]} by {maps.shape[1]}; {silent} are all zero."
    return FigureWithText(figure, text)


@_styled
def receptive_field(
    image: np.ndarray, box: tuple[int, int, int, int], title: str = ""
) -> FigureWithText:
    """Draw a face and, as a rectangle, the pixels that one output of a layer can see.

    Args:
        image: (h, w), uint8 in 0-255 or float in [0, 1].
        box: x, y, width and height in pixels.
    """
    figure = Figure(figsize=(WIDTH / 2, WIDTH / 2), layout="constrained")
    axes = figure.subplots()
    _image(axes, image)
    x, y, wide, tall = _box(axes, box, ORANGE)
    axes.set_title(title or f"{wide} × {tall} pixels")
    text = (
        f"A face of {image.shape[1]} by {image.shape[0]} pixels with a rectangle of {wide} by "
        f"{tall} pixels from column {x} and row {y}."
    )
    return FigureWithText(figure, text)


@_styled
def accuracy_against_parameters(table: pd.DataFrame) -> FigureWithText:
    """Draw accuracy against the number of parameters, and the band of human accuracy.

    The band is 65 ± 5 %, as Goodfellow et al. (2013, arXiv:1307.0414) report it for FER2013.

    Args:
        table: index = name; columns `parameters` (0 where there are none: a line across),
            `accuracy` in [0, 1], and `low` and `high`, its 95 % interval, NaN where not known.
    """
    figure = Figure(figsize=(WIDTH, 5.2), layout="constrained")
    axes = figure.subplots()
    axes.axhspan(0.60, 0.70, color="#E8E8E8", zorder=0)
    sized = table[table.parameters > 0]
    right = sized.parameters.max() * 12
    axes.text(right, 0.605, "people, 65 ± 5 %  ", ha="right", va="bottom", fontsize=11)
    for name, row in table[table.parameters == 0].iterrows():
        axes.axhline(row.accuracy, color="#999999", linestyle=":")
        axes.text(right, row.accuracy, f"{name}  ", ha="right", va="bottom", fontsize=11)
    known = sized.dropna(subset=["low", "high"])
    axes.vlines(known.parameters, known.low, known.high, color=BLUE, linewidth=3)
    axes.plot(sized.parameters, sized.accuracy, "o", color=BLUE)
    for name, row in sized.iterrows():
        place = {"xytext": (8, 4), "textcoords": "offset points", "fontsize": 11}
        axes.annotate(str(name), (row.parameters, row.accuracy), **place)
    axes.set(xscale="log", xlabel="parameters", ylabel="accuracy", ylim=(0, 0.85))
    axes.set_xlim(sized.parameters.min() / 2, right)
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    described = "; ".join(f"{name} {row.accuracy:.1%}" for name, row in table.iterrows())
    return FigureWithText(figure, f"Accuracy against number of parameters: {described}.")


def _grid(count: int, columns: int, heading: float) -> tuple[Figure, np.ndarray]:
    """Return a figure of `count` square panels without axes; `heading` is inches above each."""
    rows = -(-count // columns)
    side = min(WIDTH / columns, 2.6)
    figure = Figure(figsize=(side * columns, (side + heading) * rows), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axes in panels:
        axes.set_axis_off()
    return figure, panels


def _image(axes: Axes, image: np.ndarray) -> None:
    """Draw one image with its pixels visible; black and white mean the same in every panel."""
    image = np.asarray(image)
    image = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    top = 255 if image.dtype == np.uint8 else 1
    axes.imshow(image, cmap="gray", vmin=0, vmax=top, interpolation="nearest")
    axes.set_axis_off()


def _box(axes: Axes, box: Sequence[int], colour: str) -> tuple[int, int, int, int]:
    """Draw a rectangle around the pixels of `box`, on a dark line that shows on light skin too."""
    x, y, wide, tall = (int(number) for number in box)
    for line, ink in ((5, INK), (2.5, colour)):
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), wide, tall, fill=False, edgecolor=ink, linewidth=line)
        )
    return x, y, wide, tall


def _class_bars(axes: Axes, values: np.ndarray) -> None:
    """Draw one bar per class, each in the colour of the class."""
    look = {"palette": dict(COLOURS), "saturation": 1, "legend": False}
    seaborn.barplot(x=np.asarray(values), y=list(EMOTIONS), hue=list(EMOTIONS), ax=axes, **look)
    axes.tick_params(axis="y", length=0)


def _probability_bars(axes: Axes, values: np.ndarray, fontsize: float = 12) -> None:
    _class_bars(axes, values)
    axes.set(xlim=(0, 1), xticks=[0, 0.5, 1])
    axes.tick_params(labelsize=fontsize)


def _by_emotion() -> dict[str, Any]:
    """Return what seaborn needs to tell classes apart by colour and by marker."""
    look = {"palette": dict(COLOURS), "markers": dict(MARKERS), "dashes": False}
    return {"hue": "emotion", "style": "emotion", **look}


def _leading(values: np.ndarray) -> str:
    first = int(np.argmax(values))
    return f"{EMOTIONS[first]} {values[first]:.0%}"


def _listed(words: Sequence[str], most: int = 24) -> str:
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def _describe_confusions(matrix: np.ndarray, shares: np.ndarray) -> str:
    if not matrix.any():
        return "Confusion matrix without any image."
    recalls = np.diag(shares)
    best, worst = int(np.nanargmax(recalls)), int(np.nanargmin(recalls))
    wrong = np.where(np.eye(len(matrix), dtype=bool), -1, np.nan_to_num(shares))
    true, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    return (
        f"Confusion matrix of {matrix.sum():,} images. Recognised best: {EMOTIONS[best]} "
        f"({recalls[best]:.0%} of {matrix[best].sum():,}); worst: {EMOTIONS[worst]} "
        f"({recalls[worst]:.0%} of {matrix[worst].sum():,}). Most frequent confusion: "
        f"{EMOTIONS[true]} read as {EMOTIONS[predicted]} ({shares[true, predicted]:.0%})."
    )
