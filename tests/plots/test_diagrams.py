"""The diagrams say what the networks and the data really are."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from matplotlib.patches import Rectangle
from scipy.signal import correlate2d

from course_utils import build_model
from course_utils.models import residual_block
from course_utils.plots import diagrams


def framed(axes) -> list[tuple[float, ...]]:
    """Return x, y, width and height of the rectangles that are not filled."""
    frames = [box for box in boxes(axes) if not box.get_fill()]
    return [(*box.get_xy(), box.get_width(), box.get_height()) for box in frames]


def words(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def boxes(axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


@pytest.fixture(scope="module")
def small() -> keras.Model:
    """A network with one residual block, from 16 pixels to 4 classes."""
    inputs = keras.Input((16, 16, 1))
    found = keras.layers.Conv2D(8, 3, padding="same")(inputs)
    found = residual_block(found, 24, stride=2)
    found = keras.layers.GlobalAveragePooling2D()(found)
    return keras.Model(inputs, keras.layers.Dense(4)(found), name="small")


def test_network_shows_the_size_of_every_step(small: keras.Model) -> None:
    figure = diagrams.network(small)
    assert (
        "image 16×16×1, convolution 16×16×8, residual block 8×8×24, mean 1×1×24, "
        "probabilities 1×1×4" in figure.text
    )
    (axes,) = figure.figure.axes
    assert [box.get_height() for box in boxes(axes)] == [2, 2, 1, 1 / 8, 1 / 8]
    shown = [text.get_text() for text in axes.texts]
    assert "8×8\n×24" in shown and "4 classes" in shown and shown[-1].startswith("1 residual")


def test_network_counts_the_parameters_of_compact() -> None:
    model = build_model("compact")
    figure = diagrams.network(model)
    assert f"compact, {model.count_params():,} parameters" in figure.text
    assert figure.text.count("residual block") == 6 + 1  # and once in the closing sentence
    assert "residual block 6×6×128, mean 1×1×128, probabilities 1×1×7" in figure.text


def test_way_shows_what_was_found() -> None:
    random = np.random.default_rng(0)
    faces = random.integers(0, 256, (4, 48, 48), dtype=np.uint8)
    frame = random.integers(0, 256, (60, 60, 3), dtype=np.uint8)
    face = SimpleNamespace(box=(4, 20, 16, 18), probabilities=np.eye(7)[5] * 0.7 + 0.3 / 7)
    figure = diagrams.way(faces, frame, faces[3], face)
    assert figure.text.endswith("its answer, sad at 74 %.")
    assert len(figure.figure.axes) == 10
    found, crop, bars = (figure.figure.axes[index] for index in (6, 7, 9))
    assert {box.get_xy() for box in boxes(found)} == {(3.5, 19.5)}
    np.testing.assert_array_equal(crop.images[0].get_array(), faces[3])
    widths = [bar.get_width() for bar in boxes(bars)]
    np.testing.assert_allclose(widths, face.probabilities)


def test_sliding_window_shows_every_number_and_where_the_sum_goes() -> None:
    random = np.random.default_rng(0)
    image = random.integers(0, 9, (4, 6)).astype(float)
    weights = random.integers(-3, 4, (3, 3)).astype(float)
    found = correlate2d(image, weights, mode="valid")
    figure = diagrams.sliding_window(image, weights, place=(1, 2))
    panels = figure.figure.axes
    for axes, array in zip(panels, (image, weights, found), strict=True):
        numbers = [word.replace("−", "-") for word in words(axes) if word not in "×="]
        assert numbers == [f"{number:g}" for number in array.ravel()]
    assert framed(panels[0]) == [(2, 1, 3, 3)]
    assert framed(panels[1]) == []
    assert framed(panels[2]) == [(2, 1, 1, 1)]
    assert [axes.get_title() for axes in panels] == [
        "image, 4 × 6",
        "filter, 3 × 3",
        "feature map, 2 × 4",
    ]
    below = figure.figure.get_supxlabel()
    assert below in figure.text and below.endswith(f"= {found[1, 2]:g}".replace("-", "−"))
    sums = below.split(" = ")[0].replace("−", "-").replace("·", "*")
    assert eval(sums) == found[1, 2], "the products written below do not give the sum"


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 1), (3, 0)])
def test_stride_and_padding_draws_one_dot_for_each_value_that_keras_puts_out(
    stride: int, padding: int
) -> None:
    figure = diagrams.stride_and_padding(7, 3, [(stride, padding), (1, 2)])
    axes, other = figure.figure.axes
    picture = keras.layers.ZeroPadding2D(padding)(np.zeros((1, 7, 7, 1), np.float32))
    side = keras.layers.Conv2D(1, 3, strides=stride)(picture).shape[1]
    (dots,) = axes.lines
    middles = np.unique(dots.get_xdata())
    assert len(middles) == side and np.asarray(dots.get_xdata()).size == side**2
    np.testing.assert_allclose(np.diff(middles), stride)
    assert middles[0] == -padding + 1.5
    assert axes.get_title() == f"stride {stride}, padding {padding}"
    assert f"7 × 7 → {side} × {side}" in words(axes)
    assert f"stride {stride} and padding {padding}, {side} by {side}" in figure.text
    assert "7 × 7 → 9 × 9" in words(other)
    first = (-padding, -padding, 3, 3)
    assert framed(axes) == [(-padding + stride, -padding, 3, 3), first]
    grid = [box for box in boxes(axes) if box.get_fill()]
    assert len(grid) == (7 + 2 * padding) ** 2


@pytest.mark.parametrize(
    ("filters", "stride", "shortcut"),
    [
        (8, 1, "nothing changed"),
        (12, 1, "conv 1 × 1, batch norm"),
        (12, 2, "average pool, conv 1 × 1, batch norm"),
    ],
)
def test_block_shows_both_paths(filters: int, stride: int, shortcut: str) -> None:
    inputs = keras.Input((8, 8, 8))
    model = keras.Model(inputs, residual_block(inputs, filters, stride))
    figure = diagrams.block(model)
    (axes,) = figure.figure.axes
    *names, caption = [text.get_text().replace("\n", " ") for text in axes.texts if text.get_text()]
    path = ["conv 3 × 3", "batch norm", "relu", "conv 3 × 3", "batch norm"]
    assert names == ["input", *path, "+", "relu", "output"]
    assert caption == f"shortcut: {shortcut}"
    assert f"goes through {', '.join(path)}. A shortcut leads around" in figure.text
    assert f"({shortcut})" in figure.text and figure.text.endswith("and relu follows.")


def test_the_shortcut_is_the_shorter_path_whichever_comes_first() -> None:
    inputs = keras.Input((8, 8, 8))
    found = keras.layers.Conv2D(8, 5, padding="same")(inputs)
    outputs = keras.layers.Activation("relu")(keras.layers.Add()([found, inputs]))
    figure = diagrams.block(keras.Model(inputs, outputs))
    assert "goes through conv 5 × 5. A shortcut leads around these (nothing" in figure.text
