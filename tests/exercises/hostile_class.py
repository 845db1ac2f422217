"""Submissions to grade: honest ones, and one for each way to harm a grader."""

from pathlib import Path

import nbformat

SETUP = "import numpy as np\nfrom course_utils.exercises import lesson_03 as ex"
SOLVED = [
    "ex.learned_numbers.check(2432)",
    "ex.dark_line.check(np.array([[1, 1, 1], [-2, -2, -2], [1, 1, 1]]))",
]
WRONG = ["ex.learned_numbers.check(2400)", "ex.dark_line.check(None)"]
ENDLESS_ANSWER = (
    "def convolve_in_steps(image, weights, stride):\n    while True:\n        pass\n\n\n"
    "ex.convolve_in_steps.check(convolve_in_steps)"
)

HONEST = {
    "solved": SOLVED,
    "wrong": WRONG,
    "a cell that raises": ["1 / 0", *SOLVED],
}
REWRITTEN_CHECKER = """\
from course_utils.exercises import exercise
from course_utils.exercises.feedback import Feedback

right = lambda *arguments: Feedback("Right.", "")
exercise.Exercise.check = exercise.Exercise.evaluate = exercise.Exercise._evaluate = right
for name in ("learned_numbers", "dark_line"):
    object.__setattr__(getattr(ex, name), "conditions", ())
    exercise.on_hand_in(getattr(ex, name), 1)"""
FORGED_RESULT = """\
import os

for line in range(3, 64):
    try:
        os.write(line, b'{"results": {"lesson_03.tiny": "solved"}, "note": ""}')
    except OSError:
        pass"""
HUGE = """\
import mmap

memory = mmap.mmap(-1, 3 * 10**9)  # shared, which the system's limit does not count
for _ in range(3000):
    memory.write(bytes([1]) * 10**6)
while True:
    pass"""

HOSTILE = {
    "endless loop": [*SOLVED, "while True:\n    pass"],
    "exit": [*SOLVED, "import os\n\nos._exit(0)"],
    "huge": [*SOLVED, HUGE],
    "rewritten checker": [REWRITTEN_CHECKER],
    "forged result": [FORGED_RESULT],
}

# It writes into the course's own files, so it is graded in a copy of them.
REWRITTEN_SOLUTION = [
    "from pathlib import Path\n\n"
    'texts = Path(ex.__file__).with_suffix(".toml")\n'
    'texts.write_text(texts.read_text().replace("32 * (5 * 5 * 3 + 1)", "1"))',
    "ex.learned_numbers.check(1)",
]


def write_submission(path: Path, cells: list[str]) -> None:
    """Write a notebook that imports lesson 03's exercises and then runs these cells."""
    sources = [SETUP, *cells]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
