"""From pixels to what a network reads, and the small changes that make training images go further.

Keras loads when it is first needed.
"""

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from course_utils.split import IMAGE_SIZE

if TYPE_CHECKING:
    import keras

# How far the augmentation goes either way. Every training of the course takes these.
SHIFT = 0.1  # of the height and the width
ROTATION = 10  # degrees
ZOOM = 0.1
CONTRAST = 0.2
BRIGHTNESS = 0.1  # of the range from black to white


def preprocess(images: NDArray[Any]) -> NDArray[np.float32]:
    """Return images as the networks of the course read them: grey, 48x48, from 0 to 1.

    Args:
        images: uint8 (n, height, width) or (n, height, width, 3) in RGB, of any size.

    Returns:
        float32 (n, 48, 48, 1), 0 for black and 1 for white.

    Raises:
        TypeError: the pixels are not uint8.
        ValueError: the shape is none of the above.

    >>> faces = np.full((2, 96, 80, 3), 255, np.uint8)  # white, in RGB
    >>> inputs = preprocess(faces)
    >>> inputs.shape, inputs.dtype, float(inputs.max())
    ((2, 48, 48, 1), dtype('float32'), 1.0)
    """
    grey = to_grey(images)
    if grey.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        grey = np.stack([_resize(image) for image in grey]) if len(grey) else _no_images()
    return grey[..., np.newaxis].astype(np.float32) / np.float32(255)


def to_grey(images: NDArray[Any]) -> NDArray[np.uint8]:
    """Return grey images, weighing red, green and blue as the eye does (ITU-R BT.601).

    Args:
        images: uint8 (n, height, width), which stays as it is, or (n, height, width, 3) in RGB.

    Returns:
        uint8 (n, height, width).

    Raises:
        TypeError: the pixels are not uint8.
        ValueError: the shape is none of the above.

    >>> red, green = np.zeros((2, 1, 1, 3), np.uint8)
    >>> red[..., 0] = green[..., 1] = 255
    >>> to_grey(np.stack([red, green])).ravel()  # the eye sees green as the lighter one
    array([ 76, 150], dtype=uint8)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(
            f"Images must be uint8, from 0 to 255, not {images.dtype}. Where yours lie between "
            "0 and 1, give (255 * images).astype('uint8')."
        )
    is_grey = images.ndim == 3
    is_colour = images.ndim == 4 and images.shape[3] == 3
    if not (is_grey or is_colour) or 0 in images.shape[1:]:
        raise ValueError(
            "Images must be (n, height, width) or (n, height, width, 3), not "
            f"{images.shape}. Where you have one image, give images[np.newaxis]."
        )
    if is_grey:
        return images
    if len(images) == 0:
        return images[..., 0]
    return np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images])


def _resize(image: NDArray[Any]) -> NDArray[Any]:
    # The mean over an area keeps a reduced image free of moiré; enlarging wants a smooth curve.
    is_larger = min(image.shape) > IMAGE_SIZE
    interpolation = cv2.INTER_AREA if is_larger else cv2.INTER_CUBIC
    return cv2.resize(image, (IMAGE_SIZE, IMAGE_SIZE), interpolation=interpolation)


def _no_images() -> NDArray[Any]:
    return np.empty((0, IMAGE_SIZE, IMAGE_SIZE), dtype=np.uint8)


def build_augmentation(seed: int = 0) -> "keras.Sequential":
    """Return the random changes that leave an expression what it is.

    Mirror, shift by up to 10 %, turn by up to 10 degrees, zoom by up to 10 %, change the contrast
    by up to 20 % and the brightness by up to 0.1. It reads and returns float32 (n, 48, 48, 1) in
    0 to 1, and changes images only when called with `training=True`.
    """
    import keras
    from keras import layers

    edge = {"fill_mode": "nearest"}
    unit = {"value_range": (0.0, 1.0)}
    return keras.Sequential(
        [
            layers.RandomFlip("horizontal", seed=seed),
            layers.RandomTranslation(SHIFT, SHIFT, seed=seed + 1, **edge),
            layers.RandomRotation(ROTATION / 360, seed=seed + 2, **edge),
            layers.RandomZoom(ZOOM, seed=seed + 3, **edge),
            # Keras takes a single number for no less contrast, and up to so much more.
            layers.RandomContrast((CONTRAST, CONTRAST), seed=seed + 4, **unit),
            layers.RandomBrightness(BRIGHTNESS, seed=seed + 5, **unit),
        ],
        name="augmentation",
    )
