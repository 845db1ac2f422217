"""What makes a drawn face hard to read, one cause at a time, and a training set that is unfair.

A drawn face can be drawn again with one knob changed and all else as it was, so that a difference
has one cause. What these faces show about skin tone, age lines or glasses is about method. They are
no people.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import keras
import numpy as np
import pandas as pd
from keras import layers
from numpy.typing import NDArray

from course_utils.classifier import Classifier
from course_utils.drawn_faces.generator import redraw
from course_utils.emotions import EMOTIONS
from course_utils.evaluation.comparison import compare
from course_utils.evaluation.intervals import wilson_interval
from course_utils.preprocessing import preprocess
from course_utils.split import IMAGE_SIZE, Split

# The levels of each factor; the first is what the others are compared with.
FACTORS: Mapping[str, Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "skin tone": {f"Monk {tone}": {"skin_tone": tone} for tone in (1, 4, 7, 10)},
        "age lines": {"none": {"age_lines": 0}, "deep": {"age_lines": 1}},
        "glasses": {"none": {"glasses": 0}, "worn": {"glasses": 1}},
        "turned": {f"{angle}°": {"yaw": angle} for angle in (0, 15, 30)},
        "tilted": {f"{angle}°": {"roll": angle} for angle in (0, 20, 40)},
        "bowed": {f"{angle}°": {"pitch": angle} for angle in (0, 10, 20)},
        "light": {"even": {"light_strength": 0}, "one lamp": {"light_strength": 1}},
        "hand": {
            "none": {"hand": 0},
            "half over": {"hand": 0.5},
            "over the face": {"hand": 1},
        },
    }
)
LIGHT_TONES, DARK_TONES = (1, 2, 3), (8, 9, 10)  # on the Monk scale
PASSES, BATCH_SIZE, LEARNING_RATE = 8, 64, 5e-3


def measure_factors(classifier: Classifier, faces: Split) -> pd.DataFrame:
    """Draw the same faces again with one factor at a time set to each of its levels, and evaluate.

    Args:
        classifier: what is evaluated.
        faces: drawn faces, with the knobs in their table.

    Returns:
        A row for each `factor` and `level` of `FACTORS`: `accuracy` with Wilson's 95 % interval as
        `low` and `high`, `images`, and `change`, what the level gains or loses against the first of
        its factor on the same faces, with the bootstrap's 95 % interval as `change_low` and
        `change_high`.
    """
    rows = {}
    for factor, levels in FACTORS.items():
        first = None
        for level, parameters in levels.items():
            predictions = classifier.predict_proba(redraw(faces.table, **parameters))
            first = predictions if first is None else first
            right = int((predictions.argmax(axis=1) == faces.labels).sum())
            interval = wilson_interval(right, len(faces))
            change = compare(faces.labels, first, predictions).gain
            rows[factor, level] = (right / len(faces), *interval, len(faces), *change)
    columns = ["accuracy", "low", "high", "images", "change", "change_low", "change_high"]
    index = pd.MultiIndex.from_tuples(rows, names=["factor", "level"])
    return pd.DataFrame(list(rows.values()), index, columns)


def with_dark_share(faces: Split, share: float, seed: int = 0) -> Split:
    """Draw the same faces with a share of dark skin tones, all others light, and nothing between.

    Which faces are dark has nothing to do with their expression.

    Args:
        faces: drawn faces, with the knobs in their table.
        share: of the faces, from 0 to 1, that get a tone from 8 to 10 on the Monk scale. The others
            get one from 1 to 3.
        seed: of the choice.

    Raises:
        ValueError: the share is outside of its range.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"The share must lie between 0 and 1: {share}.")
    rng = np.random.default_rng(seed)
    is_dark = rng.permutation(len(faces)) < round(share * len(faces))
    tones = np.where(
        is_dark, rng.choice(DARK_TONES, len(faces)), rng.choice(LIGHT_TONES, len(faces))
    )
    table = faces.table.assign(skin_tone=tones)
    return Split(redraw(table), faces.labels, table)


def train_small(
    faces: Split,
    weights: NDArray[np.floating] | None = None,
    changes: Sequence[layers.Layer] = (),
    seed: int = 0,
) -> Classifier:
    """Train a small network, 24,199 parameters, for eight passes over the faces.

    Three convolutions, Adam, and a learning rate that falls to zero by half a cosine.

    Args:
        faces: what it learns from.
        weights: float (n,), how much each face's mistakes count; None for all the same.
        changes: Keras layers that change the images at random while it learns.
        seed: of the weights, the order and the changes.
    """
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1)), *changes])
    for channels in (16, 32, 64):
        model.add(layers.Conv2D(channels, 3, strides=2, padding="same", activation="relu"))
        model.add(layers.BatchNormalization(momentum=0.9))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(len(EMOTIONS)))
    steps = PASSES * -(-len(faces) // BATCH_SIZE)
    falling = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(falling), loss)
    images, order = preprocess(faces.images), {"batch_size": BATCH_SIZE, "epochs": PASSES}
    model.fit(images, faces.labels, sample_weight=weights, verbose=0, **order)
    return Classifier(model)


def measure_gap(classifier: Classifier, light: Split, dark: Split) -> pd.Series:
    """Compare the accuracy on two drawings of the same faces.

    The interval says what other faces would give. It does not say what another training would.

    Args:
        classifier: what is evaluated.
        light: faces.
        dark: the same faces in the same order, drawn otherwise.

    Returns:
        `light` and `dark`, the accuracies, `gap`, their difference, and its 95 % interval by the
        bootstrap over pairs, `low` and `high`.

    Raises:
        ValueError: the two do not show the same faces.
    """
    if not np.array_equal(light.labels, dark.labels):
        raise ValueError("The two must show the same faces in the same order: the labels differ.")
    predictions = [classifier.predict_proba(faces.images) for faces in (dark, light)]
    dark_accuracy, light_accuracy = ((p.argmax(axis=1) == light.labels).mean() for p in predictions)
    gap, low, high = compare(light.labels, *predictions).gain
    values = {"light": light_accuracy, "dark": dark_accuracy, "gap": gap, "low": low, "high": high}
    return pd.Series(values)
