"""Every exercise of every lesson: its solution passes, its wrong answers fail by name, and none of
its conditions is idle."""

import inspect
import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_utils.exercises import LESSONS, load_lesson
from course_utils.exercises.answer_types import describe
from course_utils.exercises.texts import lesson_text
from tests.exercises.right_answers import right_answers_to
from tests.exercises.wrong_answers import handed_in, without, wrong_answers_to

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

EXERCISES = [exercise for number in LESSONS for exercise in load_lesson(number).lesson.exercises]
ONLY_NAMES = r"return [\w, ]+$"
QUIZZES = [load_lesson(number).quiz for number in LESSONS]

# Wrong answers may well divide by zero.
pytestmark = pytest.mark.filterwarnings("ignore")


def over(exercises):
    """Return the mark that runs a test with each of these exercises; what trains is slow."""
    params = [
        pytest.param(one, id=one.full_name, marks=[pytest.mark.slow] * (one.seconds > 10))
        for one in exercises
    ]
    return pytest.mark.parametrize("exercise", params)


each_exercise = over(EXERCISES)


@pytest.fixture(autouse=True)
def _own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch):
    """On a busy machine no answer is late."""
    for exercise in EXERCISES:
        monkeypatch.setattr(exercise, "seconds", 6 * exercise.seconds)


@cache
def evaluated(exercise):
    return [
        (wrong, exercise.evaluate(handed_in(exercise, wrong)))
        for wrong in wrong_answers_to(exercise)
    ]


@each_exercise
def test_the_solution_passes_and_is_noted(exercise):
    feedback = exercise.check(exercise.reference)
    assert feedback.passed, feedback
    assert feedback.text == exercise.evaluate(exercise.reference).text  # no word on the progress
    lesson = load_lesson(exercise.lesson).lesson
    number = 1 + lesson.exercises.index(exercise)
    assert f"{number}. {exercise.text.title} (solved)" in lesson.progress().text


@each_exercise
def test_the_title_is_the_notebooks(exercise):
    (path,) = NOTEBOOKS.glob(f"{exercise.lesson:02d}_*.ipynb")
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    asked = next(i for i, text in enumerate(sources) if f"ex.{exercise.name}.check(" in text)
    number = 1 + load_lesson(exercise.lesson).lesson.exercises.index(exercise)
    title = exercise.text.title if exercise.text.title.endswith("?") else f"{exercise.text.title}."
    assert sources[asked - 1].startswith(f"**{number}. {title}**")


@each_exercise
def test_each_wrong_answer_fails_with_its_own_message(exercise):
    found = evaluated(exercise)
    assert len(found) >= 3
    for wrong, feedback in found:
        assert not feedback.passed, wrong.message
        assert wrong.message in feedback.text, (wrong.message, feedback)
        assert sum(wrong.message in other.text for _, other in found) == 1, wrong.message


@each_exercise
def test_right_answers_in_other_styles_pass(exercise):
    answers = right_answers_to(exercise)
    assert len(answers) >= 2
    for answer in answers:
        feedback = exercise.evaluate(answer)
        assert feedback.passed, (answer, feedback)


@each_exercise
def test_no_condition_is_idle(exercise):
    """Without any one of its conditions, the check lets a wrong answer through."""
    for condition in exercise.conditions:
        looser = without(exercise, condition)
        failed_here = [
            wrong for wrong, feedback in evaluated(exercise) if feedback.condition == condition.name
        ]
        passed = [looser.evaluate(handed_in(exercise, wrong)).passed for wrong in failed_here]
        assert any(passed), condition.name


@each_exercise
def test_each_advice_and_mistake_of_the_file_is_one_of_its_conditions(exercise):
    advised = [condition.name for condition in exercise.conditions if condition.has_advice]
    mistakes = [name for condition in exercise.conditions for name in condition.mistakes]
    assert sorted(exercise.text.advice) == sorted(advised)
    assert sorted(exercise.text.mistakes) == sorted(mistakes)
    messages = [*exercise.text.advice.values(), *exercise.text.mistakes.values()]
    assert len(set(messages)) == len(messages)


def leaves(value):
    """Return the numbers and texts in an answer that stands for itself."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple | np.ndarray):
        return [leaf for entry in value for leaf in leaves(entry)]
    return [value] if isinstance(value, int | float | str | np.number) else []


def nothing_right(value):
    """Return an answer of the same form in which everything is wrong."""
    if isinstance(value, dict):
        return {key: nothing_right(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [nothing_right(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return np.full_like(value, 113)
    return "?" if isinstance(value, str) else -113.0


@each_exercise
def test_no_message_tells_the_solution(exercise):
    feedback = [found for _, found in evaluated(exercise)]
    told = []
    if not exercise.answer_type.is_function and not exercise.answer_type.name.endswith("model"):
        feedback.append(exercise.evaluate(nothing_right(exercise.reference)))
        numbers = [leaf for leaf in leaves(exercise.reference) if not isinstance(leaf, str)]
        told = [f"{number:.3g}" for number in numbers]
    lines = [line.strip() for line in exercise.text.solution.splitlines()]
    told = [text for text in [*told, *lines] if len(text) > 3 and not re.match(ONLY_NAMES, text)]
    for found in feedback:
        assert not found.passed
        for text in told:
            assert not re.search(rf"(?<![\w.]){re.escape(text)}", found.text), (text, found.text)


@pytest.mark.parametrize("number", LESSONS)
def test_the_file_has_a_text_for_each_exercise_in_their_order(number):
    exercises = load_lesson(number).lesson.exercises
    assert list(lesson_text(number).exercises) == [exercise.name for exercise in exercises]


@each_exercise
def test_what_is_unsolved_is_no_error(exercise):
    def unwritten(*arguments): ...

    assert exercise.check(None).word == "Not yet."
    if exercise.answer_type.is_function:
        assert exercise.check(unwritten).word == "Not yet."
    assert exercise.full_name not in load_lesson(exercise.lesson).progress().text


@each_exercise
def test_another_type_of_answer_is_named(exercise):
    class Parrot:
        pass

    feedback = exercise.check(Parrot())
    assert feedback.condition == "type" and exercise.answer_type.name in feedback.text
    assert describe(Parrot()) in feedback.text


@each_exercise
def test_hints_end_with_the_solution(exercise):
    hints = exercise.text.hints
    assert 2 <= len(hints) <= 3
    shown = [exercise.hint().text for _ in hints]
    assert all(hint in shown[-1] for hint in hints)
    assert hints[-1] not in shown[0]
    assert exercise.text.solution.strip() in exercise.solution().text
    assert exercise.text.reason in exercise.solution().text


@pytest.mark.parametrize("quiz", QUIZZES, ids=[f"lesson_{quiz.lesson:02d}" for quiz in QUIZZES])
def test_every_option_of_every_question_answers(quiz):
    assert 4 <= len(quiz.questions) <= 6
    for number, question in enumerate(quiz.questions, start=1):
        assert sum(option.is_right for option in question.options) == 1
        assert len({option.feedback for option in question.options}) == len(question.options) >= 3
        assert all(len(option.text) <= 80 for option in question.options)
        for letter, option in zip("ABCDEF", question.options):
            feedback = quiz.answer(number, letter)
            assert feedback.passed == option.is_right and option.feedback in feedback.text


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_has_enough_to_do(number):
    assert len(load_lesson(number).lesson.exercises) >= 5


@cache
def notebook(number):
    (path,) = NOTEBOOKS.glob(f"{number:02d}_*.ipynb")
    return nbformat.read(path, as_version=4).cells


def answer_cell(exercise):
    """Return the place of the one cell in which an exercise is answered."""
    call = f"ex.{exercise.name}.check({exercise.name})"
    places = [
        place
        for place, cell in enumerate(notebook(exercise.lesson))
        if cell.cell_type == "code" and cell.source.splitlines()[-1:] == [call]
    ]
    assert len(places) == 1
    return places[0]


@each_exercise
def test_its_task_its_answer_and_its_help_stand_in_the_notebook(exercise):
    place = answer_cell(exercise)
    task, _, shown = notebook(exercise.lesson)[place - 1 : place + 2]
    number = load_lesson(exercise.lesson).lesson.exercises.index(exercise) + 1
    assert task.cell_type == "markdown"
    assert re.match(rf"\*\*{number}\. [^*]+[.?]\*\* \S", task.source)
    name = f"ex.{exercise.name}"
    assert shown.source == f"# {name}.hint()\n# {name}.solution()"
    assert f"above `{name}.check({exercise.name})`" in repr(exercise)


@each_exercise
def test_its_answer_is_open_and_called_as_the_check_calls_it(exercise):
    cell = notebook(exercise.lesson)[answer_cell(exercise)]
    start, _ = cell.source.rsplit("\n", 1)
    names = {"np": np}
    exec(start, names)
    answer = names[exercise.name]
    feedback = exercise.check(answer)
    if exercise.text.start:
        assert start.strip() == exercise.text.start.strip()
        assert feedback.word == "Not right." and feedback.condition != "runs"
    else:
        assert feedback.word == "Not yet."
    if exercise.answer_type.is_function:
        call = f"{exercise.name}({', '.join(inspect.signature(answer).parameters)})"
        assert call in notebook(exercise.lesson)[answer_cell(exercise) - 1].source
        assert exercise.answer_type.objection(answer) == ""


@pytest.mark.parametrize("number", LESSONS)
def test_tasks_stand_in_the_notebook_in_their_order(number):
    places = [answer_cell(exercise) for exercise in load_lesson(number).lesson.exercises]
    assert places == sorted(places)


@pytest.mark.parametrize("number", LESSONS)
def test_the_quiz_and_the_common_mistakes_stand_in_the_notebook(number):
    cells = [cell.source for cell in notebook(number)]
    assert f"from course_utils.exercises import lesson_{number:02d} as ex" in cells
    assert cells.index("ex.quiz") < cells.index("ex.progress()")
    text = "\n".join(cells)
    order = ["\n## Exercises", "\n### Quiz", "\n## Summary", "\n### Common mistakes", "\n## What's"]
    assert sorted(order, key=text.index) == order


def counts():
    """Return the line that the summary of the tests shows."""
    wrong = sum(len(wrong_answers_to(exercise)) for exercise in EXERCISES)
    conditions = sum(len(exercise.conditions) for exercise in EXERCISES)
    questions = sum(len(quiz.questions) for quiz in QUIZZES)
    return (
        f"{len(EXERCISES)} exercises with {conditions} conditions and {wrong} wrong answers, "
        f"{questions} quiz questions"
    )
