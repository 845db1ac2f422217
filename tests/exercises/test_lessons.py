"""Every exercise of every lesson: its solution passes, its wrong answers fail by name, and none of
its conditions is idle."""

from functools import cache
from pathlib import Path

import nbformat
import pytest

from course_utils.exercises import LESSONS, load_lesson
from course_utils.exercises.kinds import describe

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

EXERCISES = [exercise for number in LESSONS for exercise in load_lesson(number).lesson.exercises]
QUIZZES = [load_lesson(number).quiz for number in LESSONS]

# Wrong answers may well divide by zero.
pytestmark = pytest.mark.filterwarnings("ignore")

each_exercise = pytest.mark.parametrize(
    "exercise", EXERCISES, ids=[exercise.full_name for exercise in EXERCISES]
)


@pytest.fixture(autouse=True)
def _own_progress(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@cache
def judged(exercise):
    return [(wrong, exercise.judge(exercise.make(wrong))) for wrong in exercise.wrong_answers]


@each_exercise
def test_the_solution_passes_and_is_noted(exercise):
    verdict = exercise.check(exercise.reference)
    assert verdict.passed, verdict
    assert verdict.text == ""
    number = exercise.lesson
    assert f"{exercise.name}: solved" in load_lesson(number).progress().text


@each_exercise
def test_each_wrong_answer_fails_with_its_own_message(exercise):
    assert len(exercise.wrong_answers) >= 3
    verdicts = judged(exercise)
    for wrong, verdict in verdicts:
        assert not verdict.passed, wrong.says
        assert wrong.says in verdict.text, (wrong.says, verdict)
        assert sum(wrong.says in other.text for _, other in verdicts) == 1, wrong.says


@each_exercise
def test_no_condition_is_idle(exercise):
    """Without any one of its conditions, the check lets a wrong answer through."""
    for condition in exercise.conditions:
        looser = exercise.without(condition)
        failed_here = [
            wrong for wrong, verdict in judged(exercise) if verdict.condition == condition.name
        ]
        assert any(looser.judge(looser.make(wrong)).passed for wrong in failed_here), condition.name


@each_exercise
def test_what_is_unsolved_is_no_error(exercise):
    def unwritten(*arguments): ...

    assert exercise.check(None).word == "Not yet."
    if exercise.kind.is_function:
        assert exercise.check(unwritten).word == "Not yet."
    assert exercise.full_name not in load_lesson(exercise.lesson).progress().text


@each_exercise
def test_another_kind_of_answer_is_named(exercise):
    class Parrot:
        pass

    verdict = exercise.check(Parrot())
    assert verdict.condition == "kind" and exercise.kind.name in verdict.text
    assert describe(Parrot()) in verdict.text


@each_exercise
def test_hints_end_with_the_solution(exercise):
    assert 2 <= len(exercise.hints) <= 3
    shown = [exercise.hint().text for _ in exercise.hints]
    assert all(hint in shown[-1] for hint in exercise.hints)
    assert exercise.hints[-1] not in shown[0]
    assert exercise.code.strip() in exercise.solution().text
    assert exercise.reason in exercise.solution().text


@pytest.mark.parametrize("quiz", QUIZZES, ids=[f"lesson_{quiz.lesson:02d}" for quiz in QUIZZES])
def test_every_option_of_every_question_answers(quiz):
    assert 4 <= len(quiz.questions) <= 6
    for number, question in enumerate(quiz.questions, start=1):
        assert sum(option.is_right for option in question.options) == 1
        assert len({option.feedback for option in question.options}) == len(question.options) >= 3
        assert all(len(option.text) <= 80 for option in question.options)
        for letter, option in zip("ABCDEF", question.options):
            verdict = quiz.answer(number, letter)
            assert verdict.passed == option.is_right and option.feedback in verdict.text


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_has_enough_to_do(number):
    assert len(load_lesson(number).lesson.exercises) >= 5


@cache
def notebook(number):
    (path,) = NOTEBOOKS.glob(f"{number:02d}_*.ipynb")
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


@each_exercise
def test_it_stands_in_its_notebook_word_for_word(exercise):
    cells = notebook(exercise.lesson)
    place = cells.index(exercise.prompt)
    assert cells[place + 1].splitlines()[-1] == f"ex.{exercise.name}.check({exercise.name})"
    name = f"ex.{exercise.name}"
    assert cells[place + 2] == f"# {name}.hint()\n# {name}.solution()"


@pytest.mark.parametrize("number", LESSONS)
def test_the_quiz_and_the_common_mistakes_stand_in_the_notebook(number):
    cells = notebook(number)
    assert f"from course_utils.exercises import lesson_{number:02d} as ex" in cells
    assert cells.index("ex.quiz") < cells.index("ex.progress()")
    text = "\n".join(cells)
    order = ["\n## Exercises", "\n### Quiz", "\n## Summary", "\n### Common mistakes", "\n## What's"]
    assert sorted(order, key=text.index) == order


def counts():
    """Return the line that the summary of the tests shows."""
    wrong = sum(len(exercise.wrong_answers) for exercise in EXERCISES)
    conditions = sum(len(exercise.conditions) for exercise in EXERCISES)
    questions = sum(len(quiz.questions) for quiz in QUIZZES)
    return (
        f"{len(EXERCISES)} exercises with {conditions} conditions and {wrong} wrong answers, "
        f"{questions} quiz questions"
    )
