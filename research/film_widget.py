"""Make the moving picture of the camera widget at work: figures/webcam_widget.webp.

Usage: python -m research.film_widget

Needs Chromium and the package `playwright`. In a real JupyterLab the widget plays the drawn film of
lesson 06, once through, and is photographed four times a second.
"""

import io
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, sync_playwright

from research.camera_in_chromium import (
    CHROMIUM,
    jupyter_lab,
    open_notebook,
    run_cell,
    start_camera,
    start_chromium,
    widget_of,
)

CELL = """from course_utils import load_pretrained
from course_utils.drawn_faces import draw_film
from course_utils.webcam.widget import CameraWidget

film = draw_film()
CameraWidget(load_pretrained("drawn_faces"), film=film.frames, frames_a_second=12)"""
PICTURE = Path(__file__).resolve().parents[1] / "figures" / "webcam_widget.webp"
SECONDS, EVERY = 10, 0.25  # the film's length, and the time between two pictures
WIDTH = 560


def photograph(widget: Locator) -> list[Image.Image]:
    """Return pictures of the widget while its film runs once, each `WIDTH` pixels wide."""
    pictures = []
    begun = time.monotonic()
    for number in range(round(SECONDS / EVERY)):
        time.sleep(max(0.0, begun + number * EVERY - time.monotonic()))
        picture = Image.open(io.BytesIO(widget.screenshot())).convert("RGB")
        height = round(picture.height * WIDTH / picture.width)
        pictures.append(picture.resize((WIDTH, height), Image.Resampling.LANCZOS))
    return pictures


def main() -> None:
    """Photograph, and write the picture."""
    if not CHROMIUM:
        sys.exit("Chromium is not installed.")
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_lab(Path(folder), "film.ipynb", [CELL]) as lab,
        sync_playwright() as engine,
        start_chromium(engine) as browser,
    ):
        page = browser.new_page(viewport={"width": 900, "height": 1400})
        open_notebook(page, lab.address("film.ipynb"))
        run_cell(page, 1)
        widget = widget_of(page, 1)
        start_camera(widget)
        first, *others = photograph(widget)
    height = min(picture.height for picture in (first, *others))
    first, *others = (picture.crop((0, 0, WIDTH, height)) for picture in (first, *others))
    first.save(
        PICTURE,
        save_all=True,
        append_images=others,
        duration=round(1000 * EVERY),
        loop=0,
        quality=45,
        method=6,
    )
    print(f"{PICTURE.name}: {len(others) + 1} pictures, {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
