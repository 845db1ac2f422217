"""Change one thing of the long training at a time, with the same seeds, and print what each gave.

Each run is kept as a line of a file: stopped and called again, it goes on with what is missing.
Only a line of the same recipe, seed and training images counts as that run.
All are judged on the validation images twice: by their labels, and by what most of FER+'s voters
answered (Barsoum et al. 2016, arXiv 1608.01041).

With COURSE_DATA and KERAS_BACKEND=torch set:
python -m research.compare_recipes runs/recipes.jsonl --teacher runs/quick/average.keras \
    --votes fer2013new.csv
"""

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd

from course_utils.dataset.ferplus import load_ferplus
from course_utils.emotions import EMOTIONS
from course_utils.split import Split
from research.compare_designs import (
    add_settings,
    find_row,
    keep_row,
    read_results,
    recipe_and_images,
    settings_of,
    tell_others,
    train_one,
)
from research.long_training import Recipe, Trainer

BASE = "the recipe"
MIRRORED = "the mirror image averaged in"


def variants(recipe: Recipe, teacher: str, votes: str) -> dict[str, Recipe]:
    """Return the recipe, and what differs from it in one thing each."""
    taught = replace(recipe, teachers=(teacher,))
    return {
        BASE: recipe,
        "without label smoothing": replace(recipe, label_smoothing=0.0),
        "without averaged weights": replace(recipe, ema_decay=0.0),
        "a teacher that reads each image once": taught,
        "a teacher of the same view": replace(taught, same_view=True),
        "sharpness-aware, 0.05": replace(recipe, sharpness=0.05),
        "FER+'s votes as targets": replace(recipe, votes=votes),
    }


def majority(split: Split, path: str) -> Split:
    """Return the images on which one of the seven classes has most of FER+'s votes, so labelled."""
    votes = load_ferplus(path, split.table)
    is_clear = (votes.max(axis=1) * 2 > votes.sum(axis=1)) & votes.idxmax(axis=1).isin(EMOTIONS)
    chosen = split.take(is_clear.to_numpy())
    labels = votes.loc[is_clear, list(EMOTIONS)].to_numpy().argmax(axis=1)
    return Split(chosen.images, labels.astype(np.int64), chosen.table)


def judge(trainer: Trainer, validation: Split, voted: Split) -> dict[str, float]:
    """Return the accuracies by label, by votes, and by label with the mirror image averaged in."""
    straight = trainer.predict_proba(validation.images, 1.0)
    mirrored = trainer.predict_proba(validation.images[:, :, ::-1], 1.0)
    return {
        "accuracy": float((straight.argmax(axis=1) == validation.labels).mean()),
        "mirrored": float(((straight + mirrored).argmax(axis=1) == validation.labels).mean()),
        "by_votes": trainer.judge(voted, 1.0),
    }


def describe(rows: list[dict[str, object]]) -> str:
    """Return Markdown: the mean accuracies of each, and what each seed gained by its change."""
    table = pd.DataFrame(rows)
    mirrored = table[table["variant"] == BASE]
    mirrored = mirrored.assign(variant=MIRRORED, accuracy=mirrored["mirrored"], by_votes=np.nan)
    table = pd.concat([table, mirrored])
    by_seed = table.pivot(index="variant", columns="seed", values="accuracy")
    means = table.groupby("variant", sort=False)[["accuracy", "by_votes"]].mean()
    lines = ["| | by labels | points gained, each seed | by votes |", "|---|---|---|---|"]
    for variant, mean in means.iterrows():
        gains = 100 * (by_seed.loc[variant] - by_seed.loc[BASE])
        each = "" if variant == BASE else ", ".join(f"{gain:+.1f}" for gain in gains.dropna())
        votes = "" if np.isnan(mean.by_votes) else f"{mean.by_votes:.1%}"
        lines.append(f"| {variant} | {mean.accuracy:.1%} | {each} | {votes} |")
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_settings(parser, epochs=6)
    parser.add_argument("--teacher", required=True, help="a .keras file, trained on train alone")
    parser.add_argument("--votes", required=True, help="FER+'s fer2013new.csv")
    arguments = parser.parse_args()
    recipe, train, validation = recipe_and_images(arguments)
    voted = majority(validation, arguments.votes)
    kept = read_results(arguments.results)
    rows = []
    for seed in range(arguments.seeds):
        seeded = replace(recipe, seed=seed)
        for variant, changed in variants(seeded, arguments.teacher, arguments.votes).items():
            asked = {"variant": variant, **settings_of(changed, train)}
            row = find_row(kept, asked)
            if row is None:
                found = judge(train_one("compact", changed, train), validation, voted)
                row = {**asked, **found}
                keep_row(arguments.results, row)
                print(f"{variant}, seed {seed}: {found['accuracy']:.1%}", flush=True)
            rows.append(row)
    tell_others(arguments.results, kept, rows)
    print(
        f"{recipe.epochs} epochs of {len(train):,} images, judged on {len(validation):,} by their"
    )
    print(f"labels, on {len(voted):,} by FER+'s votes")
    print(describe(rows))


if __name__ == "__main__":
    main()
