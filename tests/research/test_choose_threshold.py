"""The threshold chosen is the one at which names are right more often than wrong."""

import numpy as np
import pytest

from research.choose_threshold import best_threshold, describe


def test_the_threshold_is_where_right_names_exceed_wrong_ones_by_most():
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    correct = np.array([True, True, False, True, False, False])
    # Naming from 0.9: +1; from 0.8: +2; 0.7: +1; 0.6: +2; 0.5: +1; 0.4: 0. The first best counts.
    assert best_threshold(confidence, correct) == 0.8
    correct[2] = True
    assert best_threshold(confidence[::-1], correct[::-1]) == 0.6


def test_the_threshold_of_a_calibrated_network_is_one_half():
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.2, 1, 200_000)
    correct = generator.random(200_000) < confidence
    assert best_threshold(confidence, correct) == pytest.approx(0.5, abs=0.04)


def test_a_threshold_is_described_by_what_it_names_and_what_it_does_not():
    confidence = np.array([0.9, 0.8, 0.7, 0.3])
    row = describe(0.5, confidence, np.array([True, True, False, True]))
    assert (row["threshold"], row["named"]) == ("0.5", "75.0%")
    assert row["right of the named"].startswith("66.7% (")
    assert row["right of the others"].startswith("100.0% (")
    assert describe(0.0, confidence, confidence > 0.5)["right of the others"] == "-"
