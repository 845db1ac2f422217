"""Make a trained network the one that ships: calibrate it, save it, list its SHA-256.

The temperature is fitted on validation images: PublicTest for photographs, the data set's own for
drawn faces. The run's `run.json`, which has to lie beside the network, says which images it learned
from. The weights of several networks with the same start are averaged: one network comes out of
them (Wortsman et al. 2022, arXiv 2203.05482).

Usage: COURSE_DATA=... python -m research.ship_weights runs/long/average.keras photographs
"""

import argparse
import json
import tempfile
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from course_utils.classifier import Classifier, load_classifier
from course_utils.evaluation.calibration import fit_temperature
from course_utils.evaluation.report import evaluate
from course_utils.files import CHECKSUMS, WEIGHTS_FOLDER, replace_file, sha256
from course_utils.split import Split
from research.data import load_splits


def ship(networks: list[Path], source: str, train: Split, validation: Split) -> Path:
    """Save a network with honest probabilities, and write its lines in SHA256SUMS.

    Args:
        networks: the `.keras` files of runs, each with its `run.json` beside it.
        source: what they read, "drawn_faces" or "photographs".
        train: what they learned from.
        validation: what the temperature is fitted on.

    Returns:
        The `.keras` file.

    Raises:
        FileNotFoundError: a network has no `run.json` beside it.
        ValueError: a network learned from other images, or the networks are of several designs.
    """
    runs = [_read_run(network, train) for network in networks]
    classifier = average_weights(networks)
    probabilities = classifier.predict_proba(validation.images)
    temperature = fit_temperature(validation.labels, probabilities)
    print("Before:", evaluate(validation.labels, probabilities), sep="\n")
    print(f"Temperature: {temperature:.3f}, fitted on {len(validation):,} images")
    apply_temperature(classifier.model, temperature)
    after = classifier.predict_proba(validation.images)
    print("After:", evaluate(validation.labels, after), sep="\n")
    stem = f"compact_{source}"
    contents = {
        f"{stem}.keras": to_keras(classifier.model),
        f"{stem}.tflite": to_tflite(classifier.model),
    }
    contents[CHECKSUMS] = _list_digests(contents)
    contents[f"{stem}_run.json"] = runs[0]  # how the run went
    # Nothing is replaced before all is made.
    for file, content in contents.items():
        replace_file(WEIGHTS_FOLDER / file, partial(Path.write_bytes, data=content))
    return WEIGHTS_FOLDER / f"{stem}.keras"


def _read_run(network: Path, train: Split) -> bytes:
    """Return the `run.json` beside a network, after checking which images the network saw."""
    path = network.with_name("run.json")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: put it there, from the folder of the run.")
    content = path.read_bytes()
    run = json.loads(content)
    config = run.get("config") or run["asked"]  # as runs called it until now
    if config["train_digest"] != train.digest():
        raise ValueError(
            f"{network} learned from other images than these {len(train):,}: set COURSE_DATA to "
            "those of its run."
        )
    return content


def average_weights(networks: list[Path]) -> Classifier:
    """Return the first network, with the mean of the weights of all.

    Raises:
        ValueError: the networks are of several designs.
    """
    classifiers = [load_classifier(network) for network in networks]
    designs = [_design(classifier.model) for classifier in classifiers]
    for network, design in zip(networks, designs):
        if design != designs[0]:
            raise ValueError(
                f"{network} has other layers than {networks[0]}: give networks of one design."
            )
    weights = zip(*(classifier.model.get_weights() for classifier in classifiers), strict=True)
    classifiers[0].model.set_weights([np.mean(same, axis=0) for same in weights])
    return classifiers[0]


def _design(model: keras.Model) -> list[object]:
    return [(type(layer), [w.shape for w in layer.get_weights()]) for layer in model.layers]


def apply_temperature(model: keras.Model, temperature: float) -> None:
    """Divide a network's logits by a temperature, by dividing the weights of its last layer.

    Args:
        model: it ends in a linear dense layer; its weights are changed.
        temperature: above 0, and finite.

    Raises:
        ValueError: the network ends in something else, or the temperature is not as above.
    """
    last = model.layers[-1]
    if not isinstance(last, layers.Dense) or last.activation is not keras.activations.linear:
        raise ValueError(
            f"'{model.name}' does not end in logits: a dense layer without activation."
        )
    if not 0 < temperature < np.inf:
        raise ValueError(f"The temperature must be above 0, and finite: {temperature}.")
    last.set_weights([weight / np.float32(temperature) for weight in last.get_weights()])


def to_keras(model: keras.Model) -> bytes:
    """Return a network as a `.keras` file has it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        model.save(path)
        return path.read_bytes()


def to_tflite(model: keras.Model) -> bytes:
    """Return a network as TensorFlow Lite has it, with 32-bit weights, for OpenCV to run.

    A softmax is put behind its logits: there is no `Classifier` around what OpenCV runs.
    """
    one_image = keras.InputSpec(shape=(1, *model.input_shape[1:]), dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        with_softmax(model).export(folder, input_signature=[one_image], verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def with_softmax(model: keras.Model) -> keras.Model:
    """Return a network of logits (n, 7) with a softmax behind them."""
    return keras.Model(model.inputs, layers.Softmax()(model.outputs[0]), name=model.name)


def _list_digests(contents: dict[str, bytes]) -> bytes:
    sums = WEIGHTS_FOLDER / CHECKSUMS
    lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
    digests = {name: digest for digest, name in map(str.split, lines)}
    digests |= {name: sha256(content) for name, content in contents.items()}
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def main() -> None:
    """Read the command line and ship."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("networks", type=Path, nargs="+", help="the .keras files of runs")
    parser.add_argument("source", choices=["drawn_faces", "photographs"])
    arguments = parser.parse_args()
    try:
        path = ship(arguments.networks, arguments.source, *load_splits(arguments.source))
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
