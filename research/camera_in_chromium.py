"""The camera widget in a real JupyterLab and a real Chromium, with a film for a camera.

What the test of the widget and the measurement of its speed share.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import nbformat
import numpy as np
import psutil
import skimage.data
from playwright.sync_api import Browser, Locator, Page, Playwright

PROJECT_FOLDER = Path(__file__).resolve().parents[1]

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Addresses that are neither https nor localhost, and lead here all the same.
    "--host-resolver-rules=MAP course.test 127.0.0.1, MAP hub.test 127.0.0.1",
]
ALLOW_CAMERA = "--use-fake-ui-for-media-stream"
PATIENCE = 120_000  # milliseconds: other programs may share the processor


def write_film(path: Path) -> Path:
    """Write two seconds of a face as raw 4:2:0 video, which Chromium takes for a camera.

    The face is Eileen Collins's, from NASA's portrait in the public domain that scikit-image
    brings along. It moves, comes nearer and goes, and the light changes.
    """
    photograph = skimage.data.astronaut()
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n")
        for angle in np.linspace(0, 2 * np.pi, 60, endpoint=False):
            scale = 1.4 + 0.3 * np.cos(angle)
            # The face, at (224, 120) in the photograph, comes to the middle, and sways.
            corner = np.array([320 + 50 * np.sin(angle), 240]) - scale * np.array([224, 120])
            move = np.column_stack([scale * np.eye(2), corner])
            frame = cv2.warpAffine(photograph, move, (640, 480), borderMode=cv2.BORDER_REPLICATE)
            darkened = (frame * (0.75 + 0.25 * np.sin(angle))).astype(np.uint8)
            file.write(b"FRAME\n" + cv2.cvtColor(darkened, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def film_as_camera(film: Path) -> tuple[str, str]:
    """Return the flags that make Chromium play a film instead of opening a camera."""
    return "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its port on this machine, its token, and the folder that it shows."""

    port: int
    token: str
    folder: Path

    def address(self, notebook: str, host: str = "localhost") -> str:
        """Return the address of a notebook, with the token."""
        return f"http://{host}:{self.port}/lab/tree/{notebook}?token={self.token}"


@contextmanager
def jupyter_lab(folder: Path, notebook: str, cells: list[str]) -> Iterator[Lab]:
    """Run a JupyterLab of its own in a new folder, with one notebook that holds these cells.

    Raises:
        TimeoutError: it did not answer within two minutes.
    """
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    kernel = {"display_name": "Python 3", "name": "python3"}
    content = nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel})
    root = folder / "notebooks"
    root.mkdir(parents=True)
    nbformat.write(content, root / notebook)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--allow-root", "--no-browser"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        *("--ServerApp.allow_remote_access=True", f"--ServerApp.root_dir={root}"),
        "--LabApp.news_url=None",
    ]
    places = {
        "PYTHONPATH": str(PROJECT_FOLDER),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
        "COURSE_FOLDER": str(folder),
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, **places}, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", server)
            yield Lab(port, token, root)
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise RuntimeError("JupyterLab ended before it answered")
        try:
            urllib.request.urlopen(address, timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("JupyterLab did not answer within two minutes")


def start_chromium(engine: Playwright, *flags: str) -> Browser:
    """Start a Chromium without a screen; used in a `with`, it ends with it."""
    return engine.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


def open_notebook(page: Page, address: str) -> None:
    """Open a notebook in JupyterLab and wait until its kernel is ready."""
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")


def cell_of(page: Page, number: int) -> Locator:
    """Return a code cell of the notebook that is open, counted from 1."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number - 1)


def run_cell(page: Page, number: int) -> None:
    """Run a code cell of the notebook that is open."""
    cell_of(page, number).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


def widget_of(page: Page, number: int) -> Locator:
    """Return the widget that a code cell shows, as soon as it is there."""
    widget = cell_of(page, number).locator(".course-camera")
    widget.wait_for()
    return widget


def start_camera(widget: Locator) -> None:
    """Press Start and wait until frames are read."""
    widget.get_by_role("button", name="Start").click()
    widget.get_by_text("frames a second").wait_for()


def stop_camera(widget: Locator) -> None:
    """Press Stop and wait until it is done."""
    widget.get_by_role("button", name="Stop").click()
    widget.get_by_text(" is off.").wait_for()


def processor_seconds() -> float:
    """Return the processor time that server, kernel and browser, our children, have used."""
    seconds = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system
    return seconds
