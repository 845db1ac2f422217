"""Exercises and quiz of lesson 03, building a CNN."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from course_utils.emotions import EMOTIONS
from course_utils.exercises.answer_types import ARRAY, MODEL, NUMBER, function
from course_utils.exercises.conditions import (
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


def _answer_to(weights: np.ndarray, line: str) -> float:
    """Return the sum of a filter that lies on a dark line through bright skin."""
    skin = np.ones(np.shape(weights))
    middle = len(skin) // 2
    if line == "horizontal":
        skin[middle] = 0
    else:
        skin[:, middle] = 0
    return float((skin * weights).sum())


dark_line = Exercise(
    LESSON,
    "dark_line",
    ARRAY,
    holds(
        "shape",
        lambda answer: answer.shape == (3, 3),
        lambda answer: (
            f"Expected the shape (3, 3); yours is {answer.shape}. Write three rows of three."
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
        lambda answer: _answer_to(answer, "horizontal") > 0,
        lambda answer: (
            f"On a dark line your filter gives {_answer_to(answer, 'horizontal'):g}, and "
            "should give more than 0. Look at the signs: it may be a filter for bright lines."
        ),
    ),
    holds(
        "quiet on vertical",
        lambda answer: (
            abs(_answer_to(answer, "vertical")) < abs(_answer_to(answer, "horizontal")) / 2
        ),
        lambda answer: (
            f"It gives {_answer_to(answer, 'horizontal'):g} on a horizontal line and "
            f"{_answer_to(answer, 'vertical'):g} on a vertical one. Look at the sum of each "
            "column: a column that sums to 0 does not see the line in it."
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
        for shape, stride in (((7, 7), 2), ((9, 6), 1), ((6, 10), 3))
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
    same_dtype(),
    same_shape(),
    same_values(
        turned_over=lambda image, weights, stride: convolve_in_steps.reference(
            image, weights[::-1, ::-1], stride
        ),
        mean=lambda image, weights, stride: convolve_in_steps.reference(image, weights, stride) / 9,
        one_pixel_steps=_window_at_the_wrong_place,
    ),
    cases=_cases_of_convolution,
)


@lru_cache(maxsize=1)
def _cases_of_models() -> Sequence[Arguments]:
    import keras
    from keras import layers

    from course_utils.models import build_model

    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(64, 3, name="wide")(layers.Conv2D(32, 3, name="narrow")(inputs))
    x = layers.Dense(64, name="dense")(layers.Flatten()(layers.MaxPooling2D(8)(x)))
    return [(keras.Model(inputs, x),), (build_model("seed_baseline"),)]


def _sorted_costs(model: "keras.Model", column: str) -> list[str]:
    from course_utils.models import count_cost

    return list(count_cost(model).sort_values(column)["layer"])


costliest_layer = Exercise(
    LESSON,
    "costliest_layer",
    function("model"),
    same_values(
        most_parameters=lambda model: _sorted_costs(model, "parameters")[-1],
        fewest_multiplications=lambda model: _sorted_costs(model, "multiply_adds")[0],
        largest_output=lambda model: _sorted_costs(model, "activations")[-1],
    ),
    cases=_cases_of_models,
)

MOST_PARAMETERS = 20_000
STEPS_BY_HEART = 60


def _probabilities(model: "keras.Model") -> np.ndarray:
    return np.asarray(model(_ten_faces(model.input_shape[1:])[0]))


def _ten_faces(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return ten drawn faces, repeated or cut to what a network reads, and their labels."""
    from course_utils.drawn_faces import make_dataset
    from course_utils.preprocessing import preprocess

    split = make_dataset(10, seed=3)
    return np.resize(preprocess(split.images), (10, *shape)), split.labels


def _share_by_heart(model: "keras.Model") -> float:
    """Return the share of ten faces that a copy of the network learns by heart."""
    import keras

    keras.utils.set_random_seed(0)
    learner = keras.models.clone_model(model)
    learner.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    inputs, labels = _ten_faces(learner.input_shape[1:])
    again = np.tile(np.arange(10), STEPS_BY_HEART)
    learner.fit(inputs[again], labels[again], batch_size=10, shuffle=False, verbose=0)
    # In training mode too: batch normalisation has not settled after so few steps.
    named = [np.argmax(learner(inputs, training=mode), axis=1) for mode in (True, False)]
    return float(max((names == labels).mean() for names in named))


def _fails_by_heart(attempt: Attempt) -> str:
    share = _share_by_heart(attempt.answer)
    if share == 1:
        return ""
    return (
        f"After {STEPS_BY_HEART} steps it knows {share:.0%} of ten faces, and should know all. "
        "Look for a `relu` before the softmax, weights that start at zero, or too few channels."
    )


tiny = Exercise(
    LESSON,
    "tiny",
    MODEL,
    holds(
        "input",
        lambda model: model.input_shape[1:] == (48, 48, 1),
        lambda model: (
            f"It should read faces of (48, 48, 1), and reads {model.input_shape[1:]}. Look at "
            "`keras.Input`."
        ),
    ),
    holds(
        "output",
        lambda model: model.output_shape[1:] == (len(EMOTIONS),),
        lambda model: (
            f"It should return 7 numbers for a face, and returns {model.output_shape[1:]}. "
            "Look at the last layer."
        ),
    ),
    holds(
        "probabilities",
        lambda model: bool(np.allclose(_probabilities(model).sum(axis=1), 1, atol=1e-4)),
        lambda model: (
            f"The 7 numbers of the first face sum to {_probabilities(model)[0].sum():.2f} and "
            "not to 1. Look at the activation of the last layer."
        ),
    ),
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
        lambda model: any("Conv" in type(layer).__name__ for layer in model.layers),
    ),
    Condition("learns by heart", _fails_by_heart),
)


lesson = Lesson(
    LESSON, (learned_numbers, dark_line, width_seen, convolve_in_steps, costliest_layer, tiny)
)
quiz, progress = lesson.quiz, lesson.progress
