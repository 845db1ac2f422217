"""Exercises and quiz of lesson 05, evaluation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils import evaluation
from course_utils.exercises.answer_types import NUMBER, function
from course_utils.exercises.conditions import (
    Arguments,
    Attempt,
    Condition,
    holds,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

LESSON = 5

precision_of_sad = Exercise(
    LESSON,
    "precision_of_sad",
    NUMBER,
    same_values(recall=2 / 3, f1=4 / 7, all_ten=2 / 10, per_cent=50),
)

REACH = 0.01
MOST_IMAGES = 10_000  # 9,220 are enough; 9,604 are where the accuracy is not known


def _reach(images: float) -> float:
    """Return how far Wilson's interval for 60 % reaches to each side, on average of the two."""
    low, high = evaluation.wilson_interval(round(0.6 * images), round(images))
    return (high - low) / 2


def _too_few(attempt: Attempt) -> str:
    images = attempt.answer
    if images >= 1 and _reach(images) <= REACH:
        return ""
    if images < 1:
        return f"A test needs images: {images:g} is none. Give a whole number of them."
    advice = "Four times as many images halve it."
    if 0.019 < _reach(images) < 0.021:
        advice = "You have made the whole interval 4 points wide; it may be 2 points wide in all."
    return f"With {images:,.0f} images it reaches {100 * _reach(images):.2f} points. {advice}"


def _too_many(images: float) -> str:
    if images > 30_000:
        return (
            "With so many the whole interval is 1 point wide or less. It may reach 1 point to "
            "*each* side."
        )
    return (
        f"With {images:,.0f} images it reaches {100 * _reach(images):.2f} points: fewer are enough."
    )


images_needed = Exercise(
    LESSON,
    "images_needed",
    NUMBER,
    Condition("enough", _too_few),
    holds("not too many", lambda images: images <= MOST_IMAGES, _too_many),
)


def _cases_of_matrices() -> Sequence[Arguments]:
    return [
        (np.array([[8, 1, 1], [10, 30, 0], [0, 50, 50]]),),
        (np.array([[0, 0, 0], [5, 90, 5], [3, 2, 15]]),),  # the first class has no image
    ]


def _mean_precision(matrix: np.ndarray) -> float:
    answers = matrix.sum(axis=0)
    return float((np.diag(matrix)[answers > 0] / answers[answers > 0]).mean())


def _mean_recall_with_zeros(matrix: np.ndarray) -> float:
    return float(np.nan_to_num(np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)).mean())


balanced = Exercise(
    LESSON,
    "balanced",
    function("matrix"),
    same_shape(),
    same_values(
        accuracy=lambda matrix: np.trace(matrix) / matrix.sum(),
        mean_precision=_mean_precision,
        empty_class_is_zero=_mean_recall_with_zeros,
    ),
    cases=_cases_of_matrices,
)


def _cases_of_pairs() -> Sequence[Arguments]:
    rng = np.random.default_rng(5)
    first, second = rng.random(400) < 0.7, rng.random(400) < 0.78
    return [(first, second), (second[:60], first[:60]), (first, first.copy())]


def _binomial(successes: int, trials: int, share: float = 0.5, side: str = "two-sided") -> float:
    from scipy.stats import binomtest

    return float(binomtest(int(successes), int(trials), float(share), side).pvalue)


def _one_side(first: np.ndarray, second: np.ndarray) -> float:
    only_second, differ = (~first & second).sum(), (first ^ second).sum()
    return _binomial(only_second, differ, side="greater") if differ else 1.0


def _against_a_coin(first: np.ndarray, second: np.ndarray) -> float:
    """Test the second network against a coin, over all images."""
    return _binomial(second.sum(), len(second))


def _unpaired(first: np.ndarray, second: np.ndarray) -> float:
    """Test the second network's count against the first one's accuracy, as if it were certain."""
    return _binomial(second.sum(), len(second), first.mean())


p_value = Exercise(
    LESSON,
    "p_value",
    function("first", "second"),
    same_values(
        one_side=_one_side,
        unpaired=_unpaired,
        against_a_coin=_against_a_coin,
        both_right_count=lambda first, second: _binomial(first.sum(), first.sum() + second.sum()),
    ),
    cases=_cases_of_pairs,
)


def _cases_of_reports() -> Sequence[Arguments]:
    rng = np.random.default_rng(6)
    labels, is_copy = rng.integers(0, 7, 300), rng.random(300) < 0.2
    is_right = rng.random(300) < np.where(is_copy, 0.95, 0.6)
    predicted = np.where(is_right, labels, (labels + rng.integers(1, 7, 300)) % 7)
    few = slice(0, 12)
    return [(labels, predicted, is_copy), (labels[few], predicted[few], is_copy[few])]


def _report(right: np.ndarray) -> dict[str, float]:
    low, high = evaluation.wilson_interval(int(right.sum()), len(right))
    return {"accuracy": right.mean(), "low": low, "high": high, "images": len(right)}


def _textbook(right: np.ndarray) -> dict[str, float]:
    share = right.mean()
    half = 1.96 * np.sqrt(share * (1 - share) / len(right))
    return {"accuracy": share, "low": share - half, "high": share + half, "images": len(right)}


honest_report = Exercise(
    LESSON,
    "honest_report",
    function("labels", "predicted", "is_copy"),
    same_values(
        all_images=lambda labels, predicted, is_copy: _report(labels == predicted),
        copies_only=lambda labels, predicted, is_copy: _report((labels == predicted)[is_copy]),
        textbook_interval=lambda labels, predicted, is_copy: _textbook(
            (labels == predicted)[~is_copy]
        ),
        interval_of_all=lambda labels, predicted, is_copy: {
            **_report((labels == predicted)[~is_copy]),
            **{end: _report(labels == predicted)[end] for end in ("low", "high")},
        },
    ),
    cases=_cases_of_reports,
)


THRESHOLDS = np.arange(20) / 20


def _cases_of_splits() -> Sequence[Arguments]:
    rng = np.random.default_rng(7)
    cases = []
    for target, sharpness in ((0.9, 1.0), (0.8, 2.0)):
        answers = []
        for images, sureness in ((500, 1.0), (400, sharpness)):
            labels = rng.integers(0, 7, images)
            scores = rng.normal(size=(images, 7)) + 2 * np.eye(7)[labels]
            exponents = np.exp(sureness * scores)
            answers += [labels, exponents / exponents.sum(axis=1, keepdims=True)]
        cases.append((*answers, target))
    return cases


def _choose(confidence: np.ndarray, right: np.ndarray, target: float) -> float:
    return float(next(t for t in THRESHOLDS if right[confidence >= t].mean() >= target))


def _measures_at(confidence: np.ndarray, right: np.ndarray, threshold: float) -> dict[str, float]:
    answered = confidence >= threshold
    return {
        "threshold": threshold,
        "answered": float(answered.mean()),
        "accuracy": float(right[answered].mean()),
    }


def _sure_and_right(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels


def _chosen_on_the_test(*arguments: Any) -> dict[str, float]:
    *_, test_labels, test_probabilities, target = arguments
    on_test = (test_labels, test_probabilities)
    return dict(abstain.reference(*on_test, *on_test, target))


def _reported_on_validation(*arguments: Any) -> dict[str, float]:
    labels, probabilities, *_, target = arguments
    return dict(abstain.reference(labels, probabilities, labels, probabilities, target))


def _silence_is_wrong(*arguments: Any) -> dict[str, float]:
    result = abstain.reference(*arguments)
    return {**result, "accuracy": result["accuracy"] * result["answered"]}


def _target_as_threshold(*arguments: Any) -> dict[str, float]:
    *_, test_labels, test_probabilities, target = arguments
    return _measures_at(*_sure_and_right(test_labels, test_probabilities), target)


def _knows_the_label(*arguments: Any) -> dict[str, float]:
    """Use the probability of the true class as confidence, as nobody can in use."""
    labels, probabilities, test_labels, test_probabilities, target = arguments
    threshold = _choose(*_sure_and_right(labels, probabilities), target)
    of_label = test_probabilities[np.arange(len(test_labels)), test_labels]
    return _measures_at(of_label, test_probabilities.argmax(axis=1) == test_labels, threshold)


abstain = Exercise(
    LESSON,
    "abstain",
    function("labels", "probabilities", "test_labels", "test_probabilities", "target"),
    same_values(
        chosen_on_test=_chosen_on_the_test,
        reported_on_validation=_reported_on_validation,
        silence_is_wrong=_silence_is_wrong,
        target_as_threshold=_target_as_threshold,
        label_as_confidence=_knows_the_label,
    ),
    cases=_cases_of_splits,
)


lesson = Lesson(
    LESSON, (precision_of_sad, images_needed, balanced, p_value, honest_report, abstain)
)
quiz, progress = lesson.quiz, lesson.progress
