"""What the inputs of Block Kit hold: their `state`, as Slack sends it, and what a person may enter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.slack.composer import composed
from sandbox.slack.keyboard import escaped
from sandbox.slack.people import Body

HELD: Mapping[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
"""Element -> the key its state has (samples/slack/interactive/view_submission.json), and its initial_ key."""
MENUS = frozenset({"overflow", *(kind for kind in HELD if kind.endswith("_select"))})
"""Elements that open and show what can be picked."""
LISTS = frozenset({key for key, _ in HELD.values() if key.endswith("s")})
NUMBER = re.compile(r"-?\d+(\.\d+)?")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)

Key = tuple[str, str]
"""block_id and action_id."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something a person can fill in or pick: its block, its names on the screen, its element."""

    block: str
    labels: tuple[str, ...]
    element: Body
    required: bool = False
    dispatches: bool = True
    """Whether the app hears of it at once; of an input only if it says so."""

    @property
    def key(self) -> Key:
        return self.block, str(self.element["action_id"])

    @property
    def kind(self) -> str:
        return str(self.element["type"])


def every_field(blocks: list[Body]) -> Iterator[Field]:
    """The fields of a view or a message, buttons and overflow menus among them, in order."""
    for block in blocks:
        if block.get("type") == "input":
            required, dispatches = not block.get("optional"), bool(block.get("dispatch_action"))
            yield Field(block["block_id"], _texts(block["label"]), block["element"], required, dispatches)
            continue
        parts = [*block.get("elements", ()), block.get("accessory")]
        for each in (part for part in parts if isinstance(part, dict) and "action_id" in part):
            own = each.get("text") or each.get("placeholder")
            beside = None if each["type"] == "button" else block.get("text")
            yield Field(block["block_id"], _texts(own, beside) or (each["action_id"],), each)


def _texts(*objects: Body | None) -> tuple[str, ...]:
    return tuple(str(each.get("text", "")).strip("*_~ ") for each in objects if each)


def named(fields: list[Field], wanted: str) -> Field | None:
    """The field with that label, else the first whose label begins so; case does not matter."""
    low = wanted.casefold()
    exact = (each for each in fields if any(label.casefold() == low for label in each.labels))
    begun = (each for each in fields if any(label.casefold().startswith(low) for label in each.labels))
    return next(exact, None) or next(begun, None)


def held(element: Mapping[str, Any]) -> Body:
    """What an element holds before anybody touches it."""
    kind = str(element["type"])
    key, initial = HELD[kind]
    return {"type": kind, key: element.get(initial, [] if key in LISTS else None)}


def is_picker(kind: str) -> bool:
    """Whether it is a calendar or a clock: picked with a mouse, written as text."""
    return kind in ("datepicker", "timepicker", "datetimepicker")


def holding(kind: str, value: Any) -> Body:
    """The state of an element of that kind with this value."""
    return {"type": kind, HELD[kind][0]: value}


def value_of(state: Mapping[str, Any]) -> Any:
    """The value in a state."""
    return state[HELD[str(state["type"])][0]]


def written(field: Field, text: str, zone: str) -> Any:
    """The value of a field that is typed into. Raises ValueError for one that is not, or for what it refuses."""
    label = field.labels[0]
    match field.kind:
        case "plain_text_input" if "\n" in text and not field.element.get("multiline"):
            raise ValueError(f"{label} takes one line only.")
        case "plain_text_input" | "number_input" | "email_text_input" | "url_text_input":
            return text or None
        case "rich_text_input":
            return _rich(text) if text else None
        case "datepicker":
            return date.fromisoformat(text).isoformat() if text else None
        case "timepicker":
            return time.fromisoformat(text).strftime("%H:%M") if text else None
        case "datetimepicker":
            return (
                int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) if text else None
            )
    raise ValueError(f"{label} is picked, not typed: write `:choose {label} = OPTION`.")


def _rich(text: str) -> Body:
    """What a rich_text_input holds; it has no block_id (samples/slack/interactive/view_submission.json)."""
    return {"type": "rich_text", "elements": composed(escaped(text)).elements}


def problem(field: Field, state: Mapping[str, Any]) -> str:
    """Why Slack's client would not send this field, in a sentence; empty if it would."""
    value = value_of(state)
    if value in (None, [], ""):
        return "Please complete this required field." if field.required else ""
    element = field.element
    match field.kind:
        case "plain_text_input":
            return _length(len(str(value)), element)
        case "number_input":
            return _number(str(value), element)
        case "email_text_input" if not MAIL.fullmatch(str(value)):
            return "Please enter a valid email address."
        case "url_text_input" if not LINK.fullmatch(str(value)):
            return "Please enter a valid URL."
    most = element.get("max_selected_items")
    return f"Please choose at most {most}." if most and len(value) > most else ""


def _length(size: int, element: Mapping[str, Any]) -> str:
    least, most = element.get("min_length") or 0, element.get("max_length") or 3_000
    if size < least:
        return f"Please enter at least {least} characters; there are {size}."
    return f"Please enter at most {most} characters; there are {size}." if size > most else ""


def _number(text: str, element: Mapping[str, Any]) -> str:
    if not NUMBER.fullmatch(text):
        return "Please enter a number."
    if "." in text and not element.get("is_decimal_allowed"):
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and float(text) < float(least):
        return f"Please enter {least} or more."
    return f"Please enter {most} or less." if most is not None and float(text) > float(most) else ""
