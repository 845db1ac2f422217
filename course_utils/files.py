"""Where the course keeps what it downloads, draws and trains, and how it reads and writes files."""

import errno
import hashlib
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
CHECKSUMS = "SHA256SUMS"
OWN_FOLDER = "emotion-detection-course"  # in the learner's home


def project_folder() -> Path:
    """Return the course's folder: the nearest one above here that holds it, else this package's.

    Where the package was installed without the course, as in Colab, it is the working folder.
    """
    package = Path(__file__).parents[1]
    return _course_around(Path.cwd()) or _course_around(package) or Path.cwd()


def _course_around(place: Path) -> Path | None:
    for folder in (place, *place.parents):
        if (folder / "notebooks").is_dir() and (folder / "course_utils").is_dir():
            return folder
    return None


def storage_folder() -> Path:
    """Return the folder whose `data/` and `runs/` the course writes into.

    It is the course's folder, or `~/emotion-detection-course` where that cannot be written. The
    environment variable `COURSE_FOLDER` names another. Where a learner would not look for it, a
    line says once which it is.

    Raises:
        PermissionError: nothing can be written there; the message says what to do.
    """
    setting = os.environ.get("COURSE_FOLDER", "").strip()
    usual = (project_folder(), Path.home() / OWN_FOLDER)
    folders = (Path(setting).expanduser().absolute(),) if setting else usual
    for folder in folders:
        if not _can_store(folder):
            continue
        if not setting and folder != _course_around(Path.cwd()):
            refused = "" if folder == folders[0] else f"{folders[0]} cannot be written. "
            _say_once(f"{refused}The course keeps its images and runs in {folder}.")
        return folder
    raise PermissionError(
        "The course has no place for its images and runs: it cannot write into "
        f"{' or '.join(map(str, folders))}. Set the environment variable COURSE_FOLDER to a folder "
        "of your own, and start again."
    )


def _can_store(folder: Path) -> bool:
    for place in (folder / "data", folder / "runs"):
        existing = next(path for path in (place, *place.parents) if path.exists())
        if not _can_write(existing):
            return False
    return True


@cache
def _can_write(folder: Path) -> bool:
    # A share may refuse what the permissions of its folders allow, so only trying tells.
    probe = folder / f"unfinished-{os.getpid()}"
    try:
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError:
        return False
    return True


@cache
def _say_once(sentence: str) -> None:
    print(sentence)


def data_folder() -> Path:
    """Return the folder for downloaded and drawn images. It may not exist yet."""
    return storage_folder() / "data"


def data_folders() -> list[Path]:
    """Return the folders to look for data in: `data_folder()`, and the course's own `data/`.

    They differ where the course lies on a share that its learners cannot write into.
    """
    return list(dict.fromkeys([data_folder(), project_folder() / "data"]))


def runs_folder() -> Path:
    """Return the folder for trained models and executed notebooks. It may not exist yet."""
    return storage_folder() / "runs"


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file under another name, then put it in the place of `path`.

    Where writing fails, on a full disk or by a stop, what stood at `path` stays as it was.

    Raises:
        OSError: the file could not be written; the message names `path` and says what to do.
    """
    unfinished = path.with_name(f"unfinished-{os.getpid()}-{path.name}")
    try:
        write(unfinished)
        os.replace(unfinished, path)
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, None)
        advice = "make room on the disk" if is_full else "make sure that this can be written there"
        message = (
            f"{path} could not be written ({error}). What stood there before is unchanged: "
            f"{advice}, and run this again to go on."
        )
        raise (OSError(error.errno, message) if error.errno else OSError(message)) from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing can be removed
            unfinished.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed process had begun to write in this folder."""
    for path in folder.glob("unfinished-*"):
        path.unlink(missing_ok=True)


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn whatever fails while a file of a run is read into one error that names the file.

    Raises:
        ValueError: the file is damaged, or does not fit; the message says what to do.
    """
    failures = (OSError, EOFError, KeyError, RuntimeError, ValueError)
    try:
        yield
    except (*failures, zipfile.BadZipFile, pickle.UnpicklingError) as error:
        raise ValueError(
            f"{path} is damaged, or belongs to another network ({type(error).__name__}: {error}). "
            "Nothing was changed. Choose another folder, or delete that one to start over."
        ) from error


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes, as 64 hexadecimal digits.

    >>> sha256(b"")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(content).hexdigest()


def read_checked(path: Path) -> bytes:
    """Return a file's content, after comparing it with its line in `SHA256SUMS` beside it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file has no line there, or another digest.
    """
    listing = (path.parent / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    expected = {name: digest for digest, name in (line.split() for line in listing if line)}
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. Fetch the course again.")
    content = path.read_bytes()
    digest = sha256(content)
    if expected.get(path.name) != digest:
        raise ValueError(
            f"{path} is not the file that the course ships: its SHA-256 is {digest}, expected "
            f"{expected.get(path.name, 'none')}. Fetch the course again."
        )
    return content
