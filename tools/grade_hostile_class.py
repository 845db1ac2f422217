"""Grade a class of thirty, five of whom try to harm the grader, and show what became of each.

Usage: python tools/grade_hostile_class.py
"""

import sys
import tempfile
import time
from pathlib import Path

from repository import PROJECT_FOLDER

from course_utils.exercises.__main__ import show
from course_utils.exercises.grade import grade

sys.path.insert(0, str(PROJECT_FOLDER / "tests"))
from hostile_class import HONEST, HOSTILE, write_submission

CLASS = 30


def main() -> int:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (kind, cells) in enumerate(HOSTILE.items()):
            write_submission(folder / f"{6 * number:02d} {kind}.ipynb", cells)
        honest = [number for number in range(CLASS) if number % 6 or number // 6 >= len(HOSTILE)]
        for number, cells in zip(honest, CLASS * list(HONEST.values())):
            write_submission(folder / f"{number:02d} honest.ipynb", cells)
        rows = grade(folder, folder / "grades.csv", seconds=15, gigabytes=1.5, on_row=show)
    harmed = [row for row in rows if "honest" in row["submission"] and not row["exercises"]]
    gained = [row for row in rows if "honest" not in row["submission"] and row["solved"]]
    took = f"{len(rows)} submissions in {time.perf_counter() - start:.0f} s"
    print(
        f"{took}: {len(gained)} of {len(HOSTILE)} hostile ones gained, {len(harmed)} were harmed."
    )
    return 1 if harmed or gained else 0


if __name__ == "__main__":
    sys.exit(main())
