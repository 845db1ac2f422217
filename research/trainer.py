"""The loop of a long training run: a network, its average and its optimiser, epoch by epoch."""

from typing import Any

import keras
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from course_utils.split import IMAGE_SIZE, Split
from research.augmentation import add_noise, augment, mix_batch
from research.config import Config
from research.distillation import load_teachers, mix_targets, predict
from research.precision import autocast, faster_precision
from research.torch_network import TorchNetwork, to_tensor


class Trainer:
    """A network in training.

    Attributes:
        config: the settings of the run.
        network: the network that learns.
        average: the moving average of its weights, which is what is kept.
        optimizer: stochastic gradient descent.
        teachers: networks that read each augmented image too; none unless `same_view` is set.
        precision: the numbers that convolutions compute with, whichever are faster here.
    """

    def __init__(self, config: Config, model: keras.Model) -> None:
        self.config = config
        self.precision = faster_precision()
        network: Any = TorchNetwork(model)  # PyTorch's types do not know `to` with a format alone
        self.network: TorchNetwork = network.to(memory_format=torch.channels_last)
        moving_average = get_ema_multi_avg_fn(config.ema_decay)
        self.average = AveragedModel(self.network, multi_avg_fn=moving_average, use_buffers=True)
        self.optimizer = _build_optimizer(self.network, config)
        self.teachers = load_teachers(config.teachers) if config.same_view else []

    def train_epoch(
        self, epoch: int, images: torch.Tensor, targets: torch.Tensor
    ) -> dict[str, float]:
        """Pass over all images once; what is random depends on the seed and the epoch alone.

        Args:
            epoch: from 0.
            images: float32 (n, 1, 48, 48) in 0 to 1.
            targets: float32 (n, 7), rows sum to 1.

        Returns:
            The mean `loss`, and the `accuracy` on the images as augmented.
        """
        self.network.train()
        seed = 1_000_003 * self.config.seed + epoch
        generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)  # dropout's
        batches = self._draw_batches(len(images), generator)
        losses, correct = 0.0, 0
        for step, chosen in enumerate(batches):
            progress = (epoch + step / len(batches)) / self.config.epochs
            inputs, wanted = self._prepare(images[chosen], targets[chosen], progress, generator)
            loss, logits = self.train_step(inputs, wanted, progress)
            losses += loss
            correct += int((logits.argmax(1) == targets[chosen].argmax(1)).sum())
        return {"loss": losses / len(batches), "accuracy": correct / sum(map(len, batches))}

    def _draw_batches(self, n: int, generator: torch.Generator) -> list[torch.Tensor]:
        """Return the numbers of n images in random order; a last, short batch is left out."""
        batches = torch.randperm(n, generator=generator).split(self.config.batch_size)
        return [batch for batch in batches if len(batch) == self.config.batch_size] or list(batches)

    def _prepare(
        self,
        images: torch.Tensor,
        targets: torch.Tensor,
        progress: float,
        generator: torch.Generator,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return a batch as the network gets it: augmented, at the resolution in use, mixed."""
        resolution = self.config.resolution_at(progress)
        batch = augment(images, IMAGE_SIZE if self.teachers else resolution, generator)
        if self.teachers:
            predictions = predict(self.teachers, batch, self.precision)
            targets = mix_targets(targets, predictions, self.config.distillation_weight)
            batch = _resize(batch, resolution)
        seed = int(torch.randint(2**31, (), generator=generator))
        batch, targets = mix_batch(batch, targets, self.config.mixup, np.random.default_rng(seed))
        return add_noise(batch, self.config.noise_sigma, generator), targets

    def train_step(
        self, images: torch.Tensor, targets: torch.Tensor, progress: float
    ) -> tuple[float, torch.Tensor]:
        """Change the weights once, and their average.

        Args:
            images: float32 (n, 1, height, width), as the network gets them.
            targets: float32 (n, 7), rows sum to 1.
            progress: the share of the run that is done, for the learning rate.

        Returns:
            The loss, and the logits (n, 7) from before the step.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate_at(progress)
        with autocast(self.precision):
            logits = self.network(images.to(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits.float(), targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.average.update_parameters(self.network)
        return loss.item(), logits.detach()

    def averaged_network(self) -> TorchNetwork:
        """Return the network with average weights."""
        network = self.average.module
        assert isinstance(network, TorchNetwork)
        return network

    def evaluate(self, split: Split, progress: float) -> float:
        """Return the average network's accuracy, at the resolution in use now."""
        predictions = self.predict_proba(split.images, progress).argmax(axis=1)
        return float((predictions == split.labels).mean())

    def predict_proba(self, images: NDArray[np.uint8], progress: float) -> NDArray[np.float32]:
        """Return the average network's probabilities, float32 (n, 7), at the resolution in use.

        Args:
            images: uint8 (n, 48, 48).
            progress: the share of the run that is done.
        """
        network = self.averaged_network().eval()
        resolution = self.config.resolution_at(progress)
        with torch.inference_mode():
            batches = to_tensor(images).split(256)
            logits = torch.cat([network(_resize(batch, resolution)) for batch in batches])
        return np.asarray(logits.softmax(1).numpy())

    def state(self) -> dict[str, Any]:
        """Return everything that is needed to go on."""
        states = {name: part.state_dict() for name, part in self._parts().items()}
        return {**states, "precision": self.precision}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go back to what `state` returned."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.precision = state["precision"]

    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "average": self.average, "optimizer": self.optimizer}


def _build_optimizer(network: TorchNetwork, config: Config) -> torch.optim.SGD:
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim == 1]
    groups: list[dict[str, Any]] = [
        {"params": kernels, "weight_decay": config.weight_decay},
        {"params": others},
    ]
    return torch.optim.SGD(groups, lr=config.learning_rate, momentum=config.momentum, nesterov=True)


def _resize(images: torch.Tensor, size: int) -> torch.Tensor:
    return functional.interpolate(images, size=(size, size), mode="bilinear")
