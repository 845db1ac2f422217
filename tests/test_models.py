"""The networks are what they are said to be, and only whole, known weights are loaded."""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from course_utils import build_model, load_pretrained
from course_utils.models import (
    WEIGHTS_FOLDER,
    Classifier,
    count_cost,
    load_classifier,
    residual_block,
)


@pytest.fixture(scope="module")
def compact() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model("compact")


def crops(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_the_baseline_has_the_parameters_of_the_course_it_stands_for():
    model = build_model("seed_baseline")
    assert model.count_params() == 4_478_727
    kernels = [layer.kernel.shape for layer in model.layers if isinstance(layer, layers.Conv2D)]
    assert [tuple(shape) for shape in kernels] == [
        (3, 3, 1, 64),
        (5, 5, 64, 128),
        (3, 3, 128, 512),
        (3, 3, 512, 512),
    ]


def test_the_compact_network_stays_under_a_million_parameters(compact):
    assert compact.count_params() <= 1_000_000
    assert compact.input_shape == (None, 48, 48, 1) and compact.output_shape == (None, 7)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="compact, seed_baseline"):
        build_model("vgg")


def test_a_residual_block_adds_what_it_finds_to_what_it_got():
    inputs = keras.Input((8, 8, 16))
    block = keras.Model(inputs, residual_block(inputs, 16))
    for layer in block.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.gamma.assign(np.zeros(16))  # the block finds nothing
    x = np.abs(np.random.default_rng(0).normal(size=(2, 8, 8, 16))).astype(np.float32)
    np.testing.assert_allclose(block.predict_on_batch(x), x, atol=1e-6)


def test_the_cost_is_that_of_counting_by_loops():
    inputs = keras.Input((10, 12, 3))
    x = layers.Conv2D(5, 3, strides=2, padding="same")(inputs)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.Flatten()(x)
    model = keras.Model(inputs, layers.Dense(4)(x))
    expected = 0
    for _pixel in range(5 * 6):
        for _filter in range(5):
            expected += 3 * 3 * 3  # each filter reads all three channels
            expected += 3 * 3  # each depthwise filter reads its own
    expected += 5 * 6 * 5 * 4
    cost = count_cost(model)
    assert cost["activations"].tolist() == [10 * 12 * 3, 150, 150, 150, 4]
    assert cost["multiply_adds"].sum() == expected
    assert cost["parameters"].sum() == model.count_params() == 140 + 45 + 604


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
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compact: keras.Model) -> Path:
    """Stand a folder of weights of our own in the place of the shipped one."""
    path = tmp_path / "compact_drawn_faces.keras"
    compact.save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    monkeypatch.setattr("course_utils.models.WEIGHTS_FOLDER", tmp_path)
    return path


def test_weights_with_the_right_digest_load(weights):
    assert load_pretrained("drawn_faces").model.count_params() < 1_000_000


def test_one_changed_byte_is_found(weights):
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ValueError, match="SHA-256"):
        load_pretrained("drawn_faces")


def test_weights_that_are_not_listed_are_refused(weights):
    shutil.copy(weights, weights.with_name("compact_photographs.keras"))
    with pytest.raises(ValueError, match="expected none"):
        load_pretrained("photographs")


def test_a_name_that_does_not_ship_lists_what_does(weights):
    with pytest.raises(FileNotFoundError, match="It has: drawn_faces"):
        load_pretrained("cats")


@pytest.mark.parametrize("path", sorted(WEIGHTS_FOLDER.glob("*.keras")), ids=lambda path: path.stem)
def test_what_ships_was_saved_by_the_oldest_supported_keras(path):
    """A newer Keras reads an older one's files, and not the other way round."""
    with zipfile.ZipFile(path) as archive:
        saved_by = json.loads(archive.read("metadata.json"))["keras_version"]
    requirements = (Path(__file__).parent.parent / "requirements.txt").read_text(encoding="utf-8")
    (oldest,) = re.findall(r"^keras>=([0-9.]+)", requirements, re.MULTILINE)
    assert saved_by.split(".")[:2] == oldest.split(".")[:2]
    assert load_pretrained(path.stem.removeprefix("compact_")).model.count_params() <= 1_000_000
