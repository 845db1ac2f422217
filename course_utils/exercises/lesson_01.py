"""Exercises and quiz of lesson 01, dataset exploration."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from course_utils import dataset, drawn_faces
from course_utils.exercises.answer_types import ARRAY, LIST, function
from course_utils.exercises.conditions import (
    Arguments,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

LESSON = 1

two_accuracies = Exercise(
    LESSON,
    "two_accuracies",
    LIST,
    same_values(
        plain_accuracy_twice=[0.6, 0.6],
        seven_classes=[0.6, 1 / 7],
        other_order=[1 / 3, 0.6],
        per_cent=[60, 100 / 3],
        rounded=[0.6, 0.33],
    ),
)


def _cases_of_labels() -> Sequence[Arguments]:
    rng = np.random.default_rng(1)
    few = rng.integers(0, 7, 40)
    return [(few,), (np.array([5, 5, 2, 5, 0, 2]),), (np.repeat([6, 3, 0], [2, 9, 4]),)]


majority_baseline = Exercise(
    LESSON,
    "majority_baseline",
    function("labels"),
    same_values(
        most_frequent_class=lambda labels: np.bincount(labels).argmax(),
        not_divided=lambda labels: np.bincount(labels).max(),
        equal_guessing=lambda labels: 1 / len(np.unique(labels)),
        rarest_class=lambda labels: np.unique(labels, return_counts=True)[1].min() / len(labels),
    ),
    cases=_cases_of_labels,
)


def _cases_of_blanks() -> Sequence[Arguments]:
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (6, 8, 8), dtype=np.uint8)
    images[1], images[4], images[5, :4] = 0, 130, 255
    faint = rng.integers(120, 123, (3, 8, 8), dtype=np.uint8)
    return [(images,), (faint,)]


find_blank = Exercise(
    LESSON,
    "find_blank",
    function("images"),
    same_shape(),
    same_values(
        counted_from_one=lambda images: np.flatnonzero(np.ptp(images, axis=(1, 2)) == 0) + 1
    ),
    cases=_cases_of_blanks,
)


def _happily_surprised(size: int = 96, **units: float) -> np.ndarray:
    return drawn_faces.draw_face({"AU1": 1, "AU2": 1, "AU12": 1, "AU25": 1, **units}, size)


happily_surprised = Exercise(
    LESSON,
    "happily_surprised",
    ARRAY,
    same_values(
        small=lambda: _happily_surprised(48),
        no_au25=lambda: _happily_surprised(AU25=0),
        half_strength=lambda: _happily_surprised(AU1=0.5, AU2=0.5, AU12=0.5, AU25=0.5),
    ),
)


def _cases_of_votes() -> Sequence[Arguments]:
    unlike = [[10, 0, 0, 0, 0, 0, 0], [5, 5, 0, 0, 0, 0, 0], [1, 2, 3, 1, 1, 1, 1]]
    return [(np.array(unlike),), (np.array([[0, 0, 0, 7, 0, 0, 1], [2, 2, 0, 2, 0, 2, 0]]),)]


doubt: Exercise = Exercise(
    LESSON,
    "doubt",
    function("votes"),
    same_shape(),
    same_values(
        nats=lambda votes: doubt.reference(votes) * np.log(2),
        agreement=lambda votes: votes.max(axis=1) / votes.sum(axis=1),
        sign=lambda votes: -doubt.reference(votes),
    ),
    cases=_cases_of_votes,
)


@lru_cache(maxsize=1)
def _cases_of_leaks() -> Sequence[Arguments]:
    """Two of eight test faces occur in training: one in another light, one twice."""
    faces = drawn_faces.make_dataset(30, seed=11).images
    train, test = faces[:22], faces[22:].copy()
    test[2] = np.clip(0.7 * train[5] + 30, 0, 255).astype(np.uint8)
    twice = np.concatenate(
        [train, np.clip(0.8 * test[6:7] + 20, 0, 255).astype(np.uint8), test[6:7]]
    )
    return [(twice, test), (train, faces[22:])]


def _in_training(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return as many indices of training images with a twin as test images leak."""
    twins = np.unique(dataset.near_duplicate_pairs(test, train)[:, 1])
    return twins[: len(find_leaks.reference(train, test))]


find_leaks: Exercise = Exercise(
    LESSON,
    "find_leaks",
    function("train", "test"),
    same_shape(),
    same_values(
        training_indices=_in_training,
        falling_order=lambda train, test: find_leaks.reference(train, test)[::-1],
    ),
    cases=_cases_of_leaks,
)


lesson = Lesson(
    LESSON, (two_accuracies, majority_baseline, find_blank, happily_surprised, doubt, find_leaks)
)
quiz, progress = lesson.quiz, lesson.progress
