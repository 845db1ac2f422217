"""How the long training changes its images: the same on every step of a run that goes on."""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional


def augment(images: torch.Tensor, size: int, chance: torch.Generator) -> torch.Tensor:
    """Mirror, turn, zoom and shift images, change their light, and erase a rectangle.

    Half of the images are mirrored; turns go to 12 degrees, zooms to 15 %, shifts to 10 % of the
    width; contrast and brightness change by up to 25 % and 0.15; half of the images lose a
    rectangle (random erasing, Zhong et al. 2020, arXiv 1708.04896).

    Args:
        images: float32 (n, 1, 48, 48) in 0 to 1.
        size: height and width of what comes back.
        chance: where the random numbers come from.

    Returns:
        float32 (n, 1, size, size) in 0 to 1.
    """
    n = len(images)

    def between(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(n, generator=chance)

    angle = torch.deg2rad(between(-12, 12))
    zoom = torch.exp(between(-0.15, 0.15))
    mirror = torch.where(between(0, 1) < 0.5, -1.0, 1.0)
    shift_x, shift_y = between(-0.2, 0.2), between(-0.2, 0.2)  # the width is 2 here
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    first = torch.stack([cosine * mirror, -sine, shift_x], dim=1)
    second = torch.stack([sine * mirror, cosine, shift_y], dim=1)
    grid = functional.affine_grid(
        torch.stack([first, second], dim=1), [n, 1, size, size], align_corners=False
    )
    images = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    contrast, brightness = between(0.75, 1.25), between(-0.15, 0.15)
    images = (images - 0.5) * contrast.view(-1, 1, 1, 1) + 0.5 + brightness.view(-1, 1, 1, 1)
    return _erase(images.clamp(0, 1), between)


def _erase(images: torch.Tensor, between: Callable[[float, float], torch.Tensor]) -> torch.Tensor:
    size = images.shape[-1]
    place = torch.arange(size)
    inside = torch.ones(len(images), size, size, dtype=torch.bool)
    for axis in (1, 2):
        length, middle = between(0.15, 0.45) * size, between(0, size)
        distance = (place[None, :] - middle[:, None]).abs()
        is_near = distance < length[:, None] / 2
        inside &= is_near[:, :, None] if axis == 1 else is_near[:, None, :]
    inside &= (between(0, 1) < 0.5).view(-1, 1, 1)
    grey = between(0, 1).view(-1, 1, 1, 1)
    return torch.where(inside[:, None], grey, images)


def blend(
    images: torch.Tensor, targets: torch.Tensor, mixup: float, chance: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Blend each image, and its target, with another (mixup, Zhang et al. 2018, arXiv 1710.09412).

    Args:
        images: float32 (n, 1, height, width).
        targets: float32 (n, 7), rows sum to 1.
        mixup: the parameter of the beta distribution; 0 changes nothing.
        chance: where the random numbers come from.

    Returns:
        Blended images and targets; at least half of each blend is the image in its place.
    """
    if not mixup:
        return images, targets
    rng = np.random.default_rng(int(torch.randint(2**31, (), generator=chance)))
    share = torch.from_numpy(rng.beta(mixup, mixup, len(images)).astype(np.float32))
    share = torch.maximum(share, 1 - share)
    other = torch.randperm(len(images), generator=chance)
    images = torch.lerp(images[other], images, share.view(-1, 1, 1, 1))
    return images, torch.lerp(targets[other], targets, share.view(-1, 1))


def add_noise(images: torch.Tensor, highest: float, chance: torch.Generator) -> torch.Tensor:
    """Give half of the images Gaussian noise (Rusak et al. 2020, arXiv 2001.06057).

    Args:
        images: float32 (n, 1, height, width) in 0 to 1.
        highest: the deviation of the noise is drawn up to this; white is 1.
        chance: where the random numbers come from.

    Returns:
        The images, of the same shape and range.
    """
    if not highest:
        return images
    is_noisy, share = torch.rand(2, len(images), generator=chance)
    deviation = torch.where(is_noisy < 0.5, share * highest, 0.0).view(-1, 1, 1, 1)
    return (images + deviation * torch.randn(images.shape, generator=chance)).clamp(0, 1)
