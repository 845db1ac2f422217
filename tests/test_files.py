"""The course writes into a place of its own, says which where that is not obvious, and no half."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils import files
from course_utils.dataset import download_dataset, find_ferplus, find_photographs
from course_utils.exercises import lesson_03

ROOT = Path(__file__).parents[1]

# Root writes wherever it likes, unless it gives up the right to.
AS_A_LEARNER = ["setpriv", "--bounding-set=-dac_override"] if os.name != "nt" else []
if AS_A_LEARNER and os.geteuid() != 0:
    AS_A_LEARNER = []


@pytest.fixture(autouse=True)
def _nothing_said_yet(monkeypatch):
    monkeypatch.delenv("COURSE_FOLDER", raising=False)
    files._say_once.cache_clear()
    files._can_write.cache_clear()


@pytest.fixture
def share(tmp_path):
    """The course in a folder that a learner can read, and cannot write into."""
    folder = tmp_path / "share"
    ignored = shutil.ignore_patterns("weights", "__pycache__")
    shutil.copytree(ROOT / "course_utils", folder / "course_utils", ignore=ignored)
    for name in ("notebooks", "data"):
        (folder / name).mkdir()
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        path.chmod(0o555)
    refused = subprocess.run([*AS_A_LEARNER, "touch", folder / "probe"], capture_output=True)
    if refused.returncode == 0 or b"touch" not in refused.stderr:
        pytest.skip("nothing keeps this user from writing into a folder")
    return folder


def run_in(folder, source, home, **environment):
    """Run Python code in a folder, as a learner whose home is another."""
    places = {"PYTHONPATH": str(folder.parent), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*AS_A_LEARNER, sys.executable, "-c", source],
        cwd=folder,
        env={**os.environ, "COURSE_DATA": "", **places, **environment},
        capture_output=True,
        text=True,
    )


# The cells of lesson 01 that read and write files, on fewer faces, and those of 04 and of a check.
FIRST_HOUR = """
from course_utils.drawn_faces import generator
generator.DEFAULT_SIZES = {"train": 40, "validation": 10, "test": 10}

from course_utils import load_dataset
from course_utils.dataset import Archive, find_photographs
from course_utils.files import data_folder
data = load_dataset()
archive = Archive(find_photographs() or data_folder() / "drawn_faces")
assert len(archive.sizes) == 63, archive.sizes

from course_utils.training import lesson_folder
lesson_folder(data.source).mkdir(parents=True)

from course_utils.exercises import lesson_03 as ex
print(ex.learned_numbers.check(2432))
print(ex.progress())
"""


def test_on_a_share_that_cannot_be_written_a_learner_has_a_place_at_home(share, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    done = run_in(share / "notebooks", FIRST_HOUR, home)
    assert done.returncode == 0, done.stderr
    own = home / "emotion-detection-course"
    sentence = f"{share} cannot be written. The course keeps its images and runs in {own}."
    assert done.stdout.startswith(f"{sentence}\n") and done.stdout.count(str(own)) == 2
    assert f"`{own}/runs/progress.json`" in done.stdout and "\nRight.\n" in done.stdout
    assert {path.name for path in own.iterdir()} == {"data", "runs"}
    assert not (share / "runs").exists() and list((share / "data").iterdir()) == []


@pytest.mark.parametrize("setting", ["", "{share}"])
def test_where_nothing_can_be_written_it_says_what_to_do(share, setting):
    setting = setting.format(share=share)
    done = run_in(share / "notebooks", FIRST_HOUR, share, COURSE_FOLDER=setting)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("PermissionError: The course has no place") and str(share) in last
    assert "COURSE_FOLDER to a folder of your own" in last


def test_a_file_in_a_folder_that_cannot_be_written_is_named(share, tmp_path):
    source = f"""
from pathlib import Path
from course_utils.files import replace_file
replace_file(Path({str(share / "data" / "best.npz")!r}), lambda path: path.write_text("new"))
"""
    done = run_in(share / "notebooks", source, tmp_path)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("PermissionError") and f"{share}/data/best.npz could not be" in last
    assert "is unchanged: make sure that this can be written there, and run this again" in last


def test_in_the_course_nothing_is_said(tmp_path, monkeypatch, capsys):
    for name in ("notebooks", "course_utils"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert files.data_folder() == tmp_path / "data" and files.runs_folder() == tmp_path / "runs"
    assert "`runs/progress.json`" in lesson_03.progress().text
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course_utils", "notebooks"]


def test_a_notebook_elsewhere_uses_the_courses_folder_and_says_so_once(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert files.data_folder() == ROOT / "data" and files.runs_folder() == ROOT / "runs"
    assert capsys.readouterr().out == f"The course keeps its images and runs in {ROOT}.\n"
    assert f"`{ROOT}/runs/progress.json`" in lesson_03.progress().text
    assert list(tmp_path.iterdir()) == []


def test_a_package_without_the_course_uses_the_working_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(files, "__file__", str(tmp_path / "site-packages/course_utils/files.py"))
    monkeypatch.chdir(tmp_path)
    assert files.runs_folder() == tmp_path / "runs"
    assert capsys.readouterr().out == f"The course keeps its images and runs in {tmp_path}.\n"


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """A folder of the learner's, beside the course's own."""
    for name in ("notebooks", "course_utils", "data"):
        (tmp_path / "course" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "course")
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "own"))
    return tmp_path / "own"


def test_a_folder_that_was_asked_for_is_used_without_a_word(own_folder, capsys):
    assert files.data_folder() == own_folder / "data"
    assert files.runs_folder() == own_folder / "runs"
    assert capsys.readouterr().out == "" and not own_folder.exists()


def test_data_is_found_in_the_courses_folder_and_before_that_in_ones_own(own_folder):
    assert find_photographs() is None and find_ferplus() is None
    for folder in (own_folder.parent / "course" / "data", own_folder / "data"):
        photographs = folder / "face-expression-recognition-dataset"
        photographs.mkdir(parents=True)
        (folder / "fer2013new.csv").touch()
        assert find_photographs() == download_dataset() == photographs
        assert find_ferplus() == folder / "fer2013new.csv"
