"""What both services can say: runs of text in paragraphs, lists and preformatted parts, as plain records."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.markdown.letters import JOINER

#: Slack indents lists no deeper (slack-platform.md 2.1).
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Span:
    """
    A run of text in one style; a line feed in it is a line break that shows.

    With `url` it is a link: an address as `links.usable` writes it.
    """

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    url: str = ""

    @property
    def plain(self) -> bool:
        return not (self.bold or self.italic or self.strike or self.code or self.url)


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    spans: Line
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of one list at one depth; what is nested follows as a Listing of its own, as in Slack."""

    items: tuple[Line, ...]
    ordered: bool = False
    start: int = 1
    indent: int = 0
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Preformatted:
    text: str
    language: str = ""
    quoted: bool = False


Part = Paragraph | Listing | Preformatted


def split_lines(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Yield the spans of each line, which hold no line feed any more."""
    line: list[Span] = []
    for span in spans:
        first, *others = span.text.split("\n")
        line.append(replace(span, text=first))
        for other in others:
            yield line
            line = [replace(span, text=other)]
    yield line


def words_of(spans: Iterable[Span]) -> str:
    """Return what one reads in a line."""
    return "".join(span.text for span in spans).replace(JOINER, "")


def visible(parts: Iterable[Part]) -> str:
    """Return what one reads, without bullets and numbers, a line for each line."""
    return "\n".join(_visible(part) for part in parts)


def _visible(part: Part) -> str:
    if isinstance(part, Paragraph):
        return words_of(part.spans)
    if isinstance(part, Listing):
        return "\n".join(words_of(item) for item in part.items)
    return part.text


def is_punctuation(character: str) -> bool:
    """Tell what CommonMark 0.31 calls a Unicode punctuation character, symbols included."""
    return unicodedata.category(character)[0] in "PS"
