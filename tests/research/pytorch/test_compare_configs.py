"""Configs are compared one change at a time, seed by seed."""

import numpy as np

from research import compare_configs
from research.compare_configs import BASE, MIRRORED
from research.config import Config
from research.designs import build_network
from research.trainer import Trainer
from tests.helpers import striped_faces


def test_all_configs_differ_from_the_first_in_one_thing():
    config = Config(epochs=3)
    changes = {
        variant: {name for name, value in vars(changed).items() if value != getattr(config, name)}
        for variant, changed in compare_configs.variants(config, "teacher").items()
    }
    assert changes.pop(BASE) == set()
    assert changes.pop("a teacher of the same view") == {"teachers", "same_view"}
    assert all(len(change) == 1 for change in changes.values())


def test_a_network_is_evaluated_with_and_without_the_mirror_image():
    faces = striped_faces(70, seed=1)
    trainer = Trainer(Config(), build_network("small"))
    found = compare_configs.evaluate(trainer, faces)
    straight = trainer.predict_proba(faces.images, 1.0)
    flipped = trainer.predict_proba(np.flip(faces.images, axis=2), 1.0)
    assert found["accuracy"] == np.mean(straight.argmax(1) == faces.labels)
    assert found["mirrored"] == np.mean((straight + flipped).argmax(1) == faces.labels)


def test_gains_are_listed_by_seed():
    rows = [
        {"variant": BASE, "seed": 0, "accuracy": 0.40, "mirrored": 0.41},
        {"variant": BASE, "seed": 1, "accuracy": 0.44, "mirrored": 0.43},
        {"variant": "other", "seed": 0, "accuracy": 0.45, "mirrored": 0},
        {"variant": "other", "seed": 1, "accuracy": 0.43, "mirrored": 0},
    ]
    assert compare_configs.describe(rows).splitlines()[2:] == [
        f"| {BASE} | 42.0% |  |",
        "| other | 44.0% | +5.0, -1.0 |",
        f"| {MIRRORED} | 42.0% | +1.0, -1.0 |",
    ]
