"""Votes are joined by row, simulated from what is drawn, and summed up as they stand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from course_utils import EMOTIONS, Split, drawn_faces
from course_utils.dataset.ferplus import _nearest_recipe, agreement, load_ferplus, simulate_votes
from course_utils.drawn_faces.parameters import ACTION_UNITS

HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)


@pytest.fixture(scope="module")
def ferplus(tmp_path_factory) -> Path:
    """Write a table of FER+'s shape, whose row 7 says happy and row 35,886 says not a face."""
    rows = ["Training,fer.png,10,0,0,0,0,0,0,0,0,0"] * 35_887
    rows[7] = "Training,fer.png,1,6,0,0,0,0,0,3,0,0"
    rows[35_886] = "PrivateTest,,0,0,0,0,0,0,0,0,0,10"
    path = tmp_path_factory.mktemp("votes") / "fer2013new.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.make_dataset(700, seed=5, proportions=dict.fromkeys(EMOTIONS, 1))


def test_votes_are_joined_by_row(ferplus):
    table = pd.DataFrame({"row": [35_886, 7, 3]}, index=[4, 2, 9])
    joined = load_ferplus(ferplus, table)
    assert joined.index.tolist() == [4, 2, 9]
    assert joined.columns.tolist() == [*EMOTIONS, "contempt", "unknown", "not a face"]
    assert joined.loc[4, "not a face"] == 10
    assert joined.loc[2, ["happy", "contempt", "neutral"]].tolist() == [6, 3, 1]
    assert joined.loc[9].sum() == joined.loc[9, "neutral"] == 10


def test_what_is_not_ferplus_is_named(ferplus, tmp_path):
    table = pd.DataFrame({"row": [1]})
    with pytest.raises(FileNotFoundError, match=r"github\.com/microsoft/FERPlus"):
        load_ferplus(tmp_path / "absent.csv", table)
    with pytest.raises(ValueError, match="no column 'row'"):
        load_ferplus(ferplus, pd.DataFrame({"file": ["a"]}))
    other = tmp_path / "other.csv"
    other.write_text("neutral,happiness\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"1 row instead of 35,887, and no column anger"):
        load_ferplus(other, table)
    short = tmp_path / "short.csv"
    short.write_text("\n".join(ferplus.read_text().splitlines()[:100]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"99 rows instead of 35,887\.$"):
        load_ferplus(short, table)


def test_a_missing_column_alone_is_named(ferplus, tmp_path):
    path = tmp_path / "renamed.csv"
    path.write_text(ferplus.read_text().replace("anger", "rage", 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"It has no column anger\.$"):
        load_ferplus(path, pd.DataFrame({"row": [1]}))


@pytest.mark.parametrize("row", [-1, 35_887])
def test_a_row_that_fer2013_does_not_have_is_refused(row, ferplus):
    with pytest.raises(ValueError, match=rf"has 1 other: {row} is"):
        load_ferplus(ferplus, pd.DataFrame({"row": [7, row]}))


def test_every_simulated_voter_votes_once_and_the_seed_fixes_how(faces):
    first, again = simulate_votes(faces, voters=6), simulate_votes(faces, voters=6)
    assert first.columns.tolist() == list(EMOTIONS) and (first.sum(axis=1) == 6).all()
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(simulate_votes(faces, voters=6, seed=1))


def test_voters_mostly_name_what_is_drawn_and_agree_more_where_it_is_clear(faces):
    counted = simulate_votes(faces)
    named = counted.idxmax(axis=1) == faces.table["drawn_emotion"]
    assert 0.7 < named.mean() < 0.98
    expressive = faces.table["drawn_emotion"] != "neutral"
    clear = faces.table["intensity"] > 0.8
    weak = expressive & (faces.table["intensity"] < 0.5)
    shares = agreement(counted)
    assert shares[clear].mean() > shares[weak].mean() + 0.1


def test_the_nearest_recipe_is_that_of_a_search_over_intensities(faces):
    units = faces.table[list(ACTION_UNITS)].to_numpy()[:200]
    units = units + np.random.default_rng(0).normal(0, 0.2, units.shape)
    recipes = pd.DataFrame(dict(drawn_faces.EXPRESSIONS)).reindex(ACTION_UNITS)
    recipes = recipes.astype(float).fillna(0).to_numpy().T  # (7, units)
    tried = [cdist(units, s * recipes) for s in np.linspace(0.35, 1, 2001)]
    np.testing.assert_array_equal(_nearest_recipe(units), np.min(tried, axis=0).argmin(axis=1))


def test_agreement_is_the_share_of_the_most_frequent_answer():
    counted = pd.DataFrame([[10, 0, 0], [4, 3, 3], [0, 0, 0]], columns=["a", "b", "c"])
    found = agreement(counted)
    assert found[:2].tolist() == [1.0, 0.4] and np.isnan(found[2])


def test_votes_need_voters_and_action_units(faces):
    with pytest.raises(ValueError, match="one voter at least, not 0"):
        simulate_votes(faces, voters=0)
    photographs = Split(faces.images, faces.labels, faces.table[["file", "emotion"]])
    with pytest.raises(ValueError, match="only drawn faces have"):
        simulate_votes(photographs)
