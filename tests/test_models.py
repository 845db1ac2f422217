"""The networks are what they are said to be, and cost what is counted."""

import ast
import inspect
from collections.abc import Iterator

import keras
import nbformat
import numpy as np
import pytest
from keras import layers
from notebook_rules import code_cells
from repository import NOTEBOOKS_FOLDER

from course_utils import build_model, models
from course_utils.models import count_cost, residual_block
from research import compare_depths


@pytest.fixture(scope="module")
def compact() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model("compact")


def test_the_baseline_has_the_parameters_of_the_course_it_stands_for():
    model = build_model("seed_baseline")
    assert model.count_params() == 4_478_727
    kernels = [layer.kernel.shape for layer in model.layers if isinstance(layer, layers.Conv2D)]
    assert [tuple(shape) for shape in kernels] == [
        (3, 3, 1, 64),
        (5, 5, 64, 128),
        (3, 3, 128, 512),
        (3, 3, 512, 512),
    ]


def test_the_compact_network_stays_under_a_million_parameters(compact):
    assert compact.count_params() <= 1_000_000
    assert compact.input_shape == (None, 48, 48, 1) and compact.output_shape == (None, 7)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="compact, seed_baseline"):
        build_model("vgg")


def test_a_residual_block_adds_what_it_finds_to_what_it_got():
    inputs = keras.Input((8, 8, 16))
    block = keras.Model(inputs, residual_block(inputs, 16))
    for layer in block.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.gamma.assign(np.zeros(16))  # the block finds nothing
    x = np.abs(np.random.default_rng(0).normal(size=(2, 8, 8, 16))).astype(np.float32)
    np.testing.assert_allclose(block.predict_on_batch(x), x, atol=1e-6)


def functions(source: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the code of each function, without types and docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
            if ast.get_docstring(node):
                node.body = node.body[1:]
            yield node.name, ast.unparse(node)


@pytest.mark.parametrize("name", ["batch_norm", "conv_bn_relu", "residual_block", "plain_block"])
def test_lesson_03_writes_the_blocks_that_the_package_has(name):
    notebook = nbformat.read(NOTEBOOKS_FOLDER / "03_building_a_cnn.ipynb", as_version=4)
    taught = {}
    for cell in code_cells(notebook):
        if not cell.source.startswith("# In Colab"):
            taught |= dict(functions(cell.source))
    home = compare_depths if name == "plain_block" else models
    assert taught[name] == dict(functions(inspect.getsource(home)))[name]


def test_the_cost_is_that_of_counting_by_loops():
    inputs = keras.Input((10, 12, 3))
    x = layers.Conv2D(5, 3, strides=2, padding="same")(inputs)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.Flatten()(x)
    model = keras.Model(inputs, layers.Dense(4)(x))
    expected = 0
    for _pixel in range(5 * 6):
        for _filter in range(5):
            expected += 3 * 3 * 3  # each filter reads all three channels
            expected += 3 * 3  # each depthwise filter reads its own
    expected += 5 * 6 * 5 * 4
    cost = count_cost(model)
    assert cost["activations"].tolist() == [10 * 12 * 3, 150, 150, 150, 4]
    assert cost["multiply_adds"].sum() == expected
    assert cost["parameters"].sum() == model.count_params() == 140 + 45 + 604


def test_a_dense_layer_on_maps_is_counted_at_each_position():
    inputs = keras.Input((48, 48, 8))
    model = keras.Model(inputs, layers.Dense(4)(inputs))
    pointwise = keras.Model(inputs, layers.Conv2D(4, 1)(inputs))  # computes the same
    for cost in (count_cost(model), count_cost(pointwise)):
        assert cost["multiply_adds"].tolist() == [0, 48 * 48 * 8 * 4]


def test_each_group_of_a_convolution_reads_its_own_channels_alone():
    inputs = keras.Input((6, 6, 8))
    x = layers.Conv2D(4, 3, groups=2)(inputs)
    model = keras.Model(inputs, layers.DepthwiseConv2D(3, depth_multiplier=2)(x))
    expected = [0, 4 * 4 * 4 * (3 * 3 * 4), 2 * 2 * 8 * (3 * 3)]
    assert count_cost(model)["multiply_adds"].tolist() == expected


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.SeparableConv2D(4, 3, name="odd"),
        lambda: layers.Conv2DTranspose(4, 3, name="odd"),
        lambda: keras.Sequential([keras.Input((8, 8, 2)), layers.Conv2D(4, 3)], name="odd"),
    ],
)
def test_a_layer_whose_cost_cannot_be_counted_is_named(layer):
    inputs = keras.Input((8, 8, 2))
    with pytest.raises(ValueError, match="'odd'"):
        count_cost(keras.Model(inputs, layer()(inputs)))


def test_normalisations_and_dropout_cost_next_to_nothing():
    inputs = keras.Input((8, 8, 2))
    x = layers.LayerNormalization()(layers.BatchNormalization()(inputs))
    cost = count_cost(keras.Model(inputs, layers.Dropout(0.5)(x)))
    assert cost["multiply_adds"].tolist() == [0, 0, 0, 0]
