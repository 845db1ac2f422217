"""The embedded data: faces drawn from action units, identity, pose, light and camera.

Every face is drawn from a small set of parameters, and every parameter is a column of the table:
what a network finds difficult can be looked up. `parameters` says what they are and which action
units make which expression; `landmarks`, `geometry` and `rendering` turn them into pixels.

What these faces show about skin tone, age or glasses is about method. They are no people.
"""

import tempfile
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm.auto import tqdm

from course_utils.drawn_faces.parameters import (
    PARAMETERS,
    sample_conditions,
    sample_expressions,
)
from course_utils.drawn_faces.rendering import paint_faces
from course_utils.emotions import EMOTIONS
from course_utils.files import data_folder, sha256
from course_utils.split import IMAGE_SIZE, Split
from course_utils.wording import counted

DEFAULT_SIZES = MappingProxyType({"train": 7_000, "validation": 1_500, "test": 1_500})

# Images of each class in FER2013 (Goodfellow et al. 2013, arXiv 1307.0414): 35,887 together.
FER2013_COUNTS: Mapping[str, int] = MappingProxyType(
    dict(zip(EMOTIONS, (4953, 547, 5121, 8989, 6198, 6077, 4002), strict=True))
)
_FEWEST = 3  # of a class, however rare
_AT_ONCE = 100  # faces that are painted together
_FEW = 1_500  # faces: to start processes for less takes longer than to paint them
_GLASSES_PROBABILITIES = (
    0.9,
    0.1,
)  # of the class that a shortcut is planted for, and of the others

# What a table holds beside the parameters.
LABEL_COLUMNS = (
    "file",
    "emotion",
    "drawn_emotion",
    "intensity",
    "second_emotion",
    "second_share",
)


def draw_face(
    parameters: Mapping[str, float] | pd.Series, size: int = IMAGE_SIZE
) -> NDArray[np.uint8]:
    """Draw one face.

    Args:
        parameters: a value for any of `PARAMETERS`; the others rest. A row of a data set's table
            will do.
        size: width and height in pixels.

    Returns:
        uint8 (size, size).

    Raises:
        ValueError: a parameter that does not exist, or a value outside of its range.

    >>> smile = draw_face({"AU6": 1, "AU12": 1}, size=96)
    >>> smile.shape, smile.dtype
    ((96, 96), dtype('uint8'))
    """
    values = {name: parameter.resting for name, parameter in PARAMETERS.items()}
    for name, value in parameters.items():
        if name in LABEL_COLUMNS:
            continue
        if name not in PARAMETERS:
            raise ValueError(f"There is no parameter '{name}'. There are: {', '.join(PARAMETERS)}.")
        parameter = PARAMETERS[name]
        if not parameter.lowest <= value <= parameter.highest:
            raise ValueError(
                f"{name} must lie between {parameter.lowest} and {parameter.highest}: {value}."
            )
        values[name] = value
    columns = {name: np.array([float(value)]) for name, value in values.items()}
    return np.asarray(paint_faces(columns, size)[0])


def redraw(table: pd.DataFrame, **parameters: float) -> NDArray[np.uint8]:
    """Draw the faces of a table again with some parameters changed, uint8 (n, 48, 48).

    Raises:
        ValueError: a parameter that does not exist, or a value outside of its range.
    """
    for name, value in parameters.items():
        if (
            name not in PARAMETERS
            or not PARAMETERS[name].lowest <= value <= PARAMETERS[name].highest
        ):
            raise ValueError(f"There is no parameter '{name}' that can be set to {value}.")
    changed = table.assign(**parameters)
    return paint_faces({name: changed[name].to_numpy(float) for name in PARAMETERS}, IMAGE_SIZE)


def make_dataset(
    n: int,
    seed: int = 0,
    *,
    proportions: Mapping[str, float] | None = None,
    label_noise: float = 0.0,
    glasses_for: str | None = None,
    progress: bool = False,
) -> Split:
    """Draw a data set at random: the same `n` and `seed` give the same pixels.

    Three faces in ten blend two expressions, and the intensity runs from barely visible to full,
    so that some faces are honestly unclear.

    Args:
        n: number of faces, at least one of each class.
        seed: any number from 0.
        proportions: how common each class is; FER2013's where none are given. A class that is not
            named is not drawn; every other one gets at least three faces, as far as `n` allows.
        label_noise: the share of labels, from 0 to 1, that are replaced by a wrong one. The table's
            `drawn_emotion` keeps the right one.
        glasses_for: plant a shortcut: nine in ten faces drawn with this emotion wear glasses, and
            one in ten of the others. Everything else about the faces stays as it is without.
        progress: show a progress bar.

    Returns:
        A split whose table has the columns `LABEL_COLUMNS` and one for each of `PARAMETERS`.

    Raises:
        ValueError: an argument outside of its range.

    >>> faces = make_dataset(20, seed=0)
    >>> faces.images.shape, faces.labels.shape
    ((20, 48, 48), (20,))
    """
    if not 0 <= label_noise <= 1:
        raise ValueError(f"label_noise must lie between 0 and 1: {label_noise}.")
    if glasses_for is not None:
        _check_classes([glasses_for])
    rng = np.random.default_rng(seed)
    counts = class_counts(n, proportions or FER2013_COUNTS)
    drawn = rng.permutation(np.repeat(np.arange(len(EMOTIONS)), counts))
    table = pd.concat([sample_expressions(drawn, rng), sample_conditions(n, rng)], axis=1)
    labels = _spoil(drawn, label_noise, rng)
    names = np.array(EMOTIONS)
    if glasses_for is not None:
        probabilities = np.where(names[drawn] == glasses_for, *_GLASSES_PROBABILITIES)
        table["glasses"] = (rng.random(n) < probabilities).astype(np.int64)
    table.insert(0, "file", [f"{i}.png" for i in range(n)])
    table.insert(1, "emotion", names[labels])
    table.insert(2, "drawn_emotion", names[drawn])
    table = table[[*LABEL_COLUMNS, *PARAMETERS]]
    return Split(_paint_all(table, progress), labels.astype(np.int64), table)


def class_counts(n: int, proportions: Mapping[str, float]) -> NDArray[np.int64]:
    """Return how many of `n` faces each class gets, int64 (7,). Rounding goes to the most common.

    Raises:
        ValueError: an unknown class, a negative proportion, or fewer faces than classes.
    """
    _check_classes(proportions)
    weights = np.array([proportions.get(name, 0.0) for name in EMOTIONS])
    if weights.min() < 0 or weights.sum() == 0:
        raise ValueError("Proportions must not be negative, nor all zero.")
    classes = int(np.count_nonzero(weights))
    if n < classes:
        raise ValueError(f"{counted(n, 'face')} cannot show {classes} classes.")
    fewest = min(_FEWEST, n // classes) * (weights > 0)
    counts = np.maximum(np.floor(n * weights / weights.sum()).astype(np.int64), fewest)
    counts[weights.argmax()] += n - counts.sum()
    return np.asarray(counts)


def _check_classes(names: Iterable[str]) -> None:
    unknown = [name for name in names if name not in EMOTIONS]
    if unknown:
        raise ValueError(f"No such class: {', '.join(unknown)}. There are: {', '.join(EMOTIONS)}.")


def load_default() -> dict[str, Split]:
    """Return the default faces: 7,000 for training, 1,500 each for validation and test.

    They are drawn once, which takes some seconds, and kept in `data/drawn_faces/`: an image file
    for each face in Kaggle's layout, `manifest.csv` with its split and parameters, and all pixels
    in `images.npy` for fast loading. They are drawn anew where a file is damaged or missing, or
    where the code that draws has changed.

    Returns:
        Splits by the names "train", "validation" and "test". The table's `file` is the path below
        `data/drawn_faces/`.
    """
    folder = data_folder() / "drawn_faces"
    splits = _read(folder)
    if splits is None:
        splits = _draw_default()
        try:
            _write(folder, splits)
        except OSError as error:
            warnings.warn(f"The drawn faces could not be kept in {folder}: {error}", stacklevel=2)
    return splits


def _draw_default() -> dict[str, Split]:
    splits, first = {}, 0
    for seed, (role, size) in enumerate(DEFAULT_SIZES.items(), start=1):
        split = make_dataset(size, seed, progress=True)
        # Kaggle's archive has two folders for three splits; the manifest tells which is which.
        folder = "train" if role == "train" else "validation"
        split.table["file"] = [
            f"images/{folder}/{emotion}/{row}.png"
            for row, emotion in enumerate(split.table["emotion"], start=first)
        ]
        splits[role] = split
        first += size
    return splits


def _write(folder: Path, splits: dict[str, Split]) -> None:
    """Write under a temporary name, then rename: an interruption leaves nothing half-written."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".drawn_faces-") as temporary:
        unfinished = Path(temporary) / "drawn_faces"
        for split in splits.values():
            _write_images(unfinished, split)
        manifest = [split.table.assign(split=role) for role, split in splits.items()]
        pd.concat(manifest).to_csv(unfinished / "manifest.csv", index=False)
        np.save(unfinished / "images.npy", np.concatenate([s.images for s in splits.values()]))
        (unfinished / "digest.txt").write_text(_digest(unfinished), encoding="utf-8")
        if folder.exists():
            folder.rename(Path(temporary) / "outdated")
        unfinished.rename(folder)


def _write_images(folder: Path, split: Split) -> None:
    for name in {Path(file).parent for file in split.table["file"]}:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for file, image in zip(split.table["file"], split.images, strict=True):
        _, content = cv2.imencode(".png", image)
        (folder / file).write_bytes(content.tobytes())


def _read(folder: Path) -> dict[str, Split] | None:
    """Return the kept faces, or None where they are absent, damaged, or of an older drawing."""
    try:
        if (folder / "digest.txt").read_text(encoding="utf-8") != _digest(folder):
            return None
    except OSError:
        return None
    # Rounded as they were written: older pandas reads a last digit differently.
    manifest = pd.read_csv(folder / "manifest.csv").round(3)
    images = np.load(folder / "images.npy", allow_pickle=False)
    splits = {}
    for role in DEFAULT_SIZES:
        rows = np.flatnonzero(manifest["split"] == role)
        table = manifest.iloc[rows].drop(columns="split").reset_index(drop=True)
        labels = table["emotion"].map(EMOTIONS.index).to_numpy(np.int64)
        splits[role] = Split(images[rows], labels, table)
    return splits


def _digest(folder: Path) -> str:
    """Return a digest of the kept faces, of the image files' names, and of the drawing code."""
    here = Path(__file__)
    modules = ("parameters", "landmarks", "geometry", "rendering", "generator")
    parts = [here.with_name(f"{module}.py").read_bytes() for module in modules]
    parts += [(folder / name).read_bytes() for name in ("manifest.csv", "images.npy")]
    for image in sorted(folder.glob("images/*/*/*")):
        parts.append(f"{image.relative_to(folder).as_posix()} {image.stat().st_size}".encode())
    return sha256(b"".join(parts))


def _spoil(labels: NDArray[np.integer], share: float, rng: np.random.Generator) -> NDArray[Any]:
    """Replace a share of the labels, (n,), each by one of the six others."""
    wrong = rng.choice(len(labels), size=round(share * len(labels)), replace=False)
    spoilt = labels.copy()
    spoilt[wrong] = (labels[wrong] + rng.integers(1, len(EMOTIONS), len(wrong))) % len(EMOTIONS)
    return spoilt


def _paint_all(table: pd.DataFrame, progress: bool) -> NDArray[Any]:
    parameters = {name: table[name].to_numpy(dtype=float) for name in PARAMETERS}
    starts = range(0, len(table), _AT_ONCE)
    parts = [
        {name: v[start : start + _AT_ONCE] for name, v in parameters.items()} for start in starts
    ]
    # Processes and not threads, which would wait for one another: a stroke takes microseconds.
    parallel = Parallel(n_jobs=1 if len(table) < _FEW else -1, return_as="generator")
    images: list[NDArray[np.uint8]] = []
    with tqdm(total=len(table), desc="Drawing faces", unit=" faces", disable=not progress) as bar:
        for painted in parallel(delayed(paint_faces)(p, IMAGE_SIZE) for p in parts):
            images.append(painted)
            bar.update(len(painted))
    return np.concatenate(images)
