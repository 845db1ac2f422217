"""Whether to build it: a checklist that ends in build, change or refuse, with its reasons.

The strictest answer decides. Where a reason rests on a law or a study, it names it. The checklist
is a tool for thinking and for teaching. It is no legal advice, and it is stricter than the law.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

BUILD, CHANGE, REFUSE = "build", "change", "refuse"
VERDICTS = (BUILD, CHANGE, REFUSE)  # from the mildest to the strictest
NOTHING_AGAINST = "Nothing here speaks against it. Ask again whenever an answer changes."

_AI_ACT = "Regulation (EU) 2024/1689"
_BARRETT = "Barrett et al. 2019, doi 10.1177/1529100619832930"


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


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "use": Question(
            "What hangs on the answer?",
            {
                "nothing": Choice("a game, a demonstration, a lesson: nothing else"),
                "own": Choice("a help for the very person, who sees it and can overrule it"),
                "group": Choice("a statement about many people together, about none of them alone"),
                "judged": Choice(
                    "how a person is treated: hired, graded, diagnosed, policed, priced",
                    REFUSE,
                    f"The tie between a face and a feeling is too loose to judge anyone by "
                    f"({_BARRETT}).",
                ),
            },
        ),
        "meaning": Question(
            "What do you say that the output means?",
            {
                "expression": Choice("an expression, as people would name it"),
                "feeling": Choice(
                    "what the person feels",
                    CHANGE,
                    f"A scowl often says something other than an emotion ({_BARRETT}). Say what "
                    "was measured: an expression.",
                ),
                "intent": Choice(
                    "what the person intends, or hides",
                    REFUSE,
                    "Most of 158 behaviours have no or only a weak link to lying (DePaulo et al. "
                    "2003, doi 10.1037/0033-2909.129.1.74).",
                ),
            },
        ),
        "place": Question(
            "Where does it watch?",
            {
                "private": Choice("at home, on a device of one's own, or in a study"),
                "public": Choice(
                    "where people pass by: a shop, a street, a station",
                    CHANGE,
                    "Who passes by has not agreed. Watch only those who step up and start it.",
                ),
                "safety": Choice(
                    "at work or in education, for medical or safety reasons",
                    CHANGE,
                    f"In the EU this exception is allowed, as a high-risk system with all its "
                    f"duties ({_AI_ACT}, Art. 5(1)(f) and Annex III).",
                ),
                "work": Choice(
                    "at work or in education, for any other reason",
                    REFUSE,
                    f"In the EU, inferring emotions there is forbidden ({_AI_ACT}, Art. 5(1)(f)).",
                ),
            },
        ),
        "consent": Question(
            "Have the people before the camera agreed?",
            {
                "free": Choice("each of them, knowing what for, and can stop without a loss"),
                "told": Choice(
                    "they are told, and go on by themselves",
                    CHANGE,
                    f"To tell them is a duty ({_AI_ACT}, Art. 50(3)). It is not consent. Ask, and "
                    "let nothing run before the answer.",
                ),
                "bound": Choice(
                    "they say yes, because a no would cost them something",
                    REFUSE,
                    "A yes that cannot be refused is none (Regulation (EU) 2016/679, recital 42).",
                ),
                "none": Choice("they do not know", REFUSE, "Nobody is watched without knowing it."),
            },
        ),
        "measured": Question(
            "Is it measured on people like those whom it will meet?",
            {
                "fair": Choice("yes, for each group, with intervals, and the gaps are small"),
                "gap": Choice(
                    "yes, and it fails one group more often",
                    CHANGE,
                    "A gap whose interval excludes zero is known. Repair it, and measure again.",
                ),
                "no": Choice(
                    "no, only on a public test set",
                    CHANGE,
                    "What a test set does not name fails unseen. Two commercial programs read Black"
                    " and White players differently (Rhue 2018, doi 10.2139/ssrn.3281765).",
                ),
            },
        ),
        "mistake": Question(
            "What does a wrong answer do?",
            {
                "little": Choice("next to nothing, or the person puts it right at once"),
                "costly": Choice(
                    "it costs the person time, money or face, and somebody can put it right",
                    CHANGE,
                    "Let it pass when it is unsure, and let a person look before anything follows.",
                ),
                "lasting": Choice(
                    "it does lasting harm",
                    REFUSE,
                    "Even people agree with the labels of such photographs in only 65 ± 5 % of "
                    "cases (Goodfellow et al. 2013, arXiv 1307.0414).",
                ),
            },
        ),
        "instead": Question(
            "Would it do to ask the person?",
            {
                "no": Choice("no: they cannot say it, or asking would spoil what is studied"),
                "play": Choice("the face itself is the point: a game, a mirror, a film effect"),
                "yes": Choice(
                    "yes",
                    CHANGE,
                    "Then ask. The person knows better, and no camera is needed.",
                ),
            },
        ),
        "frames": Question(
            "What becomes of the pictures?",
            {
                "forgotten": Choice("judged on the spot and forgotten"),
                "kept": Choice(
                    "kept, or sent somewhere",
                    CHANGE,
                    "A face identifies. Judge on the device, keep what is needed and no more "
                    "(Regulation (EU) 2016/679, Art. 5(1)(c), data minimisation).",
                ),
            },
        ),
    }
)

# Three worked cases, one of each.
CASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "A game on your own phone where a smile jumps, tried out with all its players": {
            "use": "nothing",
            "meaning": "expression",
            "place": "private",
            "consent": "free",
            "measured": "fair",
            "mistake": "little",
            "instead": "play",
            "frames": "forgotten",
        },
        "A film studio reads the faces of a paid test audience": {
            "use": "group",
            "meaning": "feeling",
            "place": "private",
            "consent": "free",
            "measured": "no",
            "mistake": "little",
            "instead": "no",
            "frames": "kept",
        },
        "A school's camera tells the teacher which pupils are bored": {
            "use": "judged",
            "meaning": "feeling",
            "place": "work",
            "consent": "bound",
            "measured": "no",
            "mistake": "costly",
            "instead": "yes",
            "frames": "kept",
        },
    }
)


def decide(answers: Mapping[str, str]) -> Decision:
    """Return what the answers come to: the strictest of them decides.

    Args:
        answers: for each key of `QUESTIONS` the key of one of its choices.

    Raises:
        ValueError: a question is not answered, or there is no such question or choice.
    """
    if missing := [key for key in QUESTIONS if key not in answers]:
        raise ValueError(f"Not answered: {', '.join(missing)}.")
    if unknown := [key for key in answers if key not in QUESTIONS]:
        raise ValueError(f"There is no question {', '.join(unknown)}.")
    for key, answer in answers.items():
        if answer not in QUESTIONS[key].choices:
            there = ", ".join(QUESTIONS[key].choices)
            raise ValueError(f"'{key}' has no answer '{answer}'. It has: {there}.")
    chosen = [question.choices[answers[key]] for key, question in QUESTIONS.items()]
    verdict = max((choice.verdict for choice in chosen), key=VERDICTS.index)
    strictest_first = sorted(chosen, key=lambda choice: -VERDICTS.index(choice.verdict))
    reasons = [f"{choice.verdict}: {choice.reason}" for choice in strictest_first if choice.reason]
    return Decision(verdict, tuple(reasons) or (NOTHING_AGAINST,))
