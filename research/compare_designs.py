"""Train each design with the same seeds, and print accuracy against cost as Markdown.

How fast each design trains is measured by `research/benchmark_designs.py`, on a quiet computer.

Usage: COURSE_DATA=... KERAS_BACKEND=torch python -m research.compare_designs runs/designs.jsonl
"""

import argparse
from dataclasses import replace

import pandas as pd

from course_utils.models import count_cost
from course_utils.split import Split
from research.comparison import Row, add_arguments, run_variants
from research.config import Config
from research.designs import DESIGNS, build_network
from research.trainer import Trainer


def variants(config: Config) -> dict[str, Config]:
    """Return a config for each design, alike in all else."""
    return {design: replace(config, model=design) for design in DESIGNS}


def evaluate(trainer: Trainer, validation: Split) -> dict[str, float]:
    """Return the accuracy of a trained design, and what the design costs."""
    return {"accuracy": trainer.evaluate(validation, 1.0), **cost(trainer.config.model)}


def cost(design: str) -> dict[str, int]:
    """Return how many parameters and multiply-adds a design has."""
    model = build_network(design)
    multiply_adds = int(count_cost(model)["multiply_adds"].sum())
    return {"parameters": model.count_params(), "multiply_adds": multiply_adds}


def describe(rows: list[Row]) -> str:
    """Return one line of Markdown for each design, the most accurate first."""
    table = pd.DataFrame(rows)
    by_seed = table.pivot(index="variant", columns="seed", values="accuracy")
    designs = table.groupby("variant")[["parameters", "multiply_adds"]].max()
    designs["accuracy"] = by_seed.mean(axis=1)
    lines = ["| design | parameters | multiply-adds | validation, mean | each seed |"]
    lines.append("|---|---|---|---|---|")
    for design, row in designs.sort_values("accuracy", ascending=False).iterrows():
        each = ", ".join(f"{value:.1%}" for value in by_seed.loc[design].dropna())
        lines.append(
            f"| {design} | {row.parameters:,.0f} | {row.multiply_adds / 1e6:.0f} million | "
            f"{row.accuracy:.1%} | {each} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_arguments(parser, epochs=5)
    print(describe(run_variants(parser.parse_args(), variants, evaluate)))


if __name__ == "__main__":
    main()
