"""A release sets its version and its ref everywhere, and is refused where it would be a mess."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import repository

ROOT = repository.PROJECT_FOLDER
LESSON = "01_dataset_exploration"
FILES = ("pyproject.toml", "CITATION.cff", "CHANGELOG.md", "README.md", "course_utils/__init__.py")
IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A teacher"), ("EMAIL", "teacher@example.org"))
}


def git(course: Path, *arguments: str) -> None:
    command = ["git", *arguments]
    subprocess.run(command, cwd=course, env={**os.environ, **IDENTITY}, check=True)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A committed copy of what a release touches."""
    shutil.copytree(
        ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in (*FILES, f"notebooks/{LESSON}.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def commit(course: Path) -> None:
    git(course, "add", ".")
    git(course, "commit", "--quiet", "--message", "A state")


def run(course: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(course / "tools" / tool), *arguments]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, encoding="utf-8")


def text(course: Path, name: str) -> str:
    return (course / name).read_text(encoding="utf-8")


def refs(course: Path) -> set[str]:
    """Return every ref that the README and the lesson open or install."""
    notebook = nbformat.read(course / "notebooks" / f"{LESSON}.ipynb", as_version=4)
    both = "\n".join([text(course, "README.md"), *(cell.source for cell in notebook.cells)])
    opened = re.findall(r"colab-badge\.svg\)\]\([^)]*/blob/([^/]+)/", both)
    installed = re.findall(r"git\+https://[^@]+@([\w.]+)\"", both)
    assert len(opened) > 8 and len(installed) == 1
    return {*opened, *installed}


def test_a_release_has_one_version_and_one_ref_everywhere(course: Path) -> None:
    done = run(course, "release.py", "12.3.4")
    assert done.returncode == 0, done.stderr
    assert '__version__ = "12.3.4"\n' in text(course, "course_utils/__init__.py")
    assert "\nversion: 12.3.4\n" in text(course, "CITATION.cff")
    assert '\nref = "v12.3.4"\n' in text(course, "pyproject.toml")
    assert refs(course) == {"v12.3.4"}
    unreleased, released = re.findall(r"^## \[(.+?)\]", text(course, "CHANGELOG.md"), re.M)[:2]
    assert (unreleased, released) == ("Unreleased", "12.3.4")
    assert "git tag v12.3.4" in done.stdout and "--ref main" in done.stdout


def test_afterwards_the_lessons_open_on_main_again(course: Path) -> None:
    before = refs(course)
    run(course, "release.py", "12.3.4")
    done = run(course, "badges.py", "--ref", "main")
    assert done.returncode == 0, done.stderr
    assert refs(course) == before == {"main"}
    assert '__version__ = "12.3.4"\n' in text(course, "course_utils/__init__.py")


@pytest.mark.parametrize(
    "version", ["v1.0.0", "1.0", "1.0.0rc1", "01.0.0", "", repository.version(), "0.0.9"]
)
def test_a_bad_version_is_refused(course: Path, version: str) -> None:
    done = run(course, "release.py", version)
    assert done.returncode == 1
    assert "three numbers" in done.stderr or "not later" in done.stderr
    git(course, "diff", "--exit-code")


def test_a_dirty_tree_is_refused(course: Path) -> None:
    (course / "notes.txt").write_text("To do.\n", encoding="utf-8")
    done = run(course, "release.py", "12.3.4")
    assert done.returncode == 1
    assert "not committed" in done.stderr and "notes.txt" in done.stderr
    git(course, "diff", "--exit-code")


def test_a_tag_that_exists_is_refused(course: Path) -> None:
    git(course, "tag", "v12.3.4")
    done = run(course, "release.py", "12.3.4")
    assert done.returncode == 1
    assert "exists already" in done.stderr


def test_a_release_without_news_is_refused(course: Path) -> None:
    changelog = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\nAll of it.\n"
    (course / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    commit(course)
    done = run(course, "release.py", "12.3.4")
    assert done.returncode == 1
    assert "what is new?" in done.stderr
    git(course, "diff", "--exit-code")
