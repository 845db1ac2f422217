"""Measure what the course can measure of `evaluation.published_results`, and keep it there.

Usage: COURSE_DATA=... python -m research.measure_accuracy

On the test split of the photographs: the most frequent class, hand-made features, and the network
that ships. The rows of others stay as they are.
"""

import sys

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from skimage.feature import hog
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from tqdm import tqdm

from course_utils.classifier import load_pretrained
from course_utils.dataset.loading import Dataset, load_dataset
from course_utils.evaluation.recorded import PUBLISHED


def describe_images(images: NDArray[np.uint8], pixels: int = 8) -> NDArray[np.float64]:
    """Return histograms of oriented gradients in cells of `pixels` by `pixels`.

    Returns:
        float (n, 800) for the cells of 8 pixels.
    """
    cells = {"orientations": 8, "pixels_per_cell": (pixels, pixels), "cells_per_block": (2, 2)}
    return np.stack([hog(image, **cells) for image in tqdm(images, desc="HOG", unit=" faces")])


def hog_and_svm(data: Dataset) -> NDArray[np.int64]:
    """Return the labels that a linear support vector machine gives the test images, (n,)."""
    classifier = make_pipeline(StandardScaler(), LinearSVC(C=1e-3, random_state=0))
    classifier.fit(describe_images(data.train.images), data.train.labels)
    return np.asarray(classifier.predict(describe_images(data.test.images)))


def main() -> None:
    """Measure, print and keep the rows."""
    data = load_dataset()
    if data.source != "photographs":
        sys.exit((__doc__ or "").strip())
    labels = data.test.labels
    part = data.test.table["usage"].iloc[0]
    compact = load_pretrained("photographs")
    most_frequent = np.bincount(data.train.labels).argmax()
    predictions = {
        "most frequent class": (0, np.full(len(labels), most_frequent)),
        "HOG + linear SVM": (5_607, hog_and_svm(data)),  # 7 x (800 + 1)
        f"this course's compact, {part}": (
            compact.model.count_params(),
            compact.predict_proba(data.test.images).argmax(axis=1),
        ),
    }
    table = pd.read_csv(PUBLISHED, index_col="result", dtype=str)
    for name, (parameters, predicted) in predictions.items():
        accuracy = float((predicted == labels).mean())
        row = [f"{accuracy:.5f}", str(len(labels)), part, str(parameters)]
        table.loc[name, ["accuracy", "images", "measured_on", "parameters"]] = row
        print(f"{name}: {accuracy:.2%} of {len(labels):,} images")
    table.to_csv(PUBLISHED, lineterminator="\n")


if __name__ == "__main__":
    main()
