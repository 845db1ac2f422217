"""Labels of several people: the votes of FER+, and simulated ones on drawn faces.

FER+ (Barsoum et al. 2016, arXiv 1608.01041) has ten votes for each image of FER2013. Microsoft
gives them away under the MIT licence: https://github.com/microsoft/FERPlus.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from course_utils.dataset.loading import FER2013_ROWS
from course_utils.drawn_faces.parameters import ACTION_UNITS, EXPRESSIONS, INTENSITIES
from course_utils.emotions import EMOTIONS
from course_utils.files import data_folders
from course_utils.split import Split
from course_utils.wording import counted

FERPLUS_FILE = "fer2013new.csv"

# FER+'s columns, and what they are called here.
FERPLUS_COLUMNS = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprise": "surprise",
    "contempt": "contempt",
    "unknown": "unknown",
    "NF": "not a face",
}
_PERCEPTION_ERROR = 0.2  # standard deviation, in action units


def find_ferplus() -> Path | None:
    """Return where FER+'s table lies in `data/`, or None where it does not."""
    found = [data / FERPLUS_FILE for data in data_folders() if (data / FERPLUS_FILE).is_file()]
    return found[0] if found else None


def load_ferplus(path: str | Path, table: pd.DataFrame) -> pd.DataFrame:
    """Return FER+'s ten votes for each image of a table.

    Args:
        path: Microsoft's `fer2013new.csv`.
        table: that of a split of FER2013, whose column `row` is the row in FER2013's own table.

    Returns:
        One row per row of `table`, in the same order. The columns are the seven `EMOTIONS`,
        `contempt`, `unknown` and `not a face`; the values are whole numbers of votes.

    Raises:
        FileNotFoundError: there is no such file; the message says where to get it.
        ValueError: the file is not FER+'s, or the images are not FER2013's.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path}. Download {FERPLUS_FILE} from "
            "https://github.com/microsoft/FERPlus, or use simulate_votes on drawn faces."
        )
    if "row" not in table:
        raise ValueError("FER+ has votes for FER2013 only: the table has no column 'row'.")
    votes = pd.read_csv(path)
    missing = [column for column in FERPLUS_COLUMNS if column not in votes]
    problems = []
    if len(votes) != FER2013_ROWS:
        problems.append(f"{counted(len(votes), 'row')} instead of {FER2013_ROWS:,}")
    if missing:
        problems.append(f"no column {', '.join(missing)}")
    if problems:
        raise ValueError(f"{path} is not FER+'s table. It has {', and '.join(problems)}.")
    unknown = table.loc[~table["row"].between(0, FER2013_ROWS - 1), "row"].tolist()
    if unknown:
        raise ValueError(
            f"FER2013's rows go from 0 to {FER2013_ROWS - 1:,}. The table has "
            f"{counted(len(unknown), 'other')}: {unknown[0]} is the first."
        )
    votes = votes[list(FERPLUS_COLUMNS)].rename(columns=FERPLUS_COLUMNS)
    return votes.iloc[table["row"].to_numpy()].set_axis(table.index)


def simulate_votes(split: Split, voters: int = 10, seed: int = 0) -> pd.DataFrame:
    """Return the votes of simulated people on drawn faces.

    Each voter sees each action unit with an error of their own, normal with a standard deviation of
    0.2, and names the class whose recipe in `EXPRESSIONS` is nearest to that, at the intensity
    that fits best. It is a model of disagreement, and says nothing about real people.

    Returns:
        One row per image, one column for each of `EMOTIONS`, whole numbers of votes.

    Raises:
        ValueError: there is no voter, or the split has no action units.
    """
    if voters < 1:
        raise ValueError(f"There must be one voter at least, not {voters}.")
    missing = [unit for unit in ACTION_UNITS if unit not in split.table]
    if missing:
        raise ValueError("Votes are simulated from action units, which only drawn faces have.")
    units = split.table[list(ACTION_UNITS)].to_numpy(dtype=float)  # (n, units)
    rng = np.random.default_rng(seed)
    votes = np.zeros((len(split), len(EMOTIONS)), dtype=np.int64)
    for _ in range(voters):
        seen = units + rng.normal(0, _PERCEPTION_ERROR, units.shape)
        votes[np.arange(len(split)), _nearest_recipe(seen)] += 1
    return pd.DataFrame(votes, columns=list(EMOTIONS), index=split.table.index)


def agreement(votes: pd.DataFrame) -> pd.Series:
    """Return for each image the share of the votes that its most frequent class has.

    Returns:
        float (n,), from 1 where all agree; NaN where nobody voted.

    >>> agreement(pd.DataFrame({"happy": [9, 5], "sad": [1, 5]})).tolist()
    [0.9, 0.5]
    """
    return (votes.max(axis=1) / votes.sum(axis=1)).rename("agreement")


def _nearest_recipe(units: NDArray[np.floating]) -> NDArray[np.integer]:
    """Return the class, int (n,), whose recipe is nearest to action units (n, units)."""
    recipes = np.array([[EXPRESSIONS[e].get(unit, 0.0) for unit in ACTION_UNITS] for e in EMOTIONS])
    products, lengths = units @ recipes.T, (recipes**2).sum(axis=1)
    intensity = np.clip(products / np.maximum(lengths, 1), *INTENSITIES)
    # |units - intensity * recipe|^2, without |units|^2, which all classes share.
    distances = intensity**2 * lengths - 2 * intensity * products
    return np.asarray(distances.argmin(axis=1))
