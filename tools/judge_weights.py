"""Print the accuracy of the weights that ship, on the images that `load_dataset` finds.

Usage: COURSE_DATA=... python tools/judge_weights.py
"""

import numpy as np

from course_utils.dataset import load_dataset
from course_utils.duplicates import near_duplicates
from course_utils.evaluation import wilson_interval
from course_utils.models import load_pretrained


def describe(right: np.ndarray) -> str:
    """Return accuracy, 95 % interval and number of images as one text."""
    low, high = wilson_interval(int(right.sum()), len(right))
    return f"{right.mean():.1%} ({low:.1%} to {high:.1%}, {len(right):,} images)"


def main() -> None:
    """Judge the weights of the data at hand on its test split."""
    data = load_dataset()
    classifier = load_pretrained(data.source)
    right = classifier.predict_proba(data.test.images).argmax(axis=1) == data.test.labels
    is_new = near_duplicates(data.test.images, data.train.images) == 0
    print(f"Test: {describe(right)}")
    print(f"Without near-duplicates of training images: {describe(right[is_new])}")


if __name__ == "__main__":
    main()
