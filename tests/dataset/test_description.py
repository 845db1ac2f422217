"""A description counts what was planted, and prints it for people."""

import numpy as np
import pandas as pd
import pytest

from course_utils import EMOTIONS, drawn_faces
from course_utils.dataset.description import describe
from course_utils.dataset.loading import Dataset
from course_utils.split import Split


def data_of(images: dict[str, np.ndarray], labels: dict[str, list[int]], **columns) -> Dataset:
    splits = {}
    for role in ("train", "validation", "test"):
        names = np.array(EMOTIONS)[labels[role]]
        table = pd.DataFrame({"file": "a.png", "emotion": names})
        for name, values in columns.items():
            table[name] = values[role]
        splits[role] = Split(images[role], np.array(labels[role], dtype=np.int64), table)
    return Dataset(**splits, source="photographs", notice="", damaged=("x.png", "y.png"))


@pytest.fixture
def planted() -> tuple[dict[str, np.ndarray], dict[str, list[int]]]:
    faces = drawn_faces.make_dataset(30, seed=8).images
    blank = np.full((48, 48), 90, np.uint8)
    lighter = np.clip(faces.astype(int) * 0.9 + 20, 0, 255).astype(np.uint8)
    images = {
        # Two equal, one in other light, two blank.
        "train": np.stack([*faces[:6], faces[0], lighter[1], blank, blank]),
        # Two of train in other light, one blank, two alike that are not in train.
        "validation": np.stack([lighter[2], lighter[3], blank, faces[10], faces[10]]),
        "test": faces[20:24],
    }
    labels = {
        "train": [0, 1, 2, 3, 4, 5, 0, 6, 0, 1],
        "validation": [2, 6, 0, 1, 1],
        "test": [0, 1, 2, 3],
    }
    return images, labels


def test_flaws_are_those_that_were_planted(planted):
    flaws = describe(data_of(*planted)).flaws
    assert flaws.loc["train"].to_dict() == {
        "images": 10,
        "blank": 2,
        "exact duplicates": 2,
        "near-duplicates": 4,
        "near-duplicates of train": 4,
        "with another label": 2,
    }
    assert flaws.loc["validation"].tolist() == [5, 1, 2, 2, 2, 1]
    assert flaws.loc["test"].tolist() == [4, 0, 0, 0, 0, 0]


def test_classes_and_light_agree_with_plain_numpy(planted):
    images, labels = planted
    description = describe(data_of(images, labels))
    assert description.classes["train"].tolist() == [3, 2, 1, 1, 1, 1, 1]
    assert description.classes.index.tolist() == list(EMOTIONS)
    assert description.light.loc["validation"].index.tolist() == list(EMOTIONS)
    assert description.light.loc[("validation", "sad")].isna().all()
    chosen = images["train"][np.array(labels["train"]) == 0].astype(float)
    brightness, contrast = description.light.loc[("train", "angry")]
    assert brightness == pytest.approx(chosen.mean(), abs=1e-3)
    assert contrast == pytest.approx(np.mean([image.std() for image in chosen]), abs=1e-3)


def test_official_test_images_in_kaggles_train_folder_are_counted_where_all_are_there(planted):
    images, labels = planted
    usage = {
        "train": "Training",
        "validation": ["PublicTest"] * 5,
        "test": ["PrivateTest"] * 4,
    }
    folder = {
        "train": "train",
        "validation": ["train"] * 2 + ["validation"] * 3,
        "test": ["train"] * 3 + ["validation"],
    }
    description = describe(data_of(images, labels, usage=usage, folder=folder))
    assert description.test_images_in_kaggles_train == 5
    assert "Official test images in Kaggle's folder train: 5" in repr(description)
    usage["test"] = ["PublicTest"] * 4
    incomplete = describe(data_of(images, labels, usage=usage, folder=folder))
    assert incomplete.test_images_in_kaggles_train is None
    assert "Kaggle" not in repr(incomplete)


def test_a_description_reads_well(planted):
    text = repr(describe(data_of(*planted)))
    for part in ("Images of each class", "near-duplicates of train", "brightness", "surprise"):
        assert part in text
    assert "Damaged files: 2" in text
    assert max(map(len, text.splitlines())) < 80
