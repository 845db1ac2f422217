"""Long runs on a processor: the same network, trained by PyTorch in bfloat16.

On two cores PyTorch with channels last and bfloat16 gets through two to three times as many images
a second as Keras does; `tools/benchmark_training.py` measures it. A Keras network is copied into
PyTorch, trained there, and copied back, so what comes out is an ordinary `.keras` file.

A run is a folder, as in `training`: `run.json`, `last.pt` and `average.keras`. Without a notebook:
`python -m course_utils.long_training --help`. It needs PyTorch: `pip install torch`.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
import torch
from keras import layers
from torch import nn
from torch.nn import functional

from course_utils.dataset import load_dataset
from course_utils.emotions import EMOTIONS
from course_utils.models import build_model, load_classifier
from course_utils.split import IMAGE_SIZE, Split


@dataclass(frozen=True)
class Recipe:
    """What a long run is asked to do.

    Attributes:
        model: a name that `build_model` knows.
        epochs: passes over the training images.
        batch_size: images in a batch.
        learning_rate: the highest, reached after a twentieth of the steps; then half a cosine.
        momentum: of stochastic gradient descent, Nesterov's kind.
        weight_decay: on the kernels of convolutions and dense layers alone.
        label_smoothing: the share of each target that is spread over all classes.
        averaging: how much of the average weights stays at each step.
        sizes: the images' height and width in three stages of the run. Small images first
            is faster (Tan & Le 2021, arXiv 2104.00298).
        teacher: a `.keras` file whose probabilities are mixed into the targets, or "".
        teacher_share: how much of each target is the teacher's.
        seed: of weights, order and augmentation.
    """

    model: str = "compact"
    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    averaging: float = 0.999
    sizes: tuple[int, int, int] = (32, 40, 48)
    teacher: str = ""
    teacher_share: float = 0.5
    seed: int = 0

    def size_at(self, progress: float) -> int:
        """Return the images' size after this share of the run: 40 %, 30 % and 30 % of it."""
        return self.sizes[int(np.digitize(progress, [0.4, 0.7]))]

    def learning_rate_at(self, progress: float) -> float:
        """Return the learning rate after this share of the run."""
        warmup = 0.05
        if progress < warmup:
            return self.learning_rate * progress / warmup
        return self.learning_rate * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


class TorchNetwork(nn.Module):
    """A Keras network's layers as PyTorch modules, with its weights.

    It reads float32 (n, 1, height, width) and returns logits (n, 7).

    Raises:
        ValueError: the network has a kind of layer that is not known here.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        self.keras_layers = list(model.layers)
        self.parts = nn.ModuleDict({layer.name: _as_module(layer) for layer in model.layers})
        self.copy_from(model)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Run each layer on the outputs of those before it."""
        values: dict[str, torch.Tensor] = {}
        for layer in self.keras_layers:
            if isinstance(layer, layers.InputLayer):
                values[layer.output.name] = images
                continue
            inputs = layer.input if isinstance(layer.input, list) else [layer.input]
            outputs = self.parts[layer.name](*(values[tensor.name] for tensor in inputs))
            values[layer.output.name] = outputs
        return outputs

    def copy_from(self, model: keras.Model) -> None:
        """Take over the weights of a Keras network of the same layers."""
        for name, tensor in self._pairs():
            layer, index = name
            array = _to_torch_order(np.asarray(model.get_layer(layer).get_weights()[index]))
            with torch.no_grad():
                tensor.copy_(torch.from_numpy(array))

    def copy_to(self, model: keras.Model) -> None:
        """Give the weights to a Keras network of the same layers."""
        found: dict[str, list[np.ndarray]] = {}
        for (layer, _), tensor in self._pairs():
            found.setdefault(layer, []).append(_to_keras_order(tensor.detach().numpy()))
        for layer, arrays in found.items():
            target = model.get_layer(layer)
            target.set_weights([*arrays, *target.get_weights()[len(arrays) :]])

    def _pairs(self) -> list[tuple[tuple[str, int], torch.Tensor]]:
        pairs = []
        for name, part in self.parts.items():
            tensors: list[torch.Tensor | None] = []
            if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d):
                tensors = [part.weight, part.bias, part.running_mean, part.running_var]
            elif isinstance(part, nn.Conv2d | nn.Linear):
                tensors = [part.weight, part.bias]
            kept = [tensor for tensor in tensors if tensor is not None]
            pairs += [((name, index), tensor) for index, tensor in enumerate(kept)]
        return pairs


class _SameConvolution(nn.Conv2d):
    """A convolution that pads as TensorFlow's "same" does: one more on the right and below."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        before, after = [], []
        for size, kernel, stride in zip(images.shape[2:], self.kernel_size, self.stride):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        if before == after:
            return functional.conv2d(images, self.weight, self.bias, self.stride, before)
        padded = functional.pad(images, (before[1], after[1], before[0], after[0]))
        return functional.conv2d(padded, self.weight, self.bias, self.stride)


class _Add(nn.Module):
    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return first + second


class _GlobalAverage(nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean((2, 3))


class _Flatten(nn.Module):
    """Flattens with the channels last, as Keras does."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 2, 3, 1).flatten(1)


def _as_module(layer: layers.Layer) -> nn.Module:
    if isinstance(layer, layers.InputLayer):
        return nn.Identity()
    if isinstance(layer, layers.Conv2D) and layer.padding in ("same", "valid"):
        kind = _SameConvolution if layer.padding == "same" else nn.Conv2d
        channels = layer.kernel.shape[2]
        return kind(
            channels, layer.filters, layer.kernel_size, layer.strides, bias=layer.use_bias
        )
    if isinstance(layer, layers.Dense):
        return nn.Linear(*layer.kernel.shape, bias=layer.use_bias)
    if isinstance(layer, layers.BatchNormalization):
        kind = nn.BatchNorm2d if len(layer.input.shape) == 4 else nn.BatchNorm1d
        return kind(layer.input.shape[-1], eps=layer.epsilon, momentum=1 - layer.momentum)
    if isinstance(layer, layers.Activation) and layer.activation is keras.activations.relu:
        return nn.ReLU()
    if isinstance(layer, layers.Dropout):
        return nn.Dropout(layer.rate)
    if isinstance(layer, layers.AveragePooling2D):
        return nn.AvgPool2d(layer.pool_size)
    if isinstance(layer, layers.MaxPooling2D):
        return nn.MaxPool2d(layer.pool_size)
    if isinstance(layer, layers.Add):
        return _Add()
    if isinstance(layer, layers.GlobalAveragePooling2D):
        return _GlobalAverage()
    if isinstance(layer, layers.Flatten):
        return _Flatten()
    raise ValueError(f"A layer of the kind {type(layer).__name__} has no copy in PyTorch here.")


def _to_torch_order(array: np.ndarray) -> np.ndarray:
    orders = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}  # Keras: rows, columns, inputs, outputs
    return np.ascontiguousarray(array.transpose(orders[array.ndim]))


def _to_keras_order(array: np.ndarray) -> np.ndarray:
    orders = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
    return np.ascontiguousarray(array.transpose(orders[array.ndim]))


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
        float32 (n, 1, size, size).
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


def build_targets(split: Split, recipe: Recipe) -> torch.Tensor:
    """Return what the network is to answer: smoothed labels, mixed with the teacher's answers.

    The teacher's answer is the mean over an image and its mirror image (knowledge distillation,
    Hinton et al. 2015, arXiv 1503.02531).

    Returns:
        float32 (n, 7), rows sum to 1.
    """
    labels = keras.utils.to_categorical(split.labels, len(EMOTIONS))
    targets = (1 - recipe.label_smoothing) * labels + recipe.label_smoothing / len(EMOTIONS)
    if recipe.teacher:
        teacher = load_classifier(Path(recipe.teacher))
        straight = teacher.predict_proba(split.images)
        mirrored = teacher.predict_proba(split.images[:, :, ::-1])
        share = recipe.teacher_share
        targets = (1 - share) * targets + share * (straight + mirrored) / 2
    return torch.from_numpy(targets.astype(np.float32))


def fit(recipe: Recipe, train: Split, validation: Split | None, folder: Path) -> keras.Model:
    """Train a network, or go on with a run that was stopped, and return it with average weights.

    Args:
        recipe: what to do.
        train: what it learns from.
        validation: what each tenth epoch is judged on, or None. Nothing is chosen on it here.
        folder: where the run is kept; each epoch replaces the one before.

    Raises:
        ValueError: the folder holds a run of another recipe.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    model = build_model(recipe.model)
    network = TorchNetwork(model).to(memory_format=torch.channels_last)
    average = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.averaging),
        use_buffers=True,
    )
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim == 1]
    optimizer = torch.optim.SGD(
        [{"params": kernels, "weight_decay": recipe.weight_decay}, {"params": others}],
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=True,
    )
    parts = {"network": network, "average": average, "optimizer": optimizer}
    history = _resume(folder, recipe, len(train), parts)
    images = torch.from_numpy(train.images[:, None].astype(np.float32) / 255)
    targets = build_targets(train, recipe)
    for epoch in range(len(history), recipe.epochs):
        start = time.perf_counter()
        loss, accuracy = _train_epoch(recipe, epoch, images, targets, network, average, optimizer)
        figures = {"epoch": epoch + 1, "loss": loss, "accuracy": accuracy}
        figures["seconds"] = round(time.perf_counter() - start, 1)
        if validation is not None and (epoch % 10 == 9 or epoch + 1 == recipe.epochs):
            average.module.copy_to(model)
            figures["val_accuracy"] = judge(model, validation)
        history.append(figures)
        _keep(folder, recipe, len(train), history, parts)
        print(_describe(figures, recipe), flush=True)
    average.module.copy_to(model)
    _replace(folder / "average.keras", lambda path: model.save(path))
    return model


def _train_epoch(recipe, epoch, images, targets, network, average, optimizer):
    network.train()
    chance = torch.Generator().manual_seed(1_000_003 * recipe.seed + epoch)
    order = torch.randperm(len(images), generator=chance)
    steps = len(images) // recipe.batch_size
    losses, right = 0.0, 0
    for step in range(steps):
        progress = (epoch + step / steps) / recipe.epochs
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate_at(progress)
        chosen = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
        batch = augment(images[chosen], recipe.size_at(progress), chance)
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(batch.to(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits.float(), targets[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update_parameters(network)
        losses += loss.item()
        right += int((logits.argmax(1) == targets[chosen].argmax(1)).sum())
    return losses / steps, right / (steps * recipe.batch_size)


def judge(model: keras.Model, split: Split) -> float:
    """Return the share of images that a network reads as their label says."""
    inputs = split.images[..., np.newaxis].astype(np.float32) / 255
    answers = model.predict(inputs, batch_size=256, verbose=0).argmax(axis=1)
    return float((answers == split.labels).mean())


def _describe(figures: dict[str, float], recipe: Recipe) -> str:
    left = (recipe.epochs - figures["epoch"]) * figures["seconds"] / 60
    judged = f", validation {figures['val_accuracy']:.1%}" if "val_accuracy" in figures else ""
    return (
        f"Epoch {figures['epoch']} of {recipe.epochs}: loss {figures['loss']:.3f}, "
        f"accuracy {figures['accuracy']:.1%}{judged}, {figures['seconds']:.0f} s, "
        f"about {left:.0f} min left"
    )


def _resume(folder: Path, recipe: Recipe, train_images: int, parts: dict) -> list[dict]:
    path = folder / "last.pt"
    if not path.is_file():
        return []
    kept = torch.load(path, weights_only=True)
    asked = {**asdict(recipe), "sizes": list(recipe.sizes), "train_images": train_images}
    if kept["asked"] != asked:
        raise ValueError(
            f"{folder} holds a run of another recipe ({kept['asked']}). Nothing was changed. "
            "Choose another folder, or delete that one."
        )
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    print(f"The run in {folder} goes on after epoch {len(kept['history'])} of {recipe.epochs}.")
    return kept["history"]


def _keep(folder: Path, recipe: Recipe, train_images: int, history: list, parts: dict) -> None:
    asked = {**asdict(recipe), "sizes": list(recipe.sizes), "train_images": train_images}
    state = {"asked": asked, "history": history}
    text = json.dumps(state, indent=1)
    _replace(folder / "run.json", lambda path: path.write_text(text, encoding="utf-8"))
    state |= {name: part.state_dict() for name, part in parts.items()}
    _replace(folder / "last.pt", lambda path: torch.save(state, path))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    unfinished = path.with_name(f"unfinished-{os.getpid()}-{path.name}")
    try:
        write(unfinished)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def join(first: Split, second: Split) -> Split:
    """Return the images of two splits as one."""
    import pandas as pd

    return Split(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
        pd.concat([first.table, second.table], ignore_index=True),
    )


def main() -> None:
    """Train from the command line, on the data that `load_dataset` finds."""
    parser = argparse.ArgumentParser(prog="python -m course_utils.long_training")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--teacher", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all-of-training", action="store_true")
    arguments = parser.parse_args()
    data = load_dataset()
    train, validation = data.train, data.validation
    if arguments.all_of_training and (validation.table["usage"] == "Training").all():
        train, validation = join(train, validation), None
    recipe = Recipe(
        model=arguments.model,
        epochs=arguments.epochs,
        teacher=arguments.teacher,
        seed=arguments.seed,
    )
    fit(recipe, train, validation, arguments.folder)


if __name__ == "__main__":
    main()
