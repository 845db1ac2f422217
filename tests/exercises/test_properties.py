"""Right values pass in any container, and one wrong value in one case fails, in every check."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.exercises import LESSONS, load_lesson
from course_utils.exercises.exercise import Exercise

VALUES = [
    exercise
    for number in LESSONS
    for exercise in load_lesson(number).lesson.exercises
    if exercise.cases and any(one.name == "values" for one in exercise.conditions)
]

pytestmark = pytest.mark.filterwarnings("ignore")
each_of_values = pytest.mark.parametrize(
    "exercise", VALUES, ids=[exercise.full_name for exercise in VALUES]
)
few_tries = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
)


def in_another_style(value: Any, draw: Any, keeps_dtype: bool) -> Any:
    """Return an equal value in another container, a last digit away where the dtype may change."""
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: in_another_style(value[key], draw, keeps_dtype) for key in keys}
    if isinstance(value, tuple | list):
        entries = [in_another_style(entry, draw, keeps_dtype) for entry in value]
        return draw(st.sampled_from([list, tuple]))(entries)
    if isinstance(value, np.ndarray) and not keeps_dtype:
        return draw(st.sampled_from([np.ndarray.tolist, np.asfortranarray]))(value)
    if isinstance(value, float | np.floating) and not keeps_dtype:
        digits = float(value) * (1 + draw(st.floats(-1e-9, 1e-9)))
        return draw(st.sampled_from([float, np.float64, np.array]))(digits)
    return value


def wrong_in_one_place(value: Any, draw: Any) -> Any:
    """Return a copy in which one number is off by a hundredth or more, or one text another."""
    if isinstance(value, dict):
        key = draw(st.sampled_from(list(value)))
        return value | {key: wrong_in_one_place(value[key], draw)}
    if isinstance(value, tuple | list):
        place = draw(st.integers(0, len(value) - 1))
        changed = list(value)
        changed[place] = wrong_in_one_place(value[place], draw)
        return type(value)(changed)
    if isinstance(value, pd.DataFrame):
        column = draw(st.sampled_from(list(value)))
        return value.assign(**{column: wrong_in_one_place(value[column].to_numpy(), draw)})
    if isinstance(value, np.ndarray):
        changed = value.copy()
        place = draw(st.integers(0, value.size - 1))
        changed.flat[place] = wrong_in_one_place(value.flat[place].item(), draw)
        return changed
    if isinstance(value, bool | np.bool_):
        return not value
    if isinstance(value, int | np.integer):
        return value - 1 if value == 255 else value + 1
    if isinstance(value, float | np.floating):
        amount = draw(st.floats(0.01, 3) | st.floats(-3, -0.01))
        return value + amount * max(1, abs(value))
    return f"not {value}"


def answer_with(exercise: Exercise, results: list[Any]) -> Any:
    """Return an answer that gives these results, in the order of the cases, then the solution's."""
    left = iter(results)

    def answer(*arguments: Any) -> Any:
        try:
            return next(left)
        except StopIteration:
            return exercise.reference(*arguments)

    return answer


@each_of_values
def test_the_container_of_a_right_result_does_not_matter(exercise):
    keeps_dtype = any(condition.name == "dtype" for condition in exercise.conditions)
    right = [exercise.reference(*case) for case in exercise.cases()]

    @few_tries
    @given(data=st.data())
    def passes(data):
        results = [in_another_style(value, data.draw, keeps_dtype) for value in right]
        feedback = exercise.evaluate(answer_with(exercise, results))
        assert feedback.passed, feedback

    passes()


@each_of_values
def test_one_wrong_place_in_one_case_is_enough(exercise):
    right = [exercise.reference(*case) for case in exercise.cases()]
    changeable = [
        place for place, value in enumerate(right) if value is not None and np.size(value)
    ]

    @few_tries
    @given(data=st.data(), place=st.sampled_from(changeable))
    def fails(data, place):
        results = [*right]
        results[place] = wrong_in_one_place(right[place], data.draw)
        feedback = exercise.evaluate(answer_with(exercise, results))
        assert not feedback.passed, (feedback, results[place], right[place])

    fails()
