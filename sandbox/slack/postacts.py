"""The `:slack …` lines about one message: pins, what an administrator erases, what Slack adds to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sandbox.slack import pins
from sandbox.slack.members import only_people, post_seen, who_and_where
from sandbox.slack.people import Channel, User
from sandbox.slack.workspace import Post, Workspace

USAGES: Mapping[str, str] = {
    "pin N|on TEXT": "pin a message to its channel",
    "unpin N|on TEXT": "take the pin off",
    "erase N|on TEXT": "an administrator deletes any message",
    "unfurl N|on TEXT": "Slack adds what is behind its link",
}
"""What can follow `:slack` about a message, and what it means."""
LINK = re.compile(r"<(https?://[^|>]+)")

Doing = Callable[[Workspace, User, str, str], str]
"""Does a line for somebody, on the message with a ts in a channel; answers a sentence. Raises ValueError."""


def _pin(workspace: Workspace, by: User, channel: str, ts: str) -> str:
    where, post = _lasting(workspace, by, channel, ts)
    if post.ts in where.pins:
        raise ValueError("It is pinned already.")
    pins.pin(workspace, where, post, by)
    return "It is pinned."


def _unpin(workspace: Workspace, by: User, channel: str, ts: str) -> str:
    where, post = _lasting(workspace, by, channel, ts)
    if post.ts not in where.pins:
        raise ValueError("It is not pinned.")
    pins.unpin(workspace, where, post, by)
    return "It is not pinned any more."


def _lasting(workspace: Workspace, by: User, channel: str, ts: str) -> tuple[Channel, Post]:
    """A message that everybody there sees, and that is not Slack's own."""
    only_people(by, "pin messages by hand")
    _, where = who_and_where(workspace, by.id, channel)
    post = post_seen(workspace, where, ts, by)
    if post.only_for is not None or post.locked:
        raise ValueError("A message of Slack's own, or that only one person sees, cannot be pinned.")
    if where.is_archived:
        raise ValueError(f"#{where.name} is archived: its pins stay as they are.")
    return where, post


def _erase(workspace: Workspace, by: User, channel: str, ts: str) -> str:
    post = post_seen(workspace, workspace.channel(channel, by), ts, by)
    workspace.remove(post)
    return "It is deleted."


def _unfurl(workspace: Workspace, by: User, channel: str, ts: str) -> str:
    """Nothing of what was said changes, and nobody has edited it."""
    post = post_seen(workspace, workspace.channel(channel, by), ts, by)
    if (found := LINK.search(post.body.get("text", ""))) is None:
        raise ValueError("There is no link in that message.")
    link = found[1]
    preview = {"id": 1, "from_url": link, "original_url": link, "fallback": link, "title": link}
    more = [{**preview, "title_link": link, "service_name": link.split("/")[2], "text": "What is there."}]
    workspace.change(post, {**post.body, "attachments": more}, post.fired)
    return "Slack has added what is behind its link."


LINES: Mapping[str, Doing] = {"pin": _pin, "unpin": _unpin, "erase": _erase, "unfurl": _unfurl}
"""What does each of them."""
