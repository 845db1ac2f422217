"""The figures of lesson 08: what is left when pictures get worse, and for whom."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from course_utils.plots.style import (
    BLUE,
    INK,
    ORANGE,
    WIDTH,
    FigureWithText,
    in_percent,
    percent,
    styled,
)

COLUMNS = 4


@styled
def corruption_curves(table: pd.DataFrame, clean: float) -> FigureWithText:
    """Draw the accuracy against the severity of each corruption, with its 95 % interval.

    Args:
        table: `robustness.accuracy_by_corruption`: a row for each `corruption` and `severity`,
            columns `accuracy`, `low` and `high`.
        clean: the accuracy without a corruption, drawn as a dotted line.
    """
    names = list(dict.fromkeys(table.index.get_level_values("corruption")))
    lines = -(-len(names) // COLUMNS)
    figure = Figure(figsize=(WIDTH, 2.1 * lines), layout="constrained")
    grid = figure.subplots(lines, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    described = []
    for axes, name in zip(grid, names):
        curve = table.loc[name]
        axes.axhline(clean, color=INK, linestyle=":", linewidth=1.5)
        axes.fill_between(curve.index, curve.low, curve.high, color=BLUE, alpha=0.2, linewidth=0)
        axes.plot(curve.index, curve.accuracy, "o-", color=BLUE, markersize=5)
        axes.set_title(name, fontsize=12)
        described.append(f"{name} {percent(curve.accuracy.iloc[-1])}")
    for axes in grid[len(names) :]:
        axes.set_visible(False)
    severities = sorted(set(table.index.get_level_values("severity")))
    grid[0].set(ylim=(0, 1), xticks=severities)
    in_percent(grid[0].yaxis)
    figure.supxlabel("severity", fontsize=13)
    text = (
        f"Accuracy by the severity of each corruption; without any it is {percent(clean)}. At "
        f"severity {severities[-1]}: {'; '.join(described)}."
    )
    return FigureWithText(figure, text)


@styled
def factor_levels(table: pd.DataFrame) -> FigureWithText:
    """Draw the accuracy at each level of each factor as a point with its 95 % interval.

    Args:
        table: `factors.measure_factors`: a row for each `factor` and `level`, columns `accuracy`,
            `low` and `high`.
    """
    figure = Figure(figsize=(WIDTH, 0.34 * len(table) + 0.9), layout="constrained")
    axes = figure.subplots()
    place, ticks, described = 0.0, [], []
    for factor, levels in table.groupby("factor", sort=False):
        rows = place + np.arange(len(levels))
        axes.hlines(rows, levels.low, levels.high, color=BLUE, linewidth=3)
        axes.plot(levels.accuracy, rows, "o", color=BLUE)
        names = levels.index.get_level_values("level")
        ticks += [(row, f"{factor}: {name}") for row, name in zip(rows, names)]
        each = [f"{name} {percent(value)}" for name, value in zip(names, levels.accuracy)]
        described.append(f"{factor}: {', '.join(each)}")
        place = rows[-1] + 1.6  # a gap between factors
    axes.set(xlim=(0, 1), ylim=(place - 1, -0.6), xlabel="accuracy")
    axes.set_yticks([row for row, _ in ticks], [name for _, name in ticks])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#E5E5E5")
    in_percent(axes.xaxis)
    return FigureWithText(figure, f"Accuracy by factor and level. {'. '.join(described)}.")


@styled
def gaps(table: pd.DataFrame) -> FigureWithText:
    """Draw the accuracies on light and dark faces, and beside them the gap with its interval.

    Args:
        table: a row per training, each as `factors.measure_gap` returns it: columns `light`,
            `dark`, `gap`, `low` and `high`.
    """
    figure = Figure(figsize=(WIDTH, 0.55 * len(table) + 1.3), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.2, 1])
    rows = np.arange(len(table))
    left.hlines(rows, table.dark, table.light, color="#BBBBBB", linewidth=2)
    look: dict[str, Any] = {"color": ORANGE, "markerfacecolor": "white", "markeredgewidth": 2}
    left.plot(table.light, rows, "D", label="light", **look)
    left.plot(table.dark, rows, "o", color=BLUE, label="dark", markersize=9)
    left.set(xlim=(0, 1), yticks=rows, ylim=(len(table) - 0.5, -0.5), xlabel="accuracy")
    left.set_yticklabels(table.index)
    left.legend(loc="upper right")
    right.axvline(0, color=INK, linestyle=":", linewidth=1.5)
    right.hlines(rows, table.low, table.high, color=BLUE, linewidth=4)
    right.plot(table.gap, rows, "o", color=BLUE, markersize=9)
    right.set_xlabel("gap, light less dark")
    for axes in (left, right):
        axes.tick_params(axis="y", length=0)
        in_percent(axes.xaxis)
    described = [
        f"{name} light {percent(row.light)}, dark {percent(row.dark)}, gap {percent(row.gap)} "
        f"({percent(row.low)} to {percent(row.high)})"
        for name, row in table.iterrows()
    ]
    return FigureWithText(figure, f"Light and dark faces by training: {'; '.join(described)}.")


@styled
def risk_coverage(table: pd.DataFrame) -> FigureWithText:
    """Draw the share of wrong predictions against the share of images that get one.

    Args:
        table: `robustness.risk_coverage`: index `coverage`, columns `risk`, `low` and `high`.
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(table.index, table.low, table.high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(table.index, table.risk, "o-", color=BLUE, markersize=5)
    axes.set(xlim=(0, 1.02), ylim=(0, None))
    axes.set(xlabel="coverage: images that are answered", ylabel="risk: wrong answers")
    in_percent(axes.xaxis)
    in_percent(axes.yaxis)
    half = table.index[len(table) // 2 - 1]
    text = (
        f"Risk against coverage: answering everything, {percent(table.risk.iloc[-1])} of the "
        f"answers are wrong; answering the surest {percent(half)}, {percent(table.risk[half])}; "
        f"the surest {percent(table.index[0])}, {percent(table.risk.iloc[0])}."
    )
    return FigureWithText(figure, text)
