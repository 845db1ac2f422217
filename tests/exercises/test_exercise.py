"""The framework of the exercises: what is caught, what is shown, and what is remembered."""

import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils.exercises import LESSONS, answer_types, feedback, lesson_03, load_lesson, progress
from course_utils.exercises.conditions import Attempt, copy_of, is_close
from course_utils.exercises.quiz import WIDGET
from course_utils.exercises.texts import ExerciseText
from course_utils.exercises.time_limit import run_within
from tests.exercises.wrong_answers.lesson_03 import _network


@pytest.fixture(autouse=True)
def _own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))


def test_a_type_has_the_article_that_is_spoken():
    for value, says in (
        (np.zeros((9, 9), int), "an int64 array of shape (9, 9)"),
        (np.zeros((9, 9), np.uint8), "a uint8 array of shape (9, 9)"),
        (np.zeros((9, 9), np.float32), "a float32 array of shape (9, 9)"),
        ({*range(9)}, "a set"),
        (OSError(), "an OSError"),
    ):
        assert answer_types.describe(value) == says


def test_an_answer_that_raises_is_explained():
    def divide(image, weights, stride):
        rows = image.shape[0]
        return rows / 0

    result = lesson_03.convolve_in_steps.check(divide)
    assert result.condition == "runs"
    assert "`ZeroDivisionError: division by zero`, at `return rows / 0`" in result.text
    assert "called with a float32 array of shape (7, 7)" in result.text


def test_an_answer_that_never_ends_is_stopped():
    running = []

    def endless(image, weights, stride):
        while True:
            try:
                running.append(time.monotonic())
                time.sleep(0.01)
            except Exception:
                continue

    result = lesson_03.convolve_in_steps.evaluate(endless, seconds=0.2)
    assert result.condition == "ends" and "after 0.2 seconds" in result.text
    time.sleep(0.3)
    assert time.monotonic() - running[-1] > 0.2  # it does not go on in the background


def test_exit_does_not_end_the_kernel():
    assert "calls `exit()`" in lesson_03.convolve_in_steps.check(lambda i, w, s: exit()).text


def test_a_function_with_other_parameters_is_named():
    result = lesson_03.convolve_in_steps.check(lambda image: image)
    assert result.condition == "type" and "yours is called as `(image)`" in result.text


def test_the_result_instead_of_the_function_is_named():
    text = lesson_03.convolve_in_steps.check(np.zeros((3, 3))).text
    assert "Hand in the function itself" in text and "float64 array of shape (3, 3)" in text


def test_feedback_is_rich_in_a_notebook_and_plain_elsewhere():
    result = lesson_03.learned_numbers.check(2400)
    assert repr(result).startswith("Not right. The biases are missing")
    assert "<strong>Not right.</strong>" in result._repr_html_()
    assert feedback.to_html("`a < b` & **c**") == (
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
    result = lesson_03.learned_numbers.check(2432)
    assert result.passed and "runs/progress.json is damaged" in result.text
    with pytest.raises(ValueError, match="damaged"):
        progress.read_solved()


def test_the_quiz_has_buttons_that_answer():
    first, *_ = lesson_03.quiz.widget().children
    title, buttons, shown = first.children
    assert "so few parameters" in title.value and buttons.value is None and shown.value == ""
    buttons.set_state({"index": 0})  # what a front end sends at a click, Colab's too
    assert "Not right." in shown.value
    buttons.set_state({"index": 1})
    assert "Right." in shown.value and "one set" in shown.value


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
    values, text = np.arange(3), ExerciseText("", (), "", "", {}, {})

    def cases():
        return [(values, [values], {"a": values})]

    def spoil(array, entries, names):
        array[:] = entries[0][:] = names["a"][:] = 9
        return array

    list(Attempt(spoil, lambda *arguments: arguments[0], text, cases).comparisons())
    assert values.tolist() == [0, 1, 2] and copy_of(("a", 1)) == ("a", 1)


@pytest.mark.parametrize(
    ("answer_type", "good", "bad"),
    [
        (answer_types.ARRAY, np.ones(2), [1, 2]),
        (answer_types.NUMBER, np.float32(2), "2"),
        (answer_types.NUMBER, 2, True),
        (answer_types.TEXT, "a", 1),
        (answer_types.LIST, (1, 2), np.ones(2)),
        (answer_types.DICTIONARY, {}, []),
        (answer_types.function("a"), abs, 1),
        (answer_types.MODEL, _network, 1),
    ],
)
def test_a_type_knows_its_own(answer_type, good, bad):
    good = good() if answer_type is answer_types.MODEL else good
    assert answer_type.objection(good) == "" and answer_type.name in answer_type.objection(bad)


def test_work_in_time_returns_or_raises():
    assert run_within(1, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        run_within(1, lambda: 1 / 0)


# A learner's installation may have nothing but these: numpy, pandas, ipywidgets and lazy_loader.
BLOCKED = [
    *("cv2", "joblib", "keras", "matplotlib", "PIL", "psutil"),
    *("scipy", "seaborn", "skimage", "sklearn", "tensorflow", "tqdm"),
]
OPEN_A_QUIZ = """
import sys
sys.modules.update(dict.fromkeys({blocked}))
from course_utils.exercises import lesson_{number:02d} as ex
assert repr(ex.quiz) in ex.quiz._repr_mimebundle_()["text/markdown"]
assert "question" in ex.progress().text and ex.quiz.answer(1, "a").text
assert ex.lesson.exercises[0].hint().text
"""


@pytest.mark.parametrize("number", LESSONS)
def test_a_quiz_opens_without_tensorflow_and_the_rest(number):
    source = OPEN_A_QUIZ.format(blocked=BLOCKED, number=number)
    subprocess.run([sys.executable, "-c", source], check=True)
