"""The camera widget in a real JupyterLab and a real Chromium, with a film for a camera."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import cv2
import nbformat
import numpy as np
import pytest
import skimage.data

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
if not CHROMIUM:
    pytest.skip("the camera's test needs Chromium", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="the camera's test needs playwright")
pytest.importorskip("jupyterlab", reason="the camera's test needs JupyterLab")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # An address that is neither https nor localhost, and leads here all the same.
    "--host-resolver-rules=MAP course.test 127.0.0.1",
]
CELL = """\
from course_utils.classifier import Classifier
from course_utils.models import build_model
from course_utils.camera_widget import CameraWidget
CameraWidget(Classifier(build_model()))"""
# Keeps each stream that the page gets, to see later whether it was stopped.
KEEP_STREAMS = """
window.streams = [];
if (navigator.mediaDevices) {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    window.streams.push(stream);
    return stream;
  };
}"""
STATES = "window.streams.flatMap((s) => s.getTracks().map((t) => t.readyState))"
MINUTE = 60_000  # milliseconds


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a face that sways, as the raw 4:2:0 video that Chromium takes for a camera."""
    photograph = skimage.data.astronaut()
    path = tmp_path_factory.mktemp("film") / "face.y4m"
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n")
        for angle in np.linspace(0, 2 * np.pi, 60, endpoint=False):
            # The face, at (224, 120) in the photograph, comes to the middle.
            move = np.array([[1.4, 0, 6.4 + 50 * np.sin(angle)], [0, 1.4, 72]])
            frame = cv2.warpAffine(photograph, move, (640, 480), borderMode=cv2.BORDER_REPLICATE)
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


@pytest.fixture(scope="module")
def notebook_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab of its own, with one notebook that shows the widget."""
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
    nbformat.write(notebook, folder / "camera.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--allow-root", "--no-browser"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        *("--ServerApp.allow_remote_access=True", f"--ServerApp.root_dir={folder}"),
        "--LabApp.news_url=None",
    ]
    here = str(Path(__file__).parents[1])
    paths = {
        "PYTHONPATH": here,
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, **paths}, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/api", server)
            yield f"http://localhost:{port}/lab/tree/camera.ipynb?token={token}"
        finally:
            server.terminate()
            server.wait(30)


def wait_for(address: str, server: subprocess.Popen) -> None:
    for _ in range(600):
        assert server.poll() is None, "JupyterLab ended before it answered"
        try:
            urllib.request.urlopen(address, timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("JupyterLab did not answer within a minute")


OpenWidget = Callable[..., AbstractContextManager]


@pytest.fixture
def open_widget(notebook_address: str) -> OpenWidget:
    """Open the notebook in a fresh Chromium, run its cell, and give the page with the widget."""

    @contextmanager
    def opened(*flags: str, host: str = "localhost") -> Iterator:
        with playwright.sync_playwright() as engine:
            browser = engine.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
            page = browser.new_page()
            page.set_default_timeout(2 * MINUTE)
            page.add_init_script(KEEP_STREAMS)
            page.goto(notebook_address.replace("localhost", host))
            page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
            page.click(".jp-Notebook .jp-CodeCell .cm-content")
            page.keyboard.press("Shift+Enter")
            page.wait_for_selector(".course-camera button")
            yield page
            browser.close()

    return opened


def wait_for_status(page, text: str) -> None:
    page.wait_for_selector(f".course-camera-status:has-text('{text}')")


def test_the_camera_finds_the_face_and_stops(open_widget, film):
    fake = "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"
    with open_widget(*fake, "--use-fake-ui-for-media-stream") as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.click("text=Start")
        page.wait_for_selector(".course-camera canvas[aria-label^='face 1 ']")
        assert (
            page.inner_text(".course-camera-status") == "The camera is on. One face in the picture."
        )
        page.wait_for_selector(".course-camera-rate:has-text('frames a second')")
        assert page.evaluate(STATES) == ["live"]

        page.click("text=Stop")
        wait_for_status(page, "The camera is off.")
        assert page.evaluate(STATES) == ["ended"]
        server = page.url.split("/lab")[0]
        assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []


def test_a_cell_that_is_run_again_stops_the_old_camera(open_widget, film):
    fake = "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"
    with open_widget(*fake, "--use-fake-ui-for-media-stream") as page:
        page.click("text=Start")
        wait_for_status(page, "The camera is on.")
        page.click(".jp-Notebook .jp-CodeCell .cm-content")
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(f"{STATES}.join() === 'ended'")


@pytest.mark.parametrize(
    ("flags", "host", "sentence"),
    [
        ((), "localhost", "No camera was found."),
        (("--use-fake-device-for-media-stream",), "localhost", "The camera is not allowed here."),
        ((), "course.test", "only to https pages and to localhost"),
    ],
    ids=["no camera", "denied", "insecure"],
)
def test_each_refusal_is_a_sentence(open_widget, flags, host, sentence):
    with open_widget(*flags, host=host) as page:
        page.click("text=Start")
        wait_for_status(page, sentence)
        assert page.is_enabled("text=Start")
