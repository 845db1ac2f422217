"""What ships is whole, listed and calibrated on unseen images; else nothing is replaced."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from course_utils import build_model, load_pretrained
from course_utils.classifier import WEIGHTS_FOLDER, load_classifier
from course_utils.training.fitting import move_to_training
from research import ship_weights
from research.ship_weights import average_weights, ship
from tests.helpers import striped_faces

TRAIN, VALIDATION = striped_faces(70, seed=1), striped_faces(35, seed=2)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand another folder, with names alone, in the place of the weights that ship."""
    folder = tmp_path / "weights"
    folder.mkdir()
    for path in WEIGHTS_FOLDER.glob("compact_*"):
        (folder / path.name).write_text("as before", encoding="utf-8")
    shutil.copy(WEIGHTS_FOLDER / "SHA256SUMS", folder)
    monkeypatch.setattr(ship_weights, "WEIGHTS_FOLDER", folder)
    monkeypatch.setattr("course_utils.classifier.WEIGHTS_FOLDER", folder)
    return folder


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Return a network that has learned from TRAIN, as its `run.json` says."""
    keras.utils.set_random_seed(0)
    build_model("compact").save(tmp_path / "average.keras")
    run = {"asked": {"train_digest": TRAIN.digest()}, "history": []}
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return tmp_path / "average.keras"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_ships_loads_and_the_other_lines_stay(weights, network):
    before = contents(weights)
    path = ship([network], "drawn_faces", TRAIN, VALIDATION)
    assert path == weights / "compact_drawn_faces.keras"
    shipped = load_pretrained("drawn_faces")
    by_keras = load_classifier(path).predict_proba(VALIDATION.images)
    np.testing.assert_allclose(shipped.predict_proba(VALIDATION.images), by_keras, atol=1e-5)
    run = (weights / "compact_drawn_faces_run.json").read_bytes()
    assert run == network.with_name("run.json").read_bytes()
    after = contents(weights)
    assert after.keys() == before.keys()
    lines, new_lines = before["SHA256SUMS"].splitlines(), after["SHA256SUMS"].splitlines()
    assert [line.split()[1] for line in new_lines] == [line.split()[1] for line in lines]
    assert new_lines[2:] == lines[2:] and not set(new_lines[:2]) & set(lines[:2])


def test_without_the_history_of_the_run_nothing_is_replaced(weights, network):
    network.with_name("run.json").unlink()
    before = contents(weights)
    with pytest.raises(FileNotFoundError, match=r"run\.json is missing: put it there"):
        ship([network], "drawn_faces", TRAIN, VALIDATION)
    assert contents(weights) == before


def test_where_the_export_fails_nothing_is_replaced(weights, network, monkeypatch):
    def fail(model: keras.Model) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr(ship_weights, "to_tflite", fail)
    before = contents(weights)
    with pytest.raises(OSError, match="no space left"):
        ship([network], "drawn_faces", TRAIN, VALIDATION)
    assert contents(weights) == before


@pytest.fixture
def complaint(
    network: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Return what the command refuses with, with TRAIN and VALIDATION as the images at hand."""
    data = SimpleNamespace(source="drawn_faces", train=TRAIN, validation=VALIDATION)
    monkeypatch.setattr(ship_weights, "load_dataset", lambda: data)

    def ask(*options: str) -> str:
        monkeypatch.setattr("sys.argv", ["ship_weights.py", str(network), "drawn_faces", *options])
        with pytest.raises(SystemExit):
            ship_weights.main()
        return capsys.readouterr().err

    return ask


def test_images_that_the_network_learned_from_are_refused(weights, network, complaint):
    before = contents(weights)
    said = complaint("--keep", "14")
    assert "average.keras learned from other images" in said and "give --keep" in said
    joined, _ = move_to_training(TRAIN, VALIDATION, 14)
    run = {"asked": {"train_digest": joined.digest()}, "history": []}
    network.with_name("run.json").write_text(json.dumps(run), encoding="utf-8")
    for keep in ([], ["--keep", "21"]):
        assert "learned from other images" in complaint(*keep)
    assert contents(weights) == before


def test_none_kept_are_not_all_kept(weights, complaint):
    assert "0 of 35 validation images cannot be kept" in complaint("--keep", "0")


def test_the_network_of_another_design_is_named(tmp_path):
    inputs = keras.Input((48, 48, 1))
    plain = layers.Dense(7, activation="softmax")(layers.Flatten()(inputs))
    scaled = layers.Dense(7, activation="softmax")(layers.Flatten()(layers.Rescaling(2)(inputs)))
    for name, outputs in (("first", plain), ("scaled", scaled)):
        keras.Model(inputs, outputs).save(tmp_path / f"{name}.keras")
    build_model("narrow").save(tmp_path / "narrow.keras")
    for other in ("scaled", "narrow"):
        with pytest.raises(ValueError, match=rf"{other}\.keras has other layers than .*first\."):
            average_weights([tmp_path / f"{name}.keras" for name in ("first", "first", other)])
