"""The camera of the browser in a notebook, with what the network reads drawn on its picture."""

import base64
import binascii
import time
from pathlib import Path
from threading import Lock
from typing import Any

import anywidget
import cv2
import numpy as np
import traitlets

from course_utils.classifier import Classifier, load_pretrained
from course_utils.emotions import COLOURS, EMOTIONS
from course_utils.webcam import DetectedFace, Smoother, detect_emotions

STATIC = Path(__file__).parent / "static"


class CameraWidget(anywidget.AnyWidget):
    """The camera of the browser, with the faces and their emotions drawn on its picture.

    Frames go from the browser to this notebook's kernel and nowhere else. They are judged and
    forgotten; nothing is written to disk. JupyterLab, Notebook 7 and Colab show it; VS Code
    gives notebooks no camera.

    Args:
        classifier: the network to ask, or None for the shipped weights for photographs.
    """

    _esm = STATIC / "camera_widget.js"
    _css = STATIC / "camera_widget.css"
    emotions = traitlets.List(traitlets.Unicode(), list(EMOTIONS)).tag(sync=True)
    colours = traitlets.Dict(default_value=dict(COLOURS)).tag(sync=True)

    def __init__(self, classifier: Classifier | None = None) -> None:
        super().__init__()
        self._classifier = classifier or load_pretrained()
        self._smoother = Smoother()
        # Newer kernels handle each message in a thread of its own.
        self._lock = Lock()
        # The first call compiles the network; better now than on the first frame.
        self._classifier.predict_proba(np.zeros((1, 48, 48), np.uint8))
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return "CameraWidget: run this cell in JupyterLab or Colab to see the camera"

    def _answer(self, widget: Any, message: dict[str, Any], buffers: list[Any]) -> None:
        """Answer one frame: {"frame": number, "jpeg": base64}."""
        try:
            with self._lock:
                started = time.monotonic()
                faces = detect_emotions(decode_jpeg(message["jpeg"]), self._classifier)
                faces = self._smoother.update(faces, started)
                milliseconds = 1000 * (time.monotonic() - started)
        except Exception as error:  # an exception here would reach nobody
            self.send({"frame": message.get("frame"), "error": f"{type(error).__name__}: {error}"})
        else:
            answer = {"faces": [_as_message(face) for face in faces], "milliseconds": milliseconds}
            self.send({"frame": message["frame"], **answer})


def decode_jpeg(text: str) -> np.ndarray:
    """Return the picture in a base64 text as uint8 RGB (h, w, 3).

    Raises:
        ValueError: the text is no base64, or what it holds is no picture.
    """
    try:
        content = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except binascii.Error as error:
        raise ValueError(f"the frame is no base64 text: {error}") from error
    pixels = cv2.imdecode(content, cv2.IMREAD_COLOR_RGB) if content.size else None
    if pixels is None:
        raise ValueError("the frame is no JPEG or PNG picture")
    return pixels


def _as_message(face: DetectedFace) -> dict[str, Any]:
    return {
        "box": face.box,
        "number": face.number,
        "emotion": face.emotion,
        "probabilities": face.probabilities.round(4).tolist(),
    }
