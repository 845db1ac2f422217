"""What does a network look at? Maps of where its prediction comes from, and what its layers hold.

Each method takes a `keras.Model` that ends in logits, as all of the course's do, or in a softmax,
which is taken off; uint8 images (n, 48, 48); and for each image the class in question, int (n,). It
returns a map float32 (n, 48, 48) in which a larger value says that the pixel matters more for that
class. The gradients are those of the class's logit: the softmax only compares the logits.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from course_utils.models import logits_model
from course_utils.preprocessing import preprocess
from course_utils.split import IMAGE_SIZE

IMAGES_AT_ONCE = 64
STEPS = 16  # of integrated gradients
PATCH = 12  # of occlusion, in pixels: a quarter of the picture
STRIDE = 6


def last_maps(model: keras.Model) -> layers.Layer:
    """Return the last layer whose output still has rows and columns.

    Raises:
        ValueError: no layer has.
    """
    spatial = [layer for layer in model.layers[1:] if len(layer.output.shape) == 4]
    if not spatial:
        raise ValueError(f"No layer of '{model.name}' has rows and columns.")
    return spatial[-1]


def layer_outputs(
    model: keras.Model, layer: layers.Layer, images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return what a layer puts out for each image, float32 (n, ...)."""
    part = keras.Model(model.inputs[0], layer.output)
    return _answers(part, preprocess(images))


def embed(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the last layer reads of each image: its embedding, float32 (n, features)."""
    return layer_outputs(model, model.layers[-2], images)


def class_scores(
    model: keras.Model, images: NDArray[np.uint8], classes: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Return each image's score, the logit, for its class, float32 (n,).

    Raises:
        ValueError: as `saliency`.
    """
    classes = _check_classes(images, classes, model)
    return _scores_of(logits_model(model), preprocess(images), classes)


def saliency(
    model: keras.Model, images: NDArray[np.uint8], classes: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Map how much the score changes with each pixel: the gradient's absolute value.

    Simonyan, Vedaldi & Zisserman (2014), arXiv:1312.6034.

    Raises:
        ValueError: there are not as many classes as images, or one that the network lacks.
    """
    classes = _check_classes(images, classes, model)
    gradient = partial(_score_gradient, logits_model(model))
    return np.asarray(np.abs(_input_gradients(gradient, preprocess(images), classes)))


def integrated_gradients(
    model: keras.Model,
    images: NDArray[np.uint8],
    classes: NDArray[np.integer],
    baseline: NDArray[np.floating] | None = None,
    steps: int = STEPS,
) -> NDArray[np.float32]:
    """Map how much each pixel adds to the score on the way from a baseline to the image.

    Sundararajan, Taly & Yan (2017), arXiv:1703.01365: the difference to the baseline, times the
    mean gradient along the straight line between the two. The values of a map add up to the score
    of the image less the score of the baseline, as nearly as `steps` allows.

    Args:
        model: a classifier.
        images: uint8 (n, h, w) or (n, h, w, 3).
        classes: int (n,), the class whose score is explained, for each image.
        baseline: float (n, 48, 48, 1) in 0 to 1; without one, each image's mean grey.
        steps: at how many places the gradient is taken.

    Returns:
        float32 (n, 48, 48), signed: a negative value speaks against the class.

    Raises:
        ValueError: as `saliency`, or fewer steps than one.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    classes = _check_classes(images, classes, model)
    inputs = preprocess(images)  # (n, 48, 48, 1)
    if baseline is None:
        baseline = np.broadcast_to(inputs.mean(axis=(1, 2, 3), keepdims=True), inputs.shape)
    # Compiled, since it is called for each step.
    gradient = tf.function(partial(_score_gradient, logits_model(model)))
    places = (np.arange(steps) + 0.5) / steps  # the middle of each step
    gradients = [
        _input_gradients(gradient, baseline + place * (inputs - baseline), classes)
        for place in places
    ]
    return np.asarray((inputs - baseline)[..., 0] * np.mean(gradients, axis=0), dtype=np.float32)


def grad_cam(
    model: keras.Model,
    images: NDArray[np.uint8],
    classes: NDArray[np.integer],
    layer: layers.Layer | None = None,
) -> NDArray[np.float32]:
    """Map where the feature maps that speak for the class are active.

    Selvaraju et al. (2017), arXiv:1610.02391: each map weighs as much as the mean gradient of the
    score over it; their sum, without what is negative, is enlarged to the image's size.

    Args:
        model: a classifier.
        images: uint8 (n, h, w) or (n, h, w, 3).
        classes: int (n,), the class whose score is explained, for each image.
        layer: whose feature maps; without one, the last that has any.

    Raises:
        ValueError: as `saliency`.
    """
    scores = logits_model(model)
    layer = layer or last_maps(model)
    both = keras.Model(model.inputs[0], [layer.output, scores.output])
    parts = []
    for batch, chosen in _batches_with(preprocess(images), _check_classes(images, classes, model)):
        with tf.GradientTape() as tape:
            maps, found = both(batch, training=False)  # (b, h, w, channels), (b, 7)
            score = tf.gather(found, chosen, batch_dims=1)
        weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
        weighted = tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1, keepdims=True))
        parts.append(tf.image.resize(weighted, (IMAGE_SIZE, IMAGE_SIZE))[..., 0].numpy())
    return np.concatenate(parts)


def occlusion(
    model: keras.Model,
    images: NDArray[np.uint8],
    classes: NDArray[np.integer],
    patch: int = PATCH,
    stride: int = STRIDE,
) -> NDArray[np.float32]:
    """Map how much the score drops when a grey square hides that part of the image.

    Zeiler & Fergus (2014), arXiv:1311.2901. The square has the image's mean grey; a pixel's value
    is the mean drop of all squares that hid it.

    Args:
        model: a classifier.
        images: uint8 (n, h, w) or (n, h, w, 3).
        classes: int (n,), the class whose score is explained, for each image.
        patch: side of the square in pixels.
        stride: distance from one square to the next in pixels, at most `patch`.

    Raises:
        ValueError: as `saliency`, or a square that does not fit, or leaves gaps.
    """
    if not 1 <= stride <= patch <= IMAGE_SIZE:
        raise ValueError(f"1 <= stride <= patch <= {IMAGE_SIZE} must hold: {stride}, {patch}")
    classes = _check_classes(images, classes, model)
    inputs = preprocess(images)  # (n, 48, 48, 1)
    grey = inputs.mean(axis=(1, 2, 3), keepdims=True)
    # Compiled, since it is called for each square.
    scores = tf.function(logits_model(model))
    whole = _scores_of(scores, inputs, classes)  # (n,)
    corners = [*range(0, IMAGE_SIZE - patch, stride), IMAGE_SIZE - patch]
    drops = np.zeros((len(inputs), IMAGE_SIZE, IMAGE_SIZE), np.float32)
    times = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.float32)
    for top in corners:
        for left in corners:
            hidden = np.s_[top : top + patch, left : left + patch]
            covered = inputs.copy()
            covered[:, *hidden] = grey
            drops[:, *hidden] += (whole - _scores_of(scores, covered, classes))[:, None, None]
            times[hidden] += 1
    return drops / times


METHODS: Mapping[str, Callable[..., NDArray[Any]]] = MappingProxyType(
    {
        "saliency": saliency,
        "integrated gradients": integrated_gradients,
        "Grad-CAM": grad_cam,
        "occlusion": occlusion,
    }
)


def randomise(model: keras.Model, last: int | None = None) -> keras.Model:
    """Return a copy of the network in which the last layers have lost what they learned.

    The cascading randomisation of Adebayo et al. (2018), arXiv:1810.03292: they get new random
    weights, as before training. `keras.utils.set_random_seed` makes them the same each time.

    Args:
        model: left as it is.
        last: how many of the layers that have weights, counted from the end; all without it.

    Raises:
        ValueError: there are not as many.
    """
    copy = keras.models.clone_model(model)
    weighted = [place for place, layer in enumerate(model.layers) if layer.weights]
    last = len(weighted) if last is None else last
    if not 0 <= last <= len(weighted):
        raise ValueError(f"last must lie between 0 and {len(weighted)}, not be {last}")
    for place in weighted[: len(weighted) - last]:
        copy.layers[place].set_weights(model.layers[place].get_weights())
    return copy


def _score_gradient(scores: keras.Model, pixels: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        score = tf.gather(scores(pixels, training=False), classes, batch_dims=1)  # (b,)
    return tape.gradient(score, pixels)[..., 0]


def _input_gradients(
    gradient: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    inputs: NDArray[Any],
    classes: NDArray[np.integer],
) -> NDArray[Any]:
    """Return the gradient of each image's class score with respect to its pixels, (n, 48, 48)."""
    parts = [
        gradient(tf.convert_to_tensor(batch, tf.float32), tf.convert_to_tensor(chosen))
        for batch, chosen in _batches_with(inputs, classes)
    ]
    return np.concatenate([part.numpy() for part in parts])


def _scores_of(
    scores: Callable[..., tf.Tensor], inputs: NDArray[Any], classes: NDArray[np.integer]
) -> NDArray[Any]:
    return np.asarray(_answers(scores, inputs)[np.arange(len(classes)), classes])


def _answers(model: Callable[..., tf.Tensor], inputs: NDArray[Any]) -> NDArray[Any]:
    # Called, not `predict`ed: that compiles each of the many small networks made here.
    return np.concatenate([np.asarray(model(batch, training=False)) for batch in _batches(inputs)])


def _batches(inputs: NDArray[Any]) -> list[NDArray[Any]]:
    return np.array_split(inputs, range(IMAGES_AT_ONCE, len(inputs), IMAGES_AT_ONCE))


def _batches_with(
    inputs: NDArray[Any], classes: NDArray[np.integer]
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    return zip(_batches(inputs), _batches(classes))


def _check_classes(
    images: NDArray[np.uint8], classes: NDArray[np.integer], model: keras.Model
) -> NDArray[Any]:
    classes = np.asarray(classes)
    if classes.shape != (len(images),) or not np.issubdtype(classes.dtype, np.integer):
        raise ValueError(
            f"There must be one class for each of the {len(images)} images, as integers, not "
            f"{classes.dtype} {classes.shape}."
        )
    count = model.output_shape[-1]
    if not len(classes) or classes.min() < 0 or classes.max() >= count:
        raise ValueError(f"There must be an image, and classes between 0 and {count - 1}.")
    return classes
