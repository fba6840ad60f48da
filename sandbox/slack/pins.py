"""Pinned messages: pins.*, and what Slack tells of them."""

from __future__ import annotations

import re

from sandbox.slack.chat import permalink
from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import BOT_USER, Body, Channel, User, own_bot
from sandbox.slack.refusal import Refusal
from sandbox.slack.workspace import Happening, Post, Workspace

MOST_PINS = 100
"""Of one channel (slack-platform.md 2.4)."""
STAMP = re.compile(r"\d+\.\d{6}")


def pin(workspace: Workspace, channel: Channel, post: Post, by: User) -> None:
    """Pin a message: it says so itself, and Slack writes a line about it."""
    info = {"channel": channel.id, "pinned_by": by.id, "pinned_ts": int(workspace.clock())}
    channel.pins[post.ts] = info
    post.body = {**post.body, "pinned_to": [channel.id], "pinned_info": info}
    _tell(workspace, channel, post, by, "pin_added", info)
    body = {"type": "message", "subtype": "pinned_item", "user": by.id, "ts": workspace.next_ts()}
    text = f"<@{by.id}> pinned a message to this channel."
    workspace.add(Post(channel.id, {**body, "text": text}, locked=True))


def unpin(workspace: Workspace, channel: Channel, post: Post, by: User) -> None:
    """Take the pin off."""
    info = channel.pins.pop(post.ts)
    post.body = {key: each for key, each in post.body.items() if key not in ("pinned_to", "pinned_info")}
    _tell(workspace, channel, post, by, "pin_removed", info)


def _tell(workspace: Workspace, channel: Channel, post: Post, by: User, kind: str, info: Body) -> None:
    """pin_added or pin_removed (docs.slack.dev; samples of slackapi/java-slack-sdk)."""
    event = {
        "user": by.id,
        "channel_id": channel.id,
        "item": item(workspace, channel, post, info),
        "item_user": post.body.get("user", ""),
        "pin_count": len(channel.pins),
        "pinned_info": info,
        **({"has_pins": bool(channel.pins)} if kind == "pin_removed" else {}),
    }
    workspace.tell(Happening(kind, channel, event, heard=BOT_USER in channel.members))


def item(workspace: Workspace, channel: Channel, post: Post, info: Body) -> Body:
    """A pinned message as pins.list gives it (samples/slack/web_api/pins.list.json)."""
    shown = {key: each for key, each in workspace.shown(post).items() if key != "pinned_info"}
    message = {**shown, "permalink": permalink(channel, post)}
    who = {"created": info["pinned_ts"], "created_by": info["pinned_by"]}
    return {"type": "message", **who, "channel": channel.id, "message": message}


def add(desk: Desk, arguments: Arguments) -> Body:
    """pins.add. Raises already_pinned, not_pinnable (Slack's own lines), too_many_pins and what `_post` raises."""
    channel, post = _post(desk, arguments)
    if channel.is_archived:
        raise Refusal("is_archived")
    if post.locked or post.body.get("subtype") == "tombstone":
        raise Refusal("not_pinnable")
    if post.ts in channel.pins:
        raise Refusal("already_pinned")
    if len(channel.pins) >= MOST_PINS:
        raise Refusal("too_many_pins")
    pin(desk.workspace, channel, post, own_bot())
    return {"ok": True}


def remove(desk: Desk, arguments: Arguments) -> Body:
    """pins.remove. Raises no_pin and what `_post` raises."""
    channel, post = _post(desk, arguments)
    if post.ts not in channel.pins:
        raise Refusal("no_pin")
    unpin(desk.workspace, channel, post, own_bot())
    return {"ok": True}


def _post(desk: Desk, arguments: Arguments) -> tuple[Channel, Post]:
    """
    The message that is meant.

    Raises channel_not_found, not_in_channel, no_item_specified, bad_timestamp, message_not_found.
    """
    channel = desk.joined(arguments.need("channel"))
    if not (ts := arguments.text("timestamp")):
        raise Refusal("no_item_specified")
    if not STAMP.fullmatch(ts):
        raise Refusal("bad_timestamp")
    post = desk.workspace.find(channel.id, ts)
    if post is None:
        raise Refusal("message_not_found")
    return channel, post


def list_all(desk: Desk, arguments: Arguments) -> Body:
    """pins.list, the newest pin first."""
    channel = desk.joined(arguments.need("channel"))
    posts = desk.workspace.posts[channel.id]
    pinned = [(posts[ts], info) for ts, info in reversed(channel.pins.items())]
    return {"ok": True, "items": [item(desk.workspace, channel, post, info) for post, info in pinned]}


METHODS = {
    "pins.add": Method(add, ("pins:write",), tier=2, changes=True),
    "pins.remove": Method(remove, ("pins:write",), tier=2, changes=True),
    "pins.list": Method(list_all, ("pins:read",), tier=2),
}
