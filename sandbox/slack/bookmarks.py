"""bookmarks.*: the links above a channel. Slack tells no app of them."""

from __future__ import annotations

import re

from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import BOT_USER, TEAM, Body, Channel
from sandbox.slack.refusal import Refusal

MOST_BOOKMARKS = 100
"""Of one channel (slack-platform.md 2.4)."""
LINK = re.compile(r"https?://[^\s<>]+")
EMOJI = re.compile(r":[a-z0-9_+'-]+:")
EDITED = ("title", "link", "emoji")


def add(desk: Desk, arguments: Arguments) -> Body:
    """bookmarks.add. Raises invalid_bookmark_type (all but `link`), invalid_link, invalid_emoji, too_many_bookmarks."""
    channel = _channel(desk, arguments)
    title = arguments.need("title")
    if arguments.need("type") != "link":
        raise Refusal("invalid_bookmark_type")
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise Refusal("too_many_bookmarks")
    looks = {"link": _link(arguments), "emoji": _emoji(arguments)}
    number = max((int(each.removeprefix("Bk")) for each in channel.bookmarks), default=0) + 1
    mark: Body = {
        "id": f"Bk{number:010d}",
        "channel_id": channel.id,
        "title": title,
        **looks,
        "icon_url": "https://slack-imgs.com/?url=favicon",
        "type": "link",
        "entity_id": None,
        "date_created": int(desk.workspace.clock()),
        "date_updated": 0,
        "rank": "l",
        "last_updated_by_user_id": BOT_USER,
        "last_updated_by_team_id": TEAM,
        "shortcut_id": None,
        "app_id": None,
    }
    channel.bookmarks[mark["id"]] = mark
    desk.workspace.touched()
    return {"ok": True, "bookmark": mark}


def _channel(desk: Desk, arguments: Arguments) -> Channel:
    """
    The channel, which these methods call channel_id.

    Raises channel_not_found, permission_denied (one the app is not in), is_archived. Which code Slack gives for the
    last two is not written anywhere (slack-platform.md 2.4 has the list of codes).
    """
    channel = desk.known(arguments.need("channel_id"))
    if BOT_USER not in channel.members:
        raise Refusal("permission_denied")
    if channel.is_archived:
        raise Refusal("is_archived")
    return channel


def _link(arguments: Arguments) -> str:
    link = arguments.text("link")
    if not LINK.fullmatch(link):
        raise Refusal("invalid_link")
    return link


def _emoji(arguments: Arguments) -> str:
    emoji = arguments.text("emoji")
    if emoji and not EMOJI.fullmatch(emoji):
        raise Refusal("invalid_emoji")
    return emoji


def edit(desk: Desk, arguments: Arguments) -> Body:
    """bookmarks.edit: what is given replaces what was. Raises not_found, invalid_link, invalid_emoji."""
    channel, mark = _mark(desk, arguments)
    given = {key for key in EDITED if arguments.values.get(key) is not None}
    new = {"title": lambda: arguments.need("title"), "link": lambda: _link(arguments)}
    looks = {key: new.get(key, lambda: _emoji(arguments))() for key in sorted(given)}
    who = {"last_updated_by_user_id": BOT_USER, "date_updated": int(desk.workspace.clock())}
    channel.bookmarks[mark["id"]] = {**mark, **looks, **who}
    desk.workspace.touched()
    return {"ok": True, "bookmark": channel.bookmarks[mark["id"]]}


def _mark(desk: Desk, arguments: Arguments) -> tuple[Channel, Body]:
    channel = _channel(desk, arguments)
    mark = channel.bookmarks.get(arguments.need("bookmark_id"))
    if mark is None:
        raise Refusal("not_found")
    return channel, mark


def remove(desk: Desk, arguments: Arguments) -> Body:
    """bookmarks.remove. Raises not_found."""
    channel, mark = _mark(desk, arguments)
    del channel.bookmarks[mark["id"]]
    desk.workspace.touched()
    return {"ok": True}


def list_all(desk: Desk, arguments: Arguments) -> Body:
    """bookmarks.list, oldest first."""
    channel = desk.known(arguments.need("channel_id"))
    return {"ok": True, "bookmarks": list(channel.bookmarks.values())}


METHODS = {
    "bookmarks.add": Method(add, ("bookmarks:write",), tier=2, changes=True),
    "bookmarks.edit": Method(edit, ("bookmarks:write",), tier=2, changes=True),
    "bookmarks.remove": Method(remove, ("bookmarks:write",), tier=2, changes=True),
    "bookmarks.list": Method(list_all, ("bookmarks:read",), tier=3),
}
