"""Change one thing of the long training at a time, with the same seeds, and print what each gave.

Each run is kept as a line of a file: stopped and called again, it goes on with what is missing.

With COURSE_DATA and KERAS_BACKEND=torch set:
python tools/compare_recipes.py runs/recipes.jsonl --teacher runs/teacher/average.keras
"""

import argparse
import json
from dataclasses import asdict, replace

import pandas as pd
from compare_designs import add_settings, read_results, recipe_and_images, train_one

from course_utils.long_training import Recipe


def variants(recipe: Recipe, teacher: str) -> dict[str, Recipe]:
    """Return the recipe, and what differs from it in one thing each."""
    return {
        "the recipe": recipe,
        "without label smoothing": replace(recipe, label_smoothing=0.0),
        "without averaging": replace(recipe, averaging=0.0),
        "without weight decay": replace(recipe, weight_decay=0.0),
        "48 pixels from the start": replace(recipe, sizes=(48, 48, 48)),
        "with a teacher": replace(recipe, teachers=(teacher,)),
        "from the teacher's weights": replace(recipe, teachers=(teacher,), start=teacher),
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
    add_settings(parser, epochs=6)
    parser.add_argument("--teacher", required=True, help="a .keras file, trained on train alone")
    arguments = parser.parse_args()
    recipe, train, validation = recipe_and_images(arguments)
    rows = read_results(arguments.results)
    for seed in range(arguments.seeds):
        for variant, changed in variants(recipe, arguments.teacher).items():
            if any((row["variant"], row["seed"]) == (variant, seed) for row in rows):
                continue
            found = train_one("compact", replace(changed, seed=seed), train, validation)
            rows.append({"variant": variant, "recipe": asdict(changed), **found})
            with arguments.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
            print(f"{variant}, seed {seed}: {found['accuracy']:.1%}", flush=True)
    print(f"{recipe.epochs} epochs of {len(train):,} images, judged on {len(validation):,}")
    print(describe(rows))


if __name__ == "__main__":
    main()
