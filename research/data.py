"""The images that the shipped weights are trained on and chosen on: FER2013's official parts."""

import numpy as np
import pandas as pd

from course_utils.dataset.loading import (
    FIRST_PRIVATE_TEST_ROW,
    FIRST_PUBLIC_TEST_ROW,
    Dataset,
    load_dataset,
)
from course_utils.split import Split


def load_official_splits() -> tuple[Split, Split]:
    """Load FER2013's Training, to train on, and its PublicTest, to choose on.

    Returns:
        Both in the order of their rows. Images of PrivateTest are in neither.

    Raises:
        ValueError: the images at hand are no FER2013.
    """
    return official_splits(load_dataset())


def official_splits(data: Dataset) -> tuple[Split, Split]:
    """Divide a data set by its row numbers in FER2013's table, whatever its roles are in lessons.

    Returns:
        Training and PublicTest, each in the order of its rows.

    Raises:
        ValueError: the data set has no such row numbers.
    """
    splits = list(data.splits().values())
    if not all("row" in split.table for split in splits):
        raise ValueError(
            f"These {data.source.replace('_', ' ')} are not FER2013: their file names are no rows "
            "of its table. Set COURSE_DATA to the folder or zip of FER2013."
        )
    joined = Split(
        np.concatenate([split.images for split in splits]),
        np.concatenate([split.labels for split in splits]),
        pd.concat([split.table for split in splits], ignore_index=True),
    )
    rows = joined.table["row"].to_numpy()
    order = np.argsort(rows)
    part = np.digitize(rows[order], [FIRST_PUBLIC_TEST_ROW, FIRST_PRIVATE_TEST_ROW])
    training, public_test = joined.take(order[part == 0]), joined.take(order[part == 1])
    print(f"Training: {len(training):,} images to train on. PublicTest: {len(public_test):,}.")
    return training, public_test


def load_splits(source: str) -> tuple[Split, Split]:
    """Load what shipped weights may learn from, and what they are chosen on.

    Args:
        source: "photographs", for FER2013's official parts, or "drawn_faces", for the data set's
            own training and validation faces.

    Raises:
        ValueError: other images are at hand.
    """
    data = load_dataset()
    if data.source != source:
        raise ValueError(f"The images at hand are {data.source}: set COURSE_DATA.")
    return (data.train, data.validation) if source == "drawn_faces" else official_splits(data)
