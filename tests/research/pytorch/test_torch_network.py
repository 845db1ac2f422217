"""The copy in PyTorch computes what the Keras network computes, there and back."""

import keras
import numpy as np
import pytest
import torch
from keras import layers

from research.designs import DESIGNS, build_network
from research.torch_network import TorchNetwork


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
    return keras.Model(inputs, layers.Dense(7)(x))


def activations_inside_layers() -> keras.Model:
    inputs = keras.Input((12, 12, 1))
    x = layers.Conv2D(4, 3, activation="relu")(inputs)
    x = layers.DepthwiseConv2D(3, activation="sigmoid")(x)
    x = layers.Dense(5, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(7)(x))


def sequential() -> keras.Sequential:
    parts = [
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(7),
    ]
    return keras.Sequential([keras.Input((9, 9, 1)), *parts])


def sequential_of_one_by_one() -> keras.Sequential:
    """Keras calls the layers so far anew for each that is added."""
    model = keras.Sequential()
    for layer in [keras.Input((9, 9, 1)), *sequential().layers]:
        model.add(layer)
    return model


BUILT_HERE = {
    "all kinds": all_kinds_of_layers,
    "activations inside": activations_inside_layers,
    "sequential": sequential,
    "added one by one": sequential_of_one_by_one,
}


@pytest.fixture(params=[*DESIGNS, "wide", "seed_baseline", *BUILT_HERE])
def model(request: pytest.FixtureRequest) -> keras.Model:
    keras.utils.set_random_seed(0)
    if request.param in BUILT_HERE:
        return with_random_weights(BUILT_HERE[request.param]())
    return build_network(request.param)


def test_both_give_the_same_logits(model):
    size = model.input_shape[1]
    images = np.random.default_rng(1).random((3, size, size, 1), dtype=np.float32)
    network = TorchNetwork(model).eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(images.transpose(0, 3, 1, 2)))
    expected = model.predict_on_batch(images)
    np.testing.assert_allclose(logits.numpy(), expected, atol=1e-4, rtol=1e-4)


def test_the_weights_come_back_as_they_went(model):
    before = model.get_weights()
    network = TorchNetwork(model)
    model.set_weights([np.zeros_like(weight) for weight in before])
    network.copy_to(model)
    for weight, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)


def classifier_with(odd: layers.Layer) -> keras.Model:
    """A network that has a copy, but for one layer on maps of 8x8 with 8 channels."""
    inputs = keras.Input((8, 8, 8))
    x = layers.GlobalAveragePooling2D()(odd(inputs))
    return keras.Model(inputs, layers.Dense(7)(x))


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (lambda: layers.Conv2DTranspose(8, 3, name="odd"), "kind"),
        (lambda: layers.SpatialDropout2D(0.5, name="odd"), "kind"),
        (lambda: sequential_of_maps("odd"), "kind"),
        (lambda: layers.Conv2D(8, 3, padding="same", dilation_rate=2, name="odd"), "dilation_rate"),
        (lambda: layers.Conv2D(8, 3, groups=2, name="odd"), "groups"),
        (lambda: layers.Conv2D(8, 3, data_format="channels_first", name="odd"), "data_format"),
        (lambda: layers.Conv2D(8, 3, activation="tanh", name="odd"), "tanh"),
        (lambda: layers.Conv2D(8, 3, activation="softmax", name="odd"), "softmax"),
        (lambda: layers.Conv2D(8, 3, activation=lambda x: 2 * x, name="odd"), "lambda"),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, name="odd"), "depth_multiplier"),
        (lambda: layers.DepthwiseConv2D(3, dilation_rate=2, name="odd"), "dilation_rate"),
        (lambda: layers.Dense(8, name="odd"), "features"),
        (lambda: layers.BatchNormalization(center=False, name="odd"), "center"),
        (lambda: layers.BatchNormalization(scale=False, name="odd"), "scale"),
        (lambda: layers.BatchNormalization(axis=1, name="odd"), "axis"),
        (lambda: layers.LayerNormalization(name="odd"), "without weights"),
        (lambda: layers.LayerNormalization((1, 2, 3), center=False, name="odd"), "without weights"),
        (lambda: layers.MaxPooling2D(3, strides=2, name="odd"), "strides"),
        (lambda: layers.MaxPooling2D(3, padding="same", name="odd"), "padding"),
        (lambda: layers.AveragePooling2D(2, strides=1, name="odd"), "strides"),
        (lambda: layers.Dropout(0.5, noise_shape=(None, 1, 1, 8), name="odd"), "noise_shape"),
        (lambda: layers.Activation("gelu", name="odd"), "gelu"),
    ],
)
def test_a_layer_without_a_copy_is_named_with_the_reason(odd, reason):
    with pytest.raises(ValueError, match=f"'odd'.*{reason}"):
        TorchNetwork(classifier_with(odd()))


def sequential_of_maps(name: str) -> keras.Sequential:
    return keras.Sequential([keras.Input((8, 8, 8)), layers.Conv2D(8, 3)], name=name)


def test_a_layer_that_is_used_twice_is_refused():
    inputs = keras.Input((8, 8, 8))
    twice = layers.Conv2D(8, 3)
    x = layers.GlobalAveragePooling2D(name="after")(twice(twice(inputs)))
    model = keras.Model(inputs, layers.Dense(7)(x))
    with pytest.raises(ValueError, match=r"'after'.*twice"):
        TorchNetwork(model)


def test_a_last_layer_that_is_used_twice_is_refused():
    inputs = keras.Input((8, 8, 1))
    last = layers.Dense(7, name="last")
    x = layers.Dense(7)(layers.Flatten()(inputs))
    with pytest.raises(ValueError, match=r"'last'.*twice"):
        TorchNetwork(keras.Model(inputs, last(last(x))))


def test_maps_and_features_are_not_merged():
    inputs = keras.Input((8, 8, 8))
    share = layers.GlobalAveragePooling2D()(inputs)
    x = layers.Flatten()(layers.Multiply(name="odd")([inputs, share]))
    model = keras.Model(inputs, layers.Dense(7)(x))
    with pytest.raises(ValueError, match=r"'odd'.*axes"):
        TorchNetwork(model)


@pytest.mark.parametrize(
    "end",
    [
        [lambda: layers.Dense(7, activation="softmax", name="last")],
        [lambda: layers.Dense(7, activation="sigmoid", name="last")],
        [lambda: layers.Dense(7), lambda: layers.Activation("softmax", name="last")],
        [lambda: layers.Dense(7), lambda: layers.Softmax(name="last")],
    ],
)
def test_a_network_that_does_not_end_in_logits_is_refused(end):
    inputs = keras.Input((8, 8, 1))
    x = layers.Flatten()(inputs)
    for build in end:
        x = build()(x)
    with pytest.raises(ValueError, match=r"'last'.*has to end in logits.*load_classifier"):
        TorchNetwork(keras.Model(inputs, x))


def test_a_network_that_is_no_classifier_of_images_is_refused():
    inputs = keras.Input((8, 8, 1))
    maps = keras.Model(inputs, layers.Conv2D(7, 3)(inputs), name="maps")
    not_built = keras.Sequential([layers.Dense(7)], name="not_built")
    for model in (maps, not_built):
        with pytest.raises(ValueError, match=f"'{model.name}'.*must read images"):
            TorchNetwork(model)
