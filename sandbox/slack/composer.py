"""What Slack's message box makes of what a person types: the text of the message, and its rich_text block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.emoji import Emoji, NoEmoji

from sandbox.slack.people import Body

FENCE = re.compile(r"```\n?(?P<code>.+?)\n?```\n?", re.DOTALL)
ITEM = re.compile(r"(?P<indent>[ \t]*)(?:(?P<bullet>[-*•])|(?P<number>\d+)\.) +(?P<text>\S.*)")
QUOTED = re.compile(r"&gt; ?(?P<text>.*)")
BULLETS = "•◦▪"
"""The signs Slack writes into the text of a message for a bullet, by its depth."""
SPACES_PER_LEVEL = 2
"""How far an item is moved for one level, when it is typed."""
DEEPEST = 8
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<@(?P<user>[UW]\w+)(?:\|[^>]*)?>|<#(?P<channel>C\w+)(?:\|[^>]*)?>"
    r"|<!(?P<range>here|channel|everyone)>|<!subteam\^(?P<group>S\w+)(?:\|[^>]*)?>"
    r"|<(?P<url>(?:https?://|mailto:)[^|>]+)(?:\|(?P<label>[^>]*))?>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+'-]+):"
)
MARKS = ("bold", "italic", "strike")
SHORT_NAMES = {
    "🎉": "tada", "🔥": "fire", "🚀": "rocket", "✅": "white_check_mark", "❌": "x", "👍": "+1", "👀": "eyes",
    "🐛": "bug", "😀": "grinning", "💥": "boom",
}  # fmt: skip
"""Slack writes an emoji as its name, however it was typed; these few are known here."""

Style = dict[str, bool]


@dataclass(frozen=True, slots=True)
class Composed:
    """A message as it leaves the box: `text` in mrkdwn, `elements` of its rich_text block."""

    text: str
    elements: list[Body]

    def block(self) -> Body:
        """The block Slack's clients send beside the text (samples/slack/events/message_channel.json)."""
        return {"type": "rich_text", "block_id": "q9Zz", "elements": self.elements}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that belong together. `kind` is text, code, quote, bullet or ordered."""

    kind: str
    lines: tuple[str, ...]
    depth: int = 0


def composed(typed: str) -> Composed:
    """A message from what keyboard.py made of the keys: entities, mentions and links are written as such."""
    for sign, name in SHORT_NAMES.items():
        typed = typed.replace(sign, f":{name}:")
    pieces = list(_pieces(typed))
    last = len(pieces) - 1
    text = "\n".join(_text(piece) for piece in pieces)
    return Composed(text, [_element(piece, index < last) for index, piece in enumerate(pieces)])


def _pieces(typed: str) -> Iterator[_Piece]:
    at = 0
    for fence in FENCE.finditer(typed):
        yield from _of_lines(typed[at : fence.start()].removesuffix("\n"))
        yield _Piece("code", tuple(fence["code"].split("\n")))
        at = fence.end()
    yield from _of_lines(typed[at:])


def _of_lines(text: str) -> Iterator[_Piece]:
    """Lines of one kind beside each other are one piece."""
    held: _Piece | None = None
    for line in text.split("\n") if text else ():
        piece = _of_line(line, held)
        if held is not None and (held.kind, held.depth) == (piece.kind, piece.depth):
            held = _Piece(held.kind, held.lines + piece.lines, held.depth)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _of_line(line: str, before: _Piece | None) -> _Piece:
    if item := ITEM.fullmatch(line):
        depth = min(len(item["indent"].expandtabs(SPACES_PER_LEVEL)) // SPACES_PER_LEVEL, DEEPEST)
        if item["bullet"]:
            return _Piece("bullet", (item["text"],), depth)
        if item["number"] == "1" or (before is not None and before.kind == "ordered"):
            return _Piece("ordered", (item["text"],), depth)
    if quoted := QUOTED.fullmatch(line):
        return _Piece("quote", (quoted["text"],))
    return _Piece("text", (line,))


def _text(piece: _Piece) -> str:
    lines, space = piece.lines, "    " * piece.depth
    match piece.kind:
        case "code":
            return "```" + "\n".join(lines) + "```"
        case "quote":
            return "\n".join(f"&gt; {line}" for line in lines)
        case "bullet":
            sign = BULLETS[piece.depth % len(BULLETS)]
            return "\n".join(f"{space}{sign} {line}" for line in lines)
        case "ordered":
            return "\n".join(f"{space}{number}. {line}" for number, line in enumerate(lines, start=1))
    return "\n".join(lines)


def _element(piece: _Piece, more: bool) -> Body:
    """The part of a rich_text block; a paragraph before something else ends with its newline."""
    whole = "\n".join(piece.lines)
    match piece.kind:
        case "code":
            return {
                "type": "rich_text_preformatted",
                "elements": list(_inline(whole, {}, code=True)),
                "border": 0,
            }
        case "quote":
            return {"type": "rich_text_quote", "elements": list(_inline(whole, {}))}
        case "bullet" | "ordered":
            items = [
                {"type": "rich_text_section", "elements": list(_inline(each, {}))} for each in piece.lines
            ]
            kind = {"type": "rich_text_list", "style": piece.kind, "indent": piece.depth, "border": 0}
            return {**kind, "elements": items}
    return {"type": "rich_text_section", "elements": list(_inline(whole + "\n" * more, {}))}


def _inline(text: str, style: Style, *, code: bool = False) -> Iterator[Body]:
    """The words of a line; in code only mentions and links are more than words."""
    held = ""
    at = 0
    for found in INLINE.finditer(text):
        inside = _token(found, style, code)
        if inside is None:
            continue
        held += text[at : found.start()]
        yield from _words(held, style)
        yield from inside
        held, at = "", found.end()
    yield from _words(held + text[at:], style)


def _token(found: re.Match[str], style: Style, code: bool) -> list[Body] | None:
    kind = str(found.lastgroup if found.lastgroup != "label" else "url")
    if kind in (*MARKS, "code"):
        more = {**style, kind: True}
        return None if code else list(_inline(found[kind], more, code=kind == "code"))
    if kind == "emoji":
        return None if code else _emoji(found["emoji"], style)
    return [{**_mention(kind, found), **_styled(style)}]


def _mention(kind: str, found: re.Match[str]) -> Body:
    match kind:
        case "user":
            return {"type": "user", "user_id": found["user"]}
        case "channel":
            return {"type": "channel", "channel_id": found["channel"]}
        case "group":
            return {"type": "usergroup", "usergroup_id": found["group"]}
        case "range":
            return {"type": "broadcast", "range": found["range"]}
    label = {"text": _plain(found["label"])} if found["label"] else {}
    return {"type": "link", "url": _plain(found["url"]), **label}


def _emoji(name: str, style: Style) -> list[Body] | None:
    """An emoji if there is one of that name; `12:30:45` holds none."""
    try:
        sign = str(Emoji(name))
    except NoEmoji:
        return None
    code = "-".join(f"{ord(char):x}" for char in sign)
    return [{"type": "emoji", "name": name, "unicode": code, **_styled(style)}]


def _words(text: str, style: Style) -> list[Body]:
    return [{"type": "text", "text": _plain(text), **_styled(style)}] if text else []


def _styled(style: Style) -> Body:
    return {"style": dict(style)} if style else {}


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
