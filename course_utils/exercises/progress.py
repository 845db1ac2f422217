"""What the learner has solved, in a file of their own: runs/progress.json."""

import json
from pathlib import Path

from course_utils.files import project_folder, replace_file, runs_folder

FILE = "progress.json"


def read_solved() -> set[str]:
    """Return the names of what is solved, such as "lesson_03.dark_line" or "lesson_03.quiz.2".

    Raises:
        ValueError: the file is damaged; the message says what to do.
    """
    path = _path()
    if not path.exists():
        return set()
    try:
        solved = json.loads(path.read_text(encoding="utf-8"))["solved"]
        if not all(isinstance(name, str) for name in solved):
            raise TypeError
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{place()} is damaged. Delete it to start your progress anew.") from error
    return set(solved)


def note_solved(name: str) -> str:
    """Note that an exercise or a question is solved. Return why that failed, or an empty string.

    A right answer stays right where the disk is full: nothing is raised.
    """
    try:
        solved = read_solved()
        if name not in solved:
            _path().parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"solved": sorted({*solved, name})}, indent=1)
            replace_file(_path(), lambda path: path.write_text(text, encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"Your progress was not noted: {error}"
    return ""


def place() -> str:
    """Return where progress is kept: from the course's folder, where the learner works in it."""
    path, course = _path(), project_folder()
    is_near = path.is_relative_to(course) and Path.cwd().is_relative_to(course)
    return (path.relative_to(course) if is_near else path).as_posix()


def _path() -> Path:
    return runs_folder() / FILE
