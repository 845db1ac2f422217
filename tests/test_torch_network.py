"""The copy in PyTorch computes what the Keras network computes, there and back."""

import keras
import numpy as np
import pytest
import torch
from keras import layers

from course_utils import build_model
from course_utils.torch_network import TorchNetwork


def with_random_weights(model: keras.Model) -> keras.Model:
    """Set every weight at random, averages and variances too, so that none can be mixed up."""
    rng = np.random.default_rng(0)
    model.set_weights(
        [
            rng.uniform(0.5, 1.5, weight.shape) * (0.1 if weight.ndim > 1 else 1)
            for weight in model.get_weights()
        ]
    )
    return model


def all_kinds_of_layers() -> keras.Model:
    """A stride of two on an odd size pads on one side alone."""
    inputs = keras.Input((47, 47, 1))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = layers.MaxPooling2D()(x)
    found = layers.Conv2D(4, 4, strides=1, padding="same", use_bias=False)(x)
    x = layers.AveragePooling2D(2)(layers.Add()([x, found]))
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False)(x)
    share = layers.Activation("sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Multiply()([x, share])
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    x = layers.BatchNormalization()(layers.Dense(5)(x))
    return keras.Model(inputs, layers.Dense(7, activation="softmax")(x))


@pytest.fixture(params=["compact", "narrow", "wide", "seed_baseline", "all kinds"])
def model(request: pytest.FixtureRequest) -> keras.Model:
    keras.utils.set_random_seed(0)
    if request.param == "all kinds":
        return with_random_weights(all_kinds_of_layers())
    return build_model(request.param)


def test_both_give_the_same_probabilities(model):
    size = model.input_shape[1]
    images = np.random.default_rng(1).random((3, size, size, 1), dtype=np.float32)
    network = TorchNetwork(model).eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(images.transpose(0, 3, 1, 2)))
    expected = model.predict_on_batch(images)
    np.testing.assert_allclose(logits.softmax(1).numpy(), expected, atol=1e-5)


def test_the_weights_come_back_as_they_went(model):
    before = model.get_weights()
    network = TorchNetwork(model)
    model.set_weights([np.zeros_like(weight) for weight in before])
    network.copy_to(model)
    for weight, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_a_layer_without_a_copy_is_named():
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, layers.Conv2DTranspose(2, 3)(inputs))
    with pytest.raises(ValueError, match="Conv2DTranspose"):
        TorchNetwork(model)


def test_a_normalisation_with_weights_is_refused():
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, layers.LayerNormalization(axis=(1, 2, 3), center=False)(inputs))
    with pytest.raises(ValueError, match="LayerNormalization"):
        TorchNetwork(model)
