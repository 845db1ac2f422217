"""Build the course's own environment with exact versions, and only where something has changed.

Usage: python3 tools/setup_environment.py [--python 3.13] [--folder .venv]
                                          [--constraints constraints.txt]

The environment variable PYTHON names an interpreter to use instead of the first that fits. An
environment that was built with another one is built anew.
This file must also run on a Python that is too old for the course: it is what says so.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13")
STAMP = "course-is-set-up"  # the file in an environment that says from what it was built
HOW_TO_INSTALL = (
    "Install Python 3.13 (Debian and Ubuntu: sudo apt install python3 python3-venv; "
    "macOS: brew install python@3.13; elsewhere: https://www.python.org/downloads/), "
    "then type the same command again."
)


class SetUpError(Exception):
    """The environment cannot be built. The message is one line that says what to do."""


def value_in(python: str, expression: str) -> str:
    """Return what an interpreter prints for an expression, or nothing where it does not run."""
    question = "import os, sys; print(" + expression + ")"
    try:
        answer = subprocess.check_output([python, "-c", question], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.decode(errors="replace").strip()


def version_of(python: str) -> str:
    """Return the version of an interpreter as "3.13", or nothing where it does not run."""
    return value_in(python, "'%d.%d' % sys.version_info[:2]")


def home_of(python: str) -> str:
    """Return where an interpreter is installed: the same for all environments made with it."""
    return value_in(python, "os.path.realpath(sys.base_prefix)")


def find_python(versions: "tuple[str, ...]") -> str:
    """Return the first interpreter of one of these versions; PYTHON, where set, is the only one."""
    wished = os.environ.get("PYTHON")
    names = ["python" + version for version in reversed(VERSIONS)]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    installed = [str(path) for path in sorted(pyenv.glob("3.*/bin/python3"), reverse=True)]
    candidates = [wished] if wished else [sys.executable, *names, *installed]
    for python in candidates:
        if version_of(python) in versions:
            return python
    needed = " or ".join(versions)
    present = version_of(candidates[0])
    found = f"is {present}" if present else "does not run"
    raise SetUpError(
        f"The course needs Python {needed}, and '{candidates[0]}' {found}. {HOW_TO_INSTALL}"
    )


def python_in(folder: Path) -> Path:
    """Return the path of the interpreter in an environment's folder."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(constraints: str) -> str:
    """Return a text that changes with an environment's place and with what it is built from."""
    digest = hashlib.sha256(str(PROJECT_FOLDER).encode("utf-8"))
    for name in ("requirements.txt", "pyproject.toml", constraints):
        digest.update((PROJECT_FOLDER / name).read_bytes())
    return digest.hexdigest()


def runs(*command: str) -> bool:
    """Run a command without showing it and return whether it succeeded."""
    try:
        done = subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return done == 0


def is_built(folder: Path, versions: "tuple[str, ...]", wanted: str) -> bool:
    """Tell whether an environment was built from the same files, here, and has the Python asked."""
    stamp, inside = folder / STAMP, str(python_in(folder))
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
        return False
    wished = os.environ.get("PYTHON")
    is_wished = not wished or home_of(wished) == home_of(inside)
    return is_wished and version_of(inside) in versions


def create(folder: Path, python: str) -> None:
    """Make an empty environment, without pip: a Debian without python3-venv can do that too."""
    shutil.rmtree(str(folder), ignore_errors=True)
    if runs(python, "-m", "venv", "--without-pip", str(folder)):
        return
    if runs("uv", "venv", "--quiet", "--python", python, str(folder)):
        return
    raise SetUpError(
        f"'{python}' cannot make an environment in {folder}. Debian and Ubuntu: sudo apt install "
        "python3-venv, then type the same command again."
    )


def uv_for(folder: Path, python: str, constraints: str) -> "list[str]":
    """Return the command for uv, the fast installer: the one on the PATH, else one put here."""
    if runs("uv", "pip", "install", "--group", "dev", "--help"):  # an old one knows no groups
        return ["uv"]
    inside = str(python_in(folder))
    install = ["install", "--quiet", "--constraint", constraints, "uv"]
    if runs(inside, "-m", "ensurepip"):
        pip = [inside, "-m", "pip"]
    else:
        pip = [python, "-m", "pip", "--python", inside]
    if not runs(*pip, "--version"):
        raise SetUpError(
            f"'{python}' has no pip (or one older than 22.3). Debian and Ubuntu: sudo apt install "
            "python3-pip, then type the same command again."
        )
    call([*pip, *install])
    return [inside, "-m", "uv"]


def call(command: "list[str]") -> None:
    """Run a command in the course's folder, shown as it runs."""
    if subprocess.call(command, cwd=str(PROJECT_FOLDER)) != 0:
        raise SetUpError(
            "The packages could not be installed; the lines above say why. Without a network "
            "connection the first set-up cannot work. See TROUBLESHOOTING.md."
        )


def set_up(folder: Path, versions: "tuple[str, ...]", constraints: str) -> None:
    """Build an environment, unless it is there already, as it would be now."""
    wanted = fingerprint(constraints)
    if is_built(folder, versions, wanted):
        return
    start = time.time()
    python = find_python(versions)
    print(f"Setting up {folder.name} with Python {version_of(python)}.", flush=True)
    create(folder, python)
    uv = uv_for(folder, python, constraints)
    inside = str(python_in(folder))
    packages = ["--constraint", constraints, "--requirement", "requirements.txt", "--group", "dev"]
    # Compiled once here: else the first import of TensorFlow in a lesson does it, for half a
    # minute, and each import does where PYTHONDONTWRITEBYTECODE is set.
    call([*uv, "pip", "install", "--compile-bytecode", "--python", inside, *packages])
    (folder / STAMP).write_text(wanted, encoding="ascii")
    print(f"Ready after {time.time() - start:.0f} s.", flush=True)


def main() -> None:
    """Read the arguments, build, and end with one line where that fails."""
    parser = argparse.ArgumentParser(description="Build the course's environment.")
    parser.add_argument("--python", choices=VERSIONS, help="default: any of these")
    parser.add_argument("--folder", type=Path, default=PROJECT_FOLDER / ".venv")
    parser.add_argument("--constraints", default="constraints.txt")
    arguments = parser.parse_args()
    versions = (arguments.python,) if arguments.python else VERSIONS
    try:
        set_up(arguments.folder.resolve(), versions, arguments.constraints)
    except SetUpError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("Stopped. The next call starts over.")


if __name__ == "__main__":
    main()
