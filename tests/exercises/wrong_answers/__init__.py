"""Wrong answers to each exercise, with which the checks themselves are tested.

`lesson_NN.py` holds at least three for each exercise, under the exercise's name.
"""

import inspect
from copy import copy
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from course_utils.exercises.conditions import Condition
from course_utils.exercises.exercise import Exercise


@dataclass(frozen=True)
class WrongAnswer:
    """A plausible wrong answer.

    Attributes:
        answer: what a learner could hand in. Where that is no function: it, or a function that
            makes it.
        message: a part of the feedback that it must get, and that no other wrong answer gets.
    """

    answer: Any
    message: str


def wrong_answers_to(exercise: Exercise) -> tuple[WrongAnswer, ...]:
    """Return the wrong answers to an exercise."""
    module = import_module(f"tests.exercises.wrong_answers.lesson_{exercise.lesson:02d}")
    return getattr(module, exercise.name)


def handed_in(exercise: Exercise, wrong: WrongAnswer) -> Any:
    """Return what a learner with this wrong answer hands in."""
    is_maker = inspect.isfunction(wrong.answer) and not exercise.answer_type.is_function
    return wrong.answer() if is_maker else wrong.answer


def without(exercise: Exercise, condition: Condition) -> Exercise:
    """Return the exercise with one condition less."""
    looser = copy(exercise)
    looser.conditions = tuple(other for other in exercise.conditions if other is not condition)
    return looser
