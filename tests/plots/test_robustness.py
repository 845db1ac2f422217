"""The figures of lesson 08 draw the numbers that they are given, and say them."""

import numpy as np
import pytest

from course_utils import plots
from tests.plots.examples import GAPS, LEVELS, TRADE, WORSE


def test_each_corruption_has_a_panel_with_its_curve():
    figure = plots.corruption_curves(WORSE, 0.85)
    shown = [axes for axes in figure.figure.axes if axes.get_visible()]
    assert [axes.get_title() for axes in shown] == ["blur", "noise"]
    for axes, expected in zip(shown, ([0.8, 0.4], [0.7, 0.6])):
        clean, curve = axes.get_lines()
        assert set(clean.get_ydata()) == {0.85}
        np.testing.assert_array_equal(curve.get_ydata(), expected)
    assert "At severity 3: blur 40 %; noise 60 %." in figure.text and "85 %" in figure.text


def test_levels_stand_in_their_order_with_a_gap_between_factors():
    axes = plots.factor_levels(LEVELS).figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["glasses: none", "glasses: worn", "hand: none"]
    none, worn, hand = axes.get_yticks()
    assert hand - worn > worn - none
    drawn = np.concatenate([line.get_xdata() for line in axes.get_lines()])
    np.testing.assert_array_equal(drawn, LEVELS.accuracy)
    assert "glasses: none 90 %, worn 60 %" in plots.factor_levels(LEVELS).text


def test_the_gap_stands_beside_both_accuracies_and_zero():
    figure = plots.gaps(GAPS)
    left, right = figure.figure.axes
    light, dark = (line.get_xdata() for line in left.get_lines())
    np.testing.assert_array_equal(light, GAPS.light)
    np.testing.assert_array_equal(dark, GAPS.dark)
    zero, gap = right.get_lines()
    assert set(zero.get_xdata()) == {0}
    np.testing.assert_array_equal(gap.get_xdata(), GAPS.gap)
    ends = right.collections[0].get_segments()[1][:, 0]
    assert ends == pytest.approx([-0.01, 0.1])
    assert "repaired light 50 %, dark 45 %, gap 5 % (-1 % to 10 %)" in figure.text


def test_the_curve_of_risk_says_its_ends_and_its_middle():
    figure = plots.risk_coverage(TRADE)
    curve = figure.figure.axes[0].get_lines()[0]
    np.testing.assert_array_equal(curve.get_ydata(), TRADE.risk)
    assert "40 % of the answers are wrong" in figure.text
    assert "surest 50 %, 20 %" in figure.text and "surest 25 %, 10 %" in figure.text
