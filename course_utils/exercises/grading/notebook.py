"""Evaluates one submitted notebook, in a process that the submission cannot reach.

`folder` starts it: python -m course_utils.exercises.grading.notebook NOTEBOOK SECONDS GIGABYTES.
It prints one line of JSON. The notebook runs in a process of its own below this one.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from course_utils.exercises import LESSONS, load_lesson
from course_utils.exercises.grading.protocol import ConnectionLostError, Peer
from course_utils.exercises.grading.submission import code_cells
from course_utils.exercises.texts import lesson_text
from course_utils.exercises.time_limit import run_within
from course_utils.robustness.decision import read_checklist

START_MAY_TAKE = 120.0  # seconds, of Python and the course, before the notebook begins
GRACE = 5.0  # seconds that a submission gets to stop a call by itself
WATCH_EVERY = 0.1  # seconds
# All that the checks call and that loads without Keras.
CALLED_BY_CHECKS = (
    "dataset.duplicates",
    "drawn_faces.generator",
    "evaluation.intervals",
    "preprocessing",
)
IMPORT = re.compile(r"course_utils\.exercises(?:\.| import )lesson_(\d\d)")


class Submission:
    """A notebook that runs in a process of its own, watched.

    Args:
        notebook: the file.
        gigabytes: of memory, for it and all processes that it starts.
        folder: where it runs, for whatever it writes.
    """

    def __init__(self, notebook: Path, gigabytes: float, folder: str) -> None:
        command = [sys.executable, "-m", "course_utils.exercises.grading.submission"]
        self._process = subprocess.Popen(
            [*command, str(notebook.resolve()), str(gigabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={
                **os.environ,
                "MPLBACKEND": "Agg",
                "COURSE_DATA": "drawn_faces",
                "COURSE_FOLDER": folder,
            },
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.peer = Peer(self._process.stdout, self._process.stdin)
        self.too_large = False
        self._limit = gigabytes * 1e9
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while self._process.poll() is None:
            if self._memory() > self._limit:
                self.too_large = True
                self.end()
            try:
                self._process.wait(WATCH_EVERY)
            except subprocess.TimeoutExpired:
                continue

    def _memory(self) -> float:
        total = 0.0
        for process in process_tree(self._process.pid):
            try:
                total += process.memory_info().rss
            except psutil.Error:  # it has just ended
                continue
        return total

    def end(self) -> None:
        """End it, and all processes that it has started."""
        for process in process_tree(self._process.pid):
            try:
                process.kill()
            except psutil.Error:
                continue
        self._process.wait()


def process_tree(pid: int) -> list[psutil.Process]:
    """Return a process and all that it has started, as far as they are alive."""
    try:
        process = psutil.Process(pid)
        return [*process.children(recursive=True), process]
    except psutil.Error:
        return []


def lessons_of(notebook: Path) -> list[int]:
    """Return the numbers of the lessons whose exercises a notebook imports.

    Raises:
        ValueError: it is no notebook, or imports none.
    """
    found = {int(number) for cell in code_cells(notebook) for number in IMPORT.findall(cell)}
    known = sorted(found & set(LESSONS))
    if not known:
        raise ValueError("imports no lesson of course_utils.exercises")
    return known


def load_checks(lessons: list[int]) -> None:
    """Load what the checks of these lessons run, before a notebook can write into its files."""
    for number in lessons:
        load_lesson(number)
        lesson_text(number)
    for name in CALLED_BY_CHECKS:
        import_module(f"course_utils.{name}")
    read_checklist()


def evaluate_notebook(notebook: Path, seconds: float, gigabytes: float) -> dict[str, Any]:
    """Run a notebook, and evaluate the answers that it hands in.

    Returns:
        `results`, from the full name of each exercise of the lesson to "solved", "open", or the
        name of the condition that was not met; and `note`, what went wrong with the notebook.
    """
    try:
        numbers = lessons_of(notebook)
    except (ValueError, OSError) as error:
        return {"results": {}, "note": str(error)}
    exercises = [entry for number in numbers for entry in load_lesson(number).lesson.exercises]
    load_checks(numbers)
    results = {entry.full_name: "open" for entry in exercises}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        submission = Submission(notebook, gigabytes, folder)
        try:
            run_within(START_MAY_TAKE, submission.peer.receive)
            handed_in = run_within(seconds, submission.peer.receive)
            for entry in exercises:
                if entry.full_name in handed_in["answers"]:
                    submission.peer.seconds = entry.seconds
                    answer = handed_in["answers"][entry.full_name]
                    feedback = entry.evaluate(answer, seconds=entry.seconds + GRACE)
                    results[entry.full_name] = feedback.condition or "solved"
            note = f"cells that raised: {handed_in['failed']}" if handed_in["failed"] else ""
        except TimeoutError:
            note = f"was not done after {seconds:g} seconds"
        except (ConnectionLostError, KeyError, TypeError) as error:
            is_lost = isinstance(error, ConnectionLostError)
            note = str(error) if is_lost else "sent what is no message"
        finally:
            submission.end()
        if submission.too_large:
            note = f"needed more than {gigabytes:g} GB of memory"
    results = {name: word.replace("attempted", "open") for name, word in results.items()}
    return {"results": results, "note": note}


def main() -> None:
    """Print what came of the notebook that the command line names."""
    notebook, seconds, gigabytes = sys.argv[1:]
    print(json.dumps(evaluate_notebook(Path(notebook), float(seconds), float(gigabytes))))
    sys.stdout.flush()
    os._exit(0)  # a thread may still wait for a submission that never answered


if __name__ == "__main__":
    main()
