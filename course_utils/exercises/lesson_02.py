"""Exercises and quiz of lesson 02, preprocessing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.utils.class_weight import compute_class_weight

from course_utils.exercises.conditions import (
    Arguments,
    Attempt,
    Condition,
    holds,
    keeps_its_input,
    same_dtype,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise, WrongAnswer
from course_utils.exercises.kinds import LIST, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz

LESSON = 2

batch_shape = Exercise(
    lesson=LESSON,
    name="batch_shape",
    prompt=(
        "**1. A shape in your head.** `preprocess` gets 64 colour pictures, each 100 pixels high "
        "and 80 wide: `(64, 100, 80, 3)`. Which shape does it return? Put the four numbers in the "
        "places of `None`."
    ),
    kind=LIST,
    hints=(
        "What does a network of this course read? See *Scale the numbers*.",
        "Images first, then rows and columns, then channels. Colour becomes grey on the way.",
    ),
    code="batch_shape = [64, 48, 48, 1]",
    reason=(
        "64 images, 48 rows, 48 columns, one grey channel. The channel axis stays although it is "
        "only 1 long: convolutions want it there."
    ),
    conditions=(
        same_values(
            "Try it: `preprocess(np.zeros((64, 100, 80, 3), np.uint8)).shape`.",
            {
                "That is the shape that goes in. The size changes too.": [64, 100, 80, 3],
                "Colour becomes grey, so one channel is left of the three.": [64, 48, 48, 3],
                "The size changes too: the network reads 48 × 48 pixels.": [64, 100, 80, 1],
                "The channels come last, and the images first.": [64, 1, 48, 48],
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer([64, 100, 80, 3], "the shape that goes in"),
        WrongAnswer([64, 48, 48, 3], "one channel is left"),
        WrongAnswer([64, 100, 80, 1], "reads 48 × 48"),
        WrongAnswer([64, 1, 48, 48], "channels come last"),
        WrongAnswer([48, 48, 1, 64], "Try it"),
    ),
)


def _cases_of_pixels() -> Sequence[Arguments]:
    return [(np.random.default_rng(4).random((3, 6, 5, 1), dtype=np.float32),)]


def _cases_out_of_range() -> Sequence[Arguments]:
    return [(np.array([-0.2, 0.0, 0.5, 1.0, 1.3], dtype=np.float32).reshape(1, 1, 5, 1),)]


def _pixels(inputs: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(255 * inputs[..., 0]), 0, 255), dtype=np.uint8)


def _in_place(inputs: np.ndarray) -> np.ndarray:
    inputs *= 255
    return np.asarray(np.clip(np.rint(inputs[..., 0]), 0, 255), dtype=np.uint8)


to_pixels = Exercise(
    lesson=LESSON,
    name="to_pixels",
    prompt=(
        "**2. Undo the scaling.** Write `to_pixels(inputs)`. It turns what `preprocess` returns, "
        "float32 (n, height, width, 1), back into pixels, uint8 (n, height, width). Augmentation "
        "can push a value below 0 or above 1: make it black or white."
    ),
    kind=function("inputs"),
    hints=(
        "Multiply by 255, and take the last axis away with `inputs[..., 0]`.",
        "`astype` cuts decimals off: 254.99 becomes 254. `np.rint` rounds.",
        "`np.clip(values, 0, 255)` before the change of type keeps 331 from becoming 75.",
    ),
    code="""
def to_pixels(inputs):
    values = np.rint(255 * inputs[..., 0])
    return np.clip(values, 0, 255).astype(np.uint8)
""",
    reason=(
        "The order matters: first calculate in decimals, then round, then clip, and change the "
        "type at the very end. Eight bits know neither fractions nor numbers above 255."
    ),
    cases=_cases_of_pixels,
    conditions=(
        same_dtype("End with `.astype(np.uint8)`."),
        same_shape("The last axis has one channel only; `[..., 0]` takes it away."),
        same_values(
            "Take one pixel of 200 through both steps by hand.",
            {
                "Decimals are cut off: round before you change the type.": (
                    lambda inputs: (255 * inputs[..., 0]).astype(np.uint8)
                ),
                "Values between 0 and 1 are left. Multiply before you change the type.": (
                    lambda inputs: np.rint(inputs[..., 0]).astype(np.uint8)
                ),
                "White is 255, not 256.": (
                    lambda inputs: np.clip(np.rint(256 * inputs[..., 0]), 0, 255).astype(np.uint8)
                ),
            },
        ),
        same_values(
            "Values below 0 or above 1 start again at the other end. Clip before `astype`.",
            cases=_cases_out_of_range,
            name="clipped",
        ),
        keeps_its_input("`inputs *= 255` works in place; `255 * inputs` makes a new array."),
    ),
    wrong_answers=(
        WrongAnswer(lambda inputs: _pixels(inputs).astype(float), "End with `.astype"),
        WrongAnswer(lambda inputs: _pixels(inputs)[..., np.newaxis], "`[..., 0]` takes it away"),
        WrongAnswer(lambda inputs: np.uint8(255 * inputs[..., 0]), "Decimals are cut off"),
        WrongAnswer(
            lambda inputs: inputs[..., 0].round().astype(np.uint8), "between 0 and 1 are left"
        ),
        WrongAnswer(
            lambda inputs: (256 * inputs[..., 0]).round().clip(0, 255).astype(np.uint8), "not 256"
        ),
        WrongAnswer(lambda inputs: 255 - _pixels(inputs), "Take one pixel of 200"),
        WrongAnswer(
            lambda inputs: (np.rint(255 * inputs[..., 0]).astype(int) % 256).astype(np.uint8),
            "start again at the other end",
        ),
        WrongAnswer(_in_place, "works in place"),
    ),
)


def _cases_of_statistics() -> Sequence[Arguments]:
    rng = np.random.default_rng(5)
    train = rng.normal(0.5, 0.2, (6, 4, 4, 1)).astype(np.float32)
    test = rng.normal(0.3, 0.1, (3, 4, 4, 1)).astype(np.float32)
    return [(train, test)]


def _standardised(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.asarray((values - by.mean()) / by.std(), dtype=np.float32)


def _one_by_one(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    return np.stack([_standardised(image, by=image) for image in test])


def _standardise_in_place(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    result = _standardised(test, by=train)
    test -= train.mean()
    return result


standardise_test = Exercise(
    lesson=LESSON,
    name="standardise_test",
    prompt=(
        "**3. Whose mean?** Write `standardise_test(train, test)`. It returns the test images, "
        "standardised as honestly as a network in use would get them: float32 of the same shape. "
        "Both are float32 (n, height, width, 1); use one mean and one standard deviation for all "
        "pixels."
    ),
    kind=function("train", "test"),
    hints=(
        "In use there is one face, and no test set to take a mean of.",
        "Mean and standard deviation are learned, like weights. From which images does one learn?",
    ),
    code="""
def standardise_test(train, test):
    return (test - train.mean()) / train.std()
""",
    reason=(
        "Statistics are part of what was learned, so they come from the training images alone. The "
        "mean of the test images would tell the network something about the exam."
    ),
    cases=_cases_of_statistics,
    conditions=(
        same_dtype("Decimals in numpy are float64 unless all that goes in is float32."),
        same_shape("Return test images, with all their axes."),
        same_values(
            "Subtract a mean, then divide by a standard deviation.",
            {
                "The mean of the test set was used. Take mean and spread from training.": (
                    lambda train, test: _standardised(test, by=test)
                ),
                "Test images have a part in your mean. Take it from training alone.": (
                    lambda train, test: _standardised(test, by=np.concatenate([train, test]))
                ),
                "Each image is standardised by itself. Take one mean for all, from training.": (
                    _one_by_one
                ),
                "That divides by the variance. Divide by its square root, `std`.": (
                    lambda train, test: (test - train.mean()) / train.var()
                ),
            },
        ),
        keeps_its_input("`test -= ...` works in place; `test - ...` makes a new array."),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda train, test: _standardised(test, by=train).astype(np.float64),
            "are float64 unless",
        ),
        WrongAnswer(
            lambda train, test: _standardised(test, by=train)[..., 0], "yours is (3, 4, 4)."
        ),
        WrongAnswer(lambda train, test: _standardised(train, by=train), "yours is (6, 4, 4, 1)"),
        WrongAnswer(lambda train, test: (test - test.mean()) / test.std(), "mean of the test set"),
        WrongAnswer(
            lambda train, test: _standardised(test, by=np.append(test, train)),
            "have a part in your",
        ),
        WrongAnswer(_one_by_one, "standardised by itself"),
        WrongAnswer(
            lambda train, test: (test - train.mean()) / train.std() ** 2, "divides by the variance"
        ),
        WrongAnswer(lambda train, test: test - train.mean(), "then divide by a standard deviation"),
        WrongAnswer(_standardise_in_place, "makes a new array"),
    ),
)


def _cases_of_weights() -> Sequence[Arguments]:
    return [
        (np.repeat(np.arange(7), [40, 5, 41, 72, 50, 48, 33]),),
        (np.array([3, 3, 3, 1, 3, 6, 1, 3]),),
    ]


def _weights(labels: np.ndarray) -> dict[int, float]:
    classes = np.unique(labels)
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return dict(zip(classes.tolist(), weights.tolist()))


def _scaled_weights(labels: np.ndarray, factor: float) -> dict[int, float]:
    return {label: factor * weight for label, weight in _weights(labels).items()}


balanced_weights = Exercise(
    lesson=LESSON,
    name="balanced_weights",
    prompt=(
        "**4. Weigh the classes.** Write `balanced_weights(labels)`. It returns a dictionary from "
        "each label that occurs to its balanced weight: the number of images, divided by the "
        "number of classes that occur and by the number of images of this class."
    ),
    kind=function("labels"),
    hints=(
        "`np.unique(labels, return_counts=True)` gives the classes that occur, and how often.",
        "`dict(zip(classes.tolist(), weights.tolist()))` makes the dictionary.",
        "The weight of a class is `len(labels) / (len(classes) * count)`.",
    ),
    code="""
def balanced_weights(labels):
    classes, counts = np.unique(labels, return_counts=True)
    weights = len(labels) / (len(classes) * counts)
    return dict(zip(classes.tolist(), weights.tolist()))
""",
    reason=(
        "With these weights every class counts the same in the sum, and the mean weight of an "
        "image is 1, so that the learning rate need not change. `compute_class_weight` in "
        "scikit-learn does the same; `model.fit(..., class_weight=...)` takes the result."
    ),
    cases=_cases_of_weights,
    conditions=(
        same_values(
            "In the second case the classes 1, 3 and 6 occur, with 2, 5 and 1 of 8 images.",
            {
                "Weights and frequencies are mixed up: the rare class must weigh more.": (
                    lambda labels: {
                        label: count / len(labels)
                        for label, count in zip(*np.unique(labels, return_counts=True))
                    }
                ),
                "The mean weight of an image should be 1. Divide by the number of classes too.": (
                    lambda labels: _scaled_weights(labels, len(np.unique(labels)))
                ),
                "Only classes that occur count. Seven is too many in the second case.": (
                    lambda labels: _scaled_weights(labels, len(np.unique(labels)) / 7)
                ),
                "The largest class need not have the weight 1. Follow the formula.": (
                    lambda labels: _scaled_weights(labels, 1 / min(_weights(labels).values()))
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda labels: {c: float(np.mean(labels == c)) for c in set(labels.tolist())},
            "mixed up",
        ),
        WrongAnswer(
            lambda labels: {c: 1 / float(np.mean(labels == c)) for c in set(labels.tolist())},
            "Divide by the number of classes too",
        ),
        WrongAnswer(
            lambda labels: {
                c: len(labels) / (7 * int((labels == c).sum())) for c in set(labels.tolist())
            },
            "Seven is too many",
        ),
        WrongAnswer(
            lambda labels: {
                c: np.bincount(labels).max() / int((labels == c).sum())
                for c in set(labels.tolist())
            },
            "need not have the weight 1",
        ),
        WrongAnswer(
            lambda labels: dict.fromkeys(set(labels.tolist()), 1.0),
            "In the second case the classes",
        ),
    ),
)

CHANGES = {
    "mirror": True,
    "noise": True,
    "negative": False,
    "quarter turn": False,
    "bar over the mouth": False,
}


def _chosen(allowed: bool) -> list[str]:
    return [change for change, is_allowed in CHANGES.items() if is_allowed is allowed]


allowed_changes = Exercise(
    lesson=LESSON,
    name="allowed_changes",
    prompt=(
        '**5. Allowed changes.** Which of these would you add to the augmentation? `"mirror"` '
        '(left and right change places), `"noise"` (a little, as cameras make it), `"negative"` '
        '(dark becomes bright), `"quarter turn"` (by 90 degrees), `"bar over the mouth"` (dark, '
        "always there). Put their names in a list."
    ),
    kind=LIST,
    hints=(
        "Ask of each: does it occur in pictures that the network will see?",
        "And: would a person still give the picture the same label?",
    ),
    code='allowed_changes = ["mirror", "noise"]',
    reason=(
        "Faces and cameras mirror, and cameras make noise; the expression stays. Nobody holds a "
        "camera at 90 degrees to a face, nor sees negatives. A bar over the mouth hides what the "
        "label says; over random places it can help all the same (Zhong et al. 2017)."
    ),
    conditions=(
        holds(
            "known names",
            lambda answer: all(not isinstance(entry, str) or entry in CHANGES for entry in answer),
            "There is a name in your list that is none of the five. Copy them as they are.",
        ),
        holds(
            "only texts",
            lambda answer: all(isinstance(entry, str) for entry in answer),
            "Each entry of the list is a text, between quotes.",
        ),
        holds(
            "none too many",
            lambda answer: not set(_chosen(False)) & set(answer),
            lambda answer: (
                f'Think again about "{next(c for c in _chosen(False) if c in answer)}": does it '
                "occur in real pictures, and is the expression still readable?"
            ),
        ),
        holds(
            "none missing",
            lambda answer: set(_chosen(True)) <= set(answer),
            "One more of them occurs in real pictures and leaves the expression as it is.",
        ),
    ),
    wrong_answers=(
        WrongAnswer(["mirror", "noise", "rain"], "none of the five"),
        WrongAnswer(["mirror", "noise", 3], "between quotes"),
        WrongAnswer(["mirror", "noise", "negative"], 'about "negative"'),
        WrongAnswer(["mirror", "noise", "quarter turn"], 'about "quarter turn"'),
        WrongAnswer(["mirror", "noise", "bar over the mouth"], 'about "bar over the mouth"'),
        WrongAnswer(["noise"], "One more of them"),
    ),
)

Sides = tuple[np.ndarray, np.ndarray]


def _cases_of_persons() -> Sequence[Arguments]:
    rng = np.random.default_rng(6)
    return [
        (np.repeat(np.arange(40), 5)[rng.permutation(200)], 0.25, 0),
        (100 + rng.integers(0, 60, 300), 0.2, 1),
    ]


def _split(person: np.ndarray, share: float, seed: int) -> Sides:
    splitter = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    train, test = next(splitter.split(person, groups=person))
    return train, test


def _each_side(attempt: Attempt, complaint: Any) -> str:
    """Return the first complaint about the two sides of a case, or an empty string."""
    for case in attempt.comparisons():
        train, test = map(np.asarray, case.got)
        found = complaint(*case.arguments, train, test)
        if found:
            return str(found)
    return ""


def _not_two(attempt: Attempt) -> str:
    for case in attempt.comparisons():
        if not isinstance(case.got, list | tuple) or len(case.got) < 2:
            return "Return two arrays of indices: `return train, test`."
    return ""


def _lost(person: np.ndarray, share: float, seed: int, train: np.ndarray, test: np.ndarray) -> str:
    both = np.concatenate([train, test])
    lost = np.setdiff1d(np.arange(len(person)), both).size
    return f"{lost} of {len(person)} images are on neither side." if lost else ""


def _shared(
    person: np.ndarray, share: float, seed: int, train: np.ndarray, test: np.ndarray
) -> str:
    shared = np.intersect1d(person[train], person[test]).size
    if not shared:
        return ""
    return f"{shared} persons are on both sides. Choose persons by chance, and not images."


def _uneven(
    person: np.ndarray, share: float, seed: int, train: np.ndarray, test: np.ndarray
) -> str:
    got = len(np.unique(person[test])) / len(np.unique(person))
    if abs(got - share) <= 0.05:
        return ""
    return f"{got:.0%} of the persons are in the test, and {share:.0%} are asked for."


def _forgetful(attempt: Attempt) -> str:
    for case in attempt.comparisons():
        again = attempt.call(*case.arguments)
        if not np.array_equal(np.asarray(again[1]), np.asarray(case.got[1])):
            return "The same seed gives another split when called again. Hand `seed` on."
    return ""


def _deaf(attempt: Attempt) -> str:
    for case in attempt.comparisons():
        person, share, seed = case.arguments
        other = attempt.call(person, share, seed + 1)
        if np.array_equal(np.asarray(other[1]), np.asarray(case.got[1])):
            return "Another seed gives the same split. Let `seed` decide who is in the test."
    return ""


def _split_images(person: np.ndarray, share: float, seed: int) -> Sides:
    train, test = train_test_split(np.arange(len(person)), test_size=share, random_state=seed)
    return train, test


def _train_on_all(person: np.ndarray, share: float, seed: int) -> Sides:
    return np.arange(len(person)), _split(person, share, seed)[1]


def _split_without_rest(person: np.ndarray, share: float, seed: int) -> Sides:
    train, test = _split(person, share, seed)
    return train[:-10], test


def _split_by_luck(person: np.ndarray, share: float, seed: int) -> Sides:
    return _split(person, share, int(np.random.default_rng().integers(1 << 30)))


split_by_person = Exercise(
    lesson=LESSON,
    name="split_by_person",
    prompt=(
        "**6. A small project: a split that does not leak.** You have several pictures of each "
        "person. Write `split_by_person(person, share, seed)`. `person` is an int array (n,) that "
        "says who is in each picture. Return two arrays of indices, train and test: every picture "
        "on one side, nobody on both, and about `share` of the persons in the test. The same seed "
        "gives the same split."
    ),
    kind=function("person", "share", "seed"),
    hints=(
        "Draw persons by chance, and then take all their pictures.",
        "The section *Split first, then everything else* uses a splitter of scikit-learn that does "
        "this.",
        "`GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)`; its `split` takes "
        "`groups=person`.",
    ),
    code="""
from sklearn.model_selection import GroupShuffleSplit


def split_by_person(person, share, seed):
    splitter = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    train, test = next(splitter.split(person, groups=person))
    return train, test
""",
    reason=(
        "A network that has seen another picture of the same person can recognise the person. In "
        "use it meets strangers, so strangers must be in the test."
    ),
    cases=_cases_of_persons,
    conditions=(
        Condition("two sides", _not_two),
        Condition("nothing lost", lambda attempt: _each_side(attempt, _lost)),
        Condition("nobody on both", lambda attempt: _each_side(attempt, _shared)),
        Condition("share", lambda attempt: _each_side(attempt, _uneven)),
        Condition("same seed", _forgetful),
        Condition("other seed", _deaf),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda person, share, seed: np.array([*_split(person, share, seed)], dtype=object),
            "Return two arrays",
        ),
        WrongAnswer(_split_without_rest, "on neither side"),
        WrongAnswer(_split_images, "34 persons are on both sides"),
        WrongAnswer(_train_on_all, "10 persons are on both sides"),
        WrongAnswer(
            lambda person, share, seed: _split(person, 1 - share, seed),
            "of the persons are in the test",
        ),
        WrongAnswer(_split_by_luck, "Hand `seed` on"),
        WrongAnswer(lambda person, share, seed: _split(person, share, 0), "Another seed"),
    ),
)

quiz = Quiz(
    LESSON,
    (
        Question(
            "Why does the course turn pixels into decimals before it calculates?",
            (
                Option("Decimals take less memory.", "They take more: four bytes instead of one."),
                Option(
                    "In eight bits, 200 + 100 is 44, and no warning is given.",
                    "There is no 300 in eight bits; the sum starts again at zero.",
                    is_right=True,
                ),
                Option(
                    "Decimals are exact, whole numbers are rounded.",
                    "It is the other way round: whole numbers are exact, as long as they fit.",
                ),
            ),
        ),
        Question(
            "You enlarge a face from 12 × 12 to 48 × 48. What is gained?",
            (
                Option("Detail, with a good method.", "No method knows what was not recorded."),
                Option(
                    "Detail, with a network trained for it.", "It would invent plausible detail."
                ),
                Option(
                    "A size that the network can read, and no detail.",
                    "New pixels are computed from the old ones.",
                    is_right=True,
                ),
            ),
        ),
        Question(
            "When is augmentation switched on?",
            (
                Option(
                    "In training only.",
                    "It makes learning by heart harder. A judgement needs the images as they are.",
                    is_right=True,
                ),
                Option(
                    "In training and validation, to compare like with like.",
                    "Then the validation figure would depend on chance, and be too low.",
                ),
                Option(
                    "Always: the webcam's faces vary too.",
                    "They vary by themselves. A random change would only add error to them.",
                ),
            ),
        ),
        Question(
            "You over-sample disgust tenfold. What happens first?",
            (
                Option(
                    "More disgust is found, and some accuracy is lost.",
                    'The network says "disgust" more often, also to faces of other classes.',
                    is_right=True,
                ),
                Option(
                    "Everything gets better: there are more images.",
                    "There are no new faces, only repetitions of the same ones.",
                ),
                Option(
                    "Nothing: a repeated image teaches nothing new.",
                    "Each repetition counts its error once more, which moves the weights.",
                ),
            ),
        ),
        Question(
            "You augment all images, and then split them. What is wrong?",
            (
                Option(
                    "Nothing, as long as the split is random.",
                    "A random split puts versions of the same face on both sides.",
                ),
                Option(
                    "Versions of one face land on both sides, and the accuracy is too high.",
                    "The test then asks about faces that the network has seen. Split first.",
                    is_right=True,
                ),
                Option(
                    "It takes more memory than to split first.",
                    "True, and harmless beside an accuracy that is wrong.",
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON,
    (
        batch_shape,
        to_pixels,
        standardise_test,
        balanced_weights,
        allowed_changes,
        split_by_person,
    ),
    quiz,
)
progress = lesson.progress
