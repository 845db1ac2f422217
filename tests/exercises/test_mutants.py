"""A check tells a solution from the same code with one thing changed."""

import pytest

from course_utils.exercises import LESSONS, load_lesson
from tests.exercises.mutants import mutants_of, run

# Mutants that are as right as the solution, each with the reason.
EQUIVALENT: dict[str, dict[str, str]] = {
    "lesson_02.split_by_person": {
        "GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed) -> "
        "GroupShuffleSplit(test_size=share, random_state=seed)": "the first of five is the same",
        "1 -> 2": "the first of two is the same",
    },
    "lesson_09.p_value": {
        "only_first + only_second -> only_first - only_second": "the test gives 1 there as well",
    },
    "lesson_09.abstain": {"20 -> 21": "a threshold below 1 always meets the target"},
    "lesson_04.stops_after": {
        "0 -> 1": "the first loss is below infinity, and sets the waiting to 0 in any case",
    },
    "lesson_07.shortcuts": {"low > 0.1 -> low >= 0.1": "no count of faces has its end at 0.1"},
}

FUNCTIONS = [
    exercise
    for number in LESSONS
    for exercise in load_lesson(number).lesson.exercises
    if exercise.answer_type.is_function
    and exercise.seconds <= 10  # a training with another number in it is as right
]

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=[one.full_name for one in FUNCTIONS])
def test_no_mutant_of_the_solution_passes(exercise, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exercise, "seconds", 2)
    passing = [
        change
        for change, code in mutants_of(exercise.text.solution)
        if exercise.evaluate(run(code, exercise.name)).passed
    ]
    assert passing == list(EQUIVALENT.get(exercise.full_name, {}))
