"""Cuts what is too long, so that what stays is whole: no style, list or code block is left open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.markdown.tree import Line, Listing, Paragraph, Part, Preformatted, Span, visible
from bot.text import clip


def cut(parts: Sequence[Part], limit: int) -> tuple[tuple[Part, ...], int]:
    """Return parts that show at most `limit` characters, and how many characters are left out of them."""
    kept: list[Part] = []
    room = limit
    for part in parts:
        length = len(visible([part])) + 1
        if length > room:
            rest = _cut_part(part, room)
            kept += [rest] if rest is not None else []
            break
        kept.append(part)
        room -= length
    whole, shown = visible(parts), visible(kept)
    return tuple(kept), len(whole) - len(shown) + (not whole.startswith(shown))  # an ellipsis is no word


def _cut_part(part: Part, room: int) -> Part | None:
    """Return the beginning of a part; nothing if not even a word of it fits."""
    if room < 2:
        return None
    if isinstance(part, Preformatted):
        return replace(part, text=clip(part.text, room))
    if isinstance(part, Paragraph):
        return replace(part, spans=_cut_line(part.spans, room))
    items = _cut_items(part, room)
    return replace(part, items=items) if items else None


def _cut_items(part: Listing, room: int) -> tuple[Line, ...]:
    kept: list[Line] = []
    for item in part.items:
        length = _length(item) + 1
        if length > room:
            kept += [_cut_line(item, room)] if room > 1 else []
            break
        kept.append(item)
        room -= length
    return tuple(kept)


def _cut_line(spans: Iterable[Span], room: int) -> Line:
    kept: list[Span] = []
    for span in spans:
        if len(span.text) > room:
            return (*kept, replace(span, text=clip(span.text, max(room, 1))))
        kept.append(span)
        room -= len(span.text)
    return tuple(kept)


def _length(spans: Iterable[Span]) -> int:
    return sum(len(span.text) for span in spans)
