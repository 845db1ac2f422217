"""Exercises and quiz of lesson 09, trustworthy numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.exercises.answer_types import NUMBER, function
from course_utils.exercises.conditions import Arguments, Attempt, Condition, holds, same_values
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.kinds import read
from course_utils.exercises.lesson import Lesson

LESSON = 9


def _cases_of_pairs() -> Sequence[Arguments]:
    rng = np.random.default_rng(5)
    first, second = rng.random(400) < 0.7, rng.random(400) < 0.78
    even = np.arange(8) % 2 == 0
    return [
        (first, second),
        (second[:60], first[:60]),
        (first, first.copy()),
        (even, ~even),  # the same count on both sides
        (even[:1], even[1:2]),  # one image
    ]


def _binomial(successes: int, trials: int, share: float = 0.5, side: str = "two-sided") -> float:
    from scipy.stats import binomtest

    return float(binomtest(int(successes), int(trials), float(share), side).pvalue)


def _one_side(first: np.ndarray, second: np.ndarray) -> float:
    only_second, differ = (~first & second).sum(), (first ^ second).sum()
    return _binomial(only_second, differ, side="greater") if differ else 1.0


def _unpaired(first: np.ndarray, second: np.ndarray) -> float:
    """Test the second network's count against the first one's accuracy, as if it were certain."""
    return _binomial(second.sum(), len(second), first.mean())


def _one_side_doubled(first: np.ndarray, second: np.ndarray) -> float:
    fewer = min((first & ~second).sum(), (~first & second).sum())
    differ = (first ^ second).sum()
    return 2 * _binomial(fewer, differ, side="less") if differ else 1.0


p_value = Exercise(
    LESSON,
    "p_value",
    function("first", "second"),
    same_values(
        one_side_doubled=_one_side_doubled,
        one_side=_one_side,
        unpaired=_unpaired,
        both_right_count=lambda first, second: _binomial(first.sum(), first.sum() + second.sum()),
    ),
    cases=_cases_of_pairs,
)


def _cases_of_gains() -> Sequence[Arguments]:
    first, second = _cases_of_pairs()[0]
    return [*_cases_of_pairs(), (first, first ^ (np.arange(len(first)) % 40 == 0)), (second, first)]


def _gain_the_other_way(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    low, high = gain_interval.reference(second, first)
    return low, high


def _gain_of_two_tests(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    half = 1.96 * np.sqrt((first.var() + second.var()) / len(first))
    gain = second.mean() - first.mean()
    return gain - half, gain + half


def _gain_of_differing(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    differ = first != second
    if not differ.any():
        return 0.0, 0.0
    low, high = gain_interval.reference(first[differ], second[differ])
    return low, high


gain_interval = Exercise(
    LESSON,
    "gain_interval",
    function("first", "second"),
    same_values(
        two_tests=_gain_of_two_tests,
        other_way=_gain_the_other_way,
        differing_only=_gain_of_differing,
    ),
    cases=_cases_of_gains,
)

REACH = 0.01
MOST_IMAGES = 10_000  # 9,220 are enough; 9,604 are where the accuracy is not known


def _reach(images: float) -> float:
    """Return how far Wilson's interval for 60 % reaches to each side, on average of the two."""
    z2 = 1.96**2
    return float(1.96 * np.sqrt(0.24 / images + z2 / (2 * images) ** 2) / (1 + z2 / images))


def _too_few(attempt: Attempt) -> str:
    images = float(attempt.answer)
    if images >= 1 and _reach(images) <= REACH:
        return ""
    if not images >= 1:  # so that nan is none, too
        return f"A test needs images: {images:g} is none. Give a whole number of them."
    advice = "Four times as many images halve it."
    if 0.019 < _reach(images) < 0.021:
        advice = "You have made the whole interval 4 points wide; it may be 2 points wide in all."
    return f"With {images:,.0f} images it reaches {100 * _reach(images):.2f} points. {advice}"


def _too_many(answer: Any) -> str:
    images = float(answer)
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


def _certain(confidence: Sequence[float], is_right: Sequence[bool]) -> tuple[np.ndarray, ...]:
    """Return labels and probabilities (n, 7) of images that are predicted so."""
    sure = np.array(confidence)[:, np.newaxis]
    probabilities = np.where(np.arange(7) == 3, sure, (1 - sure) / 6)
    return np.where(is_right, 3, 5), probabilities


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
    return [
        *cases,
        # Exactly the target with 0.5, and images whose confidence is just that.
        (
            *_certain([0.46, 0.5, 0.5, 0.5, 0.5], [False, True, True, True, False]),
            *_certain([0.5, 0.4, 0.75], [True, False, True]),
            0.75,
        ),
        # One image is left with the highest threshold; and of one image in all, none need go.
        (
            *_certain([0.92, 0.97], [False, True]),
            *_certain([0.93, 0.96, 0.98], [False, True, False]),
            0.9,
        ),
        (*_certain([0.6], [True]), *_certain([0.6], [True]), 0.5),
    ]


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
    *_, labels, probabilities, target = arguments
    answered = probabilities.max(axis=1) >= target
    right = probabilities.argmax(axis=1) == labels
    return {
        "threshold": target,
        "answered": answered.mean(),
        "accuracy": right[answered].mean(),
    }


abstain = Exercise(
    LESSON,
    "abstain",
    function("labels", "probabilities", "test_labels", "test_probabilities", "target"),
    same_values(
        chosen_on_test=_chosen_on_the_test,
        reported_on_validation=_reported_on_validation,
        silence_is_wrong=_silence_is_wrong,
        target_as_threshold=_target_as_threshold,
    ),
    cases=_cases_of_splits,
)


chosen_on = read(LESSON, "chosen_on", epochs="ABC", monitor="ABC", swapped="ABC", silent="ABC")


lesson = Lesson(LESSON, (p_value, gain_interval, images_needed, abstain, chosen_on))
quiz, progress = lesson.quiz, lesson.progress
