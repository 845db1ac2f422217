"""Processes beside this one, with packages that exclude the course's own, which they answer for."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_utils.files import runs_folder

TOOLS_FOLDER = Path(__file__).resolve().parent


def packages_folder(packages: Sequence[str]) -> Path:
    """Install packages into a folder of their own below `runs/`, once, and return it.

    Their dependencies come from the course's environment.

    Raises:
        subprocess.CalledProcessError: pip cannot install them.
    """
    folder = runs_folder() / "packages" / "-".join(sorted(packages)).replace("=", "")
    if packages and not folder.is_dir():
        print(f"Installing {', '.join(packages)} into {folder} ...", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(folder), *packages], check=True)
    return folder


class Worker:
    """A script of `tools/` that answers each line with a line of JSON; a context that ends it.

    Args:
        script: the file's name.
        arguments: what it is called with.
        folder: the packages that it finds before all others.
    """

    def __init__(self, script: str, arguments: Sequence[str], folder: Path) -> None:
        path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, str(TOOLS_FOLDER / script), *arguments],
            env={**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: str) -> Any:
        """Send one line, and return the answer.

        Raises:
            RuntimeError: the process has ended; the message is what it said last.
        """
        process = self._process
        assert process.stdin and process.stdout and process.stderr
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError) as error:
            raise RuntimeError(process.stderr.read().strip()) from error

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()
