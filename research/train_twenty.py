"""Train one network twenty times, seed by seed, and keep what each epoch reads on two splits.

python -m research.train_twenty     on the images that load_dataset finds; a stopped command goes on
                                    with the runs that are missing
"""

from functools import partial

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from course_utils import EMOTIONS, load_dataset, preprocess
from course_utils.dataset.loading import Dataset
from course_utils.evaluation.recorded import TWENTY_RUNS
from course_utils.files import replace_file
from course_utils.split import Split
from examples.train import augment, build_network

IMAGES, EPOCHS, BATCH_SIZE = 3_000, 15, 64
RUNS = 20
SPLITS = ["validation", "test"]
COLUMNS = {"source": str, "seed": int, "epoch": int} | dict.fromkeys(SPLITS, float)


class EvaluateSplits(keras.callbacks.Callback):
    """Keep the accuracy on each split after each epoch."""

    def __init__(self, splits: dict[str, Split]) -> None:
        super().__init__()
        self.images = {name: preprocess(split.images) for name, split in splits.items()}
        self.labels = {name: split.labels for name, split in splits.items()}
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Evaluate."""
        row: dict[str, float] = {"epoch": epoch + 1}
        for name, images in self.images.items():
            logits = self.model.predict(images, batch_size=250, verbose=0)
            row[name] = round(float((logits.argmax(axis=1) == self.labels[name]).mean()), 5)
        self.rows.append(row)


def train(images: Split, splits: dict[str, Split], seed: int) -> pd.DataFrame:
    """Train once as `examples/train.py` does; return epoch and the accuracy on each split."""
    keras.utils.set_random_seed(seed)
    pairs = tf.data.Dataset.from_tensor_slices((preprocess(images.images), images.labels))
    batches = augment(pairs, BATCH_SIZE)
    steps = EPOCHS * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(3e-4, steps, warmup_target=3e-3, warmup_steps=50)
    network = build_network(len(EMOTIONS))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.AdamW(rate), loss)
    evaluation = EvaluateSplits(splits)
    network.fit(batches, epochs=EPOCHS, shuffle=False, callbacks=[evaluation], verbose=0)
    return pd.DataFrame(evaluation.rows)


def missing_seeds(runs: pd.DataFrame, source: str, count: int) -> list[int]:
    """Return the seeds below `count` of which the table of runs has no row for this source."""
    done = set(runs.loc[runs["source"] == source, "seed"])
    return [seed for seed in range(count) if seed not in done]


def complete(data: Dataset, count: int = RUNS) -> pd.DataFrame:
    """Train what is missing in the file of recorded runs; return all of this source."""
    drawn = np.random.default_rng(0).permutation(len(data.train))[:IMAGES]
    splits = {name: getattr(data, name) for name in SPLITS}
    for seed in missing_seeds(_recorded(), data.source, count):
        run = train(data.train.take(drawn), splits, seed).assign(source=data.source, seed=seed)
        runs = pd.concat([_recorded(), run[list(COLUMNS)]], ignore_index=True)
        replace_file(TWENTY_RUNS, partial(runs.to_csv, index=False, lineterminator="\n"))
        print(f"seed {seed}: {run['test'].iloc[-1]:.1%} on the test", flush=True)
    runs = _recorded()
    return runs[runs["source"] == data.source]


def _recorded() -> pd.DataFrame:
    if not TWENTY_RUNS.is_file():
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    return pd.read_csv(TWENTY_RUNS, dtype=COLUMNS)


def main() -> None:
    """Train what is missing, and print the spread after the last epoch."""
    data = load_dataset()
    runs = complete(data)
    last = runs[runs["epoch"] == EPOCHS]
    print(100 * last[SPLITS].describe().loc[["count", "mean", "std", "min", "max"]])
    print(f"{IMAGES:,} training images; {len(data.validation):,} and {len(data.test):,} evaluated")


if __name__ == "__main__":
    main()
