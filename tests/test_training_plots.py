"""The figures about training say in their text what they show."""

import numpy as np
import pandas as pd

from course_utils import plots
from course_utils.training import recorded_run


def test_a_range_test_says_where_the_loss_is_lowest():
    figure = plots.range_test([1e-4, 1e-3, 1e-2, 1e-1], [1.9, 1.2, 0.7, 9.0])
    assert "lowest at 0.01 with 0.70" in figure.text
    (axes,) = figure.figure.axes
    assert axes.get_xscale() == "log"
    assert axes.get_ylim()[1] < 9  # an explosion does not flatten what matters


def test_spreads_show_each_run_and_the_mean():
    figure = plots.spreads({"plain": [0.2, 0.4], "cured": [0.5, 0.5]})
    assert "plain 20 %, 40 %" in figure.text
    (axes,) = figure.figure.axes
    dots, mean = axes.lines[0], axes.lines[1]
    assert list(dots.get_xdata()) == [0.2, 0.4]
    np.testing.assert_allclose(mean.get_xdata(), 0.3)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["plain", "cured"]


def test_a_long_run_shows_the_judged_epochs_alone():
    history = pd.DataFrame({"accuracy": [0.3, 0.4, 0.5], "val_accuracy": [np.nan, 0.45, 0.6]})
    history.index = pd.RangeIndex(1, 4, name="epoch")
    figure = plots.long_run(history)
    assert "45 % in epoch 2 to 60 % in epoch 3" in figure.text
    validation = figure.figure.axes[0].lines[1]
    assert list(validation.get_xdata()) == [2, 3]


def test_the_recorded_run_is_whole():
    history = recorded_run("photographs")
    assert history.index[0] == 1 and history["epoch"].tolist() == history.index.tolist()
    assert history["val_accuracy"].dropna().between(0.3, 0.9).all()
    assert pd.notna(history["val_accuracy"].iloc[-1])
