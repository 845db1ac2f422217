"""The rules that every lesson's notebook keeps, each a function that lists what breaks it.

Usage: python tools/notebook_rules.py [NOTEBOOK ...]
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import nbformat
from badges import IN_COLAB, MARKER, badge, course_requirement
from nbformat import NotebookNode
from prose import alternatives, headings, in_html, nameless_links, skipped_levels
from repository import notebooks

FIRST_SECTIONS = ["What you will do, learn and need", "Setup"]
LAST_SECTIONS = ["Exercises", "Summary", "What's next", "References"]
LONGEST_CELL = 15
LONGEST_MEDIAN = 5
LARGEST_NOTEBOOK = 1_000_000
FEWEST_PROMISES = 3
MINUTES = r"^- About \d+ minutes: \d+ to read and run, \d+ for the exercises and the quiz\."
PROMISE = "# NBVAL_CHECK_OUTPUT"
# Two folders or more from the root of a disk: no reader has the same ones.
LOCAL_PATH = re.compile(r"(?<![\w.:/])(?:/[\w.-]+){2,}|\b[A-Z]:\\\w+")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the outputs of all cells, in order."""
    for cell in code_cells(notebook):
        yield from cell.outputs


def all_prose(notebook: NotebookNode) -> str:
    """Return all Markdown of a notebook as one page."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def sections_in_order(notebook: NotebookNode) -> Iterator[str]:
    """Title, objectives, set-up, the steps, and the four closing sections, each once."""
    found = headings(all_prose(notebook))
    if not found or found[0][0] != 1 or not re.fullmatch(r"\d\d · .+", found[0][1]):
        yield "the first heading is not '# NN · Title'"
    sections = [text for level, text in found if level == 2]
    if sections[:2] != FIRST_SECTIONS:
        yield f"the first sections are {sections[:2]}, not {FIRST_SECTIONS}"
    if sections[-4:] != LAST_SECTIONS:
        yield f"the last sections are {sections[-4:]}, not {LAST_SECTIONS}"
    if len(sections) < len(FIRST_SECTIONS) + len(LAST_SECTIONS) + 1:
        yield "there is no step between Setup and Exercises"


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
    """At least three cells promise their output, and show one."""
    promised = [cell for cell in code_cells(notebook) if cell.source.startswith(PROMISE)]
    shown = [cell for cell in promised if cell.outputs]
    if len(shown) < FEWEST_PROMISES:
        yield f"{len(shown)} cells with output carry {PROMISE}, not {FEWEST_PROMISES}"
    if len(shown) < len(promised):
        yield f"{len(promised) - len(shown)} cells with {PROMISE} have no output"


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
    """The badge and the set-up cell follow the one setting and the notebook's own name."""
    if f"{badge(name)} {MARKER}" not in notebook.cells[0].source.splitlines():
        yield "the first cell's badge is missing or stale: run tools/badges.py"
    set_up = [cell.source for cell in code_cells(notebook) if IN_COLAB in cell.source]
    if len(set_up) != 1:
        yield f"there are {len(set_up)} set-up cells, not 1"
    elif f"--no-deps {course_requirement()}\n" not in set_up[0]:
        yield "the set-up cell's address is stale: run tools/badges.py"


def violations(path: Path) -> list[str]:
    """Return what one notebook file breaks, one line each."""
    notebook = nbformat.read(path, as_version=4)
    found = [*address_followed(notebook, path.name)]
    for rule in RULES:
        found += rule(notebook)
    return found


def main() -> int:
    """Run the command and return its exit status."""
    paths = [Path(name) for name in sys.argv[1:]] or notebooks()
    lines = [f"{path.name}: {line}" for path in paths for line in violations(path)]
    print("\n".join(lines) or f"{len(paths)} notebooks keep all rules.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
