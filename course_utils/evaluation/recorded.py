"""What was measured once and kept: published results, recorded runs, people's votes."""

from pathlib import Path

import pandas as pd

from course_utils.evaluation.intervals import wilson_interval

FOLDER = Path(__file__).parent
PUBLISHED = FOLDER / "published_results.csv"
TWENTY_RUNS = FOLDER / "twenty_runs.csv"
PEOPLE = FOLDER / "people_on_fer2013.csv"


def published_results() -> pd.DataFrame:
    """Return accuracies on FER2013: what knows nothing, the course's networks, published ones.

    Returns:
        index `result`; columns `year`, `accuracy`, `images`, Wilson's 95 % interval for that many
        images as `low` and `high`, `measured_on` and `chosen_on` (parts of FER2013, "nothing" where
        nothing was chosen, "not found"), `parameters` (0 where there are none), `input_pixels`,
        `pretraining`, `test_time`, `source` (where it was published), `read_in` (where these
        columns were read) and `remark`. What was not found is NA where it is a number.
    """
    whole = dict.fromkeys(["year", "images", "parameters", "input_pixels"], "Int64")
    table = pd.read_csv(PUBLISHED, index_col="result", dtype=whole)
    counted = table[table["images"].notna()]
    for result, accuracy, images in zip(counted.index, counted["accuracy"], counted["images"]):
        interval = wilson_interval(round(accuracy * images), images)
        table.loc[result, ["low", "high"]] = interval
    return table


def twenty_runs(source: str) -> pd.DataFrame:
    """Return how one network learned twenty times, each time with another seed.

    The runs are those of `python -m research.train_twenty`.

    Args:
        source: "drawn_faces" or "photographs", as in `Dataset.source`.

    Returns:
        One row for each run and epoch: `seed`, `epoch`, and the accuracy on `validation` and on
        `test`, of which the training used neither.
    """
    runs = pd.read_csv(TWENTY_RUNS)
    return runs[runs["source"] == source].drop(columns="source").reset_index(drop=True)


def people_confusions() -> pd.DataFrame:
    """Return how people read the photographs of FER2013, by the label that they carry.

    Counted by `research/count_votes.py` from FER+ (Barsoum et al. 2016, arXiv:1608.01041), ten
    votes an image, and the labels of FER2013's Training and PublicTest rows.

    Returns:
        A row per label, a column per class that people chose, the shares of the votes for the seven
        classes; each row sums to 1.
    """
    votes = pd.read_csv(PEOPLE, index_col="label")
    return votes.div(votes.sum(axis=1), axis=0)
