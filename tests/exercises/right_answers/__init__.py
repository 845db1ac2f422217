"""Right answers to each exercise in other styles than the solution's, which the checks must pass.

`lesson_NN.py` holds at least two for each exercise, under the exercise's name.
"""

import inspect
from importlib import import_module
from typing import Any

from course_utils.exercises.exercise import Exercise


def right_answers_to(exercise: Exercise) -> tuple[Any, ...]:
    """Return the right answers to an exercise: what it asks for, or functions that make that."""
    module = import_module(f"tests.exercises.right_answers.lesson_{exercise.lesson:02d}")
    answers: tuple[Any, ...] = getattr(module, exercise.name)
    if exercise.answer_type.is_function:
        return answers
    return tuple(answer() if inspect.isfunction(answer) else answer for answer in answers)
