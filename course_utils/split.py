"""One split of a data set: images, their labels, and a table of what else is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from course_utils.emotions import EMOTIONS
from course_utils.files import sha256
from course_utils.wording import counted

if TYPE_CHECKING:  # pandas takes a second, and whoever reads one face needs none of it
    import pandas as pd

IMAGE_SIZE = 48


@dataclass(frozen=True)
class Split:
    """Images with one label and one table row each.

    Attributes:
        images: uint8 (n, 48, 48), grey levels from 0 (black) to 255 (white).
        labels: int64 (n,), each an index into `EMOTIONS`.
        table: one row per image; the columns `file` and `emotion` are always there.

    Raises:
        ValueError: the three parts do not have the shapes and types above.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    table: "pd.DataFrame"

    def __post_init__(self) -> None:
        expected = (len(self.labels), IMAGE_SIZE, IMAGE_SIZE)
        if self.images.dtype != np.uint8 or self.images.shape != expected:
            raise ValueError(
                f"images must be uint8 {expected}, not {self.images.dtype} {self.images.shape}"
            )
        if self.labels.dtype != np.int64 or self.labels.ndim != 1:
            raise ValueError(
                f"labels must be int64 (n,), not {self.labels.dtype} {self.labels.shape}"
            )
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(EMOTIONS):
            raise ValueError(f"labels must lie between 0 and {len(EMOTIONS) - 1}")
        if len(self.table) != len(self.labels):
            labels, rows = counted(len(self.labels), "label"), counted(len(self.table), "row")
            raise ValueError(f"{labels}, but a table of {rows}")

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        counts = np.bincount(self.labels, minlength=len(EMOTIONS))
        described = ", ".join(f"{name} {count:,}" for name, count in zip(EMOTIONS, counts))
        return f"Split of {counted(len(self), 'image')}: {described}"

    def digest(self) -> str:
        """Return the SHA-256 of the pixels and labels, which tells one data set from another."""
        return sha256(self.images.tobytes() + self.labels.tobytes())

    def take(self, indices: Sequence[int] | NDArray[np.integer]) -> "Split":
        """Return the images at `indices` (integers, or one boolean per image) as a new split.

        Raises:
            IndexError: there is no such image, or not one boolean for each.
        """
        indices = np.asarray(indices)
        if indices.dtype == bool:
            if indices.shape != self.labels.shape:
                images = counted(len(self), "image")
                raise IndexError(f"A mask of shape {indices.shape} for {images}.")
            indices = np.flatnonzero(indices)
        elif indices.size == 0:
            indices = indices.astype(np.int64)  # an empty list becomes float
        table = self.table.iloc[indices].reset_index(drop=True)
        return Split(self.images[indices], self.labels[indices], table)
