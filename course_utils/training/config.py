"""What a training run does: one frozen config, in the words that Keras's own arguments have."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of `fit`.

    Attributes:
        epochs: how many times the validation images are read.
        steps_per_epoch: batches between two of them; None for one pass over the training images.
        batch_size: images in a batch.
        learning_rate: the highest learning rate, reached after the warm-up.
        weight_decay: AdamW's (Loshchilov & Hutter 2019, arXiv 1711.05101).
        label_smoothing: the share of each target that is spread over all classes.
        augment: whether `build_augmentation` changes the training images.
        mixup: blends pairs of images and their labels; the parameter of the blend's beta
            distribution, 0 for none (Zhang et al. 2018, arXiv 1710.09412).
        balance_classes: whether mistakes on rare classes weigh more, so that each class weighs
            the same in the loss.
        ema_decay: how much of the exponential moving average of the weights stays at each step, 0
            for none. The averages are evaluated and saved (Polyak & Juditsky 1992, doi
            10.1137/0330046).
        seed: of the order and the augmentation. The weights' own seed is set before building.

    Raises:
        ValueError: there is nothing to do.

    >>> TrainingConfig(epochs=3, batch_size=64).learning_rate
    0.002
    """

    epochs: int
    steps_per_epoch: int | None = None
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    label_smoothing: float = 0.1
    augment: bool = True
    mixup: float = 0.0
    balance_classes: bool = False
    ema_decay: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, and has to be 1 or more.")
        if self.steps_per_epoch is not None and self.steps_per_epoch < 1:
            raise ValueError(f"steps_per_epoch is {self.steps_per_epoch}, and has to be 1 or more.")
