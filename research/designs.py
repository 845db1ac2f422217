"""Networks of research alone: designs that `compact` was chosen from, and a larger teacher.

The designs have less than a million parameters each, and differ from `compact` in one thing at a
time: how a block is made, or where the image is made smaller.
"""

from collections.abc import Callable

import keras
from keras import layers

from course_utils import EMOTIONS
from course_utils.models import batch_norm, build_model, conv_bn_relu, residual_block
from course_utils.split import IMAGE_SIZE


def _classify(x: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return layers.Dense(len(EMOTIONS), name="logits")(x)


def plain(x: keras.KerasTensor) -> keras.KerasTensor:
    """The convolutions of `compact`, without the shortcuts (Simonyan & Zisserman 2015)."""
    x = conv_bn_relu(x, 32, stride=2)
    for filters in (48, 96, 128):
        if filters > 48:
            x = layers.MaxPooling2D(2)(x)
        for _ in range(4):
            x = conv_bn_relu(x, filters)
    return _classify(x)


def standardised(x: keras.KerasTensor) -> keras.KerasTensor:
    """`compact` on images that are each brought to mean 0 and spread 1."""
    x = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(x)
    x = conv_bn_relu(x, 32, stride=2)
    for filters, stride in ((48, 1), (48, 1), (96, 2), (96, 1), (128, 2), (128, 1)):
        x = residual_block(x, filters, stride)
    return _classify(x)


def late_down_sampling(x: keras.KerasTensor) -> keras.KerasTensor:
    """The first block still sees 48x48 pixels."""
    x = conv_bn_relu(x, 32)
    x = residual_block(x, 32)
    for filters in (48, 96, 128):
        x = residual_block(x, filters, stride=2)
        x = residual_block(x, filters)
    return _classify(x)


def depthwise_separable(x: keras.KerasTensor) -> keras.KerasTensor:
    """Each convolution in two: over space, then over channels (Chollet 2017, MobileNet)."""
    x = conv_bn_relu(x, 32, stride=2)
    for filters, stride in ((96, 1), (96, 1), (192, 2), (192, 1), (256, 2), (256, 1)):
        shortcut = x
        for step in (stride, 1):
            x = layers.DepthwiseConv2D(3, strides=step, padding="same", use_bias=False)(x)
            x = layers.Conv2D(filters, 1, use_bias=False)(x)
            x = layers.Activation("relu")(batch_norm(x))
        if shortcut.shape == x.shape:
            x = layers.Add()([x, shortcut])
    x = layers.Activation("relu")(batch_norm(layers.Conv2D(512, 1, use_bias=False)(x)))
    return _classify(x)


def squeeze_excite(x: keras.KerasTensor) -> keras.KerasTensor:
    """`compact` with channels weighed by what the whole face shows."""
    x = conv_bn_relu(x, 32, stride=2)
    for filters, stride in ((48, 1), (48, 1), (96, 2), (96, 1), (128, 2), (128, 1)):
        x = weigh_channels(residual_block(x, filters, stride))
    return _classify(x)


def wide(x: keras.KerasTensor) -> keras.KerasTensor:
    """Six wider residual blocks on standardised images, channels weighed; a teacher of `compact`.

    It has 2,807,703 parameters, and need not be small or fast.
    """
    x = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(x)
    x = conv_bn_relu(x, 32, stride=2)
    for filters, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1)):
        x = weigh_channels(residual_block(x, filters, stride))
    return _classify(x)


def weigh_channels(x: keras.KerasTensor) -> keras.KerasTensor:
    """Multiply each channel by a number from 0 to 1 that depends on what the whole image shows.

    Squeeze and excite, Hu et al. 2018, arXiv 1709.01507.
    """
    filters = x.shape[-1]
    share = layers.GlobalAveragePooling2D(keepdims=True)(x)
    share = layers.Activation("relu")(layers.Conv2D(filters // 8, 1)(share))
    share = layers.Activation("sigmoid")(layers.Conv2D(filters, 1)(share))
    return layers.Multiply()([x, share])


_BUILDERS: dict[str, Callable[[keras.KerasTensor], keras.KerasTensor]] = {
    "late_down_sampling": late_down_sampling,
    "standardised": standardised,
    "squeeze_excite": squeeze_excite,
    "plain": plain,
    "depthwise_separable": depthwise_separable,
    "wide": wide,
}
DESIGNS = ("compact", *(name for name in _BUILDERS if name != "wide"))


def build_network(name: str) -> keras.Model:
    """Build one of the networks here, or one of `build_model`, untrained.

    Returns:
        A model from float32 (n, 48, 48, 1) in 0 to 1 to logits, float32 (n, 7).

    Raises:
        ValueError: no network has this name.
    """
    if name in _BUILDERS:
        inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name="image")
        return keras.Model(inputs, _BUILDERS[name](inputs), name=name)
    try:
        return build_model(name)
    except ValueError as error:
        raise ValueError(f"{error} Research also has {', '.join(_BUILDERS)}.") from error
