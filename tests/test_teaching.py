"""What teachers are told holds: objectives, exercises and minutes are those of the notebooks."""

import re

import nbformat
import pytest
from notebook_rules import code_cells, not_counted
from repository import PROJECT_FOLDER, notebooks

from course_utils.exercises import LESSONS, load_lesson

NOTES = (PROJECT_FOLDER / "docs" / "instructors.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d\d) \| (.+?) \| (`.+?) \| ([\d, ]+) \|$", NOTES, re.MULTILINE)
each_lesson = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
each_exercised = pytest.mark.parametrize("number", LESSONS)


def opening(path) -> str:
    return nbformat.read(path, as_version=4).cells[1].source


@each_lesson
def test_objectives_are_those_of_the_table(path):
    learned = opening(path).split("**What you will learn**")[1].split("**What you need**")[0]
    objectives = re.findall(r"^- (.+)$", learned, re.MULTILINE)
    assert objectives == [row[1] for row in ROWS if row[0] == path.name[:2]]


@each_exercised
def test_every_exercise_and_question_tests_an_objective(number):
    lesson = load_lesson(number).lesson
    rows = [row for row in ROWS if int(row[0]) == number]
    names = {name for row in rows for name in re.findall(r"`(\w+)`", row[2])}
    assert names == {exercise.name for exercise in lesson.exercises}
    questions = {int(question) for row in rows for question in row[3].split(", ")}
    assert questions == set(range(1, len(lesson.quiz.questions) + 1))


@each_lesson
def test_minutes_are_those_that_the_text_takes(path):
    match = re.search(
        r"^- About (\d+) minutes: (\d+) to read and run, (\d+) for the exercises and the quiz\.",
        opening(path),
        re.MULTILINE,
    )
    assert match is not None, "the last bullet of what you need does not say the minutes"
    whole, reading, exercises = map(int, match.groups())
    assert whole == reading + exercises

    cells = [cell for cell in nbformat.read(path, as_version=4).cells if not not_counted(cell)]
    end = next(i for i, cell in enumerate(cells) if cell.source.startswith("## Summary"))
    text = [cell.source for cell in cells[:end] if cell.cell_type == "markdown"]
    words = sum(len(source.split()) for source in text)
    codes = len(code_cells(nbformat.v4.new_notebook(cells=cells[:end])))
    assert abs(words / 120 + codes / 2 - reading) <= 5
