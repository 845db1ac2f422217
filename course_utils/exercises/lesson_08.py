"""Exercises and quiz of lesson 08, whom it fails."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from course_utils.exercises.conditions import (
    Arguments,
    holds,
    keeps_its_input,
    same_dtype,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise, WrongAnswer
from course_utils.exercises.kinds import DICTIONARY, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz
from course_utils.robustness.decision import QUESTIONS

LESSON = 8


def _cases_of_images() -> Sequence[Arguments]:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (3, 6, 5), dtype=np.uint8)
    return [(images, 0.2), (images[:1], 0.4)]


def _brightened(images: np.ndarray, share: float) -> np.ndarray:
    return np.clip(images + 255 * share, 0, 255).round().astype(np.uint8)


def _brightened_in_place(images: np.ndarray, share: float) -> np.ndarray:
    added = np.uint8(round(255 * share))
    np.minimum(images, 255 - added, out=images)
    images += added
    return images


brighter = Exercise(
    lesson=LESSON,
    name="brighter",
    prompt=(
        "**1. A corruption of your own.** Write `brighter(images, share)`. It adds `share` of the "
        "whole range from black to white to every pixel, and what would be brighter than white "
        "stays white. `images` is uint8 of shape (n, height, width), and so is the result."
    ),
    kind=function("images", "share"),
    hints=(
        "White is 255, so a share of 0.2 adds 51 grey levels.",
        "uint8 cannot hold more than 255. Compute with floating point, and cut with `np.clip`.",
        "`.astype(np.uint8)` comes last, after the cut.",
    ),
    code="""
def brighter(images, share):
    bright = np.clip(images + 255 * share, 0, 255)
    return bright.round().astype(np.uint8)
""",
    reason=(
        "`images + 255 * share` is floating point, so that nothing overflows. What is cut off at "
        "white is lost: two bright pixels that differed are the same now. That, and not the "
        "brightness itself, is what harms the network."
    ),
    cases=_cases_of_images,
    conditions=(
        same_dtype("End with `.astype(np.uint8)`."),
        same_values(
            "Try one pixel by hand: 250 and a share of 0.2.",
            {
                "Values past 255 begin again at 0. Cut them off before they become uint8.": (
                    lambda images, share: images + np.uint8(round(255 * share))
                ),
                "A share of the range is wanted: white is 255, not 1.": (
                    lambda images, share: np.clip(images + share, 0, 255).astype(np.uint8)
                ),
                "That multiplies. Then black stays black; it should become brighter as well.": (
                    lambda images, share: (
                        np.clip(images * (1 + share), 0, 255).round().astype(np.uint8)
                    )
                ),
            },
        ),
        keeps_its_input("Work on a copy, or on a new array."),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda images, share: np.clip(images + 255 * share, 0, 255).round(),
            "End with `.astype(np.uint8)`",
        ),
        WrongAnswer(
            lambda images, share: (images.astype(int) + round(255 * share)).astype(np.uint8),
            "begin again at 0",
        ),
        WrongAnswer(
            lambda images, share: np.clip(images + share, 0, 255).astype(np.uint8),
            "white is 255, not 1",
        ),
        WrongAnswer(
            lambda images, share: np.clip(images * (1 + share), 0, 255).round().astype(np.uint8),
            "That multiplies",
        ),
        WrongAnswer(lambda images, share: 255 - _brightened(images, share), "Try one pixel"),
        WrongAnswer(_brightened_in_place, "changes what it is given"),
    ),
)


def _cases_to_move() -> Sequence[Arguments]:
    random = np.random.default_rng(1)
    return [(random.integers(0, 256, (2, 4, 5), dtype=np.uint8),)]


def _moved(images: np.ndarray) -> np.ndarray:
    return np.concatenate([images[:, :, :1], images[:, :, :-1]], axis=2)


def _with_a_black_edge(images: np.ndarray) -> np.ndarray:
    moved = np.zeros_like(images)
    moved[:, :, 1:] = images[:, :, :-1]
    return moved


one_to_the_right = Exercise(
    lesson=LESSON,
    name="one_to_the_right",
    prompt=(
        "**2. One pixel.** Write `one_to_the_right(images)`. It moves each picture by one pixel to "
        "the right. The column that is left at the edge repeats the old first column. The shape "
        "(n, height, width) stays."
    ),
    kind=function("images"),
    hints=(
        "The last axis counts the columns. All of them but the last are kept: `images[:, :, :-1]`.",
        "In front of them comes the first column once more: `images[:, :, :1]`.",
        "`np.concatenate([...], axis=2)` puts columns side by side.",
    ),
    code="""
def one_to_the_right(images):
    return np.concatenate([images[:, :, :1], images[:, :, :-1]], axis=2)
""",
    reason=(
        "The edge repeats its neighbour, as a picture of a slightly moved head would most likely "
        "look there. A black column would be a change of its own, and the network might answer to "
        "that."
    ),
    cases=_cases_to_move,
    conditions=(
        same_shape("A picture stays as wide as it was: one column goes, one comes."),
        same_values(
            "Print one row of a small picture before and after.",
            {
                "What leaves on the right comes back on the left. Repeat the first column there.": (
                    lambda images: np.roll(images, 1, axis=2)
                ),
                "That moves to the left. To the right, columns get a larger number.": (
                    lambda images: np.concatenate([images[:, :, 1:], images[:, :, -1:]], axis=2)
                ),
                "That moves down. Rows are the second axis, columns the third.": (
                    lambda images: np.concatenate([images[:, :1], images[:, :-1]], axis=1)
                ),
                "The new column is black. Repeat the first one.": _with_a_black_edge,
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda images: np.concatenate([images[:, :, :1], images], axis=2), "yours is (2, 4, 6)"
        ),
        WrongAnswer(lambda images: _moved(images)[..., np.newaxis], "yours is (2, 4, 5, 1)"),
        WrongAnswer(lambda images: np.roll(images, 1, axis=2), "comes back on the left"),
        WrongAnswer(
            lambda images: np.concatenate([images[:, :, 1:], images[:, :, -1:]], axis=2),
            "That moves to the left",
        ),
        WrongAnswer(
            lambda images: np.concatenate([images[:, :1], images[:, :-1]], axis=1),
            "That moves down",
        ),
        WrongAnswer(_with_a_black_edge, "The new column is black"),
        WrongAnswer(lambda images: images.copy(), "Print one row"),
    ),
)


def _cases_of_shares() -> Sequence[Arguments]:
    random = np.random.default_rng(2)
    before, after = random.dirichlet(np.full(7, 5.0), 2)
    return [(random.dirichlet(np.ones(7), 4), before, after)]


def _corrected_in_place(
    probabilities: np.ndarray, before: np.ndarray, after: np.ndarray
) -> np.ndarray:
    probabilities *= after / before
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities


corrected_for = Exercise(
    lesson=LESSON,
    name="corrected_for",
    prompt=(
        "**3. Other shares.** Write `corrected_for(probabilities, before, after)`, Bayes' rule of "
        "this lesson. `probabilities` is (n, 7); `before` and `after` are the seven shares where "
        "the network learned and where it is used. Each row of the result sums to 1."
    ),
    kind=function("probabilities", "before", "after"),
    hints=(
        "A class that has become twice as common counts twice as much: multiply by "
        "`after / before`.",
        "Then divide each row by its sum. `keepdims=True` keeps the sum as a column.",
    ),
    code="""
def corrected_for(probabilities, before, after):
    raised = probabilities * (after / before)
    return raised / raised.sum(axis=1, keepdims=True)
""",
    reason=(
        "The probability is the likelihood times the old share. Dividing by the old share takes it "
        "out, and multiplying puts the new one in. The likelihood, which is what the network knows "
        "of faces, stays as it is."
    ),
    cases=_cases_of_shares,
    conditions=(
        same_values(
            "Take one row and two classes by hand.",
            {
                "The rows do not sum to 1 yet. Divide each by its sum.": (
                    lambda p, before, after: p * after / before
                ),
                "That is the way back: the shares have changed places.": (
                    lambda p, before, after: (
                        (p * before / after) / (p * before / after).sum(axis=1, keepdims=True)
                    )
                ),
                "The old shares are still in it. Divide by `before` as well.": (
                    lambda p, before, after: (p * after) / (p * after).sum(axis=1, keepdims=True)
                ),
            },
        ),
        keeps_its_input("`*=` writes into the array that was handed in. Write `a = a * b`."),
    ),
    wrong_answers=(
        WrongAnswer(lambda p, before, after: p * after / before, "do not sum to 1 yet"),
        WrongAnswer(
            lambda p, before, after: (
                (p * before / after) / (p * before / after).sum(axis=1, keepdims=True)
            ),
            "the shares have changed places",
        ),
        WrongAnswer(
            lambda p, before, after: (p * after) / (p * after).sum(axis=1, keepdims=True),
            "The old shares are still in it",
        ),
        WrongAnswer(lambda p, before, after: p, "Take one row and two classes"),
        WrongAnswer(_corrected_in_place, "changes what it is given"),
    ),
)


def _cases_of_answers() -> Sequence[Arguments]:
    random = np.random.default_rng(3)
    labels = random.integers(0, 7, 40)
    probabilities = random.dirichlet(np.full(7, 0.6), 40)
    probabilities[np.arange(40), labels] += 0.2
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return [(labels, probabilities, 0.5), (labels, probabilities, 0.2)]


def _risk(labels: np.ndarray, probabilities: np.ndarray, chosen: np.ndarray) -> float:
    return float(np.mean(probabilities[chosen].argmax(axis=1) != labels[chosen]))


def _surest(probabilities: np.ndarray, coverage: float) -> np.ndarray:
    order = np.argsort(-probabilities.max(axis=1))
    return np.asarray(order[: round(coverage * len(probabilities))])


risk_at = Exercise(
    lesson=LESSON,
    name="risk_at",
    prompt=(
        "**4. Pass on the rest.** Write `risk_at(labels, probabilities, coverage)`. The network "
        "answers only the share `coverage` of the images of which it is surest. Return the share "
        "of wrong ones among these answers."
    ),
    kind=function("labels", "probabilities", "coverage"),
    hints=(
        "How sure it is of an image is the largest of its seven probabilities.",
        "`np.argsort(-confidence)` lists the images from the surest on. Keep the first "
        "`round(coverage * len(labels))`.",
        "Compare `argmax(axis=1)` of these with their labels, and take the mean.",
    ),
    code="""
def risk_at(labels, probabilities, coverage):
    surest_first = np.argsort(-probabilities.max(axis=1))
    kept = surest_first[: round(coverage * len(labels))]
    return np.mean(probabilities[kept].argmax(axis=1) != labels[kept])
""",
    reason=(
        "Divide by the answers that were given, not by all images: whoever gets an answer wants to "
        "know how often such answers are wrong."
    ),
    cases=_cases_of_answers,
    conditions=(
        same_values(
            "Sort the images by confidence first, and look at the first five.",
            {
                "That is the share of right answers. Risk is the share of wrong ones.": (
                    lambda labels, p, coverage: 1 - _risk(labels, p, _surest(p, coverage))
                ),
                "These are the images of which it is least sure. Turn the order round.": (
                    lambda labels, p, coverage: _risk(
                        labels, p, np.argsort(p.max(axis=1))[: round(coverage * len(p))]
                    )
                ),
                "You divide by all images. Only those that are answered count.": (
                    lambda labels, p, coverage: (
                        _risk(labels, p, _surest(p, coverage)) * round(coverage * len(p)) / len(p)
                    )
                ),
                "That is the risk of answering everything. Leave out what it is unsure of.": (
                    lambda labels, p, coverage: _risk(labels, p, np.arange(len(p)))
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda labels, p, coverage: 1 - _risk(labels, p, _surest(p, coverage)),
            "share of right answers",
        ),
        WrongAnswer(
            lambda labels, p, coverage: _risk(
                labels, p, np.argsort(p.max(axis=1))[: round(coverage * len(p))]
            ),
            "Turn the order round",
        ),
        WrongAnswer(
            lambda labels, p, coverage: (
                _risk(labels, p, _surest(p, coverage)) * round(coverage * len(p)) / len(p)
            ),
            "You divide by all images",
        ),
        WrongAnswer(
            lambda labels, p, coverage: _risk(labels, p, np.arange(len(p))),
            "answering everything",
        ),
        WrongAnswer(lambda labels, p, coverage: 2.0, "look at the first five"),
    ),
)


def _cases_of_groups() -> Sequence[Arguments]:
    return [(np.arange(100) < 2,), (np.arange(20) % 4 == 0,)]


fair_weights = Exercise(
    lesson=LESSON,
    name="fair_weights",
    prompt=(
        "**5. Weights.** Write `fair_weights(is_dark)`. `is_dark` holds a True or False for each "
        "face. Return a weight for each face, so that all dark faces together weigh as much as all "
        "light ones, and the mean of the weights is 1."
    ),
    kind=function("is_dark"),
    hints=(
        "`is_dark.mean()` is the share of dark faces.",
        "Each group shall have half of the total weight: divide 0.5 by the group's share.",
        "`np.where(is_dark, a, b)` gives `a` to dark faces and `b` to the others.",
    ),
    code="""
def fair_weights(is_dark):
    share = is_dark.mean()
    return np.where(is_dark, 0.5 / share, 0.5 / (1 - share))
""",
    reason=(
        "With 2 dark faces in 100, each of them weighs 25, a light one 0.51. A mean of 1 keeps the "
        "size of the steps as it was. `compute_sample_weight('balanced', is_dark)` of scikit-learn "
        "does the same."
    ),
    cases=_cases_of_groups,
    conditions=(
        same_shape("Each face gets a weight of its own; `np.where` gives one for each entry."),
        same_values(
            "Add up the weights of each group.",
            {
                "The groups weigh the same, but the mean is 2. Each shall have half.": (
                    lambda is_dark: np.where(is_dark, 1 / is_dark.mean(), 1 / (1 - is_dark.mean()))
                ),
                "The larger group has got the larger weights.": (
                    lambda is_dark: np.where(
                        is_dark, 0.5 / (1 - is_dark.mean()), 0.5 / is_dark.mean()
                    )
                ),
                "With 1 for each face, the larger group weighs more.": (
                    lambda is_dark: np.ones(len(is_dark))
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda is_dark: np.array([0.5 / (1 - is_dark.mean()), 0.5 / is_dark.mean()]),
            "yours is (2,)",
        ),
        WrongAnswer(
            lambda is_dark: np.where(
                is_dark, 0.5 / is_dark.mean(), 0.5 / (1 - is_dark.mean())
            ).reshape(-1, 1),
            "yours is (100, 1)",
        ),
        WrongAnswer(
            lambda is_dark: np.where(is_dark, 1 / is_dark.mean(), 1 / (1 - is_dark.mean())),
            "but the mean is 2",
        ),
        WrongAnswer(
            lambda is_dark: np.where(is_dark, 0.5 / (1 - is_dark.mean()), 0.5 / is_dark.mean()),
            "has got the larger weights",
        ),
        WrongAnswer(lambda is_dark: np.ones(len(is_dark)), "With 1 for each face"),
        WrongAnswer(
            lambda is_dark: np.where(is_dark, 1 - is_dark.mean(), is_dark.mean()),
            "Add up the weights",
        ),
    ),
)


def _cases_of_trainings() -> Sequence[Arguments]:
    rows = {
        "skewed": (0.60, 0.20, 0.40),
        "levelled": (0.30, 0.18, 0.12),
        "collected": (0.55, 0.45, 0.10),
        "larger": (0.80, 0.30, 0.50),
        "changed": (0.58, 0.35, 0.23),
    }
    columns = ["light", "dark", "gap"]
    return [(pd.DataFrame.from_dict(rows, orient="index", columns=columns),)]


real_repairs = Exercise(
    lesson=LESSON,
    name="real_repairs",
    prompt=(
        "**6. A repair, or only a smaller gap?** Write `real_repairs(gaps)`. `gaps` is a table as "
        "in the section *Repair it*: a row per training, the first named `skewed`, with the "
        "columns `light`, `dark` and `gap`. Return a list of the names of the trainings that have "
        "a smaller gap than `skewed` **and** read dark faces better than it."
    ),
    kind=function("gaps"),
    hints=(
        '`gaps.loc["skewed"]` is the row to compare with.',
        "Two comparisons of columns give two columns of True and False; `&` joins them.",
        "`list(gaps.index[condition])` are the names.",
    ),
    code="""
def real_repairs(gaps):
    before = gaps.loc["skewed"]
    is_repair = (gaps["gap"] < before["gap"]) & (gaps["dark"] > before["dark"])
    return list(gaps.index[is_repair])
""",
    reason=(
        "A gap is a difference, so two things can close it. If only the better side has fallen, "
        "nobody is helped, and some are harmed."
    ),
    cases=_cases_of_trainings,
    conditions=(
        same_values(
            "Go through the rows by hand, with both questions.",
            {
                "One of these has closed the gap by reading light faces worse. Ask for dark too.": (
                    lambda gaps: list(gaps.index[gaps["gap"] < gaps.loc["skewed", "gap"]])
                ),
                "In one of these the gap has grown: light faces gained more. Ask for it too.": (
                    lambda gaps: list(gaps.index[gaps["dark"] > gaps.loc["skewed", "dark"]])
                ),
                "Those are all that fulfil one of the two. Both are asked for: `&`, not `|`.": (
                    lambda gaps: list(gaps.index[gaps.index != "skewed"])
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda gaps: list(gaps.index[gaps["gap"] < gaps.loc["skewed", "gap"]]),
            "by reading light faces worse",
        ),
        WrongAnswer(
            lambda gaps: list(gaps.index[gaps["dark"] > gaps.loc["skewed", "dark"]]),
            "the gap has grown",
        ),
        WrongAnswer(lambda gaps: list(gaps.index[gaps.index != "skewed"]), "`&`, not `|`"),
        WrongAnswer(lambda gaps: [str(gaps["gap"].idxmin())], "with both questions"),
    ),
)

# The mirror as the museum has planned it.
PLANNED = {
    "use": "nothing",
    "meaning": "feeling",
    "place": "public",
    "consent": "told",
    "measured": "no",
    "mistake": "little",
    "instead": "play",
    "frames": "forgotten",
}
_IMPROVED = {"meaning": "expression", "place": "private", "consent": "free", "measured": "fair"}


def _verdict(key: str, answer: object) -> str:
    """Return what one answer leads to; nothing where the checklist does not know it."""
    question = QUESTIONS.get(key)
    choice = question.choices.get(str(answer)) if question else None
    return choice.verdict if choice else ""


def _unknown(answers: Mapping[str, object]) -> list[str]:
    """Return what is missing, or is no choice of the checklist."""
    missing = [f"`{key}` is missing" for key in QUESTIONS if key not in answers]
    strange = [
        f"`{key}: {answers[key]}` is none" for key in answers if not _verdict(key, answers[key])
    ]
    return missing + strange


def _open_changes(answers: Mapping[str, object]) -> list[str]:
    return [key for key in answers if _verdict(key, answers[key]) in ("change", "refuse")]


def _needlessly_changed(answers: Mapping[str, object]) -> list[str]:
    return [
        key
        for key, planned in PLANNED.items()
        if _verdict(key, planned) == "build" and answers.get(key, planned) != planned
    ]


mirror = Exercise(
    lesson=LESSON,
    name="mirror",
    prompt=(
        "**7. A small project: the museum's mirror.** A museum plans a mirror in its entrance hall "
        "that films whoever passes and writes *you are sad today* below the face. A sign says so. "
        "Pictures are forgotten at once. It was tried on FER2013 only. In the checklist:\n\n"
        "```python\n"
        'planned = {"use": "nothing", "meaning": "feeling", "place": "public",\n'
        '           "consent": "told", "measured": "no", "mistake": "little",\n'
        '           "instead": "play", "frames": "forgotten"}\n'
        "```\n\n"
        "Change the plan until it can be built, and leave alone what is fine already. Hand in the "
        "new answers as a dictionary with all eight keys. Then write down, for each change, what "
        "the museum has to do."
    ),
    kind=DICTIONARY,
    hints=(
        "`decide(planned)` lists what has to change, and why.",
        "`QUESTIONS['place'].choices` shows the keys to choose from, after `from "
        "course_utils.robustness import QUESTIONS`.",
        "Four answers change: what it says, where it stands, who has agreed, and on whom it was "
        "measured.",
    ),
    code="""
mirror = {
    "use": "nothing",
    "meaning": "expression",
    "place": "private",
    "consent": "free",
    "measured": "fair",
    "mistake": "little",
    "instead": "play",
    "frames": "forgotten",
}
""",
    reason=(
        "It writes *a sad expression*, not *you are sad*. It stands in a booth that one enters and "
        "starts oneself, and that one can leave. And before it opens, it is tried with visitors of "
        "every group that the museum expects, and the gaps are small. If they are not, the answer "
        "is still *change*, however nice the booth is."
    ),
    conditions=(
        holds(
            "complete",
            lambda answer: not _unknown(answer),
            lambda answer: (
                f"Each of the eight questions needs one of its choices: {_unknown(answer)[0]}."
            ),
        ),
        holds(
            "ends in build",
            lambda answer: not _open_changes(answer),
            lambda answer: (
                f"It does not end in build yet. `{_open_changes(answer)[0]}` still leads to "
                f"{_verdict(_open_changes(answer)[0], answer[_open_changes(answer)[0]])}."
            ),
        ),
        holds(
            "no more than needed",
            lambda answer: not _needlessly_changed(answer),
            lambda answer: (
                f"`{_needlessly_changed(answer)[0]}` was fine as it was planned. A change that "
                "nobody needs makes it another project."
            ),
        ),
    ),
    wrong_answers=(
        WrongAnswer({**PLANNED, **_IMPROVED, "place": "booth"}, "`place: booth` is none"),
        WrongAnswer(
            {key: value for key, value in {**PLANNED, **_IMPROVED}.items() if key != "frames"},
            "`frames` is missing",
        ),
        WrongAnswer(dict(PLANNED), "`meaning` still leads to change"),
        WrongAnswer({**PLANNED, **_IMPROVED, "place": "work"}, "`place` still leads to refuse"),
        WrongAnswer({**PLANNED, **_IMPROVED, "use": "own"}, "makes it another project"),
    ),
)


quiz = Quiz(
    LESSON,
    (
        Question(
            "The test set comes from the same source as the training set. What does it hide?",
            (
                Option(
                    "Over-fitting: both sets hold the same images.",
                    "The same source is not the same images. Over-fitting shows on a test set.",
                ),
                Option(
                    "What is rare in both, such as a group that was hardly collected.",
                    "Two faces in a hundred hardly move the accuracy, however badly they are read.",
                    is_right=True,
                ),
                Option(
                    "Nothing, if it is large enough.",
                    "Size makes the interval narrow. It does not bring in whom nobody collected.",
                ),
            ),
        ),
        Question(
            "A repair has closed the gap. What do you look at next?",
            (
                Option(
                    "Whether the side that was worse has risen.",
                    "A gap also closes when the better side falls, and that helps nobody.",
                    is_right=True,
                ),
                Option(
                    "Whether the loss on the training set has fallen.",
                    "The training set is the skewed one. The loss there says little about the gap.",
                ),
                Option(
                    "Nothing: no gap is what fairness means.",
                    "A network that is wrong for everyone has no gap either.",
                ),
            ),
        ),
        Question(
            "A picture of a brick wall is read as happy with 80 %. Why?",
            (
                Option(
                    "The network is badly calibrated on faces.",
                    "Calibration is about faces. A calibrated network does this to walls as well.",
                ),
                Option(
                    "The wall has bright horizontal edges, as a smile has.",
                    "It may have, and for another wall it would be something else.",
                ),
                Option(
                    "The seven probabilities sum to 1, whatever is in the picture.",
                    "There is no answer for no face, so one of the seven must be ahead.",
                    is_right=True,
                ),
            ),
        ),
        Question(
            "When may you correct the probabilities for other shares of the classes?",
            (
                Option(
                    "When the faces of each class look as they did in training.",
                    "Then only the shares have changed, and Bayes' rule puts in the new ones.",
                    is_right=True,
                ),
                Option(
                    "Always: Bayes' rule is a theorem.",
                    "It is, and it has a premise. With a new camera, the faces look different too.",
                ),
                Option(
                    "Only when the new shares are known from labels.",
                    "They can be estimated from the answers alone, as this lesson does.",
                ),
            ),
        ),
        Question(
            "A company wants to see from its workers' faces who is angry. In the EU, this is",
            (
                Option(
                    "allowed, if the workers sign a consent.",
                    "Article 5(1)(f) knows no such exception, and before an employer a no is hard.",
                ),
                Option(
                    "allowed, if the network is right often enough.",
                    "Accuracy is not what the article asks for.",
                ),
                Option(
                    "forbidden, except for medical or safety reasons.",
                    "That is Article 5(1)(f) of Regulation (EU) 2024/1689.",
                    is_right=True,
                ),
                Option(
                    "a matter of informing them, no more.",
                    "To inform is the duty of Article 50(3), for uses that are not forbidden.",
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON,
    (
        brighter,
        one_to_the_right,
        corrected_for,
        risk_at,
        fair_weights,
        real_repairs,
        mirror,
    ),
    quiz,
)
progress = lesson.progress
