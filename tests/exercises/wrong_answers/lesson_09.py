"""Wrong answers to the exercises of lesson 09, trustworthy numbers."""

from typing import Any

import numpy as np
from scipy.stats import binom, binomtest

from course_utils.exercises import lesson_09
from course_utils.exercises.lesson_09 import (
    _chosen_on_the_test,
    _gain_of_differing,
    _gain_the_other_way,
    _one_side,
    _one_side_doubled,
    _reported_on_validation,
    _silence_is_wrong,
    _target_as_threshold,
    _unpaired,
)
from tests.exercises.mutants import run
from tests.exercises.wrong_answers import WrongAnswer


def _only_this_count(first: np.ndarray, second: np.ndarray) -> float:
    """Return the probability of this very split, and not of one as uneven."""
    only_first, differ = (first & ~second).sum(), (first ^ second).sum()
    return float(binom.pmf(only_first, differ, 0.5))


def _differences_listed(first: np.ndarray, second: np.ndarray) -> float:
    listed = np.arange(1, 1 + (first ^ second).sum())
    return float(binomtest((first & ~second).sum(), listed.max()).pvalue)  # of none, it raises


p_value = (
    WrongAnswer(_one_side_doubled, "goes above 1"),
    WrongAnswer(_only_this_count, "yours is `0.0033"),
    WrongAnswer(_one_side, "one side only"),
    WrongAnswer(_unpaired, "from different images"),
    WrongAnswer(lambda first, second: binomtest(second.sum(), len(second)).pvalue, "yours is `6.7"),
    WrongAnswer(
        lambda first, second: binomtest(first.sum(), first.sum() + second.sum()).pvalue,
        "counts images that both have right",
    ),
    WrongAnswer(
        _differences_listed,
        "Your function raised `ValueError",
    ),
    WrongAnswer(lambda first, second: (first ^ second).mean(), "yours is `0.38`"),
)


def _gain_without_its_size(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    gains = second.astype(int) - first.astype(int)
    return gains.mean() - 1.96 * gains.std(), gains.mean() + 1.96 * gains.std()


gain_interval = (
    WrongAnswer(run(lesson_09.gain_interval.text.start, "gain_interval"), "two tests on images of"),
    WrongAnswer(_gain_the_other_way, "the gain of the first over the second"),
    WrongAnswer(_gain_of_differing, "leaves out the images on which both agree"),
    WrongAnswer(_gain_without_its_size, "by how much is the second network better on it"),
)

images_needed = (
    WrongAnswer(2304, "4 points wide"),
    WrongAnswer(3589, "Four times as many images halve it"),
    WrongAnswer(36_880, "whole interval is 1 point wide"),
    WrongAnswer(20_000, "0.68 points: fewer are enough"),
    WrongAnswer(0.96, "0.96 is none"),
    WrongAnswer(float("nan"), "nan is none"),
    WrongAnswer(10_001, "With 10,001 images"),
)


def _strictly_above(*arguments: Any) -> dict[str, float]:
    """Take an image whose confidence is exactly the threshold for an unsure one."""
    labels, probabilities, test_labels, test_probabilities, target = arguments
    return dict(
        lesson_09.abstain.reference(
            labels, probabilities - 1e-9, test_labels, test_probabilities - 1e-9, target
        )
    )


abstain = (
    WrongAnswer(_chosen_on_the_test, "chosen on the test images"),
    WrongAnswer(_reported_on_validation, "too good there"),
    WrongAnswer(_silence_is_wrong, "count silence as a mistake"),
    WrongAnswer(_target_as_threshold, "the target itself"),
    WrongAnswer(_strictly_above, "at `['threshold']`"),
    WrongAnswer(
        lambda *arguments: lesson_09.abstain.reference(*arguments)["accuracy"],
        "yours is `0.93985`",
    ),
)

_AUDIT = lesson_09.chosen_on.reference

chosen_on = (
    *(
        WrongAnswer({**_AUDIT, key: letter}, message)
        for key, letter, message in (
            ("epochs", "A", "What did choose the epoch"),
            ("epochs", "C", "the one whose test accuracy is highest"),
            ("monitor", "A", "not at what the metric is called"),
            ("monitor", "C", "come from here"),
            ("swapped", "B", "two different parts here"),
            ("swapped", "C", "which part chose"),
            ("silent", "A", "What makes you sure"),
            ("silent", "B", "Do these sentences say it"),
            ("silent", "D", "for `silent`"),
        )
    ),
    WrongAnswer({"epochs": "B"}, "for `monitor`"),
)
