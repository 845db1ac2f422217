"""Wrong answers to the exercises of lesson 03, building a CNN."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.emotions import EMOTIONS
from course_utils.exercises.lesson_03 import _window_at_the_wrong_place
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
    WrongAnswer(np.outer([1, 1, -4, 1, 1], np.ones(5)), "float64 array of shape (5, 5)"),
    WrongAnswer(np.array([[[1, 1, 1], [-2, -2, -2], [1, 1, 1]]]), "int64 array of shape (1, 3, 3)"),
    WrongAnswer(np.array([[1, 1, 1], [-1, -1, -1], [1, 1, 1]]), "your filter gives 3 and not 0"),
    WrongAnswer(np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]), "Look at the signs"),
    WrongAnswer(np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]]), "up to 6 on a vertical"),
    WrongAnswer(np.array([[0, 1, 1], [-2, -1, -1], [0, 1, 1]]), "up to 2 on a vertical"),
    WrongAnswer(np.array([[3, 0, 0], [-2, -2, -2], [3, 0, 0]]), "up to -4 on a vertical"),
    WrongAnswer(np.full((3, 3), np.nan), "your filter gives nan"),
    WrongAnswer(np.full((3, 3), "1"), "<U1 array of shape"),
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


def _made_block(shortcut: str, main_stride: int = 0, merge: str = "Add") -> Callable[..., Any]:
    """Return a block like the exercise's, with another shortcut, stride or last step."""

    def block(x: Any, filters: int, stride: int) -> Any:
        from keras import layers

        def bring(x: Any, step: int) -> Any:
            return layers.Conv2D(filters, 1, strides=step, use_bias=False)(x)

        main = main_stride or stride
        found = layers.Conv2D(filters, 3, strides=main, padding="same", use_bias=False)(x)
        found = layers.Activation("relu")(layers.BatchNormalization()(found))
        found = layers.Conv2D(filters, 3, padding="same", use_bias=False)(found)
        found = layers.BatchNormalization()(found)
        if stride > 1 or x.shape[-1] != filters:
            kept = bring(found, 1) if "found" in shortcut else bring(x, main)
            if shortcut == "without its stride":
                kept = bring(x, 1)
        else:
            kept = found if shortcut == "of found" else x
        return layers.Activation("relu")(getattr(layers, merge)()([found, kept]))

    return block


def _without_projection(x: Any, filters: int, stride: int) -> Any:
    from course_utils.models import residual_block

    return residual_block(x, filters, stride)


my_block = (
    WrongAnswer(
        _made_block("of found"),
        "from 16 to 16 channels with stride 1 should still pass on its input. Yours gives 0",
    ),
    WrongAnswer(
        _made_block("of found, where it differs"), "16 to 24 channels with stride 1 should"
    ),
    WrongAnswer(_made_block("of the input", merge="Average"), "Yours gives something else"),
    WrongAnswer(_made_block("without its stride"), "Your function raised `ValueError"),
    WrongAnswer(_without_projection, "Mend what they are applied to"),
    WrongAnswer(_made_block("of the input", main_stride=1), "should become (6, 6, 24)"),
    WrongAnswer(lambda x, filters, stride: "x", "Return what the last layer makes"),
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
    return keras.Model(inputs, layers.Dense(classes, **last)(x))


def _dense_network() -> "keras.Model":
    import keras
    from keras import layers

    return keras.Sequential(
        [keras.Input((48, 48, 1)), layers.Flatten(), layers.Dense(len(EMOTIONS))]
    )


def _unbuilt() -> "keras.Model":
    import keras
    from keras import layers

    return keras.Sequential([layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(len(EMOTIONS))])


tiny = (
    WrongAnswer(_unbuilt, "Your model has no weights yet"),
    WrongAnswer(lambda: _network(shape=(48, 48, 3)), "Look at `keras.Input`"),
    WrongAnswer(lambda: _network(classes=8), "Look at the last layer"),
    WrongAnswer(lambda: _network(activation="sigmoid"), "activation of the last layer"),
    WrongAnswer(lambda: _network(filters=48), "shows where they sit"),
    WrongAnswer(_dense_network, "together with its neighbours"),
    WrongAnswer(
        lambda: _network(kernel_initializer="zeros", filters=1), "weights that start at zero"
    ),
)
