"""The figures that show images: faces, frames and feature maps. `plots` hands them on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course_utils.emotions import COLOURS
from course_utils.plots.style import (
    INK,
    ORANGE,
    WIDTH,
    FigureWithText,
    draw_box,
    draw_image,
    grid,
    leading,
    listed,
    probability_bars,
    styled,
)

MOST_BAR_CHARTS = 5


@styled
def show_faces(
    images: NDArray[Any] | Sequence[NDArray[Any]],
    titles: Sequence[str] | None = None,
    columns: int = 8,
) -> FigureWithText:
    """Draw images in a grid.

    Args:
        images: n images (h, w), (h, w, 1) or RGB (h, w, 3), uint8 in 0-255 or float in [0, 1].
        titles: one short text per image.
        columns: how many images stand side by side.

    Raises:
        ValueError: there is no image, or not one title per image.
    """
    if len(images) == 0:
        raise ValueError("There is no image to show.")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(images)} images need as many titles, not {len(titles)}")
    columns = min(columns, len(images))
    figure, panels = grid(len(images), columns, heading=0.0 if titles is None else 0.3)
    for index, (image, axes) in enumerate(zip(images, panels)):
        draw_image(axes, image)
        if titles is not None:
            axes.set_title(titles[index], fontsize=12 if columns <= 8 else 9)
    named = "" if titles is None else ": " + listed([" ".join(title.split()) for title in titles])
    what = "One image" if len(images) == 1 else f"{len(images)} images in rows of {columns}"
    return FigureWithText(figure, f"{what}{named}.")


@styled
def detections(frame: NDArray[Any], faces: Sequence[Any]) -> FigureWithText:
    """Draw the faces found in a frame: a box and a name on each, and its probabilities beside.

    Args:
        frame: uint8 RGB (h, w, 3).
        faces: each with `box` (x, y, width, height) in pixels, `probabilities` (7,) and
            `emotion`, which is None where the network is unsure. All get a box, the first
            `MOST_BAR_CHARTS` their probabilities too.
    """
    charts = [f"face {number + 1}" for number in range(min(len(faces), MOST_BAR_CHARTS))]
    share = 0.6 if charts else 1
    height = max(share * WIDTH * frame.shape[0] / frame.shape[1], 1.6 * len(charts))
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    mosaic: list[Any] = [["frame", chart] for chart in charts] or [["frame"]]
    panels = figure.subplot_mosaic(mosaic, width_ratios=[1.7, 1] if charts else [1])
    draw_image(panels["frame"], frame)
    if not charts:
        return FigureWithText(figure, "A picture in which no face was found.")
    descriptions = []
    for number, face in enumerate(faces, start=1):
        name = face.emotion or "unsure"
        x, y, _, tall = draw_box(panels["frame"], face.box, COLOURS.get(face.emotion, "white"))
        label = panels["frame"].text(x, y, f"{number} {name}", color="white", fontsize=11)
        label.set(backgroundcolor=INK, verticalalignment="top" if y < tall / 4 else "bottom")
        descriptions.append(f"face {number} {name} ({leading(face.probabilities)})")
    for chart, face in zip(charts, faces):
        probability_bars(panels[chart], face.probabilities, fontsize=10)
        panels[chart].set_title(chart, fontsize=12)
    found = "one face was" if len(faces) == 1 else f"{len(faces)} faces were"
    text = f"A picture in which {found} found: {'; '.join(descriptions)}."
    return FigureWithText(figure, text)


@styled
def feature_maps(
    maps: NDArray[np.floating], names: Sequence[str] = (), columns: int = 8
) -> FigureWithText:
    """Draw the channels of a layer's output, each scaled to its own largest value.

    Maps with negative values are drawn in two colours around white, which is zero. A colour bar
    says which colour stands for what.

    Args:
        maps: float (h, w, channels), or (h, w) for a single one.
        names: one for each channel; their numbers if left out.
        columns: how many maps stand side by side.
    """
    maps = np.atleast_3d(maps)
    channels = maps.shape[-1]
    figure, panels = grid(channels, min(columns, channels), heading=0.3)
    signed = maps.min() < 0
    colours = "PuOr" if signed else "viridis"
    for index, axes in enumerate(panels[:channels]):
        largest = max(np.abs(maps[..., index]).max(), 1e-12)
        limits = {"vmin": -largest if signed else 0, "vmax": largest}
        axes.imshow(
            maps[..., index],
            cmap=colours,
            interpolation="nearest",
            **limits,
        )
        axes.set_title(names[index] if names else str(index), fontsize=11)
    ends = {-1: "−largest", 0: "0", 1: "largest"} if signed else {0: "0", 1: "largest"}
    scale = ScalarMappable(Normalize(min(ends), 1), colours)
    bar = figure.colorbar(scale, ax=list(panels), ticks=list(ends), fraction=0.03, pad=0.02)
    bar.ax.set_yticklabels(list(ends.values()), fontsize=11)
    silent = int((np.abs(maps).max(axis=(0, 1)) == 0).sum())
    plural = "" if channels == 1 else "s"
    named = f": {', '.join(names)}" if names else ""
    size = f"{maps.shape[0]} by {maps.shape[1]}"
    text = f"{channels} map{plural} of {size}{named}; all zero: {silent}."
    return FigureWithText(figure, text)


@styled
def receptive_field(
    image: NDArray[Any], box: tuple[int, int, int, int], title: str = ""
) -> FigureWithText:
    """Draw a face and, as a rectangle, the pixels that one output of a layer can see.

    Args:
        image: (h, w), uint8 in 0-255 or float in [0, 1].
        box: x, y, width and height in pixels.
        title: what stands above; the size of the rectangle if left out.
    """
    figure = Figure(figsize=(WIDTH / 2, WIDTH / 2), layout="constrained")
    axes = figure.subplots()
    draw_image(axes, image)
    x, y, wide, tall = draw_box(axes, box, ORANGE)
    axes.set_title(title or f"{wide} × {tall} pixels")
    text = (
        f"A face of {image.shape[1]} by {image.shape[0]} pixels with a rectangle of {wide} by "
        f"{tall} pixels from column {x} and row {y}."
    )
    return FigureWithText(figure, text)
