"""What people write in the sandbox's Slack: messages, edits, reactions, files."""

from __future__ import annotations

import uuid
from pathlib import Path

from sandbox.slack.composer import composed
from sandbox.slack.files import Files, in_message
from sandbox.slack.keyboard import encoded
from sandbox.slack.members import post_seen, writer_and_where
from sandbox.slack.people import Body, Channel, User, bot_body
from sandbox.slack.workspace import Post, Workspace

BROADCAST = "thread_broadcast"


class Writing:
    """The acts of people that change messages. A wrong name, or somebody else's message, raises ValueError."""

    def __init__(self, workspace: Workspace, files: Files) -> None:
        self.workspace = workspace
        self.files = files

    def say(self, name: str, channel: str, text: str, thread: str | None, raw: bool) -> str:
        """Write a message; answers its ts. `raw` text stays as it is."""
        user, where = writer_and_where(self.workspace, name, channel)
        content = self._typed(text, user)
        return write(self.workspace, user, where, content | ({"text": text} if raw else {}), thread).ts

    def broadcast(self, name: str, channel: str, text: str, thread: str) -> str:
        """Write a reply that the channel sees too (samples/slack/events/message_thread_broadcast.json)."""
        user, where = writer_and_where(self.workspace, name, channel)
        content = {**self._typed(text, user), "subtype": BROADCAST}
        return write(self.workspace, user, where, content, thread).ts

    def _typed(self, text: str, user: User) -> Body:
        """What Slack's message box makes of the words."""
        made = composed(encoded(self.workspace, text, user, labels=False))
        return {"text": made.text, "blocks": [made.block()]} if text else {"text": ""}

    def edit(self, name: str, channel: str, ts: str, text: str) -> None:
        """Change an own message."""
        user, post = self._own(name, channel, ts)
        edited = {"user": user.id, "ts": self.workspace.next_ts()}
        self.workspace.change(post, {**post.body, **self._typed(text, user), "edited": edited})

    def delete(self, name: str, channel: str, ts: str) -> None:
        """Delete an own message."""
        self.workspace.remove(self._own(name, channel, ts)[1])

    def _own(self, name: str, channel: str, ts: str) -> tuple[User, Post]:
        user, where = writer_and_where(self.workspace, name, channel)
        post = post_seen(self.workspace, where, ts, user)
        if post.body.get("user") != user.id:
            raise ValueError(f"The message {ts} is not {user.name}'s own.")
        return user, post

    def react(self, name: str, channel: str, ts: str, emoji: str, added: bool) -> None:
        """Add or take back an emoji, with or without its colons."""
        user, where = writer_and_where(self.workspace, name, channel)
        post = post_seen(self.workspace, where, ts, user)
        self.workspace.react(post, user.id, emoji.strip(":"), added)

    def upload(self, name: str, channel: str, path: Path, thread: str | None, text: str) -> str:
        """Share a file with some words; answers the ts of the message."""
        user, where = writer_and_where(self.workspace, name, channel)
        content, now = path.read_bytes(), self.workspace.next_ts()
        file = self.files.new(path.name, len(content), user.id, int(self.workspace.clock()))
        file.content, file.uploaded, file.complete = content, True, True
        file.share(where, now)
        shared = {**self._typed(text, user), "ts": now, "files": [in_message(file, user)]}
        shared |= {"upload": False, "display_as_bot": False}
        return write(self.workspace, user, where, shared, thread).ts


def write(workspace: Workspace, user: User, where: Channel, content: Body, thread: str | None = None) -> Post:
    """Put a message of a person, or of another app, into a channel or a thread of it."""
    body: Body = {
        "user": user.id,
        "type": "message",
        "ts": content.get("ts") or workspace.next_ts(),
        **(bot_body(user) if user.is_bot else {"client_msg_id": str(uuid.uuid4())}),
        "team": user.team,
        **content,
    }
    if thread is not None:
        parent = post_seen(workspace, where, thread, user)
        body["thread_ts"] = parent.thread or parent.ts
        if content.get("subtype") != BROADCAST:
            body["parent_user_id"] = parent.body.get("user", "")
    return workspace.add(Post(where.id, body))
