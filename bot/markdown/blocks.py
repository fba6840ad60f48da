"""Reads the blocks of a Slack message: rich text, and what apps build their messages of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.markdown import emoji
from bot.markdown import names as mentions
from bot.markdown.letters import cleaned
from bot.markdown.mrkdwn import link, read_mrkdwn
from bot.markdown.names import Names
from bot.markdown.reading import read_markdown
from bot.markdown.settling import settled
from bot.markdown.tables import in_columns
from bot.markdown.tree import DEEPEST, Listing, Paragraph, Part, Preformatted, Span, visible

_LAST_SECOND = 253_402_300_799  # the end of the year 9999, and of what datetime takes
_MOST_OFFSET = 9_999
_MOST_NUMBER = 10**30  # nobody writes longer ones, and Python refuses to
#: Only previews have these.
_PREVIEWS = frozenset({"from_url", "original_url", "is_msg_unfurl", "is_app_unfurl"})
_Element = Mapping[str, Any]


def read_blocks(blocks: Iterable[Any], names: Names) -> tuple[Part, ...]:
    """
    Return what the blocks of a message show (slack-platform.md 2.1), as far as it is text.

    Nothing in a block is trusted to be of its documented type: what is not is left out.
    """
    return settled(part for block in _objects(blocks) for part in _block(block, names))


def _block(block: _Element, names: Names) -> Iterable[Part]:
    show = _BLOCKS.get(_string(block, "type"))
    return show(block, names) if show else ()


def _rich_text(block: _Element, names: Names) -> Iterator[Part]:
    for element in _objects(block.get("elements")):
        yield from _container(element, names)


def _header(block: _Element, _names: Names) -> Iterator[Part]:
    yield Paragraph((Span(_string(_object(block.get("text")), "text"), bold=True),))


def _texts(objects: Iterable[Any], names: Names) -> Iterator[Part]:
    """Yield text objects: `mrkdwn` is read, `plain_text` is what it is."""
    for one in _objects(objects):
        if one.get("type") == "mrkdwn":
            yield from read_mrkdwn(_string(one, "text"), names)
        elif one.get("type") == "image":
            yield from _image(one, names)
        else:
            yield Paragraph((Span(emoji.with_characters(_string(one, "text"))),))


def _image(block: _Element, _names: Names) -> Iterator[Part]:
    words = _string(block, "alt_text") or "image"
    yield Paragraph((link(_string(block, "image_url"), words) or Span(words),))


def _table(block: _Element, names: Names) -> Iterator[Part]:
    rows = block.get("rows")
    cells = [
        [_cell(cell, names) for cell in _objects(row)] for row in (rows if isinstance(rows, list) else [])
    ]
    yield Preformatted(in_columns(cells))


def _cell(cell: _Element, names: Names) -> str:
    if cell.get("type") == "rich_text":
        return " ".join(visible(read_blocks([cell], names)).split())
    value = cell.get("value")
    number = str(value) if isinstance(value, int | float) and abs(value) < _MOST_NUMBER else ""
    return " ".join(_string(cell, "text").split()) or number


_BLOCKS: Mapping[str, Callable[[_Element, Names], Iterable[Part]]] = {
    "rich_text": _rich_text,
    "section": lambda block, names: _texts([block.get("text"), *_objects(block.get("fields"))], names),
    "context": lambda block, names: _texts(_objects(block.get("elements")), names),
    "header": _header,
    "image": _image,
    "markdown": lambda block, _names: read_markdown(_string(block, "text"), ""),
    "table": _table,
}


# Attachments, as older apps send them ------------------------------------------------------------------------


def read_attachments(attachments: Iterable[Any], names: Names) -> tuple[Part, ...]:
    """Return what apps attached to a message; the previews Slack makes of links are left out."""
    own = (one for one in _objects(attachments) if not (_PREVIEWS & one.keys()))
    return settled(part for one in own for part in _attachment(one, names))


def _attachment(one: _Element, names: Names) -> list[Part]:
    parts: list[Part] = [*read_mrkdwn(_string(one, "pretext"), names)]
    title = _string(one, "title")
    if title:
        linked = link(_string(one, "title_link"), title) or Span(title)
        parts.append(Paragraph((replace(linked, bold=True),)))
    parts += read_mrkdwn(_string(one, "text"), names)
    for field in _objects(one.get("fields")):
        name = Span(f"{_string(field, 'title')}: ", bold=True)
        parts += [Paragraph((name,)), *read_mrkdwn(_string(field, "value"), names)]
    parts += read_blocks(_objects(one.get("blocks")), names)
    return parts or [Paragraph((Span(_string(one, "fallback")),))]


# Rich text --------------------------------------------------------------------------------------------------


def _container(element: _Element, names: Names) -> Iterator[Part]:
    quoted = bool(_number(element.get("border"), 1))
    match element.get("type"):
        case "rich_text_list":
            items = tuple(_spans(item, names) for item in _objects(element.get("elements")))
            ordered = element.get("style") == "ordered"
            start = 1 + _number(element.get("offset"), _MOST_OFFSET)
            yield Listing(
                items, ordered, start if ordered else 1, _number(element.get("indent"), DEEPEST), quoted
            )
        case "rich_text_preformatted":
            text = "".join(span.text for span in _spans(element, names, code=True))
            yield Preformatted(text, _string(element, "language"), quoted)
        case kind:
            yield Paragraph(_spans(element, names), quoted or kind == "rich_text_quote")


def _spans(element: _Element, names: Names, *, code: bool = False) -> tuple[Span, ...]:
    return tuple(_styled(one, names, code) for one in _objects(element.get("elements")))


def _styled(element: _Element, names: Names, code: bool) -> Span:
    """Return an element with its style; names of emoji are characters, but not in code."""
    show = _INLINE.get(_string(element, "type"))
    span = show(element, names) if show else Span(_string(element, "text"))
    style = _object(element.get("style"))
    bold, italic, strike = (style.get(one) is True for one in ("bold", "italic", "strike"))
    code = code or style.get("code") is True
    return Span(span.text if code else emoji.with_characters(span.text), bold, italic, strike, code, span.url)


def _link(element: _Element, _names: Names) -> Span:
    url, text = _string(element, "url"), _string(element, "text")
    return link(url, text) or Span(text or url)


def _date(element: _Element, _names: Names) -> Span:
    when = _number(element.get("timestamp"), _LAST_SECOND)
    shown = _string(element, "fallback") or f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M} UTC"
    return link(_string(element, "url"), shown) or Span(shown)


_INLINE: Mapping[str, Callable[[_Element, Names], Span]] = {
    "text": lambda element, _names: Span(_string(element, "text")),
    "link": _link,
    "emoji": lambda element, _names: Span(
        emoji.from_slack(_string(element, "name"), _string(element, "unicode"))
    ),
    "user": lambda element, names: Span(mentions.person(names, _string(element, "user_id"))),
    "channel": lambda element, names: Span(mentions.channel(names, _string(element, "channel_id"))),
    "usergroup": lambda element, names: Span(mentions.group(names, _string(element, "usergroup_id"))),
    "broadcast": lambda element, _names: Span(mentions.broadcast(_string(element, "range"))),
    "date": _date,
    "color": lambda element, _names: Span(_string(element, "value")),
}


# What may be of any type ------------------------------------------------------------------------------------


def _objects(value: Any) -> list[_Element]:
    """Return the objects in a list that came as JSON; none if it is no list."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def _object(value: Any) -> _Element:
    return value if isinstance(value, Mapping) else {}


def _string(element: _Element, key: str) -> str:
    value = element.get(key)
    return cleaned(value) if isinstance(value, str) else ""


def _number(value: Any, most: int) -> int:
    """Return a whole number from 0 to `most`; 0 for what is none."""
    return min(max(value, 0), most) if isinstance(value, int) else 0
