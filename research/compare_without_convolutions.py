"""Compare a dense network, hand-made features and a convolutional network, and print a table.

Usage: [COURSE_DATA=...] python -m research.compare_without_convolutions

Each has six settings, of which the validation images choose one. Lesson 03 quotes the table.
"""

from collections.abc import Callable
from itertools import product
from typing import Any, Protocol

import keras
import numpy as np
import pandas as pd
from keras import layers
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from course_utils.dataset.loading import Dataset, load_dataset
from course_utils.emotions import EMOTIONS
from course_utils.evaluation.intervals import estimate_mean
from course_utils.models import batch_norm, conv_bn_relu
from course_utils.preprocessing import preprocess
from course_utils.split import IMAGE_SIZE, Split
from research.measure_accuracy import describe_images
from research.tables import format_estimate, proportion, to_markdown

Setting = dict[str, Any]
TRAINING_IMAGES = 3_000
EPOCHS = 12  # at most: the best one on the validation images counts
PATIENCE = 4
CHOOSING_SEED = 0
SEEDS = (1, 2, 3)


class Classifier(Protocol):
    """What all three make: labels from images."""

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return a label for each of the images, uint8 (n, 48, 48)."""


def fit_mlp(setting: Setting, training: Split, validation: Split) -> Classifier:
    """Train two dense layers on the pixels."""
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1))
    x = layers.Flatten()(normalised(inputs))
    for units in (512, 256):
        x = layers.Activation("relu")(batch_norm(layers.Dense(units, use_bias=False)(x)))
        x = layers.Dropout(setting["dropout"])(x)
    return fit_network(keras.Model(inputs, end(x)), setting["rate"], training, validation)


def fit_cnn(setting: Setting, training: Split, validation: Split) -> Classifier:
    """Train three convolutions with pooling, and a dense layer."""
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1))
    x = normalised(inputs)
    for filters in (16, 32, 64):
        x = layers.MaxPooling2D()(conv_bn_relu(x, filters))
    x = layers.Dropout(setting["dropout"])(layers.Flatten()(x))
    return fit_network(keras.Model(inputs, end(x)), setting["rate"], training, validation)


def normalised(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Bring each image to mean 0 and spread 1: HOG makes up for light too."""
    return layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(inputs)


def end(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return the logits of a network."""
    return layers.Dense(len(EMOTIONS))(x)


def fit_network(model: keras.Model, rate: float, training: Split, validation: Split) -> Classifier:
    """Train a network until the validation accuracy rises no more, and take its best epoch."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    stopping = keras.callbacks.EarlyStopping(
        "val_accuracy", patience=PATIENCE, mode="max", restore_best_weights=True
    )
    model.fit(
        preprocess(training.images),
        training.labels,
        validation_data=(preprocess(validation.images), validation.labels),
        epochs=EPOCHS,
        batch_size=64,
        callbacks=[stopping],
        verbose=0,
    )

    def classify(images: NDArray[np.uint8]) -> NDArray[np.int64]:
        logits = model.predict(preprocess(images), batch_size=256, verbose=0)
        return np.asarray(logits.argmax(axis=1))

    return classify


def fit_hog(setting: Setting, training: Split, validation: Split) -> Classifier:
    """Fit a linear support vector machine to histograms of oriented gradients."""
    machine = make_pipeline(StandardScaler(), LinearSVC(C=setting["C"], random_state=0))
    machine.fit(describe_images(training.images, setting["pixels"]), training.labels)
    return lambda images: machine.predict(describe_images(images, setting["pixels"]))


Fit = Callable[[Setting, Split, Split], Classifier]


def combinations(**values: tuple[Any, ...]) -> list[Setting]:
    """Return one setting for each combination of the values."""
    return [dict(zip(values, chosen)) for chosen in product(*values.values())]


WAYS: dict[str, tuple[Fit, list[Setting]]] = {
    "MLP": (fit_mlp, combinations(rate=(1e-3, 3e-4), dropout=(0.0, 0.3, 0.5))),
    "HOG + linear SVM": (fit_hog, combinations(C=(1e-3, 1e-2), pixels=(6, 8, 12))),
    "CNN": (fit_cnn, combinations(rate=(3e-3, 1e-3), dropout=(0.0, 0.3, 0.5))),
}


def share_correct(classify: Classifier, images: Split) -> float:
    """Return the accuracy on a split."""
    return float((classify(images.images) == images.labels).mean())


def choose(fit: Fit, settings: list[Setting], training: Split, validation: Split) -> Setting:
    """Return the setting that names most validation images; of equals, the first."""
    shares = []
    for setting in settings:
        keras.utils.set_random_seed(CHOOSING_SEED)
        shares.append(share_correct(fit(setting, training, validation), validation))
    return settings[int(np.argmax(shares))]


def compare(data: Dataset, training: Split) -> pd.DataFrame:
    """Return one row for each way, as text."""
    rows = []
    for name, (fit, settings) in WAYS.items():
        setting = choose(fit, settings, training, data.validation)
        correct = []
        for seed in SEEDS:
            keras.utils.set_random_seed(seed)
            classify = fit(setting, training, data.validation)
            correct.append(classify(data.test.images) == data.test.labels)
        chosen = ", ".join(f"{key} {value}" for key, value in setting.items())
        rows.append((name, chosen, format_estimate(estimate_mean(np.mean(correct, axis=0)))))
        print(*rows[-1], flush=True)
    return pd.DataFrame(rows, columns=["way", "setting", "accuracy"])


def main() -> None:
    """Measure, and print the table and what it has to beat."""
    data = load_dataset()
    drawn = np.random.default_rng(0).permutation(len(data.train))[:TRAINING_IMAGES]
    training = data.train.take(drawn)
    table = compare(data, training)
    print(
        f"\n{len(training):,} training images; setting and epoch chosen on "
        f"{len(data.validation):,} validation images with seed {CHOOSING_SEED}. Accuracy: mean of "
        f"{len(SEEDS)} other seeds on {len(data.test):,} test images, 95 % interval over images.\n"
    )
    print(to_markdown(table))
    most_frequent = np.bincount(training.labels).argmax()
    share = proportion(data.test.labels == most_frequent)
    print(f"\nAlways {EMOTIONS[most_frequent]}: {format_estimate(share)}")


if __name__ == "__main__":
    main()
