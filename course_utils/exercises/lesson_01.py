"""Exercises and quiz of lesson 01, dataset exploration."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.stats import entropy

from course_utils.dataset.duplicates import near_duplicate_pairs
from course_utils.drawn_faces.generator import draw_face, make_dataset
from course_utils.exercises.conditions import (
    Arguments,
    keeps_its_input,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise, WrongAnswer
from course_utils.exercises.kinds import ARRAY, LIST, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz

LESSON = 1

two_accuracies = Exercise(
    lesson=LESSON,
    name="two_accuracies",
    prompt=(
        "**1. Two accuracies in your head.** A test set has 300 happy, 150 sad and 50 disgusted "
        'faces. A model says "happy" to all of them. Put its accuracy and its balanced accuracy, '
        "in this order and as fractions such as `1 / 4`, in the places of `None`."
    ),
    kind=LIST,
    hints=(
        "Accuracy: how many of the 500 does it name rightly?",
        "Balanced accuracy: the mean of three accuracies, one within each class. Two are 0.",
    ),
    code="two_accuracies = [300 / 500, (1 + 0 + 0) / 3]",
    reason=(
        "It is right on each happy face and on no other. To 60 % of the faces that is the right "
        "answer, and yet it knows one class of three."
    ),
    conditions=(
        same_values(
            "Section *Count the classes* says what the two measure.",
            {
                "The second one is the plain accuracy again. Take the mean over classes.": [
                    0.6,
                    0.6,
                ],
                "Three classes occur here, not seven.": [0.6, 1 / 7],
                "The two are in the other order.": [1 / 3, 0.6],
                "These are per cent. Give shares between 0 and 1.": [60, 100 / 3],
                "The second one is rounded. Write it as a fraction.": [0.6, 0.33],
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer([0.6, 0.6], "plain accuracy again"),
        WrongAnswer([0.6, 1 / 7], "not seven"),
        WrongAnswer([1 / 3, 0.6], "in the other order"),
        WrongAnswer([60, 33.3333], "These are per cent"),
        WrongAnswer([0.6, 0.33], "is rounded"),
        WrongAnswer([0.3, 0.6], "Section *Count the classes*"),
    ),
)


def _cases_of_labels() -> Sequence[Arguments]:
    rng = np.random.default_rng(1)
    few = rng.integers(0, 7, 40)
    return [(few,), (np.array([5, 5, 2, 5, 0, 2]),), (np.repeat([6, 3, 0], [2, 9, 4]),)]


def _share_of_first_class(labels: np.ndarray) -> float:
    return float(np.mean(labels == labels[0]))


def _sorting_baseline(labels: np.ndarray) -> float:
    labels.sort()
    return float(np.bincount(labels).max() / len(labels))


majority_baseline = Exercise(
    lesson=LESSON,
    name="majority_baseline",
    prompt=(
        "**2. The figure to beat.** Write `majority_baseline(labels)`. It returns the accuracy of "
        "a model that always names the most frequent class. `labels` is an int64 array (n,)."
    ),
    kind=function("labels"),
    hints=(
        "How many labels are there of each class? `np.bincount` counts them.",
        "The largest count, divided by the number of labels.",
    ),
    code="""
def majority_baseline(labels):
    return np.bincount(labels).max() / len(labels)
""",
    reason="A model that always says the same is right exactly as often as its class occurs.",
    cases=_cases_of_labels,
    conditions=(
        same_values(
            "Count one of the cases by hand.",
            {
                "That is the most frequent class. Asked for is how often it occurs.": (
                    lambda labels: np.bincount(labels).argmax()
                ),
                "That is a number of images. Divide it by how many there are.": (
                    lambda labels: np.bincount(labels).max()
                ),
                "That is what equal guessing gets. Classes are unequal.": (
                    lambda labels: 1 / len(np.unique(labels))
                ),
                "That is the share of the rarest class.": (
                    lambda labels: np.unique(labels, return_counts=True)[1].min() / len(labels)
                ),
            },
        ),
        keeps_its_input("`labels.sort()` sorts in place; `np.sort(labels)` makes a copy."),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda labels: max(set(labels.tolist()), key=labels.tolist().count),
            "how often it occurs",
        ),
        WrongAnswer(
            lambda labels: max(labels.tolist().count(label) for label in labels.tolist()),
            "That is a number of images",
        ),
        WrongAnswer(lambda labels: 1 / len(set(labels.tolist())), "equal guessing"),
        WrongAnswer(_share_of_first_class, "Count one of the cases by hand"),
        WrongAnswer(_sorting_baseline, "sorts in place"),
    ),
)


def _cases_of_blanks() -> Sequence[Arguments]:
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (6, 8, 8), dtype=np.uint8)
    images[1], images[4], images[5, :4] = 0, 130, 255
    faint = rng.integers(120, 123, (3, 8, 8), dtype=np.uint8)
    return [(images,), (faint,)]


find_blank = Exercise(
    lesson=LESSON,
    name="find_blank",
    prompt=(
        "**3. Find the blank ones.** Write `find_blank(images)` for uint8 images (n, height, "
        "width). It returns the indices of those that have one grey level only, whichever it is, "
        "as an array (blank images,)."
    ),
    kind=function("images"),
    hints=(
        "In a blank image the largest pixel equals the smallest.",
        "`images.max(axis=(1, 2))` is the largest pixel of each image.",
        "`np.flatnonzero` turns an array of true and false into the indices of what is true.",
    ),
    code="""
def find_blank(images):
    return np.flatnonzero(images.max(axis=(1, 2)) == images.min(axis=(1, 2)))
""",
    reason=(
        "A blank image need not be black. A threshold on the contrast would also throw out faint "
        "images, which hold a face."
    ),
    cases=_cases_of_blanks,
    conditions=(
        same_shape("Asked for are indices in one row, one for each blank image."),
        same_values(
            "Look at the first case: its images 1 and 4 are blank.",
            {
                "These are places in a list that counts from 1. Python counts from 0.": (
                    lambda images: np.flatnonzero(np.ptp(images, axis=(1, 2)) == 0) + 1
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(lambda images: np.nonzero(np.ptp(images, axis=(1, 2)) == 0), "yours is (1, 2)"),
        WrongAnswer(lambda images: np.ptp(images, axis=(1, 2)) == 0, "yours is (6,)"),
        WrongAnswer(lambda images: np.flatnonzero(images.max(axis=(1, 2)) == 0), "yours is (1,)"),
        WrongAnswer(lambda images: np.flatnonzero(images.std(axis=(1, 2)) < 5), "yours is (3,)"),
        WrongAnswer(
            lambda images: 1 + np.flatnonzero(images.std(axis=(1, 2)) == 0), "counts from 1"
        ),
        WrongAnswer(
            lambda images: np.argsort(images.std(axis=(1, 2)))[
                : (images.std(axis=(1, 2)) == 0).sum()
            ][::-1],
            "images 1 and 4 are blank",
        ),
    ),
)


def _happily_surprised(size: int = 96, **units: float) -> np.ndarray:
    return draw_face({"AU1": 1, "AU2": 1, "AU12": 1, "AU25": 1, **units}, size)


happily_surprised = Exercise(
    lesson=LESSON,
    name="happily_surprised",
    prompt=(
        "**4. Happily surprised.** Du et al. (2014) describe blends. A happily surprised face uses "
        "AU1, AU2, AU12 and AU25. Draw it with `drawn_faces.draw_face`, all four at full strength, "
        "96 pixels wide, and keep the array."
    ),
    kind=ARRAY,
    hints=(
        '`drawn_faces.draw_face({"AU12": 1}, size=96)` draws a smile.',
        "The dictionary has one entry for each action unit.",
    ),
    code="""
from course_utils import drawn_faces

units = {"AU1": 1, "AU2": 1, "AU12": 1, "AU25": 1}
happily_surprised = drawn_faces.draw_face(units, size=96)
""",
    reason=(
        "The brows come from surprise, the corners of the mouth from happiness. Show it with "
        "`plots.show_faces([happily_surprised])`. No class of the course fits it: seven boxes are "
        "a choice, not a law."
    ),
    conditions=(
        same_values(
            "Compare your dictionary with the four units, one by one.",
            {
                "That face is 48 pixels wide. Say `size=96`.": lambda: _happily_surprised(48),
                "The lips do not part yet: AU25 is missing.": lambda: _happily_surprised(AU25=0),
                "The units are at half strength. Full strength is 1.": (
                    lambda: _happily_surprised(AU1=0.5, AU2=0.5, AU12=0.5, AU25=0.5)
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(lambda: _happily_surprised(48), "Say `size=96`"),
        WrongAnswer(
            lambda: draw_face(dict.fromkeys(["AU1", "AU2", "AU12"], 1), 96), "AU25 is missing"
        ),
        WrongAnswer(
            lambda: draw_face(dict.fromkeys(["AU1", "AU2", "AU12", "AU25"], 0.5), 96),
            "half strength",
        ),
        WrongAnswer(lambda: _happily_surprised(AU15=1), "Compare your dictionary"),
    ),
)


def _cases_of_votes() -> Sequence[Arguments]:
    unlike = [[10, 0, 0, 0, 0, 0, 0], [5, 5, 0, 0, 0, 0, 0], [1, 2, 3, 1, 1, 1, 1]]
    return [(np.array(unlike),), (np.array([[0, 0, 0, 7, 0, 0, 1], [2, 2, 0, 2, 0, 2, 0]]),)]


def _bits(votes: np.ndarray) -> np.ndarray:
    return np.asarray(entropy(votes, axis=1, base=2))


@np.errstate(divide="ignore", invalid="ignore")
def _careless_bits(votes: np.ndarray) -> np.ndarray:
    shares = votes / votes.sum(axis=1, keepdims=True)
    return np.asarray(-(shares * np.log2(shares)).sum(axis=1))


doubt = Exercise(
    lesson=LESSON,
    name="doubt",
    prompt=(
        "**5. Measure doubt.** Write `doubt(votes)`. `votes` is an array (n, 7) with how many "
        "people named each class. Return the entropy of each row in bits, as an array (n,)."
    ),
    kind=function("votes"),
    hints=(
        "First make shares of the votes: each row must sum to 1.",
        "The entropy is the sum of `-share * log2(share)`. A share of 0 adds nothing.",
        "`scipy.stats.entropy` does it all, with `axis=1` and `base=2`.",
    ),
    code="""
from scipy.stats import entropy


def doubt(votes):
    return entropy(votes, axis=1, base=2)
""",
    reason=(
        "`entropy` divides each row by its sum, and knows that 0 · log 0 counts as 0. A well-kept "
        "library has met the cases that one forgets."
    ),
    cases=_cases_of_votes,
    conditions=(
        same_shape("One number for each image, in one row."),
        same_values(
            "Ten votes for one class are 0 bits, five against five are 1 bit.",
            {
                "These are nats, from the natural logarithm. Bits take the logarithm to base 2.": (
                    lambda votes: entropy(votes, axis=1)
                ),
                "That is the agreement, the share of the most frequent answer.": (
                    lambda votes: votes.max(axis=1) / votes.sum(axis=1)
                ),
                "The sign is turned round: doubt is never negative.": lambda votes: -_bits(votes),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(lambda votes: _bits(votes)[:, np.newaxis], "yours is (3, 1)"),
        WrongAnswer(lambda votes: entropy(votes, base=2), "yours is (7,)"),
        WrongAnswer(lambda votes: _bits(votes) * np.log(2), "These are nats"),
        WrongAnswer(
            lambda votes: np.array([max(row) / sum(row) for row in votes.tolist()]), "the agreement"
        ),
        WrongAnswer(lambda votes: -_bits(votes), "sign is turned round"),
        WrongAnswer(_careless_bits, "are not a number"),
        WrongAnswer(
            lambda votes: np.array([len(row[row > 0]) - 1.0 for row in votes]), "yours run from"
        ),
    ),
)


@lru_cache(maxsize=1)
def _cases_of_leaks() -> Sequence[Arguments]:
    """Two of eight test faces occur in training: one in another light, one twice."""
    faces = make_dataset(30, seed=11).images
    train, test = faces[:22], faces[22:].copy()
    test[2] = np.clip(0.7 * train[5] + 30, 0, 255).astype(np.uint8)
    twice = np.concatenate(
        [train, np.clip(0.8 * test[6:7] + 20, 0, 255).astype(np.uint8), test[6:7]]
    )
    return [(twice, test), (train, faces[22:])]


def _leaks(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    return np.unique(near_duplicate_pairs(test, train)[:, 0])


def _byte_by_byte(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    known = {image.tobytes() for image in train}
    return np.array([i for i, image in enumerate(test) if image.tobytes() in known], dtype=int)


def _in_training(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    return np.unique(near_duplicate_pairs(test, train)[:, 1])


find_leaks = Exercise(
    lesson=LESSON,
    name="find_leaks",
    prompt=(
        "**6. A small project: check a split.** A friend shows you an accuracy, and you want to "
        "know whether it can be trusted. Write `find_leaks(train, test)` for uint8 images (n, 48, "
        "48). It returns the indices of the *test* images that have a near-duplicate in training, "
        "each once and in rising order. `near_duplicate_pairs` from `course_utils.dataset` "
        "helps."
    ),
    kind=function("train", "test"),
    hints=(
        "`near_duplicate_pairs(test, train)` has a row for each pair: an index of a test image, "
        "and one of a training image.",
        "The first column is what you want. A test image with two twins occurs in it twice.",
        "`np.unique` keeps each index once, in rising order.",
    ),
    code="""
from course_utils.dataset.duplicates import near_duplicate_pairs


def find_leaks(train, test):
    return np.unique(near_duplicate_pairs(test, train)[:, 0])
""",
    reason=(
        "Three lines, and they belong before every figure that you report. What they find, leave "
        "out of the test images, or report the accuracy with and without."
    ),
    cases=_cases_of_leaks,
    conditions=(
        same_shape(
            "In the first case two test images leak, one of them twice; in the second none."
        ),
        same_values(
            "Look at the pairs that `near_duplicate_pairs` returns for your own small example.",
            {
                "These are the indices of training images. Asked for are those of test images.": (
                    lambda train, test: _in_training(train, test)[: len(_leaks(train, test))]
                ),
                "The right images, but not in rising order.": (
                    lambda train, test: _leaks(train, test)[::-1]
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(_byte_by_byte, "yours is (1,)"),
        WrongAnswer(lambda train, test: near_duplicate_pairs(test, train)[:, 0], "yours is (3,)"),
        WrongAnswer(lambda train, test: _leaks(train, test)[np.newaxis], "yours is (1, 2)"),
        WrongAnswer(
            lambda train, test: near_duplicate_pairs(test, train)[: len(_leaks(train, test)), 1],
            "indices of training images",
        ),
        WrongAnswer(
            lambda train, test: np.array(sorted(_leaks(train, test), reverse=True), dtype=int),
            "not in rising order",
        ),
        WrongAnswer(
            lambda train, test: np.arange(len(_leaks(train, test))), "for your own small example"
        ),
    ),
)


quiz = Quiz(
    LESSON,
    (
        Question(
            "A model is right on 26 % of faces; happy is 25 % of them. How good is it?",
            (
                Option(
                    "Nearly twice as good as a guess among seven, 14 %.",
                    'Nobody has to guess evenly. Always "happy" gets 25 % without a look.',
                ),
                Option(
                    'Hardly better than one that always says "happy".',
                    "The majority baseline is the figure to beat, and it is 25 %.",
                    is_right=True,
                ),
                Option(
                    "Bad: it is wrong on three faces of four.",
                    "That alone says little. On hard data a good model can be wrong often.",
                ),
            ),
        ),
        Question(
            'What does the label "sad" of a photograph in FER2013 say?',
            (
                Option(
                    "That the person felt sad.",
                    "Nobody asked the person. A face need not show what someone feels.",
                ),
                Option(
                    "That the action units AU1, AU4 and AU15 are visible.",
                    "No units were coded in FER2013. People looked and chose a word.",
                ),
                Option(
                    "That this word was chosen for the picture.",
                    "It names an expression, as somebody saw it. Others may name another.",
                    is_right=True,
                ),
            ),
        ),
        Question(
            "Why do two files with different bytes have to be compared at all?",
            (
                Option(
                    "The same picture can be saved again, in another light or size.",
                    "Every saving changes bytes. Correlation still finds the twin.",
                    is_right=True,
                ),
                Option(
                    "Comparing bytes is too slow for thousands of files.",
                    "It is very fast: a set of contents does it. It just finds too little.",
                ),
                Option(
                    "Files with different names have different bytes.",
                    "A name is no part of the content: renamed copies have the same bytes.",
                ),
            ),
        ),
        Question(
            "What varies most between the images of this data set?",
            (
                Option(
                    "The expression: that is what they were collected for.",
                    "Pixels do not know what they were collected for. They vary with the light.",
                ),
                Option(
                    "Light and pose.",
                    "The first eigenfaces show it. A network has to learn to see past them.",
                    is_right=True,
                ),
                Option(
                    "Noise in single pixels.",
                    "Noise is small and has no pattern, so no eigenface collects it.",
                ),
            ),
        ),
        Question(
            "You try ten settings. On which images do you compare them?",
            (
                Option(
                    "On the training images, since there are most of them.",
                    "The network has seen these. Learning by heart would win.",
                ),
                Option(
                    "On the test images, to report the best figure.",
                    "Then the best of ten is partly luck, and the reported figure is too good.",
                ),
                Option(
                    "On the validation images.",
                    "Choosing is what they are for. The test is read once, for the chosen one.",
                    is_right=True,
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON,
    (two_accuracies, majority_baseline, find_blank, happily_surprised, doubt, find_leaks),
    quiz,
)
progress = lesson.progress
