"""Where the course keeps what it downloads, draws and trains."""

import os
from collections.abc import Callable
from pathlib import Path


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
        OSError: the file could not be written; the message names `path`.
    """
    unfinished = path.with_name(f"unfinished-{os.getpid()}-{path.name}")
    try:
        write(unfinished)
        os.replace(unfinished, path)
    except OSError as error:
        raise OSError(
            f"{path} could not be written ({error}). What stood there before is unchanged: make "
            "room on the disk, and run this again to go on."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
