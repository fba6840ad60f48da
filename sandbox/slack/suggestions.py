"""Picking an option: those a select brings along, people, channels, and those the app is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.slack import clicks, elements, fields
from sandbox.slack.checks import Problems
from sandbox.slack.delivery import OK
from sandbox.slack.fields import HELD, LISTS, Field
from sandbox.slack.people import Body, User
from sandbox.slack.sockets import Sockets
from sandbox.slack.workspace import Workspace

QUERY_LENGTH = 3
"""Characters before an app is asked, where the select says nothing (slack-platform.md 2.1)."""
CONVERSATIONS = ("conversations_select", "channels_select")


class Suggestions:
    """Finds what a person means by the words beside a select."""

    def __init__(self, workspace: Workspace, sockets: Sockets) -> None:
        self.workspace = workspace
        self.sockets = sockets

    async def picked(
        self, user: User, field: Field, wanted: str, where: Mapping[str, Any], menu: Body | None = None
    ) -> Any:
        """The value a field then holds; `where` says to the app where its options are wanted.

        `menu` is what the field shows if it is open; the app is asked for what is not there. No words at all
        empty what can be emptied. Raises ValueError naming what there is to choose from.
        """
        if fields.is_picker(field.kind):
            return fields.written(field, wanted, user.tz)
        if HELD[field.kind][0] not in LISTS:
            return await self._one(user, field, wanted, where, menu)
        if not wanted:
            return []
        try:
            return [await self._one(user, field, wanted, where, menu)]
        except ValueError:
            if "," not in wanted:
                raise
        return [await self._one(user, field, each.strip(), where, menu) for each in wanted.split(",")]

    async def _one(
        self, user: User, field: Field, wanted: str, where: Mapping[str, Any], menu: Body | None
    ) -> Any:
        kind = field.kind.removeprefix("multi_")
        if kind == "users_select":
            return self.workspace.person(wanted.removeprefix("@")).id
        if kind in CONVERSATIONS:
            return self.workspace.channel(wanted, user).id
        if kind == "external_select":
            offered = clicks.find_option(menu, wanted) if menu else None
            return offered or clicks.option_of(await self._asked(user, field, wanted, where), wanted)
        if kind in ("static_select", "radio_buttons", "checkboxes"):
            return clicks.option_of(field.element, wanted)
        raise ValueError(f"{field.labels[0]} is typed, not picked: write `:fill {field.labels[0]} = VALUE`.")

    async def offered(self, user: User, field: Field, letters: str, where: Mapping[str, Any]) -> Body:
        """What a menu shows for these letters: `options` or `option_groups`.

        Raises ValueError where the app gives no answer Slack would take.
        """
        match field.kind.removeprefix("multi_"):
            case "external_select":
                return await self._asked(user, field, letters, where)
            case "users_select":
                people = (each.name for each in self.workspace.users.values() if not each.deleted)
                return _named((f"@{name}" for name in people), letters)
            case "conversations_select" | "channels_select":
                return _named((f"#{name}" for name in self._channels(user)), letters)
            case "static_select" | "overflow":
                return _narrowed(field.element, letters)
        raise ValueError(f"{field.labels[0]} is no menu that opens.")

    def _channels(self, user: User) -> Iterable[str]:
        for each in self.workspace.channels.values():
            if each.kind != "im" and (each.kind == "channel" or user.id in each.members):
                yield each.name

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


def _checked(answer: Body) -> Body:
    """The options an app answers with. Raises ValueError for what Slack would refuse."""
    problems = Problems()
    elements.suggested(answer, problems)
    if problems.found:
        raise ValueError(f"Slack refuses the options of the app: {'; '.join(problems.found)}.")
    return answer


def _named(names: Iterable[str], letters: str) -> Body:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in sorted(names)]
    return _narrowed({"options": options}, letters)


def _narrowed(element: Mapping[str, Any], letters: str) -> Body:
    """Those options of an element whose label holds the letters, as Slack's client narrows them."""
    if (groups := element.get("option_groups")) is not None:
        narrow = ({**group, **_narrowed({"options": group["options"]}, letters)} for group in groups)
        return {"option_groups": [group for group in narrow if group["options"]]}
    low = letters.casefold()
    return {"options": [each for each in element["options"] if low in each["text"]["text"].casefold()]}
