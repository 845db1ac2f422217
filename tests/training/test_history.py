"""What lesson 04 trained comes before what ships."""

import keras
import pytest
from keras import layers

from course_utils.training.history import load_trained, recorded_regularisers
from research.compare_regularisers import REGULARISERS


def test_lesson_04s_network_comes_before_the_shipped_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    inputs = keras.Input((48, 48, 1))
    outputs = layers.Dense(7, activation="softmax")(layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs, name="mine")
    folder = tmp_path / "runs" / "lesson_04_drawn_faces"
    folder.mkdir(parents=True)
    model.save(folder / "best.keras")
    assert load_trained("drawn_faces").name == "mine"
    assert "lesson 04 trained" in capsys.readouterr().out
    (folder / "best.keras").unlink()
    assert load_trained("drawn_faces").name == "compact_drawn_faces"
    assert "ship" in capsys.readouterr().out


@pytest.mark.parametrize("source", ["drawn_faces", "photographs"])
def test_each_regulariser_was_trained_with_the_same_seeds(source):
    runs = recorded_regularisers(source)
    assert runs.groupby("regulariser")["seed"].unique().map(sorted).map(len).eq(5).all()
    assert runs.groupby(["regulariser", "seed"])["epoch"].agg(list).map(tuple).nunique() == 1
    assert set(runs["regulariser"]) == set(REGULARISERS)
    assert runs[["accuracy", "val_accuracy"]].stack().between(0, 1).all()
    assert "source" not in runs
