"""The camera of the browser in a notebook, with what the network reads drawn on its picture."""

import base64
import binascii
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import anywidget
import cv2
import numpy as np
import traitlets
from numpy.typing import NDArray

from course_utils.classifier import Classifier, load_pretrained
from course_utils.emotions import COLOURS, EMOTIONS
from course_utils.webcam.face_detection import to_rgb
from course_utils.webcam.tracking import DetectedFace, FaceTracker, Smoother, detect_emotions
from course_utils.wording import counted

STATIC = Path(__file__).parent
SCRIPTS = ("sentences", "elements", "sources", "drawing", "history", "widget")
# Notebook servers drop messages over 10 MB without a word. A frame has some 15 kB.
LARGEST_MESSAGE = 4_000_000


class CameraWidget(anywidget.AnyWidget):
    """The camera of the browser, with the faces and their emotions drawn on its picture.

    Frames go from the browser to this notebook's kernel and nowhere else. They are read and
    forgotten; nothing is written to disk. Only the button "Save picture" writes: the browser
    downloads the picture that is shown. Where the kernel runs on another computer, the widget
    says so before the camera starts. JupyterLab, Notebook 7 and Colab show it; VS Code gives
    notebooks no camera.

    Args:
        classifier: the network to ask, or None for the shipped weights for photographs.
        reply: called with the faces of each frame, tracked and smoothed; the text it returns
            is shown below the picture.
        film: pictures to play instead of the camera, over and over, for who would rather not
            use one. Each is a picture as `detect_emotions` takes it.
        frames_a_second: how fast the film runs.

    Raises:
        TypeError, ValueError: a frame of the film is no picture, or the film is too long to
            send: 4 MB as JPEG, some 270 frames of 320 by 240 pixels.
        FileNotFoundError: a file that ships with the course is missing.
    """

    # A widget's script is one text. Ours lies in files by subject.
    _esm = "\n".join((STATIC / f"camera_{name}.js").read_text("utf-8") for name in SCRIPTS)
    _css = (STATIC / "camera_widget.css").read_text("utf-8")
    emotions = traitlets.List(traitlets.Unicode(), list(EMOTIONS)).tag(sync=True)
    colours = traitlets.Dict(default_value=dict(COLOURS)).tag(sync=True)
    film = traitlets.List(traitlets.Bytes()).tag(sync=True)
    frames_a_second = traitlets.Float().tag(sync=True)
    in_colab = traitlets.Bool().tag(sync=True)
    largest_message = traitlets.Int(LARGEST_MESSAGE).tag(sync=True)

    def __init__(
        self,
        classifier: Classifier | None = None,
        *,
        reply: Callable[[list[DetectedFace]], str] | None = None,
        film: Sequence[NDArray[np.uint8]] | NDArray[np.uint8] = (),
        frames_a_second: float = 15,
    ) -> None:
        super().__init__(
            film=_encode_film(film),
            frames_a_second=frames_a_second,
            in_colab=_allow_widgets_in_colab(),
        )
        self._classifier = classifier or load_pretrained()
        self._reply = reply
        self._tracker, self._smoother = FaceTracker(), Smoother()
        # Newer kernels handle each message in a thread of its own.
        self._lock = Lock()
        # The first call prepares the network; better now than on the first frame.
        self._classifier.predict_proba(np.zeros((1, 48, 48), np.uint8))
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        if self.film:
            return f"CameraWidget with a film of {counted(len(self.film), 'picture')}"
        return (
            "CameraWidget: run this cell in JupyterLab or Colab to see it. VS Code gives notebooks "
            "no camera: there, type in a terminal: python -m course_utils.webcam"
        )

    def _answer(self, widget: Any, message: dict[str, Any], buffers: list[Any]) -> None:
        """Answer a greeting, {"frame": number, "greeting": True}, or a frame.

        A frame's JPEG comes as a binary buffer or, where the front end carries none, as base64:
        {"frame": number, "jpeg": text}. A greeting brings a buffer to find out.
        """
        try:
            with self._lock:
                if message.get("greeting"):
                    self._tracker, self._smoother = FaceTracker(), Smoother()
                    answer: dict[str, Any] = {"buffers": len(buffers)}
                else:
                    answer = self._predict(_picture_in(message, buffers))
        except Exception as error:  # an exception here would reach nobody
            answer = {"error": f"{type(error).__name__}: {error}"}
        self.send({"frame": message.get("frame"), **answer})

    def _predict(self, frame: NDArray[np.uint8]) -> dict[str, Any]:
        started = time.monotonic()
        faces = detect_emotions(frame, self._classifier, self._tracker.detect)
        faces = self._smoother.update(faces, started)
        milliseconds = 1000 * (time.monotonic() - started)
        answer = {"faces": [_as_message(face) for face in faces], "milliseconds": milliseconds}
        return answer | ({"reply": str(self._reply(faces))} if self._reply else {})


def decode_jpeg(content: bytes | memoryview) -> NDArray[np.uint8]:
    """Return an encoded picture as uint8 RGB (h, w, 3).

    Raises:
        ValueError: the content is no picture, or has more than 4 MB.
    """
    if len(content) > LARGEST_MESSAGE:
        raise ValueError(f"the frame has {len(content):,} bytes, more than {LARGEST_MESSAGE:,}")
    encoded = np.frombuffer(content, np.uint8)
    pixels = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB) if encoded.size else None
    if pixels is None:
        raise ValueError("the frame is no JPEG or PNG picture")
    return np.asarray(pixels, dtype=np.uint8)


def _picture_in(message: dict[str, Any], buffers: list[Any]) -> NDArray[Any]:
    if buffers:
        return decode_jpeg(buffers[0])
    try:
        return decode_jpeg(base64.b64decode(message["jpeg"], validate=True))
    except binascii.Error as error:
        raise ValueError(f"the frame is no base64 text: {error}") from error


def _as_message(face: DetectedFace) -> dict[str, Any]:
    return {
        "box": face.box,
        "track_id": face.track_id,
        "emotion": face.emotion,
        "probabilities": face.probabilities.round(4).tolist(),
    }


def _encode_film(film: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]) -> list[bytes]:
    pictures = [cv2.cvtColor(to_rgb(frame), cv2.COLOR_RGB2BGR) for frame in film]
    quality = [cv2.IMWRITE_JPEG_QUALITY, 85]
    encoded = [cv2.imencode(".jpg", picture, quality)[1].tobytes() for picture in pictures]
    size = sum(map(len, encoded))
    if size > LARGEST_MESSAGE:
        raise ValueError(
            f"the film has {size:,} bytes as JPEG, more than {LARGEST_MESSAGE:,}: "
            "take fewer frames, or smaller ones"
        )
    return encoded


def _allow_widgets_in_colab() -> bool:
    """Switch on in Colab what widgets like this one need there; tell whether this is Colab."""
    if "google.colab" not in sys.modules:
        return False
    from google.colab import output

    output.enable_custom_widget_manager()
    return True
