"""What an answer must fulfil, one named condition after the other, each with its own advice."""

import inspect
import math
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from course_utils.exercises.answer_types import describe
from course_utils.exercises.texts import ExerciseText
from course_utils.exercises.time_limit import run_within

Arguments = tuple[Any, ...]
Cases = Callable[[], Sequence[Arguments]]

GAP_LEFT = "A gap `...` is left in your function. Fill the gaps one by one, from the top."


class NothingReturnedError(Exception):
    """The answer is a function that is not written yet; the text says what, where more is known."""


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
        notes: what a right answer is told as well, such as how well it did.
        written_into: the first argument that the answer wrote into, empty where it kept all.
    """

    answer: Any
    reference: Any
    text: ExerciseText
    cases: Cases | None = None
    seconds: float = 10
    notes: list[str] = field(default_factory=list)
    written_into: str = ""
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
        for number, arguments in enumerate(made := cases()):
            if number == len(known):
                known.append(self._compare(arguments))
            if known[number].got is None and known[number].expected is not None:
                others = [self._compare(other).got for other in made[number + 1 :]]
                if all(case.got is None for case in known) and not any(
                    other is not None for other in others
                ):
                    raise NothingReturnedError
            yield known[number]

    def _compare(self, arguments: Arguments) -> Comparison:
        expected = self.reference(*copy_of(arguments))
        return Comparison(arguments, self.call(*arguments), expected)

    def call(self, *arguments: Any) -> Any:
        """Return what the answer returns for a copy of these arguments.

        Raises:
            NothingReturnedError, AnswerError, TimeoutError: it raised at a gap `...`, it raised, or
                it did not end in time.
        """
        handed_over = copy_of(arguments)
        try:
            result = run_within(self.seconds, lambda: self.answer(*handed_over))
        except TimeoutError:
            raise
        except Exception as error:
            if "ellipsis" in str(error).lower():
                raise NothingReturnedError(GAP_LEFT) from error
            shown = _describe_all(arguments)
            raise AnswerError(_explain(error, self.answer, shown)) from error
        for name, before, after in zip(_parameters(self.answer), arguments, handed_over):
            if not _is_same(before, after):
                self.written_into = self.written_into or name
        return None if result is Ellipsis else result

    def make(self, *arguments: Any) -> Any:
        """Return what the answer makes of these arguments, which may not be nothing.

        Raises:
            NothingReturnedError, AnswerError, TimeoutError: as `call`, or it made nothing.
        """
        made = self.call(*arguments)
        if made is None:
            raise NothingReturnedError
        return made


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
            got, expected = _as_array(case.got).dtype, _as_array(case.expected).dtype
            if got != expected:
                start = f"Expected values of type {expected}{_for(case)}; yours are {got}."
                return f"{start} {attempt.text.advice['dtype']}"
        return ""

    return Condition("dtype", complaint, has_advice=True)


def same_shape() -> Condition:
    """Return the condition that results have the solution's shape."""

    def complaint(attempt: Attempt) -> str:
        for case in attempt.comparisons():
            got, expected = _as_array(case.got).shape, _as_array(case.expected).shape
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


def copy_of(value: Any) -> Any:
    """Return a copy of arrays and data frames, at any depth. Models and functions stay the same."""
    if isinstance(value, np.ndarray | pd.DataFrame):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(map(copy_of, value))
    if isinstance(value, dict):
        return {key: copy_of(entry) for key, entry in value.items()}
    return value


def _is_same(before: Any, after: Any) -> bool:
    """Tell whether an argument is, to the last digit, what it was."""
    if isinstance(before, np.ndarray):
        return bool(before.dtype == after.dtype and before.tobytes() == after.tobytes())
    if isinstance(before, pd.DataFrame | pd.Series):
        return bool(before.equals(after) and before.index.equals(after.index))
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_is_same, before, after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(map(_is_same, before.values(), after.values()))
    return True  # a number or a text cannot be written into, a model or a function is no input


def _parameters(answer: Any) -> list[str]:
    try:
        return list(inspect.signature(answer).parameters)
    except ValueError:  # some compiled functions do not say what they take
        return []


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
        got = float(got) if isinstance(got, Fraction | Decimal) else got
        first, second = np.squeeze(np.asarray(got)), np.squeeze(np.asarray(expected))
        if first.shape != second.shape:
            return False
        if second.dtype.kind not in "biufc":
            return bool(np.array_equal(first, second))
        return bool(np.allclose(first, second, rtol=1e-4, atol=1e-6, equal_nan=True))
    except (TypeError, ValueError, OverflowError):
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


def _as_array(value: Any) -> np.ndarray:
    """Return an array, also of a list whose entries differ in length."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.asarray(value, dtype=object)


def _difference(case: Comparison) -> str:
    """Say how a result differs: in which entry, by values that are no numbers, in range or place.

    What a hidden case asks for is told. What stands for itself is not: it is the solution.
    """
    entry, got, expected = _first_difference(case.got, case.expected)
    where = f"{_for(case)}{f' at `{entry}`' if entry else ''}"
    is_told = bool(case.arguments)
    first, second = _as_array(got), _as_array(expected)
    is_numeric = first.dtype.kind in "biuf" and second.dtype.kind in "biuf"
    if first.shape != second.shape or not is_numeric or not second.size:
        return f"{_expected(expected, is_told)}{where}; yours is {describe(got)}."
    missing = np.isnan(first).sum()
    if missing > np.isnan(second).sum():
        places = f" in {missing} of {first.size} values" if first.size > 1 else ""
        return f"Yours is not a number{where}{places}."
    differs = ~np.isclose(first, second, rtol=1e-4, atol=1e-6, equal_nan=True)
    place = tuple(int(index) for index in np.argwhere(differs)[0])
    got, expected = first[place].item(), second[place].item()
    if first.size == 1:
        return f"{_expected(expected, is_told, got)}{where}; yours is {describe(got)}."
    if first.min() < second.min() - 1e-6 or first.max() > second.max() + 1e-6:
        ranges = f"yours run from {first.min():.4g} to {first.max():.4g}"
        told = f"from {second.min():.4g} to {second.max():.4g}" if is_told else "in another range"
        return f"Expected values {told}{where}; {ranges}."
    return (
        f"Yours differs{where} in {differs.sum()} of {differs.size} values. The first is at "
        f"`{list(place)}`: {_expected(expected, is_told, got).lower()}, yours is {describe(got)}."
    )


def _first_difference(got: Any, expected: Any, entry: str = "") -> tuple[str, Any, Any]:
    """Return the place of the first entry of a dictionary or list that differs, and both values."""
    if isinstance(expected, dict) and isinstance(got, dict) and got.keys() == expected.keys():
        keys: Any = expected
    elif isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        keys = range(len(expected)) if len(got) == len(expected) else ()
    else:
        return entry, got, expected
    for key in keys:
        if not is_close(got[key], expected[key]):
            return _first_difference(got[key], expected[key], f"{entry}[{key!r}]")
    return entry, got, expected


def _expected(expected: Any, is_told: bool, got: Any = None) -> str:
    if is_told:
        return f"Expected {describe(expected)}"
    is_number = isinstance(got, int | float) and not isinstance(expected, bool)
    if is_number and not math.isnan(got):
        return "Expected a larger value" if got < expected else "Expected a smaller value"
    return "Expected something else"


def _for(case: Comparison) -> str:
    return f" for {_describe_all(case.arguments)}" if case.arguments else ""


def _describe_all(arguments: Arguments) -> str:
    return " and ".join(describe(argument) for argument in arguments)


def _explain(error: Exception, answer: Any, shown: str) -> str:
    """Say what an answer raised, on what line of the learner's and on what input."""
    first, *_ = [line for line in str(error).splitlines() if line.strip()] or [""]
    name = f"{type(error).__name__}: {first}" if first else type(error).__name__
    text = f"Your function raised `{name}`"
    own_file = getattr(getattr(answer, "__code__", None), "co_filename", None)
    lines = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own_file
    ]
    if lines and lines[-1].line:
        text += f", at `{lines[-1].line}`"
    called = f" when called with {shown}" if shown else ""
    return f"{text}{called}. Call it yourself with such an input to see the whole message."
