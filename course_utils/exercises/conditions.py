"""What an answer must fulfil, one named condition after the other, each with its own advice."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from course_utils.exercises.answer_types import describe
from course_utils.exercises.texts import ExerciseText
from course_utils.exercises.time_limit import run_within

Arguments = tuple[Any, ...]
Cases = Callable[[], Sequence[Arguments]]


class NothingReturnedError(Exception):
    """The answer is a function that returns None: its body is not written yet."""


class AnswerError(Exception):
    """The answer is a function that raised; the text explains where, and on what input."""


@dataclass(frozen=True)
class Comparison:
    """One call of the answer. For an answer that is no function: no arguments, and the answer.

    Attributes:
        arguments: the hidden case.
        got: what the answer returns for it.
        expected: what the reference solution returns for it.
    """

    arguments: Arguments
    got: Any
    expected: Any


@dataclass
class Attempt:
    """An answer under check, beside the reference solution.

    Attributes:
        answer: what the learner handed in.
        reference: what the solution makes.
        text: the exercise's advice and known mistakes.
        cases: the hidden cases of a function; None for other kinds of answers.
        seconds: after which a call of the answer is stopped.
    """

    answer: Any
    reference: Any
    text: ExerciseText
    cases: Cases | None = None
    seconds: float = 10
    _known: dict[Cases, list[Comparison]] = field(default_factory=dict)

    def comparisons(self, cases: Cases | None = None) -> Iterator[Comparison]:
        """Yield each case with both results. The answer is called once per case, on a copy.

        Args:
            cases: other cases than the exercise's own.

        Raises:
            NothingReturnedError, AnswerError, TimeoutError: the answer is not ready for this.
        """
        cases = cases or self.cases
        if cases is None:
            yield Comparison((), self.answer, self.reference)
            return
        known = self._known.setdefault(cases, [])
        for number, arguments in enumerate(cases()):
            if number == len(known):
                got = self.call(*copy_of(arguments))
                expected = self.reference(*copy_of(arguments))
                known.append(Comparison(arguments, got, expected))
            yield known[number]

    def call(self, *arguments: Any) -> Any:
        """Return what the answer returns for these arguments.

        Raises:
            NothingReturnedError, AnswerError, TimeoutError: it returned nothing, raised, or did
                not end.
        """
        shown = _describe_all(arguments)
        try:
            result = run_within(self.seconds, lambda: self.answer(*arguments))
        except TimeoutError:
            raise
        except Exception as error:
            raise AnswerError(_explain(error, self.answer, shown)) from error
        if result is None or result is Ellipsis:
            raise NothingReturnedError
        return result


@dataclass(frozen=True)
class Condition:
    """One thing that an answer must fulfil.

    Attributes:
        name: one or two words.
        complaint: says what was expected, what came and what to look at; "" where all is well.
        has_advice: whether it takes what to look at from the lesson's file, under its name.
        mistakes: what an answer would be that rests on a known mistake, or for functions a function
            with that mistake, by the name under which the lesson's file says what is wrong.
    """

    name: str
    complaint: Callable[[Attempt], str]
    has_advice: bool = False
    mistakes: Mapping[str, Any] = field(default_factory=dict)


def holds(
    name: str, test: Callable[[Any], bool], otherwise: Callable[[Any], str] | None = None
) -> Condition:
    """Return the condition that a test of the answer is true.

    Args:
        name: of the condition.
        test: takes the answer. A function is called through `Attempt.call` instead: write a
            `Condition` for it.
        otherwise: makes the complaint from the answer; without it, the file's advice is given.
    """

    def complaint(attempt: Attempt) -> str:
        if test(attempt.answer):
            return ""
        return otherwise(attempt.answer) if otherwise else attempt.text.advice[name]

    return Condition(name, complaint, has_advice=otherwise is None)


def same_dtype() -> Condition:
    """Return the condition that results are arrays of the solution's dtype."""

    def complaint(attempt: Attempt) -> str:
        for case in attempt.comparisons():
            got, expected = np.asarray(case.got).dtype, np.asarray(case.expected).dtype
            if got != expected:
                start = f"Expected values of type {expected}{_for(case)}; yours are {got}."
                return f"{start} {attempt.text.advice['dtype']}"
        return ""

    return Condition("dtype", complaint, has_advice=True)


def same_shape() -> Condition:
    """Return the condition that results have the solution's shape."""

    def complaint(attempt: Attempt) -> str:
        for case in attempt.comparisons():
            got, expected = np.shape(case.got), np.shape(case.expected)
            if got != expected:
                start = f"Expected the shape {expected}{_for(case)}; yours is {got}."
                return f"{start} {attempt.text.advice['shape']}"
        return ""

    return Condition("shape", complaint, has_advice=True)


def same_values(**mistakes: Any) -> Condition:
    """Return the condition that results equal the solution's, up to rounding.

    Neither the dtype nor axes of length one count here: conditions of their own look at them.

    Args:
        mistakes: as in `Condition`.
    """
    return _same_values("values", None, mistakes)


def same_values_for(name: str, cases: Cases) -> Condition:
    """Return the condition that results equal the solution's for other cases than the exercise's.

    Args:
        name: of the condition.
        cases: makes the arguments.
    """
    return _same_values(name, cases, {})


def _same_values(name: str, cases: Cases | None, mistakes: Mapping[str, Any]) -> Condition:
    def complaint(attempt: Attempt) -> str:
        for case in attempt.comparisons(cases):
            if not is_close(case.got, case.expected):
                if known := _known_mistake(attempt, mistakes):
                    return attempt.text.mistakes[known]
                return f"{_difference(case)} {attempt.text.advice[name]}"
        return ""

    return Condition(name, complaint, has_advice=True, mistakes=mistakes)


def keeps_its_input() -> Condition:
    """Return the condition that a function does not write into its arguments."""

    def complaint(attempt: Attempt) -> str:
        assert attempt.cases is not None, "only a function has an input"
        for arguments in attempt.cases():
            handed_over = copy_of(arguments)
            attempt.call(*handed_over)
            if not is_close(handed_over, arguments):
                return f"Your function changes what it is given. {attempt.text.advice[name]}"
        return ""

    name = "input kept"
    return Condition(name, complaint, has_advice=True)


def copy_of(value: Any) -> Any:
    """Return a copy of arrays and data frames, at any depth. Models and functions stay the same."""
    if isinstance(value, np.ndarray | pd.DataFrame):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(map(copy_of, value))
    if isinstance(value, dict):
        return {key: copy_of(entry) for key, entry in value.items()}
    return value


def is_close(got: Any, expected: Any) -> bool:
    """Tell whether two results are equal up to rounding, dtype and axes of length one."""
    if isinstance(expected, pd.DataFrame):
        is_table = isinstance(got, pd.DataFrame) and list(got) == list(expected)
        return is_table and is_close(got.to_dict("list"), expected.to_dict("list"))
    if isinstance(expected, dict):
        is_same = isinstance(got, dict) and got.keys() == expected.keys()
        return is_same and all(is_close(got[key], expected[key]) for key in expected)
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        return len(got) == len(expected) and all(map(is_close, got, expected))
    try:
        first, second = np.squeeze(np.asarray(got)), np.squeeze(np.asarray(expected))
        if first.shape != second.shape:
            return False
        if second.dtype.kind not in "biufc":
            return bool(np.array_equal(first, second))
        return bool(np.allclose(first, second, rtol=1e-4, atol=1e-6, equal_nan=True))
    except (TypeError, ValueError):
        return False


def _known_mistake(attempt: Attempt, mistakes: Mapping[str, Any]) -> str:
    """Return the name of the mistake that explains all results, or an empty string."""
    for name, mistaken in mistakes.items():
        if all(
            is_close(case.got, mistaken(*case.arguments) if callable(mistaken) else mistaken)
            for case in attempt.comparisons()
        ):
            return name
    return ""


def _difference(case: Comparison) -> str:
    """Say how a result differs: in kind, by values that are no numbers, by range or in a place."""
    where = _for(case)
    got, expected = np.asarray(case.got), np.asarray(case.expected)
    is_comparable = got.shape == expected.shape and got.dtype.kind in "biuf"
    if not is_comparable or expected.dtype.kind not in "biuf" or not expected.size:
        return f"Expected {describe(case.expected)}{where}; yours is {describe(case.got)}."
    if np.isnan(got).sum() > np.isnan(expected).sum():
        return f"Yours is not a number{where} in {np.isnan(got).sum()} of {got.size} values."
    if expected.size == 1:
        return f"Expected {describe(expected.item())}{where}; yours is {describe(got.item())}."
    if got.min() < expected.min() - 1e-6 or got.max() > expected.max() + 1e-6:
        return (
            f"Expected values from {expected.min():.4g} to {expected.max():.4g}{where}; yours "
            f"run from {got.min():.4g} to {got.max():.4g}."
        )
    differs = ~np.isclose(got, expected, rtol=1e-4, atol=1e-6, equal_nan=True)
    place = tuple(int(index) for index in np.argwhere(differs)[0])
    return (
        f"Yours differs{where} in {differs.sum()} of {differs.size} values. The first is at "
        f"`{list(place)}`: expected {expected[place]:.6g}, yours is {got[place]:.6g}."
    )


def _for(case: Comparison) -> str:
    return f" for {_describe_all(case.arguments)}" if case.arguments else ""


def _describe_all(arguments: Arguments) -> str:
    return " and ".join(describe(argument) for argument in arguments)


def _explain(error: Exception, answer: Any, shown: str) -> str:
    """Say what an answer raised, on what line of the learner's and on what input."""
    name = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    text = f"Your function raised `{name}`"
    own_file = getattr(getattr(answer, "__code__", None), "co_filename", None)
    lines = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own_file
    ]
    if lines and lines[-1].line:
        text += f", at `{lines[-1].line}`"
    called = f" when called with {shown}" if shown else ""
    return f"{text}{called}. Call it yourself with such an input to see the whole message."
