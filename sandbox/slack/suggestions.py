"""Picking an option: those a select brings along, people, channels, and those the app is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack import clicks, elements
from sandbox.slack.checks import Problems
from sandbox.slack.delivery import OK
from sandbox.slack.fields import HELD, LISTS, Field
from sandbox.slack.people import Body, User
from sandbox.slack.sockets import Sockets
from sandbox.slack.workspace import Workspace

QUERY_LENGTH = 3
"""Characters before an app is asked, where the select says nothing (slack-platform.md 2.1)."""


class Suggestions:
    """Finds what a person means by the words beside a select."""

    def __init__(self, workspace: Workspace, sockets: Sockets) -> None:
        self.workspace = workspace
        self.sockets = sockets

    async def picked(self, user: User, field: Field, wanted: str, where: Mapping[str, Any]) -> Any:
        """The value a field then holds; `where` says to the app where its options are wanted.

        Raises ValueError naming what there is to choose from.
        """
        if HELD[field.kind][0] not in LISTS:
            return await self._one(user, field, wanted, where)
        try:
            return [await self._one(user, field, wanted, where)]
        except ValueError:
            if "," not in wanted:
                raise
        return [await self._one(user, field, each.strip(), where) for each in wanted.split(",")]

    async def _one(self, user: User, field: Field, wanted: str, where: Mapping[str, Any]) -> Any:
        kind = field.kind.removeprefix("multi_")
        if kind == "users_select":
            return self.workspace.person(wanted.removeprefix("@")).id
        if kind in ("conversations_select", "channels_select"):
            return self.workspace.channel(wanted, user).id
        if kind == "external_select":
            return clicks.option_of(await self._asked(user, field, wanted, where), wanted)
        if kind in ("static_select", "radio_buttons", "checkboxes"):
            return clicks.option_of(field.element, wanted)
        raise ValueError(f"{field.labels[0]} is typed, not picked: write `:fill {field.labels[0]} = VALUE`.")

    async def _asked(self, user: User, field: Field, typed: str, where: Mapping[str, Any]) -> Body:
        """What the app offers for these letters (samples/slack/interactive/block_suggestion_modal.json)."""
        least = field.element.get("min_query_length", QUERY_LENGTH)
        if len(typed) < least:
            raise ValueError(f"{field.labels[0]} asks the app from {least} letters on.")
        payload = {
            **clicks.interaction("block_suggestion", user),
            "action_id": field.key[1],
            "block_id": field.block,
            "value": typed,
            **where,
        }
        outcome = await self.sockets.delivery.ask("interactive", payload, accepts_response=True)
        if outcome.result != OK:
            raise ValueError(f"The app named no options for {field.labels[0]} in time.")
        return _checked(outcome.payload or {})


def _checked(offered: Body) -> Body:
    """The options an app answers with. Raises ValueError for what Slack would refuse."""
    problems = Problems()
    groups = offered.get("option_groups")
    for number, group in enumerate(groups if isinstance(groups, list) else [offered]):
        elements.options(group.get("options") or [], f"/{number}/options", problems, elements.OPTIONS)
    refused = [each for each in problems.found if "no less than" not in each]  # none found is an answer too
    if refused:
        raise ValueError(f"Slack refuses the options of the app: {'; '.join(refused)}.")
    return offered if offered.get("option_groups") else {"options": offered.get("options") or []}
