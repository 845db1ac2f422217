"""Training images in shuffled batches that depend on the seed and the step alone."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from course_utils.emotions import EMOTIONS
from course_utils.preprocessing import build_augmentation, preprocess
from course_utils.split import Split
from course_utils.training.config import TrainingConfig


class Batches(keras.utils.PyDataset):
    """Training images in shuffled batches, augmented and mixed as the config says.

    Each batch depends on the config's seed and the step alone, so that a run can go on where it
    stopped.

    Args:
        split: the images.
        config: its `batch_size`, `augment`, `mixup` and `seed` are used.
        total_steps: of the whole run.
        first_step: the one to go on with.
    """

    def __init__(
        self, split: Split, config: TrainingConfig, total_steps: int, first_step: int = 0
    ) -> None:
        super().__init__()
        self.images = preprocess(split.images)
        self.targets = keras.utils.to_categorical(split.labels, len(EMOTIONS))
        self.config = config
        self.total_steps = total_steps
        self.first_step = first_step
        self.augmentation = build_augmentation(config.seed) if config.augment else None

    def __len__(self) -> int:
        return self.total_steps - self.first_step

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return float32 (batch, 48, 48, 1) and float32 (batch, 7): one-hot, unless mixed."""
        step = self.first_step + index
        chosen = self._choose(step)
        images, targets = self._augment(self.images[chosen], step), self.targets[chosen]
        if self.config.mixup == 0:
            return images, targets
        rng = np.random.default_rng([self.config.seed, step, 1])
        share = np.float32(rng.beta(self.config.mixup, self.config.mixup))
        partners = rng.permutation(len(images))
        return mixup(images, share, partners), mixup(targets, share, partners)

    def _augment(self, images: NDArray[np.uint8], step: int) -> NDArray[Any]:
        if self.augmentation is None:
            return images
        # The only variables are the seeds' states, two whole numbers for each kind of change.
        for index, state in enumerate(self.augmentation.variables):
            state.assign(np.array([self.config.seed + index, step], dtype=np.uint32))
        return np.asarray(keras.ops.convert_to_numpy(self.augmentation(images, training=True)))

    def _choose(self, step: int) -> NDArray[Any]:
        # Each pass over the images has an order of its own; the last, short batch is left out.
        size = self.config.batch_size
        batches = max(len(self.images) // size, 1)
        whole_passes, position = divmod(step, batches)
        order = np.random.default_rng([self.config.seed, whole_passes]).permutation(
            len(self.images)
        )
        return order[position * size : (position + 1) * size]


def mixup(values: Any, share: Any, partners: Any) -> Any:
    """Blend each of a batch with its partner: mixup, Zhang et al. 2018, arXiv 1710.09412.

    Args:
        values: images or targets, (batch, ...), of numpy or PyTorch.
        share: how much of each stays, 0 to 1: one number, or one that fits `values`.
        partners: int (batch,), the index of each one's partner.

    >>> mixup(np.array([0.0, 4.0]), 0.75, np.array([1, 0]))
    array([1., 3.])
    """
    return share * values + (1 - share) * values[partners]
