"""What people do in the sandbox's Slack: commands, messages, clicks, edits, reactions, uploads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.slack import clicks, richtext
from sandbox.slack.delivery import OK, Outcome
from sandbox.slack.fields import HELD, Field
from sandbox.slack.files import Files, file_body
from sandbox.slack.hooks import Hooks, answer
from sandbox.slack.keyboard import encoded
from sandbox.slack.people import APP, SLACKBOT, VERIFICATION_TOKEN, Body, Channel, User, bot_body
from sandbox.slack.refusal import Refusal
from sandbox.slack.sheet import Menu, Sheet
from sandbox.slack.sockets import Sockets
from sandbox.slack.suggestions import Suggestions
from sandbox.slack.views import Views
from sandbox.slack.workspace import Post, Seen, Workspace

WARNING = "This app responded with an error or did not respond in time."
"""What the sandbox shows where Slack shows a warning sign beside a button (slack-platform.md 1.2)."""


class Hands:
    """The acts of people. Names of people and channels as in sandbox.md; a wrong one raises ValueError."""

    def __init__(
        self, workspace: Workspace, sockets: Sockets, views: Views, hooks: Hooks, files: Files
    ) -> None:
        self.workspace = workspace
        self.sockets = sockets
        self.views = views
        self.hooks = hooks
        self.files = files
        self.suggestions = Suggestions(workspace, sockets)
        self.sheets: dict[tuple[str, str, str], Sheet] = {}

    def who_and_where(self, name: str, channel: str) -> tuple[User, Channel]:
        """The person and the channel, if that person may write there. Raises ValueError."""
        user = self.workspace.person(name)
        found = self.workspace.channel(channel, user)
        if user.id not in found.members:
            raise ValueError(f"{user.name} is not in {channel}.")
        return user, found

    async def slash(self, name: str, channel: str, command: str, text: str, raw: bool) -> str:
        """Type a slash command; answers ok, operation_timeout or dispatch_failed."""
        user, where = self.who_and_where(name, channel)
        only_people(user, "type slash commands")
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
            self._write(user, where, {"text": line})
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

    def say(self, name: str, channel: str, text: str, thread: str | None, raw: bool) -> str:
        """Write a message; answers its ts."""
        user, where = self.who_and_where(name, channel)
        typed = text if raw else encoded(self.workspace, text, user, labels=False)
        return self._write(user, where, {"text": typed}, thread).ts

    def _write(self, user: User, where: Channel, content: Body, thread: str | None = None) -> Post:
        body: Body = {
            "user": user.id,
            "type": "message",
            "ts": self.workspace.next_ts(),
            **(bot_body(user) if user.is_bot else {"client_msg_id": str(uuid.uuid4())}),
            "team": user.team,
            **content,
        }
        if content["text"]:
            body["blocks"] = richtext.typed(content["text"], "q9Zz")
        if thread is not None:
            parent = self.post(where, thread, user)
            body |= {"thread_ts": parent.thread or parent.ts, "parent_user_id": parent.body.get("user", "")}
        return self.workspace.add(Post(where.id, body))

    def post(self, where: Channel, ts: str, user: User) -> Post:
        """The message with that ts, as that person sees it. Raises ValueError."""
        found = self.workspace.find(where.id, ts, user.id)
        if found is None:
            raise ValueError(f"{user.name} sees no message {ts} in {where.name}.")
        return found

    async def click(
        self, name: str, channel: str, ts: str, action_id: str, *, block_id: str | None, option: str | None
    ) -> str:
        """Press a button, or choose an option; answers ok, operation_timeout or dispatch_failed."""
        user, where = self.who_and_where(name, channel)
        only_people(user, "press buttons")
        post = self.post(where, ts, user)
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
        user, where = self.who_and_where(name, channel)
        post = self.post(where, ts, user)
        field = clicks.field_of(post, action_id, block_id)
        offered = await self.suggestions.offered(user, field, text, clicks.place(where, post))
        self._sheet(user, post).menu = Menu(field.key, text, offered)
        self.workspace.touched()

    def overlaid(self, user: User, channel: str, seen: Seen) -> Seen:
        """A message with what that person has picked in it and the menu they have opened."""
        sheet = self.sheets.get((user.id, channel, seen.ts))
        return replace(seen, message=sheet.over(seen.message)) if sheet and "blocks" in seen.message else seen

    def edit(self, name: str, channel: str, ts: str, text: str) -> None:
        """Change an own message."""
        user, post = self._own(name, channel, ts)
        typed = encoded(self.workspace, text, user, labels=False)
        edited = {"user": user.id, "ts": self.workspace.next_ts()}
        new = {"text": typed, "blocks": richtext.typed(typed, "q9Zz"), "edited": edited}
        self.workspace.change(post, {**post.body, **new})

    def delete(self, name: str, channel: str, ts: str) -> None:
        """Delete an own message."""
        self.workspace.remove(self._own(name, channel, ts)[1])

    def _own(self, name: str, channel: str, ts: str) -> tuple[User, Post]:
        user, where = self.who_and_where(name, channel)
        post = self.post(where, ts, user)
        if post.body.get("user") != user.id:
            raise ValueError(f"The message {ts} is not {user.name}'s own.")
        return user, post

    def react(self, name: str, channel: str, ts: str, emoji: str, added: bool) -> None:
        """Add or take back an emoji, with or without its colons."""
        user, where = self.who_and_where(name, channel)
        self.workspace.react(self.post(where, ts, user), user.id, emoji.strip(":"), added)

    def upload(self, name: str, channel: str, path: Path, thread: str | None, text: str) -> str:
        """Share a file with some words; answers the ts of the message."""
        user, where = self.who_and_where(name, channel)
        content = path.read_bytes()
        file = self.files.new(path.name, len(content), user.id, int(self.workspace.clock()))
        file.content, file.uploaded, file.complete = content, True, True
        typed = encoded(self.workspace, text, user, labels=False)
        shared = {"text": typed, "files": [file_body(file)], "upload": False, "display_as_bot": False}
        post = self._write(user, where, shared, thread)
        file.shares[where.id] = [post.ts]
        return post.ts


def only_people(user: User, what: str) -> None:
    """Raises ValueError for an app, which can do none of what people do by hand."""
    if user.is_bot:
        raise ValueError(f"{user.name} is an app, and apps cannot {what} in Slack.")
