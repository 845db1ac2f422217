"""Grading: honest work gets its row, and work that does not end costs no more than its own."""

import io
import sys
from contextlib import redirect_stdout

import nbformat
import pandas as pd
import psutil
import pytest

from course_utils.exercises import lesson_03
from course_utils.exercises.__main__ import main
from course_utils.exercises.grading import grade

pytestmark = pytest.mark.slow

SECONDS = 40
SETUP = "import numpy as np\nfrom course_utils.exercises import lesson_03 as ex"
SOLVED = [
    "ex.learned_numbers.check(2432)",
    "ex.dark_line.check(np.array([[1, 1, 1], [-2, -2, -2], [1, 1, 1]]))",
]
SUBMISSIONS = {
    "solved": SOLVED,
    "second try": ["ex.learned_numbers.check(2400)", *SOLVED],
    "wrong": ["ex.learned_numbers.check(2400)", "ex.dark_line.check(None)"],
    "a cell that raises": ["1 / 0", *SOLVED],
    "endless loop": [*SOLVED, "while True:\n    pass"],
    "exit": [*SOLVED, "import os\n\nos._exit(0)"],
}
if sys.platform != "win32":
    SUBMISSIONS["too large"] = ["np.ones(3 * 10**9, dtype=np.uint8)", *SOLVED]


def write_submission(path, cells):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in [SETUP, *cells]]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The rows by name, what the command prints, and the processes that it leaves."""
    folder = tmp_path_factory.mktemp("class")
    for name, cells in SUBMISSIONS.items():
        write_submission(folder / f"{name}.ipynb", cells)
    (folder / "essay.ipynb").write_text("no notebook")
    command = ["exercises", "grade", str(folder), "--seconds", str(SECONDS), "--gigabytes", "2.5"]
    before = psutil.Process().children(recursive=True)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
        patch.setattr("sys.argv", command)
        assert main() == 0
    table = pd.read_csv(folder / "grades.csv", keep_default_na=False)
    table.index = table["submission"].str.removesuffix(".ipynb")
    left = set(psutil.Process().children(recursive=True)) - set(before)
    return table, printed.getvalue(), left


def results(row):
    return row["lesson_03.learned_numbers"], row["lesson_03.dark_line"]


def test_honest_work_is_graded(graded):
    table, _, _ = graded
    assert set(table.index) == {*SUBMISSIONS, "essay"}
    solved = table.loc["solved"]
    assert results(solved) == ("solved", "solved") and solved["solved"] == 2
    assert solved["lesson_03.tiny"] == "open" and solved["note"] == ""
    assert solved["exercises"] == len(lesson_03.lesson.exercises)
    assert results(table.loc["second try"]) == ("solved", "solved")
    assert results(table.loc["wrong"]) == ("values", "open")


@pytest.mark.parametrize("name", ["a cell that raises", "too large"])
def test_a_cell_that_raises_is_counted_and_the_rest_runs(graded, name):
    if name not in SUBMISSIONS:
        pytest.skip("Windows sets no limit")
    row = graded[0].loc[name]
    assert results(row) == ("solved", "solved") and row["note"] == "cells that raised: 1"


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("endless loop", f"was not done after {SECONDS} seconds"),
        ("exit", "ended before it was done"),
        ("essay", "is no notebook"),
    ],
)
def test_what_does_not_end_costs_its_own_row_and_says_why(graded, name, note):
    row = graded[0].loc[name]
    assert row["solved"] == 0 and row["note"] == note


def test_no_process_is_left(graded):
    assert not graded[2]


def test_the_command_says_what_became_of_each(graded):
    table, printed, _ = graded
    assert "solved.ipynb: 2 of 6\n" in printed
    assert "exit.ipynb: 0 of 6  (ended before it was done)\n" in printed
    assert printed.count(".ipynb: ") == len(table) and "grades.csv" in printed.splitlines()[-1]


def test_a_folder_without_notebooks_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["exercises", "grade", str(tmp_path)])
    assert main() == 2 and "no notebook" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError, match="no notebook"):
        grade(tmp_path, tmp_path / "grades.csv")
