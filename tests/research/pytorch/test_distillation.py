"""Targets are labels, mixed with what teachers predict."""

from dataclasses import replace

import keras
import numpy as np
import torch
from scipy.special import softmax

from research import distillation
from research.config import Config
from research.designs import build_network
from research.distillation import build_targets
from tests.helpers import TRAIN


def test_targets_mix_labels_and_teacher(tmp_path, monkeypatch):
    monkeypatch.setattr(distillation, "faster_precision", lambda: "float32")
    config = Config(label_smoothing=0.14)
    plain = build_targets(TRAIN, config).numpy()
    np.testing.assert_allclose(plain[np.arange(140), TRAIN.labels], 0.88, atol=1e-6)
    np.testing.assert_allclose(plain.sum(axis=1), 1, atol=1e-6)

    keras.utils.set_random_seed(3)
    teacher = build_network("small")
    teacher.save(tmp_path / "teacher.keras")
    second = build_network("small")
    second.save(tmp_path / "second.keras")
    paths = (str(tmp_path / "teacher.keras"), str(tmp_path / "second.keras"))
    taught = Config(label_smoothing=0.14, teachers=paths)
    inputs = TRAIN.images[..., np.newaxis] / np.float32(255)
    predictions = [
        softmax(model.predict(images, verbose=0), axis=1)
        for model in (teacher, second)
        for images in (inputs, inputs[:, :, ::-1])
    ]
    expected = 0.5 * plain + 0.5 * sum(predictions) / 4
    np.testing.assert_allclose(build_targets(TRAIN, taught).numpy(), expected, atol=1e-5)
    online = replace(taught, same_view=True)
    np.testing.assert_array_equal(build_targets(TRAIN, online).numpy(), plain)


def test_a_teacher_that_ends_in_a_softmax_predicts_the_same(tmp_path, monkeypatch):
    """As those do that were saved before networks put out logits."""
    monkeypatch.setattr(distillation, "faster_precision", lambda: "float32")
    teacher = build_network("small")
    teacher.save(tmp_path / "logits.keras")
    older = keras.Model(teacher.inputs, keras.layers.Softmax()(teacher.outputs[0]))
    older.save(tmp_path / "softmax.keras")
    targets = [
        build_targets(TRAIN, Config(teachers=(str(tmp_path / name),)))
        for name in ("logits.keras", "softmax.keras")
    ]
    assert torch.equal(*targets)
