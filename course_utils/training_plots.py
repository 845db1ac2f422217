"""Figures about training, each with a text that says what it shows."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course_utils.canvas import BLUE, INK, ORANGE, WIDTH, FigureWithText, percent, styled


@styled
def range_test(rates: Sequence[float], losses: Sequence[float]) -> FigureWithText:
    """Draw the loss at each learning rate of a range test, on a logarithmic axis."""
    values = np.asarray(losses, dtype=float)
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, values, color=BLUE)
    lowest = int(values.argmin())
    axes.plot(rates[lowest], values[lowest], "o", color=ORANGE)
    axes.annotate(
        f"lowest at {rates[lowest]:.2g}",
        (rates[lowest], values[lowest]),
        (0, -18),
        textcoords="offset points",
        ha="center",
    )
    axes.set(xscale="log", xlabel="learning rate", ylabel="loss")
    axes.set_ylim(max(values.min() - 0.5, 0), min(values.max(), 3 * values[0]) + 0.2)
    text = (
        f"Loss against learning rate from {rates[0]:.1g} to {rates[-1]:.1g}: it starts at "
        f"{values[0]:.2f}, is lowest at {rates[lowest]:.2g} with {values[lowest]:.2f}, and ends "
        f"at {values[-1]:.2f}."
    )
    return FigureWithText(figure, text)


@styled
def spreads(accuracies: Mapping[str, Sequence[float]]) -> FigureWithText:
    """Draw the accuracy of each run as a dot, one row for each setting, and their mean as a bar.

    Args:
        accuracies: one sequence of accuracies in [0, 1] by the name of the setting.
    """
    figure = Figure(figsize=(WIDTH, 0.5 * len(accuracies) + 1.2), layout="constrained")
    axes = figure.subplots()
    described = []
    for row, (name, values) in enumerate(accuracies.items()):
        axes.plot(values, [row] * len(values), "o", color=BLUE, alpha=0.7)
        axes.plot([np.mean(values)] * 2, [row - 0.25, row + 0.25], color=INK, linewidth=2)
        each = ", ".join(percent(value) for value in values)
        described.append(f"{name} {each}")
    axes.set_yticks(range(len(accuracies)), list(accuracies))
    axes.set(xlabel="accuracy", ylim=(len(accuracies) - 0.5, -0.5))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return FigureWithText(figure, f"Accuracy of each run by setting: {'; '.join(described)}.")


@styled
def long_run(history: pd.DataFrame) -> FigureWithText:
    """Draw the accuracy of a long run by epoch.

    Args:
        history: one row per epoch, from 1 as index; columns `accuracy`, on augmented training
            images, and `val_accuracy`, NaN in epochs that were not judged; both in [0, 1].
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(history.index, history["accuracy"], color=BLUE, label="training, augmented")
    judged = history["val_accuracy"].dropna()
    axes.plot(judged.index, judged, "s--", color=ORANGE, label="validation")
    axes.set(xlabel="epoch", ylabel="accuracy", xlim=(0.5, len(history) + 0.5))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.legend(loc="lower right")
    text = (
        f"Accuracy over {len(history)} epochs: on augmented training images from "
        f"{percent(history['accuracy'].iloc[0])} to {percent(history['accuracy'].iloc[-1])}; on "
        f"validation images from {percent(judged.iloc[0])} in epoch {judged.index[0]} to "
        f"{percent(judged.iloc[-1])} in epoch {judged.index[-1]}."
    )
    return FigureWithText(figure, text)
