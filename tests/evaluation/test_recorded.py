"""The tables of what was measured once say what they are of."""

import numpy as np
import pandas as pd
import pytest

from course_utils import EMOTIONS
from course_utils.evaluation.intervals import wilson_interval
from course_utils.evaluation.recorded import people_confusions, published_results, twenty_runs
from research.count_votes import count_votes


def test_people_confuse_what_the_votes_say():
    people = people_confusions()
    assert people.index.tolist() == people.columns.tolist() == list(EMOTIONS)
    np.testing.assert_allclose(people.sum(axis=1), 1)
    assert people.loc["happy", "happy"] > 0.85 > 0.3 > people.loc["fear", "fear"]


def test_votes_are_counted_by_row_and_label():
    columns = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"]
    votes = pd.DataFrame([[4, 0, 0, 1, 3, 2, 0], [0, 9, 1, 0, 0, 0, 0], [0, 10, 0, 0, 0, 0, 0]])
    votes.columns = columns
    counted = count_votes(np.array([2, 0, 1]), np.array([3, 0, 3]), votes)
    assert counted.loc["happy"].to_dict() == {**dict.fromkeys(EMOTIONS, 0), "happy": 19} | {
        "surprise": 1
    }
    assert counted.loc["angry", ["angry", "disgust", "neutral", "sad"]].tolist() == [3, 2, 4, 1]
    assert counted.to_numpy().sum() == 30


def test_published_results_say_where_each_was_read():
    table = published_results()
    assert table.index.is_unique and len(table) > 15
    counted = table[table["images"].notna()]
    assert counted["images"].isin([3589, 7066, 7178]).all() and len(counted) == len(table) - 1
    within = (counted["low"] < counted["accuracy"]) & (counted["accuracy"] < counted["high"])
    assert within.all()
    told = table[["measured_on", "chosen_on", "test_time", "source", "read_in"]]
    assert not told.isna().any().any()
    parts = {"PublicTest", "PrivateTest", "PublicTest and PrivateTest", "not found"}
    parts.add("Kaggle's validation folder")
    assert set(table["measured_on"]) == parts | {"a random tenth"}
    assert set(table["chosen_on"]) == parts | {"Training", "nothing"}
    winner = table.filter(like="Tang", axis=0).iloc[0]
    assert winner[["low", "high"]].tolist() == list(wilson_interval(2554, 3589))


@pytest.mark.parametrize("source", ["drawn_faces", "photographs"])
def test_twenty_runs_are_whole(source):
    runs = twenty_runs(source)
    assert sorted(runs["seed"].unique()) == list(range(20))
    assert (runs.groupby("seed")["epoch"].agg(list).map(tuple) == tuple(range(1, 16))).all()
    assert runs[["validation", "test"]].gt(0).all().all() and runs["test"].lt(1).all()
