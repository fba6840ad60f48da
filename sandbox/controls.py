"""What a person sees of what can be pressed, picked and typed into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from sandbox.dates import dated
from sandbox.mrkdwn import Names, mrkdwn, plain, rich_text

Json = Mapping[str, Any]
CHOICES = {"radio_buttons": ("(•)", "( )"), "checkboxes": ("[x]", "[ ]")}
"""How an option looks that is chosen, and one that is not."""
PRESSED = ("button", "workflow_button", "overflow")
NOTHING_FOUND = "No results"
"""What Slack's client writes into a menu that has no option for the letters typed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing on the screen.

    `kind` is text, fields, header, context, buttons, choices, menu, divider, file, reactions or error. `pieces`
    are what `shown` is made of where they are laid out one by one.
    """

    kind: str
    shown: Text
    urls: tuple[str, ...] = ()
    pieces: tuple[Text, ...] = ()

    @property
    def words(self) -> str:
        return self.shown.plain


def plain_text(text: Json | None) -> str:
    """The words of a plain_text object; empty for none."""
    return plain(str((text or {}).get("text", "")))


def text_of(text: Json, names: Names) -> tuple[Text, tuple[str, ...]]:
    """A text object of either kind, and the addresses behind its links."""
    if text.get("type") == "mrkdwn":
        return mrkdwn(str(text.get("text", "")), names)
    return Text(plain_text(text)), ()


def elements_of(block: Json) -> list[Json]:
    """What can be used in a block of any kind."""
    if block.get("type") == "actions":
        return list(block.get("elements") or [])
    accessory = block.get("accessory") or block.get("element")
    return [accessory] if accessory else []


def controls(block: Json, names: Names) -> Iterator[Part]:
    """Buttons and menus beside each other, options below each other, and an open menu below all."""
    row: list[Text] = []
    for element in elements_of(block):
        if element.get("type") in CHOICES:
            yield from _row(row)
            row = []
            yield Part("choices", Text("\n").join(_options(element, names)))
        else:
            row.append(Text(_control(element, names), "bold" if element.get("type") in PRESSED else ""))
    yield from _row(row)
    for element in elements_of(block):
        if (menu := element.get("menu")) is not None:
            yield Part("menu", Text("\n".join(_menu(menu))))


def _row(pieces: Sequence[Text]) -> Iterator[Part]:
    if pieces:
        yield Part("buttons", Text(" ").join(pieces), pieces=tuple(pieces))


def _control(element: Json, names: Names) -> str:
    """A button as `[Label]`, a menu as `[Placeholder ▾]`, an input as `[____]`."""
    kind = str(element.get("type", ""))
    if kind in ("button", "workflow_button"):
        return f"[{plain_text(element.get('text'))}]"
    if kind == "image":
        return f"[image: {plain(str(element.get('alt_text', '')))}]"
    if kind == "overflow":
        return "[⋯]"
    held = ", ".join(_chosen(element, names)) or _entered(element, names)
    shown = held or plain_text(element.get("placeholder"))
    return f"[{shown or '…'} ▾]" if "select" in kind else f"[{shown or '____'}]"


def _options(element: Json, names: Names) -> Iterator[Text]:
    """A line for each option, what it says of itself behind it."""
    chosen = [element.get("initial_option"), *(element.get("initial_options") or [])]
    values = {option["value"] for option in chosen if option}
    marks = CHOICES[str(element["type"])]
    for option in element.get("options") or []:
        line = Text(f"{marks[option['value'] not in values]} ").append_text(text_of(option["text"], names)[0])
        if option.get("description"):
            line.append(" · ", "dim").append_text(text_of(option["description"], names)[0])
        yield line


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


def _menu(menu: Json) -> Iterator[str]:
    """An open menu: the letters typed into it, and the options it shows for them."""
    yield f"▾ {plain(menu['letters'].replace('&', '&amp;'))}".rstrip()
    groups = menu.get("option_groups") or [{"options": menu.get("options") or []}]
    for group in groups:
        if "label" in group:
            yield f"  {plain_text(group['label'])}:"
        for option in group["options"]:
            described = plain_text(option.get("description"))
            yield f"  • {plain_text(option['text'])}" + (f" · {described}" if described else "")
    if not any(group["options"] for group in groups):
        yield f"  {NOTHING_FOUND}"
