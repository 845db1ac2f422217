"""What a network learns to predict: smoothed labels, mixed with the predictions of teachers."""

from pathlib import Path

import keras
import numpy as np
import torch
from numpy.typing import NDArray
from tqdm.auto import tqdm

from course_utils.classifier import load_classifier
from course_utils.emotions import EMOTIONS
from course_utils.split import Split
from research.config import Config
from research.precision import autocast, faster_precision
from research.torch_network import TorchNetwork, to_tensor

BATCH_SIZE = 256


def build_targets(split: Split, config: Config) -> torch.Tensor:
    """Return what a network is to predict for each image.

    Teachers of the same view are not asked here: they read each augmented image in its batch.

    Returns:
        float32 (n, 7), rows sum to 1.
    """
    labels = keras.utils.to_categorical(split.labels, len(EMOTIONS))
    smoothing = config.label_smoothing
    targets = torch.from_numpy((1 - smoothing) * labels + smoothing / len(EMOTIONS)).float()
    if not config.teachers or config.same_view:
        return targets
    predictions = predict_both_sides(load_teachers(config.teachers), split.images)
    agreement = (predictions.argmax(1).numpy() == split.labels).mean()
    print(f"The teachers read {agreement:.1%} of the training images as labelled.", flush=True)
    return mix_targets(targets, predictions, config.distillation_weight)


def mix_targets(
    targets: torch.Tensor, predictions: torch.Tensor, distillation_weight: float
) -> torch.Tensor:
    """Return targets (n, 7), a share of which is replaced by the predictions of teachers (n, 7)."""
    return (1 - distillation_weight) * targets + distillation_weight * predictions


def load_teachers(paths: tuple[str, ...]) -> list[TorchNetwork]:
    """Load `.keras` files as networks that only predict."""
    return [TorchNetwork(load_classifier(Path(path)).model).eval() for path in paths]


def predict_both_sides(teachers: list[TorchNetwork], images: NDArray[np.uint8]) -> torch.Tensor:
    """Return the mean probabilities over teachers, and over each image and its mirror image.

    Args:
        teachers: networks that only predict.
        images: uint8 (n, 48, 48).

    Returns:
        float32 (n, 7).
    """
    predictions = []
    for batch in tqdm(to_tensor(images).split(BATCH_SIZE), "Teachers read", leave=False):
        sides = [predict(teachers, side, faster_precision()) for side in (batch, batch.flip(3))]
        predictions.append(torch.stack(sides).mean(0))
    return torch.cat(predictions)


def predict(teachers: list[TorchNetwork], batch: torch.Tensor, precision: str) -> torch.Tensor:
    """Return the mean probabilities of teachers, float32 (n, 7).

    Args:
        teachers: networks that only predict.
        batch: float32 (n, 1, 48, 48) in 0 to 1.
        precision: "float32" or "bfloat16".
    """
    batch = batch.to(memory_format=torch.channels_last)
    with torch.inference_mode(), autocast(precision):
        logits = torch.stack([teacher(batch).float() for teacher in teachers])
    return logits.softmax(2).mean(0)
