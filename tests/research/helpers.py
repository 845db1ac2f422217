"""A small network and a short run for the tests of the long training."""

import keras
from keras import layers

from research.config import Config

SHORT = Config(model="small", epochs=4, batch_size=20, ema_decay=0.8, resolutions=(48, 48, 48))


def small(inputs: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Conv2D(8, 7, strides=3, use_bias=False)(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return layers.Dense(7)(x)
