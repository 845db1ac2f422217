"""Running the notebooks can be stopped: one Ctrl-C, or SIGTERM, and nothing goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from repository import PROJECT_FOLDER

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

PROMISED = 5  # seconds
TOOL = [sys.executable, str(PROJECT_FOLDER / "tools" / "run_notebooks.py")]
# As `make run` calls it, with the environment of these tests for its own.
MAKE_RUN = ["make", "--assume-old=setup", f"BIN={Path(sys.executable).parent}", "run"]
# Starts a process of its own, as libraries do that work on all cores, says so, and goes on long.
ENDLESS = """\
import subprocess, sys, time
from pathlib import Path
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
Path("{started}").touch()
time.sleep(600)"""


Process = subprocess.Popen[str]


@contextmanager
def started(command: list[str]) -> Iterator[Process]:
    """Start a command as a terminal does: in a process group of its own."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, cwd=PROJECT_FOLDER, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def is_kernel(process: psutil.Process) -> bool:
    with suppress(psutil.Error):  # it may be gone by now
        return "ipykernel_launcher" in process.cmdline()
    return False


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.1)
    raise TimeoutError("what the test waits for did not happen within two minutes")


def ctrl_c(process: Process) -> None:
    os.killpg(process.pid, signal.SIGINT)


def sigterm(process: Process) -> None:
    process.terminate()


def sigterm_for_all(process: Process) -> None:
    os.killpg(process.pid, signal.SIGTERM)


def stopped(process: Process, stop: Callable) -> tuple[str, str]:
    """Stop a command, and return what it has said when it and all that it started are gone."""
    children = psutil.Process(process.pid).children(recursive=True)
    assert any(map(is_kernel, children))
    stop(process)
    said = process.communicate(timeout=PROMISED)
    left = [one for one in children if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert left == []
    return said


def write_notebook(path: Path, source: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    return path


@pytest.mark.parametrize("stop", [ctrl_c, sigterm])
def test_one_signal_ends_the_run_with_its_table(tmp_path: Path, stop: Callable) -> None:
    sign = tmp_path / "started"
    first = write_notebook(tmp_path / "01_first.ipynb", "1 + 1")
    endless = write_notebook(tmp_path / "02_endless.ipynb", ENDLESS.format(started=sign))
    never = write_notebook(tmp_path / "03_never.ipynb", "1 + 1")
    before = [endless.read_bytes(), never.read_bytes()]
    with started([*TOOL, "--in-place", str(first), str(endless), str(never)]) as process:
        wait_for(sign.exists)
        out, err = stopped(process, stop)
    assert process.returncode == 130 and err == ""
    assert "Stopped in 02_endless." in out and "FAIL" not in out
    table = out[out.index("notebook  ") :].splitlines()
    assert [row.split()[0] for row in table[1:]] == ["01_first", "together"]
    assert nbformat.read(first, as_version=4).cells[0].outputs
    assert [endless.read_bytes(), never.read_bytes()] == before
    assert {path.suffix for path in tmp_path.iterdir()} == {"", ".ipynb"}
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.slow
@pytest.mark.parametrize("stop", [ctrl_c, sigterm_for_all])
def test_make_run_ends_too_while_a_kernel_starts(stop: Callable) -> None:
    with started(MAKE_RUN) as process:
        make = psutil.Process(process.pid)
        wait_for(lambda: any(map(is_kernel, make.children(recursive=True))))
        out, _ = stopped(process, stop)
    assert "Stopped in 01_dataset_exploration." in out and "FAIL" not in out
