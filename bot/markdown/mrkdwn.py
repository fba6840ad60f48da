"""Reads Slack's mrkdwn: what apps write, what a message has beside its blocks, and what is typed in commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.markdown import names as mentions
from bot.markdown.emoji import with_characters
from bot.markdown.letters import cleaned, decoded
from bot.markdown.links import usable
from bot.markdown.names import Names
from bot.markdown.settling import settled
from bot.markdown.tree import Listing, Paragraph, Part, Preformatted, Span

_FENCE = "```"
_QUOTE = re.compile(r"^(?:&gt;|>)(?!&gt;|>) ?")
_QUOTE_ALL = re.compile(r"^(?:&gt;|>){3} ?")
#: A list as Slack writes it into the text of a message, and as people type it.
_BULLET = re.compile(r"(?P<blanks>[ ]{0,40})(?:[•◦‣*-]|▪\ufe0e?|(?P<number>\d{1,4})\.)[ ]+(?=\S)")
_INDENT = 4
_MARKED = re.compile(r"(<[^<>\n]*>)")
#: Underscores in names of emoji and in bare addresses are no signs.
_TOKEN = re.compile(r"<[^<>\n]*>|`[^`\n]+`|[*_~]|:[a-z0-9_+'-]{1,60}:|https?://[^\s<>]+")
#: What was an address to whoever wrote it, even if none of ours.
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]{1,30}://|mailto:|tel:)\S", re.IGNORECASE)
_STYLES: dict[str, Callable[[Span], Span]] = {
    "*": lambda span: replace(span, bold=True),
    "_": lambda span: replace(span, italic=True),
    "~": lambda span: replace(span, strike=True),
}


def read_mrkdwn(text: str, names: Names) -> tuple[Part, ...]:
    """
    Return what a text in mrkdwn shows (slack-platform.md 4), as Slack sends it: with its entities.

    A line that begins as a list is one, since Slack writes the lists of a message so beside its blocks.
    """
    pieces = cleaned(text).split(_FENCE)
    if len(pieces) % 2 == 0:
        last = pieces.pop()
        pieces[-1] += _FENCE + last
    parts: list[Part] = []
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            parts += _outside_code(piece.lstrip(" ") if number else piece, names)
        else:
            parts.append(Preformatted(_code(piece, names)))
    return settled(parts)


def _code(text: str, names: Names) -> str:
    """Return what is shown of code: Slack marks addresses and mentions in it, too."""
    pieces = _MARKED.split(text)
    return "".join(_entity(one, names).text if n % 2 else decoded(one) for n, one in enumerate(pieces))


def _outside_code(text: str, names: Names) -> Iterator[Part]:
    """Yield the quotes, lists and paragraphs of a text, as they follow line by line."""
    gathered: list[Span] = []
    quoted = to_the_end = False
    for line in text.split("\n"):
        to_the_end = to_the_end or bool(_QUOTE_ALL.match(line))
        inside = _unquoted(line, to_the_end)
        quote = to_the_end or inside != line
        item = _BULLET.match(inside)
        if gathered and (quote != quoted or item):
            yield Paragraph(tuple(gathered), quoted)
            gathered = []
        quoted = quote
        if item:
            yield _listing(item, read_line(inside[item.end() :], names), quoted)
        else:
            gathered += [*read_line(inside, names), Span("\n")]
    yield Paragraph(tuple(gathered), quoted)


def _unquoted(line: str, to_the_end: bool) -> str:
    """Return a line without the sign that makes it a quote; `>>>` makes one of all that follows."""
    return (_QUOTE_ALL if to_the_end else _QUOTE).sub("", line, count=1)


def _listing(found: re.Match[str], item: Sequence[Span], quoted: bool) -> Listing:
    ordered = found["number"] is not None
    start = int(found["number"]) if ordered else 1
    return Listing((tuple(item),), ordered, start, len(found["blanks"]) // _INDENT, quoted)


# One line ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """The spans of a line so far, and the signs that may yet turn out to open a style."""

    spans: list[Span] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)

    def text(self, text: str) -> None:
        if text:
            self.spans.append(Span(with_characters(decoded(text))))

    def close(self, sign: str) -> None:
        """Give what stands since `sign` its style; what was opened after it and never closed is text."""
        at = self.open.pop(sign)
        self.open = {one: where for one, where in self.open.items() if where < at}
        inside = self.spans[at + 1 :]
        self.spans[at:] = [_STYLES[sign](span) for span in inside]


def read_line(line: str, names: Names) -> list[Span]:
    """Return one line of mrkdwn outside of code blocks."""
    reading = _Reading()
    end = 0
    for found in _TOKEN.finditer(line):
        reading.text(line[end : found.start()])
        end = found.end()
        token = found[0]
        if token in _STYLES:
            _sign(reading, token, line[: found.start()][-1:], line[end : end + 1])
        elif token[0] == "`":
            reading.spans.append(Span(_code(token[1:-1], names), code=True))
        elif token[0] == "<":
            span = _entity(token, names)
            reading.spans.append(replace(span, text=with_characters(span.text)))
        else:
            reading.text(token)
    reading.text(line[end:])
    return reading.spans


def _sign(reading: _Reading, sign: str, before: str, after: str) -> None:
    """Open or close a style, as Slack does: at the borders of words, never doubled, never around nothing."""
    opened = reading.open.get(sign)
    closes = opened is not None and opened < len(reading.spans) - 1
    if closes and not before.isspace() and before != sign and _border(after) and after != sign:
        reading.close(sign)
        return
    if _border(before) and before != sign and after and not after.isspace() and after != sign:
        reading.open[sign] = len(reading.spans)
    reading.spans.append(Span(sign))


def _border(neighbour: str) -> bool:
    return not neighbour or not neighbour.isalnum()


# Control sequences ------------------------------------------------------------------------------------------


def _entity(token: str, names: Names) -> Span:
    """Return what stands between angle brackets: a mention, a date, a link, or text after all."""
    inside, _, label = token[1:-1].partition("|")
    label = decoded(label)
    sign, rest = inside[:1], inside[1:]
    if sign == "@" and rest:
        return Span(mentions.person(names, rest, label))
    if sign == "#" and rest:
        return Span(mentions.channel(names, rest, label))
    if sign == "!" and rest:
        return _special(rest, label, names)
    return link(decoded(inside), label) or Span(decoded(token))


def _special(inside: str, label: str, names: Names) -> Span:
    word, _, rest = inside.partition("^")
    if word == "subteam" and rest:
        return Span(mentions.group(names, rest, label))
    if word == "date":
        return Span(label or rest.partition("^")[0] or "?")
    if word in mentions.BROADCASTS:
        return Span(mentions.broadcast(word))
    return Span(label or f"<!{inside}>")


def link(url: str, label: str) -> Span | None:
    """
    Return a link, or its words alone if the address may be none (`slack://`, a user name in it).

    None if this is no address at all.
    """
    label = " ".join(label.split())
    target = usable(url)
    if target:
        shown = url[7:] if url.lower().startswith("mailto:") else url
        return Span(label or shown, url=target)
    return Span(label or url) if _SCHEME.match(url) else None
