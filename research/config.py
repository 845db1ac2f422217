"""What a long training run does: every setting, in one frozen record."""

import math
from dataclasses import dataclass

import numpy as np

from course_utils.training.schedule import learning_rate_at

WARMUP = 0.05  # the share of a run in which the learning rate rises
STAGES = (0.4, 0.7)  # the shares of a run after which the images grow


@dataclass(frozen=True)
class Config:
    """The settings of a long training run.

    Attributes:
        model: a network of `build_model`, or a design of `research.designs`.
        epochs: passes over the training images.
        batch_size: images in a batch.
        learning_rate: the highest, reached after a twentieth of the steps; then half a cosine.
        momentum: of stochastic gradient descent, Nesterov's kind.
        weight_decay: on the kernels of convolutions and dense layers alone.
        label_smoothing: the share of each target that is spread over all classes.
        ema_decay: how much of the average weights stays at each step; they are what is kept. At
            0.999 they reach back over a thousand steps, which is too far for a short run.
        resolutions: the images' height and width in pixels, in the first 40 %, the next 30 % and
            the last 30 % of the run, multiples of 8. Small images first is faster (Tan & Le 2021,
            arXiv 2104.00298).
        teachers: `.keras` files; the mean of their probabilities is mixed into the targets
            (knowledge distillation, Hinton et al. 2015, arXiv 1503.02531).
        distillation_weight: how much of each target is the teachers'.
        same_view: the teachers read each augmented image as the network sees it, at 48 pixels and
            without noise (Beyer et al. 2022, arXiv 2106.05237). Otherwise they read every training
            image and its mirror image, once.
        mixup: the parameter of the beta distribution that the weights of blended images, and of
            their targets, are drawn from (Zhang et al. 2018, arXiv 1710.09412); 0 for none.
        noise_sigma: half of the images get Gaussian noise of a sigma up to this; white is 1
            (Rusak et al. 2020, arXiv 2001.06057).
        initial_weights: a `.keras` file to start from, or "" for random weights.
        seed: of weights, order and augmentation.

    Raises:
        ValueError: a value is out of its range, a resolution is no multiple of 8, or there is no
            teacher to read the same view.
    """

    model: str = "compact"
    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    ema_decay: float = 0.999
    resolutions: tuple[int, int, int] = (32, 40, 48)
    teachers: tuple[str, ...] = ()
    distillation_weight: float = 0.5
    same_view: bool = False
    mixup: float = 0.0
    noise_sigma: float = 0.0
    initial_weights: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be trained: the networks halve images three times."""
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name)}, and not from {low} to {high}.")
        if any(resolution <= 0 or resolution % 8 for resolution in self.resolutions):
            raise ValueError(
                f"Resolutions {self.resolutions}: each has to be a multiple of 8, such as 24 or 48."
            )
        if self.same_view and not self.teachers:
            raise ValueError("To read the same view as the network, there has to be a teacher.")

    def resolution_at(self, progress: float) -> int:
        """Return the images' size in pixels after this share of the run."""
        return self.resolutions[int(np.digitize(progress, STAGES))]

    def learning_rate_at(self, progress: float) -> float:
        """Return the learning rate after this share of the run."""
        return learning_rate_at(progress, self.learning_rate, WARMUP)


_RANGES = {
    "epochs": (1, math.inf),
    "batch_size": (1, math.inf),
    "learning_rate": (0, math.inf),
    "momentum": (0, 1),
    "weight_decay": (0, math.inf),
    "label_smoothing": (0, 1),
    "ema_decay": (0, 1),
    "distillation_weight": (0, 1),
    "mixup": (0, math.inf),
    "noise_sigma": (0, 1),
}
