"""User groups: who belongs to them, and usergroups.*."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import BORN, TEAM, Body
from sandbox.slack.refusal import Refusal
from sandbox.slack.workspace import Group, Workspace


def set_group(workspace: Workspace, handle: str, users: Collection[str]) -> Group:
    """Make a group of these user ids, or replace those of the group that has the handle."""
    known = next((each for each in workspace.groups.values() if each.handle == handle), None)
    group = Group(known.id if known else _new_id(workspace, handle), handle, tuple(dict.fromkeys(users)))
    workspace.groups[group.id] = group
    return group


def _new_id(workspace: Workspace, handle: str) -> str:
    """An id like S0ONCALL01, so that a scenario can name it before."""
    stem = re.sub(r"[^A-Z0-9]", "", handle.upper())
    return next(name for number in range(1, 100) if (name := f"S0{stem}{number:02}") not in workspace.groups)


@dataclass(frozen=True, slots=True)
class _Asked:
    users: bool
    count: bool


def list_all(desk: Desk, arguments: Arguments) -> Body:
    """usergroups.list (samples/slack/web_api/usergroups.list.json)."""
    asked = _Asked(arguments.flag("include_users"), arguments.flag("include_count"))
    return {"ok": True, "usergroups": [_body(desk, each, asked) for each in desk.workspace.groups.values()]}


def _body(desk: Desk, group: Group, asked: _Asked) -> Body:
    users = _active(desk, group)
    return {
        "id": group.id,
        "team_id": TEAM,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.handle.capitalize(),
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": BORN,
        "date_update": BORN,
        "date_delete": 0,
        "auto_type": None,
        "auto_provision": False,
        "enterprise_subteam_id": "",
        "created_by": "U0ALICE001",
        "updated_by": "U0ALICE001",
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
        **({"users": users} if asked.users else {}),
        **({"user_count": len(users)} if asked.count else {}),
        "channel_count": 0,
    }


def _active(desk: Desk, group: Group) -> list[str]:
    return [each for each in group.users if not desk.workspace.users[each].deleted]


def members(desk: Desk, arguments: Arguments) -> Body:
    """usergroups.users.list. Raises no_such_subteam."""
    group = desk.workspace.groups.get(arguments.need("usergroup"))
    if group is None:
        raise Refusal("no_such_subteam")
    return {"ok": True, "users": _active(desk, group)}


METHODS = {
    "usergroups.list": Method(list_all, ("usergroups:read",), tier=2),
    "usergroups.users.list": Method(members, ("usergroups:read",), tier=2),
}
