"""Find, download, check and split the images of the course.

The real photographs are FER2013 (Goodfellow et al. 2013, arXiv 1307.0414) in the layout of
Kaggle's `jonathanoheix/face-expression-recognition-dataset`, as a folder or a zip. Where there
are none, the drawn faces take their place.
"""

import os
import shutil
import warnings
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from course_utils.dataset import duplicates
from course_utils.dataset.archive import name_some, read_images, unpack
from course_utils.dataset.folders import write_class_folders
from course_utils.drawn_faces import generator as drawn_faces
from course_utils.emotions import EMOTIONS
from course_utils.files import data_folder, data_folders, project_folder
from course_utils.split import Split
from course_utils.wording import counted

KAGGLE_NAME = "jonathanoheix/face-expression-recognition-dataset"
DOWNLOAD_NAME = KAGGLE_NAME.split("/")[1]
ROLES = ("train", "validation", "test")

# FER2013's table lists its three parts one after the other: the first row of the two later ones.
FIRST_PUBLIC_TEST_ROW = 28_709
FIRST_PRIVATE_TEST_ROW = 32_298
FER2013_ROWS = 35_887


@dataclass(frozen=True)
class Dataset:
    """Three splits by their roles.

    Attributes:
        train: what a model learns from.
        validation: what every choice is made on.
        test: read once, for the figure that is reported.
        source: "drawn_faces" or "photographs".
        notice: where the images are from, and which roles are in force.
        damaged: the names of image files that cannot be read, and are in no split.
    """

    train: Split
    validation: Split
    test: Split
    source: str
    notice: str
    damaged: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"{role:<10}  {split!r}" for role, split in self.splits().items()]
        return "\n".join([f"Dataset of {self.source.replace('_', ' ')}", *lines])

    def splits(self) -> dict[str, Split]:
        """Return the three splits by the names of their roles."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def to_folders(self, folder: Path | str) -> Path:
        """Write the splits as class folders, `folder/train/angry/00000.png`, and return `folder`.

        On disk the drawn faces and Kaggle's folders mix the splits, and a zip is no folder: these
        are the roles of this data set. Where they are there already, nothing is written. Progress
        is shown.

        Raises:
            FileExistsError: the folder holds something else, which stays as it is.
        """
        write_class_folders(self.splits(), Path(folder))
        return Path(folder)


def load_dataset(near_duplicates: bool = True) -> Dataset:
    """Load the photographs where there are any, else the drawn faces, and print which.

    Photographs are looked for where the environment variable `COURSE_DATA` says (a folder or a
    zip), then in `data/`. `COURSE_DATA=drawn_faces` asks for the drawn faces in any case.

    Args:
        near_duplicates: False leaves out of validation and test what has a near-duplicate in train.

    Raises:
        FileNotFoundError: `COURSE_DATA` names nothing that exists.
        ValueError: what is found is no image data set of the seven classes; the message says why.
    """
    location = find_photographs()
    data = _load_drawn_faces() if location is None else load_photographs(location)
    if not near_duplicates:
        data = _without_near_duplicates(data)
    print(data.notice)
    return data


def _without_near_duplicates(data: Dataset) -> Dataset:
    kept = {}
    for role, split in (("validation", data.validation), ("test", data.test)):
        counts = duplicates.near_duplicates(split.images, data.train.images)
        kept[role] = split.take(counts == 0)
    fewer = [f"{len(getattr(data, r)) - len(split)} from {r}" for r, split in kept.items()]
    notice = f"{data.notice} Near-duplicates of train are left out: {', '.join(fewer)}."
    return replace(data, validation=kept["validation"], test=kept["test"], notice=notice)


def find_photographs() -> Path | None:
    """Return the folder or zip that `load_dataset` reads, or None where it takes drawn faces.

    A relative `COURSE_DATA` counts from the working folder, or else from the project's.

    Raises:
        FileNotFoundError: `COURSE_DATA` names nothing that exists.
    """
    setting = os.environ.get("COURSE_DATA", "").strip()
    if setting == "drawn_faces":
        return None
    if setting:
        location = Path(setting).expanduser()
        if not location.exists():
            # Notebooks run in their own folder.
            location = project_folder() / location
        if not location.exists():
            raise FileNotFoundError(
                f"COURSE_DATA is set to '{setting}', and there is nothing at "
                f"{location.resolve()}. Set it to the data set's folder or zip, or unset it to "
                "use the drawn faces."
            )
        return location
    for data in data_folders():
        folders = [path for path in (data / DOWNLOAD_NAME, data / "images") if path.is_dir()]
        found = folders + sorted(data.glob("*.zip"))
        if found:
            return found[0]
    return None


def image_folder() -> Path:
    """Return the folder of the image files behind `load_dataset`; a zip is unpacked in `data/`.

    Call it after `load_dataset`, which draws the faces where there are no photographs.

    Raises:
        FileNotFoundError: `COURSE_DATA` names nothing that exists.
        ValueError: what is found is no zip, or is cut off.
    """
    location = find_photographs() or data_folder() / "drawn_faces"
    return location if location.is_dir() else unpack(location, data_folder() / "unpacked")


def download_dataset() -> Path:
    """Download the photographs from Kaggle into `data/`, once, and return their folder.

    The data set is public: no account is needed. A progress bar shows the download.

    Raises:
        ConnectionError: Kaggle cannot be reached; the message says how to go on without it.
    """
    import kagglehub

    for folder in (data / DOWNLOAD_NAME for data in data_folders()):
        if folder.is_dir():
            return folder
    folder = data_folder() / DOWNLOAD_NAME
    # Under another name until it is whole: half a download is never taken for the data set.
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        kagglehub.dataset_download(KAGGLE_NAME, output_dir=str(unfinished))
    except Exception as error:  # kagglehub passes on what its network libraries raise
        raise ConnectionError(
            f"The photographs could not be downloaded ({type(error).__name__}: {error}). Check "
            "the network and run this again; or download the data set "
            f"'{KAGGLE_NAME}' from Kaggle in a browser and put the zip into {data_folder()}. "
            "Without them the course runs on the drawn faces."
        ) from error
    unfinished.rename(folder)
    return folder


def load_photographs(location: Path) -> Dataset:
    """Load a folder or zip of photographs in Kaggle's layout, with FER2013's official split.

    A file's stem is its row in FER2013's table, which tells the official split. Where the stems
    are no such rows, as with a teacher's own photographs, the folders give the split. A
    `manifest.csv` with the columns `file` and `split` (one of `ROLES`) outranks both.

    Raises:
        ValueError: no usable image data set; the message says what is wrong.
    """
    found, manifest = read_images(location, data_folder() / "cache")
    images = found.images
    if manifest is not None:
        table, notice = _roles_of_manifest(images, manifest)
    elif _is_fer2013(images.table):
        table, notice = _official_roles(images)
    else:
        table, notice = _roles_of_folders(images)
    images = Split(images.images, images.labels, table)
    train, validation, test = (images.take((table["role"] == role).to_numpy()) for role in ROLES)
    notice = f"{location.name}: {notice}"
    return Dataset(train, validation, test, "photographs", notice, found.damaged)


def _load_drawn_faces() -> Dataset:
    splits = drawn_faces.load_default()
    sizes = ", ".join(f"{len(split):,} for {role}" for role, split in splits.items())
    train, validation, test = (splits[role] for role in ROLES)
    return Dataset(train, validation, test, "drawn_faces", f"Drawn faces: {sizes}.")


def _rows(table: pd.DataFrame) -> pd.Series:
    """Return each file's row in FER2013's table, or -1 where its stem is no such row."""
    stems = table["file"].str.extract(r"(?:^|/)([0-9]{1,5})\.[^/.]+$", expand=False)
    rows = pd.to_numeric(stems, errors="coerce")
    return rows.where(rows < FER2013_ROWS).fillna(-1).astype(np.int64)


def _is_fer2013(table: pd.DataFrame) -> bool:
    """Say whether most stems are rows that no other file has, from more than one part of FER2013.

    A teacher's own files can have numbers for names too. They start again in each class, or all
    lie among the first rows.
    """
    rows = _rows(table)
    known = rows[(rows >= 0) & ~rows.duplicated(keep=False)]
    parts = np.digitize(known, [FIRST_PUBLIC_TEST_ROW, FIRST_PRIVATE_TEST_ROW])
    return 2 * len(known) > len(table) and {0, 1} <= set(parts.tolist())


def _official_roles(images: Split) -> tuple[pd.DataFrame, str]:
    table = images.table.assign(row=_rows(images.table))
    is_unknown = table["row"] < 0
    is_doubled = table["row"].duplicated(keep=False) & ~is_unknown
    for is_left_out, reason in (
        (is_unknown, "whose name is no row of FER2013, so that the split is unknown"),
        (is_doubled, "that share a row of FER2013 with another, so that the right one is unknown"),
    ):
        files = table.loc[is_left_out].sort_values("row", kind="stable")["file"].tolist()
        if files:
            message = f"Left out: {counted(len(files), 'file')} {reason}: {name_some(files)}."
            warnings.warn(message, stacklevel=3)
    table.loc[is_doubled, "row"] = -1
    parts = np.array(["Training", "PublicTest", "PrivateTest"])
    part = np.digitize(table["row"], [FIRST_PUBLIC_TEST_ROW, FIRST_PRIVATE_TEST_ROW])
    table["usage"] = np.where(table["row"] < 0, "", parts[part])
    if (table["usage"] == "PrivateTest").any():
        roles = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
        table["role"] = table["usage"].map(roles).fillna("")
        notice = "FER2013 with its official split. Validation is PublicTest, test is PrivateTest."
    else:
        roles = {"Training": "train", "PublicTest": "test"}
        table["role"] = table["usage"].map(roles).fillna("")
        table = _hold_out(images, table, "validation", (table["role"] == "test").sum())
        notice = (
            "FER2013 without its PrivateTest rows. Test is PublicTest, validation is a fixed "
            "slice of Training."
        )
    return table, notice


def _roles_of_folders(images: Split) -> tuple[pd.DataFrame, str]:
    table = images.table.copy()
    folders = set(table["folder"].astype(str))
    unknown = sorted(folders - set(ROLES))
    # A single folder around the classes is the data set's own, and no split.
    if unknown and len(folders) > 1:
        warnings.warn(
            f"Folders around the classes that are not called {', '.join(ROLES)} are taken for "
            f"train: {name_some([repr(name) for name in unknown])}. Rename them if they are "
            "another split.",
            stacklevel=3,
        )
    table["role"] = table["folder"].where(table["folder"].isin(ROLES), "train")
    share = max(len(table) // 7, 1)
    if not (table["role"] == "test").any():
        if (table["role"] == "validation").any():
            table["role"] = table["role"].replace("validation", "test")
        else:
            table = _hold_out(images, table, "test", share)
    if not (table["role"] == "validation").any():
        table = _hold_out(images, table, "validation", share)
    notice = (
        "photographs split by their folders. The file names are no rows of FER2013, so no "
        "official split can be recovered."
    )
    return table, notice


def _roles_of_manifest(images: Split, manifest: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    missing = {"file", "split"} - set(manifest.columns)
    if missing:
        raise ValueError(f"The manifest has no column {' and no column '.join(sorted(missing))}.")
    unknown = sorted(set(manifest["split"].dropna().astype(str)) - set(ROLES))
    if unknown:
        raise ValueError(
            f"The manifest has unknown splits: {name_some([repr(name) for name in unknown])}. A "
            f"split is called {', '.join(ROLES)}."
        )
    # Names are compared without what stands around the images folder.
    listed = manifest.assign(key=manifest["file"].map(_place))
    listed = listed.drop_duplicates(["key", "split"])
    conflicting = listed.loc[listed["key"].duplicated(), "key"].unique().tolist()
    if conflicting:
        raise ValueError(
            f"The manifest has more than one split for a file: {name_some(conflicting)}."
        )
    keys = images.table["file"].map(_place)
    known = listed.set_index("key").reindex(keys).reset_index(drop=True)
    unlisted = images.table.loc[known["split"].isna(), "file"].tolist()
    if unlisted:
        warnings.warn(
            f"Left out: {counted(len(unlisted), 'file')} that the manifest does not list: "
            f"{name_some(unlisted)}.",
            stacklevel=3,
        )
    absent = sorted(set(listed["key"]) - set(keys))
    if absent:
        warnings.warn(
            f"Missing: {counted(len(absent), 'file')} of the manifest: {name_some(absent)}.",
            stacklevel=3,
        )
    parameters = known.drop(columns=[*images.table.columns, "split"], errors="ignore")
    table = pd.concat([images.table, parameters], axis=1).assign(role=known["split"].fillna(""))
    return table, "the split is that of its manifest."


def _place(file: str) -> str:
    return "/".join(PurePosixPath(file).parts[-3:])


def _hold_out(images: Split, table: pd.DataFrame, role: str, size: int) -> pd.DataFrame:
    """Give `size` training images another role: stratified, fixed, near-duplicates stay behind.

    Raises:
        ValueError: there are too few images to share; the message says of what.
    """
    training = np.flatnonzero(table["role"] == "train")
    candidates = np.flatnonzero((table["role"] == "train") & (table["near_duplicates"] == 0))
    if len(candidates) - size < len(EMOTIONS):
        raise ValueError(
            f"The {role} split takes {counted(int(size), 'image')} out of training, which has "
            f"{len(candidates):,} without a near-duplicate: too few would be left to train on. "
            "Add images to the training part, or take some out of the other parts."
        )
    try:
        _, chosen = train_test_split(
            candidates, test_size=int(size), stratify=images.labels[candidates], random_state=0
        )
    except ValueError as error:
        raise ValueError(
            f"Too few images for a {role} split: {len(training)} for training, of which "
            f"{len(candidates)} have no near-duplicate. Each class needs at least ten."
        ) from error
    roles = table["role"].to_numpy(dtype=object, copy=True)
    roles[chosen] = role
    return table.assign(role=roles)
