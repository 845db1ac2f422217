"""The framework of the exercises: what is caught, what is shown, and what is remembered."""

import json
import subprocess
import sys
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils.evaluation.intervals import Estimate
from course_utils.exercises import (
    LESSONS,
    answer_types,
    feedback,
    lesson_01,
    lesson_03,
    load_lesson,
    progress,
)
from course_utils.exercises import __main__ as command
from course_utils.exercises.conditions import Attempt, copy_of, is_close, same_shape, same_values
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.kinds import beats, each_epoch, read
from course_utils.exercises.quiz import WIDGET
from course_utils.exercises.texts import ExerciseText
from course_utils.exercises.time_limit import run_within
from tests.exercises.wrong_answers.lesson_03 import _network


@pytest.fixture(autouse=True)
def _own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))


def test_a_value_is_described_as_one_would_speak_of_it():
    for value, says in (
        (np.zeros((9, 9), int), "an int64 array of shape (9, 9)"),
        (np.zeros((9, 9), np.uint8), "a uint8 array of shape (9, 9)"),
        (np.zeros((9, 9), np.float32), "a float32 array of shape (9, 9)"),
        ({*range(9)}, "a set"),
        ({"hat": (np.zeros((9, 9)), 1)}, "a dict"),  # in place of many lines of numbers
        (OSError(), "an OSError"),
        ({"recall": np.float64(0.25), "of": [np.int64(3)]}, "`{'recall': 0.25, 'of': [3]}`"),
        (Estimate(np.float64(0.5), 0.25, 0.75), "`Estimate(value=0.5, low=0.25, high=0.75)`"),
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


def test_of_a_long_error_the_first_line_is_shown():
    message = "Graph execution error:\n\nDetected at node loss\n" + "  File ...\n" * 20

    def fit(image, weights, stride):
        raise ValueError(message)

    text = lesson_03.convolve_in_steps.check(fit).text
    assert "raised `ValueError: Graph execution error:`" in text and "Detected" not in text


def test_an_answer_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(lesson_03.convolve_in_steps, "seconds", 0.2)
    running = []

    def endless(image, weights, stride):
        while True:
            try:
                running.append(time.monotonic())
                time.sleep(0.01)
            except Exception:
                continue

    result = lesson_03.convolve_in_steps.evaluate(endless)
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
        pytest.param(10**400, 0.1, id="larger than any float"),
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


def test_the_command_shows_what_is_solved_and_what_comes_next(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["exercises"])
    first, second, *_ = lesson_01.lesson.exercises
    assert command.main() == 0
    assert f"Next: {first.text.title} (lesson 01)" in capsys.readouterr().out
    first.check(first.reference)
    assert command.main() == 0
    printed = capsys.readouterr().out
    assert "Lesson 01: 1 of " in printed and f"Next: {second.text.title} (lesson 01)" in printed


def test_the_command_names_a_damaged_progress(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["exercises"])
    path = progress._path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{")
    assert command.main() == 2 and "damaged" in capsys.readouterr().err


def exercise_of(answer_type, *conditions, reference, cases=None, **text):
    """Return an exercise that stands in no lesson."""
    texts = {"advice": {"values": "Look again."}, "mistakes": {}, **text}
    made = Exercise(3, "made", answer_type, *conditions, cases=cases)
    made.text = ExerciseText("A task", ("a", "b"), "", "", **texts)
    made.reference = reference
    return made


@pytest.mark.parametrize(
    "answer",
    [0.25, Fraction(1, 4), Decimal("0.25"), np.array(0.25), np.float32(0.25), 0.250000001],
    ids=repr,
)
def test_a_number_may_come_in_any_form(answer):
    exercise = exercise_of(answer_types.NUMBER, same_values(), reference=0.25)
    assert exercise.evaluate(answer).passed


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (0, "Expected a larger value; yours is `0`"),
        (7.5, "Expected a smaller value; yours is `7.5`"),
        (float("nan"), "Yours is not a number. "),
        (float("inf"), "Expected a smaller value"),
    ],
)
def test_a_wrong_number_is_told_its_side_and_not_the_solution(answer, says):
    exercise = exercise_of(answer_types.NUMBER, same_values(), reference=0.25)
    text = exercise.evaluate(answer).text
    assert says in text and "0.25" not in text


def test_the_entry_that_differs_is_named_however_long_the_dictionary_is():
    reference = {f"layer {number}": [number, 2 * number] for number in range(40)}
    answer = {**reference, "layer 31": [31, 60]}
    exercise = exercise_of(answer_types.DICTIONARY, same_values(), reference=reference)
    text = exercise.evaluate(answer).text
    assert "['layer 31'][1]" in text and "yours is `60`" in text and "62" not in text


def test_a_list_of_unequal_rows_is_no_raw_error():
    exercise = exercise_of(answer_types.LIST, same_shape(), same_values(), reference=[1, 2])
    exercise.text.advice["shape"] = "Two numbers are asked for."
    text = exercise.evaluate([[1, 2], [3]]).text
    assert "Two numbers" in text or "Expected" in text
    assert "inhomogeneous" not in text


def _wider(number):
    return None if number < 0 else number


def test_nothing_is_an_answer_where_a_case_asks_for_it():
    function = answer_types.function("number")
    cases = lambda: [(3,), (-1,)]  # noqa: E731
    exercise = exercise_of(function, same_values(), reference=_wider, cases=cases)
    assert exercise.evaluate(_wider).passed
    text = exercise.evaluate(lambda number: number if number < 0 else None).text
    assert "Expected `3` for `3`; yours is `None`" in text
    assert exercise.evaluate(lambda number: None).word == "Not yet."


def test_no_function_may_write_into_what_it_is_given():
    def sort(values):
        values.sort()
        return values

    function, cases = answer_types.function("values"), lambda: [(np.array([3, 1, 2]),)]
    exercise = exercise_of(function, same_values(), reference=np.sort, cases=cases)
    feedback = exercise.evaluate(sort)
    assert feedback.condition == "input kept" and "writes into `values`" in feedback.text
    assert exercise.evaluate(sorted).passed


def test_what_holds_the_lock_is_late_all_the_same():
    with pytest.raises(TimeoutError):
        run_within(0.05, lambda: sum(range(3 * 10**8)))  # one call in C, which no thread can end


def test_a_reading_says_something_about_each_letter():
    mistakes = {"epoch A": "Too early.", "epoch B": "The lowest.", "why A": "No.", "why B": "So."}
    exercise = read(3, "made", epoch="AB", why="AB")
    exercise.text = ExerciseText("A task", ("a", "b"), "", "", {}, mistakes)
    exercise.reference = {"epoch": "B", "why": "A"}
    assert exercise.evaluate({"epoch": "A", "why": "A"}).text == "`epoch`: Too early."
    assert exercise.evaluate({"epoch": "b", "why": "B"}).text == "`why`: So."
    assert "letter from A, B for `why`" in exercise.evaluate({"epoch": "B", "why": "AB"}).text
    right = exercise.evaluate({"epoch": "b", "why": "A"})
    assert right.passed and right.text == "The lowest. No."


def test_a_pipeline_is_judged_by_what_it_yields():
    def batches(values):
        return [(values[:2], values[:2]), (values[2:], values[2:])]

    def test(first, second, values):
        return first.batch_sizes == (2, 1) and first.images.tolist() == values.tolist()

    exercise = exercise_of(
        answer_types.function("values"),
        each_epoch("order", test),
        reference=batches,
        cases=lambda: [(np.arange(3),)],
        advice={"order": "Keep the order."},
    )
    assert exercise.evaluate(batches).passed
    assert exercise.evaluate(lambda values: batches(values[::-1])).text == "Keep the order."
    assert "yields batches" in exercise.evaluate(lambda values: 3).text
    exercise.seconds = 0.2
    assert exercise.evaluate(lambda values: iter(lambda: (values, values), 0)).condition == "ends"


def test_a_gap_that_is_left_is_no_error():
    def unwritten(values):
        dataset = ...
        return dataset

    def half_written(values):
        dataset = ...
        return dataset.prefetch(1)

    exercise = exercise_of(
        answer_types.function("values"),
        each_epoch("order", lambda first, second, values: True),
        reference=list,
        cases=lambda: [(np.arange(3),)],
        advice={"order": "Keep the order."},
    )
    assert exercise.evaluate(unwritten).word == "Not yet."
    feedback = exercise.evaluate(half_written)
    assert feedback.word == "Not yet." and "A gap `...` is left" in feedback.text


def test_to_beat_a_baseline_is_told_with_both_accuracies():
    exercise = exercise_of(
        answer_types.function("images"),
        beats(lambda images: 0.5, lambda found: found, "a coin"),
        reference=lambda images: 0.7,
        cases=lambda: [(np.zeros(3),)],
        advice={"beaten": "Train longer."},
    )
    won, lost = exercise.evaluate(lambda images: 0.7), exercise.evaluate(lambda images: 0.5)
    assert won.passed and won.text == "Yours reads 70.0% of the hidden faces, a coin 50.0%."
    assert not lost.passed and lost.text.endswith("a coin 50.0%. Train longer.")
    assert exercise.evaluate(lambda images: None).word == "Not yet."
