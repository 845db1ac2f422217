"""An exercise that checks itself: hints, a solution, and a check that coaches."""

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from course_utils.exercises.answer_types import AnswerType
from course_utils.exercises.conditions import (
    AnswerError,
    Attempt,
    Cases,
    Condition,
    NothingReturnedError,
)
from course_utils.exercises.feedback import Feedback, Message
from course_utils.exercises.progress import note_solved
from course_utils.exercises.texts import ExerciseText, lesson_text


class Exercise:
    """An exercise of a lesson. Its task stands in the notebook, its texts in the lesson's file.

    Args:
        lesson: its number.
        name: what the learner's answer is called in the notebook.
        answer_type: what is handed in.
        conditions: checked in order; the first complaint is shown.
        cases: makes the hidden arguments that a function is called with.
        seconds: after which one call of a function counts as one that never ends.

    Attributes:
        result: what the last check found: "solved", "open", or the condition that was not met.
    """

    def __init__(
        self,
        lesson: int,
        name: str,
        answer_type: AnswerType,
        *conditions: Condition,
        cases: Cases | None = None,
        seconds: float = 10,
    ) -> None:
        self.lesson = lesson
        self.name = name
        self.answer_type = answer_type
        self.conditions = conditions
        self.cases = cases
        self.seconds = seconds
        self.result = "open"
        self._hints_given = 0

    @property
    def full_name(self) -> str:
        """The exercise's name with its lesson's: "lesson_03.dark_line"."""
        return f"lesson_{self.lesson:02d}.{self.name}"

    @cached_property
    def text(self) -> ExerciseText:
        """Its hints, solution and advice.

        Raises:
            ValueError: the lesson's file is damaged, or lacks this exercise.
        """
        texts = lesson_text(self.lesson).exercises
        if self.name not in texts:
            raise ValueError(f"lesson_{self.lesson:02d}.toml has no exercise {self.name}")
        return texts[self.name]

    @cached_property
    def reference(self) -> Any:
        """What the reference solution makes."""
        names: dict[str, Any] = {"np": np}
        exec(compile(self.text.solution, f"<solution of {self.full_name}>", "exec"), names)
        return names[self.name]

    def __repr__(self) -> str:
        return (
            f"Exercise {self.full_name}. The task stands in the notebook, above "
            f"`ex.{self.name}.check({self.name})`."
        )

    def check(self, answer: Any) -> Feedback:
        """Say whether an answer is right, and if not, what to look at. Nothing is raised."""
        feedback = self.evaluate(answer)
        self.result = feedback.condition.replace("attempted", "open") or "solved"
        if not feedback.passed:
            return feedback
        return replace(feedback, text=f"{feedback.text} {note_solved(self.full_name)}".strip())

    def evaluate(self, answer: Any) -> Feedback:
        """Do the same as `check`, and note no progress."""
        try:
            return self._evaluate(answer)
        except NothingReturnedError as error:
            unwritten = (
                f"`{self.name}` returns nothing so far. Write its body, and end with `return`."
            )
            return Feedback("Not yet.", str(error) or unwritten, "attempted")
        except AnswerError as error:
            return Feedback("Not right.", str(error), "runs")
        except TimeoutError:
            return Feedback(
                "Not right.",
                f"Your answer was not done after {self.seconds:g} seconds, and was stopped. Look "
                "for a loop whose end is never reached, or for work that can be less.",
                "ends",
            )
        except SystemExit:
            return Feedback("Not right.", "Your answer calls `exit()`. Return a value.", "runs")
        except Exception as error:
            text = f"The check could not work with your answer: `{type(error).__name__}: {error}`."
            return Feedback("Not right.", text, "runs")

    def _evaluate(self, answer: Any) -> Feedback:
        if _is_open(answer):
            text = "Put your answer in the place of `None`, and run the cell again."
            return Feedback("Not yet.", text, "attempted")
        objection = self.answer_type.objection(answer)
        if objection:
            return Feedback("Not right.", objection, "type")
        attempt = Attempt(answer, self.reference, self.text, self.cases, self.seconds)
        for condition in self.conditions:
            complaint = condition.complaint(attempt)
            if complaint:
                return Feedback("Not right.", complaint, condition.name)
        if name := attempt.written_into:
            text = (
                f"The values are right, but your function writes into `{name}`, which its caller "
                f"still needs. Steps such as `*=`, `.sort()` or `{name}[...] = ...` work in place: "
                "make new values, or begin with a copy."
            )
            return Feedback("Not right.", text, "input kept")
        return Feedback("Right.", " ".join(attempt.notes))

    def hint(self) -> Message:
        """Show one more hint with each call."""
        hints = self.text.hints
        self._hints_given = min(self._hints_given + 1, len(hints))
        given = hints[: self._hints_given]
        lines = [f"{number}. {hint}" for number, hint in enumerate(given, start=1)]
        left = len(hints) - len(given)
        after = f"Run the cell again for the next hint; there are {left} more."
        if left == 1:
            after = "Run the cell again for the last hint."
        if left == 0:
            after = f"That was the last hint. `ex.{self.name}.solution()` shows a solution."
        return Message("\n".join(lines) + f"\n\n{after}")

    def solution(self) -> Message:
        """Show a solution, and why it is as it is."""
        return Message(f"```python\n{self.text.solution.strip()}\n```\n\n{self.text.reason}")


def _is_open(answer: Any) -> bool:
    """Tell whether an answer, or an entry of it, is still the None of the notebook."""
    if isinstance(answer, dict):
        return any(map(_is_open, answer.values()))
    if isinstance(answer, list | tuple):
        return any(map(_is_open, answer))
    return answer is None or answer is Ellipsis
