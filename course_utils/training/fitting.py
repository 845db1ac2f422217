"""Fit a network: batches, learning-rate schedule, checkpoints, and going on after a stop.

A run is a folder: `run.json` (what was asked for, and how it went), `best.keras` (the epoch that
read the validation images best) and `last.npz` (everything needed to go on). Without a notebook:
`python -m course_utils.training --help`.
"""

import gc
import json
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, train_test_split
from sklearn.utils.class_weight import compute_class_weight

from course_utils.classifier import (
    WEIGHTS_FOLDER,
    Classifier,
    load_classifier,
    load_pretrained,
)
from course_utils.dataset.duplicates import near_duplicate_groups
from course_utils.emotions import EMOTIONS
from course_utils.files import reading, remove_unfinished, replace_file, runs_folder
from course_utils.preprocessing import build_augmentation, preprocess
from course_utils.split import Split

JUDGED_AT_ONCE = 256  # validation images in a batch
FIGURES = ["accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]


class Batches(keras.utils.PyDataset):
    """Training images in shuffled batches, augmented where asked for.

    Each batch depends on the seed and the step alone, so that a run can go on where it stopped.
    """

    def __init__(
        self,
        split: Split,
        total_steps: int,
        batch_size: int,
        augmentation: keras.Model | None,
        seed: int,
        first_step: int = 0,
        mixup: float = 0.0,
    ) -> None:
        super().__init__()
        self.images = preprocess(split.images)
        self.labels = keras.utils.to_categorical(split.labels, len(EMOTIONS))
        self.total_steps = total_steps
        self.batch_size = batch_size
        self.augmentation = augmentation
        self.seed = seed
        self.first_step = first_step
        self.mixup = mixup

    def __len__(self) -> int:
        return self.total_steps - self.first_step

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return float32 (batch, 48, 48, 1) and float32 (batch, 7): one-hot, unless mixed."""
        step = self.first_step + index
        chosen = self._choose(step)
        return self._mix(self._augment(self.images[chosen], step), self.labels[chosen], step)

    def _augment(self, images: np.ndarray, step: int) -> np.ndarray:
        if self.augmentation is None:
            return images
        # The only variables are the states of chance, two whole numbers for each kind of change.
        for index, state in enumerate(self.augmentation.variables):
            state.assign(np.array([self.seed + index, step], dtype=np.uint32))
        return keras.ops.convert_to_numpy(self.augmentation(images, training=True))

    def _mix(
        self, images: np.ndarray, labels: np.ndarray, step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        # Each image becomes a blend with another, and so does its label.
        if self.mixup == 0:
            return images, labels
        rng = np.random.default_rng([self.seed, step, 1])
        share = np.float32(rng.beta(self.mixup, self.mixup))
        partner = rng.permutation(len(images))
        return (
            share * images + (1 - share) * images[partner],
            share * labels + (1 - share) * labels[partner],
        )

    def _choose(self, step: int) -> np.ndarray:
        # Each pass over the images has an order of its own; the last, short batch is left out.
        batches = max(len(self.images) // self.batch_size, 1)
        whole_passes, position = divmod(step, batches)
        order = np.random.default_rng([self.seed, whole_passes]).permutation(len(self.images))
        return order[position * self.batch_size : (position + 1) * self.batch_size]


def fit(
    model: keras.Model,
    train: Split,
    validation: Split,
    folder: Path | str | None = None,
    *,
    epochs: int,
    steps_per_epoch: int | None = None,
    batch_size: int = 128,
    learning_rate: float = 2e-3,
    weight_decay: float = 0.02,
    label_smoothing: float = 0.1,
    augment: bool = True,
    mixup: float = 0.0,
    balance_classes: bool = False,
    ema_decay: float = 0.0,
    seed: int = 0,
    verbose: int | str = "auto",
) -> pd.DataFrame:
    """Train a network with AdamW, a short warm-up and a cosine schedule.

    With a folder, each epoch is kept there, and a run that was stopped goes on after its last
    whole epoch when this is called again in the same way.

    Args:
        model: a network from `build_model`; its weights are changed.
        train: what it learns from.
        validation: what each epoch is judged on; the best one is kept as `best.keras`.
        folder: where the run is kept, or None to keep nothing.
        epochs: how many times the validation images are read.
        steps_per_epoch: batches between two of them; None for one pass over `train`.
        batch_size: images in a batch.
        learning_rate: the highest learning rate, reached after the warm-up.
        weight_decay: AdamW's (Loshchilov & Hutter 2019, arXiv 1711.05101).
        label_smoothing: the share of each target that is spread over all classes.
        augment: whether `build_augmentation` changes the training images.
        mixup: blends pairs of images and their labels; the parameter of the blend's beta
            distribution, 0 for none (Zhang et al. 2018, arXiv 1710.09412).
        balance_classes: whether mistakes on rare classes weigh more, so that each class weighs
            the same in the loss.
        ema_decay: how much of the average of the weights stays at each step, 0 for none. The
            averages are judged and kept (Polyak & Juditsky 1992, doi 10.1137/0330046).
        seed: of the order and the augmentation. The weights' own seed is set before building.
        verbose: as in `keras.Model.fit`.

    Returns:
        The history, one row per epoch: loss, accuracy, val_loss, val_accuracy, learning_rate.

    Raises:
        ValueError: there is nothing to do or to learn from, or the folder holds a run that was
            asked for differently or a damaged file.
        ArithmeticError: the loss is no number any more; the epoch before is kept.
    """
    if min(epochs, batch_size, len(train), len(validation)) < 1:
        raise ValueError(
            f"{epochs} epochs of {len(train)} images in batches of {batch_size}, judged on "
            f"{len(validation)}: each of these has to be 1 or more."
        )
    steps = steps_per_epoch or max(len(train) // batch_size, 1)
    total_steps = epochs * steps
    schedule = build_schedule(learning_rate, total_steps)
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=weight_decay,
        use_ema=ema_decay > 0,
        ema_momentum=ema_decay,
    )
    optimizer.build(model.trainable_variables)  # so that a run that goes on finds its variables
    model.compile(
        optimizer,
        keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing),
        metrics=["accuracy"],
    )
    augmentation = build_augmentation(seed) if augment else None
    asked = {
        "model": model.name,
        "epochs": epochs,
        "steps_per_epoch": steps,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "label_smoothing": label_smoothing,
        "augment": augment,
        "mixup": mixup,
        "balance_classes": balance_classes,
        "ema_decay": ema_decay,
        "seed": seed,
        "train_digest": train.digest(),
        "validation_digest": validation.digest(),
    }
    run = Run(None if folder is None else Path(folder), asked, [model, optimizer])
    history = run.resume()
    if len(history) == epochs:
        if ema_decay:  # the weights themselves were kept, so that training could go on
            optimizer.finalize_variable_values(model.trainable_variables)
        print(f"The run '{run.name}' is complete: nothing is left to train.")
        return as_table(history)
    if history:
        print(f"The run '{run.name}' goes on after epoch {len(history)} of {epochs}.")
    first_step = len(history) * steps
    batches = Batches(train, total_steps, batch_size, augmentation, seed, first_step, mixup)
    targets = keras.utils.to_categorical(validation.labels, len(EMOTIONS))
    judged = (preprocess(validation.images), targets)
    # The first batch builds the metrics. Built in a training step, they have it traced twice.
    model.evaluate(*judged, batch_size=JUDGED_AT_ONCE, steps=1, verbose=0)

    def keep(epoch: int, logs: dict[str, float]) -> None:
        figures = {name: float(value) for name, value in logs.items()}
        check_loss(epoch + 1, figures["loss"])
        history.append({**figures, "learning_rate": float(schedule((epoch + 1) * steps))})
        run.keep(history)

    callbacks = [
        # Before the averages are taken out again, at the end of a test.
        keras.callbacks.LambdaCallback(on_test_end=lambda logs: run.keep_best(model, logs)),
        keras.callbacks.LambdaCallback(on_epoch_end=keep),
    ]
    if ema_decay:
        callbacks.append(keras.callbacks.SwapEMAWeights())
    if keras.backend.backend() == "torch":
        callbacks.append(_SeedEachStep(seed, steps))
    try:
        model.fit(
            batches,
            validation_data=judged,
            validation_batch_size=JUDGED_AT_ONCE,
            epochs=epochs,
            steps_per_epoch=steps,
            initial_epoch=len(history),
            shuffle=False,  # the batches are in their order already
            class_weight=_class_weights(train.labels) if balance_classes else None,
            callbacks=callbacks,
            verbose=verbose,
        )
    except KeyboardInterrupt:
        advice = " Run this again to go on." if folder else ""
        print(f"Stopped after {len(history)} whole epochs of {epochs}.{advice}")
    if len(history) < epochs:
        gc.collect()  # TensorFlow's threads, left to the process's end, can keep it from ending
    return as_table(history)


class _SeedEachStep(keras.callbacks.Callback):
    """Lets dropout depend on the step alone: PyTorch draws from a chance that no variable holds."""

    def __init__(self, seed: int, steps_per_epoch: int) -> None:
        super().__init__()
        self.seed = seed
        self.steps_per_epoch = steps_per_epoch
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        keras.utils.set_random_seed(self.seed + self.epoch * self.steps_per_epoch + batch)


def check_loss(epoch: int, loss: float) -> None:
    """Raise ArithmeticError where the loss of an epoch, counted from 1, is no finite number."""
    if not np.isfinite(loss):
        raise ArithmeticError(
            f"The loss of epoch {epoch} is {loss}: the steps are too large. Nothing of this epoch "
            "is kept. Try a lower learning rate."
        )


def _class_weights(labels: np.ndarray) -> dict[int, float]:
    present = np.unique(labels)
    weights = compute_class_weight("balanced", classes=present, y=labels)
    return dict(zip(present.tolist(), weights.tolist(), strict=True))


def build_schedule(
    learning_rate: float, total_steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a warm-up over the first tenth of the steps, then half a cosine down to zero.

    Source: Loshchilov & Hutter 2017, arXiv 1608.03983, without restarts.
    """
    warmup_steps = max(total_steps // 10, 1)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 10,
        decay_steps=max(total_steps - warmup_steps, 1),
        warmup_target=learning_rate,
        warmup_steps=warmup_steps,
    )


def as_table(history: list[dict[str, float]]) -> pd.DataFrame:
    """Return the history of a run as a table whose index is the epoch, from 1."""
    table = pd.DataFrame(history) if history else pd.DataFrame(columns=FIGURES, dtype=float)
    table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
    return table


class Run:
    """The folder of one training run. Without a folder it keeps nothing."""

    def __init__(self, folder: Path | None, asked: dict[str, Any], parts: list[Any]) -> None:
        self.folder = folder
        self.asked = asked
        self.parts = parts
        self.best_accuracy = -1.0

    @property
    def name(self) -> str:
        """The folder's own name, or nothing."""
        return self.folder.name if self.folder is not None else ""

    def resume(self) -> list[dict[str, float]]:
        """Bring everything to the state after the last whole epoch; return the history so far.

        Raises:
            ValueError: the folder holds a run that was asked for differently, or a damaged file.
        """
        if self.folder is None or not (self.folder / "run.json").is_file():
            return []
        with reading(self.folder / "run.json"):
            kept = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            history: list[dict[str, float]] = kept["history"]
        refuse_another_run(self.folder, kept["asked"], self.asked)
        remove_unfinished(self.folder)
        if not (self.folder / "last.npz").is_file():
            return []  # stopped before the first epoch was whole
        epochs = self._load_state(self.folder / "last.npz")
        self.best_accuracy = max(epoch["val_accuracy"] for epoch in history[:epochs])
        return history[:epochs]

    def _load_state(self, path: Path) -> int:
        variables = self._variables()
        with reading(path):
            with np.load(path, allow_pickle=False) as arrays:
                epochs = int(arrays["epochs"])
                values = [arrays[f"variable_{index}"] for index in range(len(variables))]
            if [value.shape for value in values] != [tuple(v.shape) for v in variables]:
                raise ValueError("the shapes of its weights are others")
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return epochs

    def keep_best(self, model: keras.Model, logs: dict[str, float]) -> None:
        """Keep a network that read the validation images better than those before it."""
        if logs["accuracy"] <= self.best_accuracy:
            return
        self.best_accuracy = logs["accuracy"]
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            replace_file(self.folder / "best.keras", model.save)

    def keep(self, history: list[dict[str, float]]) -> None:
        """Write the state after an epoch; a stop at any moment leaves the last whole one."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # The history first: a state is never kept without the line that belongs to it.
        run = {"asked": self.asked, "versions": _versions(), "history": history}
        text = json.dumps(run, indent=1)
        replace_file(self.folder / "run.json", lambda path: path.write_text(text, encoding="utf-8"))
        replace_file(self.folder / "last.npz", lambda path: self._save_state(path, len(history)))

    def _variables(self) -> list[Any]:
        # TensorFlow's dropout has its seed in a variable too, so that chance goes on as well.
        return [variable for part in self.parts for variable in part.variables]

    def _save_state(self, path: Path, epochs: int) -> None:
        arrays = {
            f"variable_{index}": keras.ops.convert_to_numpy(variable.value)
            for index, variable in enumerate(self._variables())
        }
        with path.open("wb") as file:
            np.savez(file, epochs=np.array(epochs), **arrays)


def refuse_another_run(folder: Path, kept: dict[str, Any], asked: dict[str, Any]) -> None:
    """Compare what a folder's run was asked for with what is asked now.

    Raises:
        ValueError: they differ; the message names each difference.
    """
    described = ", ".join(
        f"{name} is {kept.get(name)} there and {asked.get(name)} here"
        for name in dict.fromkeys([*asked, *kept])
        if kept.get(name) != asked.get(name)
    )
    if described:
        raise ValueError(
            f"{folder} holds another run ({described}). Nothing was changed. Choose another "
            "folder, or delete that one."
        )


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "keras": keras.__version__}
    return versions | {"backend": keras.backend.backend(), "numpy": np.__version__}


def move_to_training(train: Split, validation: Split, kept: int) -> tuple[Split, Split]:
    """Give all but `kept` validation images to training; those that stay are stratified and fixed.

    For a last run, when nothing is left to choose but the temperature.

    Raises:
        ValueError: there would not be an image of each class on both sides.
    """
    if not len(EMOTIONS) <= kept <= len(validation) - len(EMOTIONS):
        raise ValueError(
            f"{kept} of {len(validation)} validation images cannot be kept: each of the "
            f"{len(EMOTIONS)} classes has to stay and to go."
        )
    given, staying = train_test_split(
        np.arange(len(validation)), test_size=kept, stratify=validation.labels, random_state=0
    )
    more = validation.take(np.sort(given))
    joined = Split(
        np.concatenate([train.images, more.images]),
        np.concatenate([train.labels, more.labels]),
        pd.concat([train.table, more.table], ignore_index=True),
    )
    return joined, validation.take(np.sort(staying))


def assign_folds(split: Split, folds: int) -> np.ndarray:
    """Divide a split into stratified, fixed folds; near-duplicates fall into the same one.

    Another version of scikit-learn may divide otherwise.

    Args:
        split: the images.
        folds: how many, at least 2.

    Returns:
        int64 (n,): the fold of each image, from 0.
    """
    numbers = np.zeros(len(split), dtype=np.int64)
    chooser = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    groups = near_duplicate_groups(split.images)
    for fold, (_, chosen) in enumerate(chooser.split(split.images, split.labels, groups)):
        numbers[chosen] = fold
    return numbers


def load_trained(source: str) -> Classifier:
    """Load the network that lesson 04 trained on this source, else the weights that ship.

    It prints which of the two it is.

    Args:
        source: "drawn_faces" or "photographs", as in `Dataset.source`.

    Raises:
        FileNotFoundError: neither is there.
    """
    path = lesson_folder(source) / "best.keras"
    if path.is_file():
        classifier = load_classifier(path)
        print("The network that lesson 04 trained here.")
        return classifier
    classifier = load_pretrained(source)
    print("The weights that ship with the course: lesson 04 has not been run on these images here.")
    return classifier


def recorded_run(name: str = "photographs") -> pd.DataFrame:
    """Return the history of the run that made the weights that ship.

    Returns:
        One row per epoch, from 1: `loss` and `accuracy` on augmented training images, and
        `val_accuracy`, NaN in epochs that were not judged.
    """
    path = WEIGHTS_FOLDER / f"compact_{name}_run.json"
    return as_table(json.loads(path.read_text(encoding="utf-8"))["history"])


def lesson_folder(source: str) -> Path:
    """Return the folder where lesson 04 keeps its run on this source."""
    return runs_folder() / f"lesson_04_{source}"
