"""Whether to build it: a checklist that ends in build, change or refuse, with its reasons.

The strictest answer decides. Where a reason rests on a law or a study, it names it. The checklist
is a tool for thinking and for teaching. It is no legal advice, and it is stricter than the law.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

BUILD, CHANGE, REFUSE = "build", "change", "refuse"
VERDICTS = (BUILD, CHANGE, REFUSE)  # from the mildest to the strictest
NOTHING_AGAINST = "Nothing here speaks against it. Ask again whenever an answer changes."

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Choice:
    """One answer to a question: its words, what it leads to, and why. `build` needs no reason."""

    words: str
    verdict: str = BUILD
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """A question of the checklist, and the answers to choose from."""

    words: str
    choices: Mapping[str, Choice]


@dataclass(frozen=True)
class Decision:
    """What a set of answers comes to.

    Attributes:
        verdict: "build", "change" or "refuse".
        reasons: those of the verdict first, each with what it leads to in front.
    """

    verdict: str
    reasons: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self.verdict.upper(), *(f"- {reason}" for reason in self.reasons)])


@dataclass(frozen=True)
class Checklist:
    """The questions by their keys, and worked cases: for each the key of a choice by question."""

    questions: Mapping[str, Question]
    cases: Mapping[str, Mapping[str, str]]


# Read from decision.toml when they are first asked for.
QUESTIONS: Mapping[str, Question]
CASES: Mapping[str, Mapping[str, str]]


def __getattr__(name: str) -> object:
    if name == "QUESTIONS":
        return read_checklist().questions
    if name == "CASES":
        return read_checklist().cases
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def read_checklist(path: Path = FILE) -> Checklist:
    """Read the checklist.

    Raises:
        ValueError: the file is damaged or incomplete; the message names it.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        questions = {
            key: Question(
                table["words"],
                {name: Choice(**choice) for name, choice in table["choices"].items()},
            )
            for key, table in content["questions"].items()
        }
        cases = content["cases"]
        for question in questions.values():
            for choice in question.choices.values():
                if choice.verdict not in VERDICTS:
                    raise ValueError(f"there is no verdict '{choice.verdict}'")
        for answers in cases.values():
            _check_answers(answers, questions)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else error
        raise ValueError(f"{path} is damaged or incomplete: {what}") from error
    return Checklist(MappingProxyType(questions), MappingProxyType(cases))


def decide(answers: Mapping[str, str]) -> Decision:
    """Return what the answers come to: the strictest of them decides.

    Args:
        answers: for each key of `QUESTIONS` the key of one of its choices.

    Raises:
        ValueError: a question is not answered, or there is no such question or choice.
    """
    questions = read_checklist().questions
    _check_answers(answers, questions)
    chosen = [question.choices[answers[key]] for key, question in questions.items()]
    verdict = max((choice.verdict for choice in chosen), key=VERDICTS.index)
    strictest_first = sorted(chosen, key=lambda choice: -VERDICTS.index(choice.verdict))
    reasons = [f"{choice.verdict}: {choice.reason}" for choice in strictest_first if choice.reason]
    return Decision(verdict, tuple(reasons) or (NOTHING_AGAINST,))


def _check_answers(answers: Mapping[str, str], questions: Mapping[str, Question]) -> None:
    """Refuse answers that do not fit the questions."""
    if missing := [key for key in questions if key not in answers]:
        raise ValueError(f"Not answered: {', '.join(missing)}.")
    if unknown := [key for key in answers if key not in questions]:
        raise ValueError(f"There is no question {', '.join(unknown)}.")
    for key, answer in answers.items():
        if answer not in questions[key].choices:
            there = ", ".join(questions[key].choices)
            raise ValueError(f"'{key}' has no answer '{answer}'. It has: {there}.")
