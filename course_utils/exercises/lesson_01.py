"""Exercises and quiz of lesson 01, dataset exploration."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from course_utils import EMOTIONS, dataset, drawn_faces
from course_utils.exercises.answer_types import LIST, describe, function
from course_utils.exercises.conditions import (
    Arguments,
    Attempt,
    Condition,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.kinds import read
from course_utils.exercises.lesson import Lesson

LESSON = 1


def _one_row() -> Condition:
    """Return the condition that results are indices in one row."""

    def complaint(attempt: Attempt) -> str:
        for case in attempt.comparisons():
            got = np.asarray(case.got)
            if got.ndim != 1 or got.dtype == bool:
                start = f"Expected indices in one row; yours is {describe(case.got)}."
                return f"{start} {attempt.text.advice['one row']}"
        return ""

    return Condition("one row", complaint, has_advice=True)


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
    many = np.random.default_rng(1).integers(0, 7, 40)
    tied, one = np.array([2, 4, 4, 2, 6]), np.array([3])
    return [(many,), (np.array([5, 5, 2, 5, 0, 2]),), (np.repeat([6, 3], [2, 9]),), (tied,), (one,)]


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


def _cases_of_files() -> Sequence[Arguments]:
    sorted_by_folder = [f"images/train/{emotion}/{row}.png" for row, emotion in enumerate(EMOTIONS)]
    mixed = [f"faces/{emotion}/{row}.png" for row, emotion in enumerate(("sad", "fear", "happy"))]
    own = ["happy/sad/7.jpg", "happy/surprise/angry_2.jpg", "happy/angry/3.jpg"]
    return [(sorted_by_folder,), (mixed,), (own,), (["faces/surprise/0.png"],)]


def _among_those_found(files: list[str]) -> list[int]:
    folders = [file.split("/")[-2] for file in files]
    return [sorted(set(folders)).index(folder) for folder in folders]


def _as_they_come(files: list[str]) -> list[int]:
    folders = [file.split("/")[-2] for file in files]
    return [list(dict.fromkeys(folders)).index(folder) for folder in folders]


read_labels = Exercise(
    LESSON,
    "read_labels",
    function("files"),
    same_shape(),
    same_values(as_they_come=_as_they_come, among_those_found=_among_those_found),
    cases=_cases_of_files,
)


def _cases_of_empty() -> Sequence[Arguments]:
    rng = np.random.default_rng(2)
    images = rng.integers(0, 200, (6, 8, 10), dtype=np.uint8)
    images[1], images[4] = 0, 130
    images[2, :, :5] = 255  # exactly half
    images[5, :, 5:], images[5, 0, 0] = 77, 77  # one pixel more
    faint = rng.integers(120, 123, (3, 8, 8), dtype=np.uint8)
    return [(images,), (faint,), (images[4:5],)]


find_empty = Exercise(
    LESSON,
    "find_empty",
    function("images"),
    _one_row(),
    same_values(
        only_blank=lambda images: np.flatnonzero(np.ptp(images, axis=(1, 2)) == 0),
    ),
    cases=_cases_of_empty,
)

copies_in_test = read(LESSON, "copies_in_test", lift="ABC", cause="ABC", experiment="ABC")


def _cases_of_votes() -> Sequence[Arguments]:
    votes = [
        [10, 0, 0, 0, 0, 0, 0],
        [5, 5, 0, 0, 0, 0, 0],
        [1, 2, 3, 1, 1, 1, 1],
        [0, 0, 0, 7, 0, 0, 1],
        [3, 1, 1, 4, 0, 0, 0],
        [1, 1, 1, 4, 3, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]
    return [
        (np.array(votes), np.array([0, 1, 1, 6, 0, 3, 3])),
        (np.array([[2, 2, 0, 2, 0, 2, 0]]), np.array([2])),
        (np.array([[0, 0, 0, 0, 0, 4, 4]]), np.array([6])),
    ]


def _without_majority(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.flatnonzero(votes[np.arange(len(labels)), labels] <= votes.sum(axis=1) / 2)


contradicted = Exercise(
    LESSON,
    "contradicted",
    function("votes", "labels"),
    _one_row(),
    same_values(
        first_of_the_largest=lambda votes, labels: np.flatnonzero(votes.argmax(axis=1) != labels),
        without_majority=_without_majority,
    ),
    cases=_cases_of_votes,
)


@lru_cache(maxsize=1)
def _cases_of_leaks() -> Sequence[Arguments]:
    """Two of eight test faces occur in training: one in another light, one twice."""
    faces = drawn_faces.make_dataset(30, seed=11).images
    train, test = faces[:22], faces[22:].copy()
    test[2] = np.clip(0.7 * train[5] + 30, 0, 255).astype(np.uint8)
    test[4] = np.clip(0.9 * test[3] + 5, 0, 255).astype(np.uint8)  # a pair, but not with training
    darker = np.clip(0.8 * test[6:7] + 20, 0, 255).astype(np.uint8)
    twice = np.concatenate([train, darker, test[6:7]])
    return [(twice, test), (train, faces[22:]), (train, test[2:3])]


find_leaks = Exercise(
    LESSON,
    "find_leaks",
    function("train", "test"),
    _one_row(),
    same_values(
        training_indices=lambda train, test: np.unique(
            dataset.near_duplicate_pairs(test, train)[:, 1]
        ),
        once_a_pair=lambda train, test: dataset.near_duplicate_pairs(test, train)[:, 0],
    ),
    cases=_cases_of_leaks,
)


lesson = Lesson(
    LESSON,
    (
        read_labels,
        two_accuracies,
        majority_baseline,
        find_empty,
        copies_in_test,
        find_leaks,
        contradicted,
    ),
)
quiz, progress = lesson.quiz, lesson.progress
