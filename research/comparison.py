"""What comparisons of training runs share: the same seeds for all, and a file of results.

Each run is a line of the file: stopped and called again, a comparison goes on with what is missing.
Only a line of the same config and training images counts as that run.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from course_utils.split import Split
from research.config import Config
from research.data import load_official_splits
from research.designs import build_network
from research.distillation import build_targets
from research.torch_network import to_tensor
from research.trainer import Trainer

Row = dict[str, Any]


def train(config: Config, images: Split) -> Trainer:
    """Train a network once, and keep nothing on disk."""
    keras.utils.set_random_seed(config.seed)
    trainer = Trainer(config, build_network(config.model))
    inputs, targets = to_tensor(images.images), build_targets(images, config)
    for epoch in range(config.epochs):
        trainer.train_epoch(epoch, inputs, targets)
    return trainer


def add_arguments(parser: argparse.ArgumentParser, epochs: int) -> None:
    """Add the options with which a comparison is made to fit the time at hand."""
    parser.add_argument("results", type=Path, help="a file of one line for each run")
    parser.add_argument("--epochs", type=int, default=epochs, help=f"of each run ({epochs})")
    parser.add_argument("--seeds", type=int, default=2, help="runs of each variant (2)")
    parser.add_argument("--images", type=int, help="to train on, drawn at random (all)")
    parser.add_argument("--pixels", type=int, help="height and width (32, later 40, then 48)")


def run_variants(
    arguments: argparse.Namespace,
    variants: Callable[[Config], dict[str, Config]],
    evaluate: Callable[[Trainer, Split], dict[str, float]],
) -> list[Row]:
    """Train each variant with each seed, where the file of results lacks it.

    Args:
        arguments: what a parser with `add_arguments` has read.
        variants: returns from the first config all that are compared, by name.
        evaluate: returns the figures of a trained network on the validation images.

    Returns:
        One row for each variant and seed: `variant`, `seed`, `config`, `images`, `train_digest` and
        what `evaluate` found.
    """
    training, validation = load_official_splits()
    drawn = np.random.default_rng(0).permutation(len(training))[: arguments.images]
    training = training.take(drawn)
    config = Config(epochs=arguments.epochs, ema_decay=0.99)
    if arguments.pixels:
        config = replace(config, resolutions=(arguments.pixels,) * 3)
    saved = read_results(arguments.results)
    rows = []
    for seed in range(arguments.seeds):
        for variant, changed in variants(replace(config, seed=seed)).items():
            run = describe_run(variant, changed, training)
            row = next((row for row in saved if run.items() <= row.items()), None)
            if row is None:
                row = {**run, **evaluate(train(changed, training), validation)}
                append(arguments.results, json.dumps(row) + "\n")
                print(f"{variant}, seed {seed}: {row['accuracy']:.1%}", flush=True)
            rows.append(row)
    _report_others(arguments.results, saved, rows)
    print(f"{config.epochs} epochs of {len(training):,} images, evaluated on {len(validation):,}")
    return rows


def describe_run(variant: str, config: Config, images: Split) -> Row:
    """Return what makes two runs the same, as a line of the file holds it."""
    run = {"variant": variant, "seed": config.seed, "config": asdict(config)}
    run |= {"images": len(images), "train_digest": images.digest()}
    as_saved: Row = json.loads(json.dumps(run))  # JSON has lists for tuples
    return as_saved


def read_results(path: Path) -> list[Row]:
    """Return the whole lines of a file of results, which is made where there is none.

    Prints which lines are not whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    text = path.read_text("utf-8")
    if text and not text.endswith("\n"):
        append(path, "\n")  # so that the next run does not continue a half-written line
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            print(f"Line {number} of {path} is not whole, so it is left out.")
    return rows


def append(path: Path, text: str) -> None:
    """Add text to the end of a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _report_others(path: Path, saved: list[Row], rows: list[Row]) -> None:
    others = sum(row not in rows for row in saved)
    if others:
        print(
            f"Of {len(saved)} runs found in {path}, {others} did not count: each has to name this "
            "config, these images and a seed in use."
        )
