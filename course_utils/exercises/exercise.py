"""An exercise that checks itself: a prompt, hints, a solution, and a check that coaches."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from course_utils.exercises.cards import Card, Verdict
from course_utils.exercises.conditions import (
    AnswerRaised,
    Attempt,
    Cases,
    Condition,
    NothingReturned,
)
from course_utils.exercises.kinds import Kind
from course_utils.exercises.progress import note_solved

# A grader sets this in the process of a submission: answers are then kept, and judged elsewhere.
on_hand_in: Callable[["Exercise", Any], None] | None = None


@dataclass(frozen=True)
class WrongAnswer:
    """A plausible wrong answer, with which the check itself is tested.

    Attributes:
        answer: what a learner could hand in. Where that is no function: it, or a function that
            makes it.
        says: a part of the message that it must get, and that no other wrong answer gets.
    """

    answer: Any
    says: str


@dataclass(frozen=True, eq=False)
class Exercise:
    """An exercise of a lesson.

    Attributes:
        lesson: its number.
        name: what the learner's answer is called in the notebook.
        prompt: the task, in Markdown, as it stands in the notebook.
        kind: what kind of answer is expected.
        hints: from a nudge to nearly the solution.
        code: the reference solution, which defines `name`; `np` is imported.
        reason: why the solution is as it is.
        conditions: checked in order; the first complaint is shown.
        wrong_answers: at least three; without any one of the conditions, one of them would pass.
        cases: makes the hidden arguments that a function is called with.
        seconds: after which one call of a function counts as one that never ends.
    """

    lesson: int
    name: str
    prompt: str
    kind: Kind
    hints: tuple[str, ...]
    code: str
    reason: str
    conditions: tuple[Condition, ...]
    wrong_answers: tuple[WrongAnswer, ...]
    cases: Cases | None = None
    seconds: float = 10
    _hints_given: list[str] = field(default_factory=list, init=False)

    @property
    def full_name(self) -> str:
        """The exercise's name with its lesson's: "lesson_03.dark_line"."""
        return f"lesson_{self.lesson:02d}.{self.name}"

    @cached_property
    def reference(self) -> Any:
        """What the reference solution makes."""
        names: dict[str, Any] = {"np": np}
        exec(compile(self.code, f"<solution of {self.full_name}>", "exec"), names)
        return names[self.name]

    def __repr__(self) -> str:
        return self.prompt

    def _repr_markdown_(self) -> str:
        return self.prompt

    def check(self, answer: Any) -> Verdict:
        """Say whether an answer is right, and if not, what to look at. Nothing is raised."""
        if on_hand_in is not None:
            on_hand_in(self, answer)
            return Verdict("Not yet.", "Handed in. The grader looks at it elsewhere.")
        verdict = self.judge(answer)
        if not verdict.passed:
            return verdict
        return replace(verdict, text=f"{verdict.text} {note_solved(self.full_name)}".strip())

    def judge(self, answer: Any) -> Verdict:
        """Do the same as `check`, and note no progress."""
        try:
            return self._judge(answer)
        except NothingReturned:
            return Verdict(
                "Not yet.",
                f"`{self.name}` returns nothing so far. Write its body, and end with `return`.",
                "attempted",
            )
        except AnswerRaised as error:
            return Verdict("Not right.", str(error), "runs")
        except TimeoutError:
            return Verdict(
                "Not right.",
                f"Your answer was not done after {self.seconds:g} seconds, and was stopped. Look "
                "for a loop whose end is never reached.",
                "ends",
            )
        except SystemExit:
            return Verdict("Not right.", "Your answer calls `exit()`. Return a value.", "runs")
        except Exception as error:
            text = f"The check could not work with your answer: `{type(error).__name__}: {error}`."
            return Verdict("Not right.", text, "runs")

    def _judge(self, answer: Any) -> Verdict:
        if _is_open(answer):
            text = "Put your answer in the place of `None`, and run the cell again."
            return Verdict("Not yet.", text, "attempted")
        objection = self.kind.objection(answer)
        if objection:
            return Verdict("Not right.", objection, "kind")
        attempt = Attempt(answer, self.reference, self.cases, self.seconds)
        for condition in self.conditions:
            complaint = condition.complaint(attempt)
            if complaint:
                return Verdict("Not right.", complaint, condition.name)
        return Verdict("Right.", "")

    def without(self, condition: Condition) -> "Exercise":
        """Return the exercise with one condition less, to test that none is idle."""
        rest = tuple(other for other in self.conditions if other is not condition)
        return replace(self, conditions=rest)

    def make(self, wrong: WrongAnswer) -> Any:
        """Return what a learner with this wrong answer hands in."""
        is_maker = inspect.isfunction(wrong.answer) and not self.kind.is_function
        return wrong.answer() if is_maker else wrong.answer

    def hint(self) -> Card:
        """Show one more hint with each call."""
        given = self._hints_given
        given.extend(self.hints[len(given) : len(given) + 1])
        lines = [f"{number}. {hint}" for number, hint in enumerate(given, start=1)]
        left = len(self.hints) - len(given)
        after = f"Run the cell again for the next hint; there are {left} more."
        if left == 1:
            after = "Run the cell again for the last hint."
        if left == 0:
            after = f"That was the last hint. `ex.{self.name}.solution()` shows a solution."
        return Card("\n".join(lines) + f"\n\n{after}")

    def solution(self) -> Card:
        """Show a solution, and why it is as it is."""
        return Card(f"```python\n{self.code.strip()}\n```\n\n{self.reason}")


def _is_open(answer: Any) -> bool:
    """Tell whether an answer, or an entry of it, is still the None of the notebook."""
    if isinstance(answer, dict):
        return any(map(_is_open, answer.values()))
    if isinstance(answer, list | tuple):
        return any(map(_is_open, answer))
    return answer is None or answer is Ellipsis
