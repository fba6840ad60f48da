"""Slack's text, turned into what a person reads on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from sandbox.dates import dated

Names = Mapping[str, str]
"""Slack ids of people, channels and groups -> their names, without @ or #; a `Reader` also reads dates."""

CODE_BLOCK = r"```\n?(?P<block>.+?)\n?```"
CODE = r"`(?P<code>[^`\n]+)`"
ENTITY = r"<(?P<entity>[^<>\n]+)>"
BOLD = r"(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
ITALIC = r"(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
STRIKE = r"(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
MARKS = re.compile("|".join((CODE_BLOCK, CODE, ENTITY, BOLD, ITALIC, STRIKE)), re.DOTALL)

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

CODE_STYLE = "cyan"
STYLES = {"bold": "bold", "italic": "italic", "strike": "strike", "code": CODE_STYLE, "block": CODE_STYLE}
LINK = "underline blue"
MENTION = "blue"


@dataclass(slots=True)
class Reading:
    """A text being read: what is shown, and the addresses behind its links."""

    names: Names
    shown: Text = field(default_factory=Text)
    urls: list[str] = field(default_factory=list)


def mrkdwn(source: str, names: Names) -> tuple[Text, tuple[str, ...]]:
    """`*bold* <url|label> &lt;` -> styled `bold label <`, and the urls (slack-platform.md, text rules)."""
    reading = Reading(names)
    _read(_unquoted(source), reading, "")
    return reading.shown, tuple(reading.urls)


def plain(source: str) -> str:
    """The three entities Slack decodes, and nothing else; control characters are made visible."""
    text = source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return CONTROLS.sub(lambda found: _picture(found[0]), text)


def _picture(char: str) -> str:
    """A control character made visible: ESC as ␛, so that no terminal obeys it."""
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\N{REPLACEMENT CHARACTER}"


def _unquoted(source: str) -> str:
    """A line that begins with `>` is a quote: people see a bar."""
    return re.sub(r"^(?:&gt;|>) ?", "▏", source, flags=re.MULTILINE)


def _read(source: str, reading: Reading, style: str) -> None:
    at = 0
    for found in MARKS.finditer(source):
        reading.shown.append(plain(source[at : found.start()]), style)
        _read_mark(found, reading, style)
        at = found.end()
    reading.shown.append(plain(source[at:]), style)


def _read_mark(found: re.Match[str], reading: Reading, style: str) -> None:
    kind, inside = str(found.lastgroup), found[str(found.lastgroup)]
    if kind == "entity":
        _read_entity(inside, reading, style)
    elif kind in ("code", "block"):
        text, urls = _code(inside, reading.names)
        reading.shown.append(text, STYLES[kind])
        reading.urls.extend(urls)
    else:
        _read(inside, reading, f"{style} {STYLES[kind]}".strip())


def _code(source: str, names: Names) -> tuple[str, list[str]]:
    """In code only entities are read, no marks."""
    urls: list[str] = []

    def shown(found: re.Match[str]) -> str:
        label, url = entity(found[1], names)
        urls.extend([url] if url else [])
        return label

    return plain(re.sub(r"<([^<>\n]+)>", shown, source)), urls


def _read_entity(inside: str, reading: Reading, style: str) -> None:
    label, url = entity(inside, reading.names)
    reading.urls.extend([url] if url else [])
    reading.shown.append(plain(label), f"{style} {LINK if url else MENTION}".strip())


def entity(inside: str, names: Names) -> tuple[str, str]:
    """What stands for `<inside>`, and its address: `("label", "https://…")`; no address for a mention."""
    target, _, label = inside.partition("|")
    sign = target[:1]
    if sign in "@#":
        return sign + (names.get(target[1:]) or label.lstrip("@#") or target[1:]), ""
    if sign == "!":
        return _special(target[1:], label, names)
    return (label or target.removeprefix("mailto:")), plain(target)


def _special(target: str, label: str, names: Names) -> tuple[str, str]:
    """`date^TS^FORMAT[^LINK]`, `subteam^S…`, or `channel`, `here`, `everyone`."""
    word, _, rest = target.partition("^")
    if word == "date":
        when, _, template = rest.partition("^")
        template, _, link = template.partition("^")
        return dated(when, template, names, label), plain(link)
    if word == "subteam" and rest in names:
        return f"@{names[rest]}", ""
    return (label or f"@{word}"), ""


# Rich text: a tree of elements, whose text is literal -------------------------------------------------------


def rich_text(block: Mapping[str, Any], names: Names) -> tuple[Text, tuple[str, ...]]:
    """A `rich_text` block: sections, lists, quotes and preformatted parts, one below the other."""
    reading = Reading(names)
    for index, element in enumerate(block.get("elements", [])):
        if index:
            reading.shown.append("\n")
        _read_part(element, reading)
    return reading.shown, tuple(reading.urls)


def _read_part(element: Mapping[str, Any], reading: Reading) -> None:
    kind = element.get("type")
    if kind == "rich_text_list":
        _read_list(element, reading)
        return
    if kind == "rich_text_quote":
        _read_quote(element, reading)
        return
    base = STYLES["block"] if kind == "rich_text_preformatted" else ""
    for child in element.get("elements", []):
        _read_inline(child, reading, base)


def _read_quote(element: Mapping[str, Any], reading: Reading) -> None:
    """A quote has its bar before every line."""
    inside = Reading(reading.names, urls=reading.urls)
    for child in element.get("elements", []):
        _read_inline(child, inside, "")
    lines = inside.shown.split("\n", allow_blank=True)
    reading.shown.append_text(Text("\n").join(Text("▏").append_text(line) for line in lines))


def _read_list(element: Mapping[str, Any], reading: Reading) -> None:
    indent = "  " * int(element.get("indent", 0))
    for index, item in enumerate(element.get("elements", []), start=1):
        mark = f"{index}." if element.get("style") == "ordered" else "•"
        reading.shown.append(("\n" if index > 1 else "") + f"{indent}{mark} ")
        _read_part(item, reading)


def _read_inline(child: Mapping[str, Any], reading: Reading, base: str) -> None:
    marks = [mark for mark, on in (child.get("style") or {}).items() if on and mark in STYLES]
    style = " ".join([base, *(STYLES[mark] for mark in marks)])
    if child.get("url"):
        reading.urls.append(str(child.get("url", "")))
        style = f"{style} {LINK}"
    show = INLINE.get(str(child.get("type")), _unknown)
    reading.shown.append(_visible(show(child, reading.names)), style.strip())


def _visible(text: str) -> str:
    return plain(text.replace("&", "&amp;"))


def _unknown(child: Mapping[str, Any], _names: Names) -> str:
    return f"[{child.get('type')}]"


INLINE: Mapping[str, Callable[[Mapping[str, Any], Names], str]] = {
    "text": lambda child, _names: str(child.get("text", "")),
    "link": lambda child, _names: str(child.get("text") or child.get("url", "")),
    "user": lambda child, names: "@" + names.get(child["user_id"], child["user_id"]),
    "channel": lambda child, names: "#" + names.get(child["channel_id"], child["channel_id"]),
    "usergroup": lambda child, names: "@" + names.get(child["usergroup_id"], child["usergroup_id"]),
    "emoji": lambda child, _names: f":{child['name']}:",
    "broadcast": lambda child, _names: f"@{child['range']}",
    "date": lambda child, names: dated(
        child.get("timestamp"), str(child.get("format", "")), names, str(child.get("fallback", ""))
    ),
    "color": lambda child, _names: str(child.get("value", "")),
}
