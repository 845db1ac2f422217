"""The wheel brings every file, and alone is enough for the detector, its command and a quiz."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import repository
import skimage.data
from PIL import Image

ROOT = repository.PROJECT_FOLDER
HEAVY = ("tensorflow", "keras", "torch", "sklearn", "scipy", "matplotlib", "skimage")
READS_A_PHOTOGRAPH = """
import sys
import numpy as np
from PIL import Image
from course_utils import detect_emotions
(face,) = detect_emotions(np.asarray(Image.open(sys.argv[1])))
print(face.emotion)
"""
MAKES_THE_CAMERA = "from course_utils.webcam.widget import CameraWidget; print(CameraWidget())"
OPENS_A_QUIZ = "from course_utils.exercises import lesson_03 as ex; print(repr(ex.quiz))"
UV = [sys.executable, "-m", "uv", "--quiet"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel is built from, and nothing that earlier builds have left."""
    source = tmp_path_factory.mktemp("source")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "course_utils", source / "course_utils", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, source)
    return source


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(source / "dist")]
    command = [sys.executable, "-m", "pip", "wheel", *options, "."]
    subprocess.run(command, cwd=source, check=True)
    (path,) = (source / "dist").glob("*.whl")
    return path


def test_the_wheel_brings_every_file_of_the_course(source: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("course_utils/")}
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "course_utils").rglob("*")
        if path.is_file()
    }
    assert packed == files
    suffixes = {Path(name).suffix for name in packed}
    assert {".pyi", ".csv", ".toml", ".js", ".css", ".keras", ".tflite", ".json"} <= suffixes


def test_the_wheel_brings_the_commands(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        commands = archive.read(name).decode("utf-8")
    assert "emotion-webcam = course_utils.webcam.__main__:main" in commands
    assert "emotion-train = course_utils.training.__main__:main" in commands


class CleanEnvironment:
    """An environment in which the wheel was installed, and what it asks for."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder, self.bin = folder, folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / "python"
        subprocess.run([*UV, "venv", "--python", sys.executable, str(folder)], check=True)
        install = [*UV, "pip", "install", "--python", str(self.python), "pip", str(wheel)]
        subprocess.run([*install, "--constraint", str(ROOT / "constraints.txt")], check=True)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of its commands where no other copy of the course is in sight."""
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.folder,
            env={**inherited, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> CleanEnvironment:
    return CleanEnvironment(tmp_path_factory.mktemp("clean") / "venv", wheel)


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    path = tmp_path_factory.mktemp("photograph") / "astronaut.png"
    Image.fromarray(skimage.data.astronaut()).save(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("package", HEAVY)
def test_the_base_brings_nothing_heavy(environment: CleanEnvironment, package: str) -> None:
    done = environment.run("python", "-c", f"import {package}")
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.slow
def test_the_base_reads_a_photograph(environment: CleanEnvironment, photograph: Path) -> None:
    done = environment.run("python", "-c", READS_A_PHOTOGRAPH, str(photograph))
    assert done.stdout == "happy\n", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", [["python", "-m", "course_utils.webcam"], ["emotion-webcam"]])
def test_the_base_runs_the_command(
    environment: CleanEnvironment, photograph: Path, tmp_path: Path, command: list[str]
) -> None:
    table = tmp_path / "faces.csv"
    done = environment.run(*command, str(photograph), "--csv", str(table), "--no-window")
    assert done.returncode == 0, done.stderr
    assert ",happy," in table.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("code", [MAKES_THE_CAMERA, OPENS_A_QUIZ], ids=["camera", "quiz"])
def test_the_base_opens_a_camera_and_a_quiz(environment: CleanEnvironment, code: str) -> None:
    done = environment.run("python", "-c", code)
    assert done.returncode == 0 and len(done.stdout) > 100, done.stderr


@pytest.mark.slow
def test_a_plot_without_matplotlib_is_refused_before_the_film_is_read(
    environment: CleanEnvironment, tmp_path: Path
) -> None:
    options = ["--csv", str(tmp_path / "faces.csv"), "--plot", str(tmp_path / "timeline.png")]
    done = environment.run("emotion-webcam", "film.avi", *options, "--no-window")
    assert done.returncode > 0
    assert "pip install 'emotion-detection-course[train]'" in done.stderr
    assert not (tmp_path / "faces.csv").exists()


def would_install(environment: CleanEnvironment, wheel: Path, runtime: Path) -> set[str]:
    """Return what Colab's set-up would add, under the versions that `runtime` lists."""
    frozen = environment.run("python", "-m", "pip", "list", "--format=freeze")
    runtime.write_text(frozen.stdout, encoding="utf-8")
    report = runtime.with_suffix(".json")
    options = ["--dry-run", "--quiet", "--constraint", str(runtime), "--report", str(report)]
    requirement = f"emotion-detection-course[train] @ {wheel.as_uri()}"
    done = environment.run("python", "-m", "pip", "install", *options, requirement)
    assert done.returncode == 0, done.stderr
    installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {item["metadata"]["name"].lower().replace("_", "-") for item in installs}


@pytest.mark.slow
def test_the_set_up_cell_adds_what_is_missing_and_replaces_nothing(
    environment: CleanEnvironment, wheel: Path, tmp_path: Path
) -> None:
    frozen = environment.run("python", "-m", "pip", "list", "--format=freeze").stdout
    present = {line.split("==")[0].lower().replace("_", "-") for line in frozen.splitlines()}
    added = would_install(environment, wheel, tmp_path / "runtime.txt")
    assert {"tensorflow", "scikit-learn"} <= added
    assert added & present <= {"emotion-detection-course"}
