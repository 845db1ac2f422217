"""Exercises that resemble the work: read results, complete a pipeline, debug a run, beat another.

- Read this: the answer is a dictionary of letters; `read` makes the whole exercise.
- Complete the pipeline: a function with gaps that returns a `tf.data.Dataset`; `each_epoch` looks
  at what it yields.
- Debug this run: a function with one fault, the `start` of the lesson's file and of the notebook;
  the conditions are the usual ones.
- Beat this: a function that trains within the exercise's seconds; `beats` evaluates the result.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercises.answer_types import DICTIONARY
from course_utils.exercises.conditions import AnswerError, Attempt, Condition
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.time_limit import run_within


def read(lesson: int, name: str, **letters: str) -> Exercise:
    """Return an exercise to choose what a figure, a table or a claim says, and why.

    The lesson's file says something about each letter among its `mistakes`, under "KEY LETTER";
    what it says about the right ones is shown at the end.

    Args:
        lesson: its number.
        name: of the answer.
        letters: those that can be chosen for each key of the answer, such as epoch="ABC".
    """

    def complaint(attempt: Attempt) -> str:
        for key, known in letters.items():
            chosen = str(attempt.answer.get(key, "")).strip().upper()
            if len(chosen) != 1 or chosen not in known:
                return f"Choose one letter from {', '.join(known)} for `{key}`."
            said = attempt.text.mistakes[f"{key} {chosen}"]
            if chosen != attempt.reference[key]:
                return f"`{key}`: {said}"
            attempt.notes.append(said)
        return ""

    names = [f"{key} {letter}" for key, known in letters.items() for letter in known]
    return Exercise(
        lesson, name, DICTIONARY, Condition("choice", complaint, mistakes=dict.fromkeys(names))
    )


@dataclass(frozen=True)
class Epoch:
    """What a data set for training yields when it is gone through once.

    Attributes:
        images: of all batches, in their order.
        labels: of all batches, in their order.
        batch_sizes: how many images each batch has.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    batch_sizes: tuple[int, ...]


def epoch_of(dataset: Any, seconds: float) -> Epoch:
    """Go through a data set once.

    Raises:
        AnswerError: it cannot be gone through, or yields no pairs of images and labels.
        TimeoutError: it has no end, or none in time.
    """
    try:
        batches = run_within(seconds, lambda: [(np.asarray(x), np.asarray(y)) for x, y in dataset])
        images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    except TimeoutError:
        raise
    except Exception as error:
        raise AnswerError(
            "Return a data set that yields batches, each a pair of images and labels. Going "
            f"through yours raised `{type(error).__name__}: {error}`."
        ) from error
    return Epoch(images, labels, tuple(len(x) for x, _ in batches))


def each_epoch(name: str, test: Callable[..., bool]) -> Condition:
    """Return the condition that a test holds for what the answer's data set yields.

    Args:
        name: of the condition, under which the lesson's file has its advice.
        test: called with two epochs of one data set, and the arguments that it was made from.
    """

    def complaint(attempt: Attempt) -> str:
        assert attempt.cases is not None, "a pipeline is made from something"
        for arguments in attempt.cases():
            dataset = attempt.make(*arguments)
            epochs = [epoch_of(dataset, attempt.seconds) for _ in range(2)]
            if not test(*epochs, *arguments):
                return attempt.text.advice[name]
        return ""

    return Condition(name, complaint, has_advice=True)


def beats(baseline: Callable[..., float], accuracy: Callable[[Any], float], what: str) -> Condition:
    """Return the condition that what the answer trains is more accurate than a baseline.

    Both accuracies are told, also where the answer is right.

    Args:
        baseline: the accuracy to beat, of something trained on the same images.
        accuracy: that of what the answer returns, on images that it has not seen.
        what: the baseline in words, as in "logistic regression on pixels".
    """

    def complaint(attempt: Attempt) -> str:
        assert attempt.cases is not None, "something is trained on images"
        for arguments in attempt.cases():
            reached, needed = accuracy(attempt.make(*arguments)), baseline(*arguments)
            told = f"Yours reads {reached:.1%} of the hidden faces, {what} {needed:.1%}."
            if reached <= needed:
                return f"{told} {attempt.text.advice['beaten']}"
            attempt.notes.append(told)
        return ""

    return Condition("beaten", complaint, has_advice=True)
