"""The command line: python -m course_utils.exercises grade FOLDER."""

import argparse
import sys
from pathlib import Path
from typing import Any

from course_utils.exercises.grading import grade


def show(row: dict[str, Any]) -> None:
    """Print what came of one submission."""
    note = f"  ({row['note']})" if row["note"] else ""
    print(f"{row['submission']}: {row['solved']} of {row['exercises']}{note}", flush=True)


def main() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m course_utils.exercises")
    commands = parser.add_subparsers(dest="command", required=True)
    grading = commands.add_parser("grade", help="grade a folder of submitted notebooks")
    grading.add_argument("folder", type=Path)
    grading.add_argument("--output", type=Path, help="the table; default: FOLDER/grades.csv")
    grading.add_argument("--seconds", type=float, default=600, help="for one notebook")
    grading.add_argument("--gigabytes", type=float, default=4, help="of memory, for one notebook")
    arguments = parser.parse_args()
    output = arguments.output or arguments.folder / "grades.csv"
    try:
        grade(arguments.folder, output, arguments.seconds, arguments.gigabytes, show)
    except (FileNotFoundError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"\nWritten to {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
