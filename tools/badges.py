"""Write the "Open in Colab" badges and the set-up cells' address from the one setting.

Usage: python tools/badges.py [--ref main]

The setting is in pyproject.toml: `Repository`, and `ref` beside it, which --ref changes. A notebook
or the README shows a badge on each line that carries the marker `<!-- badges -->` (a README's
table row: `<!-- badge: 01_name -->`).
"""

import argparse
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from repository import PROJECT_FOLDER, address, notebooks, ref

MARKER = "<!-- badges -->"
IN_COLAB = '"google.colab" in sys.modules'
REQUIREMENT = re.compile(r"(%pip install --quiet --constraint runtime\.txt ).*")


def badge(notebook_name: str) -> str:
    """Return the Markdown of the badge that opens a notebook, named without folder, in Colab.

    The badge opens the notebook at the ref that its set-up cell installs: the two always match.
    """
    path = address().removeprefix("https://github.com/")
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    link = f"https://colab.research.google.com/github/{path}/blob/{ref()}/notebooks/{notebook_name}"
    return f"[![Open in Colab]({image})]({link})"


def first_line(notebook_name: str) -> str:
    """Return a notebook's marked line: the badge, and where Colab's readers find what is linked.

    Links to other pages are relative, so that they work offline. Colab does not have these pages.
    """
    pages = f"{address()}/blob/{ref()}"
    return (
        f"{badge(notebook_name)} In Colab, links to the course's other pages may lead nowhere; "
        f"on GitHub are [the glossary]({pages}/docs/glossary.md), "
        f"[the data card]({pages}/data/README.md) and "
        f"[the model cards]({pages}/course_utils/weights/README.md). {MARKER}"
    )


def course_requirement() -> str:
    """Return what pip installs in Colab: the course at the ref, and what its lessons need."""
    return f"emotion-detection-course[train] @ git+{address()}@{ref()}"


def write_badge(notebook: NotebookNode, notebook_name: str) -> None:
    """Set the badge and the set-up cell's address in a notebook."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            marked = [first_line(notebook_name) if MARKER in line else line for line in lines]
            cell.source = "\n".join(marked)
        elif IN_COLAB in cell.source:
            cell.source = REQUIREMENT.sub(rf'\g<1>"{course_requirement()}"', cell.source)


def write_readme_badges(text: str) -> str:
    """Return the README with each row's badge set: everything before `<!-- badge: name -->`."""
    return re.sub(
        r"\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\) <!-- badge: (\S+) -->",
        lambda match: f"{badge(match[1] + '.ipynb')} <!-- badge: {match[1]} -->",
        text,
    )


def write_file(path: Path) -> None:
    """Set the badges of one notebook file."""
    notebook = nbformat.read(path, as_version=4)
    write_badge(notebook, path.name)
    nbformat.write(notebook, path)


def write_ref(name: str) -> None:
    """Set the ref in pyproject.toml."""
    path = PROJECT_FOLDER / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    written = re.sub(r'^ref = ".*"$', f'ref = "{name}"', text, count=1, flags=re.MULTILINE)
    path.write_text(written, encoding="utf-8")


def write_everywhere() -> None:
    """Set the badges and the set-up cells of every lesson, and the badges of the README."""
    for path in notebooks():
        write_file(path)
    readme = PROJECT_FOLDER / "README.md"
    readme.write_text(write_readme_badges(readme.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(description="Write badges and set-up cells.")
    parser.add_argument("--ref", help="a branch, or the tag of a release; default: as it is")
    arguments = parser.parse_args()
    if arguments.ref:
        write_ref(arguments.ref)
    write_everywhere()


if __name__ == "__main__":
    main()
