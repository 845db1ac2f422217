"""Grading: honest work gets its row, hostile work costs no more than its own."""

import csv
import io
import os
import shutil
import subprocess
import sys
import threading
from contextlib import redirect_stdout, suppress

import numpy as np
import pandas as pd
import pytest

from course_utils.exercises import lesson_03
from course_utils.exercises.__main__ import main
from course_utils.exercises.grading import folder as grading
from course_utils.exercises.grading.protocol import ConnectionLostError, Peer, RemoteError
from tests.exercises.hostile_class import (
    ENDLESS_ANSWER,
    HONEST,
    HOSTILE,
    REWRITTEN_SOLUTION,
    write_submission,
)
from tests.exercises.wrong_answers import wrong_answers_to
from tests.exercises.wrong_answers.lesson_03 import _network

pytestmark = pytest.mark.slow

SECONDS = 10


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The rows of eight submissions, five of them hostile, by name, and what the command prints."""
    folder = tmp_path_factory.mktemp("class")
    for name, cells in {**HONEST, **HOSTILE}.items():
        write_submission(folder / f"{name}.ipynb", cells)
    command = ["exercises", "grade", str(folder), "--seconds", str(SECONDS), "--gigabytes", "1.5"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
        patch.setattr("sys.argv", command)
        assert main() == 0
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["submission"].removesuffix(".ipynb"): row for row in csv.DictReader(file)}
    return rows, printed.getvalue()


@pytest.fixture(scope="module")
def rows(graded):
    return graded[0]


def results(row):
    return row["lesson_03.learned_numbers"], row["lesson_03.dark_line"]


def test_every_submission_has_its_row(rows):
    assert set(rows) == {*HONEST, *HOSTILE}
    assert {row["exercises"] for row in rows.values()} == {str(len(lesson_03.lesson.exercises))}


def test_honest_work_is_graded(rows):
    assert results(rows["solved"]) == ("solved", "solved") and rows["solved"]["solved"] == "2"
    assert rows["solved"]["lesson_03.tiny"] == "open" and rows["solved"]["note"] == ""
    assert results(rows["wrong"]) == ("values", "open") and rows["wrong"]["solved"] == "0"
    assert results(rows["a cell that raises"]) == ("solved", "solved")
    assert rows["a cell that raises"]["note"] == "cells that raised: 1"


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("endless loop", f"was not done after {SECONDS} seconds"),
        ("exit", "ended before it was done"),
        ("huge", "needed more than 1.5 GB of memory"),
        ("rewritten checker", ""),
        ("forged result", "sent what is no message"),
    ],
)
def test_hostile_work_solves_nothing_and_says_why(rows, name, note):
    assert rows[name]["solved"] == "0"
    assert rows[name]["note"] == note


def test_the_command_says_what_became_of_each(graded):
    rows, printed = graded
    assert "solved.ipynb: 2 of 6\n" in printed
    assert "exit.ipynb: 0 of 6  (ended before it was done)\n" in printed
    assert printed.count(".ipynb: ") == len(rows) and "grades.csv" in printed.splitlines()[-1]


def test_a_rewritten_solution_gains_nothing_and_is_restored(tmp_path, monkeypatch):
    package = tmp_path / "course_utils"
    shutil.copytree(grading.PACKAGE, package, ignore=shutil.ignore_patterns("weights", "*.pyc"))
    texts = package / "exercises" / "lesson_03.toml"
    before = texts.read_bytes()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(grading, "PACKAGE", package)
    write_submission(tmp_path / "class" / "cheat.ipynb", REWRITTEN_SOLUTION)
    (row,) = grading.grade(tmp_path / "class", tmp_path / "grades.csv", seconds=SECONDS)
    assert row["solved"] == 0 and row["lesson_03.learned_numbers"] == "values"
    assert row["note"] == "changed files of the course, which were restored"
    assert texts.read_bytes() == before


LATE_IMPORTS = """
import sys
from course_utils.exercises import LESSONS, load_lesson
from course_utils.exercises.grading.notebook import load_checks

load_checks(list(LESSONS))
before = set(sys.modules)
for number in LESSONS:
    for exercise in load_lesson(number).lesson.exercises:
        assert exercise.evaluate(exercise.reference).passed
print(*(name for name in sys.modules if name.startswith("course_utils") and name not in before))
"""


def test_checks_load_nothing_of_the_course_once_a_notebook_runs_but_networks():
    done = subprocess.run(
        [sys.executable, "-c", LATE_IMPORTS], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["course_utils.models"]


def test_a_folder_without_notebooks_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["exercises", "grade", str(tmp_path)])
    assert main() == 2 and "no notebook" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError, match="no notebook"):
        grading.grade(tmp_path, tmp_path / "grades.csv")


def test_files_that_a_submission_changes_are_restored(tmp_path):
    kept, changed, removed = (tmp_path / name for name in ("kept.py", "changed.py", "removed.py"))
    for path in (kept, changed, removed):
        path.write_text("right")
    sources = {path: path.read_bytes() for path in (kept, changed, removed)}
    assert not grading._restore(sources)
    changed.write_text("wrong")
    removed.unlink()
    assert grading._restore(sources)
    assert {path.read_text() for path in sources} == {"right"}


@pytest.fixture
def peers():
    """Two ends of a line; the far one answers calls in a thread."""
    here_in, there_out = os.pipe()
    there_in, here_out = os.pipe()
    here = Peer(os.fdopen(here_in, "rb"), os.fdopen(here_out, "wb"))
    there = Peer(os.fdopen(there_in, "rb"), os.fdopen(there_out, "wb"))
    yield here, there
    here._outgoing.close()
    there._outgoing.close()


def hand_over(there, value):
    """Send a value, and answer calls from then on."""

    def work():
        there.send(value)
        with suppress(ConnectionLostError):
            there.serve()

    threading.Thread(target=work, daemon=True).start()


def test_values_cross_unchanged(peers):
    here, there = peers
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=pd.RangeIndex(1, 3, name="epoch"))
    sent = {
        "array": np.arange(6, dtype=np.uint8).reshape(2, 3),
        1: [None, True, 2.5, "text", float("inf")],
        "pair": (np.float32(0.5), np.array(["a", "b"])),
    }
    hand_over(there, [sent, table, lambda: 1, ValueError])
    got, got_table, function, foreign = here.receive()
    np.testing.assert_array_equal(got["array"], sent["array"])
    assert got["array"].dtype == np.uint8 and got[1] == sent[1]
    assert got["pair"][0] == 0.5 and got["pair"][0].dtype == np.float32
    assert got["pair"][1].tolist() == ["a", "b"]
    pd.testing.assert_frame_equal(got_table, table)
    assert function() == 1
    assert "ValueError" in repr(foreign)


def test_a_plan_of_a_model_crosses(peers):
    here, there = peers
    model = _network((24, 24, 1), classes=3)
    hand_over(there, model)
    got = here.receive()
    assert got.count_params() == model.count_params() and got.output_shape == (None, 3)


def test_a_call_crosses_with_what_it_writes_and_whom_it_calls(peers):
    here, there = peers

    def scale(array, by):
        array *= 2
        return by(array) + 1

    hand_over(there, scale)
    function, array = here.receive(), np.ones(3)
    np.testing.assert_array_equal(function(array, lambda values: 10 * values), np.full(3, 21.0))
    np.testing.assert_array_equal(array, np.full(3, 2.0))


def test_a_call_that_raises_or_never_ends_is_told(peers):
    here, there = peers

    def endless():
        while True:
            pass

    def broken():
        raise KeyError("mouth")

    hand_over(there, [endless, broken])
    never, raises = here.receive()
    here.seconds = 0.2
    with pytest.raises(TimeoutError):
        never()
    with pytest.raises(RemoteError, match="KeyError: 'mouth'"):
        raises()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        (1 << 60).to_bytes(8, "big") + b"{}",
        (2).to_bytes(8, "big") + b"{}",
        (4).to_bytes(8, "big") + b"\xff\xfe??",
        (50).to_bytes(8, "big") + b'{"array": "AA==", "dtype": "|O", "shape": [1000]}  ',
    ],
)
def test_garbage_is_refused(peers, content):
    here, there = peers
    there._outgoing.write(content)
    there._outgoing.close()
    with pytest.raises(ConnectionLostError):
        here.receive()


def test_a_remote_answer_is_evaluated_like_a_local_one(peers):
    here, there = peers
    exercise = lesson_03.convolve_in_steps
    handed = {
        "right": exercise.reference,
        **{wrong.message: wrong.answer for wrong in wrong_answers_to(exercise)},
    }
    hand_over(there, handed)
    for message, answer in here.receive().items():
        feedback = exercise.evaluate(answer)
        is_right = message == "right"
        assert feedback.passed if is_right else message in feedback.text, (message, feedback)


def test_an_endless_answer_ends(peers):
    here, there = peers
    names = {"ex": lesson_03, "handed": None}
    source = ENDLESS_ANSWER.split("\n\n\n")[0]
    exec(source, names)
    hand_over(there, names["convolve_in_steps"])
    here.seconds = 0.2
    assert lesson_03.convolve_in_steps.evaluate(here.receive()).condition == "ends"
