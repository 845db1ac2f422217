"""The drawings that explain: a convolution, a block, a network, and the way of the course."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import keras
import numpy as np
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import ConnectionPatch, Rectangle
from numpy.typing import NDArray

from course_utils.emotions import EMOTIONS
from course_utils.plots.style import (
    BLUE,
    INK,
    ORANGE,
    WIDTH,
    FigureWithText,
    class_bars,
    draw_box,
    draw_image,
    percent,
    styled,
)

PALE = "#DCE9F2"
STEP_COLOURS = {"residual block": BLUE, "probabilities": ORANGE}
ARROW: dict[str, Any] = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.6, "mutation_scale": 14}


@styled
def sliding_window(
    image: NDArray[Any], weights: NDArray[Any], place: tuple[int, int]
) -> FigureWithText:
    """Draw a filter on one window of an image, and the number that it puts into the feature map.

    Args:
        image: few numbers, (h, w), so that each can be read.
        weights: of the filter, (size, size).
        place: row and column of the window's first pixel.
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, weights.shape)
    found = np.einsum("rcij,ij->rc", windows, weights)
    row, column = place
    figure = Figure(figsize=(WIDTH, 3.4), layout=ConstrainedLayoutEngine(wspace=0.2))
    widths = [array.shape[1] for array in (image, weights, found)]
    panels = figure.subplots(1, 3, width_ratios=widths)
    _draw_numbers(panels[0], image, f"image, {_by(image)}", (column, row, *weights.shape))
    _draw_numbers(panels[1], weights, f"filter, {_by(weights)}")
    _draw_numbers(panels[2], found, f"feature map, {_by(found)}", (column, row, 1, 1))
    for left, sign in zip(panels[1:], "×="):
        left.text(-0.1, 0.5, sign, transform=left.transAxes, fontsize=22, ha="right", va="center")
    rows = [
        " + ".join(f"{_number(weight)}·{_number(number)}" for weight, number in zip(*pair))
        for pair in zip(weights, windows[place])
    ]
    products = f"({') + ('.join(rows)}) = {_number(found[place])}"
    figure.supxlabel(products, fontsize=12)
    text = (
        f"A filter of {_by(weights)} numbers lies on a window of an image of {_by(image)}, from "
        f"row {row} and column {column}. Each weight is multiplied with the number below it, and "
        f"the products are added: {products}. The sum stands at the same place of the feature map."
    )
    return FigureWithText(figure, text)


@styled
def stride_and_padding(
    size: int, kernel: int, choices: Sequence[tuple[int, int]]
) -> FigureWithText:
    """Draw where a filter comes to lie on a row of windows, for some strides and paddings.

    Args:
        size: height and width of the image.
        kernel: height and width of the filter.
        choices: pairs of a stride and a padding, one panel each.
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    sizes = []
    for axes, (stride, padding) in zip(figure.subplots(1, len(choices)), choices, strict=True):
        starts = np.arange(-padding, size + padding - kernel + 1, stride)
        sizes.append(f"stride {stride} and padding {padding}, {len(starts)} by {len(starts)}")
        _draw_pixels(axes, size, padding)
        middles = starts + kernel / 2
        columns, rows = np.meshgrid(middles, middles)
        axes.plot(columns.ravel(), rows.ravel(), "o", color=INK, markersize=5)
        for start, colour, line in ((starts[1], BLUE, "--"), (starts[0], ORANGE, "-")):
            corner = (start, starts[0])
            window = Rectangle(corner, kernel, kernel, fill=False, edgecolor=colour, linewidth=3)
            window.set(linestyle=line)
            axes.add_patch(window)
        axes.set_title(f"stride {stride}, padding {padding}", fontsize=13)
        shown = f"{size} × {size} → {len(starts)} × {len(starts)}"
        axes.text(size / 2, size + 1.4, shown, ha="center", va="top")
        axes.set(xlim=(-1.3, size + 1.3), ylim=(size + 2.6, -1.3), aspect="equal")
    text = (
        f"A filter of {kernel} by {kernel} pixels on an image of {size} by {size}. A dot marks "
        "the middle of each window, so that the dots are the feature map: with "
        f"{'; with '.join(sizes)}."
    )
    return FigureWithText(figure, text)


@styled
def block(model: keras.Model) -> FigureWithText:
    """Draw the layers of one residual block: what finds something, and the shortcut around it.

    Args:
        model: from the block's input to its output, with one layer `Add`.
    """
    figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    found, shortcut = _paths(model)
    names = ["input", *map(_short, found), "+", *map(_short, _after_sum(model)), "output"]
    for index, name in enumerate(names):
        colour = ORANGE if name == "+" else "white" if name in ("input", "output") else PALE
        box = {"boxstyle": "circle" if name == "+" else "round", "facecolor": colour}
        axes.text(index, 0, name, ha="center", va="center", fontsize=11, bbox=box)
    for index in range(len(names) - 1):
        axes.annotate("", (index + 0.62, 0), (index + 0.38, 0), arrowprops=ARROW)
    end = names.index("+")
    arc = {**ARROW, "color": BLUE, "connectionstyle": "arc3,rad=-0.35", "shrinkA": 0}
    axes.annotate("", (end, 0.3), (0, 0.3), arrowprops={**arc, "linewidth": 3})
    passes = ", ".join(_short(layer).replace("\n", " ") for layer in shortcut) or "nothing changed"
    axes.text(end / 2, 1.6, f"shortcut: {passes}", ha="center", color=BLUE)
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(-0.6, 1.9))
    layers_named = ", ".join(_short(layer).replace("\n", " ") for layer in found)
    text = (
        f"A residual block from left to right: its input goes through {layers_named}. A shortcut "
        f"leads around these ({passes}). A plus adds the two, and "
        f"{', '.join(map(_short, _after_sum(model)))} follows."
    )
    return FigureWithText(figure, text)


@styled
def network(model: keras.Model) -> FigureWithText:
    """Draw what a residual network makes of an image, step by step, with the sizes on the way.

    A step is the image, the first convolution, each residual block, the pooling or the classes.
    It is as high as its maps, and the wider the more maps it has.

    Args:
        model: such as `build_model("compact")` returns.
    """
    steps = _steps(model)
    figure = Figure(figsize=(WIDTH, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    boxes = []
    for index, (name, (side, _, channels)) in enumerate(steps):
        tall, wide, middle = side / 8, 0.25 + channels / 220, 1.25 * index
        left, colour = middle - wide / 2, STEP_COLOURS.get(name, PALE)
        axes.add_patch(Rectangle((left, -tall / 2), wide, tall, facecolor=colour, edgecolor=INK))
        if name == "residual block":
            _draw_skip(axes, left, left + wide, tall / 2)
        else:
            label = f"{channels} classes" if name == "probabilities" else name
            axes.text(middle, tall / 2 + 0.25, label, ha="center", va="bottom")
        size = f"{side}×{side}\n×{channels}"
        axes.text(middle, -3.4, size, ha="center", va="top", fontsize=12)
        boxes.append((left, left + wide))
    for (_, end), (start, _) in pairwise(boxes):
        axes.annotate("", (start, 0), (end, 0), arrowprops={**ARROW, "shrinkA": 1, "shrinkB": 1})
    blocks = [index for index, (name, _) in enumerate(steps) if name == "residual block"]
    caption = f"{len(blocks)} residual blocks: each adds its input to what it finds"
    axes.text(1.25 * float(np.mean(blocks)), 3.0, caption, ha="center", va="top")
    axes.set(xlim=(-0.7, 1.25 * len(steps) - 0.4), ylim=(-5, 3.9))
    sizes = ", ".join(f"{name} {side}×{side}×{depth}" for name, (side, _, depth) in steps)
    text = (
        f"The network {model.name}, {model.count_params():,} parameters, from left to right: "
        f"{sizes}. An arc over each residual block shows that its input is added to what it finds."
    )
    return FigureWithText(figure, text)


@styled
def way(
    faces: Sequence[NDArray[np.uint8]], frame: NDArray[np.uint8], crop: NDArray[np.uint8], face: Any
) -> FigureWithText:
    """Draw the way from image files to a trained network, and from a camera's frame to a name.

    Args:
        faces: four training images, uint8 (48, 48).
        frame: uint8 RGB (h, w, 3).
        crop: the face cut out of it, uint8 (48, 48).
        face: what `detect_emotions` finds in it, with `box` and `probabilities`.
    """
    figure = Figure(figsize=(WIDTH, 4.6), layout=ConstrainedLayoutEngine(wspace=0.25, hspace=0.1))
    learn, use = figure.subplots(2, 5)
    for axes in (*learn, *use[:4]):
        axes.set_axis_off()
        axes.set_box_aspect(1)
    draw_image(learn[0], np.vstack([np.hstack(faces[:2]), np.hstack(faces[2:])]))
    draw_image(learn[1], faces[0][:, ::-1] / 255)
    _draw_slabs(learn[2], PALE)
    _draw_learning(learn[3])
    _draw_interval(learn[4])
    draw_image(use[0], frame)
    draw_image(use[1], frame)
    draw_box(use[1], face.box, ORANGE)
    draw_image(use[2], crop)
    _draw_slabs(use[3], BLUE)
    class_bars(use[4], face.probabilities)
    use[4].set(xlim=(0, 1), xticks=[], yticks=[])
    use[4].set_box_aspect(1)
    first = int(np.argmax(face.probabilities))
    use[4].text(0.5, first + 1.1, EMOTIONS[first], ha="center", va="center")
    above = ["01 files", "02 tensors", "03 network", "04 training", "05 evaluation"]
    below = ["06 a frame", "find the face", "cut, 48×48", "the weights", "name it"]
    for axes, label in zip((*learn, *use), above + below):
        axes.set_title(label, fontsize=13)
    for row in (learn, use):
        for start, end in pairwise(row):
            figure.add_artist(_arrow(start, (1.0, 0.5), end, (0.0, 0.5)))
    figure.add_artist(_arrow(learn[3], (0.5, 0.0), use[3], (0.5, 1.22)))
    text = (
        "The way of the course in two rows of five pictures. Learning: 01 files of faces, 02 "
        "tensors, 03 a network, 04 training, 05 evaluation. Using, lesson 06: a frame of a camera, "
        "the face found in it, the face cut out at 48 by 48 grey pixels, the network with the "
        f"trained weights, and its answer, {EMOTIONS[first]} at "
        f"{percent(face.probabilities[first])}."
    )
    return FigureWithText(figure, text)


def _number(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def _by(array: NDArray[Any]) -> str:
    return f"{array.shape[0]} × {array.shape[1]}"


def _draw_numbers(
    axes: Axes, array: NDArray[Any], title: str, box: tuple[int, int, int, int] | None = None
) -> None:
    """Draw the numbers of an array in a grid, and a rectangle (x, y, width, height) around some."""
    _draw_pixels(axes, array.shape[1], 0, array.shape[0])
    for (row, column), number in np.ndenumerate(array):
        axes.text(column + 0.5, row + 0.5, _number(number), ha="center", va="center")
    if box is not None:
        x, y, wide, tall = box
        axes.add_patch(Rectangle((x, y), wide, tall, fill=False, edgecolor=ORANGE, linewidth=4))
    axes.set_title(title, fontsize=13)
    axes.set(xlim=(-0.1, array.shape[1] + 0.1), ylim=(array.shape[0] + 0.1, -0.1), aspect="equal")


def _draw_pixels(axes: Axes, wide: int, padding: int, tall: int | None = None) -> None:
    """Draw a grid of pixels, and a dashed one of the padding around it."""
    axes.set_axis_off()
    tall = wide if tall is None else tall
    for row, column in np.ndindex(tall + 2 * padding, wide + 2 * padding):
        x, y = column - padding, row - padding
        inside = 0 <= x < wide and 0 <= y < tall
        pixel = Rectangle((x, y), 1, 1, edgecolor=INK, linewidth=0.8)
        pixel.set(facecolor=PALE if inside else "white", linestyle="-" if inside else ":")
        axes.add_patch(pixel)


def _paths(model: keras.Model) -> tuple[list[layers.Layer], list[layers.Layer]]:
    """Return the layers before the sum of a block: the path with most of them, then the other."""
    made_by = {id(layer.output): layer for layer in model.layers}
    sum_of = next(layer for layer in model.layers if isinstance(layer, layers.Add))
    paths = []
    for tensor in sum_of.input:
        path: list[layers.Layer] = []
        while not isinstance(layer := made_by[id(tensor)], layers.InputLayer):
            path.insert(0, layer)
            tensor = layer.input
        paths.append(path)
    shortcut, found = sorted(paths, key=len)
    return found, shortcut


def _after_sum(model: keras.Model) -> list[layers.Layer]:
    index = next(i for i, layer in enumerate(model.layers) if isinstance(layer, layers.Add))
    return list(model.layers[index + 1 :])


def _short(layer: layers.Layer) -> str:
    """Return what a layer is called in the drawing of a block."""
    if isinstance(layer, layers.Conv2D):
        rows, columns = layer.kernel_size
        return f"conv\n{rows} × {columns}"
    if isinstance(layer, layers.Activation):
        return str(layer.activation.__name__)
    return {"BatchNormalization": "batch\nnorm", "AveragePooling2D": "average\npool"}[
        type(layer).__name__
    ]


def _steps(model: keras.Model) -> list[tuple[str, tuple[int, ...]]]:
    """Return the name of each step and the shape (height, width, channels) that it puts out."""
    found: list[tuple[str, tuple[int, ...]]] = [("image", model.input_shape[1:])]
    first = next(layer for layer in model.layers if isinstance(layer, layers.Conv2D))
    found.append(("convolution", first.output.shape[1:]))
    for layer in model.layers:
        if isinstance(layer, layers.Add):
            found.append(("residual block", layer.output.shape[1:]))
        elif isinstance(layer, layers.GlobalAveragePooling2D):
            found.append(("mean", (1, 1, layer.output.shape[-1])))
    return [*found, ("probabilities", (1, 1, model.output_shape[-1]))]


def _draw_skip(axes: Axes, left: float, right: float, height: float) -> None:
    arc = {**ARROW, "connectionstyle": "arc3,rad=-0.7", "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (right + 0.15, height), (left - 0.15, height), arrowprops=arc)


def _draw_slabs(axes: Axes, colour: str) -> None:
    """Draw a small network: slabs that get lower and thicker."""
    for left, wide, tall in ((0.05, 0.08, 0.9), (0.22, 0.14, 0.6), (0.45, 0.2, 0.36)):
        corner = (left, 0.5 - tall / 2)
        axes.add_patch(Rectangle(corner, wide, tall, facecolor=colour, edgecolor=INK))
    for row in np.linspace(0.14, 0.86, len(EMOTIONS)):
        axes.plot(0.9, row, "o", color=ORANGE, markersize=6)
    axes.set(xlim=(0, 1), ylim=(0, 1))


def _draw_learning(axes: Axes) -> None:
    """Draw a loss that falls, without numbers: each run has its own."""
    steps = np.linspace(0, 1, 50)
    axes.plot(steps, 0.12 + 0.75 * np.exp(-4 * steps), color=BLUE)
    axes.plot([0, 0, 1], [1, 0, 0], color=INK, linewidth=1.2)
    axes.text(0.6, 0.6, "loss", ha="center")
    axes.set(xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))


def _draw_interval(axes: Axes) -> None:
    """Draw an accuracy with its interval, without numbers."""
    axes.plot([0.35, 0.85], [0.55, 0.55], color=BLUE, linewidth=4)
    axes.plot(0.6, 0.55, "o", color=BLUE, markersize=10)
    axes.plot([0, 1], [0.2, 0.2], color=INK, linewidth=1.2)
    axes.text(0.5, 0.14, "accuracy", ha="center", va="top")
    axes.set(xlim=(0, 1), ylim=(-0.05, 1.05))


def _arrow(
    start: Axes, out: tuple[float, float], end: Axes, into: tuple[float, float]
) -> ConnectionPatch:
    """Return an arrow between two panels, from a place in the one to a place in the other."""
    return ConnectionPatch(out, into, start.transAxes, end.transAxes, shrinkA=3, shrinkB=3, **ARROW)
