"""What Slack's clients make of the words a person types: entities, mentions, channels and links."""

from __future__ import annotations

import re

from sandbox.slack.people import BOT_NAME, BOT_USER, User
from sandbox.slack.workspace import Workspace

LINK = re.compile(r"(https?://(?:(?!&[lg]t;)[^\s<>`])*(?!&[lg]t;)[^\s<>`.,;:!?)])")
"""An address, without the punctuation behind it."""
WORD = re.compile(
    rf"(?P<link>{LINK.pattern})|(?<![\w@])@(?P<name>[\w.-]*\w)|(?<![\w&])#(?P<channel>[a-z][\w-]*)"
)
CODE = re.compile(r"(```.+?```|`[^`\n]+`)", re.DOTALL)


def encoded(workspace: Workspace, text: str, writer: User, labels: bool) -> str:
    """The text as Slack hands it to an app; `labels` for slash commands, whose mentions carry names.

    Only people and channels that exist become mentions; anything else stays as typed, and all in the code of a
    message but links. Links and channels are written as with should_escape in the manifest (slack-platform.md 3).
    """
    parts = [escaped(text)] if labels else CODE.split(escaped(text))

    def read(word: re.Match[str]) -> str:
        return _word(workspace, word, writer, labels)

    return "".join(
        LINK.sub(r"<\1>", part) if at % 2 else WORD.sub(read, part) for at, part in enumerate(parts)
    )


def escaped(text: str) -> str:
    """The three entities Slack writes (slack-platform.md 4)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _word(workspace: Workspace, word: re.Match[str], writer: User, labels: bool) -> str:
    if link := word["link"]:
        return f"<{link}>"
    if name := word["name"]:
        return _mention(workspace, name, labels) or word[0]
    channels = workspace.channels.values()
    for channel in channels:
        if channel.kind != "im" and channel.name == word["channel"] and writer.id in channel.members:
            return f"<#{channel.id}|{channel.name if channel.kind == 'channel' else ''}>"
    return word[0]


def _mention(workspace: Workspace, name: str, labels: bool) -> str | None:
    if name in ("here", "channel", "everyone"):
        return f"<!{name}>"
    for user in workspace.users.values():
        if user.name == name or (user.id == BOT_USER and name == BOT_NAME):
            return f"<@{user.id}|{user.name}>" if labels else f"<@{user.id}>"
    for group in workspace.groups.values():
        if group.handle == name:
            return f"<!subteam^{group.id}|@{name}>" if labels else f"<!subteam^{group.id}>"
    return None
