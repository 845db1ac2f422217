"""Figures for everybody: colours stay apart, have a second cue beside them, and text stands out."""

import itertools
import re
from types import SimpleNamespace

import numpy as np
import palette
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from skimage.color import deltaE_ciede2000, rgb2lab

from course_utils import COLOURS, EMOTIONS
from course_utils.emotions import MARKERS
from course_utils.plots.style import INK, WIDTH
from course_utils.webcam.annotation import annotate
from course_utils.webcam.widget.camera import STATIC
from tests.plots.examples import FIGURES

LEAST_DISTANCE = 10.0  # CIEDE2000, between any two classes, for any of the four kinds of vision
LEAST_CONTRAST = 4.5  # of text: WCAG 2.2, success criterion 1.4.3
LEAST_GRAPHIC_CONTRAST = 3.0  # of what a picture is understood by: success criterion 1.4.11
CLASS_OF = {to_hex(colour): name for name, colour in COLOURS.items()}


# The palette.


@pytest.mark.parametrize("vision", palette.VISIONS)
def test_classes_stay_apart(vision: str) -> None:
    found = palette.distances(COLOURS, vision)
    assert len(found) == 21
    assert min(found.values()) >= LEAST_DISTANCE, min(found, key=found.__getitem__)


@pytest.mark.parametrize("vision", palette.VISIONS)
def test_the_distance_is_that_of_scikit_image(vision: str) -> None:
    lab = rgb2lab(palette.as_seen(COLOURS, vision)[np.newaxis])[0]
    pairs = itertools.combinations(range(7), 2)
    expected = [float(deltaE_ciede2000(lab[i], lab[j])) for i, j in pairs]
    found = list(palette.distances(COLOURS, vision).values())
    np.testing.assert_allclose(found, expected, atol=0.3)


def test_red_and_green_of_one_lightness_are_caught() -> None:
    trap = {"red": "#C0504D", "green": "#7C7C30"}
    assert min(palette.distances(trap, "full colour vision").values()) > 30
    assert min(palette.distances(trap, "deuteranopia").values()) < LEAST_DISTANCE


def test_grey_is_grey_to_everybody() -> None:
    for vision in palette.VISIONS:
        seen = palette.as_seen({"grey": "#7F7F7F"}, vision)
        np.testing.assert_allclose(seen, 127 / 255, atol=0.01)


def test_every_class_has_a_marker_of_its_own() -> None:
    assert list(MARKERS) == list(EMOTIONS) and len(set(MARKERS.values())) == 7


# The second cue.


def colour_alone(figure: Figure) -> list[str]:
    """Return what only its colour tells apart: lines without the marker, bars without a name."""
    found = []
    # Panels of one row share the names at its left.
    labels = [label for axes in figure.axes for label in axes.get_yticklabels()]
    shown = {label.get_text().split(" (")[0] for label in labels}
    for axes in figure.axes:
        # Without class colours for three classes or more, blue and orange are two plain series.
        lines = [line for line in axes.lines if to_hex(line.get_color()) in CLASS_OF]
        names = {CLASS_OF[to_hex(line.get_color())] for line in lines}
        points = {(CLASS_OF[to_hex(line.get_color())], line.get_marker()) for line in lines}
        if len(names) > 2:
            found += [name for name in names if (name, MARKERS[name]) not in points]
        bars = [bar for bar in axes.patches if to_hex(bar.get_facecolor()) in CLASS_OF]
        coloured = {CLASS_OF[to_hex(bar.get_facecolor())] for bar in bars}
        if len(coloured) > 2:
            found += [name for name in coloured if name not in shown]
        looks = {(line.get_marker(), line.get_linestyle()) for line in lines}
        if len(names) == 2 and len(looks) < 2:
            found += names
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_colour_is_never_the_only_cue(name: str) -> None:
    figure = FIGURES[name]().figure
    FigureCanvasAgg(figure).draw()
    assert colour_alone(figure) == []


def test_lines_told_apart_by_colour_alone_are_caught() -> None:
    figure = Figure()
    axes = figure.subplots()
    for name in ("angry", "sad", "happy"):
        axes.plot([0, 1], [0, 1], color=COLOURS[name])
    assert set(colour_alone(figure)) == {"angry", "sad", "happy"}


def test_bars_told_apart_by_colour_alone_are_caught() -> None:
    figure = Figure()
    figure.subplots().barh(range(7), 1, color=list(COLOURS.values()))
    assert set(colour_alone(figure)) == set(EMOTIONS)


# Contrast.


def luminance(colour: np.ndarray) -> np.ndarray:
    """Return the relative luminance of sRGB colours in 0 to 1, as WCAG 2.2 defines it."""
    colour = np.asarray(colour, dtype=float)
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    first, second = luminance(one), luminance(other)
    return (np.maximum(first, second) + 0.05) / (np.minimum(first, second) + 0.05)


def pale_texts(figure: Figure) -> list[str]:
    """Return the texts that stand out too little from what lies behind their middle."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    switched_off = [axes for axes in figure.axes if not axes.axison]
    hidden = {
        text
        for axes in switched_off
        for axis in (axes.xaxis, axes.yaxis)
        for text in axis.findobj(Text)
    }
    texts = set(figure.findobj(Text)) - hidden
    shown = [text for text in texts if text.get_visible() and text.get_text().strip()]
    boxes = {text: text.get_window_extent() for text in shown}
    colours = {text: to_rgb(text.get_color()) for text in shown}
    for text in shown:
        text.set_color("none")
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3] / 255
    found = []
    for text, box in boxes.items():
        x, y = int(box.x0), int(pixels.shape[0] - box.y1)
        behind = pixels[max(y, 0) : y + int(box.height) + 1, max(x, 0) : x + int(box.width) + 1]
        if behind.size:
            ratio = np.median(contrast(colours[text], behind.reshape(-1, 3)))
            if ratio < LEAST_CONTRAST:
                found.append(f"{text.get_text()!r}: {ratio:.1f} to 1")
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_text_stands_out(name: str) -> None:
    assert pale_texts(FIGURES[name]().figure) == []


@pytest.mark.parametrize(("colour", "found"), [("#999999", 1), (INK, 0)])
def test_pale_text_is_caught(colour: str, found: int) -> None:
    figure = Figure(figsize=(WIDTH, 2))
    figure.text(0.5, 0.5, "words", color=colour)
    assert len(pale_texts(figure)) == found


def pale_parts(figure: Figure) -> list[str]:
    """Return the classes whose lines or bars, outlines included, stand out too little on white."""
    white, found = np.ones(3), []
    for axes in figure.axes:
        parts = [(line.get_color(), line.get_markeredgecolor(), line) for line in axes.lines]
        parts += [(bar.get_facecolor(), bar.get_edgecolor(), bar) for bar in axes.patches]
        for colour, edge, part in parts:
            strokes = [effect._gc.get("foreground", colour) for effect in part.get_path_effects()]
            # A marker's edge does not go round the line that joins the markers.
            has_edge = not isinstance(part, Line2D) or part.get_linestyle() == "None"
            inks = [colour, *strokes, *([edge] if has_edge else [])]
            visible = [np.array(to_rgb(ink)) for ink in inks if to_rgba(ink)[3]]
            ratio = max(contrast(ink, white) for ink in visible)
            name = CLASS_OF.get(to_hex(colour))
            found += [name] if name and ratio < LEAST_GRAPHIC_CONTRAST else []
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_every_class_stands_out_in_figures(name: str) -> None:
    assert pale_parts(FIGURES[name]().figure) == []


def test_a_pale_line_and_a_pale_bar_are_caught() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], "o-", color=COLOURS["happy"], markeredgecolor=INK)
    axes.barh([0, 1], 1, color=[COLOURS["surprise"], COLOURS["sad"]])
    assert pale_parts(figure) == ["happy", "surprise"]


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("frame", [0, 128, 255])
def test_every_class_stands_out_on_an_annotated_frame(emotion: str, frame: int) -> None:
    face = SimpleNamespace(
        box=(20, 60, 100, 120), probabilities=np.full(7, 1 / 7), emotion=emotion, track_id=None
    )
    drawn = annotate(np.full((480, 640, 3), frame, np.uint8), [face]) / 255
    colour = np.array(to_rgb(COLOURS[emotion]))
    rows, columns = np.nonzero((drawn == colour).all(axis=-1) & (np.arange(640) > 140))
    beside_bar = drawn[int(np.median(rows)), columns.max() + 1]
    beside_box = min(drawn[100, 14:27], key=luminance)
    for ground in (beside_bar, beside_box):
        assert contrast(colour, ground) >= LEAST_GRAPHIC_CONTRAST
        assert contrast(np.ones(3), ground) >= LEAST_CONTRAST


@pytest.mark.parametrize("file", ["camera_drawing.js", "camera_widget.css"])
def test_every_class_stands_out_in_the_widget(file: str) -> None:
    grounds = re.findall(
        r"(?:GROUND = \"|background: )(#\w{6})", (STATIC / file).read_text("utf-8")
    )
    assert len(grounds) == 1
    ground = np.array(to_rgb(grounds[0]))
    assert contrast(np.ones(3), ground) >= LEAST_CONTRAST
    for colour in COLOURS.values():
        assert contrast(np.array(to_rgb(colour)), ground) >= LEAST_GRAPHIC_CONTRAST


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(np.zeros(3), np.ones(3)) == pytest.approx(21)
    # WCAG's example of a grey that just passes on white: #767676.
    assert contrast(np.full(3, 0x76 / 255), np.ones(3)) == pytest.approx(4.54, abs=0.01)
