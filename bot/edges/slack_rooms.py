"""Slack's channels themselves: made, filled, named and closed, with what is pinned and marked in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.edges import slack_errors as errors
from bot.errors import SlackError
from bot.model import Millis

#: Most characters of a channel's name, and of its topic (slack-platform.md 2.4).
NAME_LIMIT, TOPIC_LIMIT = 80, 250
#: Channels and members of one page (conversations.list, conversations.members: fewer than 1,000).
PAGE = 999
#: Most pages read of one list: Tier 2 lets all of the bot have 20 a minute (slack-platform.md 2.3).
PAGES = 20
#: Most people of one invitation (conversations.invite).
INVITED = 100
KINDS = "public_channel,private_channel"
#: The kind of a bookmark that is an address, the only one there is (bookmarks.add).
LINK = "link"
#: What Slack says of somebody who is where they are invited to.
ALREADY_IN = "already_in_channel"
#: Codes that are about whoever is invited rather than about the channel (conversations.invite).
ABOUT_PEOPLE = frozenset(
    {ALREADY_IN, "cant_invite", "cant_invite_self", "invitee_cant_see_channel", "no_external_invite_permission",
     "no_user", "org_user_not_in_team", "ura_max_channels", "user_is_restricted", "user_not_found"}
)  # fmt: skip
#: What codes mean for a channel itself where elsewhere they are about writing in one.
_INSTEAD: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        (
            "conversations_create",
            "restricted_action",
        ): "This workspace does not let me create channels. Ask its owners.",
        ("conversations_create", "no_channel"): "Slack made no channel. Try another name.",
        ("conversations_archive", "restricted_action"): (
            "This workspace does not let me archive channels. Somebody in the channel can."
        ),
        ("conversations_unarchive", "not_in_channel"): (
            "Slack does not let me open that channel again. Somebody who was in it can: by its name, *Unarchive*."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Room:
    """A channel as Slack describes it (docs.slack.dev, channel object)."""

    id: str
    name: str
    """Without #; Slack may have changed the one that was asked for."""
    is_private: bool = False
    is_archived: bool = False
    is_member: bool = False
    """Whether the bot is in it."""
    topic: str = ""
    creator: str = ""
    """Id of the user who made it."""
    created: Millis = 0


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A link above a channel's messages."""

    id: str
    title: str
    link: str


class Rooms:
    """The part of Slack that is about channels themselves. Its errors are those of Slack."""

    def _call(self, method: str, **arguments: Any) -> Any:
        raise NotImplementedError

    def _settle(self, method: str, *fine: str, **arguments: Any) -> Any:
        """What a method that changes something answers; None for a code of `fine`: it is so already."""
        try:
            return self._call(method, **arguments)
        except SlackError as error:
            if error.code in fine:
                return None
            told = _INSTEAD.get((method, error.code))
            if told is None:
                raise
            raise SlackError(told, code=error.code) from error

    # Channels ------------------------------------------------------------------------------------

    def create_channel(self, name: str, *, private: bool) -> str:
        """Makes a channel with the bot in it, and returns its id (conversations.create).

        `name` is lower case, of at most 80 characters. SlackError with name_taken (by an archived channel, too),
        restricted_action or a code of invalid_name.
        """
        return str(self._settle("conversations_create", name=name, is_private=private)["channel"]["id"])

    def my_channel(self, name: str) -> Room | None:
        """The channel of that name which the bot itself made: where the answer to its making was lost.

        Archived ones count. None if there is none among the 19,980 that are looked through (conversations.list).
        """
        ours = str(self._call("auth_test")["user_id"])
        query: dict[str, Any] = {"types": KINDS, "exclude_archived": False, "limit": PAGE}
        for _ in range(PAGES):
            page = self._call("conversations_list", **query)
            found = (room(one) for one in page.get("channels") or ())
            mine = next((one for one in found if (one.name, one.creator) == (name, ours)), None)
            query["cursor"] = _next(page)
            if mine or not query["cursor"]:
                return mine
        return None

    def room(self, channel: str) -> Room:
        """What a channel is now (conversations.info); channel_not_found for a private one without the bot."""
        return room(self._call("conversations_info", channel=channel)["channel"])

    def set_topic(self, channel: str, text: str) -> None:
        """Says above a channel what it is about, in at most 250 characters: SlackError with too_long."""
        self._call("conversations_setTopic", channel=channel, topic=text)

    def rename_channel(self, channel: str, name: str) -> None:
        """Gives a channel another name; SlackError with name_taken or not_authorized."""
        self._call("conversations_rename", channel=channel, name=name)

    def archive(self, channel: str) -> None:
        """Closes a channel: nobody can write there any more. Nothing if it is closed."""
        self._settle("conversations_archive", "already_archived", channel=channel)

    def unarchive(self, channel: str) -> None:
        """Opens a closed channel again. Nothing if it is open; not_in_channel where Slack leaves it to people."""
        self._settle("conversations_unarchive", "not_archived", channel=channel)

    # People --------------------------------------------------------------------------------------

    def invite(self, channel: str, people: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Brings people into a channel, and returns who could not be brought, each with Slack's code.

        Whoever is there already is fine. SlackError only for what is about the channel itself, such as
        not_in_channel or is_archived; then some of more than 100 people may have been invited.
        """
        left: list[tuple[str, str]] = []
        for start in range(0, len(people), INVITED):
            left += self._invite(channel, people[start : start + INVITED])
        return tuple((person, code) for person, code in left if code != ALREADY_IN)

    def _invite(self, channel: str, people: Sequence[str]) -> list[tuple[str, str]]:
        """With `force` Slack goes on past whom it cannot invite; of one person it gives the code alone."""
        try:
            answer = self._call("conversations_invite", channel=channel, users=list(people), force=True)
        except SlackError as error:
            if error.code not in ABOUT_PEOPLE:
                raise
            return errors.by_person(errors.body(error)) or [(person, error.code) for person in people]
        return errors.by_person(answer)

    def members(self, channel: str) -> frozenset[str]:
        """Who is in a channel, bots too, at most 19,980 (conversations.members)."""
        found: set[str] = set()
        query: dict[str, Any] = {"channel": channel, "limit": PAGE}
        for _ in range(PAGES):
            page = self._call("conversations_members", **query)
            found.update(str(one) for one in page.get("members") or ())
            query["cursor"] = _next(page)
            if not query["cursor"]:
                break
        return frozenset(found)

    # What is kept at hand ------------------------------------------------------------------------

    def pin(self, channel: str, ts: str) -> None:
        """Pins a message; nothing if it is pinned. SlackError with too_many_pins at about 100."""
        self._settle("pins_add", "already_pinned", channel=channel, timestamp=ts)

    def unpin(self, channel: str, ts: str) -> None:
        """Takes a message off the pinned ones; nothing if it is not pinned, or gone."""
        self._settle(
            "pins_remove", "no_pin", "not_pinned", "message_not_found", channel=channel, timestamp=ts
        )

    def pins(self, channel: str) -> tuple[str, ...]:
        """The ts of the pinned messages, as Slack orders them: pinned last first (pins.list)."""
        items = self._call("pins_list", channel=channel).get("items") or ()
        return tuple(str(one["message"]["ts"]) for one in items if (one.get("message") or {}).get("ts"))

    def bookmark(self, channel: str, title: str, link: str) -> Bookmark:
        """Puts a link above a channel (bookmarks.add). SlackError with invalid_link or too_many_bookmarks."""
        made = self._call("bookmarks_add", channel_id=channel, title=title, type=LINK, link=link)
        return bookmark(made["bookmark"])

    def bookmarks(self, channel: str) -> tuple[Bookmark, ...]:
        """The links above a channel; folders have an empty one."""
        found = self._call("bookmarks_list", channel_id=channel)
        return tuple(bookmark(one) for one in found.get("bookmarks") or ())

    def change_bookmark(self, channel: str, bookmark_id: str, title: str, link: str) -> None:
        """Gives a bookmark another title and address; SlackError with not_found if somebody removed it."""
        self._call("bookmarks_edit", channel_id=channel, bookmark_id=bookmark_id, title=title, link=link)

    def remove_bookmark(self, channel: str, bookmark_id: str) -> None:
        """Takes a bookmark away; nothing if it is gone."""
        self._settle("bookmarks_remove", "not_found", channel_id=channel, bookmark_id=bookmark_id)

    # Messages ------------------------------------------------------------------------------------

    def react(self, channel: str, ts: str, emoji: str) -> None:
        """Puts an emoji, named without colons, below a message; nothing if the bot has done so."""
        self._settle("reactions_add", "already_reacted", channel=channel, timestamp=ts, name=emoji)

    def unreact(self, channel: str, ts: str, emoji: str) -> None:
        """Takes the bot's own emoji away; nothing if it is not there, or the message is gone."""
        self._settle(
            "reactions_remove", "no_reaction", "message_not_found", channel=channel, timestamp=ts, name=emoji
        )

    def reactions(self, channel: str, ts: str) -> Mapping[str, tuple[str, ...]]:
        """Who has reacted to a message, by emoji without colons (reactions.get); empty if nobody has."""
        found = self._call("reactions_get", channel=channel, timestamp=ts, full=True)
        listed = (found.get("message") or {}).get("reactions") or ()
        return {str(one["name"]): tuple(str(user) for user in one.get("users") or ()) for one in listed}

    def delete(self, channel: str, ts: str) -> None:
        """Removes one of the bot's own messages (chat.delete); nothing if it is gone."""
        self._settle("chat_delete", "message_not_found", channel=channel, ts=ts)


# Slack's JSON as our records --------------------------------------------------------------------------------


def room(data: Mapping[str, Any]) -> Room:
    """A channel object; `created` comes in seconds."""
    return Room(
        id=str(data["id"]),
        name=str(data.get("name") or ""),
        is_private=bool(data.get("is_private")),
        is_archived=bool(data.get("is_archived")),
        is_member=bool(data.get("is_member")),
        topic=str((data.get("topic") or {}).get("value") or ""),
        creator=str(data.get("creator") or ""),
        created=int(data.get("created") or 0) * 1000,
    )


def bookmark(data: Mapping[str, Any]) -> Bookmark:
    """A bookmark object."""
    return Bookmark(str(data["id"]), str(data.get("title") or ""), str(data.get("link") or ""))


def _next(page: Any) -> str:
    """The cursor of the page that follows; empty at the end."""
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")
