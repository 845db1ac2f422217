"""Print how fast each runtime runs the shipped weights, and how far it strays from Keras.

Usage: python -m research.benchmark_classifier

The runtimes take turns, so that other work on the machine slows all of them alike. Those of
TensorFlow get the pixels as the network reads them; OpenCV, which the course uses, has its
`preprocess` counted too.
"""

import os
import tempfile
import time
from collections.abc import Callable

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray
from tqdm import tqdm

from course_utils.classifier import load_pretrained
from course_utils.dataset.loading import load_dataset
from course_utils.preprocessing import preprocess
from research.ship_weights import with_softmax
from research.tables import to_markdown

ROUNDS = 60
COMPARED = 300
Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def run_by_lite(model: keras.Model, is_quantised: bool) -> Predict:
    """Return a network as TensorFlow Lite runs it; quantised, its weights have eight bits."""
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT] if is_quantised else []
        interpreter = tf.lite.Interpreter(
            model_content=converter.convert(), num_threads=os.cpu_count()
        )
    interpreter.allocate_tensors()
    (source,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()

    def predict(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        if tuple(interpreter.get_input_details()[0]["shape"]) != inputs.shape:
            interpreter.resize_tensor_input(source["index"], inputs.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(source["index"], inputs)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(result["index"]))

    return predict


def runtimes() -> dict[str, Predict]:
    """Return by runtime what maps float32 (n, 48, 48, 1) in 0 to 1 to probabilities (n, 7)."""
    shipped = load_pretrained("photographs")
    model = with_softmax(shipped.model)
    compiled = tf.function(lambda inputs: model(inputs, training=False))
    return {
        "Keras, `predict`": lambda inputs: model.predict(inputs, verbose=0),
        "Keras, `predict_on_batch`": lambda inputs: np.asarray(model.predict_on_batch(inputs)),
        "Keras in a `tf.function`": lambda inputs: compiled(tf.constant(inputs)).numpy(),
        "TensorFlow Lite": run_by_lite(model, is_quantised=False),
        "TensorFlow Lite, 8-bit weights": run_by_lite(model, is_quantised=True),
        "OpenCV (the course's)": lambda inputs: shipped.predict_proba(
            (inputs[..., 0] * 255).round().astype(np.uint8)
        ),
    }


def main() -> None:
    """Measure and print."""
    data = load_dataset()
    inputs = preprocess(data.validation.images[:COMPARED])
    predictors = runtimes()
    expected = predictors["Keras, `predict`"](inputs)
    differences = {}
    for name, predict in predictors.items():
        probabilities = np.concatenate([predict(inputs[i : i + 1]) for i in range(len(inputs))])
        differences[name] = float(np.abs(probabilities - expected).max())
    times: dict[tuple[str, int], list[float]] = {}
    for faces in (1, 5):
        for predict in predictors.values():
            predict(inputs[:faces])  # the first call compiles
        for _ in tqdm(range(ROUNDS), unit=" rounds"):
            for name, predict in predictors.items():
                start = time.perf_counter()
                predict(inputs[:faces])
                times.setdefault((name, faces), []).append(time.perf_counter() - start)
    rows = [
        {
            "runtime": name,
            "1 face, ms": f"{1000 * np.median(times[name, 1]):.1f}",
            "5 faces, ms": f"{1000 * np.median(times[name, 5]):.1f}",
            "largest difference of a probability": f"{differences[name]:.0e}",
        }
        for name in predictors
    ]
    print(to_markdown(pd.DataFrame(rows)))
    print(f"\nMedian of {ROUNDS}; differences on {len(inputs)} {data.source} of validation.")


if __name__ == "__main__":
    main()
