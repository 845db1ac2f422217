"""Compare networks of few and of many blocks, with and without shortcuts, and print two tables.

Usage: [COURSE_DATA=...] python -m research.compare_depths

The first table is the gradient at the first layer, before training. The second is what training
reaches, at the best of three learning rates. Lesson 03 quotes both.
"""

from collections.abc import Callable
from itertools import product

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from course_utils.dataset.loading import Dataset, load_dataset
from course_utils.emotions import EMOTIONS
from course_utils.evaluation.intervals import Estimate, estimate_mean
from course_utils.models import batch_norm, conv_bn_relu, residual_block
from course_utils.preprocessing import preprocess
from course_utils.split import IMAGE_SIZE, Split
from research.tables import format_estimate, to_markdown

Block = Callable[[keras.KerasTensor, int], keras.KerasTensor]

FILTERS = 16
DEPTHS = (2, 4, 8, 16)  # blocks
TRAINED_DEPTHS = (2, 16)
GRADIENT_SEEDS = range(10)
GRADIENT_IMAGES = 64
LEARNING_RATES = (3e-3, 1e-3, 3e-4)
CHOOSING_SEED = 0  # tries the learning rates
SEEDS = (1, 2, 3)
TRAINING_IMAGES = 2_500
EPOCHS = 6
BATCH_SIZE = 32
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def plain_block(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """Return what the layers of `residual_block` make of x, without adding x to it."""
    found = conv_bn_relu(x, filters)
    found = batch_norm(layers.Conv2D(filters, 3, padding="same", use_bias=False)(found))
    return layers.Activation("relu")(found)


BLOCKS: dict[str, Block] = {"plain": plain_block, "residual": residual_block}


def build_stack(block: Block, depth: int, seed: int) -> keras.Model:
    """Return a network of one convolution, `depth` blocks and a dense layer, untrained."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1))
    x = layers.MaxPooling2D()(conv_bn_relu(inputs, FILTERS, stride=2))  # (batch, 12, 12, filters)
    for _ in range(depth):
        x = block(x, FILTERS)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(len(EMOTIONS))(x))


def first_gradient(model: keras.Model, images: Split) -> float:
    """Return the length of the loss's gradient with respect to the first layer's weights."""
    with tf.GradientTape() as tape:
        loss = LOSS(images.labels, model(preprocess(images.images), training=True))
    return float(tf.norm(tape.gradient(loss, model.trainable_weights[0])))


def compare_gradients(images: Split) -> pd.DataFrame:
    """Return one row for each depth and block, as text."""
    rows = []
    for depth, (name, block) in product(DEPTHS, BLOCKS.items()):
        found = np.array(
            [first_gradient(build_stack(block, depth, seed), images) for seed in GRADIENT_SEEDS]
        )
        estimate = estimate_mean(found)
        rows.append((depth, name, format_numbers(estimate)))
    return pd.DataFrame(rows, columns=["blocks", "kind", "gradient at the first layer"])


def format_numbers(estimate: Estimate) -> str:
    """Return a value and its interval as text, such as "4.20 (3.90 to 4.50)"."""
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def train(block: Block, depth: int, seed: int, rate: float, images: Split) -> keras.Model:
    """Return a trained network."""
    model = build_stack(block, depth, seed)
    model.compile(keras.optimizers.Adam(rate), LOSS)
    model.fit(
        preprocess(images.images), images.labels, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0
    )
    return model


def training_loss(model: keras.Model) -> float:
    """Return the mean loss over the last epoch of training."""
    return float(model.history.history["loss"][-1])


def correct(model: keras.Model, images: Split) -> NDArray[np.bool_]:
    """Return which images get their own label, (n,)."""
    logits = model.predict(preprocess(images.images), batch_size=256, verbose=0)
    return np.asarray(logits.argmax(axis=1) == images.labels)


def choose_rate(block: Block, depth: int, training: Split, validation: Split) -> float:
    """Return the learning rate whose network names most validation images."""
    found = {
        rate: float(correct(train(block, depth, CHOOSING_SEED, rate, training), validation).mean())
        for rate in LEARNING_RATES
    }
    return max(found, key=lambda rate: found[rate])


def compare_training(data: Dataset, training: Split) -> pd.DataFrame:
    """Return one row for each depth and block, as text."""
    rows = []
    for depth, (name, block) in product(TRAINED_DEPTHS, BLOCKS.items()):
        rate = choose_rate(block, depth, training, data.validation)
        models = [train(block, depth, seed, rate, training) for seed in SEEDS]
        losses = [training_loss(model) for model in models]
        right = np.mean([correct(model, data.test) for model in models], axis=0)  # (images,)
        loss = f"{np.mean(losses):.2f} ({min(losses):.2f} to {max(losses):.2f})"
        rows.append((depth, name, rate, loss, format_estimate(estimate_mean(right))))
        print(*rows[-1], flush=True)
    columns = ["blocks", "kind", "learning rate", "training loss", "accuracy"]
    return pd.DataFrame(rows, columns=columns)


def entropy_of_shares(labels: NDArray[np.int64]) -> float:
    """Return the least loss, in nats, of predictions that are the same for every image."""
    shares = np.bincount(labels) / len(labels)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def main() -> None:
    """Measure, and print both tables and what they have to beat."""
    data = load_dataset()
    drawn = np.random.default_rng(0).permutation(len(data.train))[:TRAINING_IMAGES]
    training = data.train.take(drawn)
    print(f"\nMean of {len(GRADIENT_SEEDS)} seeds and its 95 % interval by the bootstrap:\n")
    print(to_markdown(compare_gradients(training.take(range(GRADIENT_IMAGES)))), end="\n\n")
    table = compare_training(data, training)
    print(
        f"\n{EPOCHS} epochs of {len(training):,} images; the learning rate was chosen among "
        f"{len(LEARNING_RATES)} on {len(data.validation):,} validation images with seed "
        f"{CHOOSING_SEED}. Training loss: mean, lowest and highest of {len(SEEDS)} other seeds. "
        f"Accuracy: their mean on {len(data.test):,} test images, 95 % interval over images.\n"
    )
    print(to_markdown(table))
    most_frequent = np.bincount(training.labels).argmax()
    print(
        f"\nThe same for every image: loss {entropy_of_shares(training.labels):.2f}, "
        f"accuracy {(data.test.labels == most_frequent).mean():.1%}."
    )


if __name__ == "__main__":
    main()
