"""Change one thing of the long training at a time, with the same seeds, and print what each gave.

Each run is kept as a line of a file: stopped and called again, it goes on with what is missing.

With COURSE_DATA and KERAS_BACKEND=torch set:
python tools/compare_recipes.py runs/recipes.jsonl --teacher runs/teacher/average.keras
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
from compare_designs import train_one

from course_utils.dataset import load_dataset
from course_utils.long_training import Recipe


def variants(epochs: int, teacher: str) -> dict[str, Recipe]:
    """Return the recipe, and what differs from it in one thing each."""
    recipe = Recipe(epochs=epochs, averaging=0.99)
    return {
        "the recipe": recipe,
        "without label smoothing": replace(recipe, label_smoothing=0.0),
        "without averaging": replace(recipe, averaging=0.0),
        "without weight decay": replace(recipe, weight_decay=0.0),
        "48 pixels from the start": replace(recipe, sizes=(48, 48, 48)),
        "with a teacher": replace(recipe, teacher=teacher),
        "from the teacher's weights": replace(recipe, teacher=teacher, start=teacher),
    }


def describe(rows: list[dict[str, object]]) -> str:
    """Return Markdown: the mean accuracy of each, and its difference from the recipe by seed."""
    table = pd.DataFrame(rows).pivot(index="variant", columns="seed", values="accuracy")
    lines = ["| | validation, mean | points gained, each seed |", "|---|---|---|"]
    for variant, row in table.iterrows():
        gains = 100 * (row - table.loc["the recipe"])
        each = ", ".join(f"{gain:+.1f}" for gain in gains.dropna())
        lines.append(f"| {variant} | {row.mean():.1%} | {each} |")
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a file of one line for each run")
    parser.add_argument("--teacher", required=True, help="a .keras file, trained on train alone")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    data = load_dataset()
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.touch()
    rows = [json.loads(line) for line in arguments.results.read_text("utf-8").splitlines()]
    for seed in range(arguments.seeds):
        for variant, recipe in variants(arguments.epochs, arguments.teacher).items():
            if any((row["variant"], row["seed"]) == (variant, seed) for row in rows):
                continue
            found = train_one("compact", replace(recipe, seed=seed), data.train, data.validation)
            rows.append({"variant": variant, "recipe": asdict(recipe), **found})
            with arguments.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
            print(f"{variant}, seed {seed}: {found['accuracy']:.1%}", flush=True)
    print(describe(rows))


if __name__ == "__main__":
    main()
