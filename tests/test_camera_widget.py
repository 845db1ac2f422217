import base64
import re
import sys
import threading

import cv2
import numpy as np
import pytest
import skimage.data

from course_utils.camera_widget import STATIC, CameraWidget, decode_jpeg
from course_utils.classifier import load_pretrained
from course_utils.emotions import EMOTIONS
from course_utils.face_detection import detect_faces


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return skimage.data.astronaut()


@pytest.fixture
def camera(monkeypatch):
    widget = CameraWidget(load_pretrained())
    sent: list[dict] = []
    monkeypatch.setattr(CameraWidget, "send", lambda self, content: sent.append(content))
    return widget, sent


def as_jpeg(pixels: np.ndarray) -> str:
    encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1]
    return base64.b64encode(encoded).decode("ascii")


def test_the_widget_answers_a_frame_with_its_faces(camera, astronaut):
    widget, sent = camera
    widget._handle_custom_msg({"frame": 7, "jpeg": as_jpeg(astronaut)}, [])
    (answer,) = sent
    assert answer["frame"] == 7
    assert answer["milliseconds"] > 0
    (face,) = answer["faces"]
    (expected,) = detect_faces(astronaut)
    assert np.abs(np.array(face["box"]) - expected.box).max() <= 6
    assert face["number"] == 1
    assert sum(face["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert set(face) == {"box", "number", "emotion", "probabilities"}


def test_the_widget_judges_red_as_red(astronaut):
    pixels = decode_jpeg(as_jpeg(np.full((64, 64, 3), (250, 10, 10), np.uint8)))
    assert np.abs(pixels.mean(axis=(0, 1)) - (250, 10, 10)).max() < 5


def test_the_widget_answers_from_several_threads(camera, astronaut):
    widget, sent = camera
    jpeg = as_jpeg(astronaut)
    threads = [
        threading.Thread(target=widget._handle_custom_msg, args=({"frame": n, "jpeg": jpeg}, []))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["frame"] for answer in sent) == list(range(6))
    assert all(answer["faces"][0]["number"] == 1 for answer in sent)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"frame": 1, "jpeg": "no base64!"}, "no base64"),
        ({"frame": 1, "jpeg": "YWJj"}, "no JPEG"),
        ({"frame": 1, "jpeg": ""}, "no JPEG"),
        ({"frame": 1}, "KeyError"),
    ],
)
def test_the_widget_tells_what_is_wrong_with_a_frame(camera, message, says):
    widget, sent = camera
    widget._handle_custom_msg(message, [])
    assert sent[0]["frame"] == 1
    assert says in sent[0]["error"]


_writes: list[str] | None = None


def _watch(event: str, arguments: tuple) -> None:
    if _writes is not None and event == "open" and re.search("[wax+]", str(arguments[1])):
        _writes.append(str(arguments[0]))


def test_nothing_is_written_to_disk(camera, astronaut, tmp_path):
    global _writes
    widget, sent = camera
    sys.addaudithook(_watch)
    _writes = []
    (tmp_path / "seen").write_text("the watch works", encoding="utf-8")
    assert len(_writes) == 1
    _writes = []
    widget._handle_custom_msg({"frame": 1, "jpeg": as_jpeg(astronaut)}, [])
    written, _writes = _writes, None
    assert sent[0]["faces"]
    assert written == []


def test_the_script_takes_the_classes_from_python(camera):
    widget, _ = camera
    script = (STATIC / "camera_widget.js").read_text(encoding="utf-8")
    assert not any(emotion in script for emotion in EMOTIONS)
    assert widget.emotions == list(EMOTIONS)
    assert set(widget.colours) == set(EMOTIONS)


def test_the_script_and_its_style_come_with_the_widget(camera):
    widget, _ = camera
    state = widget.get_state()
    assert state["_esm"] == (STATIC / "camera_widget.js").read_text(encoding="utf-8")
    assert state["_css"] == (STATIC / "camera_widget.css").read_text(encoding="utf-8")


def test_the_script_reaches_no_address():
    script = (STATIC / "camera_widget.js").read_text(encoding="utf-8")
    for way_out in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import ", "new Image"):
        assert way_out not in script
