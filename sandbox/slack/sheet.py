"""What somebody has entered into a view or a message, and what Slack's client says beside it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import fields
from sandbox.slack.fields import Field, Key
from sandbox.slack.people import Body


@dataclass(frozen=True, slots=True)
class Menu:
    """An open menu: whose it is, the letters typed into it, and the `options` or `option_groups` it shows."""

    key: Key
    letters: str
    offered: Body


@dataclass(slots=True)
class Sheet:
    """The entries by (block_id, action_id), the errors by block_id, a line for the whole, the open menu."""

    entered: dict[Key, Body] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    said: str = ""
    menu: Menu | None = None

    def meet(self, view: Body) -> None:
        """Take in a view's fields: an entry stays where ids and type are the same (slack-platform.md 2.1)."""
        known, self.entered = self.entered, {}
        there = list(fields.every_field(view["blocks"]))
        for each in there:
            if each.kind in fields.HELD:
                before = known.get(each.key)
                same = before is not None and before["type"] == each.kind
                self.entered[each.key] = before if before and same else fields.held(each.element)
        self.errors, self.said = {}, ""
        if self.menu is not None and self.menu.key not in [each.key for each in there]:
            self.menu = None

    def enter(self, field: Field, value: Any) -> Body:
        """Put a value into a field, whose menu closes and whose error goes; answers its new state."""
        entry = self.entered[field.key] = fields.holding(field.kind, value)
        self.errors.pop(field.block, None)
        self.menu = None
        return entry

    def menu_of(self, key: Key) -> Body | None:
        """What the menu of a field shows, if it is the open one."""
        return self.menu.offered if self.menu is not None and self.menu.key == key else None

    def state(self) -> Body:
        """`view.state` as a submission carries it."""
        values: Body = {}
        for (block, action), entry in self.entered.items():
            values.setdefault(block, {})[action] = entry
        return {"values": values}

    def seen(self, view: Body) -> Body:
        """The view as its reader sees it: what was entered stands where the initial values stood."""
        return {**self.over(view), "errors": dict(self.errors), "said": self.said}

    def over(self, body: Body) -> Body:
        """The same for a message, or for the view alone; an open menu stands in its element as `menu`."""
        shown = copy.deepcopy(body)
        for each in fields.every_field(shown["blocks"]):
            entry = self.entered.get(each.key)
            if entry is not None and entry["type"] == each.kind:
                _overwrite(each.element, fields.HELD[each.kind][1], fields.value_of(entry))
            if (offered := self.menu_of(each.key)) is not None and self.menu is not None:
                each.element["menu"] = {**offered, "letters": self.menu.letters}
        return shown


def _overwrite(element: Body, key: str, value: Any) -> None:
    element.pop(key, None)
    if value not in (None, [], ""):
        element[key] = value
