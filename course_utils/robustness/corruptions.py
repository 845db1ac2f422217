"""Worse pictures on purpose: eight corruptions at five severities, with published parameters.

The parameters are those of CIFAR-10-C (Hendrycks & Dietterich 2019, "Benchmarking neural network
robustness to common corruptions and perturbations", ICLR, arXiv 1903.12261), as its authors'
program `make_cifar_c.py` states them for pictures of 32 by 32 pixels. Here pictures have 48. So
what is a length in pixels, the radius of a blur, is multiplied by 48 / 32. What is a grey level, a
share of the width or JPEG's quality stays as published.
"""

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from course_utils.split import IMAGE_SIZE

SEVERITIES = (1, 2, 3, 4, 5)
_LARGER = IMAGE_SIZE / 32  # than the pictures that the lengths are published for
_NEIGHBOURHOOD = 8  # pixels to each side that a disk may reach


def corrupt(
    images: NDArray[np.uint8], name: str, severity: int, seed: int = 0
) -> NDArray[np.uint8]:
    """Return images as a worse camera, light or connection would have left them.

    Args:
        images: uint8 (n, 48, 48).
        name: one of `CORRUPTIONS`.
        severity: from 1 to 5, one of `SEVERITIES`.
        seed: of the noise. The same images and seed give the same pixels.

    Returns:
        uint8 (n, 48, 48).

    Raises:
        TypeError: the pixels are not uint8.
        ValueError: the images have another shape, or there is no such corruption or severity.

    >>> faces = np.full((1, 48, 48), 100, np.uint8)
    >>> corrupt(faces, "brightness", severity=3).shape
    (1, 48, 48)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(f"Images must be uint8, from 0 to 255, not {images.dtype}.")
    if images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise ValueError(f"Images must be (n, 48, 48), not {images.shape}.")
    if name not in CORRUPTIONS:
        raise ValueError(f"There is no corruption '{name}'. There are: {', '.join(CORRUPTIONS)}.")
    if severity not in SEVERITIES:
        raise ValueError(f"The severity must be a whole number from 1 to 5, not {severity}.")
    if len(images) == 0:
        return images
    greys = CORRUPTIONS[name](images / 255, severity - 1, np.random.default_rng(seed))
    return np.asarray((255 * np.clip(greys, 0, 1)).round().astype(np.uint8))


def _gaussian_noise(
    greys: NDArray[np.floating], step: int, rng: np.random.Generator
) -> NDArray[Any]:
    deviation = (0.04, 0.06, 0.08, 0.09, 0.10)[step]
    return greys + rng.normal(0, deviation, greys.shape)


def _shot_noise(greys: NDArray[np.floating], step: int, rng: np.random.Generator) -> NDArray[Any]:
    photons = (500, 250, 100, 75, 50)[step]  # that make a white pixel
    return rng.poisson(greys * photons) / photons


def _gaussian_blur(
    greys: NDArray[np.floating], step: int, rng: np.random.Generator
) -> NDArray[Any]:
    deviation = _LARGER * (0.4, 0.6, 0.7, 0.8, 1.0)[step]
    return np.asarray(gaussian_filter(greys, (0, deviation, deviation), mode="nearest"))


def _defocus_blur(greys: NDArray[np.floating], step: int, rng: np.random.Generator) -> NDArray[Any]:
    radius, softness = ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.2), (1.5, 0.1))[step]
    kernel = _disk(_LARGER * radius, _LARGER * softness)
    return np.stack([cv2.filter2D(grey, -1, kernel) for grey in greys])


def _disk(radius: float, softness: float) -> NDArray[Any]:
    """Return the picture of a point out of focus: a disk of `radius` pixels with a soft edge."""
    places = np.arange(-_NEIGHBOURHOOD, _NEIGHBOURHOOD + 1)
    disk = (np.hypot(*np.meshgrid(places, places)) <= radius).astype(float)
    return np.asarray(cv2.GaussianBlur(disk / disk.sum(), (3, 3), sigmaX=softness))


def _brightness(greys: NDArray[np.floating], step: int, rng: np.random.Generator) -> NDArray[Any]:
    return greys + (0.05, 0.1, 0.15, 0.2, 0.3)[step]


def _contrast(greys: NDArray[np.floating], step: int, rng: np.random.Generator) -> NDArray[Any]:
    means = greys.mean(axis=(1, 2), keepdims=True)
    return np.asarray(means + (0.75, 0.5, 0.4, 0.3, 0.15)[step] * (greys - means))


def _pixelation(greys: NDArray[np.floating], step: int, rng: np.random.Generator) -> NDArray[Any]:
    share = (0.95, 0.9, 0.85, 0.75, 0.65)[step]
    fewer = (int(share * IMAGE_SIZE),) * 2

    def pixelate(picture: Image.Image) -> Image.Image:
        box = Image.Resampling.BOX
        return picture.resize(fewer, box).resize((IMAGE_SIZE, IMAGE_SIZE), box)

    return _with_pillow(greys, pixelate)


def _jpeg(greys: NDArray[np.floating], step: int, rng: np.random.Generator) -> NDArray[Any]:
    quality = (80, 65, 58, 50, 40)[step]

    def compress(picture: Image.Image) -> Image.Image:
        buffer = io.BytesIO()
        picture.save(buffer, "jpeg", quality=quality)
        return Image.open(buffer)

    return _with_pillow(greys, compress)


def _with_pillow(
    greys: NDArray[np.floating], change: Callable[[Image.Image], Image.Image]
) -> NDArray[Any]:
    pictures = [Image.fromarray(image) for image in (255 * greys).round().astype(np.uint8)]
    return np.stack([np.asarray(change(picture)) for picture in pictures]) / 255


Corruption = Callable[[NDArray[Any], int, np.random.Generator], NDArray[Any]]

CORRUPTIONS: Mapping[str, Corruption] = MappingProxyType(
    {
        "Gaussian noise": _gaussian_noise,
        "shot noise": _shot_noise,
        "Gaussian blur": _gaussian_blur,
        "defocus blur": _defocus_blur,
        "brightness": _brightness,
        "contrast": _contrast,
        "pixelation": _pixelation,
        "JPEG": _jpeg,
    }
)
