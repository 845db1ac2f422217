"""The diagrams say what the networks and the data really are."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from course_utils import build_model
from course_utils.models import residual_block
from course_utils.plots import diagrams


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
