"""Make a trained network the one that ships: calibrate it, save it, list its SHA-256.

The temperature is fitted on the validation images that the network has not learned from. The
weights of several networks with the same start are averaged: one network comes out of them
(Wortsman et al. 2022, arXiv 2203.05482).

Usage: COURSE_DATA=... python tools/ship_weights.py runs/long/average.keras photographs
"""

import argparse
import hashlib
import shutil
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from course_utils.calibration import apply_temperature, fit_temperature
from course_utils.classifier import CHECKSUMS, WEIGHTS_FOLDER, Classifier, load_classifier
from course_utils.dataset import load_dataset
from course_utils.evaluation import evaluate
from course_utils.split import Split
from course_utils.training import move_to_training


def ship(networks: list[Path], name: str, validation: Split) -> Path:
    """Save a network with honest probabilities, and write its line in SHA256SUMS."""
    classifier = average_weights(networks)
    probabilities = classifier.predict_proba(validation.images)
    temperature = fit_temperature(validation.labels, probabilities)
    print("Before:", evaluate(validation.labels, probabilities), sep="\n")
    print(f"Temperature: {temperature:.3f}, fitted on {len(validation):,} images")
    apply_temperature(classifier.model, temperature)
    after = classifier.predict_proba(validation.images)
    print("After:", evaluate(validation.labels, after), sep="\n")
    path = WEIGHTS_FOLDER / f"compact_{name}.keras"
    classifier.model.save(path)
    path.with_suffix(".tflite").write_bytes(to_tflite(classifier.model))
    for file in (path, path.with_suffix(".tflite")):
        _list_digest(file)
    # How the run went, for lesson 04.
    shutil.copy(networks[0].with_name("run.json"), path.with_name(f"{path.stem}_run.json"))
    return path


def average_weights(networks: list[Path]) -> Classifier:
    """Return the first network, with the mean of the weights of all."""
    classifiers = [load_classifier(network) for network in networks]
    weights = zip(*(classifier.model.get_weights() for classifier in classifiers), strict=True)
    classifiers[0].model.set_weights([np.mean(same, axis=0) for same in weights])
    return classifiers[0]


def to_tflite(model: keras.Model) -> bytes:
    """Return a network as TensorFlow Lite has it, with 32-bit weights, for OpenCV to run."""
    one_image = keras.InputSpec(shape=(1, *model.input_shape[1:]), dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, input_signature=[one_image], verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def _list_digest(path: Path) -> None:
    sums = path.parent / CHECKSUMS
    lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
    others = [line for line in lines if line.split()[1] != path.name]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    listing = sorted([*others, f"{digest}  {path.name}"], key=lambda line: line.split()[1])
    sums.write_text("\n".join(listing) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Read the command line and ship."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", type=Path, nargs="+", help="the .keras files of runs")
    parser.add_argument("name", choices=["drawn_faces", "photographs"])
    parser.add_argument("--keep", type=int, help="as in the run, where it was given there")
    arguments = parser.parse_args()
    data = load_dataset()
    if data.source != arguments.name:
        parser.error(f"the images at hand are {data.source}: set COURSE_DATA")
    validation = data.validation
    if arguments.keep:
        validation = move_to_training(data.train, data.validation, arguments.keep)[1]
    path = ship(arguments.networks, arguments.name, validation)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
