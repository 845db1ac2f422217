"""The two drawings that explain the course: a network, and the way from a file to the webcam."""

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
