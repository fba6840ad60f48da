"""What Slack says of people, user groups and channels, remembered for a short while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bot.edges.slack import Slack
from bot.errors import SlackBusy, SlackError, SlackUnreachable
from bot.model import Millis

T = TypeVar("T")

#: How long people and groups are taken for what they were: a guest or a leaver is noticed within a minute.
TTL: Millis = 60_000
#: Channels are looked at more often: one may be shared outwards between a command and its reply (reliability.md 4.2).
CHANNEL_TTL: Millis = 30_000
#: How long what was known still counts while Slack does not answer.
STALE: Millis = 3_600_000
#: How soon Slack is asked again after it did not answer, as long as what was known still counts.
AGAIN: Millis = 5_000
#: Names remembered of each kind.
MOST = 5_000
#: Slack's own user, which is no bot to users.info (docs.slack.dev, user type).
SLACKBOT = "USLACKBOT"
#: What conversations.info says of a private channel the bot is not in.
_UNSEEN = "channel_not_found"


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """Somebody as Slack describes them now (users.info)."""

    id: str
    team: str
    """The workspace they belong to."""
    name: str
    """As Slack shows it."""
    tz: str
    """An IANA name; UTC if Slack has none."""
    is_guest: bool
    """Restricted or ultra restricted."""
    is_stranger: bool
    """Of another company: neither of the workspace of our token nor of its enterprise."""
    is_bot: bool
    is_gone: bool
    """Deactivated."""
    handle: str = ""
    """What is typed behind an `@`, where it is not the name."""


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """What of a channel decides whether anything is done in it (conversations.info)."""

    is_shared: bool = False
    """With people of other companies."""
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Us:
    """Whose token ours is (auth.test)."""

    user: str
    team: str
    enterprise: str
    url: str
    """The workspace's address."""


class People:
    """Asks Slack once a minute at most for each name, from any number of threads.

    Every method may raise SlackError: Slack refuses, or does not answer and nothing fresh enough is remembered.
    """

    def __init__(self, slack: Slack, now: Callable[[], Millis]) -> None:
        self._slack = slack
        self._home: _Memory[Us] = _Memory(now, STALE)
        self._people: _Memory[SlackPerson] = _Memory(now, TTL)
        self._groups: _Memory[frozenset[str]] = _Memory(now, TTL)
        self._channels: _Memory[SlackChannel] = _Memory(now, CHANNEL_TTL)
        self._dms: _Memory[str] = _Memory(now, STALE)

    def about(self, person_id: str) -> SlackPerson:
        """Who that is, at most a minute old; up to an hour while Slack is away."""
        return self._people.get(person_id, lambda: self._person(person_id))

    def dm(self, person_id: str) -> str:
        """The channel of our direct messages with somebody, which stays the same (conversations.open)."""
        return self._dms.get(person_id, lambda: self._slack.open_dm(person_id))

    def us(self) -> Us:
        """Who the bot is in its workspace."""
        return self._home.get("", self._where)

    def in_usergroup(self, group_id: str, person_id: str) -> bool:
        """Whether somebody is in a user group of the workspace (usergroups.users.list)."""
        return person_id in self._groups.get(group_id, lambda: self._members(group_id))

    def is_shared(self, channel: str) -> bool:
        """Whether people of other companies can read a channel, at most 30 s old (conversations.info).

        A direct message is not, and neither is a channel the bot cannot see: nothing of ours can appear there.
        """
        return self._channel(channel).is_shared

    def is_archived(self, channel: str) -> bool:
        """Whether a channel was closed for good, as far as the bot can see it; as old as `is_shared`."""
        return self._channel(channel).is_archived

    def can_post(self, channel: str) -> bool:
        """Whether the bot is a member of a channel, asked anew each time (conversations.info)."""
        if channel.startswith("D"):
            return True
        try:
            found = self._slack.asked("conversations_info", channel=channel)["channel"]
        except SlackError as error:
            if error.code == _UNSEEN:
                return False
            raise
        return bool(found.get("is_member"))

    def forget(self, channel: str) -> None:
        """Ask Slack anew about a channel: it was shared, or no longer is."""
        self._channels.forget(channel)

    def _person(self, person_id: str) -> SlackPerson:
        user = self._slack.asked("users_info", user=person_id)["user"]
        return _shaped(user, self.us())

    def _members(self, group_id: str) -> frozenset[str]:
        found = self._slack.asked("usergroups_users_list", usergroup=group_id)
        return frozenset(str(one) for one in found.get("users") or ())

    def _channel(self, channel: str) -> SlackChannel:
        if channel.startswith("D"):
            return SlackChannel()
        return self._channels.get(channel, lambda: self._asked(channel))

    def _asked(self, channel: str) -> SlackChannel:
        try:
            found = self._slack.asked("conversations_info", channel=channel)["channel"]
        except SlackError as error:
            if error.code == _UNSEEN:
                return SlackChannel()
            raise
        return SlackChannel(bool(found.get("is_ext_shared")), bool(found.get("is_archived")))

    def _where(self) -> Us:
        found = self._slack.asked("auth_test")
        return Us(
            str(found.get("user_id") or ""), str(found["team_id"]), str(found.get("enterprise_id") or ""),
            str(found.get("url") or ""),
        )  # fmt: skip


def _shaped(user: Mapping[str, Any], home: Us) -> SlackPerson:
    profile, grid = user.get("profile") or {}, user.get("enterprise_user") or {}
    theirs = {str(user.get("team_id") or ""), *map(str, grid.get("teams") or ())}
    is_ours = home.team in theirs or (home.enterprise != "" and grid.get("enterprise_id") == home.enterprise)
    name = profile.get("display_name") or user.get("real_name") or user.get("name") or user["id"]
    return SlackPerson(
        id=str(user["id"]), team=str(user.get("team_id") or ""), name=str(name), tz=str(user.get("tz") or "UTC"),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")) or not is_ours,
        is_bot=bool(user.get("is_bot") or user.get("is_workflow_bot")) or user["id"] == SLACKBOT,
        is_gone=bool(user.get("deleted")), handle=str(user.get("name") or ""),
    )  # fmt: skip


@dataclass(slots=True)
class _Slot(Generic[T]):
    """What is known of one name; its lock lets one thread ask while the others wait for the answer."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    known: tuple[T] | None = None
    at: Millis = 0
    again: Millis = 0
    """Until then nothing is asked, since Slack has just not answered."""


class _Memory(Generic[T]):
    def __init__(self, now: Callable[[], Millis], ttl: Millis) -> None:
        self._now, self._ttl = now, ttl
        self._slots: dict[str, _Slot[T]] = {}
        self._guard = threading.Lock()

    def get(self, name: str, ask: Callable[[], T]) -> T:
        """What `ask` said within the time to live, or what it says now; older only while Slack is away."""
        slot = self._slot(name)
        with slot.turn:
            now = self._now()
            if slot.known and (0 <= now - slot.at < self._ttl or self._waits(slot, now)):
                return slot.known[0]
            try:
                slot.known, slot.at = (ask(),), now
            except (SlackUnreachable, SlackBusy):
                if slot.known is None or not 0 <= now - slot.at < STALE:
                    raise
                slot.again = now + AGAIN
            except SlackError:
                slot.known = None  # It is gone, or we may not know any more: what was true is not.
                raise
            return slot.known[0]

    def forget(self, name: str) -> None:
        """Ask anew the next time."""
        with self._guard:
            self._slots.pop(name, None)

    def _waits(self, slot: _Slot[T], now: Millis) -> bool:
        return now < slot.again and 0 <= now - slot.at < STALE

    def _slot(self, name: str) -> _Slot[T]:
        with self._guard:
            if name not in self._slots and len(self._slots) >= MOST:
                self._slots.clear()
            return self._slots.setdefault(name, _Slot())
