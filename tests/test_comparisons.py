"""What the comparisons of designs and recipes train, judge and print."""

import compare_designs
import compare_recipes
import numpy as np
import pytest
from compare_recipes import BASE, MIRRORED
from designs import DESIGNS, build_design
from test_training import striped_faces

from course_utils import EMOTIONS
from course_utils.long_training import Recipe, Trainer
from course_utils.split import Split

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
