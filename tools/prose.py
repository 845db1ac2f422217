"""Read the Markdown of pages and notebooks: its headings, links and pictures."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, NamedTuple

import mistune

# Texts that say nothing where a screen reader lists all links of a page.
EMPTY_LINK_TEXTS = {"click here", "here", "link", "more", "page", "read more", "this", "this page"}

parse_markdown = cache(mistune.create_markdown(renderer="ast", plugins=["table"]))


class Link(NamedTuple):
    """A link: what it says, and where it leads."""

    text: str
    target: str


class _Html(HTMLParser):
    """Collects what links and images lead to, and the text of each image, None without one."""

    def __init__(self) -> None:
        super().__init__()
        self.alternatives: list[str | None] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alternatives.append(dict(attrs).get("alt"))
            self.sources.append(dict(attrs).get("src") or "")
        elif tag == "a":
            self.sources.append(dict(attrs).get("href") or "")


def tokens(parsed: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the tokens of one kind in parsed Markdown, at any depth."""
    for token in parsed:
        if token["type"] == kind:
            yield token
        yield from tokens(token.get("children", []), kind)


def text_of(token: dict[str, Any]) -> str:
    """Return the plain text in a token of parsed Markdown."""
    children = (text_of(child) for child in token.get("children", []))
    return f"{token.get('raw', '')}{''.join(children)}"


def headings(text: str) -> list[tuple[int, str]]:
    """Return the level and the text of each heading, in order."""
    found = tokens(parse_markdown(text), "heading")
    return [(token["attrs"]["level"], text_of(token)) for token in found]


def anchors(text: str) -> set[str]:
    """Return what a link can name after `#`, as GitHub makes it from the headings."""
    found: set[str] = set()
    for _, heading in headings(text):
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        numbered = [name, *(f"{name}-{number}" for number in range(1, len(found) + 1))]
        found.add(next(anchor for anchor in numbered if anchor not in found))
    return found


def links(text: str) -> list[Link]:
    """Return the links and the pictures' sources; a picture's text is its alternative text."""
    parsed = parse_markdown(text)
    found = [*tokens(parsed, "link"), *tokens(parsed, "image")]
    parser = _Html()
    parser.feed(html_of(parsed))
    written = [Link(text_of(token).strip(), token["attrs"]["url"]) for token in found]
    return written + [Link("HTML", source) for source in parser.sources]


def alternatives(text: str) -> list[str | None]:
    """Return the alternative text of each picture; None where an HTML image has none."""
    parsed = parse_markdown(text)
    return [text_of(image) for image in tokens(parsed, "image")] + in_html(html_of(parsed))


def in_html(html: str) -> list[str | None]:
    """Return the alternative text of each image in HTML; None where an image has none."""
    parser = _Html()
    parser.feed(html)
    return parser.alternatives


def html_of(parsed: Any) -> str:
    """Return the raw HTML in parsed Markdown."""
    found = [*tokens(parsed, "block_html"), *tokens(parsed, "inline_html")]
    return "".join(token["raw"] for token in found)


def skipped_levels(found: list[tuple[int, str]]) -> Iterator[str]:
    """Yield what breaks: one title, and no heading more than one level below the one before."""
    if [level for level, _ in found].count(1) != 1:
        yield "there is not exactly one heading of level 1"
    for (above, _), (level, text) in pairwise(found):
        if level > above + 1:
            yield f"the heading '{text}' skips from level {above} to {level}"


def nameless_links(text: str) -> Iterator[str]:
    """Yield links that do not say where they lead when they are read alone."""
    for link in links(text):
        words = link.text.strip(" .:").lower()
        if words in EMPTY_LINK_TEXTS or not re.search(r"[^\W\d_]{3}", words):
            yield f"the link text '{link.text}' says nothing when it is read alone"
