"""What the exercises of lesson 05 say of the course's own networks holds."""

from pathlib import Path

import nbformat

from course_utils import drawn_faces, load_pretrained
from course_utils.exercises import lesson_05
from tests.exercises.mutants import run

ROOT = Path(__file__).parents[2]


def test_the_rows_to_read_stand_in_the_model_card():
    notebook = nbformat.read(ROOT / "notebooks" / "05_evaluation.ipynb", as_version=4)
    (task,) = (cell.source for cell in notebook.cells if "**4. Read a model card.**" in cell.source)
    card = (ROOT / "course_utils" / "weights" / "README.md").read_text(encoding="utf-8")
    photographs, *_ = card.split("## `compact_drawn_faces`")
    rows = [line for line in task.splitlines() if line.startswith("| ")]
    assert len(rows) == 9
    assert [row for row in rows if row not in photographs.splitlines()] == []


def test_the_faulty_report_makes_the_rare_class_look_certain():
    faces = drawn_faces.make_dataset(600, seed=5)
    predicted = load_pretrained("drawn_faces").predict_proba(faces.images).argmax(axis=1)
    faulty = run(lesson_05.recall_table.text.start, "recall_table")(faces.labels, predicted)
    repaired = lesson_05.recall_table.reference(faces.labels, predicted)
    recall, low, high = faulty["disgust"]
    assert high - low < 0.02 and not low <= recall <= high
    recall, low, high = repaired["disgust"]
    assert high - low > 0.2 and low <= recall <= high
