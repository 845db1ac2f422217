"""Multiple-choice questions with feedback on every option: buttons, or text where none run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets

from course_utils.exercises.feedback import Feedback, to_html
from course_utils.exercises.progress import note_solved
from course_utils.exercises.texts import Question, lesson_text

WIDGET = "application/vnd.jupyter.widget-view+json"
LETTERS = "ABCDEF"


@dataclass(frozen=True)
class Quiz:
    """The questions of a lesson. As the last line of a cell it shows itself.

    Attributes:
        lesson: the number of the lesson.
    """

    lesson: int

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions in order, from the lesson's TOML file."""
        return lesson_text(self.lesson).questions

    def answer(self, number: int, letter: str) -> Feedback:
        """Say whether an option is right, and why.

        Args:
            number: of the question, from 1.
            letter: of the option, as the text of the quiz shows them: "A", "B", ...

        Raises:
            ValueError: there is no such question or option.
        """
        if not 1 <= number <= len(self.questions):
            raise ValueError(f"There are questions 1 to {len(self.questions)}, not {number}.")
        options = self.questions[number - 1].options
        letters = LETTERS[: len(options)]
        if len(letter) != 1 or letter.upper() not in letters:
            raise ValueError(f"Question {number} has the options {', '.join(letters)}.")
        chosen = options[letters.index(letter.upper())]
        if not chosen.is_right:
            return Feedback("Not right.", chosen.feedback)
        note = note_solved(self.name_of(number))
        return Feedback("Right.", f"{chosen.feedback} {note}".strip())

    def name_of(self, number: int) -> str:
        """Return under what name progress notes a question: "lesson_03.quiz.1"."""
        return f"lesson_{self.lesson:02d}.quiz.{number}"

    def __repr__(self) -> str:
        return "\n\n".join(self._as_text(number) for number in range(1, len(self.questions) + 1))

    def _as_text(self, number: int) -> str:
        question = self.questions[number - 1]
        lines = [f"**{number}. {question.text}**", ""]
        lines += [f"- {letter}: {option.text}" for letter, option in zip(LETTERS, question.options)]
        return "\n".join(lines)

    def widget(self) -> ipywidgets.VBox:
        """Return the questions with buttons; the feedback appears below each."""
        return ipywidgets.VBox([self._ask(number) for number in range(1, len(self.questions) + 1)])

    def _ask(self, number: int) -> ipywidgets.VBox:
        question = self.questions[number - 1]
        options = [(option.text, letter) for letter, option in zip(LETTERS, question.options)]
        buttons = ipywidgets.RadioButtons(
            options=options, value=None, layout={"width": "max-content"}
        )
        feedback = ipywidgets.HTML()

        def show(change: Mapping[str, Any]) -> None:
            feedback.value = self.answer(number, change["new"])._repr_html_()

        buttons.observe(show, "value")
        title = ipywidgets.HTML(to_html(f"**{number}. {question.text}**"))
        return ipywidgets.VBox([title, buttons, feedback])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # Of these a viewer shows the first that it can: buttons, formatted text, plain text.
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget().model_id}
        how = (
            "Run this cell in JupyterLab for buttons. "
            'Where none appear, `ex.quiz.answer(1, "A")` answers.'
        )
        return {WIDGET: view, "text/markdown": f"{self!r}\n\n{how}", "text/plain": repr(self)}
