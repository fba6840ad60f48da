"""Which lines of a Markdown text GitLab reads as words, and which as code, HTML or a quoted block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

#: CommonMark 4.5, fenced code blocks: at most three blanks before, no backtick behind an opening of backticks.
FENCE = re.compile(r" {0,3}(?P<mark>`{3,}(?=[^`]*$)|~{3,})")
#: CommonMark 4.6, HTML blocks: comments end with `-->`, these tags with the next blank line. Others are left out,
#: so that what stands in them counts as text: more is run here than by GitLab, never less.
COMMENT = re.compile(r" {0,3}<!--")
TAG = re.compile(
    r" {0,3}</?(?:details|summary|div|p|table|ul|ol|dl|h[1-6]|blockquote|section)(?=[\s/>]|$)", re.IGNORECASE
)
LINE = re.compile(r"[^\n]*\n|[^\n]+")
#: GitLab's quote of several lines (doc/user/markdown.md, multiline blockquote).
QUOTE = ">>>"
INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its line feed, and whether it is `text`, `blank`, `code`, `html` or a `quote`."""

    text: str
    kind: str


def lines(text: str) -> list[Line]:
    """The lines of a text, each with its kind. What is opened and never closed goes on to the end."""
    found: list[Line] = []
    rest = LINE.findall(text)
    while rest:
        size, kind = _block(rest, found[-1].kind if found else "blank")
        found += [Line(line, kind) for line in rest[:size]]
        rest = rest[size:]
    return found


def paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with its kind; a paragraph keeps the one blank line behind it."""
    for kind, group in groupby(lines(text), key=lambda line: "text" if line.kind == "blank" else line.kind):
        whole = "".join(line.text for line in group)
        if kind == "text":
            yield from ((piece, kind) for piece in re.findall(r".+?(?:\n[ \t]*\n|\Z)", whole, re.DOTALL))
        else:
            yield whole, kind


def _block(rest: list[str], before: str) -> tuple[int, str]:
    """How many lines the block at the top has, and its kind."""
    top = rest[0]
    if not top.strip():
        return 1, "blank"
    indented = re.match(r" {4}|\t", top) and before in ("blank", "code")
    return _opened(rest) or (1, "code" if indented else "text")


def _opened(rest: list[str]) -> tuple[int, str] | None:
    """The same for blocks that have an end of their own; None when none begins here."""
    top = rest[0]
    if fence := FENCE.match(top):
        mark = fence["mark"]
        closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}\s*$")
        return _until(rest, lambda line: bool(closing.match(line))), "code"
    if top.rstrip() == QUOTE:
        return _until(rest, lambda line: line.rstrip() == QUOTE), "quote"
    if COMMENT.match(top):
        return (1 if "-->" in top else _until(rest, lambda line: "-->" in line)), "html"
    if TAG.match(top):
        return next((at for at, line in enumerate(rest) if not line.strip()), len(rest)), "html"
    return None


def _until(rest: list[str], closes: Callable[[str], bool]) -> int:
    """The lines down to the first below the top that closes the block; all when none does."""
    return next((at + 1 for at, line in enumerate(rest) if at and closes(line)), len(rest))
