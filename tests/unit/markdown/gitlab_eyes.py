"""What GitLab would make of a text: a reader of its own, written from GitLab's documents and behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: GitLab leaves these alone behind a backslash (its escaped character filter).
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
REFERENCE_SIGNS = "$%#&@!~^"
MENTION = re.compile(r"(?<![A-Za-z0-9_])@[A-Za-z0-9_.]")
REFERENCES = re.compile(
    r"[#!$&]\d|[%~][\w\"]|(?<![A-Za-z0-9_])GL-\d|\^alert#"
    r"|\[\"?(?:vulnerability|feature_flag|contact|issue|epic|work_item|cadence|wiki_page):|\*iteration:",
    re.IGNORECASE,
)
ACTION = re.compile(r"^(?:[\s>]|[*+-]\s|\d{1,9}[.)]\s|&nbsp;)*/\w")


def quick_actions(text: str) -> list[str]:
    """The lines that some version of GitLab might run, wherever Markdown may have put them."""
    text = text.replace("\r", "")
    lines = text.split("\n")
    return [line for line in lines if line.startswith("/")] + [
        line for first, end in _prose(text) for line in lines[first:end] if ACTION.match(line)
    ]


def _prose(text: str) -> Iterator[tuple[int, int]]:
    """Where paragraphs stand: not in code, in lists and quotes too."""
    for token in READER.parse(text):
        if token.type == "inline" and token.map:
            yield token.map[0], token.map[1]


def prose(text: str) -> Iterator[str]:
    """The text GitLab looks for references and mentions in: none in code, none in links."""

    def marked(found: re.Match[str]) -> str:
        return "\ue000" if found[1] in REFERENCE_SIGNS else found[0]

    for token in READER.parse(ESCAPED.sub(marked, text)):
        yield from _texts(token.children or ())


def _texts(tokens: tuple[()] | list[Token]) -> Iterator[str]:
    depth = 0
    for token in tokens:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "text" and not depth:
            yield token.content


def mentions(text: str) -> list[str]:
    return [found[0] for one in prose(text) for found in MENTION.finditer(one)]


def references(text: str) -> list[str]:
    return [found[0] for one in prose(text) for found in REFERENCES.finditer(one)]


def kinds(text: str) -> set[str]:
    """Every kind of token in the text."""
    tokens = READER.parse(text)
    return {one.type for token in tokens for one in (token, *(token.children or ()))}


def shown(text: str) -> str:
    """What is read on the page, without blanks."""
    words: list[str] = []
    for token in READER.parse(text):
        if token.type in ("fence", "code_block"):
            words.append(token.content)
        words += [one.content for one in token.children or () if one.type in ("text", "code_inline")]
    return re.sub(r"[\s\u2060]", "", "".join(words))
