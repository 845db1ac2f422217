"""Measure how many frames a second the camera widget reads, in JupyterLab and Chromium.

Usage: python -m research.measure_camera [--seconds 20]

Needs Chromium and the package `playwright`. A film of a face stands in for the camera; frames of
320 by 240 pixels are read by the shipped weights for photographs. Close other programs first:
browser, server and kernel share the processor.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from research.camera_in_chromium import (
    ALLOW_CAMERA,
    CHROMIUM,
    film_as_camera,
    jupyter_lab,
    open_notebook,
    processor_seconds,
    run_cell,
    start_camera,
    start_chromium,
    widget_of,
    write_film,
)

CELL = "from course_utils.webcam.widget.camera import CameraWidget\nCameraWidget()"
WARM_UP = 3  # seconds


@dataclass(frozen=True)
class Speed:
    """What one run of the camera took.

    Attributes:
        frames_a_second: how many frames were read and drawn, over the whole run.
        travel: from camera to picture, in milliseconds, in the median over the seconds.
        inference: to find the face and classify it, in milliseconds, likewise.
        processor: milliseconds of processor time a frame, of server, kernel and browser together.
        others: the share of the processor that other programs used meanwhile, from 0 to 1.
    """

    frames_a_second: float
    travel: float
    inference: float
    processor: float
    others: float


def measure_speed(page: Page, seconds: int) -> Speed:
    """Watch the camera of a page that is running, once a second."""
    drawn = "document.querySelector('.course-camera-screen').dataset.frames"
    lines, used, idle = [], processor_seconds(), idle_seconds()
    begun, first = time.perf_counter(), int(page.evaluate(drawn))
    for _ in range(seconds):
        page.wait_for_timeout(1000)
        # "24 frames a second, 45 ms from camera to picture, 12 ms of it to judge"
        lines.append(re.findall(r"\d+", page.inner_text(".course-camera-rate"))[1:])
    frames = int(page.evaluate(drawn)) - first
    took, used, idle = (
        time.perf_counter() - begun,
        processor_seconds() - used,
        idle_seconds() - idle,
    )
    travel, inference = np.median(np.array(lines, float), axis=0)
    others = max(0.0, 1 - (used + idle) / (took * psutil.cpu_count()))
    return Speed(frames / took, travel, inference, 1000 * used / frames, others)


def idle_seconds() -> float:
    """Return for how long the processor had nothing to do, all cores together."""
    times = psutil.cpu_times()
    return float(times.idle + getattr(times, "iowait", 0))


def main() -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=int, default=20)
    seconds = parser.parse_args().seconds
    if not CHROMIUM:
        print("No Chromium was found. Install it, for instance: apt install chromium.")
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = write_film(folder / "face.y4m")
        with (
            jupyter_lab(folder / "lab", "camera.ipynb", [CELL]) as lab,
            sync_playwright() as engine,
            start_chromium(engine, *film_as_camera(film), ALLOW_CAMERA) as browser,
        ):
            page = browser.new_page()
            open_notebook(page, lab.address("camera.ipynb"))
            run_cell(page, 1)
            start_camera(widget_of(page, 1))
            page.wait_for_timeout(1000 * WARM_UP)
            speed = measure_speed(page, seconds)
    print(
        f"{speed.frames_a_second:.1f} frames a second read, over {seconds} s, 320 by 240 pixels, "
        f"on {os.cpu_count()} processor cores.\n"
        f"{speed.travel:.0f} ms from camera to picture, {speed.inference:.0f} ms of it to find "
        f"the face and classify it.\n"
        f"{speed.processor:.0f} ms of processor time a frame for server, kernel and browser.\n"
        f"Other programs used {speed.others:.0%} of the processor meanwhile."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
