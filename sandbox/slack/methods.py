"""What a Web API method is here: its arguments, its scopes, its tier, and what it may touch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.slack.limits import Limits
from sandbox.slack.people import BOT_USER, Body, Channel
from sandbox.slack.refusal import Refusal, with_messages
from sandbox.slack.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.slack.files import Files
    from sandbox.slack.views import Views

DEFAULT_LIMIT, MOST_LIMIT = 100, 999
"""Items of a page of conversations.history (slack-platform.md 2.3)."""
CURSOR = "next:"
Item = TypeVar("Item")


@dataclass(slots=True)
class Desk:
    """What the methods work on: the workspace, its files and forms, and what this app may do."""

    workspace: Workspace
    limits: Limits
    scopes: set[str]
    files: Files
    views: Views
    has_home: bool = True
    base_url: str = ""

    def needs(self, *any_of: str) -> None:
        """Raises missing_scope unless the app holds one of these scopes."""
        if any_of and not self.scopes.intersection(any_of):
            raise Refusal("missing_scope", needed=",".join(any_of), provided=",".join(sorted(self.scopes)))

    def known(self, channel: str) -> Channel:
        """The channel with that id, if the app may know of it. Raises channel_not_found."""
        found = self.workspace.channels.get(channel)
        if found is None or (found.kind != "channel" and BOT_USER not in found.members):
            raise Refusal("channel_not_found")
        return found

    def joined(self, channel: str) -> Channel:
        """The channel with that id, if the app is in it. Raises channel_not_found or not_in_channel."""
        found = self.known(channel)
        if BOT_USER not in found.members:
            raise Refusal("not_in_channel")
        return found


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call: strings from a form, anything from JSON."""

    values: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """An argument as text; a number counts as its digits, anything else is an invalid_arguments."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise with_messages("invalid_arguments", [f"must be a string [json-pointer:/{name}]"])
        return str(value)

    def need(self, name: str) -> str:
        """An argument that must be there. Raises invalid_arguments."""
        if not (value := self.text(name)):
            raise with_messages("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """An argument that is true or false; forms write it as true, false, 1 or 0."""
        value = self.values.get(name)
        return default if value in (None, "") else value in (True, "true", "True", "1", 1)

    def number(self, name: str, default: int) -> int:
        """A whole number. Raises invalid_arguments."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise with_messages("invalid_arguments", [f"must be an integer [json-pointer:/{name}]"]) from None

    def json(self, name: str, code: str) -> Any:
        """An argument that is JSON, also where a form carries it as text. Raises a refusal with that code."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(code) from None


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method. `tier` is None where Slack says "special"; `changes` whether it alters anything."""

    run: Callable[[Desk, Arguments], Body]
    scopes: tuple[str, ...] = ()
    tier: int | None = None
    changes: bool = False
    token: str = "xoxb-"


def page(found: list[Item], arguments: Arguments, default: int = DEFAULT_LIMIT) -> tuple[list[Item], str]:
    """One page of a list and the cursor for the next, or "". Raises invalid_cursor, invalid_limit."""
    cursor, limit = arguments.text("cursor"), arguments.number("limit", default)
    if not 1 <= limit <= MOST_LIMIT + 1:
        raise Refusal("invalid_limit")
    if cursor and not (cursor.startswith(CURSOR) and cursor.removeprefix(CURSOR).isdecimal()):
        raise Refusal("invalid_cursor")
    start = int(cursor.removeprefix(CURSOR) or 0)
    end = start + limit
    return found[start:end], f"{CURSOR}{end}" if end < len(found) else ""
