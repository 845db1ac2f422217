"""Print how fast faces are drawn, and how hard they are: for a line through pixels, and at best.

Usage: python -m research.benchmark_drawn_faces
"""

import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils import drawn_faces
from course_utils.drawn_faces.bayes import bayes_optimal_proba
from course_utils.drawn_faces.generator import DEFAULT_SIZES
from course_utils.evaluation.intervals import wilson_interval
from course_utils.split import Split
from research.benchmark_training import processor

STRENGTHS = (3e-5, 1e-4, 1e-3)  # of the linear classifier's C; the best on validation is taken


def vectors(split: Split) -> np.ndarray:
    """Return the pixels as float32 (n, 2304) in [0, 1]."""
    return split.images.reshape(len(split), -1).astype(np.float32) / 255


def answers_of_linear(splits: dict[str, Split]) -> np.ndarray:
    """Fit logistic regression to pixels, choose it on validation, and answer the test split."""
    train, validation, test = splits["train"], splits["validation"], splits["test"]
    fitted = [
        make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000)).fit(
            vectors(train), train.labels
        )
        for strength in STRENGTHS
    ]
    best = max(fitted, key=lambda model: model.score(vectors(validation), validation.labels))
    return np.asarray(best.predict(vectors(test)))


def describe(right: np.ndarray) -> str:
    """Return accuracy, 95 % interval and number of images as one text."""
    low, high = wilson_interval(int(right.sum()), len(right))
    return f"{right.mean():.1%} ({low:.1%} to {high:.1%}, {len(right):,} images)"


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
    labels = splits["test"].labels
    print(f"A linear classifier on pixels: {describe(answers_of_linear(splits) == labels)}")
    best = bayes_optimal_proba(splits["test"].table).argmax(axis=1)
    print(f"The oracle, which knows the knobs: {describe(best == labels)}")


if __name__ == "__main__":
    main()
