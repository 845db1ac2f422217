"""Describe a data set before anything is learnt from it: what it holds, and what is wrong."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from course_utils.dataset.duplicates import near_duplicate_pairs
from course_utils.dataset.loading import Dataset
from course_utils.emotions import EMOTIONS
from course_utils.split import Split


@dataclass(frozen=True)
class Description:
    """What `describe` finds.

    Attributes:
        classes: images of each class (rows) in each split (columns).
        flaws: one row per split, a count of images in each column: all of them; blank ones; exact
            duplicates and near-duplicates of another image of the split; near-duplicates of another
            image in train; and those of them with another label there.
        light: mean brightness (the mean of an image's pixels) and contrast (their standard
            deviation), in grey levels, for each split and class.
        damaged: files that cannot be read, and are in no split.
        test_images_in_kaggles_train: how many of FER2013's official test images, PublicTest and
            PrivateTest, lie in the folder that Kaggle's archive calls `train`; None where the
            archive has no PrivateTest images, or is not FER2013.
    """

    classes: pd.DataFrame
    flaws: pd.DataFrame
    light: pd.DataFrame
    damaged: int
    test_images_in_kaggles_train: int | None

    def __repr__(self) -> str:
        light = self.light.groupby("split", sort=False).mean().round(1)
        parts = [
            f"Images of each class\n{self.classes}",
            f"Flaws, in images\n{self.flaws.T}",
            f"Light, in grey levels\n{light.T}",
            f"Damaged files: {self.damaged}",
        ]
        if self.test_images_in_kaggles_train is not None:
            parts.append(
                "Official test images in Kaggle's folder train: "
                f"{self.test_images_in_kaggles_train:,}"
            )
        return "\n\n".join(parts)


def describe(data: Dataset) -> Description:
    """Count classes, flaws and light in each split. Some seconds for all of FER2013."""
    splits = data.splits()
    counts = {role: np.bincount(s.labels, minlength=len(EMOTIONS)) for role, s in splits.items()}
    flaws = {role: _flaws(split, data.train) for role, split in splits.items()}
    light = {role: _light(split) for role, split in splits.items()}
    return Description(
        classes=pd.DataFrame(counts, index=pd.Index(EMOTIONS, name="emotion")),
        flaws=pd.DataFrame.from_dict(flaws, orient="index"),
        light=pd.concat(light, names=["split"]),
        damaged=len(data.damaged),
        test_images_in_kaggles_train=_test_images_in_kaggles_train(data),
    )


def _flaws(split: Split, train: Split) -> dict[str, int]:
    within = _pairs(split, split)
    of_train = within if split is train else _pairs(split, train)
    differ = split.labels[of_train[:, 0]] != train.labels[of_train[:, 1]]
    identical = (split.images[within[:, 0]] == split.images[within[:, 1]]).all(axis=(1, 2))
    return {
        "images": len(split),
        "blank": int(_is_blank(split.images).sum()),
        "exact duplicates": _images_in(within[identical]),
        "near-duplicates": _images_in(within),
        "near-duplicates of train": _images_in(of_train),
        "with another label": _images_in(of_train[differ]),
    }


def _pairs(split: Split, other: Split) -> NDArray[Any]:
    """Return the near-duplicates, (pairs, 2), but no blank image and none with itself."""
    pairs = near_duplicate_pairs(split.images, other.images)
    pairs = pairs[~_is_blank(split.images)[pairs[:, 0]]]
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]] if split is other else pairs)


def _is_blank(images: NDArray[np.uint8]) -> NDArray[Any]:
    return np.asarray(np.ptp(images, axis=(1, 2)) == 0)


def _images_in(pairs: NDArray[np.integer]) -> int:
    return len(np.unique(pairs[:, 0]))


def _light(split: Split) -> pd.DataFrame:
    pixels = split.images.reshape(len(split), -1)
    spread = pixels.std(axis=1, dtype=np.float32).astype(float)
    measured = pd.DataFrame({"brightness": pixels.mean(axis=1), "contrast": spread})
    means = measured.groupby(np.array(EMOTIONS)[split.labels]).mean()
    return means.reindex(pd.Index(EMOTIONS, name="emotion"))


def _test_images_in_kaggles_train(data: Dataset) -> int | None:
    table = pd.concat([split.table for split in data.splits().values()])
    if "usage" not in table or not (table["usage"] == "PrivateTest").any():
        return None
    is_test = table["usage"].isin(["PublicTest", "PrivateTest"])
    return int((is_test & (table["folder"] == "train")).sum())
