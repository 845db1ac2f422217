"""The command line: python -m course_utils.exercises shows what is solved, and grades a folder."""

import argparse
import sys
from pathlib import Path
from typing import Any

from course_utils.exercises import LESSONS, load_lesson
from course_utils.exercises.grading import grade
from course_utils.exercises.progress import read_solved


def show_progress() -> None:
    """Print how much of each lesson is solved, and the first exercise that is open.

    Raises:
        ValueError: the file of the progress is damaged.
    """
    solved = read_solved()
    lessons = [load_lesson(number).lesson for number in LESSONS]
    for lesson in lessons:
        print(lesson.summary(solved))
    is_open = (one for lesson in lessons for one in lesson.exercises if one.full_name not in solved)
    if following := next(is_open, None):
        number = following.full_name.split(".")[0].replace("_", " ")
        print(f"\nNext: {following.text.title} ({number})")
    else:
        print("\nAll exercises are solved.")


def show(row: dict[str, Any]) -> None:
    """Print what came of one submission."""
    note = f"  ({row['note']})" if row["note"] else ""
    print(f"{row['submission']}: {row['solved']} of {row['exercises']}{note}", flush=True)


def main() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.exercises",
        description="Show which exercises are solved, or grade a folder of notebooks.",
    )
    commands = parser.add_subparsers(dest="command")
    grading = commands.add_parser("grade", help="grade a folder of submitted notebooks")
    grading.add_argument("folder", type=Path)
    grading.add_argument("--output", type=Path, help="the table; default: FOLDER/grades.csv")
    grading.add_argument("--seconds", type=float, default=600, help="for one notebook")
    grading.add_argument("--gigabytes", type=float, default=4, help="of memory, for one notebook")
    arguments = parser.parse_args()
    try:
        if arguments.command is None:
            show_progress()
            return 0
        output = arguments.output or arguments.folder / "grades.csv"
        grade(arguments.folder, output, arguments.seconds, arguments.gigabytes, show)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"\nWritten to {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
