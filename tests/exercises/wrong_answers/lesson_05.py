"""Wrong answers to the exercises of lesson 05, evaluation."""

import numpy as np

from course_utils.exercises import lesson_05
from course_utils.exercises.lesson_05 import (
    _interpolated,
    _lowest,
    _mean_precision,
    _mean_recall_with_zeros,
    _one_too_few,
    _table_of_precisions,
    _table_with_textbook,
    _threshold_of_all,
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

threshold_for = (
    WrongAnswer(_threshold_of_all, "sorts the scores of all faces"),
    WrongAnswer(_interpolated, "lies between two scores"),
    WrongAnswer(_one_too_few, "rounds down"),
    WrongAnswer(_lowest, "finds every face of the class"),
    WrongAnswer(lambda is_class, score, recall: recall, "Are they enough"),
)
