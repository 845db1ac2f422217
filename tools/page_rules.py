"""The rules that every page keeps: headings, pictures, links, badges, and the figures it shows.

Usage: python tools/page_rules.py
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import nbformat
from badges import badge
from make_figures import FIGURES
from notebook_rules import all_prose
from prose import alternatives, anchors, headings, links, nameless_links, skipped_levels
from repository import PROJECT_FOLDER, notebooks

COLAB_LINK = re.compile(r"https://colab\.research\.google\.com/github/[^\s)>]+/(\w+\.ipynb)")
COMMAND = re.compile(r"python (?:-m ((?:course_utils|research)[\w.]*\w)|(tools/\w+\.py))")
NAMED_FILE = re.compile(r"`((?:course_utils|research|tests|tools)/[\w/]+\.\w+)`")
FOLDERS_OF_PAGES = (".", "course_utils/weights", "data", "docs", "exercises")


def pages(root: Path) -> list[Path]:
    """Return the Markdown files of the course below `root`."""
    return [path for folder in FOLDERS_OF_PAGES for path in sorted((root / folder).glob("*.md"))]


def text_of_file(path: Path) -> str:
    """Return the Markdown of a page, or of a notebook's cells."""
    if path.suffix == ".ipynb":
        return all_prose(nbformat.read(path, as_version=4))
    return path.read_text(encoding="utf-8")


def headings_without_skips(page: Path) -> Iterator[str]:
    """One title, and no heading more than one level below the one before it."""
    yield from skipped_levels(headings(text_of_file(page)))


def images_described(page: Path) -> Iterator[str]:
    """Every picture has a text that says what it shows."""
    for alternative in alternatives(text_of_file(page)):
        if not (alternative or "").strip():
            yield "an image has no alternative text"


def links_named(page: Path) -> Iterator[str]:
    """The text of a link makes sense alone."""
    yield from nameless_links(text_of_file(page))


def badges_current(page: Path) -> Iterator[str]:
    """Every badge opens a lesson that exists, at the one address and the present version."""
    text = text_of_file(page)
    for match in COLAB_LINK.finditer(text):
        if f"({match[0]})" not in badge(match[1]) or match[1] not in {p.name for p in notebooks()}:
            yield f"the badge of {match[1]} is stale: run tools/badges.py"


def links_lead_somewhere(page: Path) -> Iterator[str]:
    """Every link inside the course leads to a file that exists, and to a heading in it."""
    for link in links(text_of_file(page)):
        if re.match(r"[a-z]+:", link.target):
            continue
        place, _, anchor = unquote(link.target).partition("#")
        file = (page.parent / place).resolve() if place else page
        if not file.exists():
            yield f"the link '{link.text}' leads to {place}, which does not exist"
        elif anchor and file.suffix in (".md", ".ipynb") and anchor not in anchors_of(file):
            yield f"the link '{link.text}' leads to '#{anchor}', which {file.name} does not have"


def commands_exist(page: Path) -> Iterator[str]:
    """Every command of ours that a page names can be typed."""
    for module, script in COMMAND.findall(text_of_file(page)):
        path = PROJECT_FOLDER / (script or module.replace(".", "/"))
        runs = [path, path.with_suffix(".py"), path / "__main__.py"] if module else [path]
        if not any(file.is_file() for file in runs):
            yield f"the command 'python {f'-m {module}' if module else script}' does not exist"


def files_named_exist(page: Path) -> Iterator[str]:
    """Every file of the code that a page names is there."""
    for name in NAMED_FILE.findall(text_of_file(page)):
        if not (PROJECT_FOLDER / name).is_file():
            yield f"the file {name} does not exist"


def anchors_of(file: Path) -> set[str]:
    """Return what a link can name after `#` in a page or a notebook."""
    return anchors(text_of_file(file))


# The camera's widget needs a browser, and has a command of its own: research.film_widget.
MADE = {f"{make.__name__}.png" for make in FIGURES} | {"webcam_widget.webp"}

PAGE_RULES = [
    headings_without_skips,
    images_described,
    links_named,
    badges_current,
    links_lead_somewhere,
    commands_exist,
    files_named_exist,
]


def figures_made_and_used(root: Path) -> Iterator[str]:
    """Every file in figures/ is made by a command, and a page or a notebook shows it."""
    present = {path.name for path in (root / "figures").iterdir()}
    shown = {
        Path(link.target).name
        for path in [*pages(root), *sorted((root / "notebooks").glob("*.ipynb"))]
        for link in links(text_of_file(path))
    }
    for name in sorted(present - MADE):
        yield f"figures/{name} is made by no command: add it to tools/make_figures.py"
    for name in sorted(MADE - present):
        yield f"figures/{name} is missing: run make figures"
    for name in sorted(present - shown):
        yield f"figures/{name} is shown nowhere"


def violations(root: Path = PROJECT_FOLDER) -> list[str]:
    """Return what the pages, the notebooks' links and the figures break, one line each."""
    found = [*figures_made_and_used(root)]
    for page in pages(root):
        for rule in PAGE_RULES:
            found += [f"{page.relative_to(root)}: {line}" for line in rule(page)]
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for rule in (links_lead_somewhere, commands_exist, files_named_exist):
            found += [f"{path.name}: {line}" for line in rule(path)]
    return found


def main() -> int:
    """Run the command and return its exit status."""
    lines = violations()
    print("\n".join(lines) or f"{len(pages(PROJECT_FOLDER))} pages keep all rules.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
