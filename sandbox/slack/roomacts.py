"""The `:slack …` lines about a channel: what its members do with it, and what an administrator does."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.slack import rooms
from sandbox.slack.channels import name_problem
from sandbox.slack.files import Files
from sandbox.slack.keyboard import encoded
from sandbox.slack.members import only_people
from sandbox.slack.order import Lines, Order
from sandbox.slack.people import PARTNER_TEAM, TEAM, Channel, User, own_bot
from sandbox.slack.workspace import Workspace
from sandbox.slack.writing import write

USAGES: Mapping[str, str] = {
    "topic [TEXT]": "set the topic of this channel",
    "purpose [TEXT]": "set its purpose",
    "rename NAME": "it is called so from now on",
    "archive [#CHANNEL]": "it is closed: nobody writes there any more",
    "unarchive [#CHANNEL]": "and open again",
    "private": "only members see it from now on",
    "delete-channel": "it is gone, with all that was said",
    "join": "become a member of this channel",
    "quit": "leave it",
    "invite NAME [#CHANNEL]": "somebody joins",
    "invite-bot": "the app joins this channel",
    "kick NAME [#CHANNEL]": "somebody leaves (signalbox: the app)",
    "new-id": "it gets another id, as when it is shared",
    "forbid channels": "apps may make none any more",
    "allow channels": "and may again",
    "share #CHANNEL": "with the other company",
    "unshare #CHANNEL": "its people leave",
    "me TEXT": "what somebody does, as `/me` writes it",
}
"""What can follow `:slack` about channels, and what it means."""


def lines(files: Files) -> Lines:
    """What does each of them."""
    return {
        "topic": _topic,
        "purpose": _purpose,
        "rename": _rename,
        "archive": _archive,
        "unarchive": _unarchive,
        "private": _private,
        "delete-channel": lambda order: _delete(order, files),
        "join": _join,
        "quit": _quit,
        "invite": lambda order: _invite(order, order.person(), order.channel(1)),
        "invite-bot": lambda order: _invite(order, own_bot(), order.channel(0)),
        "kick": _kick,
        "new-id": lambda order: _new_id(order, files),
        "forbid": lambda order: _let(order, may=False),
        "allow": lambda order: _let(order, may=True),
        "share": _share,
        "unshare": _unshare,
        "me": _me,
    }


def _topic(order: Order) -> str:
    channel = order.open()
    rooms.set_topic(order.workspace, channel, _heading(order), order.by)
    return f"The topic of #{channel.name} is set."


def _purpose(order: Order) -> str:
    channel = order.open()
    rooms.set_purpose(order.workspace, channel, _heading(order), order.by)
    return f"The purpose of #{channel.name} is set."


def _heading(order: Order) -> str:
    text = encoded(order.workspace, order.rest.strip(), order.by, labels=False)
    if len(text) > rooms.LONGEST_HEADING:
        raise ValueError(f"Slack lets a topic have {rooms.LONGEST_HEADING} characters; this has {len(text)}.")
    return text


def _rename(order: Order) -> str:
    channel, name = order.open(), order.word(0, "the new name").removeprefix("#")
    if problem := name_problem(order.workspace, name):
        raise ValueError(f"Slack takes no channel name {name!r}: {problem}.")
    rooms.rename(order.workspace, channel, name, order.by)
    return f"The channel is called #{name} now."


def _archive(order: Order) -> str:
    channel = order.channel(0)
    if channel.is_archived:
        raise ValueError(f"#{channel.name} is archived already.")
    rooms.archive(order.workspace, channel, order.by)
    return f"#{channel.name} is archived."


def _unarchive(order: Order) -> str:
    channel = order.channel(0)
    if not channel.is_archived:
        raise ValueError(f"#{channel.name} is not archived.")
    rooms.unarchive(order.workspace, channel, order.by)
    return f"#{channel.name} is open again."


def _private(order: Order) -> str:
    channel = order.open()
    if channel.kind == "group":
        raise ValueError(f"#{channel.name} is private already.")
    rooms.make_private(order.workspace, channel, order.by)
    return f"#{channel.name} is private now."


def _delete(order: Order, files: Files) -> str:
    channel = order.inside()
    rooms.delete(order.workspace, channel, order.by)
    for file in files.held.values():
        file.shares.pop(channel.id, None)
    return f"#{channel.name} is gone."


def _join(order: Order) -> str:
    channel = order.channel(0)
    if (why := rooms.why_closed(channel, order.by)) or channel.is_archived:
        raise ValueError(why or f"#{channel.name} is archived: nobody can join it.")
    rooms.enter(order.workspace, channel, order.by)
    return f"{order.by.name} is in #{channel.name}."


def visit(workspace: Workspace, user: User, channel: Channel) -> str:
    """Somebody goes to a channel: they join if they may, and only look at it if it is archived.

    Raises ValueError. Apps go nowhere; whoever plays one only looks.
    """
    if user.id in channel.members or user.is_bot:
        return ""
    if why := rooms.why_closed(channel, user):
        raise ValueError(why)
    if channel.is_archived:
        return ""
    rooms.enter(workspace, channel, user)
    return f"{user.name} has joined #{channel.name}."


def _quit(order: Order) -> str:
    channel = order.inside()
    rooms.leave(order.workspace, channel, order.by)
    return f"{order.by.name} is not in #{channel.name} any more."


def _invite(order: Order, user: User, channel: Channel) -> str:
    if user.team != TEAM and not channel.is_ext_shared:
        raise ValueError(f"{user.name} is of another company, and #{channel.name} is not shared with it.")
    if user.id in channel.members:
        raise ValueError(f"{user.name} is in #{channel.name} already.")
    rooms.enter(order.workspace, channel, user, order.by)
    return f"{user.name} is in #{channel.name}."


def _kick(order: Order) -> str:
    user, channel = order.person(), order.channel(1)
    if user.id not in channel.members:
        raise ValueError(f"{user.name} is not in #{channel.name}.")
    rooms.leave(order.workspace, channel, user, order.by)
    return f"{user.name} is not in #{channel.name} any more."


def _new_id(order: Order, files: Files) -> str:
    channel = order.inside()
    old = rooms.change_id(order.workspace, channel)
    for file in files.held.values():
        if old in file.shares:
            file.shares[channel.id] = file.shares.pop(old)
    return f"#{channel.name} had the id {old} and has {channel.id} now."


def _let(order: Order, *, may: bool) -> str:
    if order.text("what apps may not make") != "channels":
        raise ValueError("Slack lets an administrator forbid apps to make `channels`, nothing else.")
    order.workspace.apps_may_create = may
    return f"Apps may {'make channels again' if may else 'make no channels any more'}."


def _share(order: Order) -> str:
    channel = order.channel(0)
    if channel.is_ext_shared:
        raise ValueError(f"#{channel.name} is shared already.")
    rooms.share(order.workspace, channel, PARTNER_TEAM)
    return f"#{channel.name} is shared with another company."


def _unshare(order: Order) -> str:
    channel = order.channel(0)
    if not channel.is_ext_shared:
        raise ValueError(f"#{channel.name} is not shared.")
    rooms.unshare(order.workspace, channel, PARTNER_TEAM)
    return f"#{channel.name} is not shared any more."


def _me(order: Order) -> str:
    only_people(order.by, "write so")
    text = encoded(order.workspace, order.text("what you do"), order.by, labels=False)
    write(order.workspace, order.by, order.open(), {"text": text, "subtype": "me_message"})
    return ""
