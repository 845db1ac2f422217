"""Take out of saved notebooks what differs from machine to machine, without running them.

Usage: python tools/normalise_notebooks.py [NOTEBOOK ...]

Times, versions, states of widgets and progress bars go; the other outputs stay as they are.
"""

import sys
from pathlib import Path

import nbformat
from badges import write_badge
from repository import notebooks
from run_notebooks import normalise


def normalise_file(path: Path) -> bool:
    """Normalise one notebook file. Return whether that changed it."""
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    write_badge(notebook, path.name)
    normalise(notebook)
    nbformat.write(notebook, path)
    return path.read_text(encoding="utf-8") != before


def main() -> int:
    """Run the command and return its exit status: 1 where a file has changed."""
    paths = [Path(name) for name in sys.argv[1:]] or notebooks()
    changed = [path for path in paths if normalise_file(path)]
    for path in changed:
        print(f"{path.name}: normalised")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
