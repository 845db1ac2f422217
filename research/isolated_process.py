"""Processes beside this one, with packages that exclude the course's own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from course_utils.files import runs_folder

PROJECT_FOLDER = Path(__file__).resolve().parents[1]


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


class IsolatedProcess:
    """A module that runs apart and replies to each line with a line of JSON.

    As a context, it ends the process.

    Args:
        module: its full name, such as "research.detectors".
        arguments: what it is called with.
        packages: a folder whose packages it finds before all others.
    """

    def __init__(self, module: str, arguments: Sequence[str], packages: Path) -> None:
        path = [str(packages), str(PROJECT_FOLDER), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def request(self, line: str) -> Any:
        """Send one line, and return the reply.

        Raises:
            RuntimeError: the process has ended; the message is what it printed last.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError) as error:
            raise RuntimeError(process.stderr.read().strip()) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()
