"""What ships is whole, listed and calibrated on unseen images; else nothing is replaced."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import softmax

from course_utils import build_model, load_pretrained
from course_utils.classifier import load_classifier
from course_utils.dataset.loading import Dataset
from course_utils.evaluation.calibration import fit_temperature
from course_utils.files import WEIGHTS_FOLDER
from examples.train import build_network
from research import data, ship_weights
from research.ship_weights import apply_temperature, average_weights, ship
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
    run = {"config": {"train_digest": TRAIN.digest()}, "history": []}
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return tmp_path / "average.keras"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_ships_loads_and_the_other_lines_stay(weights, network):
    before = contents(weights)
    uncalibrated = load_classifier(network).predict_proba(VALIDATION.images)
    path = ship([network], "drawn_faces", TRAIN, VALIDATION)
    assert path == weights / "compact_drawn_faces.keras"
    shipped = load_pretrained("drawn_faces")
    by_keras = load_classifier(path).predict_proba(VALIDATION.images)
    np.testing.assert_allclose(shipped.predict_proba(VALIDATION.images), by_keras, atol=1e-5)
    temperature = fit_temperature(VALIDATION.labels, uncalibrated)
    assert temperature > 2, "nothing to calibrate"
    expected = softmax(np.log(uncalibrated) / temperature, axis=1)
    np.testing.assert_allclose(by_keras, expected, atol=1e-5)
    run = (weights / "compact_drawn_faces_run.json").read_bytes()
    assert run == network.with_name("run.json").read_bytes()
    after = contents(weights)
    assert after.keys() == before.keys()
    lines, new_lines = before["SHA256SUMS"].splitlines(), after["SHA256SUMS"].splitlines()
    assert [line.split()[1] for line in new_lines] == [line.split()[1] for line in lines]
    changed = [line.split()[1] for line in set(new_lines) - set(lines)]
    assert sorted(changed) == [b"compact_drawn_faces.keras", b"compact_drawn_faces.tflite"]


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
def error_message(
    network: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Return what the command refuses with, with TRAIN and VALIDATION as the images at hand."""
    dataset = Dataset(TRAIN, VALIDATION, VALIDATION, "drawn_faces", "")
    monkeypatch.setattr(data, "load_dataset", lambda: dataset)

    def call(source: str) -> str:
        monkeypatch.setattr("sys.argv", ["ship_weights.py", str(network), source])
        with pytest.raises(SystemExit):
            ship_weights.main()
        return capsys.readouterr().err

    return call


@pytest.mark.parametrize("key", ["config", "asked"])
def test_a_network_that_learned_from_other_images_is_refused(weights, network, error_message, key):
    before = contents(weights)
    run = {key: {"train_digest": VALIDATION.digest()}, "history": []}
    network.with_name("run.json").write_text(json.dumps(run), encoding="utf-8")
    message = error_message("drawn_faces")
    assert "average.keras learned from other images" in message and "set COURSE_DATA" in message
    assert contents(weights) == before


@pytest.mark.parametrize("key", ["config", "asked"])
def test_the_history_of_older_runs_is_read_too(network, key):
    path = network.with_name("run.json")
    path.write_text(json.dumps({key: {"train_digest": TRAIN.digest()}}), encoding="utf-8")
    assert ship_weights._read_run(network, TRAIN) == path.read_bytes()


def test_images_of_another_source_are_refused(weights, error_message):
    before = contents(weights)
    assert "at hand are drawn_faces: set COURSE_DATA" in error_message("photographs")
    assert contents(weights) == before


def test_the_weights_of_several_networks_become_their_mean(tmp_path):
    models = [build_network(7) for _ in range(3)]
    for number, model in enumerate(models):
        model.set_weights([weight + number * 0.3 for weight in model.get_weights()])
        model.save(tmp_path / f"{number}.keras")
    averaged = average_weights([tmp_path / f"{number}.keras" for number in range(3)])
    for mean, *weights in zip(averaged.model.get_weights(), *(m.get_weights() for m in models)):
        np.testing.assert_allclose(mean, sum(weights) / 3, atol=1e-6)


def test_the_network_of_another_design_is_named(tmp_path):
    inputs = keras.Input((48, 48, 1))
    plain = layers.Dense(7)(layers.Flatten()(inputs))
    scaled = layers.Dense(7)(layers.Flatten()(layers.Rescaling(2)(inputs)))
    for name, outputs in (("first", plain), ("scaled", scaled)):
        keras.Model(inputs, outputs).save(tmp_path / f"{name}.keras")
    build_network(7).save(tmp_path / "other.keras")
    for other in ("scaled", "other"):
        with pytest.raises(ValueError, match=rf"{other}\.keras has other layers than .*first\."):
            average_weights([tmp_path / f"{name}.keras" for name in ("first", "first", other)])


def test_a_temperature_divides_the_logits():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(7)(inputs))
    model.layers[-1].set_weights(
        [np.random.default_rng(1).normal(size=shape) for shape in ((5, 7), (7,))]
    )
    x = np.random.default_rng(2).normal(size=(9, 5)).astype(np.float32)
    before = model.predict_on_batch(x)
    apply_temperature(model, 2.0)
    np.testing.assert_allclose(model.predict_on_batch(x), before / 2, atol=1e-6)


@pytest.mark.parametrize("activation", ["relu", "softmax"])
def test_a_temperature_needs_a_network_that_ends_in_logits(activation):
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(7, activation=activation)(inputs), name="odd")
    with pytest.raises(ValueError, match="'odd' does not end in logits"):
        apply_temperature(model, 2.0)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_none_is_refused(temperature):
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(7)(inputs))
    with pytest.raises(ValueError, match="above 0"):
        apply_temperature(model, temperature)
