"""What a lesson's exercises and quiz say: the TOML file beside the lesson's module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class ExerciseText:
    """What an exercise says besides its task, which stands in the notebook.

    Attributes:
        title: that of the task.
        hints: from a nudge to nearly the solution.
        solution: code that defines the answer; `np` is imported.
        reason: why the solution is as it is.
        advice: what to look at where a condition is not met, by the condition's name.
        mistakes: what is wrong with a known mistake, by the mistake's name.
    """

    title: str
    hints: tuple[str, ...]
    solution: str
    reason: str
    advice: Mapping[str, str]
    mistakes: Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """One option of a question.

    Attributes:
        text: short enough for one line.
        feedback: why it is right, or what is wrong about it.
        is_right: exactly one option of a question is.
    """

    text: str
    feedback: str
    is_right: bool


@dataclass(frozen=True)
class Question:
    """A question and its options, in the order in which they are shown."""

    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class LessonText:
    """All texts of a lesson: those of its exercises by name, and the questions of its quiz."""

    exercises: Mapping[str, ExerciseText]
    questions: tuple[Question, ...]


@cache
def lesson_text(number: int) -> LessonText:
    """Return the texts of a lesson. Its file is read when they are first asked for.

    Raises:
        ValueError: the file is damaged or incomplete; the message names it and the place.
    """
    return read_lesson_text(FOLDER / f"lesson_{number:02d}.toml")


def read_lesson_text(path: Path) -> LessonText:
    """Read the texts of a lesson from a file.

    Raises:
        ValueError: the file is damaged or incomplete; the message names it and the place.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        _check(content, {"exercises": dict, "quiz": list}, "the file")
        exercises = {name: _exercise(name, table) for name, table in content["exercises"].items()}
        questions = tuple(_question(i, table) for i, table in enumerate(content["quiz"], start=1))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is damaged or incomplete: {error}") from error
    return LessonText(exercises, questions)


def _exercise(name: str, table: dict[str, Any]) -> ExerciseText:
    where = f"exercise {name}"
    table = {"advice": {}, "mistakes": {}, **table}
    types = {
        "title": str,
        "hints": list,
        "solution": str,
        "reason": str,
        "advice": dict,
        "mistakes": dict,
    }
    _check(table, types, where)
    texts = [*table["hints"], *table["advice"].values(), *table["mistakes"].values()]
    if not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"{where}: each hint, advice and mistake is a text")
    return ExerciseText(**{**table, "hints": tuple(table["hints"])})


def _question(number: int, table: dict[str, Any]) -> Question:
    where = f"question {number}"
    _check(table, {"question": str, "options": list}, where)
    options = []
    for place, entry in enumerate(table["options"], start=1):
        option = {"is_right": False, **entry}
        _check(option, {"text": str, "feedback": str, "is_right": bool}, f"{where}, option {place}")
        options.append(Option(**option))
    if (right := sum(option.is_right for option in options)) != 1:
        raise ValueError(f"{where}: one option is right, and here {right} are")
    return Question(table["question"], tuple(options))


def _check(table: Mapping[str, Any], types: Mapping[str, type], where: str) -> None:
    """Refuse a table with a missing, empty, mistyped or unknown entry."""
    for key, expected in types.items():
        if not isinstance(table.get(key), expected) or table[key] == "":
            raise ValueError(f"{where}: `{key}` is missing, or no {expected.__name__}")
    if unknown := table.keys() - types.keys():
        raise ValueError(f"{where}: unknown entries {', '.join(sorted(unknown))}")
