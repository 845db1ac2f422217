"""The framework of the exercises: what is caught, what is shown, and what is remembered."""

import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils.exercises import cards, kinds, lesson_03, load_lesson, progress
from course_utils.exercises.conditions import Attempt, copy_of, is_close
from course_utils.exercises.quiz import WIDGET
from course_utils.exercises.time_limit import run_within


@pytest.fixture(autouse=True)
def _own_progress(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def patient(seconds):
    """The convolution's exercise, with another time limit."""
    return replace(lesson_03.convolve_in_steps, seconds=seconds)


def test_an_answer_that_raises_is_explained():
    def divide(image, weights, stride):
        rows = image.shape[0]
        return rows / 0

    verdict = lesson_03.convolve_in_steps.check(divide)
    assert verdict.condition == "runs"
    assert "`ZeroDivisionError: division by zero`, at `return rows / 0`" in verdict.text
    assert "called with a float32 array of shape (7, 7)" in verdict.text


def test_an_answer_that_never_ends_is_stopped():
    running = []

    def endless(image, weights, stride):
        while True:
            try:
                running.append(time.monotonic())
                time.sleep(0.01)
            except Exception:
                continue

    verdict = patient(0.2).judge(endless)
    assert verdict.condition == "ends" and "after 0.2 seconds" in verdict.text
    time.sleep(0.3)
    assert time.monotonic() - running[-1] > 0.2  # it does not go on in the background


def test_exit_does_not_end_the_kernel():
    assert "calls `exit()`" in lesson_03.convolve_in_steps.check(lambda i, w, s: exit()).text


def test_a_function_with_other_parameters_is_named():
    verdict = lesson_03.convolve_in_steps.check(lambda image: image)
    assert verdict.condition == "kind" and "yours is called as `(image)`" in verdict.text


def test_the_result_instead_of_the_function_is_named():
    text = lesson_03.convolve_in_steps.check(np.zeros((3, 3))).text
    assert "Hand in the function itself" in text and "float64 array of shape (3, 3)" in text


def test_a_verdict_is_rich_in_a_notebook_and_plain_elsewhere():
    verdict = lesson_03.learned_numbers.check(2400)
    assert repr(verdict).startswith("Not right. The biases are missing")
    assert "<strong>Not right.</strong>" in verdict._repr_html_()
    assert cards.to_html("`a < b` & **c**") == (
        '<p style="margin: 4px 0"><code>a &lt; b</code> &amp; <strong>c</strong></p>'
    )


def test_what_is_solved_is_kept_until_the_file_is_deleted(tmp_path):
    assert "0 of 6 exercises solved, 0 of 5 questions" in lesson_03.progress().text
    lesson_03.learned_numbers.check(2432)
    lesson_03.quiz.answer(1, "b")
    lesson_03.quiz.answer(2, "a")  # wrong
    assert "1 of 6 exercises solved, 1 of 5 questions" in lesson_03.progress().text
    kept = tmp_path / "runs" / "progress.json"
    assert json.loads(kept.read_text())["solved"] == [
        "lesson_03.learned_numbers",
        "lesson_03.quiz.1",
    ]
    kept.unlink()
    assert "0 of 6 exercises solved" in lesson_03.progress().text


@pytest.mark.parametrize("content", ["", "[]", '{"solved": [1]}', '{"solved": 3}', "\x00"])
def test_damaged_progress_is_named_and_spoils_no_answer(tmp_path, content):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "progress.json").write_text(content)
    assert "runs/progress.json is damaged" in lesson_03.progress().text
    verdict = lesson_03.learned_numbers.check(2432)
    assert verdict.passed and "runs/progress.json is damaged" in verdict.text
    with pytest.raises(ValueError, match="damaged"):
        progress.read_solved()


def test_the_quiz_has_buttons_that_answer():
    first, *_ = lesson_03.quiz.widget().children
    title, buttons, feedback = first.children
    assert "so few parameters" in title.value and buttons.value is None and feedback.value == ""
    buttons.value = "A"
    assert "Not right." in feedback.value
    buttons.value = "B"
    assert "Right." in feedback.value and "one set" in feedback.value


def test_the_quiz_reads_as_text_where_no_button_runs():
    data, _ = InteractiveShell.instance().display_formatter.format(lesson_03.quiz)
    assert data[WIDGET]["model_id"]
    for question in lesson_03.quiz.questions:
        assert question.text in data["text/markdown"] and question.text in data["text/plain"]
        assert all(option.text in data["text/markdown"] for option in question.options)


@pytest.mark.parametrize(("number", "letter"), [(0, "A"), (9, "A"), (1, "E"), (1, ""), (1, "AB")])
def test_an_answer_that_does_not_exist_is_named(number, letter):
    with pytest.raises(ValueError, match=r"questions 1 to 5|options A"):
        lesson_03.quiz.answer(number, letter)


def test_a_lesson_without_exercises_is_named():
    with pytest.raises(ValueError, match="not for 99"):
        load_lesson(99)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.float32(0.1), 0.1),
        ([1, 2], (1, 2)),
        (np.ones((1, 3)), np.ones(3, dtype=np.uint8)),
        ({"a": [1.0]}, {"a": np.array([1])}),
        ("text", "text"),
        (float("nan"), np.nan),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [1]})),
    ],
)
def test_equal_results_are_close(got, expected):
    assert is_close(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (0.2, 0.1),
        ([1, 2, 3], [1, 2]),
        (np.ones((2, 3)), np.ones(3)),
        (1.0, np.ones(3)),
        ({"a": 1}, {"b": 1}),
        ([], {}),
        ("1", 1),
        (None, 1),
        ("text", "texts"),
        (object(), np.ones(2)),
        (pd.DataFrame({"b": [1]}), pd.DataFrame({"a": [1]})),
        ([1], pd.DataFrame({"a": [1]})),
    ],
)
def test_other_results_are_not(got, expected):
    assert not is_close(got, expected)


def test_an_answer_gets_a_copy_of_each_case():
    values = np.arange(3)

    def cases():
        return [(values, [values], {"a": values})]

    def spoil(array, entries, names):
        array[:] = entries[0][:] = names["a"][:] = 9
        return array

    list(Attempt(spoil, lambda *arguments: arguments[0], cases).comparisons())
    assert values.tolist() == [0, 1, 2] and copy_of(("a", 1)) == ("a", 1)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (kinds.ARRAY, np.ones(2), [1, 2]),
        (kinds.NUMBER, np.float32(2), "2"),
        (kinds.NUMBER, 2, True),
        (kinds.TEXT, "a", 1),
        (kinds.LIST, (1, 2), np.ones(2)),
        (kinds.DICTIONARY, {}, []),
        (kinds.function("a"), abs, 1),
        (kinds.MODEL, lesson_03._network, 1),
    ],
)
def test_a_kind_knows_its_own(kind, good, bad):
    good = good() if kind is kinds.MODEL else good
    assert kind.objection(good) == "" and kind.name in kind.objection(bad)


def test_work_in_time_returns_or_raises():
    assert run_within(1, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        run_within(1, lambda: 1 / 0)
