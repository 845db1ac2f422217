"""Where frames come from: a camera, a video file, or pictures in a folder.

A camera is read in a thread of its own, which keeps the newest frame only. So a slow computer
skips frames, and what it shows never lags behind.
"""

import contextlib
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

PICTURE_SUFFIXES = (".bmp", ".jpg", ".jpeg", ".png", ".webp")
SECONDS_OF_PATIENCE = 5.0  # with a camera that sends nothing, or the same picture
USUAL_RATE = 25.0  # where a video file states none
LEAST_SHARE = 0.9  # of the frames that a whole video file announces; it may only estimate them

# FFmpeg writes a line for each thing that is wrong in a file, thousands for some. The sentences
# below say it once. OpenCV reads this when it first opens a video; -8 is FFmpeg's AV_LOG_QUIET.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        pixels: uint8 RGB (h, w, 3).
        seconds: since the first frame; NaN for pictures of a folder, which have no time.
        name: its number, counted from 0, or the picture's file name.
    """

    pixels: NDArray[np.uint8]
    seconds: float
    name: str


class FrameSource:
    """What frames come from, one after the other; a context that closes it at its end.

    Attributes:
        name: what it is, for a title.
        length: how many frames there will be, or None where nobody knows.
        rate: frames in a second.
        has_time: False where the frames are single pictures, in no order.
        is_live: True where frames are lost that nobody fetches.
    """

    name: str
    length: int | None = None
    rate: float = USUAL_RATE
    has_time: bool = True
    is_live: bool = False

    def __iter__(self) -> Iterator[Frame]:
        raise NotImplementedError

    def close(self) -> None:
        """Give back what the source holds, such as the camera."""

    def __enter__(self) -> "FrameSource":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open_source(where: str | Path) -> FrameSource:
    """Open a camera by its number, or a video file, a picture or a folder of pictures by its path.

    Raises:
        FileNotFoundError: there is nothing of that name.
        OSError: the camera does not open.
        ValueError: the file is no video and no picture, or the folder holds no picture.
    """
    path = Path(where)
    if path.is_dir():
        return Pictures(path)
    if path.is_file():
        return Pictures(path) if _is_picture(path) else VideoFile(path)
    if str(where).isdecimal():
        return Camera(int(str(where)))
    raise FileNotFoundError(
        f"There is no '{where}'. Give the number of a camera (0 is the first), a video file, a "
        "picture or a folder of pictures."
    )


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES


class Pictures(FrameSource):
    """The pictures of a folder by their names, or one picture. Phone photos are set upright.

    A file that cannot be read is named in a warning and left out. Where none can, reading raises a
    ValueError.
    """

    has_time = False

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self.paths = sorted(filter(_is_picture, path.iterdir())) if path.is_dir() else [path]
        if not self.paths:
            known = ", ".join(PICTURE_SUFFIXES)
            raise ValueError(f"The folder {path} holds no picture: no file ends in {known}.")
        self.length = len(self.paths)

    def __iter__(self) -> Iterator[Frame]:
        count = 0
        for path in self.paths:
            try:
                with Image.open(path) as picture:
                    upright = ImageOps.exif_transpose(picture).convert("RGB")
            except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
                if path == self._path:
                    raise ValueError(f"{path} cannot be read as a picture: {error}.") from error
                warnings.warn(f"{path} cannot be read and is left out: {error}.", stacklevel=2)
                continue
            yield Frame(np.array(upright), float("nan"), path.name)
            count += 1
        if not count:
            raise ValueError(f"The folder {self._path} holds no picture that can be read.")


class VideoFile(FrameSource):
    """A video file, frame by frame. Frames may change their size half-way.

    Reading it raises a ValueError where it holds none.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._capture = cv2.VideoCapture(str(path))
        if not self._capture.isOpened():
            raise ValueError(
                f"{path} is no video that OpenCV can read, nor a picture. If another program plays "
                "it, let that program save it as .mp4."
            )
        stated = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = stated if 1 <= stated <= 1000 else USUAL_RATE
        self.length = max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))) or None

    def __iter__(self) -> Iterator[Frame]:
        count, seconds = 0, 0.0
        while (frame := self._capture.read())[0]:
            # Some files state no times, or times that run backwards.
            stated = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            seconds = stated if count == 0 or stated > seconds else seconds + 1 / self.rate
            yield Frame(_as_rgb(frame[1]), seconds, str(count))
            count += 1
        if not count:
            raise ValueError(
                f"{self._path} holds no frame that OpenCV can read: it may have been cut off, or "
                "is damaged."
            )
        if self.length and count < LEAST_SHARE * self.length:
            warnings.warn(
                f"{self._path} ends after {count} of {self.length} frames: it may have been cut "
                "off, or is damaged there.",
                stacklevel=2,
            )

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


class Camera(FrameSource):
    """A camera of this computer. Its newest frame comes next, and older ones are skipped.

    Reading it raises an OSError where the camera stops or sends nothing for five seconds.
    """

    is_live = True

    def __init__(self, number: int) -> None:
        self.name = f"camera {number}"
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise OSError(
                f"Camera {number} does not open. Is there one, does another program use it (a "
                "video call, a browser), and do the system's privacy settings let this one?"
            )
        stated = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = stated if 1 <= stated <= 1000 else USUAL_RATE
        self._newest: Queue[tuple[float, NDArray[Any] | None]] = Queue(maxsize=1)
        self._stop = Event()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        is_open = True
        while is_open and not self._stop.is_set():
            is_open, pixels = self._capture.read()
            item = time.monotonic(), pixels if is_open else None
            try:
                self._newest.put_nowait(item)
            except Full:
                self._replace(item)

    def _replace(self, item: tuple[float, NDArray[Any] | None]) -> None:
        with contextlib.suppress(Empty):  # fetched in the meantime
            self._newest.get_nowait()
        self._newest.put(item)

    def __iter__(self) -> Iterator[Frame]:
        count, first, changed = 0, 0.0, 0.0
        before: NDArray[Any] | None = None
        while True:
            when, pixels = self._next()
            first = first if count else when
            if before is None or not np.array_equal(pixels, before):
                before, changed = pixels, when
            elif when - changed > SECONDS_OF_PATIENCE:
                warnings.warn(
                    f"The {self.name} shows the very same picture again and again: it is covered, "
                    "or frozen. Plugging it in again can help.",
                    stacklevel=2,
                )
                changed = float("inf")
            yield Frame(_as_rgb(pixels), when - first, str(count))
            count += 1

    def _next(self) -> tuple[float, NDArray[Any]]:
        try:
            when, pixels = self._newest.get(timeout=SECONDS_OF_PATIENCE)
        except Empty as error:
            raise TimeoutError(
                f"The {self.name} has sent no picture for {SECONDS_OF_PATIENCE:g} seconds. Plug it "
                "in again, or restart the program that shares it."
            ) from error
        if pixels is None:
            raise OSError(f"The {self.name} has stopped sending pictures. Is it still plugged in?")
        return when, pixels

    def close(self) -> None:
        """Let go of the camera, so that other programs can have it."""
        self._stop.set()
        self._reader.join(timeout=1)
        if not self._reader.is_alive():  # OpenCV can crash where a camera is released while read
            self._capture.release()


def _as_rgb(frame: NDArray[Any]) -> NDArray[np.uint8]:
    """Return a frame of OpenCV's, uint8 BGR (h, w, 3), as RGB."""
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)
