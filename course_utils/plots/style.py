"""What every figure stands on: one style, one palette, and the text that goes with a picture.

JupyterLab 4 and nbconvert's default page drop the `alt` entry of an `image/png` output, so a
figure goes out as an HTML image, whose `alt` every front end hands to a screen reader.
"""

import base64
import html
import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray
from PIL import Image

from course_utils.emotions import COLOURS, EMOTIONS

# Okabe & Ito's blue and vermilion: the two series of a figure that is not about the classes.
BLUE, ORANGE = COLOURS["sad"], COLOURS["angry"]
INK = "#333333"
# Around lines and bars in a class's colour: some of the seven are too pale for white alone.
OUTLINED = {"path_effects": [withStroke(linewidth=3.8, foreground=INK)]}
WIDTH = 8.0  # inches
DOTS_PER_INCH = 144
PHOTOGRAPH_COLOURS = 10_000  # a drawing has fewer, a colour photograph more
JPEG_QUALITY = 85
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
styled = matplotlib.rc_context(STYLE)


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
    def picture(self) -> Image.Image:
        """The drawn pixels: with a palette, which a third of the bytes hold, or as a photograph."""
        buffer = io.BytesIO()
        # Without a layout engine, as pandas and seaborn draw, labels can reach beyond the edge.
        edges = None if self.figure.get_layout_engine() else "tight"
        with matplotlib.rc_context(STYLE):
            self.figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, bbox_inches=edges)
        picture = Image.open(buffer).convert("RGB")
        if picture.getcolors(PHOTOGRAPH_COLOURS) is None:
            return picture
        return picture.quantize(dither=Image.Dither.NONE)

    def save(self, path: str | Path) -> None:
        """Write the picture to `path`, in the format that the file's suffix names."""
        self.picture.save(path, optimize=True)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        kind = "png" if self.picture.mode == "P" else "jpeg"
        buffer = io.BytesIO()
        self.picture.save(buffer, format=kind, optimize=True, quality=JPEG_QUALITY)
        source = f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
        width = round(self.figure.get_figwidth() * CSS_PIXELS_PER_INCH)
        return {
            "text/html": f'<img width="{width}" alt="{html.escape(self.text)}" src="{source}">',
            "text/plain": self.text,
        }


@styled
def subplots(rows: int = 1, columns: int = 1, height: float = 3.6) -> tuple[Figure, Any]:
    """Return a figure in the course's style and its axes, for a drawing of your own.

    The axes come as from `matplotlib.pyplot.subplots`: one, or an array of them. `height` is in
    inches. Hand the figure to `with_alt_text` when it is drawn.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns)


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


def grid(count: int, columns: int, heading: float) -> tuple[Figure, NDArray[Any]]:
    """Return a figure of `count` square panels without axes; `heading` is inches above each."""
    rows = -(-count // columns)
    side = min(WIDTH / columns, 2.6)
    figure = Figure(figsize=(side * columns, (side + heading) * rows), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axes in panels:
        axes.set_axis_off()
    return figure, panels


def draw_image(axes: Axes, image: NDArray[Any]) -> None:
    """Draw one image with its pixels visible; black and white mean the same in every panel."""
    image = np.asarray(image)
    image = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    top = 255 if image.dtype == np.uint8 else 1
    axes.imshow(image, cmap="gray", vmin=0, vmax=top, interpolation="nearest")
    axes.set_axis_off()


def draw_box(axes: Axes, box: Sequence[int], colour: str) -> tuple[int, int, int, int]:
    """Draw a rectangle around the pixels of `box`, on a black line that shows on light skin too."""
    x, y, wide, tall = (int(number) for number in box)
    for line, ink in ((5, "black"), (2.5, colour)):
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), wide, tall, fill=False, edgecolor=ink, linewidth=line)
        )
    return x, y, wide, tall


def class_bars(axes: Axes, values: NDArray[Any]) -> None:
    """Draw one bar per class, each in the colour of the class, with an outline."""
    look = {"palette": dict(COLOURS), "saturation": 1, "legend": False, "edgecolor": INK}
    seaborn.barplot(x=np.asarray(values), y=list(EMOTIONS), hue=list(EMOTIONS), ax=axes, **look)
    axes.tick_params(axis="y", length=0)


def probability_bars(axes: Axes, values: NDArray[np.floating], fontsize: float = 12) -> None:
    """Draw one bar per class on an axis from 0 to 1."""
    class_bars(axes, values)
    axes.set(xlim=(0, 1), xticks=[0, 0.5, 1])
    axes.tick_params(labelsize=fontsize)


def in_percent(axis: Axis) -> None:
    """Label an axis of shares in whole per cent, with no tick between two of them."""
    axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))


def percent(share: float) -> str:
    """Return a share between 0 and 1 as whole per cent, such as "87 %"."""
    return f"{100 * share:.0f} %"


def leading(values: NDArray[np.floating]) -> str:
    """Return the most probable class and its probability, such as "happy 94 %"."""
    first = int(np.argmax(values))
    return f"{EMOTIONS[first]} {percent(values[first])}"


def listed(words: Sequence[str], most: int = 24) -> str:
    """Return words with commas between them; of more than `most`, only their number."""
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")
