"""What GitLab reads a Markdown text as: paragraphs that may hold quick actions, and words that may name people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: CommonMark as GitLab's reader has it. GitLab's own quote (`>>>`) is left out: text in it counts, so that more is
#: run and told here than by GitLab, never less.
PRESET = "commonmark"
#: A name behind a backslash is none (lib/banzai/filter/markdown_pre_escape_filter.rb).
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
#: What stands for an escaped `@`: a letter that no text means anything by.
NO_SIGN = "\ue000"
#: Bare addresses become links, and comments and tags are not shown.
ADDRESS = re.compile(r"https?://\S+")
TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^>]*>", re.DOTALL)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a paragraph; that keeps the one blank line behind it.

    Paragraphs of lists and quotes count too. Line feeds alone end a line.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    done = 0
    for first, end in _spans(text):
        until = end + 1 if end < len(lines) and not lines[end].strip() else end
        yield "".join(lines[done:first]), False
        yield "".join(lines[first:until]), True
        done = until
    yield "".join(lines[done:]), False


def _spans(text: str) -> list[tuple[int, int]]:
    """First line and line behind the last, of everything that is read as words."""
    tokens = MarkdownIt(PRESET).parse(text)
    found = [(token.map[0], token.map[1]) for token in tokens if token.type == "inline" and token.map]
    return sorted(set(found))


def words(text: str) -> Iterator[str]:
    """What GitLab looks for names in: no code, no address, nothing behind a backslash or in a comment."""
    marked = ESCAPED.sub(lambda found: NO_SIGN if found[1] == "@" else found[0], text)
    for token in MarkdownIt(PRESET).parse(marked):
        if token.type == "html_block":
            yield ADDRESS.sub("", TAG.sub("", token.content))
        yield from _texts(token.children or ())


def plain(text: str) -> str:
    """The same of a text that is one line and no Markdown, such as a title (lib/banzai/pipeline)."""
    return ADDRESS.sub("", text)


def _texts(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "text":
            yield ADDRESS.sub("", token.content)
