"""Keep what was read off frames: an annotated video, and a table of all faces as CSV.

Nothing is written until someone asks for it, and no file that exists is written over.
"""

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# The codecs that OpenCV's wheels can write on every system. Browsers play only the last.
CODECS = {".mp4": "mp4v", ".avi": "MJPG", ".webm": "VP80"}


class Recorder:
    """A file that grows frame by frame; a context that completes it at its end.

    Attributes:
        path: the file.

    Raises:
        FileExistsError: there is a file of that name already.
        FileNotFoundError: there is no such folder.
    """

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise FileExistsError(f"{path} exists already. Choose another name, or remove it.")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"There is no folder {path.parent} to write {path.name} into.")
        self.path = path

    def close(self) -> None:
        """Complete the file."""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class VideoRecorder(Recorder):
    """A video of constant rate, as large as its first frame.

    Args:
        path: ends in .mp4, .avi or .webm.
        rate: frames in a second.

    Raises:
        ValueError: the name ends in something else.
    """

    def __init__(self, path: Path, rate: float) -> None:
        super().__init__(path)
        if path.suffix.lower() not in CODECS:
            raise ValueError(f"A video's name ends in {', '.join(CODECS)}, not in '{path.suffix}'.")
        self.rate = rate
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._written = 0

    def write(self, pixels: NDArray[np.uint8], seconds: float) -> None:
        """Add a frame at its time.

        A camera sends frames when it can. Here one is repeated until the next one's time has come,
        or left out where two come at once, so that the video runs as fast as life did.

        Args:
            pixels: uint8 RGB (h, w, 3). Of another size than the first, it is fitted into it.
            seconds: since the first frame.

        Raises:
            OSError: the video cannot be written.
        """
        if self._writer is None:
            self._writer = self._open(pixels)
        fitted = cv2.cvtColor(fit(pixels, self._size), cv2.COLOR_RGB2BGR)
        while self._written <= round(seconds * self.rate):
            self._writer.write(fitted)
            self._written += 1

    def _open(self, pixels: NDArray[np.uint8]) -> cv2.VideoWriter:
        height, width = pixels.shape[:2]
        self._size = (width + width % 2, height + height % 2)  # codecs want even numbers
        codec = cv2.VideoWriter.fourcc(*CODECS[self.path.suffix.lower()])
        writer = cv2.VideoWriter(str(self.path), codec, self.rate, self._size)
        if not writer.isOpened():
            raise OSError(
                f"OpenCV cannot write {self.path}. Is the folder writable, and has the disk room? "
                f"Else try a name that ends in {' or '.join(CODECS)}."
            )
        return writer

    def close(self) -> None:
        """Write the end of the video, without which no program plays it."""
        if self._writer is not None:
            self._writer.release()


class TableRecorder(Recorder):
    """A CSV file with a row for each face of each frame; every frame is on disk at once.

    Args:
        path: the file.
        columns: the names in its first line.
    """

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        super().__init__(path)
        self._file = path.open("x", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, columns, lineterminator="\n")
        self._writer.writeheader()

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Add the rows of a frame."""
        self._writer.writerows(rows)
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def fit(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture in a frame of another size, as large as it fits, on black.

    Args:
        pixels: uint8 RGB (h, w, 3).
        size: width and height. A frame one pixel larger only gains a black edge.
    """
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    if not 1 <= scale < 1 + 2 / min(size):
        new_size = (max(1, round(width * scale)), max(1, round(height * scale)))
        resized = cv2.resize(pixels, new_size, interpolation=cv2.INTER_AREA)
        pixels = np.asarray(resized, dtype=np.uint8)
        height, width = pixels.shape[:2]
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    frame[top : top + height, left : left + width] = pixels
    return frame
