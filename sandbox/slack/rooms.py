"""What happens to channels, whoever does it: they are made, named and closed, and people come and go.

Whether somebody may is asked before, in the words of the Web API or of Slack's pages. Each happening leaves Slack's own
line in the channel and is told to the app, in the forms of samples/slack/events.
"""

from __future__ import annotations

from itertools import count

from sandbox.slack.people import BOT_USER, Body, Channel, Heading, User
from sandbox.slack.workspace import Happening, Post, Workspace

LONGEST_HEADING = 250
"""Characters of a topic or purpose (slack-platform.md 2.4)."""


def create(workspace: Workspace, name: str, by: User, *, private: bool) -> Channel:
    """Make a channel; whoever makes it is in it."""
    fresh = _fresh_id(workspace)
    kind, now = "group" if private else "channel", int(workspace.clock())
    channel = Channel(fresh, name, kind, created=now, creator=by.id)
    workspace.channels[fresh], workspace.posts[fresh] = channel, {}
    made = {"id": fresh, "is_channel": True, "name": name, "name_normalized": name, "created": now}
    if not private:
        _tell(workspace, channel, "created", {"channel": {**made, "creator": by.id}})
    enter(workspace, channel, by)
    return channel


def _fresh_id(workspace: Workspace) -> str:
    """An id that no channel has or had."""
    ids = (f"C0NEW{number:05d}" for number in count(1))
    return next(each for each in ids if each not in workspace.posts)


def enter(workspace: Workspace, channel: Channel, user: User, by: User | None = None) -> None:
    """Somebody joins by themselves, or because `by` has invited them."""
    channel.members.append(user.id)
    more = {"inviter": by.id} if by is not None else {}
    _notice(workspace, channel, user, "channel_join", "has joined the channel", **more)
    _moved(workspace, channel, user, "member_joined_channel", more)


def why_closed(channel: Channel, user: User) -> str:
    """Why that person cannot become a member by themselves, as a sentence; nothing if they can."""
    if user.id in channel.members:
        return f"{user.name} is in #{channel.name} already."
    if channel.kind != "channel":
        return f"#{channel.name} is private: somebody in it has to invite {user.name}."
    if user.is_bot or user.is_restricted:
        return f"{user.name} is {'an app' if user.is_bot else 'a guest'} and has to be invited to #{channel.name}."
    return ""


def leave(workspace: Workspace, channel: Channel, user: User, by: User | None = None) -> None:
    """Somebody leaves, or is removed by `by`; the app hears of its own removal last."""
    channel.members.remove(user.id)
    _notice(workspace, channel, user, "channel_leave", "has left the channel")
    _moved(workspace, channel, user, "member_left_channel", {})
    if user.id == BOT_USER:
        _tell(workspace, channel, "left", {"channel": channel.id, "actor_id": (by or user).id}, heard=True)


def _moved(workspace: Workspace, channel: Channel, user: User, kind: str, more: Body) -> None:
    where = {"channel": channel.id, "channel_type": "G" if channel.kind == "group" else "C"}
    heard = BOT_USER in (user.id, *channel.members)
    workspace.tell(Happening(kind, channel, {"user": user.id, **where, "team": user.team, **more}, heard))


def set_topic(workspace: Workspace, channel: Channel, text: str, by: User) -> None:
    """Change the topic; an empty one is none."""
    channel.topic = Heading(text, by.id, int(workspace.clock()))
    said = f"set the channel topic: {text}" if text else "cleared the channel topic"
    _notice(workspace, channel, by, "channel_topic", said, topic=text)


def set_purpose(workspace: Workspace, channel: Channel, text: str, by: User) -> None:
    """Change the purpose, which Slack's clients call the description."""
    channel.purpose = Heading(text, by.id, int(workspace.clock()))
    said = f"set the channel purpose: {text}" if text else "cleared the channel purpose"
    _notice(workspace, channel, by, "channel_purpose", said, purpose=text)


def rename(workspace: Workspace, channel: Channel, name: str, by: User) -> None:
    """Give a channel another name; its id stays."""
    old, channel.name = channel.name, name
    channel.previous_names.insert(0, old)
    said = f'has renamed the channel from "{old}" to "{name}"'
    _notice(workspace, channel, by, "channel_name", said, old_name=old, name=name)
    body = {"id": channel.id, "is_channel": channel.kind == "channel", "is_mpim": False}
    body |= {"name": name, "name_normalized": name, "created": channel.created}
    _tell(workspace, channel, "rename", {"channel": body})


def archive(workspace: Workspace, channel: Channel, by: User) -> None:
    """Close a channel: nobody writes there any more."""
    _notice(workspace, channel, by, "channel_archive", "archived the channel")
    channel.is_archived = True
    _tell(workspace, channel, "archive", {"channel": channel.id, "user": by.id, "is_moved": 0})


def unarchive(workspace: Workspace, channel: Channel, by: User) -> None:
    """Open it again; whoever does it is in it then (docs.slack.dev, conversations.unarchive)."""
    channel.is_archived = False
    if by.id not in channel.members:
        channel.members.append(by.id)
    _notice(workspace, channel, by, "channel_unarchive", "un-archived the channel")
    _tell(workspace, channel, "unarchive", {"channel": channel.id, "user": by.id})


def make_private(workspace: Workspace, channel: Channel, by: User) -> None:
    """Turn a public channel private. Slack tells it by nothing but its own line in the channel."""
    channel.kind = "group"
    said = "made this channel private. Now, it can only be viewed or joined by invitation."
    _notice(workspace, channel, by, "channel_convert_to_private", said)


def change_id(workspace: Workspace, channel: Channel) -> str:
    """Give a channel another id, which happens when it becomes shared; answers the old one."""
    old, channel.id = channel.id, _fresh_id(workspace)
    workspace.channels = {each.id: each for each in workspace.channels.values()}
    workspace.posts[channel.id], workspace.posts[old] = workspace.posts[old], {}
    for post in workspace.posts[channel.id].values():
        post.channel = channel.id
    moved = {(channel.id if at == old else at, ts): each for (at, ts), each in workspace.replies.items()}
    workspace.replies = moved
    body = {"old_channel_id": old, "new_channel_id": channel.id}
    heard = channel.kind == "channel" or BOT_USER in channel.members
    workspace.tell(Happening("channel_id_changed", channel, body, heard))
    return old


def share(workspace: Workspace, channel: Channel, team: str) -> None:
    """Another company's workspace joins (docs.slack.dev, channel_shared)."""
    channel.is_ext_shared = True
    body = {"connected_team_id": team, "channel": channel.id}
    workspace.tell(Happening("channel_shared", channel, body))


def unshare(workspace: Workspace, channel: Channel, team: str) -> None:
    """It leaves again, and its people with it (docs.slack.dev, channel_unshared)."""
    channel.is_ext_shared = False
    channel.members = [each for each in channel.members if workspace.users[each].team != team]
    body = {"previously_connected_team_id": team, "channel": channel.id, "is_ext_shared": False}
    workspace.tell(Happening("channel_unshared", channel, body))


def delete(workspace: Workspace, channel: Channel, by: User) -> None:
    """Delete a channel and all that was written there, which only an administrator can."""
    del workspace.channels[channel.id]
    workspace.posts[channel.id] = {}
    _tell(workspace, channel, "deleted", {"channel": channel.id, "actor_id": by.id})


def _notice(workspace: Workspace, channel: Channel, user: User, subtype: str, said: str, **more: str) -> None:
    """Slack's own line about what somebody did to the channel."""
    body = {"type": "message", "subtype": subtype, "user": user.id, "ts": workspace.next_ts(), **more}
    workspace.add(Post(channel.id, {**body, "text": f"<@{user.id}> {said}"}, locked=True))


def _tell(workspace: Workspace, channel: Channel, what: str, body: Body, *, heard: bool = False) -> None:
    """Of a public channel every app is told, of a private one only its members are."""
    heard = heard or channel.kind == "channel" or BOT_USER in channel.members
    kind = f"{'channel' if channel.kind == 'channel' else 'group'}_{what}"
    workspace.tell(Happening(kind, channel, body, heard))
