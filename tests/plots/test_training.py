"""The figures about training say in their text what they show."""

import numpy as np
import pandas as pd
import pytest

from course_utils import plots
from course_utils.training.history import recorded_run


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


def test_a_range_test_shows_a_small_drop():
    figure = plots.range_test([1e-4, 1e-3, 1e-2, 1e-1], [1.95, 1.94, 1.75, 40.0])
    low, high = figure.figure.axes[0].get_ylim()
    assert low < 1.75 < 1.95 < high and 0.3 * (high - low) < 1.95 - 1.75


@pytest.mark.parametrize("exploded", [[np.nan, np.nan], [np.inf, np.nan], [np.nan, 3.0]])
def test_a_range_test_says_where_it_diverged(exploded):
    figure = plots.range_test([1e-4, 1e-3, 1e-2, 1e-1], [1.95, 1.75, *exploded])
    assert "lowest at 0.001 with 1.75, and diverges at 0.01" in figure.text
    low, high = figure.figure.axes[0].get_ylim()
    assert low < 1.75 < 1.95 < high


def test_a_range_test_that_begins_with_nothing_is_refused():
    with pytest.raises(ValueError, match="begin at a smaller learning rate"):
        plots.range_test([1e-4, 1e-3], [np.nan, 1.0])


def test_schedules_say_where_each_peaks():
    figure = plots.schedules({"rising": [0.0, 0.001, 0.0005], "flat": [0.1, 0.1]})
    assert "rising starts at 0, is highest at step 2 with 0.001, and ends at 0.0005" in figure.text
    assert "flat starts at 0.1, is highest at step 1 with 0.1" in figure.text
    rising, flat = figure.figure.axes[0].lines
    assert list(rising.get_xdata()) == [1, 2, 3] and list(flat.get_ydata()) == [0.1, 0.1]
    assert rising.get_linestyle() != flat.get_linestyle(), "colour would be the only cue"


def test_a_long_run_shows_the_judged_epochs_alone():
    history = pd.DataFrame({"accuracy": [0.3, 0.4, 0.5], "val_accuracy": [np.nan, 0.45, 0.6]})
    history.index = pd.RangeIndex(1, 4, name="epoch")
    figure = plots.long_run({"mine": history.loc[2:], "recorded": history})
    assert "mine, 2 epochs: on training images from 40 % to 50 %" in figure.text
    assert "recorded, 3 epochs" in figure.text
    assert "45 % in epoch 2 to 60 % in epoch 3" in figure.text
    mine, recorded = figure.figure.axes
    assert list(recorded.lines[1].get_xdata()) == [2, 3]
    assert mine.get_ylim() == recorded.get_ylim(), "one scale"
    assert (mine.get_title(), recorded.get_title()) == ("mine", "recorded")


def test_the_recorded_run_is_whole():
    history = recorded_run("photographs")
    assert history.index[0] == 1 and history["epoch"].tolist() == history.index.tolist()
    assert history["val_accuracy"].dropna().between(0.3, 0.9).all()
    assert pd.notna(history["val_accuracy"].iloc[-1])
