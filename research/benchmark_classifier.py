"""Print how long each way to the shipped weights takes, and how far it strays from Keras.

Usage: python -m research.benchmark_classifier

The ways take turns, so that other work on the machine slows all of them alike. Those of TensorFlow
get the pixels as the network reads them; OpenCV's, which the course uses, counts `preprocess` too.
"""

import os
import tempfile
import time
from collections.abc import Callable

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from tqdm import tqdm

from course_utils.classifier import load_pretrained
from course_utils.dataset.loading import load_dataset
from course_utils.preprocessing import preprocess
from research.judge_weights import to_markdown

ROUNDS = 60
COMPARED = 300
Predict = Callable[[np.ndarray], np.ndarray]


def lite(model: keras.Model, is_small: bool) -> Predict:
    """Return a network as TensorFlow Lite runs it; a small one has its weights in eight bits."""
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT] if is_small else []
        interpreter = tf.lite.Interpreter(
            model_content=converter.convert(), num_threads=os.cpu_count()
        )
    interpreter.allocate_tensors()
    (entry,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()

    def predict(inputs: np.ndarray) -> np.ndarray:
        if tuple(interpreter.get_input_details()[0]["shape"]) != inputs.shape:
            interpreter.resize_tensor_input(entry["index"], inputs.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(entry["index"], inputs)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(result["index"]))

    return predict


def ways() -> dict[str, Predict]:
    """Return each way from float32 (n, 48, 48, 1) in 0 to 1 to probabilities (n, 7)."""
    shipped = load_pretrained("photographs")
    model = shipped.model
    compiled = tf.function(lambda inputs: model(inputs, training=False))
    return {
        "Keras, `predict`": lambda inputs: model.predict(inputs, verbose=0),
        "Keras, `predict_on_batch`": lambda inputs: np.asarray(model.predict_on_batch(inputs)),
        "Keras in a `tf.function`": lambda inputs: compiled(tf.constant(inputs)).numpy(),
        "TensorFlow Lite": lite(model, is_small=False),
        "TensorFlow Lite, 8-bit weights": lite(model, is_small=True),
        "OpenCV (the course's)": lambda inputs: shipped.predict_proba(
            (inputs[..., 0] * 255).round().astype(np.uint8)
        ),
    }


def main() -> None:
    """Measure and print."""
    data = load_dataset()
    inputs = preprocess(data.validation.images[:COMPARED])
    paths = ways()
    expected = paths["Keras, `predict`"](inputs)
    strays = {}
    for name, predict in paths.items():
        answers = np.concatenate([predict(inputs[i : i + 1]) for i in range(len(inputs))])
        strays[name] = float(np.abs(answers - expected).max())
    times: dict[tuple[str, int], list[float]] = {}
    for faces in (1, 5):
        for predict in paths.values():
            predict(inputs[:faces])  # the first call compiles
        for _ in tqdm(range(ROUNDS), unit=" rounds"):
            for name, predict in paths.items():
                start = time.perf_counter()
                predict(inputs[:faces])
                times.setdefault((name, faces), []).append(time.perf_counter() - start)
    rows = [
        {
            "way": name,
            "1 face, ms": f"{1000 * np.median(times[name, 1]):.1f}",
            "5 faces, ms": f"{1000 * np.median(times[name, 5]):.1f}",
            "largest difference of a probability": f"{strays[name]:.0e}",
        }
        for name in paths
    ]
    print(to_markdown(pd.DataFrame(rows)))
    print(f"\nMedian of {ROUNDS}; differences on {len(inputs)} {data.source} of validation.")


if __name__ == "__main__":
    main()
