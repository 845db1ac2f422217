"""Link each term of the glossary from its first use, in the lesson that its entry names.

Usage: python tools/link_glossary.py

Old links to the glossary are taken out first, so that the command can be run after every edit. An
anchor stands before each entry: JupyterLab makes the address of a heading by a rule of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode
from notebook_rules import CLOSING, not_counted
from repository import PROJECT_FOLDER, notebooks

GLOSSARY = PROJECT_FOLDER / "docs" / "glossary.md"
# Sections that do not explain: objectives, exercises, sources. Cells of an exercise or of the quiz
# are left out wherever they stand.
LEFT_OUT = ("What you will do, learn and need", CLOSING, "What's next", "References")
LINK = re.compile(r"\[([^\]]+)\]\(\.\./docs/glossary\.md#[^)]*\)")
HEADING = re.compile(r"(?:<a id=[^>]*></a>\n\n)?^## (.+)$", re.MULTILINE)
# Formulas, code, images, links, HTML and addresses stay as they are.
PROTECTED = re.compile(
    r"\$[^$]+\$|`[^`]*`|!?\[[^\]]*\]\([^)]*\)|<[^>]+>|https?://\S+|(?:arXiv|doi):\S+"
)


def anchor_of(heading: str) -> str:
    """Return the address of a heading within its page, by the rule of GitHub and of MyST."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@dataclass(frozen=True)
class Entry:
    """A term of the glossary.

    Attributes:
        term: its heading.
        words: how else it is called.
        lesson: the number of the lesson that it is first used in.
    """

    term: str
    words: tuple[str, ...]
    lesson: int

    @property
    def anchor(self) -> str:
        """The address of the entry within the page."""
        return anchor_of(self.term)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What counts as a use: any of its names, in the plural or as a participle too."""
        names = "|".join(re.escape(name) for name in (self.term, *self.words))
        return re.compile(rf"(?<![\w-])(?:{names})(?:s|es|d)?(?![\w-])", re.IGNORECASE)


def read_glossary(text: str) -> list[Entry]:
    """Return the entries of a glossary in Markdown.

    Raises:
        ValueError: an entry names no lesson.
    """
    entries = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        term, _, body = section.partition("\n")
        also = re.search(r"Also: ([^.]+)\.", body)
        lesson = re.search(r"First used in \[lesson (\d\d)\]", body)
        if lesson is None:
            raise ValueError(f"The entry '{term}' does not say in which lesson it is first used.")
        words = tuple(also[1].split(", ")) if also else ()
        entries.append(Entry(term, words, int(lesson[1])))
    return entries


def with_anchors(text: str) -> str:
    """Return a glossary with an anchor before each entry, encoded as JupyterLab looks for it."""

    def anchored(match: re.Match[str]) -> str:
        return f'<a id="{quote(anchor_of(match[1]))}"></a>\n\n## {match[1]}'

    return HEADING.sub(anchored, text)


def add_links(notebook: NotebookNode, lesson: int, entries: list[Entry]) -> list[Entry]:
    """Link the entries of a lesson from their first use. Return those that are never used."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(r"\1", cell.source)
    own = [entry for entry in entries if entry.lesson == lesson]
    return [entry for entry in own if not _link_first_use(notebook, entry, entries)]


def _link_first_use(notebook: NotebookNode, entry: Entry, entries: list[Entry]) -> bool:
    # The accuracy in "balanced accuracy" is no use of "accuracy".
    longer = [other for other in entries if other != entry and entry.pattern.search(other.term)]
    for cell, number, line in _running_text(notebook):
        protected = [*_protected(line, entry)]
        protected += [match for other in longer for match in other.pattern.finditer(line)]
        for match in entry.pattern.finditer(line):
            if not any(_overlap(match, other) for other in protected):
                link = f"[{match[0]}](../docs/glossary.md#{entry.anchor})"
                lines = cell.source.split("\n")
                lines[number] = _linked(line, match, link)
                cell.source = "\n".join(lines)
                return True
    return False


def _running_text(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, int, str]]:
    """Yield each line of prose with its cell and its number there, but for what is left out."""
    section, is_code = LEFT_OUT[0], False
    for cell in notebook.cells:
        if cell.cell_type != "markdown" or not_counted(cell):
            continue
        for number, line in enumerate(cell.source.split("\n")):
            if line.startswith("```"):
                is_code = not is_code
            elif line.startswith("## ") and not is_code:
                section = line[3:]
            if not is_code and not line.startswith(("#", "```", "$$")) and section not in LEFT_OUT:
                yield cell, number, line


def _protected(line: str, entry: Entry) -> Iterator[re.Match[str]]:
    """Yield what must not be linked; a term that stands as code by itself may be."""
    for part in PROTECTED.finditer(line):
        if not (part[0].startswith("`") and entry.pattern.fullmatch(part[0].strip("`"))):
            yield part


def _overlap(first: re.Match[str], second: re.Match[str]) -> bool:
    return first.start() < second.end() and second.start() < first.end()


def _linked(line: str, match: re.Match[str], link: str) -> str:
    """Return the line with the link, around the backticks where the term stands between them."""
    start, end = match.span()
    if line[start - 1 : start] == line[end : end + 1] == "`":
        start, end, link = start - 1, end + 1, link.replace(match[0], f"`{match[0]}`", 1)
    return line[:start] + link + line[end:]


def write_links(path: Path, entries: list[Entry]) -> list[Entry]:
    """Link the entries of one lesson in its notebook file. Return those that are never used."""
    notebook = nbformat.read(path, as_version=4)
    missing = add_links(notebook, int(path.name[:2]), entries)
    nbformat.write(notebook, path)
    return missing


def main() -> None:
    """Link all entries, and say which ones their lesson never uses."""
    text = with_anchors(GLOSSARY.read_text(encoding="utf-8"))
    GLOSSARY.write_text(text, encoding="utf-8")
    entries = read_glossary(text)
    for path in notebooks():
        for entry in write_links(path, entries):
            print(f"{path.name} does not use '{entry.term}'.")


if __name__ == "__main__":
    main()
