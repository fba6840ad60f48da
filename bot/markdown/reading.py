"""Reads GitLab's Markdown as the paragraphs, lists and preformatted parts that Slack can show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.markdown.cutting import cut
from bot.markdown.inline import Inline, read_inline, shifted
from bot.markdown.letters import cleaned
from bot.markdown.settling import settled
from bot.markdown.tables import in_columns
from bot.markdown.tree import Line, Listing, Paragraph, Part, Preformatted, Span, words_of
from bot.text import plural

_RULE = "———"
_BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ ", "[~] ": "☒ "}
_ALERT = re.compile(r"\[!(note|tip|important|caution|warning)\]", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
#: A quote of several lines in GitLab begins and ends so.
_QUOTE = re.compile(r">>>(?: \[!\w{1,20}\].*)?[ \t]*")
#: How much source is read for each character that is shown: links and comments take more than they show.
_SOURCE = 4
_SOURCE_LEAST = 4_000
#: Each bracket may begin a link, so that all that follows is read once more for it (CommonMark 6.3).
MOST_BRACKETS = 1_500


def to_slack(markdown: str, *, base: str, limit: int) -> tuple[Part, ...]:
    """
    Return what GitLab shows of a text, about `limit` characters of it, and a word about what is left out.

    `base` is the address of the project, without which links that are not whole are words. Nothing in what is
    returned is a mention; draw it with `blocks.markdown`. (docs/text.md)
    """
    return in_part(markdown, base=base, limit=limit)[0]


def in_part(markdown: str, *, base: str, limit: int) -> tuple[tuple[Part, ...], bool]:
    """Return what `to_slack` does, and whether that is all: no more is read of a long text than is shown of it."""
    source, rest = beginning(markdown, limit)
    parts, missing = cut(read_markdown(source, base), limit)
    missing += len(rest)
    if not missing:
        return parts, True
    more = Span(f"… {plural(missing, 'more character')} in GitLab", italic=True)
    return (*parts, Paragraph((more,))), False


def beginning(text: str, limit: int) -> tuple[str, str]:
    """
    Return as much of a source as shows `limit` characters, parted at a line end if it has one, and the rest.

    Whoever reads Markdown of others reads no more of it than they show: it takes longer than its length grows.
    """
    most = limit * _SOURCE + _SOURCE_LEAST
    if len(text) <= most:
        return text, ""
    end = text.rfind("\n", 0, most)
    end = end if end > 0 else most
    return text[:end], text[end:].strip()


def read_markdown(source: str, base: str) -> tuple[Part, ...]:
    """Return what GitLab shows of a text; one with more brackets than anybody writes as it stands."""
    if source.count("[") > MOST_BRACKETS:
        return settled([Preformatted(cleaned(source))])
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    reading = _Reading(base)
    for token in reader.parse("\n".join(_with_quotes(cleaned(source, joiners=True)))):
        reading.take(token)
    return settled(reading.parts)


def _with_quotes(source: str) -> Iterator[str]:
    """Yield the lines, those between `>>>` and `>>>` as a quote."""
    quoted = fenced = False
    for line in source.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        if not fenced and _QUOTE.fullmatch(line):
            quoted = not quoted
            yield f"> {line[4:]}" if quoted else ""
        else:
            yield f"> {line}" if quoted else line


@dataclass(slots=True)
class _Item:
    """An item of a list under way: its kind, and whether its first words are still to come."""

    ordered: bool
    number: int
    quotes: int
    """In how many quotes it stands."""
    fresh: bool = True


@dataclass(slots=True)
class _Reading:
    base: str
    parts: list[Part] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    quotes: int = 0
    heading: bool = False
    rows: list[list[str]] | None = None

    def take(self, token: Token) -> None:
        """Read the next token of the text."""
        match token.type:
            case "inline":
                self._words(token)
            case "fence" | "code_block":
                self._part(
                    Preformatted(token.content, token.info.split(None, 1)[0] if token.info.strip() else "")
                )
            case "html_block":
                inline = Inline(self.base)
                inline.html(token.content)
                self._part(Paragraph(tuple(inline.spans)))
            case "hr":
                self._part(Paragraph((Span(_RULE),)))
            case _:
                self._frame(token)

    def _frame(self, token: Token) -> None:
        """Note where a heading, a quote, a list or a table begins and ends."""
        match token.type:
            case "heading_open" | "heading_close":
                self.heading = token.nesting > 0
            case "blockquote_open" | "blockquote_close":
                self.quotes += token.nesting
            case "list_item_open":
                number = int(token.info) if token.info.isdecimal() else 1
                self.items.append(_Item(bool(token.info), number, self.quotes))
            case "list_item_close":
                self._listed(())
                self.items.pop()
            case "table_open":
                self.rows = []
            case "tr_open" if self.rows is not None:
                self.rows.append([])
            case "table_close":
                self._part(Preformatted(in_columns(self.rows or [])))
                self.rows = None

    def _words(self, token: Token) -> None:
        spans = read_inline(token.children or (), self.base, bold=self.heading)
        if self.rows:
            self.rows[-1].append(" ".join(words_of(spans).split()))
        elif self.items:
            self._in_item(shifted(spans, _BOXES, token.content))
        else:
            self._part(Paragraph(_alert(spans, token.content) if self.quotes else spans))

    def _in_item(self, spans: Line) -> None:
        last = self.parts[-1] if self.parts else None
        if self.quotes > self.items[-1].quotes:
            self._part(Paragraph(spans))
        elif self.items[-1].fresh:
            self._listed(spans)
        elif isinstance(last, Listing) and last.indent == len(self.items) - 1:
            *others, item = last.items
            self.parts[-1] = replace(last, items=(*others, (*item, Span("\n"), *spans)))
        else:
            self._part(Paragraph(spans))

    def _listed(self, spans: Line) -> None:
        """Begin the item that is under way, if it has not begun."""
        item = self.items[-1]
        if item.fresh:
            item.fresh = False
            self._part(Listing((spans,), item.ordered, item.number, len(self.items) - 1))

    def _part(self, part: Part) -> None:
        for depth, item in enumerate(self.items):
            if item.fresh:
                item.fresh = False
                self.parts.append(Listing(((),), item.ordered, item.number, depth, item.quotes > 0))
        self.parts.append(replace(part, quoted=self.quotes > 0))


def _alert(spans: Line, source: str) -> Line:
    """Return the words of a quote; that it is a note, a tip or a warning is said in words."""
    found = _ALERT.match(source)
    if found is None or not spans or not spans[0].text.startswith(found[0]):
        return spans
    rest = spans[0].text[len(found[0]) :]
    return (Span(f"{found[1].capitalize()}:", bold=True), replace(spans[0], text=rest), *spans[1:])
