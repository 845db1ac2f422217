"""Exercises and quiz of lesson 03, building a CNN."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.emotions import EMOTIONS
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
from course_utils.exercises.kinds import ARRAY, MODEL, NUMBER, function
from course_utils.exercises.lesson import Lesson
from course_utils.exercises.quiz import Option, Question, Quiz

if TYPE_CHECKING:
    import keras

LESSON = 3

learned_numbers = Exercise(
    lesson=LESSON,
    name="learned_numbers",
    prompt=(
        "**1. Count in your head.** How many numbers does `layers.Conv2D(32, 5)` learn when its "
        "input is a colour picture with 3 channels? Put the number in the place of `None`."
    ),
    kind=NUMBER,
    hints=(
        "The section *Use many filters at once* counts the numbers of 8 filters.",
        "Each filter has 5 × 5 weights for each channel that it reads, and one bias.",
    ),
    code="learned_numbers = 32 * (5 * 5 * 3 + 1)",
    reason="Each of the 32 filters has three sheets of 5 × 5 weights, and one bias.",
    conditions=(
        same_values(
            "Count the weights of one filter first. Then ask how many filters there are.",
            {
                "The biases are missing: each filter adds one number to its sum.": 2400,
                "A filter has a sheet of weights for each of the 3 channels.": 32 * (5 * 5 + 1),
                "That is one filter. The layer has 32 of them.": 5 * 5 * 3 + 1,
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(32 * 5 * 5 * 3, "biases are missing"),
        WrongAnswer(832, "for each of the 3 channels"),
        WrongAnswer(76, "That is one filter"),
        WrongAnswer(32 * 48 * 48, "Count the weights of one filter first"),
    ),
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
    lesson=LESSON,
    name="dark_line",
    prompt=(
        "**2. A filter for mouths.** Make a 3 × 3 array of weights that answers with a positive "
        "sum to a dark horizontal line with brighter skin above and below it. On plain skin it "
        "gives 0, and to a vertical line it answers less than half as much."
    ),
    kind=ARRAY,
    hints=(
        "Dark is near 0, so the weights on the line itself hardly count there. But on plain skin "
        "they have to cancel the others.",
        "Bright rows above and below: positive weights. The middle row: negative ones.",
        "Nine weights that sum to 0, with 1 in the outer rows. What is left for the middle row?",
    ),
    code="dark_line = np.array([[1, 1, 1], [-2, -2, -2], [1, 1, 1]])",
    reason=(
        "All weights sum to 0, so plain skin gives 0. On a dark line the middle row adds nothing, "
        "and the outer rows add up to 6. Each column sums to 0 by itself, so a vertical line gives "
        "0 too."
    ),
    conditions=(
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
    ),
    wrong_answers=(
        WrongAnswer(np.outer([1, 1, -4, 1, 1], np.ones(5)), "Write three rows of three"),
        WrongAnswer(
            np.array([[1, 1, 1], [-1, -1, -1], [1, 1, 1]]), "Look at the sum of its weights"
        ),
        WrongAnswer(np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]), "Look at the signs"),
        WrongAnswer(np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]]), "sum of each column"),
    ),
)

width_seen = Exercise(
    lesson=LESSON,
    name="width_seen",
    prompt=(
        "**3. How far does `compact` see?** Its longest path is a convolution with stride 2, then "
        "six blocks of two 3 × 3 convolutions each. The third and the fifth block begin with "
        "stride 2. How many pixels wide is the part of the face that one value at the end depends "
        "on? Use `receptive_field` from above."
    ),
    kind=NUMBER,
    hints=(
        "List the kernels and the strides of all thirteen convolutions, in order.",
        "The kernels are `[3] * 13`. The strides begin with `[2, 1, 1, 1, 1, 2, ...]`.",
    ),
    code="""
kernels = [3] * 13
strides = [2] + [1, 1] * 2 + [2, 1] + [1, 1] + [2, 1] + [1, 1]
width_seen, step = 1, 1
for kernel, stride in zip(kernels, strides):
    width_seen += (kernel - 1) * step
    step *= stride
""",
    reason=(
        "103 pixels are more than the whole face: the last layer can weigh mouth and brows "
        "together. In the notebook `receptive_field(kernels, strides)` does the loop."
    ),
    conditions=(
        same_values(
            "List kernels and strides of all thirteen convolutions, in order.",
            {
                "That is the width without strides. Three of the convolutions have stride 2.": 27,
                "The first convolution is missing: its stride doubles every later step.": 51,
                "A step is as wide as the strides *before* it. Yours counts its own as well.": 117,
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(1 + 13 * 2, "the width without strides"),
        WrongAnswer(51, "first convolution is missing"),
        WrongAnswer(117, "Yours counts its own"),
        WrongAnswer(48, "List kernels and strides of all"),
    ),
)


def _convolve(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(image, weights.shape)[::stride, ::stride]
    return np.asarray((windows * weights).sum(axis=(2, 3)), dtype=np.float32)


def _cases_of_convolution() -> Sequence[Arguments]:
    rng = np.random.default_rng(3)
    return [
        (rng.random(shape, dtype=np.float32), rng.normal(size=(3, 3)).astype(np.float32), stride)
        for shape, stride in (((7, 7), 2), ((9, 6), 1), ((6, 10), 3))
    ]


def _window_at_the_wrong_place(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    found = np.zeros_like(_convolve(image, weights, stride))
    for row, column in np.ndindex(found.shape):
        found[row, column] = (image[row : row + 3, column : column + 3] * weights).sum()
    return found


def _scaled_in_place(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    found = _convolve(image, weights, stride)
    image /= 255
    return found


convolve_in_steps = Exercise(
    lesson=LESSON,
    name="convolve_in_steps",
    prompt=(
        "**4. Convolve with a stride.** Write `convolve_in_steps(image, weights, stride)`: as "
        "`convolve` above, but the filter moves by `stride` pixels. `image` is float32 (height, "
        "width), `weights` is float32 (3, 3), and no padding is used. Return float32."
    ),
    kind=function("image", "weights", "stride"),
    hints=(
        "Begin with a copy of `convolve`. Two things change: how many places there are, and where "
        "the window of a place begins.",
        "There are `(height - 3) // stride + 1` rows. The formula is in *Choose stride and "
        "padding*.",
        "The window of row `row` begins at `row * stride`.",
    ),
    code="""
def convolve_in_steps(image, weights, stride):
    size = len(weights)
    height = (image.shape[0] - size) // stride + 1
    width = (image.shape[1] - size) // stride + 1
    found = np.zeros((height, width), dtype=np.float32)
    for row in range(height):
        for column in range(width):
            top, left = row * stride, column * stride
            found[row, column] = (image[top : top + size, left : left + size] * weights).sum()
    return found
""",
    reason=(
        "The map has fewer places, and place `(row, column)` looks at the window that begins "
        "`stride` times as far from the corner. The work shrinks with the square of the stride."
    ),
    cases=_cases_of_convolution,
    conditions=(
        same_dtype("`np.zeros` makes float64 unless it is told `dtype=np.float32`."),
        same_shape("Use the formula for the size, with padding 0, for rows and for columns."),
        same_values(
            "Do one place by hand: nine products, added up.",
            {
                "The filter is turned over, as in mathematics. Here it lies as it is.": (
                    lambda image, weights, stride: _convolve(image, weights[::-1, ::-1], stride)
                ),
                "This is the mean of the nine products. A convolution adds them up.": (
                    lambda image, weights, stride: _convolve(image, weights, stride) / 9
                ),
                "The map has the right size, but the filter still moves by one pixel.": (
                    _window_at_the_wrong_place
                ),
            },
        ),
        keeps_its_input("Work on a copy, or on new arrays."),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda image, weights, stride: _convolve(image, weights, stride).astype(float),
            "Expected values of type float32",
        ),
        WrongAnswer(
            lambda image, weights, stride: _convolve(image, weights, stride)[np.newaxis],
            "yours is (1, 3, 3)",
        ),
        WrongAnswer(lambda image, weights, stride: _convolve(image, weights, 1), "yours is (5, 5)"),
        WrongAnswer(
            lambda image, weights, stride: _convolve(np.rot90(image, 2), weights, 1)[::-1, ::-1][
                ::stride, ::stride
            ].copy(),
            "turned over",
        ),
        WrongAnswer(
            lambda image, weights, stride: _convolve(image, weights, stride) / 9,
            "This is the mean",
        ),
        WrongAnswer(_window_at_the_wrong_place, "still moves by one pixel"),
        WrongAnswer(
            lambda image, weights, stride: np.maximum(_convolve(image, weights, stride), 0),
            "Do one place by hand",
        ),
        WrongAnswer(_scaled_in_place, "changes what it is given"),
    ),
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
    lesson=LESSON,
    name="costliest_layer",
    prompt=(
        "**5. Find the bottleneck.** Write `costliest_layer(model)`, which returns the name of the "
        "layer that takes the most multiplications. `count_cost` from `course_utils.models` does "
        "the counting."
    ),
    kind=function("model"),
    hints=(
        "`count_cost(model)` is a pandas table with a row for each layer.",
        "`table['multiply_adds'].idxmax()` is the row with the largest value.",
    ),
    code="""
from course_utils.models import count_cost


def costliest_layer(model):
    cost = count_cost(model)
    return cost.loc[cost["multiply_adds"].idxmax(), "layer"]
""",
    reason=(
        "A network is made faster where its multiplications are, and smaller where its parameters "
        "are. These are often different layers."
    ),
    cases=_cases_of_models,
    conditions=(
        same_values(
            "Print `count_cost(model)` and find the largest number by eye.",
            {
                "That is the layer with the most parameters. Ask for multiplications.": (
                    lambda model: _sorted_costs(model, "parameters")[-1]
                ),
                "That is the layer with the fewest multiplications.": (
                    lambda model: _sorted_costs(model, "multiply_adds")[0]
                ),
                "That is the layer with the largest output. Ask for multiplications.": (
                    lambda model: _sorted_costs(model, "activations")[-1]
                ),
            },
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            lambda model: max(model.layers, key=lambda layer: layer.count_params()).name,
            "most parameters",
        ),
        WrongAnswer(
            lambda model: _sorted_costs(model, "activations")[-1],
            "the layer with the largest output",
        ),
        WrongAnswer(lambda model: model.layers[-1].name, "find the largest number by eye"),
    ),
)

MOST_PARAMETERS = 20_000
STEPS_BY_HEART = 60


def _probabilities(model: "keras.Model") -> np.ndarray:
    return np.asarray(model(_ten_faces(model.input_shape[1:])[0]))


def _ten_faces(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return ten drawn faces, repeated or cut to what a network reads, and their labels."""
    from course_utils.drawn_faces.generator import make_dataset
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


def _network(
    shape: tuple[int, int, int] = (48, 48, 1),
    filters: int = 16,
    classes: int = len(EMOTIONS),
    **last: Any,
) -> "keras.Model":
    """Build a small network; `last` are settings of its last layer."""
    import keras
    from keras import layers

    inputs = keras.Input(shape)
    x = layers.Conv2D(filters, 3, strides=2, activation="relu")(inputs)
    x = layers.Conv2D(filters, 3, strides=2, activation="relu")(x)
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    return keras.Model(inputs, layers.Dense(classes, **{"activation": "softmax", **last})(x))


def _dense_network() -> "keras.Model":
    import keras
    from keras import layers

    last = layers.Dense(len(EMOTIONS), activation="softmax")
    return keras.Sequential([keras.Input((48, 48, 1)), layers.Flatten(), last])


tiny = Exercise(
    lesson=LESSON,
    name="tiny",
    prompt=(
        "**6. A small project: a tiny network.** Build a `keras.Model` of your own with at most "
        "20,000 parameters. It reads faces of (48, 48, 1) and returns 7 probabilities that sum to "
        "1. It has at least one convolution, and it can learn ten faces by heart in 60 steps. The "
        "check lets a copy of it learn, which takes some seconds."
    ),
    kind=MODEL,
    hints=(
        "Begin as the cells that build `older` and `mine` do: `inputs = keras.Input((48, 48, 1))`.",
        "Two convolutions with stride 2 and 16 filters are enough. `Flatten` and one `Dense` of 7 "
        "follow.",
        "Most parameters sit in the dense layer. A `MaxPooling2D()` before it leaves a quarter.",
    ),
    code="""
import keras
from keras import layers

inputs = keras.Input((48, 48, 1))
x = layers.Conv2D(16, 3, strides=2, activation="relu")(inputs)  # (batch, 23, 23, 16)
x = layers.Conv2D(16, 3, strides=2, activation="relu")(x)  # (batch, 11, 11, 16)
x = layers.MaxPooling2D()(x)  # (batch, 5, 5, 16)
outputs = layers.Dense(7, activation="softmax")(layers.Flatten()(x))
tiny = keras.Model(inputs, outputs)
""",
    reason=(
        "5,287 parameters: 160 and 2,320 in the two convolutions, 2,807 in the dense layer. To "
        "learn ten faces by heart says that it can learn at all. How well it does on faces that it "
        "has not seen is lesson 04's question."
    ),
    conditions=(
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
            "There is no convolution in it. A dense layer on pixels sees no neighbours.",
        ),
        Condition("learns by heart", _fails_by_heart),
    ),
    wrong_answers=(
        WrongAnswer(lambda: _network(shape=(48, 48, 3)), "Look at `keras.Input`"),
        WrongAnswer(lambda: _network(classes=8), "Look at the last layer"),
        WrongAnswer(lambda: _network(activation="sigmoid"), "activation of the last layer"),
        WrongAnswer(lambda: _network(filters=48), "shows where they sit"),
        WrongAnswer(_dense_network, "no convolution"),
        WrongAnswer(
            lambda: _network(kernel_initializer="zeros", filters=1), "weights that start at zero"
        ),
    ),
)


quiz = Quiz(
    LESSON,
    (
        Question(
            "Why does a convolutional layer need so few parameters?",
            (
                Option(
                    "It reads a smaller picture than a dense layer does.",
                    "It reads the same picture. What differs is how often each weight is used.",
                ),
                Option(
                    "It uses the same few weights at every place.",
                    "A dense layer has a weight of its own for each place, a filter has one set.",
                    is_right=True,
                ),
                Option(
                    "Its weights are small numbers.",
                    "Small or large, each weight counts as one parameter.",
                ),
                Option(
                    "Most of its weights are set to zero.",
                    "All nine weights of a 3 × 3 filter can differ from zero, and are learned.",
                ),
            ),
        ),
        Question(
            "What does a 3 × 3 convolution with stride 2 and padding 1 make of 48 × 48 pixels?",
            (
                Option("46 × 46", "That is stride 1 without padding."),
                Option("48 × 48", "That is stride 1 with padding 1."),
                Option("24 × 24", "(48 + 2 - 3) // 2 + 1 = 24.", is_right=True),
                Option("23 × 23", "That is stride 2 without padding: (48 - 3) // 2 + 1 = 23."),
            ),
        ),
        Question(
            "A filter reads a colour picture with 3 channels. How many feature maps does it make?",
            (
                Option(
                    "One",
                    "It has a sheet of weights for each channel, and adds the three sums.",
                    is_right=True,
                ),
                Option(
                    "Three",
                    "The three sums are added. There are as many maps as filters, not as channels.",
                ),
                Option("Nine", "Nine is the number of weights in one sheet of a 3 × 3 filter."),
            ),
        ),
        Question(
            "What would a network lose without the `relu` between its convolutions?",
            (
                Option(
                    "Its speed: `relu` makes values zero, which saves work.",
                    "Zeros are multiplied like any other number here. `relu` is there to bend.",
                ),
                Option(
                    "Its depth: linear layers in a row are worth one linear layer.",
                    "Without a bend between them, two layers can be multiplied into one.",
                    is_right=True,
                ),
                Option(
                    "Its probabilities: they would no longer sum to 1.",
                    "The softmax at the end takes care of the sum, whatever comes before it.",
                ),
            ),
        ),
        Question(
            "In training 99 % are right, in use 20 %, on the very same images. Where do you look?",
            (
                Option(
                    "At batch normalisation, which works differently in the two.",
                    "In training it uses the batch, in use what it remembers. If that has not "
                    "settled, the two differ.",
                    is_right=True,
                ),
                Option(
                    "At over-fitting.",
                    "Over-fitting shows on images that it has not seen. These are the same.",
                ),
                Option(
                    "At the stride of the first layer.",
                    "A stride does the same in training and in use.",
                ),
                Option(
                    "At the number of parameters.",
                    "They are the same network, so the same parameters.",
                ),
            ),
        ),
    ),
)

lesson = Lesson(
    LESSON,
    (learned_numbers, dark_line, width_seen, convolve_in_steps, costliest_layer, tiny),
    quiz,
)
progress = lesson.progress
