"""The process of one submission: runs a notebook, and hands its answers over.

`notebook` starts it: python -m course_utils.exercises.grading.submission NOTEBOOK GIGABYTES.
Whatever the notebook does to this process, it can only change its own answers: they are evaluated
in another one.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from course_utils.exercises import exercise
from course_utils.exercises.grading.protocol import ConnectionLostError, Peer


def code_cells(notebook: Path) -> list[str]:
    """Return the source of each code cell of a notebook file (format 4).

    Raises:
        ValueError: it is no notebook.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("is no notebook") from error


def limit_memory(gigabytes: float) -> None:
    """Let the system refuse more memory than this, where it can (Unix)."""
    try:
        import resource
    except ImportError:  # Windows: the grader's watchdog is alone
        return
    size = int(gigabytes * 1e9)
    _, allowed = resource.getrlimit(resource.RLIMIT_DATA)
    if allowed != resource.RLIM_INFINITY:
        size = min(size, allowed)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def take_standard_streams() -> Peer:
    """Keep stdin and stdout for talking to the grader; the notebook gets silent ones."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    return Peer(incoming, outgoing)


def main() -> None:
    """Run the notebook, and then answer the grader's calls until it is gone."""
    notebook, gigabytes = Path(sys.argv[1]), float(sys.argv[2])
    peer = take_standard_streams()
    limit_memory(gigabytes)
    answers: dict[str, Any] = {}

    def keep(handed_in: exercise.Exercise, answer: Any) -> None:
        answers[handed_in.full_name] = answer

    exercise.on_hand_in = keep
    shell = InteractiveShell.instance()
    failed = 0
    peer.send({"started": True})  # the time counts from here
    for source in code_cells(notebook):
        failed += not shell.run_cell(source, silent=True).success
    peer.send({"answers": answers, "failed": failed})
    with suppress(ConnectionLostError):
        peer.serve()


if __name__ == "__main__":
    main()
