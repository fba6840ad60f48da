"""What a person sees of a message: its parts, its buttons, its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from sandbox.dates import dated
from sandbox.mrkdwn import Names, mrkdwn, plain, rich_text


@dataclass(frozen=True, slots=True)
class Part:
    """One thing on the screen. `kind` is text, header, context, buttons, divider, file, reactions or error."""

    kind: str
    shown: Text
    urls: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return self.shown.plain


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    action_id: str
    block_id: str | None
    confirm: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A select, radio, checkbox or overflow menu. Its label is its placeholder or the text beside it."""

    label: str
    action_id: str
    block_id: str | None


Json = Mapping[str, Any]
MENUS = ("select", "overflow", "radio_buttons", "checkboxes")


def parts(message: Json, names: Names) -> tuple[Part, ...]:
    """All a person sees of a message; its fallback text only if it has no blocks, as in Slack."""
    blocks = message.get("blocks") or []
    found = list(block_parts(blocks, names))
    if not blocks and message.get("text"):
        found.append(Part("text", *mrkdwn(str(message["text"]), names)))
    found.extend(_attachments(message.get("attachments") or [], names))
    found.extend(_file(file) for file in message.get("files") or [])
    if message.get("reactions"):
        found.append(_reactions(message["reactions"]))
    return tuple(found)


def block_parts(blocks: Sequence[Json], names: Names) -> Iterator[Part]:
    """The parts of Block Kit blocks, of a message, a form or the Home."""
    for block in blocks:
        yield from SHOWING.get(str(block.get("type")), _unknown)(block, names)


def words(found: Sequence[Part]) -> str:
    """The text a person can read, and below it the addresses behind its links: what `:expect` looks in."""
    urls = [url for part in found for url in part.urls]
    return "\n".join([part.words for part in found if part.words] + urls)


def buttons(message: Json) -> tuple[Button, ...]:
    """The buttons of a message, in order."""
    return tuple(
        _button(element, block) for block in message.get("blocks") or [] for element in _elements(block)
        if element.get("type") == "button"
    )  # fmt: skip


def menus(message: Json) -> tuple[Menu, ...]:
    """The menus of a message, in order."""
    return tuple(
        Menu(_menu_label(element, block), str(element.get("action_id", "")), block.get("block_id"))
        for block in message.get("blocks") or []
        for element in _elements(block)
        if str(element.get("type", "")).endswith(MENUS)
    )


def _menu_label(element: Json, block: Json) -> str:
    beside = block.get("text") or block.get("label")
    return plain_text(element.get("placeholder") or beside) or str(element.get("action_id", ""))


def _button(element: Json, block: Json) -> Button:
    return Button(
        label=plain_text(element.get("text")),
        action_id=str(element.get("action_id", "")),
        block_id=block.get("block_id"),
        confirm="confirm" in element,
        url=str(element.get("url", "")),
    )


def _elements(block: Json) -> list[Json]:
    if block.get("type") == "actions":
        return list(block.get("elements") or [])
    accessory = block.get("accessory") or block.get("element")
    return [accessory] if accessory else []


def plain_text(text: Json | None) -> str:
    """The words of a plain_text object; empty for none."""
    return plain(str((text or {}).get("text", "")))


def _text(text: Json, names: Names) -> tuple[Text, tuple[str, ...]]:
    if text.get("type") == "mrkdwn":
        return mrkdwn(str(text.get("text", "")), names)
    return Text(plain_text(text)), ()


def _section(block: Json, names: Names) -> Iterator[Part]:
    if block.get("text"):
        yield Part("text", *_text(block["text"], names))
    for field in block.get("fields") or []:
        yield Part("text", *_text(field, names))
    yield from _controls(block, names)


def _header(block: Json, _names: Names) -> Iterator[Part]:
    yield Part("header", Text(plain_text(block.get("text")), "bold"))


def _context(block: Json, names: Names) -> Iterator[Part]:
    shown, urls = Text(style="dim"), list[str]()
    for index, element in enumerate(block.get("elements") or []):
        text, links = (
            (Text(str(element.get("alt_text", ""))), ()) if "text" not in element else _text(element, names)
        )
        shown.append("  " if index else "").append_text(text)
        urls.extend(links)
    yield Part("context", shown, tuple(urls))


def _rich(block: Json, names: Names) -> Iterator[Part]:
    yield Part("text", *rich_text(block, names))


def _controls(block: Json, names: Names) -> Iterator[Part]:
    """Buttons as `[Label]`, menus as `[Placeholder ▾]`, inputs as `[____]`, on one line."""
    shown = [_control(element, names) for element in _elements(block)]
    if shown:
        yield Part("buttons", Text(" ".join(shown), "bold"))


def _control(element: Json, names: Names) -> str:
    kind = str(element.get("type", ""))
    if kind == "button":
        return f"[{plain_text(element.get('text'))}]"
    if kind in ("checkboxes", "radio_buttons"):
        return " ".join(_options(element, ("(•)", "( )") if kind == "radio_buttons" else ("[x]", "[ ]")))
    if kind == "image":
        return str(element.get("alt_text", ""))
    if "select" in kind or kind == "overflow":
        chosen = ", ".join(_chosen(element, names)) or plain_text(element.get("placeholder"))
        return f"[{chosen or '…'} ▾]"
    return f"[{_entered(element, names) or plain_text(element.get('placeholder')) or '____'}]"


def _options(element: Json, marks: tuple[str, str]) -> Iterator[str]:
    chosen = [element.get("initial_option"), *(element.get("initial_options") or [])]
    values = {option["value"] for option in chosen if option}
    for option in element.get("options") or []:
        yield f"{marks[option['value'] not in values]} {plain_text(option.get('text'))}"


def _chosen(element: Json, names: Names) -> Iterator[str]:
    """What a select stands at: options by their label, people and channels by their name."""
    for key in ("initial_option", "initial_options"):
        for option in _as_list(element.get(key)):
            yield plain_text(option["text"])
    for kind, sign in (("user", "@"), ("conversation", "#"), ("channel", "#")):
        for key in (f"initial_{kind}", f"initial_{kind}s"):
            yield from (sign + names.get(each, each) for each in _as_list(element.get(key)))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _entered(element: Json, names: Names) -> str:
    """What stands in a field that is typed into."""
    value = element.get("initial_value")
    if isinstance(value, Mapping):
        return rich_text(value, names)[0].plain
    if stamp := element.get("initial_date_time"):
        return dated(stamp, "{date_num} {time}", names, str(stamp))
    found = value or element.get("initial_date") or element.get("initial_time") or ""
    return plain(str(found).replace("&", "&amp;"))


def _input(block: Json, names: Names) -> Iterator[Part]:
    optional = " (optional)" if block.get("optional") else ""
    yield Part("text", Text(plain_text(block.get("label")) + optional, "bold"))
    yield from _controls(block, names)
    if block.get("hint"):
        yield Part("context", Text(plain_text(block["hint"]), "dim"))


def _divider(_block: Json, _names: Names) -> Iterator[Part]:
    yield Part("divider", Text())


def _image(block: Json, _names: Names) -> Iterator[Part]:
    yield Part("text", Text(f"[image: {block.get('alt_text', '')}]"))


def _markdown(block: Json, _names: Names) -> Iterator[Part]:
    yield Part("text", Text(plain(str(block.get("text", "")))))


def _unknown(block: Json, _names: Names) -> Iterator[Part]:
    yield Part("text", Text(f"[{block.get('type')} block]"))


def _attachments(attachments: Sequence[Json], names: Names) -> Iterator[Part]:
    for attachment in attachments:
        if attachment.get("blocks"):
            yield from block_parts(attachment["blocks"], names)
        elif attachment.get("text") or attachment.get("fallback"):
            yield Part("text", *mrkdwn(str(attachment.get("text") or attachment["fallback"]), names))


def _reactions(reactions: Sequence[Json]) -> Part:
    counted = (f":{one['name']}: {one.get('count', len(one.get('users', [])))}" for one in reactions)
    return Part("reactions", Text("  ".join(counted), "dim"))


def _file(file: Json) -> Part:
    """A file by its name; of a text file also what it holds."""
    name = str(file.get("name") or file.get("title") or "file")
    held = file.get("content", file.get("preview", ""))
    text = held.decode("utf-8", "replace") if isinstance(held, bytes) else str(held or "")
    return Part("file", Text(f"📄 {name}" + (f"\n{plain(text.replace('&', '&amp;'))}" if text else "")))


SHOWING = {
    "section": _section,
    "header": _header,
    "context": _context,
    "rich_text": _rich,
    "actions": _controls,
    "input": _input,
    "divider": _divider,
    "image": _image,
    "markdown": _markdown,
}
