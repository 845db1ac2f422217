"""Train each design with the same seeds, and print accuracy against cost as Markdown.

Each run is kept as a line of a file: stopped and called again, it goes on with what is missing.
Only a line of the same recipe, seed and training images counts as that run.
How fast each design trains is measured by `research/benchmark_designs.py`, on a quiet computer.

Usage: COURSE_DATA=... KERAS_BACKEND=torch python -m research.compare_designs runs/designs.jsonl
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import torch

from course_utils.dataset.loading import load_dataset
from course_utils.models import count_cost
from course_utils.split import Split
from research.designs import DESIGNS, build_design
from research.long_training import Recipe, Trainer, build_targets


def train_one(design: str, recipe: Recipe, train: Split) -> Trainer:
    """Train one design once."""
    keras.utils.set_random_seed(recipe.seed)
    model = build_design(design)
    trainer = Trainer(recipe, model)
    images = torch.from_numpy(train.images[:, np.newaxis].astype(np.float32) / 255)
    targets = build_targets(train, recipe)
    for epoch in range(recipe.epochs):
        trainer.train_epoch(epoch, images, targets)
    return trainer


def cost(design: str) -> dict[str, int]:
    """Return how many parameters and multiply-adds a design has."""
    model = build_design(design)
    multiply_adds = int(count_cost(model)["multiply_adds"].sum())
    return {"parameters": model.count_params(), "multiply_adds": multiply_adds}


def add_settings(parser: argparse.ArgumentParser, epochs: int) -> None:
    """Add what a comparison can be asked for, so that it fits the time at hand."""
    parser.add_argument("results", type=Path, help="a file of one line for each run")
    parser.add_argument("--epochs", type=int, default=epochs, help=f"of each run ({epochs})")
    parser.add_argument("--seeds", type=int, default=2, help="runs of each (2)")
    parser.add_argument("--images", type=int, help="to train on, drawn at random (all)")
    parser.add_argument("--pixels", type=int, help="height and width (32, later 40, then 48)")


def recipe_and_images(arguments: argparse.Namespace) -> tuple[Recipe, Split, Split]:
    """Return the recipe that all runs share, the training images and the validation images."""
    data = load_dataset()
    recipe = Recipe(epochs=arguments.epochs, ema_decay=0.99)
    if arguments.pixels:
        recipe = replace(recipe, sizes=(arguments.pixels,) * 3)
    chosen = np.random.default_rng(0).permutation(len(data.train))[: arguments.images]
    return recipe, data.train.take(chosen), data.validation


def read_results(path: Path) -> list[dict[str, object]]:
    """Return the whole lines of a file of results, which is made where there is none.

    Prints which lines are not whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    text = path.read_text("utf-8")
    if text and not text.endswith("\n"):
        _append(path, "\n")  # so that the next run does not continue a half-written line
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            print(f"Line {number} of {path} is not whole, so it is left out.")
    return rows


def keep_row(path: Path, row: dict[str, object]) -> None:
    """Add one run to a file of results."""
    _append(path, json.dumps(row) + "\n")


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def settings_of(recipe: Recipe, train: Split) -> dict[str, object]:
    """Return what makes two runs of one network the same, as a line of a file holds it."""
    settings = {"seed": recipe.seed, "recipe": asdict(recipe)}
    settings |= {"images": len(train), "train_digest": train.digest()}
    as_kept: dict[str, object] = json.loads(json.dumps(settings))  # JSON has lists for tuples
    return as_kept


def find_row(kept: list[dict[str, object]], asked: dict[str, object]) -> dict[str, object] | None:
    """Return the row that holds all that is asked for, or None."""
    return next((row for row in kept if asked.items() <= row.items()), None)


def tell_others(path: Path, kept: list[dict[str, object]], rows: list[dict[str, object]]) -> None:
    """Print how many of the kept rows are none of those that were asked for."""
    others = sum(row not in rows for row in kept)
    if others:
        print(
            f"Of {len(kept)} runs found in {path}, {others} did not count: each has to name this "
            "recipe, these images and a seed in use."
        )


def describe(rows: list[dict[str, object]]) -> str:
    """Return one line of Markdown for each design, the most accurate first."""
    table = pd.DataFrame(rows)
    seeds = table.pivot(index="design", columns="seed", values="accuracy")
    kept = table.groupby("design")[["parameters", "multiply_adds"]].max()
    kept["accuracy"] = seeds.mean(axis=1)
    lines = ["| design | parameters | multiply-adds | validation, mean | each seed |"]
    lines.append("|---|---|---|---|---|")
    for design, row in kept.sort_values("accuracy", ascending=False).iterrows():
        each = ", ".join(f"{value:.1%}" for value in seeds.loc[design].dropna())
        lines.append(
            f"| {design} | {row.parameters:,.0f} | {row.multiply_adds / 1e6:.0f} million | "
            f"{row.accuracy:.1%} | {each} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_settings(parser, epochs=5)
    arguments = parser.parse_args()
    recipe, train, validation = recipe_and_images(arguments)
    kept = read_results(arguments.results)
    rows = []
    for seed in range(arguments.seeds):
        seeded = replace(recipe, seed=seed)
        for design in DESIGNS:
            asked = {"design": design, **settings_of(seeded, train)}
            row = find_row(kept, asked)
            if row is None:
                accuracy = train_one(design, seeded, train).judge(validation, 1.0)
                row = {**asked, "accuracy": accuracy, **cost(design)}
                keep_row(arguments.results, row)
                print(f"{design}, seed {seed}: {accuracy:.1%}", flush=True)
            rows.append(row)
    tell_others(arguments.results, kept, rows)
    print(f"{recipe.epochs} epochs of {len(train):,} images, judged on {len(validation):,}")
    print(describe(rows))


if __name__ == "__main__":
    main()
