"""What the comparisons of designs and recipes train, judge and print."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils import EMOTIONS
from course_utils.split import Split
from research import compare_designs, compare_recipes
from research.compare_recipes import BASE, MIRRORED
from research.designs import DESIGNS, build_design
from research.long_training import Recipe, Trainer
from tests.helpers import striped_faces

HEADER = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_stays_under_a_million_parameters(design):
    assert compare_designs.cost(design)["parameters"] < 1_000_000
    assert build_design(design).output_shape == (None, 7)


def test_all_recipes_differ_from_the_first_in_one_thing():
    recipe = Recipe(epochs=3)
    changes = {
        variant: {name for name, value in vars(changed).items() if value != getattr(recipe, name)}
        for variant, changed in compare_recipes.variants(recipe, "teacher", "votes").items()
    }
    assert changes.pop(BASE) == set()
    assert changes.pop("a teacher of the same view") == {"teachers", "same_view"}
    assert all(len(change) == 1 for change in changes.values())


def test_the_majority_needs_more_than_half_of_the_votes_for_one_of_the_seven(tmp_path):
    rows = ["10,0,0,0,0,0,0,0,0,0"] * 35_887
    rows[1] = "1,6,0,0,0,0,0,3,0,0"  # happy
    rows[2] = "5,5,0,0,0,0,0,0,0,0"  # as many as the others together
    rows[3] = "1,0,0,0,0,0,0,9,0,0"  # contempt
    rows[4] = "0,0,0,0,0,0,6,0,0,4"  # fear
    path = tmp_path / "fer2013new.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    faces = striped_faces(35, seed=1).take(range(4))
    faces = Split(faces.images, faces.labels, faces.table.assign(row=[3, 1, 2, 4]))
    voted = compare_recipes.majority(faces, str(path))
    assert [EMOTIONS[label] for label in voted.labels] == ["happy", "fear"]
    np.testing.assert_array_equal(voted.images, faces.images[[1, 3]])


def test_a_network_is_judged_with_and_without_the_mirror_image():
    faces = striped_faces(70, seed=1)
    trainer = Trainer(Recipe(), build_design("compact"))
    judged = compare_recipes.judge(trainer, faces, faces.take(range(30)))
    straight = trainer.predict_proba(faces.images, 1.0)
    flipped = trainer.predict_proba(np.flip(faces.images, axis=2), 1.0)
    assert judged["accuracy"] == np.mean(straight.argmax(1) == faces.labels)
    assert judged["mirrored"] == np.mean((straight + flipped).argmax(1) == faces.labels)
    assert judged["by_votes"] == np.mean(straight.argmax(1)[:30] == faces.labels[:30])


def test_gains_are_told_by_seed():
    rows = [
        {"variant": BASE, "seed": 0, "accuracy": 0.40, "mirrored": 0.41, "by_votes": 0.5},
        {"variant": BASE, "seed": 1, "accuracy": 0.44, "mirrored": 0.43, "by_votes": 0.6},
        {"variant": "other", "seed": 0, "accuracy": 0.45, "mirrored": 0, "by_votes": 0.7},
        {"variant": "other", "seed": 1, "accuracy": 0.43, "mirrored": 0, "by_votes": 0.8},
    ]
    assert compare_recipes.describe(rows).splitlines()[2:] == [
        f"| {BASE} | 42.0% |  | 55.0% |",
        "| other | 44.0% | +5.0, -1.0 | 75.0% |",
        f"| {MIRRORED} | 42.0% | +1.0, -1.0 |  |",
    ]


def test_designs_are_listed_from_the_most_accurate():
    cost = {"parameters": 900_000, "multiply_adds": 108_000_000}
    rows = [
        {"design": "one", "seed": 0, "accuracy": 0.5, **cost},
        {"design": "two", "seed": 0, "accuracy": 0.6, **cost},
        {"design": "two", "seed": 1, "accuracy": 0.5, **cost},
    ]
    assert compare_designs.describe(rows).splitlines()[2:] == [
        "| two | 900,000 | 108 million | 55.0% | 60.0%, 50.0% |",
        "| one | 900,000 | 108 million | 50.0% | 50.0% |",
    ]


class Comparison:
    """One of the two commands, with training that takes no time and is noted in `trained`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, results: Path, command) -> None:
        self.monkeypatch, self.results, self.command = monkeypatch, results, command
        self.trained: list[Recipe] = []
        data = SimpleNamespace(train=striped_faces(70, seed=1), validation=striped_faces(7, seed=2))
        monkeypatch.setattr(compare_designs, "load_dataset", lambda: data)
        monkeypatch.setattr(command, "train_one", self.train_one)
        if command is compare_designs:
            monkeypatch.setattr(command, "DESIGNS", ["compact", "plain"])
            self.others = []
        else:
            monkeypatch.setattr(command, "majority", lambda split, path: split)
            monkeypatch.setattr(command, "variants", self.two_variants)
            self.others = ["--teacher", "teacher.keras", "--votes", "votes.csv"]

    @staticmethod
    def two_variants(recipe: Recipe, teacher: str, votes: str) -> dict[str, Recipe]:
        return {BASE: recipe, "other": replace(recipe, label_smoothing=0.0)}

    def train_one(self, design: str, recipe: Recipe, train: Split) -> SimpleNamespace:
        self.trained.append(recipe)
        return SimpleNamespace(
            judge=lambda split, progress: recipe.epochs / 100 + recipe.seed / 1000,
            predict_proba=lambda images, progress: np.eye(7)[np.zeros(len(images), int)],
        )

    def call(self, *arguments: str) -> list[Recipe]:
        """Call the command, and return what it trained."""
        self.trained.clear()
        command = ["compare", str(self.results), *self.others, *arguments]
        self.monkeypatch.setattr("sys.argv", command)
        self.command.main()
        return list(self.trained)

    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.results.read_text("utf-8").splitlines()]


@pytest.fixture(params=[compare_designs, compare_recipes], ids=lambda module: module.__name__)
def comparison(request, monkeypatch, tmp_path) -> Comparison:
    return Comparison(monkeypatch, tmp_path / "results.jsonl", request.param)


def test_a_run_is_kept_with_all_that_it_was_asked_for(comparison):
    trained = comparison.call("--epochs", "1", "--images", "50")
    assert [recipe.seed for recipe in trained] == [0, 0, 1, 1]
    rows = comparison.rows()
    assert [Recipe(**row["recipe"]).seed for row in rows] == [row["seed"] for row in rows]
    assert [row["seed"] for row in rows] == [0, 0, 1, 1]
    assert {row["images"] for row in rows} == {50}
    train = compare_designs.load_dataset().train
    chosen = train.take(np.random.default_rng(0).permutation(70)[:50])
    assert {row["train_digest"] for row in rows} == {chosen.digest()}


def test_only_what_is_missing_is_trained(comparison, capsys):
    assert len(comparison.call("--epochs", "1", "--seeds", "1")) == 2
    assert len(comparison.call("--epochs", "1", "--seeds", "2")) == 2
    assert comparison.call("--epochs", "1") == []
    assert len(comparison.rows()) == 4
    assert "did not count" not in capsys.readouterr().out


@pytest.mark.parametrize("other", [["--epochs", "9"], ["--images", "49"], ["--pixels", "32"]])
def test_a_run_of_another_recipe_or_of_other_images_is_trained(comparison, capsys, other):
    first = ["--epochs", "1", "--images", "50"]
    comparison.call(*first)
    capsys.readouterr()
    assert len(comparison.call(*first, *other)) == 4
    assert f"Of 4 runs found in {comparison.results}, 4 did not count" in capsys.readouterr().out
    assert len(comparison.rows()) == 8


def test_the_same_number_of_other_images_is_another_run(comparison, monkeypatch):
    comparison.call("--epochs", "1")
    data = SimpleNamespace(train=striped_faces(70, seed=3), validation=striped_faces(7, seed=2))
    monkeypatch.setattr(compare_designs, "load_dataset", lambda: data)
    assert len(comparison.call("--epochs", "1")) == 4


def test_a_line_from_before_recipes_were_kept_is_no_run(comparison, capsys):
    old = {"design": "compact", "variant": BASE, "seed": 0, "accuracy": 0.9}
    comparison.results.write_text(json.dumps(old) + "\n", encoding="utf-8")
    assert len(comparison.call("--epochs", "1")) == 4
    printed = capsys.readouterr().out
    assert ", 1 did not count" in printed and "90.0%" not in printed


def test_a_half_written_line_is_told_and_its_run_trained_again(comparison, capsys):
    comparison.call("--epochs", "1")
    whole = comparison.results.read_text("utf-8")
    comparison.results.write_text(whole[:-30], encoding="utf-8")
    for trained in (1, 0):
        assert len(comparison.call("--epochs", "1")) == trained
        assert f"Line 4 of {comparison.results} is not whole" in capsys.readouterr().out
    lines = comparison.results.read_text("utf-8").splitlines(keepends=True)
    assert lines[:3] == whole.splitlines(keepends=True)[:3]
    assert lines[4:] == whole.splitlines(keepends=True)[3:]
