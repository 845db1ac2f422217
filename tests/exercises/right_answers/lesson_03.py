"""Right answers to the exercises of lesson 03, building a CNN."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.exercises.wrong_answers.lesson_03 import _network

if TYPE_CHECKING:
    import keras

learned_numbers = (2432.0, np.int64(2432), np.array(2432), Fraction(2432))

dark_line = (
    np.array([[0.5, 0.5, 0.5], [-1, -1, -1], [0.5, 0.5, 0.5]], dtype=np.float32),
    np.array([[0, 1, 0], [0, -2, 0], [0, 1, 0]], dtype=np.int8),
    np.array([[True] * 3, [False] * 3, [True] * 3]) - np.array([[0.0], [2], [0]]),
    np.array([[1, 2, 1], [-2, -3, -2], [1, 1, 1]]),
)

width_seen = (103.0, np.uint8(103), np.array(103))


def _by_windows(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(image, weights.shape)[::stride, ::stride]
    return np.einsum("rcij,ij->rc", windows, weights)


def _by_keras(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    import keras

    kernel = weights[:, :, np.newaxis, np.newaxis]
    found = keras.ops.conv(image[np.newaxis, :, :, np.newaxis], kernel, strides=stride)
    return keras.ops.convert_to_numpy(found)[0, :, :, 0]


def _by_lists(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    rows = range(0, image.shape[0] - 2, stride)
    columns = range(0, image.shape[1] - 2, stride)
    sums = [[(image[r : r + 3, c : c + 3] * weights).sum() for c in columns] for r in rows]
    return np.array(sums, dtype="float32")


def _by_scipy(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    from scipy.signal import correlate2d

    return np.asarray(correlate2d(image, weights, mode="valid")[::stride, ::stride])


convolve_in_steps = (_by_windows, _by_keras, _by_lists, _by_scipy)


def _own_name_for_found(x: Any, filters: int, stride: int) -> Any:
    from keras import layers

    found = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    found = layers.ReLU()(layers.BatchNormalization()(found))
    found = layers.Conv2D(filters, 3, padding="same", use_bias=False)(found)
    found = layers.BatchNormalization()(found)
    if stride != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
    return layers.ReLU()(x + found)


def _in_two_parts(x: Any, filters: int, stride: int) -> Any:
    import keras
    from keras import layers

    convolutions = [
        layers.Conv2D(filters, 3, step, padding="same", use_bias=False) for step in (stride, 1)
    ]
    found = keras.Sequential(
        [
            convolutions[0],
            layers.BatchNormalization(),
            layers.Activation("relu"),
            convolutions[1],
            layers.BatchNormalization(),
        ]
    )
    changes = stride > 1 or x.shape[-1] != filters
    shortcut = layers.Conv2D(filters, 1, stride, use_bias=False)(x) if changes else x
    return keras.ops.relu(layers.add([shortcut, found(x)]))


my_block = (_own_name_for_found, _in_two_parts)


def _subclass() -> "keras.Model":
    import keras
    from keras import layers

    class Tiny(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first = layers.Conv2D(16, 3, strides=2, activation="relu")
            self.second = layers.Conv2D(16, 3, strides=2, activation="relu")
            self.pool = layers.MaxPooling2D()
            self.flatten = layers.Flatten()
            self.logits = layers.Dense(7)

        def call(self, images: Any) -> Any:
            x = self.pool(self.second(self.first(images)))
            return self.logits(self.flatten(x))

    network = Tiny()
    network(np.zeros((1, 48, 48, 1), dtype=np.float32))
    return network


def _sequential(*first: Any) -> "keras.Model":
    import keras
    from keras import layers

    network = keras.Sequential([*first, layers.Conv2D(12, 5, 3, activation="relu")])
    network.add(layers.BatchNormalization())
    network.add(layers.SeparableConv2D(24, 3, 2, activation="relu"))
    network.add(layers.Flatten())
    network.add(layers.Dense(7))
    return network


def _built_by_a_call() -> "keras.Model":
    network = _sequential()
    network(np.zeros((2, 48, 48, 1), dtype=np.float32))
    return network


def _sequential_with_input() -> "keras.Model":
    import keras

    return _sequential(keras.Input((48, 48, 1)))


def _compiled() -> "keras.Model":
    network = _network()
    network.compile("sgd", "mse")
    return network


tiny = (
    lambda: _network(activation="softmax"),
    lambda: _network(filters=12),
    _compiled,
    _subclass,
    _sequential_with_input,
    _built_by_a_call,
)
