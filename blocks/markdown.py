"""How text from GitLab looks in Slack: as rich text, in which nothing is read, and on one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from blocks import parts
from bot.markdown.tree import Line, Listing, Paragraph, Part, Preformatted, Span, visible
from bot.model import Block
from bot.text import inert, one_line

#: Slack shows paragraphs of one block without a gap.
_GAP = "\n\n"


def rich(text: Iterable[Part]) -> tuple[Block, ...]:
    """Return the parts as one block of rich text, in which every mention is a word; no block if there is nothing."""
    elements = [one for _, together in groupby(text, key=_kind) for one in _drawn(list(together))]
    return (parts.rich_text(*elements),) if elements else ()


def line(text: Iterable[Part], limit: int) -> str:
    """Return the parts in mrkdwn on one line of about `limit` characters, for lists and notifications."""
    return inert(one_line(visible(text), limit))


def _kind(part: Part) -> object:
    """Return what parts have in common that are drawn as one: paragraphs side by side, in a quote or not."""
    return part.quoted if isinstance(part, Paragraph) else part


def _drawn(together: Sequence[Part]) -> Iterator[Block]:
    paragraphs = [part for part in together if isinstance(part, Paragraph)]
    if paragraphs:
        frame = parts.quotation if paragraphs[0].quoted else parts.paragraph
        yield frame(*_elements(_with_gaps(paragraphs)))
    for part in together:
        if isinstance(part, Listing):
            yield _listing(part)
        elif isinstance(part, Preformatted):
            yield parts.preformatted(parts.words(part.text)) | ({"border": 1} if part.quoted else {})


def _with_gaps(paragraphs: Sequence[Paragraph]) -> Line:
    spans: list[Span] = []
    for number, paragraph in enumerate(paragraphs):
        spans += [Span(_GAP), *paragraph.spans] if number else paragraph.spans
    return tuple(spans)


def _listing(part: Listing) -> Block:
    items = (parts.paragraph(*_elements(item)) for item in part.items)
    before = part.start - 1 if part.ordered else 0
    return parts.listing(*items, ordered=part.ordered, indent=part.indent, before=before, border=part.quoted)


def _elements(spans: Line) -> list[Block]:
    return [_element(span) for span in spans] or [parts.words("")]


def _element(span: Span) -> Block:
    if span.url:
        return parts.link(
            span.url, span.text, bold=span.bold, italic=span.italic, strike=span.strike, code=span.code
        )
    return parts.words(span.text, bold=span.bold, italic=span.italic, strike=span.strike, code=span.code)
