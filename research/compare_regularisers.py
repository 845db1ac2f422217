"""Train lesson 04's network on few images, with one regulariser at a time, and keep the curves.

python -m research.compare_regularisers     on the images that load_dataset finds; a stopped
                                            comparison goes on with the runs that are missing
"""

import argparse
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers
from scipy import stats

from course_utils import EMOTIONS, load_dataset, preprocess
from course_utils.files import replace_file
from course_utils.split import Split
from course_utils.training.history import REGULARISERS_FILE
from examples.train import augment, build_network

IMAGES, EVALUATED = 600, 1500
EPOCHS, BATCH_SIZE, PEAK = 40, 32, 3e-3
EVALUATED_EVERY = 2  # epochs
COLUMNS = {"seed": int, "epoch": int, "accuracy": float, "val_accuracy": float}
SEEDS = 5


@dataclass(frozen=True)
class Regulariser:
    """What is done against over-fitting, in the arguments that Keras has for it."""

    augmentation: bool = False
    dropout: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0


NONE = "none"
REGULARISERS = {
    NONE: Regulariser(),
    "augmentation": Regulariser(augmentation=True),
    "augmentation and dropout": Regulariser(augmentation=True, dropout=0.5),
    "dropout": Regulariser(dropout=0.5),
    "weight decay": Regulariser(weight_decay=0.3),
    "label smoothing": Regulariser(label_smoothing=0.1),
}


def train(regulariser: Regulariser, images: Split, validation: Split, seed: int) -> pd.DataFrame:
    """Train once; return epoch, accuracy and val_accuracy of the epochs that were evaluated."""
    keras.utils.set_random_seed(seed)
    dataset = tf.data.Dataset.from_tensor_slices(_arrays(images))
    if regulariser.augmentation:
        batches = augment(dataset, BATCH_SIZE)
    else:
        batches = dataset.shuffle(len(images)).batch(BATCH_SIZE)
    network = build_network(len(EMOTIONS))
    if regulariser.dropout:
        *body, last = network.layers
        network = keras.Sequential([*body, layers.Dropout(regulariser.dropout), last])
    network.compile(
        keras.optimizers.AdamW(_schedule(len(batches)), weight_decay=regulariser.weight_decay),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=regulariser.label_smoothing
        ),
        metrics=["accuracy"],
    )
    history = network.fit(
        batches,
        validation_data=tf.data.Dataset.from_tensor_slices(_arrays(validation)).batch(250),
        validation_freq=EVALUATED_EVERY,
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
    ).history
    evaluated = np.arange(EVALUATED_EVERY, EPOCHS + 1, EVALUATED_EVERY)
    accuracy = np.asarray(history["accuracy"])[evaluated - 1]
    columns = {"epoch": evaluated, "accuracy": accuracy, "val_accuracy": history["val_accuracy"]}
    return pd.DataFrame(columns).round(4)


def _arrays(split: Split) -> tuple[np.ndarray, np.ndarray]:
    return preprocess(split.images), keras.utils.to_categorical(split.labels, len(EMOTIONS))


def _schedule(steps_per_epoch: int) -> keras.optimizers.schedules.CosineDecay:
    steps = EPOCHS * steps_per_epoch
    warmup = steps // 10
    return keras.optimizers.schedules.CosineDecay(
        PEAK / 10, steps - warmup, warmup_target=PEAK, warmup_steps=warmup
    )


def gains(runs: pd.DataFrame) -> pd.DataFrame:
    """Compare each regulariser with none, seed by seed, after the last epoch.

    Args:
        runs: one row per run and evaluated epoch: `regulariser`, `seed`, `epoch`, `accuracy`,
            `val_accuracy`.

    Returns:
        One row per regulariser, in percent and points: `training`, `validation`, `gain` over none,
        and `interval`, the half width of the gain's 95 % interval by Student's t over the seeds.
    """
    last = runs[runs["epoch"] == runs["epoch"].max()]
    by_seed = last.pivot(index="seed", columns="regulariser", values="val_accuracy")
    difference = by_seed.sub(by_seed[NONE], axis=0)
    t = stats.t.ppf(0.975, len(by_seed) - 1)
    table = pd.DataFrame(
        {
            "training": last.groupby("regulariser")["accuracy"].mean(),
            "validation": by_seed.mean(),
            "gain": difference.mean(),
            "interval": t * difference.sem(),
        }
    )
    return (100 * table).loc[list(dict.fromkeys(runs["regulariser"]))].round(1)


def main() -> None:
    """Train what is missing in the file of recorded runs, then print the gains."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"runs of each ({SEEDS})")
    seeds = parser.parse_args().seeds
    data = load_dataset()
    rng = np.random.default_rng(0)
    images = data.train.take(rng.permutation(len(data.train))[:IMAGES])
    validation = data.validation.take(rng.permutation(len(data.validation))[:EVALUATED])
    runs = pd.read_csv(REGULARISERS_FILE, dtype=COLUMNS)
    for seed in range(seeds):
        for name, regulariser in REGULARISERS.items():
            key = {"source": data.source, "regulariser": name, "seed": seed}
            if (runs[list(key)] == pd.Series(key)).all(axis=1).any():
                continue
            run = train(regulariser, images, validation, seed).assign(**key)
            runs = pd.concat([runs, run[list(runs.columns)]], ignore_index=True)
            replace_file(REGULARISERS_FILE, partial(runs.to_csv, index=False))
            print(f"{name}, seed {seed}: {run['val_accuracy'].iloc[-1]:.1%}", flush=True)
    print(gains(runs[runs["source"] == data.source]).to_string())
    majority = np.bincount(validation.labels).max() / len(validation)
    print(
        f"{len(images)} images, {len(validation):,} evaluated; the majority class: {majority:.1%}"
    )


if __name__ == "__main__":
    main()
