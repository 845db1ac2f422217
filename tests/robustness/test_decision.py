"""The checklist: the strictest answer decides, every refusal has a reason, and the form follows."""

import itertools
import random
from html.parser import HTMLParser

import pytest

from course_utils import robustness
from course_utils.robustness.decision import (
    CASES,
    FILE,
    NOTHING_AGAINST,
    QUESTIONS,
    VERDICTS,
    decide,
    read_checklist,
)
from course_utils.robustness.widgets import as_html, as_text, decision_form

MILDEST = {
    key: next(name for name, choice in question.choices.items() if choice.verdict == "build")
    for key, question in QUESTIONS.items()
}


def test_every_question_can_be_answered_well_and_badly():
    for question in QUESTIONS.values():
        verdicts = {choice.verdict for choice in question.choices.values()}
        assert "build" in verdicts and len(verdicts) > 1
        assert question.words.endswith("?")
        for choice in question.choices.values():
            assert bool(choice.reason) == (choice.verdict != "build")


def test_nothing_against_it_ends_in_build():
    found = decide(MILDEST)
    assert found.verdict == "build" and found.reasons == (NOTHING_AGAINST,)


def test_one_answer_is_enough_to_change_or_refuse():
    for key, question in QUESTIONS.items():
        for name, choice in question.choices.items():
            found = decide({**MILDEST, key: name})
            assert found.verdict == choice.verdict
            if choice.reason:
                assert found.reasons == (f"{choice.verdict}: {choice.reason}",)


def test_the_strictest_answer_decides_and_its_reasons_come_first():
    everything = [list(question.choices) for question in QUESTIONS.values()]
    combinations = list(itertools.product(*everything))
    for answers in random.Random(0).sample(combinations, 300):
        chosen = dict(zip(QUESTIONS, answers))
        levels = [VERDICTS.index(QUESTIONS[k].choices[a].verdict) for k, a in chosen.items()]
        found = decide(chosen)
        assert VERDICTS.index(found.verdict) == max(levels)
        if max(levels) > 0:
            order = [VERDICTS.index(reason.split(":")[0]) for reason in found.reasons]
            assert order == sorted(order, reverse=True)
            assert len(order) == sum(level > 0 for level in levels)


def test_there_is_one_worked_case_of_each():
    assert sorted(decide(case).verdict for case in CASES.values()) == sorted(VERDICTS)


def test_work_and_school_are_refused_whatever_else_is_right():
    found = decide({**MILDEST, "place": "work"})
    assert found.verdict == "refuse" and "2024/1689" in found.reasons[0]
    assert decide({**MILDEST, "place": "safety"}).verdict == "change"


def test_a_decision_shows_itself():
    shown = repr(decide({**MILDEST, "consent": "none"}))
    assert shown.splitlines()[0] == "REFUSE" and shown.splitlines()[1].startswith("- refuse: ")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({key: MILDEST[key] for key in list(MILDEST)[1:]}, "Not answered: use"),
        ({**MILDEST, "colour": "red"}, "no question colour"),
        ({**MILDEST, "place": "moon"}, "'place' has no answer 'moon'. It has: private, public"),
    ],
)
def test_answers_that_do_not_fit_are_refused(answers, words):
    with pytest.raises(ValueError, match=words):
        decide(answers)


def test_the_form_starts_with_a_case_and_follows_the_menus():
    form = decision_form()
    assert form.decision().verdict == "build" and "BUILD" in form.verdict.value
    form.menus["consent"].value = "none"
    assert form.decision().verdict == "refuse" and "REFUSE" in form.verdict.value
    assert "without knowing" in form.verdict.value
    for name, answers in CASES.items():
        form.case.value = name
        form.fill_in.click()  # the case may be the one that was chosen before
        assert {key: menu.value for key, menu in form.menus.items()} == dict(answers)
        assert decide(answers).verdict.upper() in form.verdict.value


def test_the_button_can_be_pressed_where_it_changes_an_answer():
    form = decision_form()
    answers = dict(CASES[form.case.value])
    assert form.fill_in.disabled
    form.menus["consent"].set_state({"index": 2})  # as the browser does
    assert form.menus["consent"].value != answers["consent"]
    assert not form.fill_in.disabled
    form.fill_in._handle_custom_msg({"event": "click"}, [])
    assert {key: menu.value for key, menu in form.menus.items()} == answers
    assert form.fill_in.disabled
    form.case.set_state({"index": 1})
    assert form.fill_in.disabled


def test_every_question_and_answer_is_in_the_form_and_in_the_text():
    form = decision_form()
    visible = "".join(getattr(part, "value", "") or "" for part in form.widget.children)
    plain = as_text()
    for key, question in QUESTIONS.items():
        assert question.words in visible and question.words in plain
        assert [words for words, _ in form.menus[key].options] == [
            choice.words for choice in question.choices.values()
        ]
        assert all(choice.reason in plain for choice in question.choices.values())


class Texts(HTMLParser):
    """Collects the text of HTML, and counts what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.opened = "", 0

    def handle_starttag(self, tag, attributes):
        self.opened += 1

    def handle_endtag(self, tag):
        self.opened -= 1

    def handle_data(self, data):
        self.text += data


def test_the_html_says_the_same_and_is_closed():
    parser = Texts()
    parser.feed(as_html())
    assert parser.opened == 0
    for question in QUESTIONS.values():
        for choice in question.choices.values():
            assert choice.words in parser.text and choice.reason in parser.text


def test_a_notebook_shows_the_form_and_the_text_that_stands_in_for_it(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "course_utils.robustness.widgets.display", lambda *what, **how: shown.append(what)
    )
    form = decision_form()
    form._ipython_display_()
    (widget,), (text,) = shown
    assert widget is form.widget and set(text) == {"text/html", "text/plain"}
    assert "What hangs on the answer?" in repr(decision_form())


def test_the_package_hands_on_the_questions_and_the_cases():
    assert robustness.QUESTIONS is QUESTIONS and robustness.CASES is CASES
    with pytest.raises(AttributeError, match="no attribute 'ANSWERS'"):
        _ = robustness.decision.ANSWERS


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[questions.use]", "[questions.use", "line"),
        ("[questions.", "[topics.", "`questions` is missing"),
        ('words = "What hangs on the answer?"', "", "`words` is missing"),
        ('verdict = "refuse"', 'verdict = "perhaps"', "no verdict 'perhaps'"),
        ("reason = ", "raeson = ", "unexpected keyword argument 'raeson'"),
        ('frames = "kept"', "", "Not answered: frames"),
        ('frames = "kept"', 'frames = "sold"', "'frames' has no answer 'sold'"),
    ],
)
def test_a_damaged_or_incomplete_checklist_is_named(tmp_path, old, new, message):
    whole, path = FILE.read_text(encoding="utf-8"), tmp_path / "checklist.toml"
    assert old in whole
    path.write_text(whole.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        read_checklist(path)
    assert str(caught.value).startswith(f"{path} is damaged or incomplete: ")
