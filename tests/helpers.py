"""What several tests share: faces that are learned within seconds, and a network for them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import layers

from course_utils import EMOTIONS, Split
from course_utils.training.config import TrainingConfig
from course_utils.training.fitting import fit


def striped_faces(n: int, seed: int) -> Split:
    """Return images whose class is told by the width of their stripes."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.int64) % 7
    columns = np.arange(48)
    waves = np.sin(2 * np.pi * columns * (labels[:, np.newaxis] + 1) / 24)
    images = 128 + 90 * waves[:, np.newaxis, :] + generator.normal(0, 20, (n, 48, 48))
    table = pd.DataFrame({"file": [f"{i}.png" for i in range(n)]})
    table["emotion"] = [EMOTIONS[label] for label in labels]
    return Split(images.clip(0, 255).astype(np.uint8), labels, table)


def small_model() -> keras.Model:
    keras.utils.set_random_seed(7)
    inputs = keras.Input((48, 48, 1))
    x = layers.Conv2D(8, 7, strides=3)(inputs)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Activation("relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(7)(x), name="small")


TRAIN, VALIDATION = striped_faces(140, seed=1), striped_faces(70, seed=2)


SHORT = TrainingConfig(epochs=4, steps_per_epoch=3, batch_size=20)


def weights_of(model: keras.Model) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


def fit_short(
    model: keras.Model, folder: Path | None = None, train: Split = TRAIN, **changes: Any
) -> pd.DataFrame:
    """Train for a few steps, with some of the config changed."""
    return fit(model, train, VALIDATION, replace(SHORT, **changes), folder, verbose=0)
