"""The repository's address, ref and version, as pyproject.toml and the package state them."""

import re
import tomllib
from pathlib import Path
from typing import Any

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
NOTEBOOKS_FOLDER = PROJECT_FOLDER / "notebooks"


def settings() -> dict[str, Any]:
    """Return what pyproject.toml holds."""
    with open(PROJECT_FOLDER / "pyproject.toml", "rb") as file:
        return tomllib.load(file)


def address() -> str:
    """Return the web address of the repository: the one setting that everything else follows."""
    return str(settings()["project"]["urls"]["Repository"])


def ref() -> str:
    """Return what Colab opens and installs: a branch such as `main`, or the tag of a release."""
    return str(settings()["tool"]["course"]["ref"])


def version() -> str:
    """Return the course's present version, such as `0.1.0`."""
    package = (PROJECT_FOLDER / "course_utils" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', package, re.MULTILINE)
    if match is None:
        raise ValueError("course_utils/__init__.py states no __version__")
    return match[1]


def notebooks() -> list[Path]:
    """Return the lessons in the order in which they are taught."""
    return sorted(NOTEBOOKS_FOLDER.glob("[0-9][0-9]_*.ipynb"))
