"""conversations.*: making and naming channels, inviting, removing, archiving (slack-platform.md 2.4)."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.slack import rooms
from sandbox.slack.channels import channel_body, name_problem
from sandbox.slack.chat import escaped
from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import BOT_USER, TEAM, Body, Channel, own_bot
from sandbox.slack.refusal import Refusal, with_messages

MOST_INVITED = 100
"""People of one conversations.invite (slack-platform.md 2.4)."""
Scopes = Mapping[str, tuple[str, ...]]
"""Any one of these scopes is needed, by the kind of the channel."""
MANAGE: Scopes = {"channel": ("channels:manage",), "group": ("groups:write",)}
TOPIC: Scopes = {
    "channel": ("channels:manage", "channels:write.topic"),
    "group": ("groups:write", "groups:write.topic"),
}
INVITES: Scopes = {
    "channel": ("channels:manage", "channels:write.invites"),
    "group": ("groups:write", "groups:write.invites"),
}


def create(desk: Desk, arguments: Arguments) -> Body:
    """conversations.create. Raises restricted_action where apps may make no channels, name_taken, invalid_name_*."""
    private = arguments.flag("is_private")
    desk.needs(*MANAGE["group" if private else "channel"])
    name = _name(desk, arguments)
    if not desk.workspace.apps_may_create:
        raise Refusal("restricted_action")
    return _answer(rooms.create(desk.workspace, name, own_bot(), private=private))


def _name(desk: Desk, arguments: Arguments) -> str:
    name = arguments.text("name")
    if problem := name_problem(desk.workspace, name):
        raise Refusal(problem)
    return name


def _answer(channel: Channel) -> Body:
    return {"ok": True, "channel": channel_body(channel)}


def _channel(desk: Desk, arguments: Arguments, scopes: Scopes) -> Channel:
    """The channel named. Raises channel_not_found, method_not_supported_for_channel_type, missing_scope."""
    channel = desk.known(arguments.need("channel"))
    if channel.kind == "im":
        raise Refusal("method_not_supported_for_channel_type")
    desk.needs(*scopes[channel.kind])
    return channel


def _open(desk: Desk, arguments: Arguments, scopes: Scopes) -> Channel:
    """The same, which the app is in. Raises not_in_channel and is_archived too."""
    channel = _channel(desk, arguments, scopes)
    if BOT_USER not in channel.members:
        raise Refusal("not_in_channel")
    if channel.is_archived:
        raise Refusal("is_archived")
    return channel


def invite(desk: Desk, arguments: Arguments) -> Body:
    """
    conversations.invite, of up to 100 people.

    One who cannot be invited holds back all others, unless `force` is set: then the answer names them in `errors`.
    Raises no_user, and for single people user_not_found, cant_invite_self, already_in_channel,
    cant_invite (deactivated, or of a company the channel is not shared with), ura_max_channels (guests of one
    channel).
    """
    channel = _open(desk, arguments, INVITES)
    wanted = list(dict.fromkeys(each.strip() for each in arguments.text("users").split(",") if each.strip()))
    if not wanted:
        raise Refusal("no_user")
    if len(wanted) > MOST_INVITED:
        raise with_messages(
            "invalid_arguments", [f"must be no more than {MOST_INVITED} [json-pointer:/users]"]
        )
    refused = {user: code for user in wanted if (code := _why_not(desk, channel, user))}
    errors = [{"user": user, "ok": False, "error": code} for user, code in refused.items()]
    if len(refused) == len(wanted) or (refused and not arguments.flag("force")):
        raise Refusal(next(iter(refused.values())), errors=errors)
    for user in wanted:
        if user not in refused:
            rooms.enter(desk.workspace, channel, desk.workspace.users[user], own_bot())
    return {**_answer(channel), **({"errors": errors} if errors else {})}


def _why_not(desk: Desk, channel: Channel, wanted: str) -> str:
    user = desk.workspace.users.get(wanted)
    if user is None:
        return "user_not_found"
    if user.id == BOT_USER:
        return "cant_invite_self"
    if user.id in channel.members:
        return "already_in_channel"
    if user.deleted or (user.team != TEAM and not channel.is_ext_shared):
        return "cant_invite"
    return "ura_max_channels" if user.is_ultra_restricted else ""


def kick(desk: Desk, arguments: Arguments) -> Body:
    """conversations.kick. Raises cant_kick_self, user_not_found, not_in_channel."""
    channel = _open(desk, arguments, MANAGE)
    user = desk.workspace.users.get(arguments.need("user"))
    if user is None:
        raise Refusal("user_not_found")
    if user.id == BOT_USER:
        raise Refusal("cant_kick_self")
    if user.id not in channel.members:
        raise Refusal("not_in_channel")
    rooms.leave(desk.workspace, channel, user, own_bot())
    return {"ok": True, "errors": {}}


def set_topic(desk: Desk, arguments: Arguments) -> Body:
    """conversations.setTopic. Raises too_long."""
    channel = _open(desk, arguments, TOPIC)
    rooms.set_topic(desk.workspace, channel, _heading(arguments, "topic"), own_bot())
    return _answer(channel)


def set_purpose(desk: Desk, arguments: Arguments) -> Body:
    """conversations.setPurpose. Raises too_long."""
    channel = _open(desk, arguments, TOPIC)
    rooms.set_purpose(desk.workspace, channel, _heading(arguments, "purpose"), own_bot())
    return _answer(channel)


def _heading(arguments: Arguments, name: str) -> str:
    text = arguments.text(name)
    if len(text) > rooms.LONGEST_HEADING:
        raise Refusal("too_long")
    return escaped(text)


def rename(desk: Desk, arguments: Arguments) -> Body:
    """conversations.rename. Raises not_authorized for a channel the app has not made, name_taken, invalid_name_*."""
    channel = _open(desk, arguments, MANAGE)
    if channel.creator != BOT_USER:
        raise Refusal("not_authorized")
    if arguments.text("name") != channel.name:
        rooms.rename(desk.workspace, channel, _name(desk, arguments), own_bot())
    return _answer(channel)


def archive(desk: Desk, arguments: Arguments) -> Body:
    """conversations.archive. Raises already_archived, not_in_channel."""
    channel = _channel(desk, arguments, MANAGE)
    if channel.is_archived:
        raise Refusal("already_archived")
    if BOT_USER not in channel.members:
        raise Refusal("not_in_channel")
    rooms.archive(desk.workspace, channel, own_bot())
    return {"ok": True}


def unarchive(desk: Desk, arguments: Arguments) -> Body:
    """
    conversations.unarchive, which Slack's documents list for bots and say in the same place that no bot can do.

    Raises not_archived, else always not_in_channel: archiving ends an app's membership as far as this method sees
    it (docs.slack.dev, conversations.unarchive, "Bug alert"; the code is not written there).
    """
    channel = _channel(desk, arguments, MANAGE)
    raise Refusal("not_in_channel" if channel.is_archived else "not_archived")


_ALL = ("channels:manage", "groups:write")
_INVITES = (*INVITES["channel"], *INVITES["group"])
_TOPIC = (*TOPIC["channel"], *TOPIC["group"])
METHODS = {
    "conversations.create": Method(create, _ALL, tier=2, changes=True),
    "conversations.invite": Method(invite, _INVITES, tier=3, changes=True),
    "conversations.kick": Method(kick, _ALL, tier=3, changes=True),
    "conversations.setTopic": Method(set_topic, _TOPIC, tier=2, changes=True),
    "conversations.setPurpose": Method(set_purpose, _TOPIC, tier=2, changes=True),
    "conversations.rename": Method(rename, _ALL, tier=2, changes=True),
    "conversations.archive": Method(archive, _ALL, tier=2, changes=True),
    "conversations.unarchive": Method(unarchive, _ALL, tier=2, changes=True),
}
