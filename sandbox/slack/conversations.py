"""conversations.*: finding, opening, joining and reading channels."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable

from sandbox.slack import rooms
from sandbox.slack.channels import channel_body
from sandbox.slack.chat import with_metadata
from sandbox.slack.methods import DEFAULT_LIMIT, Arguments, Desk, Method, page
from sandbox.slack.people import BOT_USER, Body, Channel, own_bot
from sandbox.slack.refusal import Refusal
from sandbox.slack.workspace import Post

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
SCOPE_OF = {"channel": "channels", "group": "groups", "im": "im"}
MOST_USERS = 8
"""People of one conversations.open (slack-platform.md 2.4)."""
STAMP = re.compile(r"\d+(\.\d*)?")
MOST_REPLIES = 1_000
"""Default and most messages of a page of conversations.replies (docs.slack.dev, conversations.replies)."""
NEXT = "next_ts:"
"""What a cursor of messages holds (samples/slack/web_api/conversations.history.json)."""


def info(desk: Desk, arguments: Arguments) -> Body:
    """conversations.info."""
    channel = _readable(desk, desk.known(arguments.need("channel")), "read")
    body = channel_body(channel)
    if channel.kind != "im" and arguments.flag("include_num_members"):
        body["num_members"] = len(channel.members)
    if channel.kind != "im" and arguments.flag("include_locale"):
        body["locale"] = "en-US"
    return {"ok": True, "channel": body}


def _readable(desk: Desk, channel: Channel, what: str) -> Channel:
    desk.needs(f"{SCOPE_OF[channel.kind]}:{what}")
    return channel


def list_all(desk: Desk, arguments: Arguments) -> Body:
    """conversations.list: public channels, and those private ones and direct messages the bot is in."""
    types = [each.strip() for each in arguments.text("types", "public_channel").split(",")]
    if not set(types) <= TYPES.keys():
        raise Refusal("invalid_types")
    kinds = {TYPES[each] for each in types}
    for kind in kinds & SCOPE_OF.keys():
        desk.needs(f"{SCOPE_OF[kind]}:read")
    found = [each for each in desk.workspace.channels.values() if each.kind in kinds and _may_know(each)]
    if arguments.flag("exclude_archived"):
        found = [each for each in found if not each.is_archived]
    some, cursor = page(found, arguments)
    answer = {"channels": [channel_body(each) for each in some]}
    return {"ok": True, **answer, "response_metadata": {"next_cursor": cursor}}


def _may_know(channel: Channel) -> bool:
    return channel.kind == "channel" or BOT_USER in channel.members


def members(desk: Desk, arguments: Arguments) -> Body:
    """conversations.members."""
    channel = _readable(desk, desk.known(arguments.need("channel")), "read")
    active = [each for each in channel.members if not desk.workspace.users[each].deleted]
    some, cursor = page(active, arguments)
    return {"ok": True, "members": some, "response_metadata": {"next_cursor": cursor}}


def join(desk: Desk, arguments: Arguments) -> Body:
    """conversations.join: public channels only."""
    channel = desk.known(arguments.need("channel"))
    if channel.kind != "channel":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
    if BOT_USER in channel.members:
        warning = "already_in_channel"
        rest = {"warning": warning, "response_metadata": {"warnings": [warning]}}
        return {"ok": True, "channel": channel_body(channel), **rest}
    rooms.enter(desk.workspace, channel, own_bot())
    return {"ok": True, "channel": channel_body(channel)}


def open_im(desk: Desk, arguments: Arguments) -> Body:
    """conversations.open: the direct message with one person; group messages are not part of the sandbox."""
    users = [each.strip() for each in arguments.text("users").split(",") if each.strip()]
    if not users:
        raise Refusal("users_list_not_supplied")
    if len(users) > MOST_USERS:
        raise Refusal("too_many_users")
    if any(user not in desk.workspace.users for user in users):
        raise Refusal("user_not_found")
    if any(desk.workspace.users[user].deleted for user in users):
        raise Refusal("user_disabled")
    channel = desk.workspace.dm(users[0]) if len(users) == 1 else None
    if channel is None:
        raise Refusal("invalid_user_combination")
    body = channel_body(channel) if arguments.flag("return_im") else {"id": channel.id}
    return {"ok": True, "no_op": True, "already_open": True, "channel": body}


def history(desk: Desk, arguments: Arguments) -> Body:
    """conversations.history: newest first, without replies unless they were broadcast."""
    channel = _readable(desk, desk.joined(arguments.need("channel")), "history")
    found = [post for post in _range(desk, channel, arguments) if _at_top(post)]
    some, cursor = _page(found, arguments, DEFAULT_LIMIT, lambda post, ts: post.ts <= ts)
    rest = {"pin_count": len(channel.pins), "channel_actions_ts": None, "channel_actions_count": 0}
    return _messages(desk, some, cursor, arguments.flag("include_all_metadata"), rest)


def replies(desk: Desk, arguments: Arguments) -> Body:
    """conversations.replies: oldest first, on the first page after the parent, whatever its age.

    With the ts of a reply it answers that one message. Raises thread_not_found.
    """
    channel = _readable(desk, desk.joined(arguments.need("channel")), "history")
    parent = desk.workspace.find(channel.id, arguments.need("ts"))
    if parent is None or parent.only_for:
        raise Refusal("thread_not_found")
    thread = [post for post in _range(desk, channel, arguments) if post.thread == parent.ts]
    whole = [parent, *reversed(thread)]
    some, cursor = _page(whole, arguments, MOST_REPLIES, lambda post, ts: post.ts >= ts)
    return _messages(desk, some, cursor, arguments.flag("include_all_metadata"), {})


def _range(desk: Desk, channel: Channel, arguments: Arguments) -> list[Post]:
    oldest, latest = arguments.text("oldest", "0"), arguments.text("latest")
    if not STAMP.fullmatch(oldest):
        raise Refusal("invalid_ts_oldest")
    if latest and not STAMP.fullmatch(latest):
        raise Refusal("invalid_ts_latest")
    return list(desk.workspace.between(channel.id, oldest, latest, arguments.flag("inclusive")))


def _at_top(post: Post) -> bool:
    return post.thread is None or post.body.get("subtype") == "thread_broadcast"


def _page(
    found: list[Post], arguments: Arguments, default: int, goes_on: Callable[[Post, str], bool]
) -> tuple[list[Post], str]:
    """One page, and the cursor for the next: it holds the ts to go on from, so that new messages shift nothing.

    Raises invalid_cursor, invalid_limit.
    """
    if cursor := arguments.text("cursor"):
        first = _stamp_of(cursor)
        found = [post for post in found if goes_on(post, first)]
    limit = arguments.number("limit", default)
    if not 1 <= limit <= MOST_REPLIES:
        raise Refusal("invalid_limit")
    more = found[limit:]
    return found[:limit], b64encode(f"{NEXT}{more[0].ts}".encode()).decode() if more else ""


def _stamp_of(cursor: str) -> str:
    try:
        text = b64decode(cursor, validate=True).decode()
    except ValueError:
        raise Refusal("invalid_cursor") from None
    if not text.startswith(NEXT):
        raise Refusal("invalid_cursor")
    return text.removeprefix(NEXT)


def _messages(desk: Desk, some: list[Post], cursor: str, metadata: bool, rest: Body) -> Body:
    shown = [desk.workspace.shown(post) for post in some]
    if metadata:
        shown = [with_metadata(post, body) for post, body in zip(some, shown, strict=True)]
    answer = {"messages": shown, "has_more": bool(cursor), **rest}
    return {"ok": True, **answer, "response_metadata": {"next_cursor": cursor}}


def _scopes(what: str) -> tuple[str, ...]:
    return tuple(f"{scope}:{what}" for scope in ("channels", "groups", "im", "mpim"))


METHODS = {
    "conversations.info": Method(info, _scopes("read"), tier=3),
    "conversations.list": Method(list_all, _scopes("read"), tier=2),
    "conversations.members": Method(members, _scopes("read"), tier=4),
    "conversations.join": Method(join, ("channels:join",), tier=3, changes=True),
    "conversations.open": Method(open_im, ("im:write", "mpim:write"), tier=3, changes=True),
    "conversations.history": Method(history, _scopes("history"), tier=3),
    "conversations.replies": Method(replies, _scopes("history"), tier=3),
}
