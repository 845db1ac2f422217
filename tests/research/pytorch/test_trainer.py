"""A step, an epoch and an evaluation do what the config says."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import torch
from scipy.special import softmax

from research import trainer
from research.augmentation import augment
from research.designs import build_network
from research.trainer import Trainer
from tests.helpers import TRAIN, VALIDATION
from tests.research.helpers import SHORT

TARGETS = torch.eye(7)[torch.arange(20) % 7]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_step_computes_in_the_precision_that_is_chosen(monkeypatch, precision):
    monkeypatch.setattr(trainer, "faster_precision", lambda: precision)
    network = Trainer(SHORT, build_network("small"))
    targets = torch.eye(7)[torch.arange(20) % 7]
    _, logits = network.train_step(torch.rand(20, 1, 48, 48), targets, 0.5)
    assert logits.dtype == getattr(torch, precision)


def test_a_run_goes_on_in_the_precision_that_it_began_in(monkeypatch):
    monkeypatch.setattr(trainer, "faster_precision", lambda: "bfloat16")
    begun = Trainer(SHORT, build_network("small"))
    monkeypatch.setattr(trainer, "faster_precision", lambda: "float32")
    resumed = Trainer(SHORT, build_network("small"))
    assert resumed.precision == "float32"
    resumed.load_state(begun.state())
    assert resumed.precision == "bfloat16"


def test_kernels_alone_decay():
    network = Trainer(replace(SHORT, weight_decay=0.3), build_network("small"))
    kernels, others = network.optimizer.param_groups
    assert kernels["weight_decay"] == 0.3 and {p.ndim for p in kernels["params"]} == {2, 4}
    assert others["weight_decay"] == 0 and {p.ndim for p in others["params"]} == {1}


def test_the_statistics_of_the_batches_are_averaged_too():
    trainer = Trainer(replace(SHORT, ema_decay=0.99), build_network("small"))
    for brightness in (0.2, 0.8, 0.8):
        trainer.train_step(torch.rand(20, 1, 48, 48) * brightness, TARGETS, 0)
    means = [
        next(part for part in network.parts if isinstance(part, torch.nn.BatchNorm2d)).running_mean
        for network in (trainer.network, trainer.averaged_network())
    ]
    assert float((means[0] - means[1]).abs().max()) > 0.01


def test_it_is_evaluated_at_the_resolution_in_use():
    trainer = Trainer(replace(SHORT, resolutions=(32, 32, 32)), build_network("small"))
    images = torch.from_numpy(VALIDATION.images[:, np.newaxis] / np.float32(255))
    small_images = torch.nn.functional.interpolate(images, size=(32, 32), mode="bilinear")
    with torch.inference_mode():
        expected = trainer.averaged_network().eval()(small_images).softmax(1)
    probabilities = trainer.predict_proba(VALIDATION.images, 0.5)
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_the_average_is_the_moving_average_of_the_weights():
    trainer = Trainer(SHORT, build_network("small"))
    images = torch.rand(40, 1, 48, 48)
    targets = torch.eye(7)[torch.arange(40) % 7]
    seen = []
    for _ in range(3):
        trainer.train_step(images, targets, 0.5)
        seen.append(next(p for p in trainer.network.parameters() if p.ndim == 4).detach().clone())
    expected = 0.8 * (0.8 * seen[0] + 0.2 * seen[1]) + 0.2 * seen[2]
    average = next(p for p in trainer.average.parameters() if p.ndim == 4)
    np.testing.assert_allclose(average.detach().numpy(), expected.numpy(), atol=1e-6)


def test_teachers_of_the_same_view_read_each_augmented_image(tmp_path, monkeypatch):
    """Without noise, at 48 pixels, while the network sees it smaller and noisy."""
    keras.utils.set_random_seed(3)
    teacher = build_network("small")
    teacher.save(tmp_path / "teacher.keras")
    config = replace(
        SHORT,
        teachers=(str(tmp_path / "teacher.keras"),),
        same_view=True,
        distillation_weight=0.75,
        noise_sigma=0.1,
        resolutions=(32, 32, 32),
    )
    monkeypatch.setattr(trainer, "faster_precision", lambda: "float32")
    network = Trainer(config, build_network("small"))
    seen, views = [], []

    def note_step(batch, targets, progress):
        seen.append((batch, targets))
        return 0.0, targets

    def note_view(*arguments):
        views.append(augment(*arguments))
        return views[-1]

    monkeypatch.setattr(network, "train_step", note_step)
    monkeypatch.setattr(trainer, "augment", note_view)
    images = torch.from_numpy(TRAIN.images[:, np.newaxis] / np.float32(255))
    labels = torch.eye(7)[torch.from_numpy(TRAIN.labels).long()]
    network.train_epoch(0, images, labels)
    assert len(seen) == 7
    order = torch.randperm(140, generator=torch.Generator().manual_seed(0)).split(20)
    for (batch, targets), view, chosen in zip(seen, views, order, strict=True):
        assert batch.shape == (20, 1, 32, 32) and view.shape == (20, 1, 48, 48)
        logits = teacher.predict_on_batch(view.numpy().transpose(0, 2, 3, 1))
        expected = 0.25 * labels[chosen].numpy() + 0.75 * softmax(logits, axis=1)
        np.testing.assert_allclose(targets.numpy(), expected, atol=1e-5)
