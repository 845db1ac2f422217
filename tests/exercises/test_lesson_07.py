"""What the exercises of lesson 07 say of the lesson's own figures holds."""

import re
from pathlib import Path

import nbformat

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "07_what_the_network_sees.ipynb"
CELLS = nbformat.read(NOTEBOOK, as_version=4).cells


def printed():
    """Return what the lesson prints, each line with single spaces."""
    outputs = [output for cell in CELLS for output in cell.get("outputs", [])]
    texts = [output.get("data", {}).get("text/plain", "") for output in outputs]
    return [" ".join(line.replace("NaN", "").split()) for line in "\n".join(texts).splitlines()]


def test_the_rows_to_read_are_those_that_the_lesson_prints():
    (task,) = (cell.source for cell in CELLS if "**4. What do the tables show?**" in cell.source)
    rows = [
        " ".join(line.replace("|", " ").split()) for line in re.findall(r"^\| \w.*", task, re.M)
    ]
    assert len(rows) == 8
    assert [row for row in rows if row not in printed()] == []


def test_the_two_methods_differ_on_as_many_faces_as_the_lesson_counts():
    (task,) = (cell.source for cell in CELLS if "**4. What do the tables show?**" in cell.source)
    assert "10 are hit by occlusion alone, 6 by integrated gradients alone" in task
    place = printed().index("integrated gradients False True")
    assert printed()[place + 2 : place + 4] == ["False 8 6", "True 10 12"]
