"""The figures of lesson 07: heat maps on faces, embeddings, and who points where."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course_utils.plots.style import (
    BLUE,
    INK,
    ORANGE,
    WIDTH,
    FigureWithText,
    draw_image,
    in_percent,
    listed,
    percent,
    styled,
)

HEAT = "YlOrRd"  # pale to dark, also for colour-blind readers and in print
PALENESS = 0.35  # of the face below the heat


@styled
def heat_maps(
    images: NDArray[Any],
    maps: Mapping[str, NDArray[np.floating]],
    titles: Sequence[str],
    places: NDArray[np.bool_] | None = None,
    outlined: str = "the truth",
) -> FigureWithText:
    """Draw a row per face: the face, then what each method finds on it.

    Only what speaks for the class is drawn: values above zero, the largest one of each map
    darkest.

    Args:
        images: uint8 (n, h, w).
        maps: for each method's name its maps, float (n, h, w).
        titles: one short text per face.
        places: bool (n, h, w), drawn as an outline where given.
        outlined: what lies within the outline.

    Raises:
        ValueError: there are not as many maps or titles as images.
    """
    if any(len(part) != len(images) for part in (*maps.values(), titles)):
        raise ValueError(f"{len(images)} images need as many maps of each method, and titles.")
    columns = len(maps) + 1
    side = WIDTH / max(columns, 3)
    figure = Figure(figsize=(side * columns, side * len(images) + 0.3), layout="constrained")
    grid = figure.subplots(len(images), columns, squeeze=False)
    for row, (image, title) in enumerate(zip(images, titles)):
        draw_image(grid[row, 0], image)
        grid[row, 0].set_title(title, fontsize=12)
        for axes, (name, of_method) in zip(grid[row, 1:], maps.items()):
            draw_image(axes, (255 - PALENESS * (255 - image.astype(float))) / 255)
            heat = np.clip(of_method[row], 0, None)
            heat = heat / max(heat.max(), 1e-12)
            axes.imshow(heat, cmap=HEAT, vmin=0, vmax=1, alpha=np.sqrt(heat))
            if places is not None:
                axes.contour(places[row], levels=[0.5], colors=BLUE, linewidths=1.6)
            if row == 0:
                axes.set_title(name, fontsize=12)
    plural = "" if len(images) == 1 else "s"
    text = f"Heat maps of {len(images)} face{plural} ({listed(titles)}) by {listed(list(maps))}."
    if places is not None:
        shares = [
            f"{name} has its strongest pixel inside for {_inside(of_method, places)} of them"
            for name, of_method in maps.items()
        ]
        text += f" An outline shows {outlined}; {'; '.join(shares)}."
    return FigureWithText(figure, text)


@styled
def pointing_game(table: pd.DataFrame) -> FigureWithText:
    """Draw how often each method points at the right place, and what knows nothing beside it.

    Args:
        table: `faithfulness.measure`: a row per method, columns `hits`, `low`, `high` and
            `untrained`; NaN where there is none.
    """
    figure = Figure(figsize=(WIDTH, 0.55 * len(table) + 1.1), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(table))
    axes.hlines(rows, table["low"], table["high"], color=BLUE, linewidth=3)
    axes.plot(table["hits"], rows, "o", color=BLUE, markersize=9, label="this network")
    look: dict[str, Any] = {"color": ORANGE, "markerfacecolor": "white", "markeredgewidth": 2}
    axes.plot(table["untrained"], rows, "D", **look, label="untrained")
    random_pixel = table["hits"].iloc[0]
    axes.axvline(random_pixel, color=INK, linestyle=":", linewidth=1.5)
    axes.set(xlim=(0, 1), yticks=rows, ylim=(len(table) - 0.5, -0.5))
    axes.set_yticklabels(table.index)
    axes.tick_params(axis="y", length=0)
    in_percent(axes.xaxis)
    axes.set_xlabel("maps that point at the decisive action unit")
    axes.legend(loc="upper right")
    described = "; ".join(f"{name} {percent(row.hits)}" for name, row in table.iterrows())
    return FigureWithText(figure, f"How often each points at the decisive unit: {described}.")


def _inside(maps: NDArray[np.floating], places: NDArray[np.bool_]) -> int:
    largest = maps.reshape(len(maps), -1).argmax(axis=1)
    return int(places.reshape(len(places), -1)[np.arange(len(maps)), largest].sum())
