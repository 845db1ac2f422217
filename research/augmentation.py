"""Random changes of training images, in PyTorch.

Mirror, shift, rotation, zoom, contrast and brightness are those of the course's own
`build_augmentation`, as far and in the same order. Erased rectangles and noise are added here.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from course_utils.preprocessing import BRIGHTNESS, CONTRAST, ROTATION, SHIFT, ZOOM
from course_utils.training.batches import mixup


@dataclass(frozen=True)
class Changes:
    """What happens to each of n images; every attribute is float32 (n,).

    Attributes:
        mirror: -1 for the mirror image, 1 for the image as it is.
        shift_x: to the right, as a share of the width.
        shift_y: down, as a share of the height.
        rotation: anticlockwise, in degrees.
        zoom: how much more of the image is shown, as a share; below 0 it is enlarged.
        contrast: what differences from the mean are multiplied by.
        brightness: what is added.
    """

    mirror: torch.Tensor
    shift_x: torch.Tensor
    shift_y: torch.Tensor
    rotation: torch.Tensor
    zoom: torch.Tensor
    contrast: torch.Tensor
    brightness: torch.Tensor


def augment(images: torch.Tensor, size: int, generator: torch.Generator) -> torch.Tensor:
    """Change images at random, and erase a rectangle in half of them.

    Args:
        images: float32 (n, 1, 48, 48) in 0 to 1.
        size: height and width of what comes back, in pixels.
        generator: where the random numbers come from.

    Returns:
        float32 (n, 1, size, size) in 0 to 1.
    """
    changes = draw_changes(len(images), generator)
    images = change_light(move(images, size, changes), changes)
    return erase_rectangles(images, generator)


def draw_changes(n: int, generator: torch.Generator) -> Changes:
    """Draw the changes of n images, as far as the course's augmentation goes."""

    def up_to(most: float) -> torch.Tensor:
        return _uniform(n, -most, most, generator)

    return Changes(
        mirror=torch.where(_uniform(n, 0, 1, generator) < 0.5, -1.0, 1.0),
        shift_x=up_to(SHIFT),
        shift_y=up_to(SHIFT),
        rotation=up_to(ROTATION),
        zoom=up_to(ZOOM),
        contrast=1 + up_to(CONTRAST),
        brightness=up_to(BRIGHTNESS),
    )


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(n, generator=generator)


def move(images: torch.Tensor, size: int, changes: Changes) -> torch.Tensor:
    """Mirror, shift, rotate and zoom images in one interpolation; edges are continued.

    Args:
        images: float32 (n, 1, height, width).
        size: height and width of what comes back, in pixels.
        changes: one of each for each image.

    Returns:
        float32 (n, 1, size, size).
    """
    angle, scale = torch.deg2rad(changes.rotation), 1 + changes.zoom
    cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
    # From a place in the result to the place in the image that is shown there. The width is 2.
    across = torch.stack([cosine, -sine, -2 * changes.shift_x], dim=1)
    down = torch.stack([sine, cosine, -2 * changes.shift_y], dim=1)
    places = torch.stack([across * changes.mirror[:, None], down], dim=1)
    grid = functional.affine_grid(places, [len(images), 1, size, size], align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def change_light(images: torch.Tensor, changes: Changes) -> torch.Tensor:
    """Change contrast, then brightness, of float32 (n, 1, height, width), clipped to 0 to 1."""
    mean = images.mean((2, 3), keepdim=True)
    contrast, brightness = changes.contrast[:, None, None, None], changes.brightness
    images = ((images - mean) * contrast + mean).clamp(0, 1)
    return (images + brightness[:, None, None, None]).clamp(0, 1)


def erase_rectangles(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Put a grey rectangle over half of the images (Zhong et al. 2020, arXiv 1708.04896).

    Its sides are 15 to 45 % of the image's, and its middle lies anywhere.

    Args:
        images: float32 (n, 1, size, size) in 0 to 1.
        generator: where the random numbers come from.

    Returns:
        The images, of the same shape and range.
    """
    n, size = len(images), images.shape[-1]
    pixels = torch.arange(size)
    inside = torch.ones(n, size, size, dtype=torch.bool)
    for axis in (1, 2):
        length = _uniform(n, 0.15, 0.45, generator) * size
        middle = _uniform(n, 0, size, generator)
        is_near = (pixels[None, :] - middle[:, None]).abs() < length[:, None] / 2
        inside &= is_near[:, :, None] if axis == 1 else is_near[:, None, :]
    inside &= (_uniform(n, 0, 1, generator) < 0.5)[:, None, None]
    grey = _uniform(n, 0, 1, generator)[:, None, None, None]
    return torch.where(inside[:, None], grey, images)


def mix_batch(
    images: torch.Tensor, targets: torch.Tensor, alpha: float, generator: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Blend each image of a batch, and its target, with another, as the course's batches do.

    Args:
        images: float32 (n, 1, height, width).
        targets: float32 (n, 7), rows sum to 1.
        alpha: the parameter of the beta distribution; 0 changes nothing.
        generator: where the random numbers come from.

    Returns:
        Blended images and targets, with the same share for the whole batch.
    """
    if alpha == 0:
        return images, targets
    share = generator.beta(alpha, alpha)
    partners = torch.from_numpy(generator.permutation(len(images)))
    return mixup(images, share, partners), mixup(targets, share, partners)


def add_noise(images: torch.Tensor, sigma: float, generator: torch.Generator) -> torch.Tensor:
    """Give half of the images Gaussian noise (Rusak et al. 2020, arXiv 2001.06057).

    Args:
        images: float32 (n, 1, height, width) in 0 to 1.
        sigma: the sigma of an image's noise is drawn up to this; white is 1.
        generator: where the random numbers come from.

    Returns:
        The images, of the same shape and range.
    """
    if sigma == 0:
        return images
    is_noisy, share = torch.rand(2, len(images), generator=generator)
    sigmas = torch.where(is_noisy < 0.5, share * sigma, 0.0)[:, None, None, None]
    return (images + sigmas * torch.randn(images.shape, generator=generator)).clamp(0, 1)
