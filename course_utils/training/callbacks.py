"""Keras callbacks around its own `fit`: what a run keeps, and what makes it go on exactly.

Keras's own `BackupAndRestore` saves the weights and the optimizer, and not the state of dropout's
seed: a run goes on, yet not as if it had never stopped. These save that state as well, and replace
each file in one step, so that a stop at any moment leaves the last whole epoch.
"""

import keras
import numpy as np

from course_utils.training.run import Run

Logs = dict[str, float]


class SaveBest(keras.callbacks.Callback):
    """Saves the network after each epoch that reads the validation images better than before.

    It acts at the end of the evaluation, where `SwapEMAWeights` still has the averaged weights in
    place.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Save, if this is the best so far."""
        self.run.save_best(self.model, (logs or {})["accuracy"])


class SaveEpoch(keras.callbacks.Callback):
    """Saves the history and everything that is needed to go on, after each epoch.

    Raises:
        ArithmeticError: the loss is no finite number; nothing of this epoch is saved.
    """

    def __init__(self, run: Run, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        super().__init__()
        self.run = run
        self.schedule = schedule

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the epoch to the history, and save both."""
        figures = {name: float(value) for name, value in (logs or {}).items()}
        check_loss(epoch + 1, figures["loss"])
        rate = float(self.schedule(self.model.optimizer.iterations))
        self.run.save_epoch({**figures, "learning_rate": rate})


class SeedEachStep(keras.callbacks.Callback):
    """Lets dropout depend on the step alone on PyTorch, whose generator no variable holds."""

    def __init__(self, seed: int, steps_per_epoch: int) -> None:
        super().__init__()
        self.seed = seed
        self.steps_per_epoch = steps_per_epoch
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Note which epoch it is."""
        self.epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Set the seed of this step."""
        keras.utils.set_random_seed(self.seed + self.epoch * self.steps_per_epoch + batch)


def check_loss(epoch: int, loss: float) -> None:
    """Look whether training still works.

    Raises:
        ArithmeticError: the loss of an epoch, counted from 1, is no finite number.
    """
    if not np.isfinite(loss):
        raise ArithmeticError(
            f"The loss of epoch {epoch} is {loss}: the steps are too large. Nothing of this epoch "
            "is kept. Try a lower learning rate."
        )
