"""Tells tags from text in the HTML that GitLab allows in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

#: The name is taken whole or not at all, so that the time this takes grows with the length of the text alone.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*+)([^<>]*+)>")
_ATTRIBUTE = re.compile(r"""\b(href|src|alt)\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_COMMENT, _COMMENT_END = "<!--", "-->"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag by its lower-case name, with the attributes that matter here."""

    name: str
    closing: bool
    attributes: dict[str, str]


def pieces(html: str) -> Iterator[str | Tag]:
    """Yield text, with its entities decoded, and tags; comments are left out, also one that never ends."""
    bare = "".join(_without_comments(html))
    at = 0
    for found in _TAG.finditer(bare):
        yield unescape(bare[at : found.start()])
        yield Tag(found[2].lower(), bool(found[1]), _attributes(found[3]))
        at = found.end()
    yield unescape(bare[at:])


def _without_comments(html: str) -> Iterator[str]:
    at = 0
    while at >= 0:
        begin = html.find(_COMMENT, at)
        yield html[at:begin] if begin >= 0 else html[at:]
        end = html.find(_COMMENT_END, begin) if begin >= 0 else -1
        at = end + len(_COMMENT_END) if end >= 0 else -1


def _attributes(text: str) -> dict[str, str]:
    return {
        found[1].lower(): unescape(found[2] or found[3] or found[4] or "")
        for found in _ATTRIBUTE.finditer(text)
    }
