"""Wrong answers to the exercises of lesson 05, evaluation."""

from typing import Any

import numpy as np
from scipy.stats import binom, binomtest

from course_utils.exercises import lesson_05
from course_utils.exercises.lesson_05 import (
    _chosen_on_the_test,
    _mean_precision,
    _mean_recall_with_zeros,
    _one_side,
    _one_side_doubled,
    _reported_on_validation,
    _silence_is_wrong,
    _table_of_precisions,
    _table_with_textbook,
    _target_as_threshold,
    _unpaired,
)
from tests.exercises.mutants import run
from tests.exercises.wrong_answers import WrongAnswer

precision_of_sad = (
    WrongAnswer(2 / 3, "That is the recall"),
    WrongAnswer(0.571429, "That is F1"),
    WrongAnswer(0.2, "not by all ten"),
    WrongAnswer(5 / 6, "the precision for *happy*"),
    WrongAnswer(50, "That is a percentage"),
    WrongAnswer(float("nan"), "not a number"),
    WrongAnswer(0.7, "Expected a smaller value"),
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


def _mean_recall(matrix: np.ndarray) -> float:
    images = matrix.sum(axis=1)
    return float((np.diag(matrix)[images > 0] / images[images > 0]).mean())


def _recalls_of_copy(matrix: np.ndarray) -> float:
    result = _mean_recall(matrix)
    np.fill_diagonal(matrix, 0)
    return result


balanced = (
    WrongAnswer(lambda matrix: np.array([_mean_recall(matrix)]), "yours is (1,)"),
    WrongAnswer(lambda matrix: np.trace(matrix) / matrix.sum(), "That is the accuracy"),
    WrongAnswer(_mean_precision, "sums of the columns"),
    WrongAnswer(_mean_recall_with_zeros, "leave it out"),
    WrongAnswer(lambda matrix: 100 * _mean_recall(matrix), "Compute the recall of each"),
    WrongAnswer(_recalls_of_copy, "writes into"),
)

recall_table = (
    WrongAnswer(run(lesson_05.recall_table.text.start, "recall_table"), "at `['angry'][1]`"),
    WrongAnswer(_table_of_precisions, "the precision of each class now"),
    WrongAnswer(_table_with_textbook, "the textbook's interval"),
    WrongAnswer(
        lambda labels, predicted: list(lesson_05.recall_table.reference(labels, predicted)),
        "yours is a list",
    ),
)


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

_CARD = lesson_05.model_card.reference

model_card = (
    *(
        WrongAnswer({**_CARD, key: letter}, message)
        for key, letter, message in (
            ("disgust", "A", "These two are exchanged"),
            ("disgust", "C", "has many false alarms"),
            ("neutral", "B", "comes from false alarms"),
            ("neutral", "C", "They do say it"),
            ("compare", "A", "before you call it a difference"),
            ("compare", "B", "does not show that two shares are equal"),
            ("claim", "A", "and not more true"),
            ("claim", "C", "except for 294"),
            ("claim", "D", "for `claim`"),
        )
    ),
    WrongAnswer({"disgust": "B"}, "for `neutral`"),
)


def _strictly_above(*arguments: Any) -> dict[str, float]:
    """Take an image whose confidence is exactly the threshold for an unsure one."""
    labels, probabilities, test_labels, test_probabilities, target = arguments
    return dict(
        lesson_05.abstain.reference(
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
        lambda *arguments: lesson_05.abstain.reference(*arguments)["accuracy"],
        "yours is `0.93985`",
    ),
)
