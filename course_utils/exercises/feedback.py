"""What an exercise shows: rich in a notebook, plain text everywhere else."""

import html
import re
from dataclasses import dataclass

from course_utils.emotions import COLOURS

# The word in front says the same as the colour, for those who do not see it.
COLOUR_OF = {
    "Right.": COLOURS["disgust"],
    "Not right.": COLOURS["angry"],
    "Not yet.": COLOURS["neutral"],
}


@dataclass(frozen=True)
class Message:
    """A short text in Markdown: a hint, a solution or what is solved."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


@dataclass(frozen=True)
class Feedback:
    """What a check found.

    Attributes:
        word: "Right.", "Not right." or "Not yet.", where nothing was handed in.
        text: the reason, and what to look at, in Markdown's paragraphs and `code`.
        condition: the name of the condition that was not met, empty where all were.
    """

    word: str
    text: str
    condition: str = ""

    @property
    def passed(self) -> bool:
        """Whether all conditions were met."""
        return self.word == "Right."

    def __repr__(self) -> str:
        return f"{self.word} {self.text}".strip()

    def _repr_html_(self) -> str:
        style = f"border-left: 4px solid {COLOUR_OF[self.word]}; padding: 2px 12px"
        return f'<div style="{style}">{to_html(f"**{self.word}** {self.text}")}</div>'


def to_html(text: str) -> str:
    """Return HTML for a text with paragraphs, `code` and **bold** words."""
    escaped = html.escape(text.strip(), quote=False)
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
    escaped = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)
    paragraphs = re.split(r"\n\s*\n", escaped)
    return "".join(f'<p style="margin: 4px 0">{paragraph}</p>' for paragraph in paragraphs)
