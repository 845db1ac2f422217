"""Print how fast faces are drawn, and how hard they are: for a linear classifier, and at best.

Usage: python -m research.benchmark_drawn_faces
"""

import time

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils import drawn_faces
from course_utils.drawn_faces.bayes import bayes_optimal_proba
from course_utils.drawn_faces.generator import DEFAULT_SIZES
from course_utils.split import Split
from research.benchmark_training import processor
from research.tables import format_estimate, proportion

STRENGTHS = (3e-5, 1e-4, 1e-3)  # of the linear classifier's C; the best on validation is taken


def vectors(split: Split) -> NDArray[np.float32]:
    """Return the pixels as float32 (n, 2304) in [0, 1]."""
    return split.images.reshape(len(split), -1).astype(np.float32) / np.float32(255)


def linear_predictions(splits: dict[str, Split]) -> NDArray[np.int64]:
    """Fit logistic regression to pixels, choose it on validation, and predict the test split."""
    train, validation, test = splits["train"], splits["validation"], splits["test"]
    fitted = [
        make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000)).fit(
            vectors(train), train.labels
        )
        for strength in STRENGTHS
    ]
    best = max(fitted, key=lambda model: model.score(vectors(validation), validation.labels))
    return np.asarray(best.predict(vectors(test)))


def main() -> None:
    """Measure and print."""
    start = time.perf_counter()
    splits = {
        role: drawn_faces.make_dataset(size, seed)
        for seed, (role, size) in enumerate(DEFAULT_SIZES.items(), start=1)
    }
    seconds = time.perf_counter() - start
    faces = sum(len(split) for split in splits.values())
    print(f"The default set: {faces:,} faces in {seconds:.1f} s on {processor()}")
    print(f"Speed: {faces / seconds:,.0f} faces per second, with the start of processes")
    test = splits["test"]
    linear = proportion(linear_predictions(splits) == test.labels)
    print(f"A linear classifier on pixels: {format_estimate(linear)} of {len(test):,} images")
    best = proportion(bayes_optimal_proba(test.table).argmax(axis=1) == test.labels)
    print(f"The Bayes-optimal prediction from the parameters: {format_estimate(best)}")


if __name__ == "__main__":
    main()
