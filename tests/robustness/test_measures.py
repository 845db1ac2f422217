"""Robustness measured on classifiers whose answers are known, and on simulated ones."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from course_utils import EMOTIONS, drawn_faces
from course_utils.evaluation.intervals import wilson_interval
from course_utils.robustness.corruptions import CORRUPTIONS, corrupt
from course_utils.robustness.measures import (
    accuracy_by_corruption,
    accuracy_retained,
    adjust_to_priors,
    correct_when_corrupted,
    estimate_priors,
    flip_probability,
    mean_corruption_accuracy,
    move,
    out_of_distribution,
    resample_to_priors,
    risk_coverage,
    threshold_for_risk,
)

FACES = drawn_faces.make_dataset(60, seed=2)


class Reader:
    """Answers 0 where a pixel is bright, else 1."""

    def __init__(self, row: int = 24, column: int = 24, bright: int = 100) -> None:
        self.place = (row, column)
        self.bright = bright

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        is_bright = images[:, *self.place] > self.bright
        return np.eye(7)[np.where(is_bright, 0, 1)]


def predictions(images: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, and probabilities that are right more often than not."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 7, images)
    probabilities = random.dirichlet(np.full(7, 0.5), images)
    probabilities[np.arange(images), labels] += 0.4
    return labels, probabilities / probabilities.sum(axis=1, keepdims=True)


def table_of(right: list[list[bool]], severities: tuple[int, ...]) -> pd.DataFrame:
    pairs = [("one", severity) for severity in severities]
    columns = pd.MultiIndex.from_tuples(pairs, names=["corruption", "severity"])
    return pd.DataFrame(right, columns=columns)


def test_every_corruption_is_read_at_every_strength():
    right = correct_when_corrupted(Reader(), FACES, severities=(1, 5), seed=3)
    assert list(right.columns) == [(name, k) for name in CORRUPTIONS for k in (1, 5)]
    worse = corrupt(FACES.images, "shot noise", 5, seed=3)
    expected = np.where(worse[:, 24, 24] > 100, 0, 1) == FACES.labels
    np.testing.assert_array_equal(right["shot noise", 5], expected)


def test_accuracies_and_intervals_by_hand():
    right = table_of([[True, False], [True, True], [False, False], [True, False]], (1, 2))
    table = accuracy_by_corruption(right)
    assert table.accuracy.tolist() == [0.75, 0.25] and table.images.tolist() == [4, 4]
    assert tuple(table.loc[("one", 1), ["low", "high"]]) == wilson_interval(3, 4)


def test_the_mean_counts_the_strengths_that_are_named():
    right = table_of([[True, False, False]] * 3 + [[True, True, False]], (1, 2, 3))
    assert mean_corruption_accuracy(right, (1,)) == (1, 1, 1)
    assert mean_corruption_accuracy(right, (1, 2)).value == pytest.approx(5 / 8)
    assert mean_corruption_accuracy(right, (1, 2, 3)).value == pytest.approx(5 / 12)


def test_the_interval_draws_images_again_and_not_answers():
    """A hard image is hard in every corruption: then 40 columns say no more than one."""
    random = np.random.default_rng(0)
    column = random.random(300) < 0.6
    alike = table_of(np.repeat(column[:, None], 5, axis=1).tolist(), (1, 2, 3, 4, 5))
    _, low, high = mean_corruption_accuracy(alike)
    width = 2 * 1.96 * np.sqrt(0.24 / 300)
    assert high - low == pytest.approx(width, rel=0.12)


def test_the_share_kept_by_hand():
    right = table_of([[True], [False], [False], [True]] * 8, (1,))
    clean = np.array([True, True, False, True] * 8)
    assert accuracy_retained(clean, right, (1,)).value == pytest.approx(2 / 3)
    assert accuracy_retained(np.ones(4, bool), table_of([[True]] * 4, (2,)), (2,)) == (1, 1, 1)


def test_the_share_kept_knows_that_the_images_are_the_same():
    """Where the same images fail, only those that fall out vary: the interval is narrower."""
    random = np.random.default_rng(1)
    clean = random.random(500) < 0.7
    fallen = clean & (random.random(500) < 0.9)
    kept = accuracy_retained(clean, table_of(fallen[:, None].tolist(), (1,)), (1,))
    assert kept.low < kept.value < kept.high < 1
    assert kept.high - kept.low == pytest.approx(2 * 1.96 * np.sqrt(0.09 / 350), rel=0.2)


@pytest.mark.parametrize("severities", [(4,), (1, 4), ()])
def test_strengths_that_were_not_measured_are_refused(severities):
    with pytest.raises(ValueError, match="Not measured"):
        mean_corruption_accuracy(table_of([[True]], (1,)), severities)


def test_other_images_are_refused():
    with pytest.raises(ValueError, match="3 clean images and 1 corrupted"):
        accuracy_retained(np.ones(3, bool), table_of([[True]], (1,)), (1,))


def test_moving_repeats_the_edge():
    image = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    right = move(image, 1, 0)
    np.testing.assert_array_equal(right[0, 0], [0, 0, 1, 2])
    np.testing.assert_array_equal(move(image, 0, -1)[0, :, 0], [4, 8, 8])
    assert right.dtype == np.uint8
    np.testing.assert_array_equal(move(image, 0, 0), image)


def test_flicker_counts_every_direction_of_every_image():
    images = np.zeros((8, 48, 48), np.uint8)
    images[:2, 24, 24] = 255  # a point: any step leaves the place
    images[2:6, 24, :] = 255  # a line: two of the four steps do
    found = flip_probability(Reader(), images)
    assert found.value == pytest.approx((2 * 1 + 4 * 0.5) / 8)
    assert found.low < found.value < found.high
    assert flip_probability(Reader(), np.zeros((3, 48, 48), np.uint8)) == (0, 0, 0)


def test_other_shares_use_as_many_images_as_there_are():
    there = np.bincount(FACES.labels, minlength=7)
    chosen = resample_to_priors(FACES, {"happy": 2, "sad": 1})
    counts = np.bincount(chosen.labels, minlength=7)
    happy, sad = EMOTIONS.index("happy"), EMOTIONS.index("sad")
    assert counts[happy] + counts[sad] == counts.sum()
    assert counts[sad] == min(there[sad], there[happy] // 2)
    assert 0 <= counts[happy] - 2 * counts[sad] <= 1, "rounding alone may differ"
    assert chosen.table["file"].is_unique
    equal = resample_to_priors(FACES, dict.fromkeys(EMOTIONS, 1), seed=4)
    assert set(np.bincount(equal.labels, minlength=7)) == {there.min()}


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({"joy": 1}, "No such class: joy"),
        ({"happy": -1, "sad": 2}, "negative"),
        ({"happy": 0}, "all zero"),
        ({"happy": 1, "disgust": 1e-6}, "too few images"),
    ],
)
def test_impossible_shares_are_refused(shares, words):
    with pytest.raises(ValueError, match=words):
        resample_to_priors(FACES, shares)


def simulated(shares: np.ndarray, images: int, learned: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return labels, and what Bayes' rule says of a noisy number, with shares learned elsewhere."""
    random = np.random.default_rng(5)
    labels = random.choice(7, images, p=shares)
    seen = labels + random.normal(0, 0.7, images)
    likelihoods = norm.pdf(seen[:, None], np.arange(7), 0.7)
    joint = likelihoods * learned
    return labels, joint / joint.sum(axis=1, keepdims=True), likelihoods


LEARNED = np.array([0.3, 0.05, 0.2, 0.2, 0.1, 0.1, 0.05])
NOW = np.array([0.05, 0.3, 0.1, 0.05, 0.1, 0.1, 0.3])


def test_the_correction_is_bayes_rule_with_the_new_shares():
    labels, probabilities, likelihoods = simulated(NOW, 4000, LEARNED)
    corrected = adjust_to_priors(probabilities, LEARNED, NOW)
    expected = likelihoods * NOW
    np.testing.assert_allclose(corrected, expected / expected.sum(axis=1, keepdims=True))
    before, after = ((p.argmax(axis=1) == labels).mean() for p in (probabilities, corrected))
    assert after > before + 0.05
    np.testing.assert_allclose(adjust_to_priors(probabilities, NOW, NOW), probabilities)


def test_the_new_shares_are_found_without_labels():
    labels, probabilities, _ = simulated(NOW, 20_000, LEARNED)
    shares = estimate_priors(probabilities, LEARNED)
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(shares, np.bincount(labels, minlength=7) / len(labels), atol=0.02)
    _, unshifted, _ = simulated(LEARNED, 20_000, LEARNED)
    np.testing.assert_allclose(estimate_priors(unshifted, LEARNED), LEARNED, atol=0.02)


def test_pictures_without_a_face():
    pictures = out_of_distribution(7, seed=1)
    assert list(pictures) == ["one grey", "noise", "textures", "things"]
    for images in pictures.values():
        assert images.shape == (7, 48, 48) and images.dtype == np.uint8
        assert len(np.unique(images.reshape(7, -1), axis=0)) > 1
    assert (np.ptp(pictures["one grey"], axis=(1, 2)) == 0).all()
    assert pictures["noise"].std() == pytest.approx(255 / 12**0.5, rel=0.05)
    np.testing.assert_array_equal(pictures["things"], out_of_distribution(7, seed=1)["things"])
    assert (pictures["things"] != out_of_distribution(7, seed=2)["things"]).any()


def test_risk_and_coverage_by_hand():
    probabilities = np.full((20, 7), 0.0)
    confidence = np.linspace(0.95, 0.2, 20)
    probabilities[:, 0] = confidence
    probabilities[:, 1:] = (1 - confidence)[:, None] / 6
    labels = np.zeros(20, int)
    labels[[3, 10, 15]] = 1  # wrong: the 4th, 11th and 16th surest
    shuffled = np.random.default_rng(0).permutation(20)
    table = risk_coverage(labels[shuffled], probabilities[shuffled])
    assert table.index[0] == 0.05 and table.index[-1] == 1 and len(table) == 20
    assert table.predictions.tolist() == list(range(1, 21))
    assert table.risk[[0.15, 0.2, 0.5, 1.0]].tolist() == [0, 1 / 4, 1 / 10, 3 / 20]
    assert table.threshold[0.5] == pytest.approx(confidence[9])
    assert tuple(table.loc[1.0, ["low", "high"]]) == wilson_interval(3, 20)


def test_the_threshold_is_the_lowest_that_keeps_the_risk():
    labels, probabilities = predictions(400)
    confidence = probabilities.max(axis=1)
    wrong = probabilities.argmax(axis=1) != labels
    for risk in (0.02, 0.1, 0.2):
        found = threshold_for_risk(labels, probabilities, risk)
        allowed = [level for level in confidence if wrong[confidence >= level].mean() <= risk]
        assert found == pytest.approx(min(allowed))
    assert threshold_for_risk(labels, probabilities, 1.0) == pytest.approx(confidence.min())


def test_images_of_one_confidence_are_answered_together():
    probabilities = np.tile([0.7, 0.3, 0, 0, 0, 0, 0], (4, 1))
    labels = np.array([0, 0, 1, 1])  # half of the answers are wrong, whichever come first
    assert threshold_for_risk(labels, probabilities, 0.4) == np.inf
    assert threshold_for_risk(labels, probabilities, 0.5) == pytest.approx(0.7)


def test_no_threshold_helps_where_the_surest_answer_is_wrong():
    probabilities = np.array([[0.9, 0.1, 0, 0, 0, 0, 0], [0.6, 0.4, 0, 0, 0, 0, 0]])
    assert threshold_for_risk(np.array([1, 1]), probabilities, 0.2) == np.inf


@pytest.mark.parametrize("risk", [-0.1, 1.1])
def test_impossible_risks_are_refused(risk):
    with pytest.raises(ValueError, match="between 0 and 1"):
        threshold_for_risk(*predictions(5), risk)


def test_answers_that_are_no_probabilities_are_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        risk_coverage(np.array([0]), np.ones((1, 7)))
