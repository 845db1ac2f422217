"""Confident learning against a second implementation and planted errors; people's confusions."""

import numpy as np
import pandas as pd
import pytest

from course_utils import EMOTIONS
from course_utils.evaluation.label_errors import (
    class_thresholds,
    confusion_pairs,
    find_label_errors,
    people_confusions,
    worst_mistakes,
)
from research.count_votes import count_votes


def certain(predictions: list[int], confidence: float = 0.94) -> np.ndarray:
    """Return probabilities whose largest is `confidence`, at `predictions`."""
    probabilities = np.full((len(predictions), 7), (1 - confidence) / 6)
    probabilities[np.arange(len(predictions)), predictions] = confidence
    return probabilities


def planted(images: int = 700, wrong: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, probabilities that fit the true classes, and which labels are wrong."""
    random = np.random.default_rng(0)
    true = random.integers(0, 7, images)
    probabilities = random.dirichlet(np.ones(7), images) * 0.5
    probabilities[np.arange(images), true] += 0.5
    spoilt = np.zeros(images, bool)
    spoilt[random.choice(images, wrong, replace=False)] = True
    return np.where(spoilt, (true + 3) % 7, true), probabilities, spoilt


def test_worst_mistakes_come_surest_first():
    labels = np.array([0, 1, 2, 3])
    probabilities = np.vstack(
        [certain([0], 0.99), certain([2], 0.5), certain([3], 0.9), certain([4], 0.7)]
    )
    assert worst_mistakes(labels, probabilities).tolist() == [2, 3, 1]
    assert worst_mistakes(labels, probabilities, n=1).tolist() == [2]
    assert worst_mistakes(labels[:1], probabilities[:1]).tolist() == []


def test_thresholds_by_hand():
    probabilities = np.vstack([certain([0], 0.9), certain([0], 0.5), certain([1], 0.4)])
    thresholds = class_thresholds(np.array([0, 0, 1]), probabilities)
    assert thresholds[:2].tolist() == pytest.approx([0.7, 0.4])
    assert np.isinf(thresholds[2:]).all()


def test_a_planted_error_is_found_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 1])
    sure = [certain([0], 0.9), certain([0], 0.8), certain([1], 0.85)]
    probabilities = np.vstack([*sure, certain([1], 0.7), certain([1], 0.8), certain([1], 0.9)])
    found = find_label_errors(labels, probabilities)
    assert found.images.tolist() == [2] and found.proposed.tolist() == [1]


def test_an_unsure_network_doubts_no_label():
    """Far below its usual probability, another class is no proposal, though the most probable."""
    labels = np.array([0, 0, 1, 1])
    probabilities = np.vstack([certain([0], 0.9), certain([1], 0.4), certain([1, 1], 0.9)])
    assert len(find_label_errors(labels, probabilities).images) == 0


def test_planted_errors_are_found():
    labels, probabilities, spoilt = planted()
    found = find_label_errors(labels, probabilities)
    assert spoilt[found.images].mean() > 0.9  # precision
    assert spoilt[found.images].sum() > 0.6 * spoilt.sum()  # recall
    true = (labels[found.images] + 4) % 7
    right = spoilt[found.images]
    np.testing.assert_array_equal(found.proposed[right], true[right])


def test_errors_agree_with_a_loop_over_the_paper():
    """Northcutt et al. (2021), equations 1 and 2: the off-diagonal of the confident joint."""
    random = np.random.default_rng(2)
    labels = random.integers(0, 6, 300)  # no image of the last class
    probabilities = random.dirichlet(np.full(7, 0.5), 300)
    expected = {}
    for place in range(300):
        possible = {}
        for each in range(6):
            threshold = np.mean([p[each] for p, y in zip(probabilities, labels) if y == each])
            if probabilities[place][each] >= threshold:
                possible[each] = probabilities[place][each]
        best = max(possible, key=possible.get) if possible else labels[place]
        if best != labels[place]:
            expected[place] = best
    found = find_label_errors(labels, probabilities)
    assert dict(zip(found.images.tolist(), found.proposed.tolist())) == expected
    doubt = probabilities[found.images, labels[found.images]]
    assert (np.diff(doubt) >= 0).all() and len(doubt) > 20


def test_errors_and_their_order_are_those_of_cleanlab():
    """What cleanlab 2.9.0 says, by the authors of the paper.

    Off-diagonal indices of compute_confident_joint(..., calibrate=False) in the order of
    order_label_issues(..., rank_by="self_confidence"), and get_confident_thresholds.
    """
    labels, probabilities, _ = planted(120, wrong=20)
    noise = np.random.default_rng(3).dirichlet(np.full(7, 0.3), 120)
    probabilities = 0.75 * probabilities + 0.25 * noise
    found = find_label_errors(labels, probabilities)
    expected = [80, 100, 1, 17, 45, 69, 19, 81, 91, 55, 32, 119, 96, 84, 64, 77]
    assert found.images.tolist() == expected
    thresholds = [0.3509, 0.4362, 0.3859, 0.3953, 0.4337, 0.4481, 0.3710]
    np.testing.assert_allclose(class_thresholds(labels, probabilities), thresholds, atol=1e-4)


@pytest.mark.parametrize("metric", [find_label_errors, class_thresholds, worst_mistakes])
def test_bad_input_is_named(metric):
    with pytest.raises(ValueError, match="one row for each label"):
        metric(np.array([0, 1]), certain([0, 1, 2]))


def test_people_confuse_what_the_votes_say():
    people = people_confusions()
    assert people.index.tolist() == people.columns.tolist() == list(EMOTIONS)
    np.testing.assert_allclose(people.sum(axis=1), 1)
    assert people.loc["happy", "happy"] > 0.85 > 0.3 > people.loc["fear", "fear"]


def test_votes_are_counted_by_row_and_label():
    columns = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"]
    votes = pd.DataFrame([[4, 0, 0, 1, 3, 2, 0], [0, 9, 1, 0, 0, 0, 0], [0, 10, 0, 0, 0, 0, 0]])
    votes.columns = columns
    counted = count_votes(np.array([2, 0, 1]), np.array([3, 0, 3]), votes)
    assert counted.loc["happy"].to_dict() == {**dict.fromkeys(EMOTIONS, 0), "happy": 19} | {
        "surprise": 1
    }
    assert counted.loc["angry", ["angry", "disgust", "neutral", "sad"]].tolist() == [3, 2, 4, 1]
    assert counted.to_numpy().sum() == 30


def test_pairs_are_means_of_both_directions():
    shares = np.eye(7)
    shares[2, 6], shares[6, 2], shares[0, 1] = 0.3, 0.1, 0.05
    pairs = confusion_pairs(shares)
    assert len(pairs) == 21
    assert pairs.index[0] == "fear / surprise" and pairs.iloc[0] == pytest.approx(0.2)
    assert pairs["angry / disgust"] == pytest.approx(0.025)
