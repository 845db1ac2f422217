"""The webcam program that learners take home reads a film, in a real window where there is one."""

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import cv2
import keras
import nbformat
import numpy as np
import pytest
from notebook_rules import code_cells
from repository import PROJECT_FOLDER

from course_utils import load_pretrained
from course_utils.drawn_faces import draw_film
from course_utils.files import WEIGHTS_FOLDER
from course_utils.webcam.recording import VideoRecorder
from course_utils.webcam.tracking import detect_emotions
from examples import webcam
from research.isolated_process import packages_folder

SCRIPT = PROJECT_FOLDER / "examples" / "webcam.py"
NETWORK = WEIGHTS_FOLDER / "compact_drawn_faces.keras"
needs_a_screen = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("import")), reason="needs Xvfb and ImageMagick"
)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return keras.saving.load_model(NETWORK)


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    return draw_film().frames[::17]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, frames: np.ndarray) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.avi"
    with VideoRecorder(path, rate=2) as recorder:
        for number, frame in enumerate(frames):
            recorder.write(frame, number / 2)
    return path


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER), **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_program_fits_a_page_and_needs_the_detector_alone():
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 60
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    ours = [node.module for node in imports if (node.module or "").startswith("course_utils")]
    assert ours == ["course_utils.webcam"]


def functions(source: str) -> dict[str, str]:
    found = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.unparse(node) for node in found}


def test_lesson_06_builds_the_program_up():
    path = PROJECT_FOLDER / "notebooks" / "06_webcam_inference.ipynb"
    cells = code_cells(nbformat.read(path, 4))
    plain = "\n".join(cell.source for cell in cells if not cell.source.startswith("# In Colab"))
    lesson, program = functions(plain), functions(SCRIPT.read_text(encoding="utf-8"))
    assert sorted(program) == ["annotate", "draw", "predict", "show"]
    assert {name: lesson[name] for name in program} == program


def test_a_face_is_framed_and_named_as_the_course_names_it(network, frames):
    for frame in frames:
        (face,) = detect_emotions(frame, load_pretrained("drawn_faces"))
        drawn = np.ascontiguousarray(frame[:, :, ::-1])
        expected = drawn.copy()
        webcam.annotate(drawn, network)
        x, y, width, height = face.box
        cv2.rectangle(expected, (x, y), (x + width, y + height), webcam.GREEN, 2)
        text = f"{face.emotion or 'unsure'} {face.probabilities.max():.0%}"
        place = (x, max(20, y - 8))
        cv2.putText(expected, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.7, webcam.GREEN, 2)
        np.testing.assert_array_equal(drawn, expected)


def test_a_frame_without_a_face_stays_as_it_is(network):
    frame = np.full((240, 320, 3), 90, np.uint8)
    webcam.annotate(frame, network)
    assert (frame == 90).all()


def test_an_opencv_without_windows_says_what_to_do(film):
    if "GUI: NONE" not in " ".join(cv2.getBuildInformation().split()):
        pytest.skip("this OpenCV has windows")
    done = run(NETWORK, film)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("examples/requirements.txt says what to do.")
    assert (PROJECT_FOLDER / "examples" / "requirements.txt").is_file()


def test_without_a_network_it_says_how_it_is_called():
    assert "webcam.py NETWORK [FILM]" in run().stderr


@needs_a_screen
@pytest.mark.slow
def test_a_film_is_shown_in_a_real_window(film, tmp_path):
    """With OpenCV's windows, on a screen of its own: the picture has a green frame, and it ends."""
    packages = packages_folder(["opencv-python>=5.0"])
    display = f":{os.getpid() % 500 + 100}"
    screen = subprocess.Popen(["Xvfb", display, "-screen", "0", "800x600x24"])
    try:
        time.sleep(1)
        paths = os.pathsep.join([str(packages), str(PROJECT_FOLDER)])
        environment = {**os.environ, "DISPLAY": display, "PYTHONPATH": paths}
        command = [sys.executable, str(SCRIPT), str(NETWORK), str(film)]
        program = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        picture = tmp_path / "screen.png"
        seen = False
        while program.poll() is None and not seen:
            shot = ["import", "-display", display, "-window", "root", str(picture)]
            subprocess.run(shot, check=True)
            pixels = cv2.imread(str(picture))
            seen = int((np.abs(pixels.astype(int) - webcam.GREEN).max(axis=2) < 30).sum()) > 200
        errors = program.communicate(timeout=120)[1]
        assert seen, errors
        assert program.returncode == 0, errors
    finally:
        screen.kill()
        screen.wait()
