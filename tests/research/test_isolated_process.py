"""A process apart replies line by line, with packages of its own, and says why it ended."""

from pathlib import Path

import pytest

from research.isolated_process import IsolatedProcess

ECHO = """
import json, sys
import cv2
for line in sys.stdin:
    if line == "end\\n":
        sys.exit("no such frame")
    print(json.dumps([cv2.__version__, sys.argv[1:], line.strip()]), flush=True)
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with a module that replies, and with an OpenCV of another version."""
    (tmp_path / "echo.py").write_text(ECHO, encoding="utf-8")
    (tmp_path / "cv2.py").write_text("__version__ = '4.0.of-its-own'", encoding="utf-8")
    return tmp_path


def test_each_line_gets_a_reply_from_its_own_packages(packages):
    with IsolatedProcess("echo", ["name", "path"], packages) as process:
        assert process.request("1") == ["4.0.of-its-own", ["name", "path"], "1"]
        assert process.request("2") == ["4.0.of-its-own", ["name", "path"], "2"]


def test_a_process_that_ended_says_why(packages):
    with IsolatedProcess("echo", [], packages) as process:
        process.request("1")
        with pytest.raises(RuntimeError, match="no such frame"):
            process.request("end")


def test_a_module_of_research_runs_from_any_folder(packages, monkeypatch):
    monkeypatch.chdir(packages)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with (
        IsolatedProcess("research.detectors", ["none"], packages) as process,
        pytest.raises(RuntimeError, match="not enough values to unpack"),
    ):
        process.request("0")
