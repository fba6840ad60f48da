"""What a person does inside a view, be it a form or the Home: type, pick, press."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from sandbox.slack import clicks, fields
from sandbox.slack.delivery import OK
from sandbox.slack.fields import Field
from sandbox.slack.methods import Desk
from sandbox.slack.people import Body, User
from sandbox.slack.sheet import Menu, Sheet
from sandbox.slack.sockets import Sockets
from sandbox.slack.suggestions import Suggestions

TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack's client says beside a view whose app did not answer in time, or not well."""


class Surface(ABC):
    """A view before a person. Each act answers a remark, and raises ValueError for what cannot be done."""

    noun: ClassVar[str]

    def __init__(self, desk: Desk, sockets: Sockets) -> None:
        self.desk = desk
        self.workspace = desk.workspace
        self.views = desk.views
        self.sockets = sockets
        self.suggestions = Suggestions(desk.workspace, sockets)

    @abstractmethod
    def view_of(self, user: User) -> Body | None:
        """The view that person looks at; None for none."""

    @abstractmethod
    def missing(self, user: User) -> str:
        """The sentence for somebody before whom there is none."""

    def seen(self, name: str) -> Body | None:
        """The view as that person sees it, with `errors` (by block_id) and `said`; None for none."""
        view = self.view_of(self.workspace.person(name))
        return self.sheet(view).seen(view) if view is not None else None

    def before(self, name: str) -> tuple[User, Body]:
        """That person and the view before them. Raises ValueError if there is none."""
        user = self.workspace.person(name)
        if (view := self.view_of(user)) is None:
            raise ValueError(self.missing(user))
        return user, view

    def sheet(self, view: Body) -> Sheet:
        """What is entered into an open view."""
        return self.views.sheets[view["id"]]

    async def fill(self, name: str, label: str, text: str) -> str:
        """Type into a field."""
        user, view = self.before(name)
        field = self._field(view, label, fields.HELD)
        return await self._enter(user, view, field, fields.written(field, text, user.tz))

    async def choose(self, name: str, label: str, option: str) -> str:
        """Pick in a menu, radio buttons or checkboxes; several options are parted by commas."""
        user, view = self.before(name)
        field = self._field(view, label, {*fields.HELD, "overflow"})
        menu = self.sheet(view).menu_of(field.key)
        if field.kind == "overflow":
            return await self._pressed(user, view, field, option)
        value = await self.suggestions.picked(user, field, option, _place(view), menu)
        return await self._enter(user, view, field, value)

    async def letters(self, name: str, label: str, text: str) -> str:
        """Open a menu and type letters into it, so that it shows what it offers for them."""
        user, view = self.before(name)
        field = self._field(view, label, fields.MENUS)
        offered = await self.suggestions.offered(user, field, text, _place(view))
        self.sheet(view).menu = Menu(field.key, text, offered)
        self.workspace.touched()
        return ""

    def _field(self, view: Body, label: str, kinds: Any) -> Field:
        known = [each for each in fields.every_field(view["blocks"]) if each.kind in kinds]
        if (found := fields.named(known, label)) is None:
            there = ", ".join(each.labels[0] for each in known if each.labels) or "none"
            raise ValueError(f"The {self.noun} has no field {label}; there are: {there}.")
        return found

    async def _enter(self, user: User, view: Body, field: Field, value: Any) -> str:
        sheet = self.sheet(view)
        entry = sheet.enter(field, value)
        self.workspace.touched()
        return await self._tell(user, view, clicks.action_with(field, entry)) if field.dispatches else ""

    async def click(self, name: str, label: str) -> str:
        """Press a button inside the view."""
        user, view = self.before(name)
        known = [each for each in fields.every_field(view["blocks"]) if each.kind == "button"]
        if (field := fields.named(known, label)) is None:
            there = ", ".join(each.labels[0] for each in known) or "none"
            raise ValueError(f"The {self.noun} has no button {label}; there are: {there}.")
        return await self._pressed(user, view, field, None)

    async def _pressed(self, user: User, view: Body, field: Field, option: str | None) -> str:
        self.sheet(view).menu = None
        action = clicks.action_of(field.block, field.element, option, self.workspace.next_ts())
        return await self._tell(user, view, action)

    async def _tell(self, user: User, view: Body, action: Body) -> str:
        """Send block_actions (samples/slack/interactive/block_actions_modal.json, block_actions_home.json)."""
        payload = {
            **clicks.interaction("block_actions", user),
            "container": _container(view),
            "trigger_id": self.views.trigger(user.id, self.workspace.clock()),
            "view": {**view, "state": self.sheet(view).state()},
            "actions": [{**action, "action_ts": self.workspace.next_ts()}],
        }
        outcome = await self.sockets.delivery.ask("interactive", payload)
        return "" if outcome.result == OK else self.say(view, TROUBLE)

    def say(self, view: Body, text: str) -> str:
        """Write Slack's own words beside a view, if it is still open."""
        if (sheet := self.views.sheets.get(view["id"])) is not None:
            sheet.said = text
        self.workspace.touched()
        return f"Slack says: {text}"


def _container(view: Body) -> Body:
    return {"type": "view", "view_id": view["id"]}


def _place(view: Body) -> Body:
    """Where options are wanted (samples/slack/interactive/block_suggestion_modal.json).

    The view's state is empty there, whatever was entered (slackapi/bolt-js issue 1146).
    """
    return {"container": _container(view), "view": view}
