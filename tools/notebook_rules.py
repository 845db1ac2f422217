"""The rules that every lesson's notebook keeps, each a function that lists what breaks it.

Usage: python tools/notebook_rules.py [NOTEBOOK ...]
"""

import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import nbformat
from badges import IN_COLAB, MARKER, course_requirement, first_line
from nbformat import NotebookNode
from prose import alternatives, headings, in_html, nameless_links, skipped_levels
from repository import notebooks

FIRST_SECTIONS = ["What you will do, learn and need", "Setup"]
LAST_SECTIONS = ["Summary", "What's next", "References"]
CLOSING = "Exercises"  # a section before the summary, for those that no step holds
LONGEST_CELL = 15
LONGEST_MEDIAN = 5
LARGEST_NOTEBOOK = 1_000_000
FEWEST_PROMISES = 3
MINUTES = r"^- About \d+ minutes: \d+ to read and run, \d+ for the exercises and the quiz\."
PROMISE = "nbval-check-output"  # nbval compares the output of a cell with this tag
# What Keras and tqdm print as they go: never the same twice.
CLOCKED = re.compile(r"\d+u?m?s/(?:step|epoch)|\d(?:s/it|it/s)")
EXERCISE, QUIZ = "exercise", "quiz"  # tags of cells that do not count as the lesson's own
# What only an exercise's cells do.
OF_AN_EXERCISE = re.compile(r"^#? ?ex\.\w+\.(?:check|hint|solution)\(", re.MULTILINE)
OF_A_QUIZ = re.compile(r"^ex\.quiz\b", re.MULTILINE)


class Size(NamedTuple):
    """How long a lesson is."""

    cells: int
    words: int


LAST_CORE_LESSON = 6
CORE, ELECTIVE = Size(75, 1900), Size(70, 2200)
# What is still longer, and how long it is now: it may shrink, and not grow.
NOT_RECUT = {
    "08_whom_it_fails.ipynb": Size(58, 3559),
}
SAVED_BY_AN_EDITOR = """
JupyterLab, or another editor, has saved {names}
with the outputs of your own run and with versions of your computer. That is as it should be while
you learn; in a commit, a notebook shows one run on the drawn faces. To put it right, type one of:

    make notebooks    runs every notebook and saves it so, with what you have changed in it
    git checkout {paths}
                      throws away what you have changed, outputs and answers too

With .venv/bin/pre-commit install, git takes the versions out by itself before each commit.
"""
# Two folders or more from the root of a disk: no reader has the same ones.
LOCAL_PATH = re.compile(r"(?<![\w.:/])(?:/[\w.-]+){2,}|\b[A-Z]:\\\w+")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the outputs of all cells, in order."""
    for cell in code_cells(notebook):
        yield from cell.outputs


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def not_counted(cell: NotebookNode) -> bool:
    """Tell whether a cell is of an exercise or of the quiz, and not of the lesson itself."""
    return bool(tags(cell) & {EXERCISE, QUIZ})


def all_prose(notebook: NotebookNode) -> str:
    """Return all Markdown of a notebook as one page."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def sections_in_order(notebook: NotebookNode) -> Iterator[str]:
    """Title, objectives, set-up, the steps, and the three closing sections, each once."""
    found = headings(all_prose(notebook))
    if not found or found[0][0] != 1 or not re.fullmatch(r"\d\d · .+", found[0][1]):
        yield "the first heading is not '# NN · Title'"
    sections = [text for level, text in found if level == 2]
    if sections[:2] != FIRST_SECTIONS:
        yield f"the first sections are {sections[:2]}, not {FIRST_SECTIONS}"
    if sections[-3:] != LAST_SECTIONS:
        yield f"the last sections are {sections[-3:]}, not {LAST_SECTIONS}"
    steps = sections[2:-4] if CLOSING in sections[-4:-3] else sections[2:-3]
    if not steps:
        yield "there is no step between Setup and the end"
    if CLOSING in steps:
        yield f"the section {CLOSING} does not stand before {LAST_SECTIONS[0]}"


def objectives_stated(notebook: NotebookNode) -> Iterator[str]:
    """The second cell says what the learner does, learns and needs, and how many minutes."""
    text = notebook.cells[1].source if len(notebook.cells) > 1 else ""
    for part in ("What you will do", "What you will learn", "What you need"):
        if f"**{part}" not in text:
            yield f"the second cell has no bold '{part}'"
    if not re.search(MINUTES, text, re.MULTILINE):
        yield f"the second cell has no bullet such as {MINUTES}"


def headings_without_skips(notebook: NotebookNode) -> Iterator[str]:
    """One title, and no heading more than one level below the one before it."""
    yield from skipped_levels(headings(all_prose(notebook)))


def short_cells(notebook: NotebookNode) -> Iterator[str]:
    """A code cell holds one idea: 15 lines at the most, 5 at the median."""
    lengths = [len(cell.source.splitlines()) for cell in code_cells(notebook)]
    for number, length in enumerate(lengths, start=1):
        if length > LONGEST_CELL:
            yield f"code cell {number} has {length} lines"
    if lengths and median(lengths) > LONGEST_MEDIAN:
        yield f"the median code cell has {median(lengths):g} lines"


def promises_made(notebook: NotebookNode) -> Iterator[str]:
    """At least three cells promise their output, by a tag, and show one."""
    promised = [cell for cell in code_cells(notebook) if PROMISE in tags(cell)]
    shown = [cell for cell in promised if cell.outputs]
    if len(shown) < FEWEST_PROMISES:
        yield f"{len(shown)} cells with output are tagged {PROMISE}, not {FEWEST_PROMISES}"
    if len(shown) < len(promised):
        yield f"{len(promised) - len(shown)} cells tagged {PROMISE} have no output"
    if any("NBVAL_" in cell.source for cell in code_cells(notebook)):
        yield "a comment speaks to nbval: learners read it, so use a tag"


def no_clock_compared(notebook: NotebookNode) -> Iterator[str]:
    """No cell whose output is compared prints how fast it went."""
    for number, cell in enumerate(code_cells(notebook), start=1):
        if PROMISE in tags(cell) and any(CLOCKED.search(text) for text in texts(cell.outputs)):
            yield f"code cell {number} is tagged {PROMISE} and prints its speed"


def exercises_tagged(notebook: NotebookNode) -> Iterator[str]:
    """The cells of an exercise and of the quiz are tagged as such, and so is an exercise's text."""
    for number, (above, cell) in enumerate(pairwise(notebook.cells), start=2):
        if cell.cell_type == "code" and OF_AN_EXERCISE.search(cell.source):
            if EXERCISE not in tags(cell):
                yield f"cell {number} is of an exercise and is not tagged {EXERCISE}"
            if EXERCISE not in tags(above):
                yield f"cell {number - 1} stands above an answer and is not tagged {EXERCISE}"
        if cell.cell_type == "code" and OF_A_QUIZ.search(cell.source) and QUIZ not in tags(cell):
            yield f"cell {number} shows the quiz and is not tagged {QUIZ}"


def sections_counted(notebook: NotebookNode) -> Iterator[str]:
    """No cell that begins a section is tagged so that it does not count."""
    for number, cell in enumerate(notebook.cells, start=1):
        begun = [text for level, text in headings(cell.source) if level <= 2]
        if not_counted(cell) and cell.cell_type == "markdown" and begun not in ([], [CLOSING]):
            yield f"cell {number} begins the section {begun[0]} and is tagged {sorted(tags(cell))}"


def executed_in_order(notebook: NotebookNode) -> Iterator[str]:
    """Every code cell was run, from the first to the last, in one go."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the code cells were run in the order {counts}"


def clean_outputs(notebook: NotebookNode) -> Iterator[str]:
    """No error and no warning is saved."""
    for output in outputs(notebook):
        if output.output_type == "error":
            yield f"an error is saved: {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"a warning is saved: {output.text.strip().splitlines()[0]}"


def drawn_faces_only(notebook: NotebookNode) -> Iterator[str]:
    """The saved run was on the drawn faces, as the output of the set-up cell says."""
    for cell in code_cells(notebook):
        if IN_COLAB in cell.source:
            if "USE_PHOTOGRAPHS = False" not in cell.source:
                yield "USE_PHOTOGRAPHS is not False"
            if not any("drawn faces" in text for text in texts(cell.outputs)):
                yield "the output of the set-up cell does not say that the faces are drawn"


def texts(some_outputs: list[NotebookNode]) -> Iterator[str]:
    """Yield the readable part of outputs."""
    for output in some_outputs:
        yield output.get("text", "")
        yield output.get("data", {}).get("text/plain", "")


def no_local_paths(notebook: NotebookNode) -> Iterator[str]:
    """No output names a folder of the machine that it was made on."""
    for text in texts(list(outputs(notebook))):
        for match in LOCAL_PATH.finditer(text):
            yield f"an output names a local path: {match[0]}"


def small(notebook: NotebookNode) -> Iterator[str]:
    """A notebook opens quickly: it stays under 1 MB."""
    size = len(nbformat.writes(notebook).encode("utf-8"))
    if size >= LARGEST_NOTEBOOK:
        yield f"the notebook has {size:,} bytes"


def images_described(notebook: NotebookNode) -> Iterator[str]:
    """Every picture has a text that says what it shows, for those who do not see it."""
    found = alternatives(all_prose(notebook))
    for output in outputs(notebook):
        data = output.get("data", {})
        html = data.get("text/html", "")
        found += in_html(html)
        if not html and any(kind.startswith("image/") for kind in data):
            yield "a picture is shown without its text: use plots.with_alt_text"
    for alternative in found:
        if not (alternative or "").strip():
            yield "an image has no alternative text"


def links_named(notebook: NotebookNode) -> Iterator[str]:
    """The text of a link makes sense alone."""
    yield from nameless_links(all_prose(notebook))


def no_traces_of_execution(notebook: NotebookNode) -> Iterator[str]:
    """No times, states of widgets or versions of the machine that the notebook was run on."""
    for number, cell in enumerate(notebook.cells, start=1):
        if set(cell.metadata) - {"tags"}:
            yield f"cell {number} has the metadata {sorted(cell.metadata)}"
    if set(notebook.metadata) != {"kernelspec", "language_info"}:
        yield f"the notebook has the metadata {sorted(notebook.metadata)}"
    elif set(notebook.metadata.language_info) != {"name"}:
        yield f"language_info holds {sorted(notebook.metadata.language_info)}"


RULES = [
    sections_in_order,
    objectives_stated,
    headings_without_skips,
    short_cells,
    promises_made,
    no_clock_compared,
    exercises_tagged,
    sections_counted,
    executed_in_order,
    clean_outputs,
    drawn_faces_only,
    no_local_paths,
    small,
    images_described,
    links_named,
    no_traces_of_execution,
]


def address_followed(notebook: NotebookNode, name: str) -> Iterator[str]:
    """The marked line and the set-up cell follow the one setting and the notebook's own name."""
    if first_line(name) not in notebook.cells[0].source.splitlines():
        yield "the first cell's badge is missing or stale: run tools/badges.py"
    set_up = [cell.source for cell in code_cells(notebook) if IN_COLAB in cell.source]
    if len(set_up) != 1:
        yield f"there are {len(set_up)} set-up cells, not 1"
    elif f'--constraint runtime.txt "{course_requirement()}"\n' not in set_up[0]:
        yield "the set-up cell's address is stale: run tools/badges.py"


def size(notebook: NotebookNode) -> Size:
    """Count a lesson's cells and words, without its badge, exercises, quiz and references."""
    cells = [cell for cell in notebook.cells if not not_counted(cell)]
    prose = [
        cell.source.split("## References")[0] for cell in cells if cell.cell_type == "markdown"
    ]
    lines = [line for text in prose for line in text.splitlines() if MARKER not in line]
    return Size(len(cells), sum(len(line.split()) for line in lines))


def budget(name: str) -> Size:
    """Return how many cells and words the lesson in a file is to have at the most."""
    return CORE if int(name[:2]) <= LAST_CORE_LESSON else ELECTIVE


def within_budget(notebook: NotebookNode, name: str) -> Iterator[str]:
    """A lesson is short enough to be finished; one not yet re-cut does not grow."""
    for counted, most, what in zip(size(notebook), NOT_RECUT.get(name, budget(name)), Size._fields):
        if counted > most:
            yield f"it has {counted:,} {what}, and at most {most:,} are allowed"


def sizes(paths: list[Path]) -> str:
    """Return a table of the lessons' cells and words, and of what they are to have at the most."""
    rows = [f"{'lesson':<30} cells   most  words   most"]
    for path in paths:
        counted = size(nbformat.read(path, as_version=4))
        most = budget(path.name)
        row = f"{path.stem:<30}{counted.cells:6}{most.cells:7}{counted.words:7,}{most.words:7,}"
        rows.append(row + ("  not yet re-cut" if path.name in NOT_RECUT else ""))
    return "\n".join(rows)


def advice(paths: list[Path]) -> str:
    """Return what to do about the notebooks that an editor has saved; nothing where none was."""
    saved = [path.name for path in paths if any(no_traces_of_execution(nbformat.read(path, 4)))]
    if not saved:
        return ""
    files = " ".join(f"notebooks/{name}" for name in saved)
    return SAVED_BY_AN_EDITOR.format(names=", ".join(saved), paths=files)


def violations(path: Path) -> list[str]:
    """Return what one notebook file breaks, one line each."""
    notebook = nbformat.read(path, as_version=4)
    found = [*address_followed(notebook, path.name), *within_budget(notebook, path.name)]
    for rule in RULES:
        found += rule(notebook)
    return found


def main() -> int:
    """Run the command and return its exit status."""
    paths = [Path(name) for name in sys.argv[1:]] or notebooks()
    lines = [f"{path.name}: {line}" for path in paths for line in violations(path)]
    print(sizes(paths))
    print("\n".join(lines) or f"{len(paths)} notebooks keep all rules.")
    print(advice(paths), end="")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
