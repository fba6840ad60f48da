"""Reads what stands inside a paragraph of GitLab's Markdown: styles, links, images and HTML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from markdown_it.token import Token

from bot.markdown.emoji import with_characters
from bot.markdown.html import Tag, pieces
from bot.markdown.letters import JOINER
from bot.markdown.links import usable
from bot.markdown.tree import Line, Span
from bot.text import web_link

#: Which style a token or a tag begins and ends.
_STYLES = {
    "strong": "bold", "b": "bold", "th": "bold", "summary": "bold", "h1": "bold", "h2": "bold", "h3": "bold",
    "em": "italic", "i": "italic", "s": "strike", "del": "strike", "strike": "strike", "code": "code", "kbd": "code",
    "tt": "code", "samp": "code",
}  # fmt: skip
#: Tags after which, or before which, a new line begins in a browser.
_LINES = frozenset({
    "br", "p", "div", "li", "tr", "summary", "details", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre",
    "blockquote", "dt", "dd", "hr",
})  # fmt: skip
_BLANK = re.compile(r"\s+")
#: Size and such behind an image in GitLab.
_SIZE = re.compile(r"^\{[^{}\n]{0,200}\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_IMAGE = "image"


@dataclass(slots=True)
class Inline:
    """The spans so far, and what is open around the next one."""

    base: str
    spans: list[Span] = field(default_factory=list)
    styles: Counter[str] = field(default_factory=Counter)
    link: str | None = None
    begun: int = 0
    """Where the link that is open began."""

    def text(self, text: str, *, code: bool = False) -> None:
        shown = text.replace(JOINER, "")
        on = {name: self.styles[name] > 0 for name in ("bold", "italic", "strike")}
        code = code or self.styles["code"] > 0
        self.spans.append(
            Span(shown if code else with_characters(shown), **on, code=code, url=self.link or "")
        )

    def open_link(self, address: str) -> None:
        self.link, self.begun = complete(address, self.base), len(self.spans)

    def close_link(self, *, bare: bool = False) -> None:
        """End a link: a bare one shows its address, others say where they lead if they name another host."""
        words = "".join(span.text for span in self.spans[self.begun :]).strip()
        if self.link and (bare or not words):
            del self.spans[self.begun :]
            self.text(self.link.removeprefix("mailto:"))
        elif self.link and not self._says_where(words):
            self.text(self._true_host(self.link, words))
        self.link = None

    def _says_where(self, words: str) -> bool:
        """Tell whether words are the address of the link; a host in other letters than are asked for is none."""
        return usable(words) == self.link and urlsplit(self.link).netloc in words

    def _true_host(self, url: str, words: str) -> str:
        """Return what a reader of `words` has to know of where the link leads; the project's host is known."""
        if url.startswith("mailto:") or urlsplit(url).netloc == urlsplit(self.base).netloc:
            return ""
        named = web_link(url, words)
        return named.label.removeprefix(words) if named is not None else ""

    def image(self, address: str, words: str) -> None:
        """Show an image as a link to it; inside a link it is that link."""
        if self.link is None:
            self.open_link(address)
            self.text(words.strip() or _IMAGE)
            self.close_link()
        else:
            self.text(words.strip() or _IMAGE)

    def style(self, name: str, change: int) -> None:
        self.styles[name] = max(self.styles[name] + change, 0)

    def html(self, html: str) -> None:
        for piece in pieces(html):
            if isinstance(piece, Tag):
                self._tag(piece)
            elif piece:
                self.text(_BLANK.sub(" ", piece))

    def _tag(self, tag: Tag) -> None:
        if tag.name in _LINES:
            self.text("\n")
        if tag.name in _STYLES:
            self.style(_STYLES[tag.name], -1 if tag.closing else 1)
        elif tag.name == "a":
            self.close_link()
            if not tag.closing:
                self.open_link(tag.attributes.get("href", ""))
        elif tag.name == "img":
            self.image(tag.attributes.get("src", ""), tag.attributes.get("alt", ""))


def read_inline(tokens: Iterable[Token], base: str, *, bold: bool = False) -> Line:
    """Return the spans of a paragraph, a heading, an item or a cell."""
    reading = Inline(base)
    reading.styles["bold"] += bold
    before = ""
    for token in tokens:
        _read(token, reading, before)
        before = token.type
    return tuple(reading.spans)


def _read(token: Token, reading: Inline, before: str) -> None:
    match token.type:
        case "text":
            reading.text(_SIZE.sub("", token.content, count=1) if before == _IMAGE else token.content)
        case "code_inline":
            reading.text(token.content, code=True)
        case "softbreak" | "hardbreak":
            reading.text(" " if token.type == "softbreak" else "\n")
        case "html_inline":
            reading.html(token.content)
        case _:
            _read_frame(token, reading)


def _read_frame(token: Token, reading: Inline) -> None:
    """Read an image, or where a link or a style begins or ends."""
    match token.type.rpartition("_"):
        case _, _, "image":
            reading.image(str(token.attrs.get("src", "")), _alternative(token))
        case "link", _, "open":
            reading.open_link(str(token.attrs.get("href", "")))
        case "link", _, _:
            reading.close_link(bare=token.markup == "autolink")
        case name, _, _ if name in _STYLES:
            reading.style(_STYLES[name], token.nesting)


def _alternative(token: Token) -> str:
    return "".join(one.content for one in token.children or () if one.type in ("text", "code_inline"))


def complete(address: str, base: str) -> str:
    """
    Return an address as GitLab would follow it from an issue of the project at `base`; nothing if it is no link.

    Uploads belong to the project, other paths to its repository (docs.gitlab.com/user/markdown, links).
    """
    direct = usable(address)
    if direct or not base or not address or address[0] == "#" or _SCHEME.match(address):
        return direct
    if address.startswith("//"):
        return usable(f"{urlsplit(base).scheme}:{address}")
    if address.startswith("/uploads/"):
        return usable(base + address)
    if address.startswith("/") and "/-/" in address:
        return usable(urljoin(base, address))
    return usable(urljoin(f"{base}/-/blob/HEAD/", address.lstrip("/")))


def shifted(spans: Line, marks: dict[str, str], source: str) -> Line:
    """Return the spans with a sign for what stands at the start of `source`, such as the box of a task."""
    found = next((mark for mark in marks if source.startswith(mark)), None)
    if found is None or not spans or not spans[0].text.startswith(found):
        return spans
    return (replace(spans[0], text=marks[found] + spans[0].text[len(found) :]), *spans[1:])
