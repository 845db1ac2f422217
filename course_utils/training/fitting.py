"""Train a network with Keras's own `fit`, and go on after a stop.

Without a notebook: `python -m course_utils.training --help`.
"""

import gc
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight

from course_utils.emotions import EMOTIONS
from course_utils.models import logits_model
from course_utils.preprocessing import preprocess
from course_utils.split import Split
from course_utils.training.batches import Batches
from course_utils.training.callbacks import SaveBest, SaveEpoch, SeedEachStep
from course_utils.training.config import TrainingConfig
from course_utils.training.history import as_table
from course_utils.training.run import Run
from course_utils.training.schedule import build_schedule
from course_utils.wording import counted

VALIDATION_BATCH_SIZE = 256


def fit(
    model: keras.Model,
    train: Split,
    validation: Split,
    config: TrainingConfig,
    folder: Path | str | None = None,
    verbose: int | str = "auto",
) -> pd.DataFrame:
    """Train a network with AdamW, a short warm-up and a cosine schedule.

    With a folder, each epoch is saved there, and a run that was stopped goes on after its last
    whole epoch when this is called again in the same way.

    Args:
        model: a network from `build_model`, or one of your own that ends in logits; its weights
            are changed.
        train: what it learns from.
        validation: what each epoch is evaluated on; the best one is saved as `best.keras`.
        config: how it learns.
        folder: where the run is kept, or None to keep nothing.
        verbose: as in `keras.Model.fit`.

    Returns:
        The history, one row per epoch: loss, accuracy, val_loss, val_accuracy, learning_rate.

    Raises:
        ValueError: there is nothing to learn from, the network ends in a softmax, or the folder
            holds a run of another config or a damaged file.
        ArithmeticError: the loss is no number any more; the epoch before is kept.
    """
    _check_input(model, train, validation)
    steps = config.steps_per_epoch or max(len(train) // config.batch_size, 1)
    schedule = build_schedule(config.learning_rate, config.epochs * steps)
    _compile(model, config, schedule)
    described = _describe(model, config, steps, train, validation)
    run = Run(None if folder is None else Path(folder), described, [model, model.optimizer])
    done = len(run.resume())
    if done == config.epochs:
        if config.ema_decay:  # the weights themselves were kept, so that training could go on
            model.optimizer.finalize_variable_values(model.trainable_variables)
        print(f"The run '{run.name}' is complete: nothing is left to train.")
        return as_table(run.history)
    if done:
        print(f"The run '{run.name}' goes on after epoch {done} of {config.epochs}.")
    try:
        model.fit(
            Batches(train, config, config.epochs * steps, done * steps),
            validation_data=_prepare(model, validation),
            validation_batch_size=VALIDATION_BATCH_SIZE,
            epochs=config.epochs,
            steps_per_epoch=steps,
            initial_epoch=done,
            shuffle=False,  # the batches are in their order already
            class_weight=_class_weights(train.labels) if config.balance_classes else None,
            callbacks=_callbacks(run, config, schedule, steps),
            verbose=verbose,
        )
    except KeyboardInterrupt:
        advice = " Run this again to go on." if folder else ""
        print(f"Stopped after {len(run.history)} whole epochs of {config.epochs}.{advice}")
    if len(run.history) < config.epochs:
        gc.collect()  # TensorFlow's threads, left to the process's end, can keep it from ending
    return as_table(run.history)


def _check_input(model: keras.Model, train: Split, validation: Split) -> None:
    if not len(train) or not len(validation):
        raise ValueError(
            f"{counted(len(train), 'image')} to learn from and {len(validation)} to be evaluated "
            "on: each has to be 1 or more."
        )
    if logits_model(model) is not model:
        raise ValueError(
            f"The network '{model.name}' ends in a softmax, and the loss has one of its own. End "
            "it in layers.Dense(7), without an activation."
        )


def _compile(
    model: keras.Model,
    config: TrainingConfig,
    schedule: keras.optimizers.schedules.LearningRateSchedule,
) -> None:
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=config.weight_decay,
        use_ema=config.ema_decay > 0,
        ema_momentum=config.ema_decay,
    )
    optimizer.build(model.trainable_variables)  # so that a run that goes on finds its variables
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=config.label_smoothing
    )
    model.compile(optimizer, loss, metrics=["accuracy"])


def _describe(
    model: keras.Model, config: TrainingConfig, steps: int, train: Split, validation: Split
) -> dict[str, Any]:
    """Return what makes a run another one."""
    images = {"train_digest": train.digest(), "validation_digest": validation.digest()}
    return {"model": model.name, **asdict(config), "steps_per_epoch": steps, **images}


def _prepare(model: keras.Model, validation: Split) -> tuple[NDArray[Any], NDArray[Any]]:
    targets = keras.utils.to_categorical(validation.labels, len(EMOTIONS))
    prepared = preprocess(validation.images), targets
    # The first batch builds the metrics. Built in a training step, they have it traced twice.
    model.evaluate(*prepared, batch_size=VALIDATION_BATCH_SIZE, steps=1, verbose=0)
    return prepared


def _callbacks(
    run: Run,
    config: TrainingConfig,
    schedule: keras.optimizers.schedules.LearningRateSchedule,
    steps: int,
) -> list[keras.callbacks.Callback]:
    # The best is saved before the averages are taken out again, at the end of an evaluation.
    callbacks: list[keras.callbacks.Callback] = [SaveBest(run), SaveEpoch(run, schedule)]
    if config.ema_decay:
        callbacks.append(keras.callbacks.SwapEMAWeights())
    if keras.backend.backend() == "torch":
        callbacks.append(SeedEachStep(config.seed, steps))
    return callbacks


def _class_weights(labels: NDArray[np.integer]) -> dict[int, float]:
    present = np.unique(labels)
    weights = compute_class_weight("balanced", classes=present, y=labels)
    return dict(zip(present.tolist(), weights.tolist(), strict=True))
