"""Write images as class folders, the form that `keras.utils.image_dataset_from_directory` reads."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from tqdm.auto import tqdm

from course_utils.emotions import EMOTIONS
from course_utils.files import replace_file
from course_utils.split import Split

DIGESTS = "digests.json"  # of the splits that a folder holds, written last


def write_class_folders(splits: Mapping[str, Split], folder: Path) -> None:
    """Write each image to `folder/role/emotion/number.png`; its number is its place in the split.

    Where the folder holds the same images already, nothing is written. Where it holds others that
    this function wrote, or a part of them, they are replaced. A progress bar counts the images.

    Args:
        splits: the images by the names of their roles.
        folder: where they go; folders above it are made.

    Raises:
        FileExistsError: the folder holds something else, which stays as it is.
    """
    digests = {role: split.digest() for role, split in splits.items()}
    if _holds(folder, digests):
        return
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder)):
        raise FileExistsError(
            f"{folder} holds something else, and nothing was changed. Choose another folder, or "
            "empty that one."
        )
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / DIGESTS).write_text("{}", encoding="utf-8")  # ours, and not complete yet
    total = sum(len(split) for split in splits.values())
    with tqdm(total=total, desc="Writing images", unit=" images", leave=False) as bar:
        for role, split in splits.items():
            _write_split(split, folder / role, bar)
    complete = json.dumps(digests, indent=2)
    replace_file(folder / DIGESTS, lambda path: path.write_text(complete, encoding="utf-8"))


def _holds(folder: Path, digests: dict[str, str]) -> bool:
    return _is_ours(folder) and json.loads((folder / DIGESTS).read_text("utf-8")) == digests


def _is_ours(folder: Path) -> bool:
    return (folder / DIGESTS).is_file()


def _write_split(split: Split, folder: Path, bar: tqdm) -> None:
    for emotion in EMOTIONS:  # an empty class keeps its folder, and so its number
        (folder / emotion).mkdir(parents=True)
    for number, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
        _, png = cv2.imencode(".png", np.ascontiguousarray(image))
        (folder / EMOTIONS[label] / f"{number:05}.png").write_bytes(png.tobytes())
        bar.update()
