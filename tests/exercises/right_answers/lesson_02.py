"""Right answers in other styles to the exercises of lesson 02, preprocessing."""

from collections import Counter
from typing import Any

import cv2
import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import compute_class_weight


def _pixel_by_pixel(inputs: np.ndarray) -> np.ndarray:
    images = np.empty(inputs.shape[:3], dtype=np.uint8)
    for place in np.ndindex(images.shape):
        images[place] = min(max(round(255 * float(inputs[(*place, 0)])), 0), 255)
    return images


to_pixels = (
    lambda inputs: np.clip(inputs.squeeze(-1) * 255, 0, 255).round().astype("uint8"),
    lambda inputs: (np.clip(inputs[:, :, :, 0].astype(float), 0, 1) * 255 + 0.5).astype(np.uint8),
    lambda inputs: cv2.convertScaleAbs(np.clip(inputs[..., 0], 0, 1), alpha=255),
    _pixel_by_pixel,
)


def _with_a_scaler(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    scaler = StandardScaler().fit(train.reshape(-1, 1))
    return np.asarray(scaler.transform(test.reshape(-1, 1)).reshape(test.shape), dtype=np.float32)


def _with_a_layer(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    layer = keras.layers.Normalization(axis=None)
    layer.adapt(train)
    return np.asarray(layer(test))


standardise_test = (
    lambda train, test: ((test - np.mean(train)) / np.sqrt(np.var(train))).astype(np.float32),
    lambda train, test: (test - train.mean(dtype=np.float64).astype(np.float32)) / train.std(),
    _with_a_scaler,
    _with_a_layer,
)

allowed_changes = (["noise", "mirror"], ("mirror", "noise"))


def _counted(labels: np.ndarray) -> dict[int, float]:
    counts = Counter(labels.tolist())
    return {label: len(labels) / (len(counts) * count) for label, count in counts.items()}


def _of_scikit_learn(labels: np.ndarray) -> dict[np.int64, float]:
    classes = np.unique(labels)
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return dict(zip(classes, weights))


balanced_weights = (
    _counted,
    _of_scikit_learn,
    lambda labels: (
        (1 / pd.Series(labels).value_counts(normalize=True).pipe(lambda s: s * len(s)))
        .round(6)
        .to_dict()
    ),
)


def _scaled_in_numpy(images: Any, labels: Any, augmentation: Any) -> Any:
    inputs = images[..., np.newaxis].astype(np.float32) / 255
    batches = tf.data.Dataset.from_tensor_slices((inputs, labels)).shuffle(1000, seed=3).batch(32)
    if augmentation:
        batches = batches.map(lambda x, y: (augmentation(x, training=True), y))
    return batches


def _one_by_one(images: Any, labels: Any, augmentation: Any) -> Any:
    def prepare(image: Any, label: Any) -> Any:
        image = tf.image.convert_image_dtype(tf.expand_dims(image, -1), tf.float32)
        return (image if augmentation is None else augmentation(image, training=True)), label

    pairs = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(labels))
    return pairs.map(prepare, num_parallel_calls=tf.data.AUTOTUNE).batch(32).prefetch(1)


def _gathered(images: Any, labels: Any, augmentation: Any) -> Any:
    def gather(places: Any) -> Any:
        inputs = tf.cast(tf.gather(images, places), tf.float32)[..., None] * (1 / 255)
        inputs = inputs if augmentation is None else augmentation(inputs, training=True)
        return inputs, tf.gather(labels, places)

    return tf.data.Dataset.range(len(images)).shuffle(len(images)).batch(32).map(gather)


training_data = (_scaled_in_numpy, _one_by_one, _gathered)


def _drawn_with_repetition(labels: np.ndarray, seed: int) -> Any:
    rows, rng = np.arange(len(labels)), np.random.default_rng(seed)
    train, test = train_test_split(rows, test_size=0.2, random_state=seed, stratify=labels)
    largest = pd.Series(labels[train]).value_counts().max()
    of_class = [train[labels[train] == label] for label in set(labels.tolist())]
    return rng.permutation(np.concatenate([rng.choice(rows, largest) for rows in of_class])), test


def _folded(labels: np.ndarray, seed: int) -> Any:
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    train, test = next(folds.split(labels, labels))
    table = pd.Series(train).groupby(labels[train])
    repeated = table.sample(n=table.size().max(), replace=True, random_state=seed)
    return repeated.tolist(), test.tolist()


oversampled_split = (_drawn_with_repetition, _folded)


def _drawn_persons(person: np.ndarray, share: float, seed: int) -> Any:
    persons = np.unique(person)
    drawn = np.random.default_rng(seed).permutation(persons)[: round(share * len(persons))]
    in_test = np.isin(person, drawn)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def _split_persons(person: np.ndarray, share: float, seed: int) -> Any:
    train, _ = train_test_split(sorted(set(person.tolist())), test_size=share, random_state=seed)
    sides: tuple[list[int], list[int]] = ([], [])
    for place, one in enumerate(person):
        sides[one not in train].append(place)
    return sides


def _only_one_split(person: np.ndarray, share: float, seed: int) -> Any:
    splitter = GroupShuffleSplit(1, train_size=1 - share, random_state=seed)
    return next(splitter.split(np.zeros((len(person), 1)), groups=person))


split_by_person = (_drawn_persons, _split_persons, _only_one_split)
