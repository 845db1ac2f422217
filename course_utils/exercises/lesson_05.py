"""Exercises and quiz of lesson 05, evaluation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest

from course_utils.evaluation.intervals import wilson_interval
from course_utils.exercises.conditions import (
    Arguments,
    Attempt,
    Condition,
    holds,
    keeps_its_input,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise, WrongAnswer
from course_utils.exercises.kinds import NUMBER, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz

LESSON = 5

precision_of_sad = Exercise(
    lesson=LESSON,
    name="precision_of_sad",
    prompt=(
        "**1. Precision by hand.** In the table of ten faces at the beginning, what is the "
        "precision for *sad*? Put a share between 0 and 1 in the place of `None`."
    ),
    kind=NUMBER,
    hints=(
        "Precision asks about the answers. Which faces did the network call sad?",
        "Look down the column *sad* of the confusion matrix, and not along the row.",
    ),
    code="precision_of_sad = 2 / 4",
    reason=(
        "The network says sad four times, and is right twice. In the confusion matrix it is the "
        "diagonal cell divided by the sum of its column."
    ),
    conditions=(
        same_values(
            "Count the faces that the network calls sad, then those of them that are.",
            {
                "That is the recall: of the faces that are sad, the share it finds.": 2 / 3,
                "That is F1, the harmonic mean of precision and recall.": 4 / 7,
                "Divide by the faces that the network calls sad, and not by all ten.": 2 / 10,
                "That is a percentage. Give a share between 0 and 1.": 50,
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(2 / 3, "That is the recall"),
        WrongAnswer(0.571429, "That is F1"),
        WrongAnswer(0.2, "not by all ten"),
        WrongAnswer(50, "That is a percentage"),
        WrongAnswer(0.7, "Count the faces that the network calls sad"),
    ),
)

REACH = 0.01
MOST_IMAGES = 10_000  # 9,220 are enough; 9,604 are where the accuracy is not known


def _reach(images: float) -> float:
    """Return how far Wilson's interval for 60 % reaches to each side, on average of the two."""
    low, high = wilson_interval(round(0.6 * images), round(images))
    return (high - low) / 2


def _too_few(attempt: Attempt) -> str:
    images = attempt.answer
    if images >= 1 and _reach(images) <= REACH:
        return ""
    if images < 1:
        return f"A test needs images: {images:g} is none. Give a whole number of them."
    advice = "Four times as many images halve it."
    if 0.019 < _reach(images) < 0.021:
        advice = "You have made the whole interval 4 points wide; it may be 2 points wide in all."
    return f"With {images:,.0f} images it reaches {100 * _reach(images):.2f} points. {advice}"


def _too_many(images: float) -> str:
    if images > 30_000:
        return (
            "With so many the whole interval is 1 point wide or less. It may reach 1 point to "
            "*each* side."
        )
    return (
        f"With {images:,.0f} images it reaches {100 * _reach(images):.2f} points: fewer are enough."
    )


images_needed = Exercise(
    lesson=LESSON,
    name="images_needed",
    prompt=(
        "**2. Plan a test.** The accuracy will be about 60 %. How many test images do you need for "
        "a 95 % interval that reaches at most 1 point to each side? Try numbers with "
        "`evaluation.wilson_interval`, or solve for $n$. A round number close above will do."
    ),
    kind=NUMBER,
    hints=(
        "`evaluation.wilson_interval(600, 1000)` is the interval for 600 right answers of 1,000. "
        "How far is it from one end to the other?",
        "For many images, half the width is nearly $1.96\\sqrt{0.6 \\cdot 0.4 / n}$.",
        "Solve $1.96\\sqrt{0.24 / n} = 0.01$ for $n$.",
    ),
    code="images_needed = 1.96**2 * 0.6 * 0.4 / 0.01**2  # 9,220",
    reason=(
        "About 9,220. The test of FER2013 has 3,589 images, so that its figures reach about 1.6 "
        "points to each side. Half the width costs four times the images."
    ),
    conditions=(
        Condition("enough", _too_few),
        holds("not too many", lambda images: images <= MOST_IMAGES, _too_many),
    ),
    wrong_answers=(
        WrongAnswer(2304, "4 points wide"),
        WrongAnswer(3589, "Four times as many images halve it"),
        WrongAnswer(36_880, "whole interval is 1 point wide"),
        WrongAnswer(20_000, "fewer are enough"),
        WrongAnswer(0.96, "is none"),
    ),
)


def _cases_of_matrices() -> Sequence[Arguments]:
    return [
        (np.array([[8, 1, 1], [10, 30, 0], [0, 50, 50]]),),
        (np.array([[0, 0, 0], [5, 90, 5], [3, 2, 15]]),),  # the first class has no image
    ]


def _mean_recall(matrix: np.ndarray) -> float:
    images = matrix.sum(axis=1)
    return float((np.diag(matrix)[images > 0] / images[images > 0]).mean())


def _mean_precision(matrix: np.ndarray) -> float:
    answers = matrix.sum(axis=0)
    return float((np.diag(matrix)[answers > 0] / answers[answers > 0]).mean())


def _mean_recall_with_zeros(matrix: np.ndarray) -> float:
    return float(np.nan_to_num(np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)).mean())


def _recalls_of_copy(matrix: np.ndarray) -> float:
    result = _mean_recall(matrix)
    np.fill_diagonal(matrix, 0)
    return result


balanced = Exercise(
    lesson=LESSON,
    name="balanced",
    prompt=(
        "**3. Let each class count the same.** Write `balanced(matrix)`, which returns the "
        "balanced accuracy of a confusion matrix: the mean recall of the classes that have images. "
        "`matrix` is int (k, k), a row for each true class. Some class may have no image."
    ),
    kind=function("matrix"),
    hints=(
        "The recall of a class is its diagonal cell divided by the sum of its row. `np.diag` gives "
        "the diagonal.",
        "`matrix.sum(axis=1)` are the sums of the rows: the images of each class. Keep those above "
        "0.",
    ),
    code="""
def balanced(matrix):
    images = matrix.sum(axis=1)  # (k,)
    recalls = np.diag(matrix)[images > 0] / images[images > 0]
    return recalls.mean()
""",
    reason=(
        "A class without an image has no recall: neither 0 nor 1. `report.balanced_accuracy` "
        "leaves it out as well, and scikit-learn does."
    ),
    cases=_cases_of_matrices,
    conditions=(
        same_shape("One number is wanted: the mean of the recalls."),
        same_values(
            "Compute the recall of each class by hand, then their mean.",
            {
                "That is the accuracy: frequent classes count more in it.": (
                    lambda matrix: np.trace(matrix) / matrix.sum()
                ),
                "That is the mean precision: you have divided by the sums of the columns.": (
                    _mean_precision
                ),
                "You count a class without an image as never found. It has no recall: leave it "
                "out.": _mean_recall_with_zeros,
            },
        ),
        keeps_its_input("Work on a copy, or on new arrays."),
    ),
    wrong_answers=(
        WrongAnswer(lambda matrix: np.array([_mean_recall(matrix)]), "yours is (1,)"),
        WrongAnswer(lambda matrix: np.trace(matrix) / matrix.sum(), "That is the accuracy"),
        WrongAnswer(_mean_precision, "sums of the columns"),
        WrongAnswer(_mean_recall_with_zeros, "leave it out"),
        WrongAnswer(lambda matrix: 100 * _mean_recall(matrix), "Compute the recall of each"),
        WrongAnswer(_recalls_of_copy, "changes what it is given"),
    ),
)


def _cases_of_pairs() -> Sequence[Arguments]:
    rng = np.random.default_rng(5)
    first, second = rng.random(400) < 0.7, rng.random(400) < 0.78
    return [(first, second), (second[:60], first[:60]), (first, first.copy())]


def _mcnemar(first: np.ndarray, second: np.ndarray, alternative: str = "two-sided") -> float:
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    differ = only_first + only_second
    return float(binomtest(only_second, differ, alternative=alternative).pvalue) if differ else 1.0


def _against_a_coin(first: np.ndarray, second: np.ndarray) -> float:
    """Test the second network against a coin, over all images."""
    return float(binomtest(int(second.sum()), len(second)).pvalue)


def _unpaired(first: np.ndarray, second: np.ndarray) -> float:
    """Test the second network's count against the first one's accuracy, as if it were certain."""
    return float(binomtest(int(second.sum()), len(second), float(first.mean())).pvalue)


p_value = Exercise(
    lesson=LESSON,
    name="p_value",
    prompt=(
        "**4. A coin or a difference?** Write `p_value(first, second)`, McNemar's exact p-value "
        "for two networks on the same images. Both are bool (n,), and say which images the network "
        "has right. Where they never differ, return 1. `scipy.stats.binomtest(k, n).pvalue` is the "
        "probability of a split as uneven as k to n - k in n coin throws."
    ),
    kind=function("first", "second"),
    hints=(
        "Only images that one of the two has right, and the other not, count.",
        "`(first & ~second).sum()` are the images that only the first has right.",
        "With no such image there is no coin to throw, and `binomtest` complains. Return 1 before "
        "you call it.",
    ),
    code="""
from scipy.stats import binomtest


def p_value(first, second):
    only_first, only_second = (first & ~second).sum(), (~first & second).sum()
    if only_first + only_second == 0:
        return 1
    return binomtest(only_first, only_first + only_second).pvalue
""",
    reason=(
        "Images that both have right, or both wrong, say nothing about which is better. Leaving "
        "them out is what makes the test sharp. `evaluation.compare` does the same from "
        "probabilities."
    ),
    cases=_cases_of_pairs,
    conditions=(
        same_values(
            "Count the images that only the first has right, and those that only the second has.",
            {
                "This looks at one side only. A split as uneven the other way counts as well.": (
                    lambda first, second: _mcnemar(first, second, "greater")
                ),
                "This compares two accuracies as if they were from different images. Use the "
                "images on which the two differ.": _unpaired,
                "This asks whether the second network is better than a coin, and not than the "
                "first.": _against_a_coin,
                "This counts images that both have right, too. They say nothing about which is "
                "better.": lambda first, second: float(
                    binomtest(int(first.sum()), int(first.sum() + second.sum())).pvalue
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(lambda first, second: _mcnemar(first, second, "greater"), "one side only"),
        WrongAnswer(_unpaired, "from different images"),
        WrongAnswer(_against_a_coin, "better than a coin"),
        WrongAnswer(
            lambda first, second: binomtest(first.sum(), first.sum() + second.sum()).pvalue,
            "counts images that both have right",
        ),
        WrongAnswer(
            lambda first, second: binomtest((first & ~second).sum(), (first ^ second).sum()).pvalue,
            "Your function raised `ValueError",
        ),
        WrongAnswer(
            lambda first, second: (first ^ second).mean(), "only the first has right, and those"
        ),
    ),
)


def _cases_of_reports() -> Sequence[Arguments]:
    rng = np.random.default_rng(6)
    labels, is_copy = rng.integers(0, 7, 300), rng.random(300) < 0.2
    is_right = rng.random(300) < np.where(is_copy, 0.95, 0.6)
    predicted = np.where(is_right, labels, (labels + rng.integers(1, 7, 300)) % 7)
    few = slice(0, 12)
    return [(labels, predicted, is_copy), (labels[few], predicted[few], is_copy[few])]


def _report(right: np.ndarray) -> dict[str, float]:
    low, high = wilson_interval(int(right.sum()), len(right))
    return {"accuracy": right.mean(), "low": low, "high": high, "images": len(right)}


def _textbook(right: np.ndarray) -> dict[str, float]:
    share = right.mean()
    half = 1.96 * np.sqrt(share * (1 - share) / len(right))
    return {"accuracy": share, "low": share - half, "high": share + half, "images": len(right)}


honest_report = Exercise(
    lesson=LESSON,
    name="honest_report",
    prompt=(
        "**5. Report a figure.** Write `honest_report(labels, predicted, is_copy)` for test images "
        "of which some have a near-duplicate in training: `is_copy` is bool (n,), the other two "
        'int (n,). Return a dictionary with `"accuracy"`, `"low"`, `"high"` and `"images"` for the '
        "images *without* a near-duplicate: the share that is right, Wilson's 95 % interval, and "
        "how many images there are. `evaluation.wilson_interval` helps."
    ),
    kind=function("labels", "predicted", "is_copy"),
    hints=(
        "`~is_copy` chooses the images without a near-duplicate.",
        "`wilson_interval` wants two whole numbers: the right answers, and the images.",
    ),
    code="""
from course_utils.evaluation.report import wilson_interval


def honest_report(labels, predicted, is_copy):
    right = (labels == predicted)[~is_copy]
    low, high = wilson_interval(int(right.sum()), len(right))
    return {"accuracy": float(right.mean()), "low": low, "high": high, "images": len(right)}
""",
    reason=(
        "A network may know by heart what it has seen in training. The figure without those images "
        "is lower and truer, and it has fewer images, so that its interval is wider."
    ),
    cases=_cases_of_reports,
    conditions=(
        same_values(
            "Print the four values for the first twelve test images, and count by hand.",
            {
                "These are all images. Leave out those with a near-duplicate in training.": (
                    lambda labels, predicted, is_copy: _report(labels == predicted)
                ),
                "These are the copies themselves: the images that the network may know by heart.": (
                    lambda labels, predicted, is_copy: _report((labels == predicted)[is_copy])
                ),
                "This is the textbook's interval. It promises too much with few images: use "
                "Wilson's.": (
                    lambda labels, predicted, is_copy: _textbook((labels == predicted)[~is_copy])
                ),
                "Accuracy and images leave out the copies, but the interval is for all images.": (
                    lambda labels, predicted, is_copy: {
                        **_report((labels == predicted)[~is_copy]),
                        **{end: _report(labels == predicted)[end] for end in ("low", "high")},
                    }
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda labels, predicted, is_copy: _report(labels == predicted), "These are all images"
        ),
        WrongAnswer(
            lambda labels, predicted, is_copy: _report((labels == predicted)[is_copy]),
            "the copies themselves",
        ),
        WrongAnswer(
            lambda labels, predicted, is_copy: _textbook((labels == predicted)[~is_copy]),
            "the textbook's interval",
        ),
        WrongAnswer(
            lambda labels, predicted, is_copy: _report((labels != predicted)[~is_copy]),
            "first twelve test images",
        ),
    ),
)


THRESHOLDS = np.arange(20) / 20


def _cases_of_splits() -> Sequence[Arguments]:
    rng = np.random.default_rng(7)
    cases = []
    for target, sharpness in ((0.9, 1.0), (0.8, 2.0)):
        answers = []
        for images, sureness in ((500, 1.0), (400, sharpness)):
            labels = rng.integers(0, 7, images)
            scores = rng.normal(size=(images, 7)) + 2 * np.eye(7)[labels]
            exponents = np.exp(sureness * scores)
            answers += [labels, exponents / exponents.sum(axis=1, keepdims=True)]
        cases.append((*answers, target))
    return cases


def _choose(confidence: np.ndarray, right: np.ndarray, target: float) -> float:
    return float(next(t for t in THRESHOLDS if right[confidence >= t].mean() >= target))


def _judge(confidence: np.ndarray, right: np.ndarray, threshold: float) -> dict[str, float]:
    answered = confidence >= threshold
    return {
        "threshold": threshold,
        "answered": float(answered.mean()),
        "accuracy": float(right[answered].mean()),
    }


def _sure_and_right(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels


def _abstain(
    labels: np.ndarray,
    probabilities: np.ndarray,
    test_labels: np.ndarray,
    test_probabilities: np.ndarray,
    target: float,
) -> dict[str, float]:
    threshold = _choose(*_sure_and_right(labels, probabilities), target)
    return _judge(*_sure_and_right(test_labels, test_probabilities), threshold)


def _chosen_on_the_test(*arguments: Any) -> dict[str, float]:
    *_, test_labels, test_probabilities, target = arguments
    return _abstain(test_labels, test_probabilities, test_labels, test_probabilities, target)


def _judged_on_validation(*arguments: Any) -> dict[str, float]:
    labels, probabilities, *_, target = arguments
    return _abstain(labels, probabilities, labels, probabilities, target)


def _silence_is_wrong(*arguments: Any) -> dict[str, float]:
    result = _abstain(*arguments)
    return {**result, "accuracy": result["accuracy"] * result["answered"]}


def _target_as_threshold(*arguments: Any) -> dict[str, float]:
    *_, test_labels, test_probabilities, target = arguments
    return _judge(*_sure_and_right(test_labels, test_probabilities), target)


def _knows_the_label(*arguments: Any) -> dict[str, float]:
    """Use the probability of the true class as confidence, as nobody can in use."""
    labels, probabilities, test_labels, test_probabilities, target = arguments
    threshold = _choose(*_sure_and_right(labels, probabilities), target)
    of_label = test_probabilities[np.arange(len(test_labels)), test_labels]
    return _judge(of_label, test_probabilities.argmax(axis=1) == test_labels, threshold)


abstain = Exercise(
    lesson=LESSON,
    name="abstain",
    prompt=(
        "**6. A small project: when to say nothing.** A network that may be silent where it is "
        "unsure is right more often where it speaks. Write `abstain(labels, probabilities, "
        "test_labels, test_probabilities, target)`. The first two are of the validation images: "
        "int (n,) and (n, 7). It answers an image where its confidence is at least a threshold. "
        "Take the lowest of `np.arange(20) / 20` with which the answers are right in at least "
        "`target` of the cases, and keep the protocol. Return a dictionary with the "
        '`"threshold"`, the share of test images that are `"answered"`, and the `"accuracy"` on '
        "these. Then try it with your own network, before you read on."
    ),
    kind=function("labels", "probabilities", "test_labels", "test_probabilities", "target"),
    hints=(
        "Confidence is the largest probability. Write one line that gives the accuracy of the "
        "images whose confidence is at least `threshold`.",
        "Choose on validation: go through the thresholds from below, and stop at the first that "
        "reaches the target.",
        "Then touch the test images for the first time: `answered = test_confidence >= threshold`.",
    ),
    code="""
def abstain(labels, probabilities, test_labels, test_probabilities, target):
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    for threshold in np.arange(20) / 20:
        if right[confidence >= threshold].mean() >= target:
            break
    answered = test_probabilities.max(axis=1) >= threshold
    test_right = test_probabilities.argmax(axis=1) == test_labels
    return {
        "threshold": float(threshold),
        "answered": float(answered.mean()),
        "accuracy": float(test_right[answered].mean()),
    }
""",
    reason=(
        "The threshold is a choice, so it is made on validation. On the test images the accuracy "
        "can fall short of the target: that is the honest answer, and it deserves an interval. "
        "Both figures belong together, since a network that answers one image in a hundred is "
        "easily right."
    ),
    cases=_cases_of_splits,
    conditions=(
        same_values(
            "Choose the threshold on validation, print it, and go on with the test from there.",
            {
                "The threshold was chosen on the test images. They only judge.": (
                    _chosen_on_the_test
                ),
                "You report the validation images, on which the threshold was chosen. It is too "
                "good there.": _judged_on_validation,
                "You count silence as a mistake. The accuracy is that of the images it answers.": (
                    _silence_is_wrong
                ),
                "You take the target itself as the threshold. That is right only for a network "
                "that is calibrated.": _target_as_threshold,
                "Your confidence is the probability of the label. In use nobody knows the label.": (
                    _knows_the_label
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(_chosen_on_the_test, "chosen on the test images"),
        WrongAnswer(_judged_on_validation, "too good there"),
        WrongAnswer(_silence_is_wrong, "count silence as a mistake"),
        WrongAnswer(_target_as_threshold, "the target itself"),
        WrongAnswer(_knows_the_label, "probability of the label"),
        WrongAnswer(lambda *arguments: _abstain(*arguments)["accuracy"], "print it, and go on"),
    ),
)


quiz = Quiz(
    LESSON,
    (
        Question(
            "Of 1,500 faces 377 are happy. What does “always happy” get as balanced accuracy?",
            (
                Option(
                    "25 %",
                    "That is its accuracy. Balanced accuracy is the mean of seven recalls.",
                ),
                Option(
                    "14 %",
                    "Its recall is 1 for happy and 0 for the six others: 1/7 on average.",
                    is_right=True,
                ),
                Option(
                    "50 %", "That would be the mean of 1 and 0 for two classes. There are seven."
                ),
                Option(
                    "0 %", "It finds every happy face. One of the seven recalls is 1, and not 0."
                ),
            ),
        ),
        Question(
            "A report says 69.6 % (68.1 to 71.1 %). What does the interval promise?",
            (
                Option(
                    "95 % of all test sets give an accuracy between 68.1 and 71.1 %.",
                    "It is about the true accuracy, and not about other tests: those scatter as "
                    "well around the truth, which we do not know.",
                ),
                Option(
                    "Of many intervals made like this one, 95 in 100 hold the true value.",
                    "So the method promises. Whether this one does, nobody can tell.",
                    is_right=True,
                ),
                Option(
                    "The network is right on between 68.1 and 71.1 % of any photographs.",
                    "Only of photographs like those of the test. Of other people, cameras or light "
                    "it says nothing.",
                ),
                Option(
                    "Another seed would give an accuracy in this range.",
                    "It counts the chance of the test images only. What another seed changes comes "
                    "on top (lesson 04).",
                ),
            ),
        ),
        Question(
            "Two networks, the same 1,500 images, overlapping intervals. Is one better?",
            (
                Option(
                    "No: the intervals overlap.",
                    "Both answered the same images, so much of what makes the intervals wide is "
                    "shared.",
                ),
                Option(
                    "Yes, the one with the higher accuracy.",
                    "It can be chance. How many images does only one of the two have right?",
                ),
                Option(
                    "Look at the images that only one of them has right.",
                    "That is McNemar's test. It leaves out what both agree on.",
                    is_right=True,
                ),
            ),
        ),
        Question(
            "For disgust, the area under the ROC curve is 0.95, the average precision 0.15. Why?",
            (
                Option(
                    "One of the two is computed wrongly.",
                    "Both can be right: they put different questions about the same ranking.",
                ),
                Option(
                    "Disgust is rare: few false alarms in a hundred are many beside it.",
                    "2 % of 1,478 other faces are 30 false alarms, more than the 22 of disgust.",
                    is_right=True,
                ),
                Option(
                    "The network is not calibrated.",
                    "Both figures look at the order of the faces alone.",
                ),
            ),
        ),
        Question(
            "You try twenty settings and report the one with the best test accuracy. What is it?",
            (
                Option(
                    "Right, since no test image was trained on.",
                    "Choosing is learning, too: the best of twenty was also the luckiest.",
                ),
                Option(
                    "Too high, by the luck of the best of twenty.",
                    "More than a point on 3,589 images where all twenty are equally good.",
                    is_right=True,
                ),
                Option(
                    "Too low, since the other settings would have been better later.",
                    "They might. But the figure that was chosen as the largest errs upwards.",
                ),
            ),
        ),
        Question(
            "A paper reads 73 % on FER2013, people agree with its labels on 65 %. So the network",
            (
                Option(
                    "understands feelings better than people do.",
                    "A label is about an expression on a small grey picture, not about a feeling.",
                ),
                Option(
                    "has learned the habits of these labels better than the people who were asked.",
                    "That is all that the two figures say.",
                    is_right=True,
                ),
                Option(
                    "must have seen the test images.",
                    "It need not. Copies help a little, but people and labels differ anyhow.",
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON, (precision_of_sad, images_needed, balanced, p_value, honest_report, abstain), quiz
)
progress = lesson.progress
