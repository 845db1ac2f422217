"""Evaluation against scikit-learn, cases worked by hand, and exact or simulated coverage."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
    precision_score,
    recall_score,
    roc_auc_score,
    top_k_accuracy_score,
)

from course_utils import EMOTIONS
from course_utils.evaluation import intervals
from course_utils.evaluation.calibration import expected_calibration_error
from course_utils.evaluation.comparison import compare
from course_utils.evaluation.intervals import wilson_interval
from course_utils.evaluation.report import _means_and_f1s, evaluate

SHARES = np.array([0.139, 0.015, 0.143, 0.251, 0.173, 0.168, 0.111])


def predictions(images: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return labels with FER2013's shares, and probabilities that are right more often than not."""
    random = np.random.default_rng(seed)
    labels = random.choice(7, images, p=SHARES)
    probabilities = random.dirichlet(np.full(7, 0.6), images)
    probabilities[np.arange(images), labels] += 0.3
    return labels, probabilities / probabilities.sum(axis=1, keepdims=True)


def certain(predictions: list[int], confidence: float = 0.94) -> np.ndarray:
    """Return probabilities whose largest is `confidence`, at `predictions`."""
    rest = (1 - confidence) / 6
    probabilities = np.full((len(predictions), 7), rest)
    probabilities[np.arange(len(predictions)), predictions] = confidence
    return probabilities


def test_every_metric_agrees_with_scikit_learn():
    labels, probabilities = predictions(2000)
    predicted = probabilities.argmax(axis=1)
    report = evaluate(labels, probabilities)
    assert report.images == 2000
    assert report.accuracy.value == pytest.approx(accuracy_score(labels, predicted))
    balanced = balanced_accuracy_score(labels, predicted)
    assert report.balanced_accuracy.value == pytest.approx(balanced)
    assert report.macro_f1.value == pytest.approx(f1_score(labels, predicted, average="macro"))
    macro_precision = precision_score(labels, predicted, average="macro")
    assert report.macro_precision.value == pytest.approx(macro_precision)
    assert report.log_loss.value == pytest.approx(log_loss(labels, probabilities))
    top_2 = top_k_accuracy_score(labels, probabilities, k=2)
    assert report.top_2_accuracy.value == pytest.approx(top_2)
    brier = sum(brier_score_loss(labels == each, probabilities[:, each]) for each in range(7))
    assert report.brier_score.value == pytest.approx(brier)
    areas = roc_auc_score(labels, probabilities, multi_class="ovr", average=None)
    np.testing.assert_allclose(report.table["roc_auc"], areas)
    areas = average_precision_score(np.eye(7)[labels], probabilities, average=None)
    np.testing.assert_allclose(report.table["average_precision"], areas)
    for name, score in {
        "precision": precision_score,
        "recall": recall_score,
        "f1": f1_score,
    }.items():
        expected = score(labels, predicted, average=None)
        np.testing.assert_allclose(report.table[name], expected)


def test_confusion_matrix_has_true_classes_in_rows():
    report = evaluate(np.array([0, 0, 3]), certain([0, 5, 3]))
    expected = np.zeros((7, 7), np.int64)
    expected[0, 0] = expected[0, 5] = expected[3, 3] = 1
    np.testing.assert_array_equal(report.confusion_matrix, expected)
    assert report.confusion_matrix.dtype == np.int64


def test_scores_worked_by_hand():
    """Three happy images, two found; one sad image taken for happy."""
    labels = np.array([3, 3, 3, 5, 5, 0])
    report = evaluate(labels, certain([3, 3, 5, 3, 5, 0]))
    happy = report.table.loc["happy"]
    assert happy.precision == pytest.approx(2 / 3)
    assert happy.recall == pytest.approx(2 / 3)
    assert happy.f1 == pytest.approx(2 / 3)
    assert happy.support == 3
    assert report.accuracy.value == pytest.approx(4 / 6)
    assert report.balanced_accuracy.value == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert report.table.index.tolist() == list(EMOTIONS)


def test_proportions_carry_wilson_intervals_of_their_own_totals():
    labels, probabilities = predictions(500)
    report = evaluate(labels, probabilities)
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    assert report.accuracy[1:] == wilson_interval(right, 500)
    happy = report.table.loc["happy"]
    found = int(((predicted == 3) & (labels == 3)).sum())
    recall = wilson_interval(found, int((labels == 3).sum()))
    precision = wilson_interval(found, int((predicted == 3).sum()))
    assert (happy.recall_low, happy.recall_high) == recall
    assert (happy.precision_low, happy.precision_high) == precision


def test_bootstrap_agrees_with_resampling_the_images():
    """Here the images are drawn in a loop, and scikit-learn has the metrics."""
    labels, probabilities = predictions(400)
    predicted = probabilities.argmax(axis=1)
    random = np.random.default_rng(1)
    balanced, precision, macro, happy, loss, brier = [], [], [], [], [], []
    squares = ((probabilities - np.eye(7)[labels]) ** 2).sum(axis=1)
    for _ in range(300):
        drawn = random.integers(0, 400, 400)
        true, guess = labels[drawn], predicted[drawn]
        # Precision, recall and F1 of each class, in one call.
        of_class = precision_recall_fscore_support(
            true, guess, labels=range(7), zero_division=np.nan
        )
        _, recalls, f1s, _ = of_class
        precision.append(precision_score(true, guess, average="macro", zero_division=0))
        balanced.append(np.nanmean(recalls))
        macro.append(np.nanmean(f1s))
        happy.append(f1s[3])
        loss.append(log_loss(true, probabilities[drawn], labels=range(7)))
        brier.append(squares[drawn].mean())
    report = evaluate(labels, probabilities)
    happy_interval = report.table.loc["happy", ["f1_low", "f1_high"]]
    for interval, values in (
        (report.balanced_accuracy[1:], balanced),
        (report.macro_precision[1:], precision),
        (report.macro_f1[1:], macro),
        (report.log_loss[1:], loss),
        (report.brier_score[1:], brier),
        (happy_interval, happy),
    ):
        width = np.ptp(np.quantile(values, [0.025, 0.975]))
        np.testing.assert_allclose(interval, np.quantile(values, [0.025, 0.975]), atol=0.15 * width)


def test_the_summary_holds_every_figure_with_its_interval():
    report = evaluate(*predictions(300))
    names = ["accuracy", "balanced_accuracy", "macro_precision", "macro_f1", "log_loss"]
    names += ["top_2_accuracy", "brier_score", "calibration_error"]
    assert report.summary.index.tolist() == names
    for name, row in report.summary.iterrows():
        assert tuple(row) == getattr(report, name)
    between = report.summary.drop("calibration_error")  # its interval corrects for noise
    assert (between["low"] < between["value"]).all() and (between["value"] < between["high"]).all()


def test_the_same_answers_give_the_same_intervals():
    assert repr(evaluate(*predictions(300))) == repr(evaluate(*predictions(300)))


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [
        (60, 100, 0.5020, 0.6906),  # by the formula, with z = 1.959964
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_wilson_interval_by_hand(successes, total, low, high):
    assert wilson_interval(successes, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.277533),
        (3, 22, 0.047490, 0.333350),
        (60, 100, 0.502003, 0.690599),
        (250, 300, 0.787003, 0.871235),
        (2499, 3589, 0.681046, 0.711123),
    ],
)
def test_wilson_interval_is_that_of_statsmodels(successes, total, low, high):
    """What proportion_confint(..., method="wilson") of statsmodels 0.15.0 returns."""
    assert wilson_interval(successes, total) == pytest.approx((low, high), abs=1e-6)


def test_wilson_interval_of_nothing_is_unknown():
    assert np.isnan(wilson_interval(0, 0)).all()


@pytest.mark.parametrize(("successes", "total"), [(5, 4), (-1, 4), (0, -1)])
def test_wilson_interval_rejects_impossible_counts(successes, total):
    with pytest.raises(ValueError, match="successes must lie between"):
        wilson_interval(successes, total)


@pytest.mark.parametrize("total", [200, 500])
@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8])
def test_wilson_interval_covers_the_truth(share, total):
    """The exact coverage: the probability of every count whose interval holds the truth."""
    counts = np.arange(total + 1)
    low, high = np.array([wilson_interval(count, total) for count in counts]).T
    covered = binom.pmf(counts, total, share)[(low <= share) & (share <= high)].sum()
    assert 0.93 <= covered <= 0.97


def test_wilson_interval_covers_the_truth_in_simulation():
    random = np.random.default_rng(0)
    counts = random.binomial(300, 0.62, 2000)
    intervals = {count: wilson_interval(count, 300) for count in set(counts.tolist())}
    covered = np.mean([intervals[c][0] <= 0.62 <= intervals[c][1] for c in counts.tolist()])
    assert 0.93 <= covered <= 0.97


@pytest.mark.slow
def test_bootstrap_interval_covers_the_truth_in_simulation(monkeypatch):
    """Balanced accuracy of a classifier with known recalls, on 500 images a time."""
    monkeypatch.setattr(intervals, "RESAMPLES", 200)
    random = np.random.default_rng(0)
    recall = 0.6
    truth = np.outer(np.full(7, 1 / 7), np.full(7, (1 - recall) / 6))
    np.fill_diagonal(truth, recall / 7)
    covered = []
    for _ in range(1000):
        labels, predicted = np.divmod(random.choice(49, 500, p=truth.ravel()), 7)
        interval = intervals.bootstrap_intervals(_means_and_f1s, labels, predicted)[0]
        covered.append(interval.low <= recall <= interval.high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_bootstrap_of_a_rare_class_that_is_never_found_promises_too_much():
    """What lesson 05 warns of: where there is no hit, images drawn again have none either."""
    labels = np.array([1] * 20 + [3] * 480)
    report = evaluate(labels, certain([3] * 500))
    disgust = report.table.loc["disgust"]
    assert (disgust.f1_low, disgust.f1_high) == (0, 0)
    assert disgust.recall_high == pytest.approx(0.161, abs=0.001)


def test_a_class_without_images_is_unknown_and_said_so():
    labels = np.array([0, 1, 2, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = evaluate(labels, certain([0, 1, 2, 3]))
    happy, sad = report.table.loc["happy"], report.table.loc["sad"]
    assert np.isnan(happy.recall) and np.isnan(happy.recall_low) and happy.precision == 0
    assert happy.f1 == 0  # it was answered, and never right
    assert np.isnan([sad.recall, sad.precision, sad.f1]).all()
    assert np.isnan([sad.roc_auc, sad.average_precision]).all()
    assert report.balanced_accuracy.value == pytest.approx((1 + 1 + 0.5) / 3)
    assert report.macro_f1.value == pytest.approx((1 + 1 + 2 / 3 + 0) / 4)
    assert report.macro_precision.value == pytest.approx((1 + 1 + 1 + 0) / 4)
    assert "without any image, so without a recall: happy, neutral, sad, surprise" in repr(report)


def test_a_class_never_predicted_has_no_precision():
    labels, predicted = np.array([0, 1]), np.array([0, 0])
    report = evaluate(labels, certain([0, 0]))
    disgust = report.table.loc["disgust"]
    assert np.isnan(disgust.precision) and disgust.recall == 0 and disgust.f1 == 0
    macro = precision_score(labels, predicted, average="macro", zero_division=0)
    assert report.macro_precision.value == pytest.approx(macro) == 0.25


def test_the_report_says_what_matters():
    text = repr(evaluate(np.array([3] * 60 + [5] * 40), certain([3] * 100)))
    assert text.startswith("Report on 100 images")
    assert "60.0 % (50.2 % to 69.1 %)" in text
    assert "0.67 for the class shares alone" in text  # -0.6 ln 0.6 - 0.4 ln 0.4
    assert "0.48 for the class shares alone" in text  # 1 - 0.6² - 0.4²
    assert "weakest class: sad, recall 0 % (0 to 9) of 40 images" in text


def test_log_loss_of_a_certain_mistake_is_finite():
    labels, probabilities = np.array([0, 1]), np.eye(7)[[0, 2]]
    expected = log_loss(labels, probabilities, labels=range(7))
    assert evaluate(labels, probabilities).log_loss.value == pytest.approx(expected)


def test_calibration_by_hand():
    """Ten answers at 0.94 of which nine are right, and ten at 0.5 of which two are."""
    labels = np.array([0] * 9 + [1] + [2] * 2 + [3] * 8)
    probabilities = np.vstack([certain([0] * 10, 0.94), certain([2] * 10, 0.5)])
    error = expected_calibration_error(labels, probabilities)
    assert error.value == pytest.approx(0.5 * (0.94 - 0.9) + 0.5 * (0.5 - 0.2))
    assert evaluate(labels, probabilities).calibration_error == error


def test_calibration_error_agrees_with_a_loop():
    labels, probabilities = predictions(1000)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for number in range(15):
        inside = (confidence > number / 15) & (confidence <= (number + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert expected_calibration_error(labels, probabilities).value == pytest.approx(expected)


def sharpened(images: int, seed: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Return labels drawn from probabilities, and these made too sure (1 is calibrated)."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, 1.5, (images, 7))
    honest = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) < random.random((images, 1))).sum(axis=1).clip(0, 6)
    sharp = honest**sharpness
    return labels, sharp / sharp.sum(axis=1, keepdims=True)


def test_calibration_error_covers_the_truth_in_simulation(monkeypatch):
    """The truth is the error over many images; 1,500 is what a split of the course holds."""
    monkeypatch.setattr(intervals, "RESAMPLES", 200)
    truth = expected_calibration_error(*sharpened(200_000, 0, sharpness=1.6)).value
    assert truth == pytest.approx(0.14, abs=0.005)
    covered = []
    for seed in range(1, 151):
        error = expected_calibration_error(*sharpened(1500, seed, sharpness=1.6))
        covered.append(error.low <= truth <= error.high)
    assert 0.9 <= np.mean(covered) <= 0.99


def test_calibration_error_of_an_honest_network_is_noise():
    error = expected_calibration_error(*sharpened(400, 0, sharpness=1))
    assert error.value > 0.03, "noise alone opens gaps"
    assert error.low < error.value / 2


def test_mcnemar_by_hand():
    """Nine images only the second reads, one only the first: 2 (1 + 10) / 2^10."""
    labels = np.zeros(30, int)
    first, second = np.zeros(30, int), np.zeros(30, int)
    first[:9], second[9], first[10:12], second[10:12] = 1, 2, 3, 4
    found = compare(labels, certain(list(first)), certain(list(second)))
    assert (found.only_first, found.only_second) == (1, 9)
    assert found.p_value == pytest.approx(22 / 1024)
    assert found.gain.value == pytest.approx(8 / 30)
    assert 0 < found.gain.low < 8 / 30 < found.gain.high
    back = compare(labels, certain(list(second)), certain(list(first)))
    assert back.gain.value == -found.gain.value and back.p_value == found.p_value


@pytest.mark.parametrize(
    ("losses", "wins", "p_value"),
    [(1, 9, 0.0214844), (13, 27, 0.0384773), (28, 37, 0.3210841), (0, 5, 0.0625), (40, 40, 1.0)],
)
def test_mcnemar_is_that_of_statsmodels(losses, wins, p_value):
    """What mcnemar([[10, losses], [wins, 7]], exact=True) of statsmodels 0.15.0 returns."""
    first = [0] * 10 + [0] * losses + [1] * wins + [1] * 7
    second = [0] * 10 + [1] * losses + [0] * wins + [1] * 7
    found = compare(np.zeros(len(first), int), certain(first), certain(second))
    assert found[:2] == (losses, wins)
    assert found.p_value == pytest.approx(p_value, abs=1e-6)


def test_two_networks_that_agree_do_not_differ():
    labels, probabilities = predictions(50)
    found = compare(labels, probabilities, probabilities)
    assert found == (0, 0, (0, 0, 0), 1)


def test_mcnemar_rarely_sees_a_difference_where_there_is_none(monkeypatch):
    monkeypatch.setattr(intervals, "RESAMPLES", 2)
    random = np.random.default_rng(0)
    labels = np.zeros(200, int)
    false_alarms = [
        compare(labels, *(certain(list(random.integers(0, 2, 200))) for _ in range(2))).p_value
        for _ in range(400)
    ]
    assert 0.01 < np.mean(np.array(false_alarms) < 0.05) < 0.06


GOOD = certain([0, 1, 2])


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([0, 1], GOOD, "one row for each label"),
        ([0, 1, 2], GOOD[:, :6], "one row for each label"),
        ([0, 1, 2], GOOD[0], "one row for each label"),
        ([0, 1, 7], GOOD, "between 0 and 6"),
        ([0, -1, 2], GOOD, "between 0 and 6"),
        ([0.0, 1.0, 2.0], GOOD, "integers"),
        ([[0, 1, 2]], GOOD, "integers"),
        ([0, 1, 2], GOOD * 2, "row 0 sums to 2.000"),
        ([0, 1, 2], GOOD - np.array([0.02, 0, 0, 0, 0, 0, -0.02]), "not be negative.*row 1"),
        ([0, 1, 2], np.where(np.eye(3, 7), np.nan, GOOD), "row 0 holds NaN"),
        ([0, 1, 2], np.where(np.eye(3, 7, -1), np.inf, GOOD), "row 1 holds NaN or infinity"),
        (np.zeros(0, int), np.zeros((0, 7)), "no image to evaluate"),
    ],
)
@pytest.mark.parametrize("metric", [evaluate, expected_calibration_error])
def test_bad_input_is_named(metric, labels, probabilities, message):
    with pytest.raises(ValueError, match=message):
        metric(np.array(labels), np.array(probabilities))


def test_float32_probabilities_of_a_network_pass():
    labels, probabilities = predictions(200)
    report = evaluate(labels, probabilities.astype(np.float32))
    assert report.accuracy == evaluate(labels, probabilities).accuracy
    assert isinstance(report.table, pd.DataFrame)
