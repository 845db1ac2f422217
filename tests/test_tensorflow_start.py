"""TensorFlow starts without a word, by whatever route, and hides nothing that went wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import lazy_loader
import nbclient
import nbformat
import pytest
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parents[1]
SNIPPET = "from course_utils import load_pretrained; load_pretrained('drawn_faces').model"
FIRST_STEP = "import keras; keras.ops.add(1, 2)"  # looks for a graphics card
OWN_IMPORT = f"from course_utils import EMOTIONS; {FIRST_STEP}"
IN_A_PROCESS_BESIDE = f"""\
import course_utils, subprocess, sys
subprocess.run([sys.executable, "-c", "from course_utils import EMOTIONS; {FIRST_STEP}"])"""
LATER = """\
import course_utils, os, warnings
import tensorflow as tf
warnings.warn("a warning of Python", stacklevel=1)
os.write(2, b"E0000 00:00:1.0 1 any.cc:1] an error of C++\\n")
tf.linalg.matmul(tf.zeros((2, 3)), tf.zeros((2, 3)))"""
HELD = """\
import os, warnings
from course_utils.tensorflow_start import without_log_lines
with without_log_lines():
    os.write(2, b"I0000 00:00:1.0 1 any.cc:1] a note\\n")
    warnings.warn("a warning of Python", stacklevel=1)
    os.write(2, b"a line of another library\\n")"""


def errors_of(*arguments: str, **variables: str) -> str:
    """Run Python without a level that somebody set, and return what it writes as errors."""
    inherited = {
        name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"
    }
    command = [sys.executable, *arguments]
    environment = {**inherited, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", OWN_IMPORT],
        ["-c", SNIPPET],
        ["-c", IN_A_PROCESS_BESIDE],
        ["-m", "course_utils.training", "--help"],
        ["-m", "research.measure_robustness", "--help"],
    ],
    ids=["own import", "snippet", "process beside", "training", "research"],
)
def test_nothing_is_written(arguments):
    assert errors_of(*arguments) == ""


@pytest.mark.slow
def test_a_notebook_shows_nothing_but_what_comes_later(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # under it a kernel shows nothing that C++ writes
    monkeypatch.setenv("COURSE_DATA", "drawn_faces")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(ROOT / "notebooks" / "05_evaluation.ipynb", as_version=4)
    set_up = [cell for cell in notebook.cells if cell.cell_type == "code"][:2]
    # A thread of the kernel passes it on, and what comes after the cell's end is lost.
    later = "import os, time; assert os.write(2, b'an error of C++'); time.sleep(2)"
    notebook.cells = [*set_up, new_code_cell(FIRST_STEP), new_code_cell(later)]
    nbclient.NotebookClient(notebook, timeout=300).execute()
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    errors = [output.text for output in outputs if output.get("name") == "stderr"]
    assert errors == ["an error of C++"]


def test_what_goes_wrong_after_the_start_is_written():
    errors = errors_of("-c", LATER)
    for expected in ("a warning of Python", "an error of C++", "InvalidArgumentError"):
        assert expected in errors
    assert "cudart" not in errors


def test_only_log_lines_are_held_back():
    errors = errors_of("-c", HELD)
    assert "a note" not in errors
    assert "UserWarning: a warning of Python" in errors and "a line of another library" in errors


def test_a_tensorflow_that_fails_shows_all_that_it_wrote(tmp_path):
    (tmp_path / "gast.py").write_text("raise ImportError('gast is broken')")
    variables = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    errors = errors_of("-c", "import course_utils, tensorflow", **variables)
    assert "ImportError: gast is broken" in errors
    assert "Could not find cuda drivers" in errors or sys.platform != "linux"


def test_a_tensorflow_that_is_missing_is_said(tmp_path):
    # Without the folder of installed packages, but with what the course's `__init__` needs.
    shutil.copytree(Path(lazy_loader.__file__).parent, tmp_path / "lazy_loader")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import course_utils"
    errors = errors_of("-S", "-c", f"{code}, tensorflow")
    assert "ModuleNotFoundError: No module named 'tensorflow'" in errors


@pytest.mark.slow
def test_who_sets_the_level_sees_everything():
    errors = errors_of("-c", OWN_IMPORT, TF_CPP_MIN_LOG_LEVEL="0")
    assert "TensorFlow binary is optimized" in errors
