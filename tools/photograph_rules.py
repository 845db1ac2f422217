"""No photograph of the data set may be seen in the repository: neither in an output nor in a file.

Usage: python tools/photograph_rules.py

Compares every picture, and every panel in it, with the photographs that COURSE_DATA names.
"""

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image
from repository import PROJECT_FOLDER

PICTURE = re.compile(r"data:image/\w+;base64,([A-Za-z0-9+/=]+)")
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
SIDE = 24  # pixels: a photograph shrunk to this many, turned, blurred or saved again, is the same
# Copies of a photograph in a saved figure correlate above 0.99 with it, drawn faces below 0.94.
SAME = 0.97
WHITE = 250  # of 255: what parts the panels of a figure
SMALLEST_PANEL = 20  # pixels


def pictures(path: Path) -> Iterator[np.ndarray]:
    """Yield the pictures in a file, grey uint8 (h, w): those in a notebook, or the file itself."""
    if path.suffix == ".ipynb":
        text = nbformat.writes(nbformat.read(path, as_version=4)).replace("\\n", "")
        for match in PICTURE.finditer(text):
            yield _grey(io.BytesIO(base64.b64decode(match[1])))
        for found in re.finditer(r'"image/(?:png|jpeg)": "([A-Za-z0-9+/=]+)"', text):
            yield _grey(io.BytesIO(base64.b64decode(found[1])))
    else:
        yield _grey(path)


def panels(picture: np.ndarray) -> Iterator[np.ndarray]:
    """Cut a figure along its white rows and columns, again and again, and yield what is squarish.

    The whole picture is one of its panels.
    """
    height, width = picture.shape
    if min(height, width) < SMALLEST_PANEL:
        return
    if 0.75 < height / width < 1.33:
        yield picture
    for axis in (0, 1):
        inked = (picture < WHITE).any(axis=1 - axis)
        # Where ink begins and ends: pairs of a first row or column and the one after the last.
        edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(int)))
        strips = [picture.take(range(first, last), axis) for first, last in edges.reshape(-1, 2)]
        if len(strips) > 1 or (strips and strips[0].shape != picture.shape):
            for strip in strips:
                yield from panels(strip)
            return


def standardise(images: list[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return float32 (n, 576): copies at 24x24, each with mean zero and length one."""
    small = [
        np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX))
        for image in images
    ]
    vectors = np.asarray(small, np.float32).reshape(-1, SIDE * SIDE)
    vectors -= vectors.mean(axis=1, keepdims=True)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return vectors


def likenesses(path: Path, photographs: np.ndarray) -> np.ndarray:
    """Return how much each panel in a file is like the photograph most like it, float (panels,).

    Args:
        path: a picture, or a notebook with pictures.
        photographs: what `standardise` returns of them; mirror images count as well.
    """
    found = [panel for picture in pictures(path) for panel in panels(picture)]
    if not found:
        return np.zeros(0)
    seen = standardise(found)
    mirrored = seen.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(seen.shape)
    both = np.stack([seen @ photographs.T, mirrored @ photographs.T])
    return np.asarray(both.max(axis=(0, 2)))


def violations(paths: list[Path], photographs: np.ndarray) -> Iterator[str]:
    """Yield each file in which a photograph can be seen."""
    for path in paths:
        seen = int((likenesses(path, photographs) > SAME).sum())
        if seen:
            yield f"{path.name} shows {seen} photographs of the data set"


def files_with_pictures() -> list[Path]:
    """Return the notebooks and the pictures that git tracks, or would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(command, cwd=PROJECT_FOLDER, text=True).splitlines()
    paths = [PROJECT_FOLDER / name for name in names]
    return [p for p in paths if p.suffix in (".ipynb", *SUFFIXES) and p.is_file()]


def _grey(file: Path | io.BytesIO) -> np.ndarray:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("L"))


def main() -> int:
    """Run the command and return its exit status."""
    if os.environ.get("COURSE_DATA", "drawn_faces") == "drawn_faces":
        print("COURSE_DATA names no photographs, so no picture was compared with them.")
        return 0
    from course_utils import load_dataset

    data = load_dataset()
    splits = (data.train, data.validation, data.test)
    photographs = standardise(np.concatenate([split.images for split in splits]))
    paths = files_with_pictures()
    lines = list(violations(paths, photographs))
    print("\n".join(lines) or f"{len(paths)} files show none of {len(photographs):,} photographs.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
