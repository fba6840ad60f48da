"""Brings paragraphs, lists and preformatted parts into the one form that both directions use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.markdown.links import found_in
from bot.markdown.tree import DEEPEST, Line, Listing, Paragraph, Part, Span, split_lines

_TAB = "    "


def settled(parts: Iterable[Part]) -> tuple[Part, ...]:
    """
    Return the parts in the one form that both directions use.

    Paragraphs end at blank lines, runs of one style are one span, blanks at the ends of a style are outside of
    it, addresses are links, lists that go on are one, and nothing is empty.
    """
    return tuple(_numbered(_joined(one for part in parts for one in _parted(part))))


def _parted(part: Part) -> Iterator[Part]:
    if isinstance(part, Paragraph):
        for lines in _stanzas([_settled_line(line) for line in split_lines(part.spans)]):
            yield replace(part, spans=_with_breaks(lines))
    elif isinstance(part, Listing):
        items = tuple(_item(item) for item in part.items)
        if items:
            start = part.start if part.ordered else 1
            yield replace(part, items=items, start=start, indent=max(0, min(part.indent, DEEPEST)))
    elif part.text.strip():
        yield replace(part, text=_without_blank_ends(part.text))


def _without_blank_ends(text: str) -> str:
    lines = text.split("\n")
    while not lines[0].strip():
        del lines[0]
    while not lines[-1].strip():
        del lines[-1]
    return "\n".join(lines)


def _stanzas(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield the lines that stand together, with no blank line among them."""
    together: list[Line] = []
    for line in lines:
        if line:
            together.append(line)
        elif together:
            yield together
            together = []
    if together:
        yield together


def _item(spans: Iterable[Span]) -> Line:
    lines = (_settled_line(line, indented=False) for line in split_lines(spans))
    return _with_breaks([line for line in lines if line])


def _with_breaks(lines: Sequence[Line]) -> Line:
    spans: list[Span] = []
    for number, line in enumerate(lines):
        spans += [Span("\n"), *line] if number else line
    return tuple(_merged(spans))


def _settled_line(line: Iterable[Span], *, indented: bool = True) -> Line:
    pieces = _merged(piece for span in _merged(line) for piece in _pieces(span))
    while pieces and not pieces[-1].code and not pieces[-1].text.rstrip():
        del pieces[-1]
    if pieces and not pieces[-1].code:
        pieces[-1] = replace(pieces[-1], text=pieces[-1].text.rstrip())
    return tuple(_begun(pieces, indented))


def _begun(pieces: list[Span], indented: bool) -> list[Span]:
    """Return a line whose indentation is made of blanks; with none where `indented` is false."""
    if not pieces or not pieces[0].plain:
        return pieces
    text = pieces[0].text.lstrip()
    blanks = pieces[0].text[: len(pieces[0].text) - len(text)] if indented else ""
    text = "".join(_TAB if blank == "\t" else " " for blank in blanks) + text
    return ([replace(pieces[0], text=text)] if text else []) + pieces[1:]


def _pieces(span: Span) -> Iterator[Span]:
    """Yield a span with the addresses in it as links, and the blanks at the ends of a style outside of it."""
    if span.code and span.text.strip():
        yield replace(span, text=" ".join(span.text.split())) if span.url else span
        return
    for piece in _linked(span):
        text = piece.text.strip()
        if piece.plain or not text:
            yield Span(piece.text)
        else:
            at = piece.text.index(text)
            yield from (
                Span(piece.text[:at]),
                replace(piece, text=" ".join(text.split()) if piece.url else text),
                Span(piece.text[at + len(text) :]),
            )


def _linked(span: Span) -> Iterator[Span]:
    if span.url:
        yield span
    else:
        for text, url in found_in(span.text):
            yield replace(span, text=text, url=url)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    texts: list[list[str]] = []
    for span in spans:
        if not span.text:
            continue
        if merged and merged[-1] == replace(span, text=""):
            texts[-1].append(span.text)
        else:
            merged.append(replace(span, text=""))
            texts.append([span.text])
    return [replace(span, text="".join(text)) for span, text in zip(merged, texts, strict=True)]


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts, with lists of one kind that follow one another made one."""
    last: Part | None = None
    items: list[Line] = []
    for part in parts:
        fitting = _no_deeper(part, last) if isinstance(part, Listing) else part
        if isinstance(fitting, Listing) and isinstance(last, Listing) and _alike(last, fitting):
            items += fitting.items
            continue
        if last is not None:
            yield _with_items(last, items)
        last, items = fitting, [*fitting.items] if isinstance(fitting, Listing) else []
    if last is not None:
        yield _with_items(last, items)


def _with_items(part: Part, items: Sequence[Line]) -> Part:
    return replace(part, items=tuple(items)) if isinstance(part, Listing) else part


def _no_deeper(part: Listing, last: Part | None) -> Listing:
    """Return a list that is at most one deeper than a list right before it."""
    after = isinstance(last, Listing) and last.quoted == part.quoted
    return replace(
        part, indent=min(part.indent, last.indent + 1 if isinstance(last, Listing) and after else 0)
    )


def _alike(one: Listing, other: Listing) -> bool:
    return (one.ordered, one.indent, one.quoted) == (other.ordered, other.indent, other.quoted)


def _numbered(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts, where an ordered list that was interrupted by a deeper one goes on counting."""
    counting: dict[int, Listing] = {}
    for part in parts:
        if not isinstance(part, Listing):
            counting = {}
            yield part
            continue
        before = counting.get(part.indent)
        goes_on = part.ordered and before is not None and _alike(before, part)
        one = replace(part, start=before.start + len(before.items)) if before and goes_on else part
        counting = {depth: at for depth, at in counting.items() if depth < one.indent} | {one.indent: one}
        yield one
