"""The layers of the package hold, and what breaks them is refused by the line that does."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import repository

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the course in `root`, for the package that lies there."""
    return subprocess.run(
        [*LINT, "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the package with its contracts."""
    ignored = shutil.ignore_patterns("__pycache__", "weights")
    package = tmp_path / "course_utils"
    shutil.copytree(repository.PROJECT_FOLDER / "course_utils", package, ignore=ignored)
    shutil.copy(repository.PROJECT_FOLDER / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_package_keeps_its_layers() -> None:
    done = lint_imports(repository.PROJECT_FOLDER)
    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout


# A file, the line that is added at its end, and what the report says of it.
PLANTED = [
    (
        "emotions.py",
        "from course_utils.webcam import timeline",
        "course_utils.emotions -> course_utils.webcam.timeline",
    ),
    (
        "interpretation/attribution.py",
        "from course_utils.robustness import measures",
        "course_utils.interpretation.attribution -> course_utils.robustness.measures",
    ),
    ("models.py", "import torch", "course_utils.models -> torch"),
    (
        "dataset/loading.py",
        "import research.measure_accuracy",
        "course_utils.dataset.loading -> research",
    ),
    ("plots/style.py", "import tools.badges", "course_utils.plots.style -> tools"),
    ("odds_and_ends.py", "import os", "course_utils.odds_and_ends"),
]


@pytest.mark.parametrize(("file", "line", "named"), PLANTED, ids=[name for name, _, _ in PLANTED])
def test_what_breaks_a_layer_is_refused(course: Path, file: str, line: str, named: str) -> None:
    path = course / "course_utils" / file
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else ['"""New."""']
    path.write_text("\n".join([*lines, line, ""]), encoding="utf-8")
    done = lint_imports(course)
    assert done.returncode == 1
    assert named in done.stdout
    if "->" in named:
        assert f"(l.{len(lines) + 1})" in done.stdout
