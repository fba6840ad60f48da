"""reactions.*: the emoji on messages."""

from __future__ import annotations

from sandbox.slack.chat import permalink
from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import BOT_USER, Body
from sandbox.slack.pins import STAMP
from sandbox.slack.refusal import Refusal
from sandbox.slack.workspace import Post

MOST_REACTIONS = 23
"""Different emoji on one message, as the clients show it; Slack's code for more is too_many_emoji."""


def add(desk: Desk, arguments: Arguments) -> Body:
    """reactions.add. Raises already_reacted, too_many_emoji, is_archived and what `_reaction` raises."""
    post, name = _reaction(desk, arguments)
    if desk.workspace.channels[post.channel].is_archived:
        raise Refusal("is_archived")
    if len(post.body.get("reactions", [])) >= MOST_REACTIONS:
        raise Refusal("too_many_emoji")
    if not desk.workspace.react(post, BOT_USER, name, added=True):
        raise Refusal("already_reacted")
    return {"ok": True}


def remove(desk: Desk, arguments: Arguments) -> Body:
    """reactions.remove. Raises no_reaction and what `_reaction` raises."""
    post, name = _reaction(desk, arguments)
    if not desk.workspace.react(post, BOT_USER, name, added=False):
        raise Refusal("no_reaction")
    return {"ok": True}


def _reaction(desk: Desk, arguments: Arguments) -> tuple[Post, str]:
    """The message and the emoji's name, without colons. Raises invalid_name and what `_post` raises."""
    name = arguments.need("name")
    if not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise Refusal("invalid_name")
    return _post(desk, arguments), name


def _post(desk: Desk, arguments: Arguments) -> Post:
    """Raises no_item_specified, channel_not_found, not_in_channel, bad_timestamp, message_not_found."""
    if not arguments.text("channel") or not (ts := arguments.text("timestamp")):
        raise Refusal("no_item_specified")
    channel = desk.joined(arguments.text("channel"))
    if not STAMP.fullmatch(ts):
        raise Refusal("bad_timestamp")
    post = desk.workspace.find(channel.id, ts)
    if post is None:
        raise Refusal("message_not_found")
    return post


def get(desk: Desk, arguments: Arguments) -> Body:
    """reactions.get, of a message (samples/slack/web_api/reactions.get.json)."""
    post = _post(desk, arguments)
    channel = desk.workspace.channels[post.channel]
    message = {**desk.workspace.shown(post), "permalink": permalink(channel, post)}
    return {"ok": True, "type": "message", "channel": channel.id, "message": message}


METHODS = {
    "reactions.add": Method(add, ("reactions:write",), tier=3, changes=True),
    "reactions.remove": Method(remove, ("reactions:write",), tier=2, changes=True),
    "reactions.get": Method(get, ("reactions:read",), tier=3),
}
