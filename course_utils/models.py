"""The networks of the course by name, and what they cost.

They put out logits: a loss with `from_logits=True` trains them, and `Classifier` has the softmax
that makes probabilities of them. Plain Keras 3: the same code runs on TensorFlow, JAX and PyTorch.
"""

from collections.abc import Callable

import keras
import numpy as np
import pandas as pd
from keras import layers

from course_utils.emotions import EMOTIONS
from course_utils.split import IMAGE_SIZE


def build_model(name: str = "compact") -> keras.Model:
    """Build an untrained network.

    Args:
        name: "compact", the residual network of the course, or "seed_baseline", the network of the
            course that this one replaces.

    Returns:
        A model from float32 (n, 48, 48, 1) in 0 to 1 to logits, float32 (n, 7).

    Raises:
        ValueError: no network has this name.

    >>> build_model("compact").count_params()
    944487
    """
    if name not in _BUILDERS:
        raise ValueError(f"There is no model '{name}'. Choose one of {', '.join(_BUILDERS)}.")
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name="image")
    return keras.Model(inputs, _BUILDERS[name](inputs), name=name)


def _compact(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Six residual blocks (He et al. 2016, arXiv 1512.03385), with under a million parameters."""
    x = conv_bn_relu(inputs, 32, stride=2)  # (batch, 24, 24, 32)
    x = residual_block(x, 48)
    x = residual_block(x, 48)  # (batch, 24, 24, 48)
    x = residual_block(x, 96, stride=2)
    x = residual_block(x, 96)  # (batch, 12, 12, 96)
    x = residual_block(x, 128, stride=2)
    x = residual_block(x, 128)  # (batch, 6, 6, 128)
    x = layers.GlobalAveragePooling2D()(x)  # (batch, 128)
    x = layers.Dropout(0.3)(x)
    return layers.Dense(len(EMOTIONS), name="logits")(x)


def residual_block(x: keras.KerasTensor, filters: int, stride: int = 1) -> keras.KerasTensor:
    """Return x plus what two 3x3 convolutions find in it.

    Where the number of channels or the size changes, a 1x1 convolution brings x to it.

    >>> x = keras.Input((24, 24, 48))
    >>> residual_block(x, filters=96, stride=2).shape
    (None, 12, 12, 96)
    """
    found = conv_bn_relu(x, filters, stride=stride)
    found = layers.Conv2D(filters, 3, padding="same", use_bias=False)(found)
    found = batch_norm(found)
    if stride > 1:
        x = layers.AveragePooling2D(stride)(x)
    if x.shape[-1] != filters:
        x = batch_norm(layers.Conv2D(filters, 1, use_bias=False)(x))
    return layers.Activation("relu")(layers.Add()([x, found]))


def conv_bn_relu(x: keras.KerasTensor, filters: int, stride: int = 1) -> keras.KerasTensor:
    """Return a 3x3 convolution of x, batch-normalised, then ReLU."""
    # No bias: the batch normalisation that follows has one.
    x = layers.Conv2D(
        filters,
        3,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return layers.Activation("relu")(batch_norm(x))


def batch_norm(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return x batch-normalised, with running statistics that short runs can rely on."""
    # Keras's default of 0.99 takes hundreds of steps to settle: short runs would be evaluated
    # wrongly.
    return layers.BatchNormalization(momentum=0.9)(x)


def _seed_baseline(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Four convolutions and two dense layers, 4,478,727 parameters."""
    x = inputs
    for filters, kernel_size in ((64, 3), (128, 5), (512, 3), (512, 3)):
        x = layers.Conv2D(filters, kernel_size, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    for units in (256, 512):
        x = layers.Dense(units)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = layers.Dropout(0.25)(x)
    return layers.Dense(len(EMOTIONS), name="logits")(x)


_BUILDERS: dict[str, Callable[[keras.KerasTensor], keras.KerasTensor]] = {
    "compact": _compact,
    "seed_baseline": _seed_baseline,
}


def logits_model(model: keras.Model) -> keras.Model:
    """Return a network that ends in logits: itself, or itself without its last softmax.

    All weights are shared with the original but those of a last layer whose softmax is its
    activation; they are copied.

    Args:
        model: a network that ends in a linear dense layer, in one with the activation softmax, or
            in a layer that is a softmax.

    Raises:
        ValueError: it ends in something else, so that its outputs are neither logits nor
            probabilities of which logits can be had.

    >>> inputs = keras.Input((5,))
    >>> outputs = layers.Dense(7, activation="softmax")(inputs)
    >>> logits_model(keras.Model(inputs, outputs)).layers[-1].activation.__name__
    'linear'
    """
    last = getattr(model, "operations", model.layers)[-1]  # a bare operation is no layer
    if isinstance(last, keras.Model):  # networks can be layers of others
        inner = logits_model(last)
        return model if inner is last else _with_last(model, inner)
    activation = getattr(last, "activation", None)
    if isinstance(last, layers.Dense) and activation is keras.activations.linear:
        return model
    if isinstance(last, layers.Dense) and activation is keras.activations.softmax:
        linear = layers.Dense(last.units, use_bias=last.use_bias, name="logits")
        without = _with_last(model, linear)
        linear.set_weights(last.get_weights())
        return without
    if isinstance(last, layers.Softmax) or activation is keras.activations.softmax:
        return keras.Model(model.inputs, last.input, name=model.name)
    raise ValueError(
        f"The network '{model.name}' ends in '{last.name}' ({type(last).__name__}), whose outputs "
        "are neither logits nor a softmax's probabilities. End it in layers.Dense(7)."
    )


def _with_last(model: keras.Model, last: layers.Layer) -> keras.Model:
    return keras.Model(model.inputs, last(model.layers[-1].input), name=model.name)


def count_cost(model: keras.Model) -> pd.DataFrame:
    """Count what each layer costs for one image.

    Returns:
        One row per layer with `layer`, `output` (its shape without the batch), `parameters`,
        `multiply_adds` (convolutions and dense layers are counted, the rest costs next to nothing)
        and `activations`, the numbers that it puts out.

    Raises:
        ValueError: a layer has weights, and is of a kind that cannot be counted here.

    >>> int(count_cost(build_model("compact"))["multiply_adds"].sum())
    107662208
    """
    rows = []
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:])
        activations = int(np.prod(shape))
        multiply_adds = activations * _numbers_read(layer)
        rows.append((layer.name, shape, layer.count_params(), multiply_adds, activations))
    columns = ["layer", "output", "parameters", "multiply_adds", "activations"]
    return pd.DataFrame(rows, columns=columns)


def _numbers_read(layer: layers.Layer) -> int:
    """Return how many numbers the layer multiplies and adds up for each that it puts out."""
    if isinstance(layer, layers.Conv2D):
        return int(np.prod(layer.kernel.shape[:3]))  # rows, columns, inputs
    if isinstance(layer, layers.DepthwiseConv2D):
        return int(np.prod(layer.kernel.shape[:2]))
    if isinstance(layer, layers.Dense):
        return int(layer.kernel.shape[0])
    if layer.weights and not isinstance(
        layer, layers.BatchNormalization | layers.LayerNormalization
    ):
        kind = type(layer).__name__
        raise ValueError(f"What the layer '{layer.name}' ({kind}) costs cannot be counted here.")
    return 0
