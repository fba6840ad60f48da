"""What is said and done in the rooms of incidents: Slack's events as the few things that must be kept of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.edges.slack import BotIdentity

#: The kind of the inbox rows that are made of it.
HEARD = "heard"
#: Subtypes of `message` that are somebody's words, a bot's among them (docs.slack.dev, events/message).
SAID = frozenset({None, "file_share", "thread_broadcast", "me_message", "bot_message"})
#: Who speaks for Slack itself; it has no bot id.
SLACKBOT = "USLACKBOT"
#: Direct messages, and those of several people: never a room.
DIRECT = frozenset({"im", "mpim"})
#: Most characters of a message that are kept: of a longer one its text stays.
MOST_OF_MESSAGE = 100_000
#: What is left out of a longer one, until it is short enough.
_LEFT_OUT = ("blocks", "attachments", "files")
#: Events of a channel, and what they tell. Their message twins (subtypes channel_archive, channel_name and so on)
#: tell nothing new, and are dropped.
_OF_CHANNEL: Mapping[str, str] = {
    "channel_archive": "archived", "group_archive": "archived", "channel_deleted": "archived",
    "group_deleted": "archived", "channel_unarchive": "unarchived", "group_unarchive": "unarchived",
}  # fmt: skip
_RENAMED = frozenset({"channel_rename", "group_rename"})
_REACTIONS: Mapping[str, str] = {"reaction_added": "reacted", "reaction_removed": "unreacted"}
_MEMBERS: Mapping[str, str] = {"member_joined_channel": "joined", "member_left_channel": "left"}
_TOPICS = frozenset({"channel_topic", "group_topic"})
_CONVERTED: Mapping[str, str] = {
    "channel_convert_to_private": "private", "channel_convert_to_public": "public",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ears:
    """What has to be known to tell what is worth hearing: who we are, and which channels are rooms."""

    identity: BotIdentity
    is_room: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Done:
    """What somebody did; `content` is what of it is nobody else's business, and is sealed."""

    what: str
    channel: str
    person: str = ""
    ts: str = ""
    thread: str | None = None
    bot: str = ""
    subtype: str = ""
    content: Mapping[str, Any] | None = None
    team: str = ""


def heard(ears: Ears, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """
    Return what is kept of an event in a room; None for one elsewhere, for what we did ourselves, and for the rest.

    Raises what a missing or misshapen key raises. Nothing here asks anybody.
    """
    event = body["event"]
    if not ears.is_room(_channel(event)) or event.get("channel_type") in DIRECT:
        return None
    done = _done(ears, event)
    if done is None or _is_ours(ears.identity, done):
        return None
    return {
        "team": done.team or str(body["team_id"]), "person": done.person, "channel": done.channel,
        "thread": done.thread if done.thread != done.ts else None, "what": done.what, "ts": done.ts,
        "at": str(event["event_ts"]), "bot": done.bot, "subtype": done.subtype, "content": _kept(done.content),
    }  # fmt: skip


def _channel(event: Mapping[str, Any]) -> str:
    """Where it happened; empty for what happens in no channel."""
    item = event.get("item")
    inner = item.get("channel") if isinstance(item, Mapping) else None
    where = event.get("channel") or event.get("channel_id") or event.get("old_channel_id") or inner or ""
    return str(where["id"] if isinstance(where, Mapping) else where)


def _is_ours(identity: BotIdentity, done: _Done) -> bool:
    """Whether we did it. Who deletes a message is not told, so that the end of one of ours is always heard."""
    if done.what == "deleted":
        return False
    return done.person == identity.user or (done.bot != "" and done.bot == identity.bot)


def _done(ears: Ears, event: Mapping[str, Any]) -> _Done | None:
    kind = str(event["type"])
    if kind == "message":
        return _of_message(event)
    if kind in _MEMBERS:
        return _of_member(ears.identity, _MEMBERS[kind], event)
    if "item" in event:
        return _of_item(kind, event)
    return _of_channel(kind, event)


def _of_member(identity: BotIdentity, what: str, event: Mapping[str, Any]) -> _Done:
    """Somebody came or went. Of ourselves it is told who let us in; who threw us out Slack does not say."""
    if event["user"] != identity.user:
        return _Done(what, event["channel"], event["user"], team=str(event.get("team") or ""))
    return _Done(f"bot_{what}", event["channel"], str(event.get("inviter") or ""))


def _of_item(kind: str, event: Mapping[str, Any]) -> _Done | None:
    """Something was done to a message."""
    item = event["item"]
    if item["type"] != "message":
        return None
    channel, person = _channel(event), str(event["user"])
    if kind in _REACTIONS:
        return _Done(_REACTIONS[kind], channel, person, item["ts"], content={"text": str(event["reaction"])})
    return _Done("unpinned", channel, person, item["message"]["ts"]) if kind == "pin_removed" else None


def _of_channel(kind: str, event: Mapping[str, Any]) -> _Done | None:
    channel, person = _channel(event), str(event.get("user") or event.get("actor_id") or "")
    if kind in _OF_CHANNEL:
        return _Done(_OF_CHANNEL[kind], channel, person)
    if kind in _RENAMED:
        return _Done("renamed", channel, person, content={"text": str(event["channel"]["name"])})
    if kind == "channel_id_changed":
        return _Done("moved", channel, content={"text": str(event["new_channel_id"])})
    return None


# Messages ---------------------------------------------------------------------------------------------------


def _of_message(event: Mapping[str, Any]) -> _Done | None:
    subtype, channel = event.get("subtype"), _channel(event)
    if subtype in SAID:
        return _of_words("said", channel, event, _content(event))
    if subtype == "message_changed":
        return _of_change(channel, event["message"], event.get("previous_message") or {})
    if subtype == "message_deleted":
        return _of_end(channel, event["deleted_ts"], event.get("previous_message") or {})
    person, ts = str(event.get("user") or ""), str(event["ts"])
    if subtype in _TOPICS:
        return _Done("topic", channel, person, ts, content={"text": str(event["topic"])})
    to = _CONVERTED.get(str(subtype))
    return _Done("converted", channel, person, ts, content={"text": to}) if to else None


def _of_change(channel: str, message: Mapping[str, Any], before: Mapping[str, Any]) -> _Done | None:
    """An edit; also what Slack adds to a message by itself, such as previews of links."""
    if message.get("subtype") == "tombstone":
        return _of_end(channel, message["ts"], before)
    if message.get("subtype") not in SAID:
        return None
    content = _content(message)
    if before:
        content["before"] = str(before.get("text") or "")
    return _of_words("edited", channel, message, content)


def _of_end(channel: str, ts: str, before: Mapping[str, Any]) -> _Done:
    """A message that was deleted, or of which only its thread is left; it is told of as its author's."""
    content = {"before": str(before.get("text") or "")} if before else {}
    return _of_words("deleted", channel, {**before, "ts": ts}, content)


def _of_words(what: str, channel: str, message: Mapping[str, Any], content: Mapping[str, Any]) -> _Done:
    """Something of a message, with who wrote it."""
    person = str(message.get("user") or "")
    bot = str(message.get("bot_id") or (SLACKBOT if person == SLACKBOT else ""))
    return _Done(
        what, channel, person, str(message["ts"]), message.get("thread_ts"), bot,
        str(message.get("subtype") or ""), content, _team(message),
    )  # fmt: skip


def _team(message: Mapping[str, Any]) -> str:
    """The workspace of who wrote a message, of which their own goes first; empty if it is not told."""
    profile = message.get("user_profile") or {}
    return str(message.get("user_team") or profile.get("team") or message.get("team") or "")


def _content(message: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: message[name] for name in _LEFT_OUT if message.get(name)}
    if not all(isinstance(each, dict) for items in lists.values() for each in items):
        raise TypeError
    return {"text": str(message.get("text") or ""), **lists}


def _kept(content: Mapping[str, Any] | None) -> str:
    """The content as JSON, with no more of it than there is room for; empty if there is none."""
    if not content:
        return ""
    few = dict(content)
    whole = json.dumps(few, ensure_ascii=False)
    for name in _LEFT_OUT:
        if len(whole) <= MOST_OF_MESSAGE:
            break
        few.pop(name, None)
        whole = json.dumps(few, ensure_ascii=False)
    return whole
