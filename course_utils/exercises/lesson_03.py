"""Exercises and quiz of lesson 03, building a CNN."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.emotions import EMOTIONS
from course_utils.exercises.answer_types import ARRAY, MODEL, NUMBER, describe, function
from course_utils.exercises.conditions import (
    AnswerError,
    Arguments,
    Attempt,
    Condition,
    holds,
    same_dtype,
    same_shape,
    same_values,
)
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.lesson import Lesson

if TYPE_CHECKING:
    import keras

LESSON = 3

learned_numbers = Exercise(
    LESSON,
    "learned_numbers",
    NUMBER,
    same_values(no_biases=2400, one_channel=32 * (5 * 5 + 1), one_filter=5 * 5 * 3 + 1),
)


def _answer_to(weights: np.ndarray, row: int | slice, column: int | slice) -> float:
    """Return the sum of a filter that lies on skin with a dark line in this row or column."""
    skin = np.ones((3, 3))
    skin[row, column] = 0
    return float((skin * weights).sum())


def _answer_to_mouth(weights: np.ndarray) -> float:
    return _answer_to(weights, 1, slice(None))


def _answer_to_vertical(weights: np.ndarray) -> float:
    """Return the strongest answer to a vertical line, which crosses the filter column by column."""
    return max((_answer_to(weights, slice(None), column) for column in range(3)), key=abs)


dark_line = Exercise(
    LESSON,
    "dark_line",
    ARRAY,
    holds(
        "shape",
        lambda answer: answer.shape == (3, 3) and answer.dtype.kind in "biuf",
        lambda answer: (
            f"Expected numbers in the shape (3, 3); this is {describe(answer)}. Write three rows "
            "of three."
        ),
    ),
    holds(
        "quiet on skin",
        lambda answer: abs(float(answer.sum())) < 1e-6,
        lambda answer: (
            f"On plain skin, where all pixels are 1, your filter gives {answer.sum():g} and "
            "not 0. Look at the sum of its weights."
        ),
    ),
    holds(
        "answers to the line",
        lambda answer: _answer_to_mouth(answer) > 0,
        lambda answer: (
            f"On a dark line your filter gives {_answer_to_mouth(answer):g}, and should give more "
            "than 0. Look at the signs: it may be a filter for bright lines."
        ),
    ),
    holds(
        "quiet on vertical",
        lambda answer: abs(_answer_to_vertical(answer)) < abs(_answer_to_mouth(answer)) / 2,
        lambda answer: (
            f"It gives {_answer_to_mouth(answer):g} on a horizontal line and up to "
            f"{_answer_to_vertical(answer):g} on a vertical one that crosses it. Look at the sum "
            "of each column: a column that sums to 0 does not see the line in it."
        ),
    ),
)

width_seen = Exercise(
    LESSON,
    "width_seen",
    NUMBER,
    same_values(no_strides=27, first_missing=51, own_stride=117),
)


def _cases_of_convolution() -> Sequence[Arguments]:
    rng = np.random.default_rng(3)
    return [
        (rng.random(shape, dtype=np.float32), rng.normal(size=(3, 3)).astype(np.float32), stride)
        for shape, stride in (((7, 7), 2), ((9, 6), 1), ((8, 11), 4), ((3, 5), 3))
    ]


def _window_at_the_wrong_place(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    found: np.ndarray = np.zeros_like(convolve_in_steps.reference(image, weights, stride))
    for row, column in np.ndindex(found.shape):
        found[row, column] = (image[row : row + 3, column : column + 3] * weights).sum()
    return found


convolve_in_steps: Exercise = Exercise(
    LESSON,
    "convolve_in_steps",
    function("image", "weights", "stride"),
    same_shape(),
    same_dtype(),
    same_values(
        turned_over=lambda image, weights, stride: convolve_in_steps.reference(
            image, weights[::-1, ::-1], stride
        ),
        mean=lambda image, weights, stride: convolve_in_steps.reference(image, weights, stride) / 9,
        one_pixel_steps=_window_at_the_wrong_place,
    ),
    cases=_cases_of_convolution,
)

CHANNELS = 16  # of what the blocks of the check read


def _cases_of_blocks() -> Sequence[Arguments]:
    import keras

    shapes = ((CHANNELS, 1), (24, 1), (24, 2), (CHANNELS, 2))
    return [(keras.Input((12, 12, CHANNELS)), filters, stride) for filters, stride in shapes]


def _networks(attempt: Attempt) -> Iterator[tuple["keras.Model", "keras.Model", int, int]]:
    """Yield networks of one block, the answer's and the solution's, with filters and stride."""
    import keras

    for x, filters, stride in _cases_of_blocks():
        output = attempt.make(x, filters, stride)
        if not isinstance(output, keras.KerasTensor):
            raise AnswerError(f"Return what the last layer makes of `x`, not {describe(output)}.")
        expected = keras.Model(x, attempt.reference(x, filters, stride))
        yield keras.Model(x, output), expected, filters, stride


def _fails_to_pass_on(attempt: Attempt) -> str:
    rng = np.random.default_rng(3)
    images = rng.random((2, 12, 12, CHANNELS), dtype=np.float32)
    for network, _, filters, stride in _networks(attempt):
        for weight in network.weights:
            if len(weight.shape) == 4 and weight.shape[0] > 1:
                weight.assign(np.zeros(weight.shape))
        found = np.asarray(network(images))
        keeps_shape = (filters, stride) == (CHANNELS, 1)
        if np.allclose(found, images) if keeps_shape else np.ptp(found, axis=0).any():
            continue
        gives = "something else" if found.any() else "0 everywhere"
        return (
            f"Where the 3 × 3 convolutions find nothing, a block from {CHANNELS} to {filters} "
            f"channels with stride {stride} should still pass on its input. Yours gives {gives}. "
            "Go through it line by line, and write down what `x` is after each."
        )
    return ""


def _differs_in_layers(attempt: Attempt) -> str:
    for network, expected, filters, stride in _networks(attempt):
        shapes, others = (
            sorted(tuple(weight.shape) for weight in model.weights) for model in (network, expected)
        )
        if shapes != others:
            return (
                f"A block from {CHANNELS} to {filters} channels with stride {stride} had "
                f"{expected.count_params():,} parameters, and has {network.count_params():,} now. "
                f"{attempt.text.advice['layers']}"
            )
    return ""


def _differs_in_shape(attempt: Attempt) -> str:
    for network, expected, _, stride in _networks(attempt):
        if network.output_shape != expected.output_shape:
            return (
                f"With stride {stride}, {network.input_shape[1:]} should become "
                f"{expected.output_shape[1:]}. Yours makes {network.output_shape[1:]} of it."
            )
    return ""


my_block = Exercise(
    LESSON,
    "my_block",
    function("x", "filters", "stride"),
    Condition("passes on", _fails_to_pass_on),
    Condition("layers", _differs_in_layers, has_advice=True),
    Condition("shape", _differs_in_shape),
    cases=_cases_of_blocks,
)

MOST_PARAMETERS = 20_000
STEPS_BY_HEART = 60


def _ten_faces() -> tuple[np.ndarray, np.ndarray]:
    from course_utils.drawn_faces import make_dataset
    from course_utils.preprocessing import preprocess

    split = make_dataset(10, seed=3)
    return preprocess(split.images), split.labels


def _differs_in_shapes(attempt: Attempt) -> str:
    try:
        shape = np.shape(attempt.answer(_ten_faces()[0]))
    except Exception as error:
        reads = getattr(attempt.answer, "input_shape", None)
        said = f"reads {reads[1:]}" if isinstance(reads, tuple) else f"raised `{error}`"
        return f"It should read faces of (48, 48, 1), and {said}. Look at `keras.Input`."
    if shape == (10, len(EMOTIONS)):
        return ""
    return (
        f"For ten faces it should return an array of (10, 7), and returns one of {shape}. Look at "
        "the last layer."
    )


def _scores(model: "keras.Model") -> np.ndarray:
    return np.asarray(model(_ten_faces()[0]))


def _are_probabilities(scores: np.ndarray) -> bool:
    return bool(scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=1e-4))


def _are_logits(model: "keras.Model") -> bool:
    """Tell whether scores can be negative; of a network that starts at zero this is not known."""
    images, _ = _ten_faces()
    noise = np.random.default_rng(3).normal(size=images.shape)
    scores = np.asarray(model(np.concatenate([images, -images, noise])))
    return bool(scores.min() < 0 or not scores.any())


def _share_by_heart(model: "keras.Model", from_logits: bool) -> float:
    """Return the share of ten faces that the network learns by heart, and put it back after."""
    import keras

    keras.utils.set_random_seed(0)
    weights = model.get_weights()
    learner = keras.Sequential([keras.Input((48, 48, 1)), model])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    learner.compile(keras.optimizers.Adam(3e-3), loss)
    inputs, labels = _ten_faces()
    again = np.tile(np.arange(10), STEPS_BY_HEART)
    try:
        learner.fit(inputs[again], labels[again], batch_size=10, shuffle=False, verbose=0)
        # In training mode too: batch normalisation has not settled after so few steps.
        named = [np.argmax(learner(inputs, training=mode), axis=1) for mode in (True, False)]
    finally:
        model.set_weights(weights)
    return float(max((names == labels).mean() for names in named))


def _fails_by_heart(attempt: Attempt) -> str:
    has_softmax = _are_probabilities(_scores(attempt.answer))
    share = _share_by_heart(attempt.answer, from_logits=not has_softmax)
    if share < 1:
        return (
            f"After {STEPS_BY_HEART} steps it knows {share:.0%} of ten faces, and should know "
            f"all. {attempt.text.advice['learns by heart']}"
        )
    if has_softmax:
        attempt.notes.append(
            "It ends in a softmax, which is accepted. The course's networks end in logits, since "
            "the loss computes softmax and logarithm together more exactly."
        )
    return ""


tiny = Exercise(
    LESSON,
    "tiny",
    MODEL,
    Condition("shapes", _differs_in_shapes),
    holds("scores", lambda model: _are_probabilities(_scores(model)) or _are_logits(model)),
    holds(
        "small",
        lambda model: model.count_params() <= MOST_PARAMETERS,
        lambda model: (
            f"It has {model.count_params():,} parameters, and may have {MOST_PARAMETERS:,}. "
            "`count_cost` shows where they sit."
        ),
    ),
    holds(
        "convolution",
        lambda model: any(
            len(weight.shape) == 4 and max(weight.shape[:2]) > 1 for weight in model.weights
        ),
    ),
    Condition("learns by heart", _fails_by_heart, has_advice=True),
)


lesson = Lesson(LESSON, (dark_line, learned_numbers, convolve_in_steps, width_seen, my_block, tiny))
quiz, progress = lesson.quiz, lesson.progress
