"""Train on class folders in plain Keras: python examples/train.py FACES RUN EPOCHS

FACES holds train/ and validation/, a folder for each class; RUN gets best.keras and history.csv.
"""

import sys
from pathlib import Path

import keras
import pandas as pd
import tensorflow as tf
from keras import callbacks, layers


def load_images(folder: Path) -> tf.data.Dataset:
    options = {"color_mode": "grayscale", "image_size": (48, 48), "batch_size": None, "seed": 0}
    images = keras.utils.image_dataset_from_directory(folder, **options)
    return images.map(lambda image, label: (image / 255, label)).cache()


def augment(images: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
    move = [layers.RandomTranslation(0.1, 0.1), layers.RandomRotation(0.03), layers.RandomZoom(0.1)]
    change = keras.Sequential([layers.RandomFlip("horizontal"), *move])
    return images.shuffle(5000).batch(batch_size).map(lambda x, y: (change(x, training=True), y))


def build_network(classes: int) -> keras.Sequential:
    network = keras.Sequential([keras.Input((48, 48, 1))], name="four_convolutions")
    network.add(layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False))
    for filters in (24, 48, 96, 128):
        network.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        network.add(layers.BatchNormalization(momentum=0.9))
        network.add(layers.ReLU())
        network.add(layers.MaxPooling2D())
    network.add(layers.GlobalAveragePooling2D())
    network.add(layers.Dense(classes))
    return network


def train(faces: Path, run: Path, epochs: int) -> None:
    batches = augment(load_images(faces / "train"), batch_size=64).prefetch(2)
    network, steps = build_network(len(list((faces / "train").glob("*/")))), epochs * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(3e-4, steps, warmup_target=3e-3, warmup_steps=50)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.AdamW(rate), loss, metrics=["accuracy"])
    run.mkdir(parents=True, exist_ok=True)
    goes_on = (run / "backup").exists()
    best = pd.read_csv(run / "history.csv")["val_accuracy"].max() if goes_on else None
    options = {"monitor": "val_accuracy", "save_best_only": True, "initial_value_threshold": best}
    keep = callbacks.ModelCheckpoint(run / "best.keras", **options)
    write = callbacks.CSVLogger(run / "history.csv", append=goes_on)
    every = [keep, write, callbacks.BackupAndRestore(run / "backup")]
    validation = load_images(faces / "validation").batch(256)
    network.fit(batches, validation_data=validation, epochs=epochs, shuffle=False, callbacks=every)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    train(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
