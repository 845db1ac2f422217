"""Change one setting of the long training at a time, with the same seeds, and print the gains.

With COURSE_DATA and KERAS_BACKEND=torch set:
python -m research.compare_configs runs/configs.jsonl --teacher runs/quick/average.keras
"""

import argparse
from dataclasses import replace
from functools import partial

import pandas as pd

from course_utils.split import Split
from research.comparison import Row, add_arguments, run_variants
from research.config import Config
from research.trainer import Trainer

BASE = "the config"
MIRRORED = "the mirror image averaged in"


def variants(config: Config, teacher: str) -> dict[str, Config]:
    """Return the config, and what differs from it in one thing each."""
    distilled = replace(config, teachers=(teacher,))
    return {
        BASE: config,
        "without label smoothing": replace(config, label_smoothing=0.0),
        "without averaged weights": replace(config, ema_decay=0.0),
        "a teacher that reads each image once": distilled,
        "a teacher of the same view": replace(distilled, same_view=True),
    }


def evaluate(trainer: Trainer, validation: Split) -> dict[str, float]:
    """Return the accuracy, without and with the mirror image averaged in."""
    straight = trainer.predict_proba(validation.images, 1.0)
    mirrored = trainer.predict_proba(validation.images[:, :, ::-1], 1.0)
    return {
        "accuracy": float((straight.argmax(axis=1) == validation.labels).mean()),
        "mirrored": float(((straight + mirrored).argmax(axis=1) == validation.labels).mean()),
    }


def describe(rows: list[Row]) -> str:
    """Return Markdown: the mean accuracy of each variant, and what each seed gained by it."""
    table = pd.DataFrame(rows)
    mirrored = table[table["variant"] == BASE]
    table = pd.concat([table, mirrored.assign(variant=MIRRORED, accuracy=mirrored["mirrored"])])
    by_seed = table.pivot(index="variant", columns="seed", values="accuracy")
    means = table.groupby("variant", sort=False)["accuracy"].mean()
    lines = ["| | accuracy | points gained, each seed |", "|---|---|---|"]
    for variant, mean in means.items():
        gains = 100 * (by_seed.loc[variant] - by_seed.loc[BASE])
        each = "" if variant == BASE else ", ".join(f"{gain:+.1f}" for gain in gains.dropna())
        lines.append(f"| {variant} | {mean:.1%} | {each} |")
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_arguments(parser, epochs=6)
    parser.add_argument("--teacher", required=True, help="a .keras file, trained on Training alone")
    arguments = parser.parse_args()
    rows = run_variants(arguments, partial(variants, teacher=arguments.teacher), evaluate)
    print(describe(rows))


if __name__ == "__main__":
    main()
