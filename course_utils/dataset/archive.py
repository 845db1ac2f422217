"""Read labelled images from class folders, in a folder or a zip, and name what is wrong with them.

`load_dataset` reads a zip in place; `unpack` is for who wants to see the files.
"""

import io
import json
import shutil
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from tqdm.auto import tqdm

from course_utils.dataset.duplicates import near_duplicates
from course_utils.emotions import EMOTIONS
from course_utils.files import replace_file, sha256
from course_utils.split import IMAGE_SIZE, Split
from course_utils.wording import counted

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
MANIFEST = "manifest.csv"
LAYOUT = "images/train/<emotion>/<row>.jpg and images/validation/<emotion>/<row>.jpg"


@dataclass(frozen=True)
class ImageSet:
    """All images of an archive.

    Attributes:
        images: one split, whose table has the columns `file`, `emotion`, `folder` (the one around
            the class folder) and `near_duplicates` (how many other images are nearly the same).
        damaged: the names of files that cannot be read, and are left out.
        converted: the names of those that were not grey 48x48.
    """

    images: Split
    damaged: tuple[str, ...]
    converted: tuple[str, ...]


def read_images(location: Path, cache_folder: Path) -> tuple[ImageSet, pd.DataFrame | None]:
    """Read all images under the class folders of a folder or zip.

    The decoded images are kept in `cache_folder`, under a digest of all names and sizes. What is
    skipped or converted is named in a warning, each time.

    Returns:
        The images, and the archive's manifest, or None where it has none.

    Raises:
        ValueError: no image data set of the seven classes; the message says what is wrong.
    """
    with Archive(location) as archive:
        files = list_images(archive)
        cache = cache_folder / f"{_digest(archive, files)}.npz"
        found = _read_cache(cache)
        if found is None:
            found = _decode_all(archive, files)
            _write_cache(cache, found)
        manifest = _read_manifest(archive)
    for problem in _describe_problems(location, found):
        warnings.warn(problem, stacklevel=2)
    return found, manifest


class Archive:
    """A folder or a zip as a flat list of files with forward slashes in their names.

    Raises:
        FileNotFoundError: there is no such folder or zip.
        ValueError: the file is no zip, is cut off, or holds names that point outside of it.
    """

    def __init__(self, location: Path) -> None:
        if not location.exists():
            raise FileNotFoundError(
                f"There are no images at {location}. Run the set-up cell again: if it cannot keep "
                "the images there, it says why."
            )
        self.location = location
        self.zip: zipfile.ZipFile | None = None
        if location.is_dir():
            paths = (path for path in location.rglob("*") if path.is_file())
            sizes = {path.relative_to(location).as_posix(): path.stat().st_size for path in paths}
        else:
            self.zip = _open_zip(location)
            sizes = {info.filename: info.file_size for info in self.zip.infolist()}
        self.sizes = dict(sorted(sizes.items()))

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *error: object) -> None:
        if self.zip is not None:
            self.zip.close()

    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises:
            OSError: the file cannot be read, or does not match its checksum.
        """
        if self.zip is None:
            return (self.location / name).read_bytes()
        try:
            return self.zip.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise OSError(str(error)) from error


def unpack(location: Path, folder: Path) -> Path:
    """Unpack a zip into a subfolder of `folder`, once for each content, and return the subfolder.

    Raises:
        ValueError: it is no zip, is cut off, or holds names that point outside of it.
    """
    with Archive(location) as archive:
        assert archive.zip is not None
        listing = [[info.filename, info.file_size, info.CRC] for info in archive.zip.infolist()]
        target = folder / sha256(json.dumps(listing).encode())[:12]
        if target.is_dir():
            return target
        unfinished = target.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        for name in tqdm(archive.sizes, desc="Unpacking", unit=" files", leave=False):
            archive.zip.extract(name, unfinished)
    unfinished.rename(target)
    return target


def _open_zip(location: Path) -> zipfile.ZipFile:
    try:
        opened = zipfile.ZipFile(location)
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(
            f"{location} is no zip, or one that was cut off while downloading ({error}). "
            "Download it again."
        ) from error
    for name in opened.namelist():
        path = name.replace("\\", "/")
        if ".." in path.split("/") or path.startswith("/") or name[1:2] == ":":
            opened.close()
            raise ValueError(
                f"{location} holds a file whose name points outside of it: '{name}'. "
                "That is no archive to trust. Download the data set from its source."
            )
    return opened


@dataclass(frozen=True)
class ImageFile:
    """An image by its name in the archive, the folder around its class folder, and its class."""

    name: str
    folder: str
    emotion: str


def list_images(archive: Archive) -> list[ImageFile]:
    """Return the images under class folders, each once, and warn of folders of other names.

    Kaggle's archive can hold everything a second time under `images/images/`. Two files with the
    same folder, class, name and size are taken for one.
    """
    files: dict[tuple[str, str, str, int], ImageFile] = {}
    unknown: dict[str, int] = {}
    for name, size in archive.sizes.items():
        # Without pathlib, which takes a second for all of FER2013.
        parts = name.split("/")
        is_hidden = parts[-1].startswith(".") or "__MACOSX" in parts
        if is_hidden or not name.lower().endswith(IMAGE_SUFFIXES):
            continue
        folder, emotion, file = ["", "", *parts][-3:]
        if emotion in EMOTIONS:
            files.setdefault((folder, emotion, file, size), ImageFile(name, folder, emotion))
        else:
            around = "/".join(parts[:-1]) or "."
            unknown[around] = unknown.get(around, 0) + 1
    check_classes(archive.location, {file.emotion for file in files.values()})
    if unknown:
        listed = ", ".join(f"'{folder}' ({counted(n, 'image')})" for folder, n in unknown.items())
        warnings.warn(
            f"{archive.location} has images outside of the seven class folders "
            f"({', '.join(EMOTIONS)}). They are left out: {listed}.",
            stacklevel=3,
        )
    return list(files.values())


def check_classes(location: Path, found: set[str]) -> None:
    """Raise a ValueError that names the missing classes, where there are any."""
    missing = [emotion for emotion in EMOTIONS if emotion not in found]
    if len(missing) == len(EMOTIONS):
        raise ValueError(
            f"{location} holds no readable images of the seven classes. Expected {LAYOUT}, with "
            f"the emotions {', '.join(EMOTIONS)}."
        )
    if missing:
        raise ValueError(
            f"{location} has no readable images of {', '.join(missing)}. Each of the seven classes "
            f"needs a folder with images: {LAYOUT}."
        )


def decode_image(content: bytes) -> tuple[NDArray[np.uint8], bool]:
    """Return uint8 (48, 48), and whether the image had to be made grey or resized for that.

    Raises:
        OSError: the bytes are no whole image.
    """
    size = (IMAGE_SIZE, IMAGE_SIZE)
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            is_converted = image.mode != "L" or image.size != size
            grey = image.convert("L").resize(size, Image.Resampling.LANCZOS)
            return np.array(grey if is_converted else image, dtype=np.uint8), is_converted
    except (SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise OSError(str(error)) from error


def _decode_all(archive: Archive, files: list[ImageFile]) -> ImageSet:
    images, kept, damaged, converted = [], [], [], []
    for file in tqdm(files, desc="Reading images", unit=" images", leave=False):
        try:
            image, is_converted = decode_image(archive.read(file.name))
        except OSError:
            damaged.append(file.name)
            continue
        images.append(image)
        kept.append(file)
        if is_converted:
            converted.append(file.name)
    check_classes(archive.location, {file.emotion for file in kept})
    table = pd.DataFrame(
        {
            "file": [file.name for file in kept],
            "emotion": [file.emotion for file in kept],
            "folder": [file.folder for file in kept],
        }
    )
    print(f"Comparing {counted(len(images), 'image')} with each other, once ...")
    table["near_duplicates"] = near_duplicates(np.stack(images), np.stack(images)) - 1
    labels = np.array([EMOTIONS.index(file.emotion) for file in kept], dtype=np.int64)
    return ImageSet(Split(np.stack(images), labels, table), tuple(damaged), tuple(converted))


def _describe_problems(location: Path, found: ImageSet) -> list[str]:
    problems = []
    if found.damaged:
        problems.append(
            f"{location} holds {counted(len(found.damaged), 'damaged image file')}, left out: "
            f"{name_some(found.damaged)}. Download the data set again to have all images."
        )
    if found.converted:
        problems.append(
            f"{location} holds {counted(len(found.converted), 'image')} of another size or in "
            f"colour, made grey {IMAGE_SIZE}x{IMAGE_SIZE}: {name_some(found.converted)}."
        )
    return problems


def name_some(names: Sequence[str], most: int = 10) -> str:
    """Return the first names as one text, and how many more there are."""
    listed = ", ".join(names[:most])
    return listed if len(names) <= most else f"{listed} and {len(names) - most} more"


def _digest(archive: Archive, files: list[ImageFile]) -> str:
    listing = [[file.name, archive.sizes[file.name]] for file in files]
    return sha256(json.dumps(listing).encode())[:32]


def _read_manifest(archive: Archive) -> pd.DataFrame | None:
    names = [name for name in archive.sizes if name.split("/")[-1] == MANIFEST]
    if not names:
        return None
    return pd.read_csv(io.BytesIO(archive.read(min(names, key=len))))


def _write_cache(cache: Path, found: ImageSet) -> None:
    names = {"damaged": found.damaged, "converted": found.converted}

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                images=found.images.images,
                labels=found.images.labels,
                table=np.array(found.images.table.to_csv(index=False)),
                names=np.array(json.dumps(names)),
            )

    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        replace_file(cache, write)
    except OSError as error:
        warnings.warn(f"The decoded images could not be kept: {error}", stacklevel=3)


def _read_cache(cache: Path) -> ImageSet | None:
    if not cache.is_file():
        return None
    try:
        with np.load(cache, allow_pickle=False) as arrays:
            table = pd.read_csv(io.StringIO(str(arrays["table"])), keep_default_na=False)
            names = json.loads(str(arrays["names"]))
            images = Split(arrays["images"], arrays["labels"], table)
            return ImageSet(images, tuple(names["damaged"]), tuple(names["converted"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # damaged: read the images again, and write it anew
