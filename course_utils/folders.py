"""Where the course keeps what it downloads, draws and trains."""

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
