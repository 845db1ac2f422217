"""Train each design with the same seeds, and print accuracy against cost as Markdown.

Each run is kept as a line of a file: stopped and called again, it goes on with what is missing.

Usage: COURSE_DATA=... KERAS_BACKEND=torch python tools/compare_designs.py runs/designs.jsonl
"""

import argparse
import json
import platform
import time
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import torch
from designs import DESIGNS, build_design

from course_utils.classifier import load_classifier
from course_utils.dataset import load_dataset
from course_utils.long_training import Recipe, Trainer, build_targets
from course_utils.models import count_cost
from course_utils.split import Split


def train_one(design: str, recipe: Recipe, train: Split, validation: Split) -> dict[str, object]:
    """Train one design once; return its validation accuracy and what it costs."""
    keras.utils.set_random_seed(recipe.seed)
    model = build_design(design)
    if recipe.start:
        model.set_weights(load_classifier(Path(recipe.start)).model.get_weights())
    trainer = Trainer(recipe, model)
    images = torch.from_numpy(train.images[:, np.newaxis].astype(np.float32) / 255)
    targets = build_targets(train, recipe)
    for epoch in range(recipe.epochs):
        start = time.perf_counter()
        trainer.train_epoch(epoch, images, targets)
        seconds = time.perf_counter() - start  # the last epoch's: images are largest then
    return {
        "design": design,
        "seed": recipe.seed,
        "parameters": model.count_params(),
        "multiply_adds": int(count_cost(model)["multiply_adds"].sum()),
        "images_per_second": round(len(train) / seconds),
        "accuracy": trainer.judge(validation, 1.0),
    }


def describe(rows: list[dict[str, object]]) -> str:
    """Return one line of Markdown for each design, the most accurate first."""
    table = pd.DataFrame(rows)
    seeds = table.pivot(index="design", columns="seed", values="accuracy")
    kept = table.groupby("design")[["parameters", "multiply_adds", "images_per_second"]].max()
    kept["accuracy"] = seeds.mean(axis=1)
    lines = [
        "| design | parameters | multiply-adds | images a second | validation, mean | each seed |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for design, row in kept.sort_values("accuracy", ascending=False).iterrows():
        each = ", ".join(f"{value:.1%}" for value in seeds.loc[design].dropna())
        lines.append(
            f"| {design} | {row.parameters:,.0f} | {row.multiply_adds / 1e6:.0f} million | "
            f"{row.images_per_second:.0f} | {row.accuracy:.1%} | {each} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a file of one line for each run")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    data = load_dataset()
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.touch()
    rows = [json.loads(line) for line in arguments.results.read_text("utf-8").splitlines()]
    for seed in range(arguments.seeds):
        for design in DESIGNS:
            if any((row["design"], row["seed"]) == (design, seed) for row in rows):
                continue
            recipe = Recipe(epochs=arguments.epochs, averaging=0.99, seed=seed)
            rows.append(train_one(design, recipe, data.train, data.validation))
            with arguments.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
            print(rows[-1], flush=True)
    print(f"{arguments.epochs} epochs, {len(data.train):,} images, {platform.processor()}")
    print(describe(rows))


if __name__ == "__main__":
    main()
