"""Wrong answers to the exercises of lesson 03, building a CNN."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.emotions import EMOTIONS
from course_utils.exercises.lesson_03 import _sorted_costs, _window_at_the_wrong_place
from tests.exercises.wrong_answers import WrongAnswer

if TYPE_CHECKING:
    import keras

learned_numbers = (
    WrongAnswer(32 * 5 * 5 * 3, "biases are missing"),
    WrongAnswer(832, "for each of the 3 channels"),
    WrongAnswer(76, "That is one filter"),
    WrongAnswer(32 * 48 * 48, "Count the weights of one filter first"),
)

dark_line = (
    WrongAnswer(np.outer([1, 1, -4, 1, 1], np.ones(5)), "Write three rows of three"),
    WrongAnswer(np.array([[1, 1, 1], [-1, -1, -1], [1, 1, 1]]), "Look at the sum of its weights"),
    WrongAnswer(np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]), "Look at the signs"),
    WrongAnswer(np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]]), "sum of each column"),
)

width_seen = (
    WrongAnswer(1 + 13 * 2, "the width without strides"),
    WrongAnswer(51, "first convolution is missing"),
    WrongAnswer(117, "Yours counts its own"),
    WrongAnswer(48, "List kernels and strides of all"),
)


def _convolve(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(image, weights.shape)[::stride, ::stride]
    return np.asarray((windows * weights).sum(axis=(2, 3)), dtype=np.float32)


def _scaled_in_place(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    found = _convolve(image, weights, stride)
    image /= 255
    return found


convolve_in_steps = (
    WrongAnswer(
        lambda image, weights, stride: _convolve(image, weights, stride).astype(float),
        "Expected values of type float32",
    ),
    WrongAnswer(
        lambda image, weights, stride: _convolve(image, weights, stride)[np.newaxis],
        "yours is (1, 3, 3)",
    ),
    WrongAnswer(lambda image, weights, stride: _convolve(image, weights, 1), "yours is (5, 5)"),
    WrongAnswer(
        lambda image, weights, stride: _convolve(np.rot90(image, 2), weights, 1)[::-1, ::-1][
            ::stride, ::stride
        ].copy(),
        "turned over",
    ),
    WrongAnswer(
        lambda image, weights, stride: _convolve(image, weights, stride) / 9,
        "This is the mean",
    ),
    WrongAnswer(_window_at_the_wrong_place, "still moves by one pixel"),
    WrongAnswer(
        lambda image, weights, stride: np.maximum(_convolve(image, weights, stride), 0),
        "Do one place by hand",
    ),
    WrongAnswer(_scaled_in_place, "writes into"),
)

costliest_layer = (
    WrongAnswer(
        lambda model: max(model.layers, key=lambda layer: layer.count_params()).name,
        "most parameters",
    ),
    WrongAnswer(
        lambda model: _sorted_costs(model, "activations")[-1],
        "the layer with the largest output",
    ),
    WrongAnswer(lambda model: model.layers[-1].name, "find the largest number by eye"),
)


def _network(
    shape: tuple[int, int, int] = (48, 48, 1),
    filters: int = 16,
    classes: int = len(EMOTIONS),
    **last: Any,
) -> "keras.Model":
    """Build a small network; `last` are settings of its last layer."""
    import keras
    from keras import layers

    inputs = keras.Input(shape)
    x = layers.Conv2D(filters, 3, strides=2, activation="relu")(inputs)
    x = layers.Conv2D(filters, 3, strides=2, activation="relu")(x)
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    return keras.Model(inputs, layers.Dense(classes, **{"activation": "softmax", **last})(x))


def _dense_network() -> "keras.Model":
    import keras
    from keras import layers

    last = layers.Dense(len(EMOTIONS), activation="softmax")
    return keras.Sequential([keras.Input((48, 48, 1)), layers.Flatten(), last])


tiny = (
    WrongAnswer(lambda: _network(shape=(48, 48, 3)), "Look at `keras.Input`"),
    WrongAnswer(lambda: _network(classes=8), "Look at the last layer"),
    WrongAnswer(lambda: _network(activation="sigmoid"), "activation of the last layer"),
    WrongAnswer(lambda: _network(filters=48), "shows where they sit"),
    WrongAnswer(_dense_network, "no convolution"),
    WrongAnswer(
        lambda: _network(kernel_initializer="zeros", filters=1), "weights that start at zero"
    ),
)
