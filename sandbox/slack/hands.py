"""What people type and press that an app answers: slash commands, and what its messages offer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sandbox.slack import clicks
from sandbox.slack.delivery import OK, Outcome
from sandbox.slack.fields import HELD, Field
from sandbox.slack.hooks import Hooks, answer
from sandbox.slack.keyboard import encoded
from sandbox.slack.members import only_people, post_seen, who_and_where, writer_and_where
from sandbox.slack.people import APP, SLACKBOT, VERIFICATION_TOKEN, Body, Channel, User
from sandbox.slack.refusal import Refusal
from sandbox.slack.sheet import Menu, Sheet
from sandbox.slack.sockets import Sockets
from sandbox.slack.suggestions import Suggestions
from sandbox.slack.views import Views
from sandbox.slack.workspace import Post, Seen, Workspace
from sandbox.slack.writing import write

WARNING = "This app responded with an error or did not respond in time."
"""What the sandbox shows where Slack shows a warning sign beside a button (slack-platform.md 1.2)."""


class Hands:
    """The acts of people. Names of people and channels as in sandbox.md; a wrong one raises ValueError."""

    def __init__(
        self,
        workspace: Workspace,
        sockets: Sockets,
        views: Views,
        hooks: Hooks,
        commands: Collection[str],
    ) -> None:
        self.workspace = workspace
        self.sockets = sockets
        self.views = views
        self.hooks = hooks
        self.commands = commands
        self.suggestions = Suggestions(workspace, sockets)
        self.sheets: dict[tuple[str, str, str], Sheet] = {}

    async def slash(self, name: str, channel: str, command: str, text: str, raw: bool) -> str:
        """Type a slash command; answers ok, operation_timeout or dispatch_failed.

        Raises ValueError for one that the app has not: Slack keeps it back.
        """
        user, where = writer_and_where(self.workspace, name, channel)
        only_people(user, "type slash commands")
        if command not in self.commands:
            known = ", ".join(sorted(self.commands))
            raise ValueError(f"{command} is not a valid command: the app's manifest has {known}.")
        typed = text if raw else encoded(self.workspace, text, user, labels=True)
        payload = {
            "token": VERIFICATION_TOKEN,
            "team_id": user.team,
            "team_domain": user.team_domain,
            "channel_id": where.id,
            "channel_name": where.spoken_name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": typed,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self.hooks.new("commands", where.id, user.id),
            "trigger_id": self.views.trigger(user.id, self.workspace.clock()),
        }
        outcome = await self.sockets.delivery.ask("slash_commands", payload, accepts_response=True)
        self._show_answer(user, where, f"{command} {typed}".strip(), outcome)
        return outcome.result

    def _show_answer(self, user: User, where: Channel, line: str, outcome: Outcome) -> None:
        if outcome.result != OK:
            command = line.partition(" ")[0]
            self.notice(user, where, f"{command} failed with the error \u201c{outcome.result}\u201d")
        elif outcome.payload:
            self._answer(user, where, line, outcome.payload)

    def _answer(self, user: User, where: Channel, line: str, payload: Mapping[str, Any]) -> None:
        if payload.get("response_type") == "in_channel":
            write(self.workspace, user, where, {"text": line})
        try:
            answer(self.workspace, where.id, user.id, payload)
        except Refusal as refusal:
            self.notice(
                user, where, f"{line.partition(' ')[0]} failed with the error \u201c{refusal.code}\u201d"
            )

    def notice(self, user: User, where: Channel, text: str, thread: str | None = None) -> None:
        """Slack's own words to one person."""
        body = {"type": "message", "user": SLACKBOT, "text": text, "ts": self.workspace.next_ts()}
        rest = {"thread_ts": thread} if thread else {}
        self.workspace.add(Post(where.id, {**body, **rest}, only_for=user.id, locked=True))

    async def click(
        self, name: str, channel: str, ts: str, action_id: str, *, block_id: str | None, option: str | None
    ) -> str:
        """Press a button, or choose an option; answers ok, operation_timeout or dispatch_failed."""
        user, where = who_and_where(self.workspace, name, channel)
        only_people(user, "press buttons")
        post = post_seen(self.workspace, where, ts, user)
        field = clicks.field_of(post, action_id, block_id)
        sheet = self._sheet(user, post)
        action = await self._action(user, field, option, clicks.place(where, post), sheet)
        self.workspace.touched()
        return await self._tell(user, where, post, action, sheet) if field.dispatches else OK

    def _sheet(self, user: User, post: Post) -> Sheet:
        """What that person has picked in a message so far, which Slack's client keeps for them alone."""
        sheet = self.sheets.setdefault((user.id, post.channel, post.ts), Sheet())
        sheet.meet(post.body)
        return sheet

    async def _action(
        self, user: User, field: Field, option: str | None, place: Mapping[str, Any], sheet: Sheet
    ) -> Body:
        """The entry in `actions`; what a select does not bring along itself is looked up or asked for."""
        menu, now = sheet.menu_of(field.key), self.workspace.next_ts()
        if field.kind not in HELD:
            sheet.menu = None
            return clicks.action_of(field.block, field.element, option, now)
        value = await self.suggestions.picked(user, field, option or "", place, menu)
        return {**clicks.action_with(field, sheet.enter(field, value)), "action_ts": now}

    async def _tell(self, user: User, where: Channel, post: Post, action: Body, sheet: Sheet) -> str:
        """Send block_actions (samples/slack/interactive). An ephemeral message is not sent along."""
        payload = {
            **clicks.interaction("block_actions", user),
            **clicks.place(where, post),
            "state": sheet.state(),
            "trigger_id": self.views.trigger(user.id, self.workspace.clock()),
            "response_url": self.hooks.new("actions", where.id, user.id, post.ts),
            "actions": [action],
        }
        outcome = await self.sockets.delivery.ask("interactive", payload)
        if outcome.result != OK:
            self.notice(user, where, f"{WARNING} ({outcome.result})", post.thread)
        return outcome.result

    async def letters(
        self, name: str, channel: str, ts: str, action_id: str, *, block_id: str | None, text: str
    ) -> None:
        """Open a menu of a message and type letters into it, so that it shows what it offers for them."""
        user, where = who_and_where(self.workspace, name, channel)
        post = post_seen(self.workspace, where, ts, user)
        field = clicks.field_of(post, action_id, block_id)
        offered = await self.suggestions.offered(user, field, text, clicks.place(where, post))
        self._sheet(user, post).menu = Menu(field.key, text, offered)
        self.workspace.touched()

    def overlaid(self, user: User, channel: str, seen: Seen) -> Seen:
        """A message with what that person has picked in it and the menu they have opened."""
        sheet = self.sheets.get((user.id, channel, seen.ts))
        return replace(seen, message=sheet.over(seen.message)) if sheet and "blocks" in seen.message else seen
