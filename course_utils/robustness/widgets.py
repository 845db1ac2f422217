"""The checklist of `decision` as a form in a notebook, and as text where no widget runs."""

import html

import ipywidgets
from IPython.display import display

from course_utils.robustness.decision import Decision, decide, read_checklist


class DecisionForm:
    """A menu for each question, and the decision below; `decision_form` makes one.

    Attributes:
        widget: the form, made of ipywidgets' own parts.
        case: a menu of the worked cases; choosing one answers as it does.
        fill_in: a button that answers so again, to be pressed once an answer differs.
        menus: for each key of `decision.QUESTIONS` its menu.
        verdict: what the answers come to.
    """

    def __init__(self) -> None:
        wide = {"width": "95%"}
        checklist = read_checklist()
        first_case = next(iter(checklist.cases))
        self.case = ipywidgets.Dropdown(options=list(checklist.cases), layout=wide)
        self.fill_in = ipywidgets.Button(description="Fill in again")
        self.menus = {
            key: ipywidgets.Dropdown(
                options=[(choice.words, name) for name, choice in question.choices.items()],
                value=checklist.cases[first_case][key],
                layout=wide,
            )
            for key, question in checklist.questions.items()
        }
        self.verdict = ipywidgets.HTML()
        self.case.observe(self._answer_as_case, "value")
        self.fill_in.on_click(self._answer_as_case)
        for menu in self.menus.values():
            menu.observe(self._show, "value")
        self._show()
        parts: list[ipywidgets.Widget] = [_label("Start from a case"), self.case, self.fill_in]
        for key, menu in self.menus.items():
            parts += [_label(checklist.questions[key].words), menu]
        self.widget = ipywidgets.VBox([*parts, self.verdict])

    def decision(self) -> Decision:
        """Return what the answers in the form come to."""
        return decide(self._answers())

    def __repr__(self) -> str:
        return as_text()

    def _ipython_display_(self) -> None:
        display(self.widget)
        display({"text/html": as_html(), "text/plain": as_text()}, raw=True)

    def _answers(self) -> dict[str, str]:
        return {key: menu.value for key, menu in self.menus.items()}

    def _answer_as_case(self, change: object = None) -> None:
        for key, answer in read_checklist().cases[self.case.value].items():
            self.menus[key].value = answer

    def _show(self, change: object = None) -> None:
        found = self.decision()
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in found.reasons)
        self.fill_in.disabled = self._answers() == read_checklist().cases[self.case.value]
        self.verdict.value = f"<b>{found.verdict.upper()}</b><ul>{reasons}</ul>"


def decision_form() -> DecisionForm:
    """Return the checklist as a form, to show in a notebook.

    Where no widget runs, the questions stand below it as text, with what each answer leads to.
    """
    return DecisionForm()


def as_text() -> str:
    """Return the checklist as plain text: each question, its answers and what they lead to."""
    lines = []
    for number, question in enumerate(read_checklist().questions.values(), start=1):
        lines.append(f"{number}. {question.words}")
        for choice in question.choices.values():
            reason = f". {choice.reason}" if choice.reason else ""
            lines.append(f"   - {choice.words}: {choice.verdict.upper()}{reason}")
    return "\n".join(lines)


def as_html() -> str:
    """Return the checklist as HTML, folded away."""
    questions = []
    for question in read_checklist().questions.values():
        answers = "".join(
            f"<li>{html.escape(choice.words)}: <b>{choice.verdict}</b>. "
            f"{html.escape(choice.reason)}</li>"
            for choice in question.choices.values()
        )
        questions.append(f"<li>{html.escape(question.words)}<ul>{answers}</ul></li>")
    return (
        f"<details><summary>The checklist as text</summary><ol>{''.join(questions)}</ol></details>"
    )


def _label(words: str) -> ipywidgets.HTML:
    return ipywidgets.HTML(f"<b>{html.escape(words)}</b>")
