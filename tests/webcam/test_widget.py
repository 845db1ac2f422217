import base64
import re
import sys
import threading
import time
import types

import cv2
import numpy as np
import pytest
import skimage.data

from course_utils.emotions import EMOTIONS
from course_utils.webcam.face_detection import detect_faces
from course_utils.webcam.tracking import detect_emotions
from course_utils.webcam.widget.camera import (
    LARGEST_MESSAGE,
    SCRIPTS,
    STATIC,
    CameraWidget,
    decode_jpeg,
)


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return skimage.data.astronaut()


class Recorder:
    """Keeps what a widget sends to the browser."""

    def __init__(self, widget: CameraWidget, monkeypatch: pytest.MonkeyPatch) -> None:
        self.widget = widget
        self.sent: list[dict] = []
        monkeypatch.setattr(CameraWidget, "send", lambda _, content: self.sent.append(content))

    def ask(self, message: dict, *buffers: bytes) -> dict:
        """Return the answer to one message from the browser."""
        self.widget._handle_custom_msg(message, [memoryview(buffer) for buffer in buffers])
        return self.sent[-1]


@pytest.fixture
def camera(monkeypatch):
    return Recorder(CameraWidget(), monkeypatch)


def as_jpeg(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()


def as_text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def test_a_frame_is_answered_with_its_faces(camera, astronaut):
    answer = camera.ask({"frame": 7}, as_jpeg(astronaut))
    assert answer["frame"] == 7
    assert answer["milliseconds"] > 0
    (face,) = answer["faces"]
    (expected,) = detect_faces(astronaut)
    assert np.abs(np.array(face["box"]) - expected.box).max() <= 6
    assert face["track_id"] == 1
    assert face["emotion"] == "happy"
    assert sum(face["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert set(face) == {"box", "track_id", "emotion", "probabilities"}


def test_a_frame_as_text_gets_the_same_answer(camera, astronaut):
    as_bytes = camera.ask({"frame": 1}, as_jpeg(astronaut))
    camera.ask({"frame": 2, "greeting": True})
    text = camera.ask({"frame": 1, "jpeg": as_text(as_jpeg(astronaut))})
    assert as_bytes["faces"] == text["faces"]


def test_a_greeting_tells_whether_buffers_arrive(camera):
    assert camera.ask({"frame": 3, "greeting": True}, b"\0") == {"frame": 3, "buffers": 1}
    assert camera.ask({"frame": 4, "greeting": True}) == {"frame": 4, "buffers": 0}


def test_a_greeting_forgets_who_was_seen(camera, astronaut):
    camera.ask({"frame": 1}, as_jpeg(astronaut))
    mirrored = np.ascontiguousarray(astronaut[:, ::-1])  # the face is elsewhere
    assert camera.ask({"frame": 2}, as_jpeg(mirrored))["faces"][0]["track_id"] == 2
    camera.ask({"frame": 3, "greeting": True})
    assert camera.ask({"frame": 4}, as_jpeg(astronaut))["faces"][0]["track_id"] == 1


def test_probabilities_are_steadied(camera, astronaut):
    """The same face in the dark, a moment later: the answer has hardly moved."""
    first = camera.ask({"frame": 1}, as_jpeg(astronaut))["faces"][0]["probabilities"]
    flat = cv2.GaussianBlur(astronaut, (0, 0), 6)
    alone = detect_emotions(flat)[0].probabilities
    assert np.abs(alone - first).max() > 0.2
    second = camera.ask({"frame": 2}, as_jpeg(flat))["faces"][0]["probabilities"]
    assert np.abs(np.subtract(second, first)).max() < np.abs(alone - first).max()


def test_a_reply_goes_with_the_answer(monkeypatch, astronaut):
    def reply(faces):
        return f"{len(faces)} is {faces[0].emotion}" if faces else "nobody"

    camera = Recorder(CameraWidget(reply=reply), monkeypatch)
    assert camera.ask({"frame": 1}, as_jpeg(astronaut))["reply"] == "1 is happy"
    assert camera.ask({"frame": 2}, as_jpeg(0 * astronaut))["reply"] == "nobody"


def test_a_reply_that_fails_is_told(monkeypatch, astronaut):
    camera = Recorder(CameraWidget(reply=lambda faces: faces[5]), monkeypatch)
    assert "IndexError" in camera.ask({"frame": 1}, as_jpeg(astronaut))["error"]


def test_red_stays_red():
    pixels = decode_jpeg(as_jpeg(np.full((64, 64, 3), (250, 10, 10), np.uint8)))
    assert np.abs(pixels.mean(axis=(0, 1)) - (250, 10, 10)).max() < 5


def test_frames_may_come_in_several_threads(camera, astronaut):
    jpeg = as_jpeg(astronaut)
    threads = [
        threading.Thread(target=camera.ask, args=({"frame": n}, jpeg), daemon=True)
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["frame"] for answer in camera.sent) == list(range(6))
    assert all(answer["faces"][0]["track_id"] == 1 for answer in camera.sent)


def test_one_frame_is_judged_at_a_time(camera, astronaut, monkeypatch):
    inside, most = [], []

    def judge(self, frame):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return {}

    monkeypatch.setattr(CameraWidget, "_predict", judge)
    jpeg = as_jpeg(astronaut)
    threads = [threading.Thread(target=camera.ask, args=({"frame": n}, jpeg)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 5


@pytest.mark.parametrize(
    ("message", "buffers", "says"),
    [
        ({"frame": 1, "jpeg": "no base64!"}, [], "no base64"),
        ({"frame": 1, "jpeg": "YWJj"}, [], "no JPEG"),
        ({"frame": 1, "jpeg": ""}, [], "no JPEG"),
        ({"frame": 1}, [], "KeyError"),
        ({"frame": 1}, [b"abc"], "no JPEG"),
        ({"frame": 1}, [b""], "no JPEG"),
        ({"frame": 1}, [bytes(LARGEST_MESSAGE + 1)], "more than 4,000,000"),
    ],
)
def test_what_is_wrong_with_a_frame_is_told(camera, message, buffers, says):
    answer = camera.ask(message, *buffers)
    assert answer["frame"] == 1
    assert says in answer["error"]


def test_a_film_is_sent_as_pictures(astronaut):
    film = [astronaut[:, :, 0], astronaut / 255]
    widget = CameraWidget(film=film, frames_a_second=5)
    assert repr(widget) == f"CameraWidget with a film of {len(film)} pictures"
    grey, colour = map(decode_jpeg, widget.film)
    assert np.abs(grey[..., 2].astype(float) - film[0]).mean() < 3
    assert np.abs(colour.astype(float) - astronaut).mean() < 6
    assert widget.frames_a_second == 5
    assert CameraWidget().film == []


def test_a_film_that_is_too_large_to_send_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (24, 600, 800, 3), np.uint8)
    with pytest.raises(ValueError, match=r"the film has [\d,]+ bytes.*fewer frames"):
        CameraWidget(film=noise)


def test_a_film_of_no_pictures_is_refused():
    with pytest.raises(ValueError, match="shape"):
        CameraWidget(film=np.zeros(7, np.uint8))


def test_colab_is_asked_to_show_widgets(monkeypatch):
    asked = []
    colab = types.ModuleType("google.colab")
    colab.output = types.SimpleNamespace(enable_custom_widget_manager=lambda: asked.append(1))
    assert CameraWidget().in_colab is False
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    assert CameraWidget().in_colab is True
    assert asked == [1]


_writes: list[str] | None = None


def _watch(event: str, arguments: tuple) -> None:
    if _writes is not None and event == "open" and re.search("[wax+]", str(arguments[1])):
        _writes.append(str(arguments[0]))


def test_nothing_is_written_to_disk(camera, astronaut, tmp_path):
    global _writes
    sys.addaudithook(_watch)
    _writes = []
    (tmp_path / "seen").write_text("the watch works", encoding="utf-8")
    assert len(_writes) == 1
    _writes = []
    answer = camera.ask({"frame": 1}, as_jpeg(astronaut))
    written, _writes = _writes, None
    assert answer["faces"]
    assert written == []


def test_the_script_takes_the_classes_from_python(camera):
    script = camera.widget.get_state()["_esm"]
    assert not any(emotion in script for emotion in EMOTIONS)
    assert camera.widget.emotions == list(EMOTIONS)
    assert set(camera.widget.colours) == set(EMOTIONS)


def test_the_script_comes_with_the_widget_whole(camera):
    state = camera.widget.get_state()
    files = sorted(STATIC.glob("camera_*.js"))
    assert len(files) == len(SCRIPTS)
    assert all(file.read_text(encoding="utf-8") in state["_esm"] for file in files)
    assert state["_css"] == (STATIC / "camera_widget.css").read_text(encoding="utf-8")


def test_the_script_reaches_no_address(camera):
    script = camera.widget.get_state()["_esm"]
    for way_out in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import ", "new Image"):
        assert way_out not in script
