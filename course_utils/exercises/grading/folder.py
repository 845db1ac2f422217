"""Grade a folder of submitted notebooks into a table.

Each submission runs in a process of its own, and is evaluated in another one. A submission that
does not end, exits, takes all memory or rewrites the checks costs its own row. It still runs with
your rights: grade the work of people whom you do not know in a container or on a spare account.
"""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_utils.exercises.grading.notebook import process_tree

PACKAGE = Path(__file__).parents[2]
CODE_AND_TEXTS = ("*.py", "*.toml")  # what a check is made of
CHECKS_MAY_TAKE = 600  # seconds, besides those of the notebook


def grade(
    folder: Path,
    output: Path,
    seconds: float = 600,
    gigabytes: float = 4,
    on_row: Callable[[dict[str, Any]], None] = lambda row: None,
) -> list[dict[str, Any]]:
    """Grade every notebook below a folder, and write one row for each into a CSV file.

    Args:
        folder: of the notebooks; folders in it are searched as well.
        output: the CSV file. It is written anew after each row, so that nothing is lost by a stop.
        seconds: that one notebook may run.
        gigabytes: of memory that it may use.
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
    sources = {
        path: path.read_bytes() for suffix in CODE_AND_TEXTS for path in PACKAGE.rglob(suffix)
    }
    rows: list[dict[str, Any]] = []
    for notebook in notebooks:
        found = _evaluate_apart(notebook, seconds, gigabytes)
        if _restore(sources):
            found["note"] = "changed files of the course, which were restored"
        results = found["results"]
        rows.append(
            {
                "submission": notebook.relative_to(folder).as_posix(),
                "solved": sum(word == "solved" for word in results.values()),
                "exercises": len(results),
                "note": found["note"],
                **results,
            }
        )
        _write(rows, output)
        on_row(rows[-1])
    return rows


def _evaluate_apart(notebook: Path, seconds: float, gigabytes: float) -> dict[str, Any]:
    """Return what `grading.notebook` prints about a notebook."""
    command = [sys.executable, "-m", "course_utils.exercises.grading.notebook"]
    process = subprocess.Popen(
        [*command, str(notebook), str(seconds), str(gigabytes)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        content, _ = process.communicate(timeout=seconds + CHECKS_MAY_TAKE)
        found = json.loads(content.splitlines()[-1])
        return {"results": dict(found["results"]), "note": str(found["note"])}
    except subprocess.TimeoutExpired:
        return {"results": {}, "note": "could not be evaluated in time"}
    except (ValueError, KeyError, IndexError, TypeError):
        return {"results": {}, "note": "could not be evaluated"}
    finally:
        for member in process_tree(process.pid):
            member.kill()
        process.wait()


def _restore(sources: dict[Path, bytes]) -> bool:
    """Undo what a submission has done to the course's files. Return whether it has."""
    changed = [
        path
        for path, content in sources.items()
        if not path.is_file() or path.read_bytes() != content
    ]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sources[path])
    return bool(changed)


def _write(rows: list[dict[str, Any]], output: Path) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
