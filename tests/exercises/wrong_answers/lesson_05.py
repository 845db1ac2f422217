"""Wrong answers to the exercises of lesson 05, evaluation."""

import numpy as np
from scipy.stats import binomtest

from course_utils.exercises import lesson_05
from course_utils.exercises.lesson_05 import (
    _against_a_coin,
    _chosen_on_the_test,
    _knows_the_label,
    _mean_precision,
    _mean_recall_with_zeros,
    _one_side,
    _report,
    _reported_on_validation,
    _silence_is_wrong,
    _target_as_threshold,
    _textbook,
    _unpaired,
)
from tests.exercises.wrong_answers import WrongAnswer

precision_of_sad = (
    WrongAnswer(2 / 3, "That is the recall"),
    WrongAnswer(0.571429, "That is F1"),
    WrongAnswer(0.2, "not by all ten"),
    WrongAnswer(50, "That is a percentage"),
    WrongAnswer(0.7, "Count the faces that the network calls sad"),
)

images_needed = (
    WrongAnswer(2304, "4 points wide"),
    WrongAnswer(3589, "Four times as many images halve it"),
    WrongAnswer(36_880, "whole interval is 1 point wide"),
    WrongAnswer(20_000, "fewer are enough"),
    WrongAnswer(0.96, "is none"),
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
    WrongAnswer(_recalls_of_copy, "changes what it is given"),
)


def _differences_listed(first: np.ndarray, second: np.ndarray) -> float:
    listed = np.arange(1, 1 + (first ^ second).sum())
    return float(binomtest((first & ~second).sum(), listed.max()).pvalue)  # of none, it raises


p_value = (
    WrongAnswer(_one_side, "one side only"),
    WrongAnswer(_unpaired, "from different images"),
    WrongAnswer(_against_a_coin, "better than a coin"),
    WrongAnswer(
        lambda first, second: binomtest(first.sum(), first.sum() + second.sum()).pvalue,
        "counts images that both have right",
    ),
    WrongAnswer(
        _differences_listed,
        "Your function raised `ValueError",
    ),
    WrongAnswer(
        lambda first, second: (first ^ second).mean(), "only the first has right, and those"
    ),
)

honest_report = (
    WrongAnswer(
        lambda labels, predicted, is_copy: _report(labels == predicted), "These are all images"
    ),
    WrongAnswer(
        lambda labels, predicted, is_copy: _report((labels == predicted)[is_copy]),
        "the copies themselves",
    ),
    WrongAnswer(
        lambda labels, predicted, is_copy: _textbook((labels == predicted)[~is_copy]),
        "the textbook's interval",
    ),
    WrongAnswer(
        lambda labels, predicted, is_copy: _report((labels != predicted)[~is_copy]),
        "first twelve test images",
    ),
)

abstain = (
    WrongAnswer(_chosen_on_the_test, "chosen on the test images"),
    WrongAnswer(_reported_on_validation, "too good there"),
    WrongAnswer(_silence_is_wrong, "count silence as a mistake"),
    WrongAnswer(_target_as_threshold, "the target itself"),
    WrongAnswer(_knows_the_label, "probability of the label"),
    WrongAnswer(
        lambda *arguments: lesson_05.abstain.reference(*arguments)["accuracy"],
        "print it, and go on",
    ),
)
