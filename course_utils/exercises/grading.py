"""Grade a folder of submitted notebooks into a table; nbclient runs each in a process with limits.

A submission that does not end, exits or takes too much memory costs its own row. It is checked in
its own kernel, so whoever sets out to change the checks can, and `ex.name.solution()` is easier
still: this counts what was worked on, and is no examination. A submission runs with your rights:
grade the work of people whom you do not know in a container or on a spare account.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from course_utils.exercises import LESSONS, load_lesson

IMPORT = re.compile(r"course_utils\.exercises(?:\.| import )lesson_(\d\d)")
SHOW_RESULTS = """\
import json
from course_utils.exercises import load_lesson

print(json.dumps({{
    exercise.full_name: exercise.result
    for number in {lessons} for exercise in load_lesson(number).lesson.exercises
}}))"""


def grade(
    folder: Path,
    output: Path,
    seconds: float = 600,
    gigabytes: float = 4,
    on_row: Callable[[dict[str, Any]], None] = lambda row: None,
) -> pd.DataFrame:
    """Grade every notebook below a folder, and write one row for each into a CSV file.

    Args:
        folder: of the notebooks; folders in it are searched as well.
        output: the CSV file. It is written anew after each row, so that nothing is lost by a stop.
        seconds: that one notebook may take, with the start of its kernel.
        gigabytes: of memory that it may take; Windows sets no such limit.
        on_row: called with each row.

    Returns:
        The rows: `submission`, `solved`, `exercises`, `note`, and one column for each exercise
        with "solved", "open" or the name of the condition that was not met.

    Raises:
        FileNotFoundError: there is no notebook in the folder.
    """
    notebooks = sorted(
        path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
    )
    if not notebooks:
        raise FileNotFoundError(f"There is no notebook (*.ipynb) in {folder}.")
    output.parent.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for notebook in notebooks:
        results, note = grade_notebook(notebook, seconds, gigabytes)
        rows.append(
            {
                "submission": notebook.relative_to(folder).as_posix(),
                "solved": sum(result == "solved" for result in results.values()),
                "exercises": len(results),
                "note": note,
                **results,
            }
        )
        pd.DataFrame(rows).to_csv(output, index=False)
        on_row(rows[-1])
    return pd.DataFrame(rows)


def grade_notebook(notebook: Path, seconds: float, gigabytes: float) -> tuple[dict[str, str], str]:
    """Run a notebook in a process of its own, and return the results of its checks.

    Returns:
        From the full name of each exercise of its lessons to "solved", "open" or the name of the
        condition that was not met; and what went wrong with the notebook, mostly nothing.
    """
    try:
        lessons = lessons_of(notebook)
    except ValueError as error:
        return {}, str(error)
    exercises = [entry for number in lessons for entry in load_lesson(number).lesson.exercises]
    unknown = {entry.full_name: "open" for entry in exercises}
    command = [sys.executable, "-m", __name__, str(notebook.resolve()), str(gigabytes)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "COURSE_DATA": "drawn_faces", "COURSE_FOLDER": folder},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            content, _ = process.communicate(timeout=seconds)
            results, note = json.loads(content)
            return {**unknown, **results}, note
        except subprocess.TimeoutExpired:
            return unknown, f"was not done after {seconds:g} seconds"
        except ValueError:
            return unknown, "could not be run"
        finally:
            _end(process)


def lessons_of(notebook: Path) -> list[int]:
    """Return the numbers of the lessons whose exercises a notebook imports.

    Raises:
        ValueError: it is no notebook, or imports none.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError("is no notebook") from error
    lessons = sorted({int(number) for number in IMPORT.findall(code)} & set(LESSONS))
    if not lessons:
        raise ValueError("imports no lesson of course_utils.exercises")
    return lessons


def run_notebook(notebook: Path) -> tuple[dict[str, str], str]:
    """Run a notebook in this folder, and return what its checks found and what went wrong."""
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    content = nbformat.read(notebook, as_version=4)
    source = SHOW_RESULTS.format(lessons=lessons_of(notebook))
    content.cells.append(nbformat.v4.new_code_cell(source))
    # No folders to search: what is left is the kernel of this very interpreter.
    kernel = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client = NotebookClient(content, km=kernel, timeout=None, allow_errors=True)
    try:
        client.execute()
    except DeadKernelError:
        return {}, "ended before it was done"
    raised = sum(
        output.output_type == "error"
        for cell in content.cells
        for output in cell.get("outputs", ())
    )
    printed = "".join(output.get("text", "") for output in content.cells[-1].outputs)
    return json.loads(printed), f"cells that raised: {raised}" if raised else ""


def limit_memory(gigabytes: float) -> None:
    """Let the system refuse more memory than this to this process and its kernel (Unix)."""
    if sys.platform == "win32":
        return
    import resource

    size = int(gigabytes * 1e9)
    _, allowed = resource.getrlimit(resource.RLIMIT_DATA)
    if allowed != resource.RLIM_INFINITY:
        size = min(size, allowed)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it has started."""
    for member in _tree(process.pid):
        try:
            member.kill()
        except psutil.Error:
            continue
    process.wait()


def _tree(pid: int) -> Iterator[psutil.Process]:
    try:
        process = psutil.Process(pid)
        yield from process.children(recursive=True)
        yield process
    except psutil.Error:
        return


if __name__ == "__main__":
    limit_memory(float(sys.argv[2]))
    print(json.dumps(run_notebook(Path(sys.argv[1]))))
