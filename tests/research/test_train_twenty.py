"""Twenty runs differ in their seed alone, and a stopped command goes on."""

from types import SimpleNamespace

import pandas as pd
import pytest

from course_utils import drawn_faces
from research import train_twenty
from research.train_twenty import complete, missing_seeds, train


def test_what_is_missing_is_asked_of_one_source():
    runs = pd.DataFrame({"source": ["drawn_faces", "photographs"], "seed": [0, 1]})
    assert missing_seeds(runs, "drawn_faces", 3) == [1, 2]
    assert missing_seeds(runs, "photographs", 2) == [0]


@pytest.mark.slow
def test_a_seed_gives_the_same_run_and_another_seed_another(monkeypatch):
    monkeypatch.setattr(train_twenty, "EPOCHS", 2)
    images = drawn_faces.make_dataset(96, 1)
    splits = {"validation": drawn_faces.make_dataset(60, 2), "test": images}
    first, again, other = (train(images, splits, seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)
    assert first["epoch"].tolist() == [1, 2]
    assert (60 * first["validation"] % 1).round(2).isin([0, 1]).all(), "not a share of 60 images"


def test_a_stopped_command_goes_on_with_the_next_seed(monkeypatch, tmp_path):
    trained = []

    def train_until_stopped(images, splits, seed):
        trained.append(seed)
        if trained == [0, 1]:
            raise KeyboardInterrupt
        assert len(images) == 40 and list(splits) == ["validation", "test"]
        return pd.DataFrame({"epoch": [1], "validation": [0.5], "test": [0.4 + seed / 100]})

    monkeypatch.setattr(train_twenty, "train", train_until_stopped)
    monkeypatch.setattr(train_twenty, "TWENTY_RUNS", tmp_path / "twenty_runs.csv")
    faces = drawn_faces.make_dataset(40, 1)
    data = SimpleNamespace(source="drawn_faces", train=faces, validation=faces, test=faces)
    with pytest.raises(KeyboardInterrupt):
        complete(data, count=3)
    runs = complete(data, count=3)
    assert trained == [0, 1, 1, 2]
    assert runs["seed"].tolist() == [0, 1, 2]
    assert runs["test"].tolist() == pytest.approx([0.4, 0.41, 0.42])
