"""Maps against analytic values for small networks, numerical gradients and known sums."""

import keras
import numpy as np
import pytest
from keras import layers

from course_utils import build_model, preprocess
from course_utils.interpretation.attribution import (
    METHODS,
    class_scores,
    embed,
    grad_cam,
    integrated_gradients,
    last_maps,
    layer_outputs,
    occlusion,
    randomise,
    saliency,
)

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (3, 48, 48), dtype=np.uint8)
PIXELS = IMAGES / 255
CLASSES = np.array([3, 0, 6])


@pytest.fixture(scope="module")
def linear() -> keras.Model:
    """Return a network whose score is a weighted sum of the pixels."""
    keras.utils.set_random_seed(1)
    last = layers.Dense(7)
    return keras.Sequential([keras.Input((48, 48, 1)), layers.Flatten(), last])


@pytest.fixture(scope="module")
def convolutional() -> keras.Model:
    """Return a smooth network with feature maps, averaged over the picture."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((48, 48, 1))
    x = layers.Conv2D(5, 5, strides=2, activation="tanh")(inputs)
    x = layers.Conv2D(4, 3, strides=2, activation="tanh", name="maps")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(7)(x))


@pytest.fixture(scope="module")
def compact() -> keras.Model:
    keras.utils.set_random_seed(3)
    return build_model("compact")


def weights_of(linear: keras.Model) -> np.ndarray:
    """Return the weight of each pixel for each image's class, (n, 48, 48)."""
    return linear.layers[-1].get_weights()[0][:, CLASSES].T.reshape(3, 48, 48)


def test_class_scores_are_the_logits_of_each_class(compact):
    logits = compact.predict_on_batch(preprocess(IMAGES))
    chosen = class_scores(compact, IMAGES, CLASSES)
    np.testing.assert_allclose(chosen, logits[np.arange(3), CLASSES], rtol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_softmax_at_the_end_is_taken_off(convolutional, method):
    probabilities = keras.Model(
        convolutional.inputs, layers.Softmax()(convolutional.outputs[0]), name="with_softmax"
    )
    expected = METHODS[method](convolutional, IMAGES, CLASSES)
    found = METHODS[method](probabilities, IMAGES, CLASSES)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_saliency_of_a_linear_network_is_its_weights(linear):
    expected = np.abs(weights_of(linear))
    np.testing.assert_allclose(saliency(linear, IMAGES, CLASSES), expected, rtol=1e-5)


def test_saliency_is_the_numerical_gradient(convolutional):
    found = saliency(convolutional, IMAGES, CLASSES)
    scores, step = convolutional, 0.05
    inputs = preprocess(IMAGES)
    for row, column in ((10, 12), (24, 24), (40, 7)):
        up, down = inputs.copy(), inputs.copy()
        up[:, row, column] += step
        down[:, row, column] -= step
        difference = scores.predict_on_batch(up) - scores.predict_on_batch(down)
        slope = difference[np.arange(3), CLASSES] / (2 * step)
        np.testing.assert_allclose(found[:, row, column], np.abs(slope), rtol=0.02, atol=1e-5)


def test_integrated_gradients_of_a_linear_network_are_weight_times_difference(linear):
    grey = PIXELS.mean(axis=(1, 2), keepdims=True)
    expected = weights_of(linear) * (PIXELS - grey)
    found = integrated_gradients(linear, IMAGES, CLASSES, steps=1)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    black = np.zeros((3, 48, 48, 1), np.float32)
    found = integrated_gradients(linear, IMAGES, CLASSES, baseline=black)
    np.testing.assert_allclose(found, weights_of(linear) * PIXELS, atol=1e-6)


def test_integrated_gradients_add_up_to_the_difference_of_scores(compact, convolutional):
    grey = np.broadcast_to(PIXELS.mean(axis=(1, 2))[:, None, None, None], (3, 48, 48, 1))
    for model, steps in ((convolutional, 16), (compact, 64)):
        found = integrated_gradients(model, IMAGES, CLASSES, steps=steps).sum(axis=(1, 2))
        start = model.predict_on_batch(grey)[np.arange(3), CLASSES]
        expected = class_scores(model, IMAGES, CLASSES) - start
        np.testing.assert_allclose(found, expected, rtol=0.05, atol=0.02)


def test_grad_cam_after_average_pooling_is_the_class_activation_map(convolutional):
    """Zhou et al. (2016): there, the weights of the maps are those of the last layer."""
    maps = layer_outputs(convolutional, convolutional.get_layer("maps"), IMAGES)
    kernel = convolutional.layers[-1].get_weights()[0]  # (channels, 7)
    places = maps.shape[1] * maps.shape[2]
    weighted = np.einsum("nhwc,cn->nhw", maps, kernel[:, CLASSES]) / places
    expected = keras.ops.image.resize(np.maximum(weighted, 0)[..., None], (48, 48))[..., 0]
    np.testing.assert_allclose(grad_cam(convolutional, IMAGES, CLASSES), expected, atol=1e-6)
    assert grad_cam(convolutional, IMAGES, CLASSES).max() > 0


def test_grad_cam_of_an_earlier_layer_is_another_map(convolutional):
    earlier = grad_cam(convolutional, IMAGES, CLASSES, layer=convolutional.layers[1])
    assert not np.allclose(earlier, grad_cam(convolutional, IMAGES, CLASSES))


def test_occlusion_of_a_linear_network_is_what_the_square_held(linear):
    """A score that adds up drops by the weights times what the square takes away."""
    grey = PIXELS.mean(axis=(1, 2), keepdims=True)
    taken = weights_of(linear) * (PIXELS - grey)
    blocks = taken.reshape(3, 4, 12, 4, 12).sum(axis=(2, 4))  # (n, 4, 4)
    expected = np.kron(blocks, np.ones((12, 12)))
    found = occlusion(linear, IMAGES, CLASSES, patch=12, stride=12)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_overlapping_squares_are_averaged_and_leave_no_gap(linear):
    grey = PIXELS.mean(axis=(1, 2), keepdims=True)
    taken = weights_of(linear) * (PIXELS - grey)
    found = occlusion(linear, IMAGES, CLASSES, patch=20, stride=14)  # corners 0, 14 and 28
    first = taken[:, :20, :20].sum(axis=(1, 2))
    np.testing.assert_allclose(found[:, 0, 0], first, atol=1e-4)
    both = (first + taken[:, :20, 14:34].sum(axis=(1, 2))) / 2
    np.testing.assert_allclose(found[:, 0, 16], both, atol=1e-4)
    last = taken[:, 28:, 28:].sum(axis=(1, 2))
    np.testing.assert_allclose(found[:, 47, 47], last, atol=1e-4)


@pytest.mark.parametrize(("patch", "stride"), [(0, 0), (49, 4), (8, 9), (8, 0)])
def test_squares_that_do_not_fit_are_refused(linear, patch, stride):
    with pytest.raises(ValueError, match="stride <= patch <= 48"):
        occlusion(linear, IMAGES, CLASSES, patch=patch, stride=stride)


def test_no_step_is_refused(linear):
    with pytest.raises(ValueError, match="at least 1, not 0"):
        integrated_gradients(linear, IMAGES, CLASSES, steps=0)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_maps_each_image_by_itself(convolutional, name):
    together = METHODS[name](convolutional, IMAGES, CLASSES)
    assert together.shape == (3, 48, 48) and together.dtype == np.float32
    alone = METHODS[name](convolutional, IMAGES[1:2], CLASSES[1:2])
    np.testing.assert_allclose(together[1:2], alone, atol=1e-6)
    many = METHODS[name](convolutional, np.repeat(IMAGES, 30, axis=0), np.repeat(CLASSES, 30))
    np.testing.assert_allclose(many[89], together[2], atol=1e-6)  # in the second batch
    other = METHODS[name](convolutional, IMAGES, (CLASSES + 1) % 7)
    assert not np.allclose(together, other, atol=1e-6), "the class makes no difference"


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "classes", [[0, 1], [0, 1, 7], [-1, 0, 1], [0.0, 1.0, 2.0], [[0, 1, 2]]], ids=str
)
def test_classes_that_do_not_fit_are_refused(convolutional, name, classes):
    with pytest.raises(ValueError, match="class"):
        METHODS[name](convolutional, IMAGES, np.array(classes))


def test_the_last_maps_stand_before_the_average(compact, convolutional, linear):
    assert last_maps(compact).output.shape == (None, 6, 6, 128)
    assert last_maps(convolutional).name == "maps"
    with pytest.raises(ValueError, match="rows and columns"):
        last_maps(linear)


def test_an_embedding_is_what_the_last_layer_reads(compact):
    features = embed(compact, IMAGES)
    assert features.shape == (3, 128)
    kernel, bias = compact.layers[-1].get_weights()
    expected = compact.predict_on_batch(preprocess(IMAGES))
    np.testing.assert_allclose(features @ kernel + bias, expected, rtol=1e-4, atol=1e-4)


def test_randomising_starts_at_the_end(compact):
    keras.utils.set_random_seed(5)
    same = randomise(compact, last=0)
    for ours, theirs in zip(same.weights, compact.weights):
        np.testing.assert_array_equal(ours, theirs)
    head = randomise(compact, last=1)
    np.testing.assert_allclose(embed(head, IMAGES), embed(compact, IMAGES), rtol=1e-4, atol=1e-5)
    assert not np.allclose(head.layers[-1].get_weights()[0], compact.layers[-1].get_weights()[0])
    whole = randomise(compact)
    assert not np.allclose(whole.layers[1].get_weights()[0], compact.layers[1].get_weights()[0])


def test_randomising_leaves_the_network_and_repeats(compact):
    before = [weight.numpy() for weight in compact.weights]
    keras.utils.set_random_seed(5)
    first = randomise(compact)
    keras.utils.set_random_seed(5)
    for one, other in zip(first.weights, randomise(compact).weights):
        np.testing.assert_array_equal(one, other)
    for old, weight in zip(before, compact.weights):
        np.testing.assert_array_equal(old, weight)


@pytest.mark.parametrize("last", [-1, 1000])
def test_more_layers_than_there_are_are_refused(compact, last):
    with pytest.raises(ValueError, match="last must lie between"):
        randomise(compact, last=last)
