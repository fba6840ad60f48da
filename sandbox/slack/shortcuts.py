"""Shortcuts: the global ones of the search bar, and those in the menu of a message (slack-platform.md 3)."""

from __future__ import annotations

from typing import Any

from sandbox.slack.delivery import OK
from sandbox.slack.hands import WARNING, Hands
from sandbox.slack.manifest import GLOBAL, MESSAGE, Shortcut
from sandbox.slack.members import only_people, post_seen, who_and_where
from sandbox.slack.people import TEAM, TEAM_DOMAIN, VERIFICATION_TOKEN, Body, Channel, User
from sandbox.slack.workspace import Post


class Shortcuts:
    """What people start by the app's shortcuts, which are those that its manifest declares."""

    def __init__(self, hands: Hands, offered: tuple[Shortcut, ...]) -> None:
        self.hands = hands
        self.offered = offered

    def named(self, wanted: str, of_message: bool | None = None) -> Shortcut:
        """
        The shortcut with that visible name, else the first whose name begins so; case does not matter.

        `of_message` looks only among those of messages, or only among the others. Raises ValueError naming what
        there is.
        """
        types = {None: (GLOBAL, MESSAGE), True: (MESSAGE,), False: (GLOBAL,)}[of_message]
        known = [each for each in self.offered if each.type in types]
        low = wanted.casefold()
        exact = (each for each in known if each.name.casefold() == low)
        begun = (each for each in known if each.name.casefold().startswith(low))
        if (found := next(exact, None) or next(begun, None)) is not None:
            return found
        what = {None: "shortcut", True: "shortcut for messages", False: "global shortcut"}[of_message]
        there = ", ".join(each.name for each in known) or "none"
        raise ValueError(f"The app has no {what} {wanted!r}; there are: {there}.")

    async def use(self, name: str, wanted: str, channel: str) -> str:
        """
        Start a global shortcut while looking at a channel (samples/slack/interactive/shortcut_global.json).

        Answers ok, operation_timeout or dispatch_failed. Nothing of the channel reaches the app.
        """
        user, where = self._who_and_where(name, channel)
        payload = {
            **self._common("shortcut", user, self.named(wanted, of_message=False)),
            "user": {"id": user.id, "username": user.name, "team_id": user.team},
        }
        return await self._send(user, where, payload, None)

    async def use_on(self, name: str, wanted: str, channel: str, ts: str) -> str:
        """Start one on a message (samples/slack/interactive/message_action.json); answers as `use`."""
        user, where = self._who_and_where(name, channel)
        shortcut = self.named(wanted, of_message=True)
        post = self._message(where, ts, user)
        payload = {
            **self._common("message_action", user, shortcut),
            "user": {"id": user.id, "name": user.name, "username": user.name, "team_id": user.team},
            "channel": {"id": where.id, "name": where.spoken_name},
            "response_url": self.hands.hooks.new("app", where.id, user.id),
            "message_ts": post.ts,
            "message": self.hands.workspace.shown(post),
        }
        return await self._send(user, where, payload, post.thread)

    def _who_and_where(self, name: str, channel: str) -> tuple[User, Channel]:
        user, where = who_and_where(self.hands.workspace, name, channel)
        only_people(user, "use shortcuts")
        return user, where

    def _message(self, where: Channel, ts: str, user: User) -> Post:
        """The message, if Slack offers shortcuts on it. Raises ValueError."""
        post = post_seen(self.hands.workspace, where, ts, user)
        if post.only_for is not None or post.locked or post.body.get("subtype") == "tombstone":
            raise ValueError(
                "Slack offers no shortcuts on a message of its own, or that only one person sees."
            )
        return post

    def _common(self, kind: str, user: User, shortcut: Shortcut) -> Body:
        views, workspace = self.hands.views, self.hands.workspace
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "action_ts": workspace.next_ts(),
            "team": {"id": TEAM, "domain": TEAM_DOMAIN},
            "is_enterprise_install": False,
            "enterprise": None,
            "callback_id": shortcut.callback_id,
            "trigger_id": views.trigger(user.id, workspace.clock()),
        }

    async def _send(self, user: User, where: Channel, payload: dict[str, Any], thread: str | None) -> str:
        outcome = await self.hands.sockets.delivery.ask("interactive", payload)
        if outcome.result != OK:
            self.hands.notice(user, where, f"{WARNING} ({outcome.result})", thread)
        return outcome.result
