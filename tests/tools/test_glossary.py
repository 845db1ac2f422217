"""Terms are linked from their first use, and from nowhere else."""

import copy
import re
from pathlib import Path

import nbformat
import pytest
from link_glossary import GLOSSARY as GLOSSARY_FILE
from link_glossary import Entry, add_links, read_glossary, with_anchors
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from repository import notebooks

GLOSSARY = """# Glossary

## Accuracy

The share that is right. First used in [lesson 01](../notebooks/01_a.ipynb).

## Balanced accuracy

The mean recall. First used in [lesson 01](../notebooks/01_a.ipynb).

## Filter

A grid. Also: kernel, convolution filter. First used in [lesson 02](../notebooks/02_b.ipynb).
"""
ACCURACY, BALANCED, FILTER = read_glossary(GLOSSARY)
LINK = "(../docs/glossary.md#accuracy)"


def lesson(*texts: str) -> NotebookNode:
    opening = new_markdown_cell("# 01 · Title\n\nAccuracy.")
    setup = new_markdown_cell("## Setup")
    return new_notebook(cells=[opening, setup, *map(new_markdown_cell, texts)])


def linked(*texts: str, entries: tuple[Entry, ...] = (ACCURACY,)) -> list[str]:
    """Return the texts of a lesson with the links in them."""
    notebook = lesson(*texts)
    add_links(notebook, 1, [*entries])
    return [cell.source for cell in notebook.cells[2:]]


def test_entries_are_read() -> None:
    assert (FILTER.term, FILTER.words, FILTER.lesson) == (
        "Filter",
        ("kernel", "convolution filter"),
        2,
    )
    assert (ACCURACY.term, ACCURACY.words, ACCURACY.lesson) == ("Accuracy", (), 1)


def test_an_entry_without_a_lesson_is_named() -> None:
    with pytest.raises(ValueError, match="'Filter'"):
        read_glossary("# Glossary\n\n## Filter\n\nA grid.\n")


@pytest.mark.parametrize(
    ("term", "anchor"),
    [
        ("Balanced accuracy", "balanced-accuracy"),
        ("McNemar's test", "mcnemars-test"),
        ("Train/serve skew", "trainserve-skew"),
        ("FER+", "fer"),
        ("p-value", "p-value"),
    ],
)
def test_anchors_are_those_of_github(term: str, anchor: str) -> None:
    assert Entry(term, (), 1).anchor == anchor


def test_an_anchor_stands_before_each_entry_also_after_a_second_run() -> None:
    anchored = with_anchors(GLOSSARY)
    assert '\n\n<a id="balanced-accuracy"></a>\n\n## Balanced accuracy\n\n' in anchored
    assert with_anchors(anchored) == anchored
    assert read_glossary(anchored) == [ACCURACY, BALANCED, FILTER]
    written = GLOSSARY_FILE.read_text(encoding="utf-8")
    assert with_anchors(written) == written, "run tools/link_glossary.py"


def test_only_the_first_use_is_linked() -> None:
    first, second = linked("The accuracies.\n\nIts **accuracy**.", "Accuracy again.")
    assert first == f"The accuracies.\n\nIts **[accuracy]{LINK}**."
    assert second == "Accuracy again."


def test_plural_and_other_names_count() -> None:
    notebook = lesson("Two kernels.")
    assert add_links(notebook, 2, [FILTER]) == []
    assert notebook.cells[2].source == "Two [kernels](../docs/glossary.md#filter)."


@pytest.mark.parametrize(
    "text",
    [
        "## Accuracy",
        "`accuracy.mean()`",
        "```python\naccuracy = 1\n```",
        "$accuracy$",
        "[Accuracy](a.md)",
        "![Accuracy](a.png)",
        '<img alt="accuracy">',
        "https://a.org/accuracy",
        "inaccuracy, accuracy-based",
        "## Exercises\n\nAccuracy?",
        "## References\n\n- Accuracy.",
    ],
)
def test_headings_code_links_and_other_sections_stay(text: str) -> None:
    notebook = lesson(text)
    notebook.cells.append(new_code_cell("# accuracy"))
    assert add_links(notebook, 1, [ACCURACY]) == [ACCURACY]
    assert notebook.cells[2].source == text
    assert notebook.cells[0].source == "# 01 · Title\n\nAccuracy."


def test_a_term_that_stands_as_code_is_linked_with_its_backticks() -> None:
    assert linked("`accuracy` is a share.") == [f"[`accuracy`]{LINK} is a share."]


def test_a_term_within_a_longer_one_is_no_use_of_it() -> None:
    text = "Balanced accuracy, balanced accuracy, accuracy."
    (source,) = linked(text, entries=(ACCURACY, BALANCED))
    balanced = "[Balanced accuracy](../docs/glossary.md#balanced-accuracy)"
    assert source == f"{balanced}, balanced accuracy, [accuracy]{LINK}."


def test_a_second_run_changes_nothing() -> None:
    once = linked("The accuracy.")
    assert linked(*once) == once


def test_a_moved_first_use_takes_the_link_along() -> None:
    assert linked("New accuracy.", f"The [accuracy]{LINK}.") == [
        f"New [accuracy]{LINK}.",
        "The accuracy.",
    ]


COURSE = read_glossary(GLOSSARY_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_the_links_of_a_lesson_are_up_to_date(path: Path) -> None:
    """Every term that names this lesson is linked there, and every link has an entry."""
    notebook = nbformat.read(path, as_version=4)
    fresh = copy.deepcopy(notebook)
    assert add_links(fresh, int(path.name[:2]), COURSE) == []
    stale = "run tools/link_glossary.py"
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in fresh.cells], stale
    text = "\n".join(cell.source for cell in notebook.cells)
    linked = re.findall(r"\.\./docs/glossary\.md#([\w-]+)", text)
    expected = [entry.anchor for entry in COURSE if entry.lesson == int(path.name[:2])]
    assert sorted(linked) == sorted(expected)


def test_each_anchor_and_each_lesson_of_the_glossary_exists() -> None:
    anchors = [entry.anchor for entry in COURSE]
    assert len(set(anchors)) == len(anchors) > 100
    text = GLOSSARY_FILE.read_text(encoding="utf-8")
    folder = GLOSSARY_FILE.parent
    assert all((folder / link).exists() for link in re.findall(r"\]\(([^)]+)\)", text))
    terms = [entry.term.lower() for entry in COURSE]
    assert terms == sorted(terms)
