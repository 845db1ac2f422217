"""A window of this computer that shows frames, with Tk, which comes with Python.

OpenCV's own window is in none of the wheels that work without a screen, which the course installs.
"""

import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    import tkinter

SHARE_OF_SCREEN = 0.9
NO_TK = (
    "This Python has no Tk for a window. Debian and Ubuntu: sudo apt install python3-tk; "
    "macOS: brew install python-tk. Then build .venv again."
)
NO_SCREEN = "There is no screen for a window here"


class Window:
    """A window with one picture; q, Escape or its cross closes it.

    Attributes:
        is_open: False once it was closed.

    Raises:
        OSError: this Python has no Tk, or there is no screen; the message says which.
    """

    def __init__(self, title: str) -> None:
        try:
            import tkinter

            from PIL import ImageTk
        except ImportError as error:
            raise OSError(NO_TK) from error
        try:
            self._root = tkinter.Tk(className="emotions")
        except tkinter.TclError as error:
            raise OSError(f"{NO_SCREEN} ({error}).") from error
        self._to_photo = ImageTk.PhotoImage
        self._label = tkinter.Label(self._root, borderwidth=0)
        self._label.pack()
        self._was_pressed = False
        self.is_open = True
        self._root.title(f"{title}: q or Escape ends")
        self._root.resizable(False, False)
        self._root.protocol("WM_DELETE_WINDOW", self.close)
        for event in ("q", "<Escape>"):
            self._root.bind(event, lambda _: self.close())
        for event in ("<space>", "<Return>", "<Right>", "<Button-1>"):
            self._root.bind(event, self._press)

    def _press(self, event: "tkinter.Event") -> None:
        self._was_pressed = True

    def show(self, pixels: NDArray[np.uint8]) -> None:
        """Show a frame, uint8 RGB (h, w, 3), shrunk where the screen is smaller."""
        height, width = pixels.shape[:2]
        screen = self._root.winfo_screenwidth(), self._root.winfo_screenheight()
        scale = SHARE_OF_SCREEN * min(screen[0] / width, screen[1] / height)
        if scale < 1:
            size = (max(1, round(scale * width)), max(1, round(scale * height)))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        photo = self._to_photo(Image.fromarray(pixels), master=self._root)
        self._label.configure(image=photo)
        self._label.photo = photo  # type: ignore[attr-defined] # Tk alone does not keep it alive
        self._root.update()

    def wait(self, seconds: float) -> None:
        """Wait, and stay open to the keys and the mouse."""
        end = time.monotonic() + seconds
        while self.is_open and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.01))
            self._root.update()

    def wait_until_pressed(self) -> None:
        """Wait for the space bar, Return, the right arrow or a click."""
        self._was_pressed = False
        while self.is_open and not self._was_pressed:
            self.wait(0.02)

    def close(self) -> None:
        """Close the window; closing it again does nothing."""
        if self.is_open:
            self.is_open = False
            self._root.destroy()
