"""Exercises and quiz of lesson 05, evaluation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils import EMOTIONS
from course_utils.exercises.answer_types import NUMBER, function
from course_utils.exercises.conditions import (
    Arguments,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.kinds import read
from course_utils.exercises.lesson import Lesson

LESSON = 5

precision_of_sad = Exercise(
    LESSON,
    "precision_of_sad",
    NUMBER,
    same_values(recall=2 / 3, f1=4 / 7, all_ten=2 / 10, of_happy=5 / 6, per_cent=50),
)


def _cases_of_matrices() -> Sequence[Arguments]:
    return [
        (np.array([[8, 1, 1], [10, 30, 0], [0, 50, 50]]),),
        (np.array([[0, 0, 0], [5, 90, 5], [3, 2, 15]]),),  # the first class has no image
        (np.array([[1, 0, 0], [0, 0, 7], [0, 0, 2]]),),  # one image; and one class is never found
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


def _cases_of_classes() -> Sequence[Arguments]:
    rng = np.random.default_rng(6)
    labels = rng.permutation(np.repeat(np.arange(7), [20, 2, 19, 41, 26, 23, 1]))
    predicted = np.where(rng.random(len(labels)) < 0.6, labels, rng.integers(0, 7, len(labels)))
    predicted[labels == 1] = 0  # the rare class is never found
    return [(labels, predicted), (np.arange(7), np.arange(7))]


def _table_of_precisions(labels: np.ndarray, predicted: np.ndarray) -> Any:
    return recall_table.reference(predicted, labels)


def _table_with_textbook(labels: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    rows = {}
    for number, emotion in enumerate(EMOTIONS):
        right = predicted[labels == number] == number
        half = 1.96 * right.std() / np.sqrt(len(right))
        rows[emotion] = (right.mean(), right.mean() - half, right.mean() + half)
    return rows


recall_table = Exercise(
    LESSON,
    "recall_table",
    function("labels", "predicted"),
    same_values(precision=_table_of_precisions, textbook=_table_with_textbook),
    cases=_cases_of_classes,
)


model_card = read(LESSON, "model_card", disgust="ABC", neutral="ABC", compare="ABC", claim="ABC")


def _cases_of_scores() -> Sequence[Arguments]:
    rng = np.random.default_rng(8)
    is_class = rng.random(300) < 0.2
    is_class[:64] = True
    is_class[64 + np.flatnonzero(is_class[64:])] = False  # 64 of the class: quarters are exact
    scores = rng.permutation(np.linspace(0.01, 0.99, 300)) / 2 + is_class * 0.3
    tied = np.array([0.9, 0.4, 0.4, 0.1, 0.4, 0.8])
    return [
        (is_class, scores, 0.75),
        (is_class, scores, 0.5),
        (is_class, scores, 1.0),
        (np.array([True, True, True, True, False, False]), tied, 0.5),
        (np.array([True, False]), np.array([0.3, 0.6]), 0.7),  # one face of the class
        (np.array([True, True, True, False]), np.array([0.5, 0.7, 0.2, 0.9]), 0.5),
    ]


def _threshold_of_all(is_class: np.ndarray, score: np.ndarray, recall: float) -> float:
    return float(threshold_for.reference(np.ones_like(is_class), score, recall))


def _interpolated(is_class: np.ndarray, score: np.ndarray, recall: float) -> float:
    return float(np.quantile(score[is_class], 1 - recall))


def _one_too_few(is_class: np.ndarray, score: np.ndarray, recall: float) -> float:
    found = np.sort(score[is_class])[::-1]
    return float(found[max(int(recall * len(found)) - 1, 0)])


def _lowest(is_class: np.ndarray, score: np.ndarray, recall: float) -> float:
    return float(score[is_class].min())


threshold_for = Exercise(
    LESSON,
    "threshold_for",
    function("is_class", "score", "recall"),
    same_values(
        of_all=_threshold_of_all,
        interpolated=_interpolated,
        one_too_few=_one_too_few,
        lowest=_lowest,
    ),
    cases=_cases_of_scores,
)


lesson = Lesson(LESSON, (precision_of_sad, balanced, recall_table, model_card, threshold_for))
quiz, progress = lesson.quiz, lesson.progress
