"""views.*: forms and the Home, opened by triggers that live three seconds (slack-platform.md 2.1, 2.2)."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import blockkit, checks
from sandbox.slack.checks import Problems
from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import APP, BOT, TEAM, Body
from sandbox.slack.refusal import Refusal, with_messages
from sandbox.slack.sheet import Sheet

TRIGGER_SECONDS = 3.0
DEEPEST_STACK = 3
LARGEST_VIEW = 250_000
"""Bytes of a view as JSON."""
TITLE, PRIVATE_METADATA, CALLBACK_ID = 24, 3_000, 255
MAY = (
    "blocks private_metadata callback_id external_id title submit close clear_on_close notify_on_close "
    "submit_disabled"
)


@dataclass(slots=True)
class Trigger:
    """A trigger_id: whose act it came from, until when it holds (seconds), and whether it is used."""

    user: str
    until: float
    used: bool = False


@dataclass(slots=True)
class Views:
    """The open forms of every person, bottom first, and everybody's Home."""

    triggers: dict[str, Trigger] = field(default_factory=dict)
    stacks: dict[str, list[Body]] = field(default_factory=dict)
    homes: dict[str, Body] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    """What is entered into each open form, by the id of its view."""

    def trigger(self, user: str, now: float) -> str:
        """A new trigger_id for an act of this person."""
        name = f"{len(self.triggers) + 7_000_000_000_000}.6000000000003.{secrets.token_hex(16)}"
        self.triggers[name] = Trigger(user, now + TRIGGER_SECONDS)
        return name

    def use(self, name: str, now: float) -> str:
        """Whose trigger it is. Raises invalid_trigger_id, exchanged_trigger_id, expired_trigger_id."""
        trigger = self.triggers.get(name)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if now >= trigger.until:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def close(self, stack: list[Body], *gone: Body) -> None:
        """Take forms away, and what was entered into them."""
        names = {view["id"] for view in gone}
        stack[:] = [view for view in stack if view["id"] not in names]
        for name in names:
            self.sheets.pop(name, None)

    def every(self) -> list[Body]:
        """All views there are."""
        return [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())


def open_view(desk: Desk, arguments: Arguments) -> Body:
    """views.open: a first form; an open one is replaced."""
    view = _checked(desk, arguments, "modal")
    user = desk.views.use(arguments.need("trigger_id"), desk.workspace.clock())
    stack = desk.views.stacks.setdefault(user, [])
    desk.views.close(stack, *stack)
    return {"ok": True, "view": pushed(desk, stack, view)}


def push_view(desk: Desk, arguments: Arguments) -> Body:
    """views.push: a form on top of the open one. Raises push_limit_reached, not_found."""
    view = _checked(desk, arguments, "modal")
    user = desk.views.use(arguments.need("trigger_id"), desk.workspace.clock())
    stack = desk.views.stacks.get(user, [])
    if not stack:
        raise Refusal("not_found")
    return {"ok": True, "view": pushed(desk, stack, view)}


def pushed(desk: Desk, stack: list[Body], view: Mapping[str, Any]) -> Body:
    """Lay a checked view on a stack of forms. Raises push_limit_reached."""
    if len(stack) >= DEEPEST_STACK:
        raise Refusal("push_limit_reached")
    kept = _kept(desk, view, stack)
    stack.append(kept)
    return _laid_out(desk, kept)


def _laid_out(desk: Desk, view: Body) -> Body:
    """Give a new view a sheet for what is entered into it."""
    sheet = desk.views.sheets[view["id"]] = Sheet()
    sheet.meet(view)
    desk.workspace.touched()
    return view


def update_view(desk: Desk, arguments: Arguments) -> Body:
    """views.update by view_id or external_id. Raises not_found, hash_conflict."""
    name, external = arguments.text("view_id"), arguments.text("external_id")
    old = next(
        (each for each in desk.views.every() if name == each["id"] or external == each["external_id"] != ""),
        None,
    )
    if old is None:
        raise Refusal("not_found")
    view = _checked(desk, arguments, old["type"], old)
    if arguments.text("hash") not in ("", old["hash"]):
        raise Refusal("hash_conflict")
    return {"ok": True, "view": renew(desk, old, view)}


def renew(desk: Desk, old: Body, view: Mapping[str, Any]) -> Body:
    """Put a checked view in the place of an open one."""
    same = {key: old[key] for key in ("id", "previous_view_id", "root_view_id", "state")}
    old.update({**_kept(desk, view, []), **same})
    if (sheet := desk.views.sheets.get(old["id"])) is not None:
        sheet.meet(old)
    desk.workspace.touched()
    return old


def publish_view(desk: Desk, arguments: Arguments) -> Body:
    """views.publish: somebody's Home; its id stays. Raises not_enabled, hash_conflict."""
    if not desk.has_home:
        raise Refusal("not_enabled")
    user = arguments.need("user_id")
    if user not in desk.workspace.users:
        raise with_messages("invalid_arguments", ["invalid `user_id`"])
    old = desk.views.homes.get(user)
    view = _checked(desk, arguments, "home", old)
    if old is not None and arguments.text("hash") not in ("", old["hash"]):
        raise Refusal("hash_conflict")
    if old is not None:
        return {"ok": True, "view": renew(desk, old, view)}
    home = desk.views.homes[user] = _kept(desk, view, [])
    return {"ok": True, "view": _laid_out(desk, home)}


def _checked(desk: Desk, arguments: Arguments, kind: str, old: Body | None = None) -> Mapping[str, Any]:
    return checked(desk, arguments.json("view", "invalid_arguments"), kind, old)


def checked(desk: Desk, view: Any, kind: str, old: Body | None = None) -> Mapping[str, Any]:
    """A view after Slack's check; `old` is the one it replaces. Raises a Refusal."""
    if not isinstance(view, Mapping):
        raise with_messages("invalid_arguments", ["missing required field: view"])
    if len(json.dumps(view).encode()) > LARGEST_VIEW:
        raise Refusal("view_too_large")
    if problems := problems_of(view, kind):
        raise with_messages("invalid_arguments", problems)
    external = view.get("external_id")
    if external and any(each["external_id"] == external and each is not old for each in desk.views.every()):
        raise Refusal("duplicate_external_id")
    return view


def problems_of(view: Mapping[str, Any], kind: str) -> list[str]:
    """What Slack would say against a view of that kind (modal or home)."""
    problems = Problems()
    checks.one_of(view.get("type") or "none", "/view/type", problems, (kind,))
    checks.keys(view, "/view", problems, need="blocks title" if kind == "modal" else "blocks", may=MAY)
    for part in ("title", "submit", "close"):
        checks.text(view.get(part), f"/view/{part}", problems, TITLE)
    checks.string(view.get("private_metadata"), "/view/private_metadata", problems, PRIVATE_METADATA, 0)
    checks.string(view.get("callback_id"), "/view/callback_id", problems, CALLBACK_ID, 0)
    blocks = view.get("blocks")
    found = [
        message.replace("json-pointer:/", "json-pointer:/view/")
        for message in blockkit.problems_of(blocks, True)
    ]
    inputs = [
        each
        for each in (blocks if isinstance(blocks, list) else ())
        if isinstance(each, Mapping) and each.get("type") == "input"
    ]
    if kind == "modal" and inputs and view.get("submit") is None:
        problems.note("a modal with input blocks must have a submit", "/view")
    return problems.found + found


def _kept(desk: Desk, view: Mapping[str, Any], stack: list[Body]) -> Body:
    name = f"V0{secrets.token_hex(4).upper()}"
    kept: Body = {
        "id": name,
        "team_id": TEAM,
        "type": view["type"],
        "blocks": blockkit.stored(view["blocks"]),
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "state": {"values": {}},
        "hash": f"{int(desk.workspace.clock())}.{secrets.token_hex(4)}",
        "title": copy.deepcopy(view.get("title", {"type": "plain_text", "text": "View Title"})),
        "clear_on_close": bool(view.get("clear_on_close")),
        "notify_on_close": bool(view.get("notify_on_close")),
        "close": copy.deepcopy(view.get("close")),
        "submit": copy.deepcopy(view.get("submit")),
        "previous_view_id": stack[-1]["id"] if stack else None,
        "root_view_id": stack[0]["id"] if stack else name,
        "app_id": APP,
        "external_id": view.get("external_id", ""),
        "app_installed_team_id": TEAM,
        "bot_id": BOT,
    }
    blockkit.fill(kept)
    return kept


METHODS = {
    "views.open": Method(open_view, tier=4, changes=True),
    "views.push": Method(push_view, tier=4, changes=True),
    "views.update": Method(update_view, tier=4, changes=True),
    "views.publish": Method(publish_view, tier=4, changes=True),
}
