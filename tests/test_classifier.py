"""Classifiers give proper probabilities, fast, and only whole, known weights are loaded."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.special
from keras import layers

from course_utils import build_model, load_pretrained, preprocess
from course_utils.classifier import Classifier, load_classifier
from course_utils.files import WEIGHTS_FOLDER

SHIPPED = sorted(WEIGHTS_FOLDER.glob("*.keras"))


@pytest.fixture(scope="module")
def compact() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model("compact")


def crops(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(3, 48, 48), (3, 90, 70), (2, 33, 60, 3), (1, 1, 1)])
def test_probabilities_are_proper_for_crops_of_any_size(compact, shape):
    probabilities = Classifier(compact).predict_proba(crops(*shape))
    assert probabilities.shape == (shape[0], 7) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities >= 0).all()


def test_no_crops_give_no_probabilities(compact):
    assert Classifier(compact).predict_proba(crops(0, 48, 48)).shape == (0, 7)


def test_batches_do_not_change_the_answer(compact):
    images = crops(300, 48, 48)
    classifier = Classifier(compact)
    together = classifier.predict_proba(images)
    alone = np.concatenate(
        [classifier.predict_proba(images[i : i + 1]) for i in (0, 255, 256, 299)]
    )
    np.testing.assert_allclose(together[[0, 255, 256, 299]], alone, atol=1e-5)


def test_a_saved_network_gives_the_same_probabilities(compact, tmp_path):
    compact.save(tmp_path / "model.keras")
    loaded = load_classifier(tmp_path / "model.keras")
    images = crops(4, 48, 48)
    expected = Classifier(compact).predict_proba(images)
    np.testing.assert_allclose(loaded.predict_proba(images), expected, atol=1e-6)


def test_a_network_that_brings_code_along_is_refused(tmp_path):
    inputs = keras.Input((48, 48, 1))
    x = layers.Flatten()(layers.Lambda(lambda x: x)(inputs))
    keras.Model(inputs, layers.Dense(7)(x)).save(tmp_path / "code.keras")
    with pytest.raises(ValueError, match=r"code\.keras"):
        load_classifier(tmp_path / "code.keras")


def test_a_damaged_network_is_named(compact, tmp_path):
    path = tmp_path / "half.keras"
    compact.save(path)
    path.write_bytes(path.read_bytes()[:10_000])
    with pytest.raises(ValueError, match=r"half\.keras.*Train it again"):
        load_classifier(path)


def test_a_network_of_another_shape_is_refused(tmp_path):
    inputs = keras.Input((64, 64, 1))
    keras.Model(inputs, layers.Dense(7)(layers.Flatten()(inputs))).save(tmp_path / "other.keras")
    with pytest.raises(ValueError, match=r"not \(48, 48, 1\)"):
        load_classifier(tmp_path / "other.keras")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand a copy of shipped weights in the place of the shipped ones."""
    for suffix in ("keras", "tflite"):
        shutil.copy(WEIGHTS_FOLDER / f"compact_drawn_faces.{suffix}", tmp_path)
    shutil.copy(WEIGHTS_FOLDER / "SHA256SUMS", tmp_path)
    monkeypatch.setattr("course_utils.classifier.WEIGHTS_FOLDER", tmp_path)
    return tmp_path / "compact_drawn_faces.keras"


def test_weights_with_the_right_digest_load(weights):
    assert load_pretrained("drawn_faces").model.count_params() < 1_000_000


@pytest.mark.parametrize("suffix", [".keras", ".tflite"])
def test_one_changed_byte_is_found(weights, suffix):
    path = weights.with_suffix(suffix)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{suffix}.*SHA-256"):
        _ = load_pretrained("drawn_faces").model


def test_a_missing_file_is_named(weights):
    weights.with_suffix(".tflite").unlink()
    with pytest.raises(FileNotFoundError, match=r"drawn_faces\.tflite"):
        load_pretrained("drawn_faces")


def test_weights_that_are_not_listed_are_refused(weights):
    for suffix in (".keras", ".tflite"):
        shutil.copy(weights.with_suffix(suffix), weights.with_name(f"compact_cats{suffix}"))
    with pytest.raises(ValueError, match="expected none"):
        load_pretrained("cats")


def test_a_name_that_does_not_ship_lists_what_does(weights):
    with pytest.raises(FileNotFoundError, match="It has: drawn_faces"):
        load_pretrained("dogs")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_was_saved_by_the_oldest_supported_keras(path):
    """A newer Keras reads an older one's files, and not the other way round."""
    with zipfile.ZipFile(path) as archive:
        saved_by = json.loads(archive.read("metadata.json"))["keras_version"]
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    (oldest,) = re.findall(r'"keras>=([0-9.]+)"', project)
    assert saved_by.split(".")[:2] == oldest.split(".")[:2]
    assert load_pretrained(path.stem.removeprefix("compact_")).model.count_params() <= 1_000_000


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_opencv_reads_what_keras_reads(path):
    shipped = load_pretrained(path.stem.removeprefix("compact_"))
    images = crops(5, 60, 50)
    by_keras = Classifier(shipped.model).predict_proba(images)
    np.testing.assert_allclose(shipped.predict_proba(images), by_keras, atol=1e-5)
    np.testing.assert_allclose(shipped.predict_proba(images[3:4]), by_keras[3:4], atol=1e-5)


def test_the_answer_needs_neither_keras_nor_the_network():
    """Within five seconds of starting Python: TensorFlow's import alone can cost that."""
    script = """
import sys, socket
def refuse(*_): raise OSError("no network here")
socket.socket.connect = refuse
import numpy as np
from course_utils import load_pretrained
probabilities = load_pretrained().predict_proba(np.zeros((1, 48, 48), np.uint8))
assert probabilities.shape == (1, 7)
print([name for name in ("keras", "tensorflow", "torch", "pandas") if name in sys.modules])
"""
    command = [sys.executable, "-c", script]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert shown.strip() == "[]"


def test_weights_from_a_newer_keras_are_named(compact, tmp_path):
    path = tmp_path / "newer.keras"
    compact.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1]["config"]["an_argument_of_tomorrow"] = 1
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=r"newer\.keras.*install that one"):
        load_classifier(path)


def ending_in(*last: layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(3)
    inputs = keras.Input((48, 48, 1))
    x = layers.Flatten()(inputs)
    for layer in last:
        x = layer(x)
    return keras.Model(inputs, x, name="learner")


def nested() -> keras.Model:
    head = keras.Sequential([keras.Input((2304,)), layers.Dense(7, activation="softmax")])
    return ending_in(head)


SOFTMAX = {
    "activation": lambda: ending_in(layers.Dense(7, activation="softmax")),
    "no bias": lambda: ending_in(layers.Dense(7, activation="softmax", use_bias=False)),
    "layer": lambda: ending_in(layers.Dense(7), layers.Softmax()),
    "activation layer": lambda: ending_in(layers.Dense(7), layers.Activation("softmax")),
    "sequential": lambda: keras.Sequential(
        [keras.Input((48, 48, 1)), layers.Flatten(), layers.Dense(7, activation="softmax")]
    ),
    "nested": nested,
}


@pytest.mark.parametrize("end", SOFTMAX)
def test_a_networks_own_softmax_is_not_applied_twice(end, tmp_path):
    model = SOFTMAX[end]()
    images = crops(4, 48, 48)
    expected = model.predict_on_batch(preprocess(images))
    assert expected.max() > 0.2, "a second softmax would change little"
    model.save(tmp_path / "model.keras")
    for classifier in (Classifier(model), load_classifier(tmp_path / "model.keras")):
        np.testing.assert_allclose(classifier.predict_proba(images), expected, atol=1e-6)
        logits = classifier.model.predict_on_batch(preprocess(images))
        assert np.abs(logits.sum(axis=1) - 1).min() > 1e-3, "no logits"


def test_logits_get_their_softmax(tmp_path):
    model = ending_in(layers.Dense(7))
    images = crops(4, 48, 48)
    expected = scipy.special.softmax(model.predict_on_batch(preprocess(images)), axis=1)
    model.save(tmp_path / "model.keras")
    found = load_classifier(tmp_path / "model.keras").predict_proba(images)
    np.testing.assert_allclose(found, expected, atol=1e-6)


class _Softmax(layers.Layer):
    def call(self, scores: keras.KerasTensor) -> keras.KerasTensor:
        return keras.ops.softmax(scores)


@pytest.mark.parametrize(
    "last",
    [
        (layers.Dense(7, activation="sigmoid"),),
        (layers.Dense(7, activation="relu"),),
        (layers.Dense(7), keras.ops.softmax),
        (layers.Dense(7), _Softmax()),
        (layers.Dense(7), layers.Dropout(0.5)),
    ],
)
def test_a_network_that_ends_in_neither_is_refused(last):
    with pytest.raises(ValueError, match=r"'learner' ends in .*neither logits nor a softmax"):
        Classifier(ending_in(*last))


def test_a_file_that_ends_in_neither_is_named(tmp_path):
    ending_in(layers.Dense(7, activation="sigmoid")).save(tmp_path / "sigmoid.keras")
    with pytest.raises(ValueError, match=r"sigmoid\.keras.*neither logits nor a softmax"):
        load_classifier(tmp_path / "sigmoid.keras")


def test_a_network_whose_training_failed_is_refused(tmp_path):
    model = ending_in(layers.Dense(7))
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    model.save(tmp_path / "nan.keras")
    with pytest.raises(ValueError, match=r"nan\.keras puts out NaN"):
        load_classifier(tmp_path / "nan.keras")


@pytest.mark.filterwarnings("ignore:You are saving a model that has not yet been built")
def test_a_network_that_never_saw_an_input_is_refused(tmp_path):
    network = keras.Sequential([layers.Flatten(), layers.Dense(7, activation="softmax")])
    network.save(tmp_path / "unbuilt.keras")
    with pytest.raises(ValueError, match=r"unbuilt\.keras.*keras\.Input"):
        load_classifier(tmp_path / "unbuilt.keras")


def test_a_file_that_is_not_there_is_not_called_damaged(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*absent\.keras"):
        load_classifier(tmp_path / "absent.keras")


def test_a_cause_without_a_message_is_named_by_its_type(compact, tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise EOFError

    compact.save(tmp_path / "odd.keras")
    monkeypatch.setattr(keras.saving, "load_model", fail)
    with pytest.raises(ValueError, match=r"odd\.keras.*Keras says: EOFError"):
        load_classifier(tmp_path / "odd.keras")
