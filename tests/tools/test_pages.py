"""The pages keep their rules, and every rule catches what breaks it."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import page_rules
import prose
import pytest
from badges import badge
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from page_rules import PAGE_RULES
from repository import PROJECT_FOLDER

PAGE = """\
# A page

See [the other page](docs/other.md#a-second-heading), [this part](#a-part) and [a paper](https://doi.org/1).

## A part

![A drawn face.](figures/detection.png)

{badge}

The rules stand in `tools/page_rules.py`.

```
[not a link](nowhere.md)
python -m course_utils.webcam
python -m research.measure_accuracy
python tools/page_rules.py
```
"""
LESSON = "01_dataset_exploration.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of two pages and a notebook that keeps every rule."""
    for folder in ("docs", "figures", "notebooks"):
        (tmp_path / folder).mkdir()
    for name in page_rules.MADE:
        (tmp_path / "figures" / name).touch()
    shown = [f"![A figure.](../figures/{name})" for name in page_rules.MADE]
    cells = [new_markdown_cell("# 01 · A lesson"), new_markdown_cell("\n".join(shown))]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / LESSON)
    (tmp_path / "README.md").write_text(PAGE.format(badge=badge(LESSON)), encoding="utf-8")
    (tmp_path / "docs" / "other.md").write_text(
        f"# Other\n\n## A second heading\n\n[The lesson](../notebooks/{LESSON}#01--a-lesson)\n",
        encoding="utf-8",
    )
    return tmp_path


def test_every_page_keeps_every_rule() -> None:
    assert page_rules.violations() == []


def test_the_model_course_keeps_every_rule(course: Path) -> None:
    assert page_rules.violations(course) == []


# A rule, what is replaced in the model page, and by what.
PLANTED = [
    ("headings_without_skips", "## A part", "### A part"),
    ("headings_without_skips", "## A part", "# A part"),
    ("images_described", "![A drawn face.]", "![]"),
    ("images_described", "![A drawn face.](", '<img src="a.png">\n('),
    ("links_named", "[the other page]", "[here]"),
    ("links_named", "[the other page]", "[02]"),
    ("links_named", "[the other page]", "[This page.]"),
    ("badges_current", "/blob/", "/blob/v9"),
    ("badges_current", "/01_dataset_exploration", "/01_data"),
    ("badges_current", "/github/", "/github/somebody-else-"),
    ("links_lead_somewhere", "docs/other.md", "docs/gone.md"),
    ("links_lead_somewhere", "#a-second-heading", "#a-third-heading"),
    ("links_lead_somewhere", "(#a-part)", "(#part)"),
    ("links_lead_somewhere", "figures/detection.png", "figures/gone.png"),
    ("commands_exist", "course_utils.webcam", "course_utils.camera"),
    ("commands_exist", "research.measure_accuracy", "research.measure_nothing"),
    ("commands_exist", "python tools/page_rules.py", "python tools/no_rules.py"),
    ("files_named_exist", "`tools/page_rules.py`", "`tools/no_rules.py`"),
    ("links_lead_somewhere", "## A part", '<a href="gone.md">A page</a>\n\n## A part'),
]


def test_every_rule_has_a_planted_violation() -> None:
    assert {name for name, _, _ in PLANTED} == {rule.__name__ for rule in PAGE_RULES}


@pytest.mark.parametrize(("rule", "right", "wrong"), PLANTED)
def test_rule_catches(course: Path, rule: str, right: str, wrong: str) -> None:
    page = course / "README.md"
    text = page.read_text(encoding="utf-8")
    assert right in text
    page.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    (line,) = getattr(page_rules, rule)(page)
    assert f"README.md: {line}" in page_rules.violations(course)


def test_links_of_notebooks_are_followed(course: Path) -> None:
    path = course / "notebooks" / LESSON
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_markdown_cell("[The next lesson](02_gone.ipynb)"))
    nbformat.write(notebook, path)
    (line,) = page_rules.violations(course)
    assert (
        line == f"{LESSON}: the link 'The next lesson' leads to 02_gone.ipynb, which does not exist"
    )


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (lambda figures: (figures / "drawn_by_hand.png").touch(), "made by no command"),
        (lambda figures: (figures / "accuracy.png").unlink(), "accuracy.png is missing"),
    ],
)
def test_figures_without_a_command_are_caught(course: Path, plant, message: str) -> None:
    plant(course / "figures")
    assert any(message in line for line in page_rules.violations(course))


def test_a_figure_that_nobody_shows_is_caught(course: Path) -> None:
    nbformat.write(new_notebook(cells=[]), course / "notebooks" / LESSON)
    lines = page_rules.figures_made_and_used(course)
    assert "figures/accuracy.png is shown nowhere" in set(lines)


def test_anchors_are_those_of_github() -> None:
    text = "# The `code`, & more\n\n## What's new?\n\n## Twice\n\n## Twice\n\n## 5 · Grün\n"
    assert prose.anchors(text) == {"the-code--more", "whats-new", "twice", "twice-1", "5--grün"}


# Spelling.


def codespell(path: Path) -> subprocess.CompletedProcess[str]:
    settings = ["--toml", str(PROJECT_FOLDER / "pyproject.toml")]
    command = [sys.executable, "-m", "codespell_lib", *settings, str(path)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("kind", [new_markdown_cell, new_code_cell])
def test_a_misspelt_word_in_a_notebook_is_caught(tmp_path: Path, kind) -> None:
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[kind("# The network learns")]), path)
    assert codespell(path).returncode == 0
    nbformat.write(new_notebook(cells=[kind("# It reads and rec" + "ieves")]), path)
    done = codespell(path)
    assert done.returncode > 0 and "receives" in done.stdout


def test_a_picture_in_a_notebook_is_not_spelt(tmp_path: Path) -> None:
    notebook = shutil.copy(PROJECT_FOLDER / "notebooks" / "01_dataset_exploration.ipynb", tmp_path)
    assert codespell(Path(notebook)).stdout == ""
