"""Where the course keeps what it downloads, draws and trains, and how it reads and writes files."""

import errno
import hashlib
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
CHECKSUMS = "SHA256SUMS"


def project_folder() -> Path:
    """Return the course's folder: the nearest one above here that holds it, else this folder.

    The second case is Colab, or a project of the learner's own that uses the installed package.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "course_utils").is_dir():
            return folder
    return here


def data_folder() -> Path:
    """Return the folder for downloaded and drawn images. It may not exist yet."""
    return project_folder() / "data"


def runs_folder() -> Path:
    """Return the folder for trained models and executed notebooks. It may not exist yet."""
    return project_folder() / "runs"


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
