"""A lesson's file of texts: it is read when asked for, and what is wrong with it is named."""

import re

import pytest

from course_utils.exercises.texts import FOLDER, lesson_text, read_lesson_text

WHOLE = """
[exercises.count]
title = "Count them"
hints = ["Look.", "Count."]
solution = "count = 2"
reason = "There are two."

[[quiz]]
question = "Why?"

[[quiz.options]]
text = "So."
feedback = "Right."
is_right = true

[[quiz.options]]
text = "Not so."
feedback = "Wrong."
"""


def test_a_whole_file_is_read(tmp_path):
    path = tmp_path / "lesson.toml"
    path.write_text(WHOLE, encoding="utf-8")
    text = read_lesson_text(path)
    assert text.exercises["count"].hints == ("Look.", "Count.")
    assert text.exercises["count"].solution == "count = 2"
    (question,) = text.questions
    assert question.text == "Why?"
    assert [option.is_right for option in question.options] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[quiz]]", "[[quiz", "line"),
        ("[[quiz", "[[questions", "the file: `quiz` is missing, or no list"),
        ('hints = ["Look.", "Count."]', "", "exercise count: `hints` is missing, or no list"),
        ('["Look.", "Count."]', '["Look.", 2]', "exercise count: each hint"),
        ('"There are two."', '""', "exercise count: `reason` is missing"),
        ("reason", "raeson", "exercise count: `reason` is missing"),
        ("[[quiz]]", "[exercises.count.advise]\n[[quiz]]", "count: unknown entries advise"),
        ('question = "Why?"', "", "question 1: `question` is missing, or no str"),
        ('feedback = "Wrong."', "", "question 1, option 2: `feedback` is missing"),
        ("is_right = true", "", "question 1: one option is right, and here 0 are"),
        ('"Wrong."', '"Wrong."\nis_right = true', "question 1: one option is right, and here 2"),
        ("is_right = true", "is_right = 1", "question 1, option 1: `is_right` is missing, or no"),
    ],
)
def test_a_damaged_or_incomplete_file_is_named(tmp_path, old, new, message):
    assert old in WHOLE
    path = tmp_path / "lesson.toml"
    path.write_text(WHOLE.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        read_lesson_text(path)
    assert str(caught.value).startswith(f"{path} is damaged or incomplete: ")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=re.escape(str(tmp_path / "none.toml"))):
        read_lesson_text(tmp_path / "none.toml")


def test_each_file_is_read_once():
    assert lesson_text(3) is lesson_text(3)
    assert len(list(FOLDER.glob("lesson_*.toml"))) == len(list(FOLDER.glob("lesson_*.py")))
