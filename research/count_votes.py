"""Count how people read the photographs of FER2013, for `evaluation.people_confusions`.

Usage: COURSE_DATA=... python -m research.count_votes FER2013NEW.CSV

The file is Microsoft's FER+ table, github.com/microsoft/FERPlus, MIT licence; its rows are the
photographs' row numbers.
"""

import sys

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from course_utils import EMOTIONS
from course_utils.dataset.loading import load_dataset
from course_utils.evaluation.recorded import PEOPLE

COLUMNS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


def count_votes(
    rows: NDArray[np.int64], labels: NDArray[np.int64], votes: pd.DataFrame
) -> pd.DataFrame:
    """Return the votes for each class (column) on the images of each label (row)."""
    chosen = votes.loc[rows, list(COLUMNS)].groupby(labels).sum()
    chosen = chosen.reindex(range(len(EMOTIONS)), fill_value=0)
    chosen.index = pd.Index(EMOTIONS, name="label")
    return chosen.set_axis(list(EMOTIONS), axis=1)


def main() -> None:
    """Count the votes on all photographs that `load_dataset` finds, and keep the table."""
    data = load_dataset()
    if data.source != "photographs" or len(sys.argv) != 2:
        sys.exit((__doc__ or "").strip())
    votes = pd.read_csv(sys.argv[1])
    total = sum(
        count_votes(split.table["row"].to_numpy(), split.labels, votes)
        for split in data.splits().values()
    )
    total.to_csv(PEOPLE, lineterminator="\n")
    print(f"{total.to_numpy().sum():,} votes.\n{total}")


if __name__ == "__main__":
    main()
