"""A comparison trains what is missing, and counts no other run for it."""

import json
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import softmax

from course_utils.split import Split
from research import comparison as module
from research.config import Config
from research.train import fit
from tests.helpers import striped_faces
from tests.research.helpers import SHORT


def variants(config: Config) -> dict[str, Config]:
    return {"first": config, "second": replace(config, label_smoothing=0.0)}


class Comparison:
    """A comparison whose training takes no time and is noted in `trained`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, results: Path) -> None:
        self.results = results
        self.trained: list[Config] = []
        splits = striped_faces(70, seed=1), striped_faces(7, seed=2)
        monkeypatch.setattr(module, "load_official_splits", lambda: splits)
        monkeypatch.setattr(module, "train", self.train)

    def train(self, config: Config, images: Split) -> SimpleNamespace:
        self.trained.append(config)
        return SimpleNamespace(config=config)

    @staticmethod
    def evaluate(trainer: SimpleNamespace, validation: Split) -> dict[str, float]:
        assert len(validation) == 7
        return {"accuracy": trainer.config.epochs / 100 + trainer.config.seed / 1000}

    def call(self, *arguments: str) -> list[Config]:
        """Compare, and return what was trained."""
        self.trained.clear()
        parser = ArgumentParser()
        module.add_arguments(parser, epochs=5)
        parsed = parser.parse_args([str(self.results), *arguments])
        found = module.run_variants(parsed, variants, self.evaluate)
        assert [(row["variant"], row["seed"], row["accuracy"]) for row in found] == [
            (variant, seed, parsed.epochs / 100 + seed / 1000)
            for seed in range(parsed.seeds)
            for variant in ("first", "second")
        ]
        return list(self.trained)

    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.results.read_text("utf-8").splitlines()]


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Comparison:
    return Comparison(monkeypatch, tmp_path / "results.jsonl")


def test_a_run_is_saved_with_its_config_and_its_images(comparison):
    trained = comparison.call("--epochs", "1", "--images", "50")
    assert [config.seed for config in trained] == [0, 0, 1, 1]
    rows = comparison.rows()
    assert [Config(**row["config"]).seed for row in rows] == [row["seed"] for row in rows]
    assert [row["seed"] for row in rows] == [0, 0, 1, 1]
    assert {row["images"] for row in rows} == {50}
    training = striped_faces(70, seed=1)
    chosen = training.take(np.random.default_rng(0).permutation(70)[:50])
    assert {row["train_digest"] for row in rows} == {chosen.digest()}


def test_only_what_is_missing_is_trained(comparison, capsys):
    assert len(comparison.call("--epochs", "1", "--seeds", "1")) == 2
    assert len(comparison.call("--epochs", "1", "--seeds", "2")) == 2
    assert comparison.call("--epochs", "1") == []
    assert len(comparison.rows()) == 4
    assert "did not count" not in capsys.readouterr().out


@pytest.mark.parametrize("other", [["--epochs", "9"], ["--images", "49"], ["--pixels", "32"]])
def test_a_run_of_another_config_or_of_other_images_is_trained(comparison, capsys, other):
    first = ["--epochs", "1", "--images", "50"]
    comparison.call(*first)
    capsys.readouterr()
    assert len(comparison.call(*first, *other)) == 4
    assert f"Of 4 runs found in {comparison.results}, 4 did not count" in capsys.readouterr().out
    assert len(comparison.rows()) == 8


def test_the_same_number_of_other_images_is_another_run(comparison, monkeypatch):
    comparison.call("--epochs", "1")
    splits = striped_faces(70, seed=3), striped_faces(7, seed=2)
    monkeypatch.setattr(module, "load_official_splits", lambda: splits)
    assert len(comparison.call("--epochs", "1")) == 4


def test_a_line_without_its_config_is_no_run(comparison, capsys):
    old = {"variant": "first", "seed": 0, "accuracy": 0.9}
    comparison.results.write_text(json.dumps(old) + "\n", encoding="utf-8")
    assert len(comparison.call("--epochs", "1")) == 4
    printed = capsys.readouterr().out
    assert ", 1 did not count" in printed and "90.0%" not in printed


def test_a_half_written_line_is_reported_and_its_run_trained_again(comparison, capsys):
    comparison.call("--epochs", "1")
    whole = comparison.results.read_text("utf-8")
    comparison.results.write_text(whole[:-30], encoding="utf-8")
    for trained in (1, 0):
        assert len(comparison.call("--epochs", "1")) == trained
        assert f"Line 4 of {comparison.results} is not whole" in capsys.readouterr().out
    lines = comparison.results.read_text("utf-8").splitlines(keepends=True)
    assert lines[:3] == whole.splitlines(keepends=True)[:3]
    assert lines[4:] == whole.splitlines(keepends=True)[3:]


def test_a_training_is_that_of_a_run_on_disk(tmp_path):
    faces = striped_faces(70, seed=1)
    config = replace(SHORT, epochs=2)
    trainer = module.train(config, faces)
    model = fit(config, faces, faces, tmp_path)
    logits = model.predict(faces.images[..., None] / np.float32(255), verbose=0)
    probabilities = trainer.predict_proba(faces.images, 1.0)
    np.testing.assert_allclose(softmax(logits, axis=1), probabilities, atol=1e-3)
