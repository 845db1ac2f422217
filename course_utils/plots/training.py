"""Figures about training, each with a text that says what it shows."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course_utils.plots.style import (
    BLUE,
    INK,
    ORANGE,
    WIDTH,
    FigureWithText,
    in_percent,
    listed,
    percent,
    styled,
)

if TYPE_CHECKING:
    pass


LINES = ((BLUE, "-"), (ORANGE, "--"), (INK, ":"))  # colour is never the only cue


@styled
def range_test(rates: Sequence[float], losses: Sequence[float]) -> FigureWithText:
    """Draw the loss at each learning rate of a range test, on a logarithmic axis.

    Losses that are no finite number, as after an explosion, leave a gap; the text names the first.

    Raises:
        ValueError: the first loss is no finite number.
    """
    values = np.asarray(losses, dtype=float)
    is_finite = np.isfinite(values)
    if not is_finite[0]:
        raise ValueError(f"The first loss is {values[0]}: begin at a smaller learning rate.")
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, values, color=BLUE)
    lowest = int(np.nanargmin(values))
    axes.plot(rates[lowest], values[lowest], "o", color=ORANGE)
    axes.annotate(
        f"lowest at {rates[lowest]:.2g}",
        (rates[lowest], values[lowest]),
        (0, -18),
        textcoords="offset points",
        ha="center",
    )
    axes.set(xscale="log", xlabel="learning rate", ylabel="loss")
    # A small drop must be seen, and an explosion may leave the picture.
    drop = max(values[0] - values[lowest], 0.1)
    axes.set_ylim(max(values[lowest] - 0.6 * drop, 0), values[0] + drop)
    if is_finite.all():
        end = f"ends at {values[-1]:.2f}"
    else:
        end = f"diverges at {rates[is_finite.argmin()]:.2g}, where it is no finite number"
    text = (
        f"Loss against learning rate from {rates[0]:.1g} to {rates[-1]:.1g}: it starts at "
        f"{values[0]:.2f}, is lowest at {rates[lowest]:.2g} with {values[lowest]:.2f}, and {end}."
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
    in_percent(axes.xaxis)
    return FigureWithText(figure, f"Accuracy of each run by setting: {'; '.join(described)}.")


@styled
def schedules(rates: Mapping[str, Sequence[float]]) -> FigureWithText:
    """Draw the learning rate of each step, one line for each schedule.

    Args:
        rates: for each schedule's name its learning rates, float (steps,).
    """
    figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
    axes = figure.subplots()
    described = []
    for (name, values), (colour, line) in zip(rates.items(), cycle(LINES)):
        axes.plot(np.arange(1, len(values) + 1), values, line, color=colour, label=name)
        peak = int(np.argmax(values))
        described.append(
            f"{name} starts at {values[0]:.2g}, is highest at step {peak + 1:,} with "
            f"{values[peak]:.2g}, and ends at {values[-1]:.2g}"
        )
    axes.set(xlabel="step", ylabel="learning rate", ylim=(0, None))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return FigureWithText(figure, f"Learning rate by step: {'; '.join(described)}.")


@styled
def long_run(histories: Mapping[str, pd.DataFrame]) -> FigureWithText:
    """Draw the accuracy of runs by epoch, a panel for each, all on the same scale.

    Args:
        histories: for each run's name one row per epoch, from 1 as index; columns `accuracy`, on
            the training images as they were shown, and `val_accuracy`, NaN in epochs that were not
            evaluated; both in [0, 1].
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(histories), sharey=True))
    described = []
    for axes, (name, history) in zip(panels, histories.items()):
        axes.plot(history.index, history["accuracy"], color=BLUE, label="training")
        validation = history["val_accuracy"].dropna()
        first, last = validation.index[0], validation.index[-1]
        axes.plot(
            validation.index, validation, "s--", color=ORANGE, label="validation", markersize=5
        )
        axes.set(xlabel="epoch", title=name, xlim=(0.5, len(history) + 0.5))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        described.append(
            f"{name}, {len(history)} epochs: on training images from "
            f"{percent(history['accuracy'].iloc[0])} to {percent(history['accuracy'].iloc[-1])}; "
            f"on validation images from {percent(validation[first])} in epoch {first} to "
            f"{percent(validation[last])} in epoch {last}"
        )
    panels[0].set(ylabel="accuracy")
    in_percent(panels[0].yaxis)
    panels[-1].legend(loc="lower right")
    return FigureWithText(figure, f"Accuracy by epoch. {'. '.join(described)}.")


@styled
def learning_curves(history: pd.DataFrame | Mapping[str, Sequence[float]]) -> FigureWithText:
    """Draw loss and accuracy by epoch, for training and, where given, validation.

    Args:
        history: columns `loss` and `accuracy`, and `val_loss` and `val_accuracy` where there was a
            validation set; one row per epoch.

    Raises:
        ValueError: a column is missing, or there is no epoch.
    """
    history = pd.DataFrame(history)
    if missing := {"loss", "accuracy"} - set(history.columns):
        raise ValueError(f"The history has no column {listed(sorted(missing))}.")
    if history.empty:
        raise ValueError("The history has no epoch: fit the model first.")
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    epochs = np.arange(1, len(history) + 1)
    sentences = []
    for measure, axes in zip(("loss", "accuracy"), figure.subplots(1, 2)):
        series = {
            "training": (measure, BLUE, "o-"),
            "validation": (f"val_{measure}", ORANGE, "s--"),
        }
        for name, (column, colour, line) in series.items():
            if column not in history:
                continue
            values = history[column].to_numpy(dtype=float)
            axes.plot(epochs, values, line, color=colour, label=name, markersize=5)
            best = int(values.argmin() if measure == "loss" else values.argmax())
            sentences.append(
                f"{name} {measure} goes from {values[0]:.2f} to {values[-1]:.2f}, "
                f"best {values[best]:.2f} in epoch {best + 1}"
            )
        axes.set(xlabel="epoch", title=measure, xlim=(0.5, len(history) + 0.5))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    text = f"Learning curves over {len(history)} epochs: {'; '.join(sentences)}."
    return FigureWithText(figure, text)
