"""Write the "Open in Colab" badges and the set-up cells' address from the one setting.

Usage: python tools/badges.py

The setting is `Repository` in pyproject.toml. A notebook or the README shows a badge on each line
that carries the marker `<!-- badges -->` (a README's table row: `<!-- badge: 01_name -->`).
"""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from repository import PROJECT_FOLDER, address, notebooks, tag

MARKER = "<!-- badges -->"
IN_COLAB = '"google.colab" in sys.modules'


def badge(notebook_name: str) -> str:
    """Return the Markdown of the badge that opens a notebook, named without folder, in Colab.

    The badge opens the notebook at the tag that its set-up cell installs: the two always match.
    """
    path = address().removeprefix("https://github.com/")
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    link = f"https://colab.research.google.com/github/{path}/blob/{tag()}/notebooks/{notebook_name}"
    return f"[![Open in Colab]({image})]({link})"


def course_requirement() -> str:
    """Return what pip installs in Colab: the course at the tag of its present version."""
    return f"git+{address()}@{tag()}"


def write_badge(notebook: NotebookNode, notebook_name: str) -> None:
    """Set the badge and the set-up cell's address in a notebook."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            marked = [
                f"{badge(notebook_name)} {MARKER}" if MARKER in line else line for line in lines
            ]
            cell.source = "\n".join(marked)
        elif IN_COLAB in cell.source:
            cell.source = re.sub(
                r"(%pip install --quiet --no-deps ).*", rf"\g<1>{course_requirement()}", cell.source
            )


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


if __name__ == "__main__":
    for notebook_path in notebooks():
        write_file(notebook_path)
    readme = PROJECT_FOLDER / "README.md"
    readme.write_text(write_readme_badges(readme.read_text(encoding="utf-8")), encoding="utf-8")
