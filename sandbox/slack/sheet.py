"""What somebody has entered into an open form, and what Slack's client says beside it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import fields
from sandbox.slack.people import Body


@dataclass(slots=True)
class Sheet:
    """The entries of one open view by (block_id, action_id), the errors by block_id, a line for the whole."""

    entered: dict[tuple[str, str], Body] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def meet(self, view: Body) -> None:
        """Take in a view's fields: an entry stays where ids and type are the same (slack-platform.md 2.1)."""
        known, self.entered = self.entered, {}
        for each in fields.every_field(view["blocks"]):
            if each.kind in fields.HELD:
                before = known.get(each.key)
                same = before is not None and before["type"] == each.kind
                self.entered[each.key] = before if before and same else fields.held(each.element)
        self.errors, self.said = {}, ""

    def state(self) -> Body:
        """`view.state` as a submission carries it."""
        values: Body = {}
        for (block, action), entry in self.entered.items():
            values.setdefault(block, {})[action] = entry
        return {"values": values}

    def seen(self, view: Body) -> Body:
        """The view as its reader sees it: what was entered stands where the initial values stood."""
        shown = copy.deepcopy(view)
        for each in fields.every_field(shown["blocks"]):
            if each.key in self.entered:
                _overwrite(each.element, fields.HELD[each.kind][1], fields.value_of(self.entered[each.key]))
        return {**shown, "errors": dict(self.errors), "said": self.said}


def _overwrite(element: Body, key: str, value: Any) -> None:
    element.pop(key, None)
    if value not in (None, [], ""):
        element[key] = value
