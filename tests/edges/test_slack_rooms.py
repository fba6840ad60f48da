"""Channels are made, filled and kept in order; what is so already is no error, and nothing is sent twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.edges.slack_rooms import Bookmark, Room
from bot.errors import SlackError, SlackUnreachable
from tests.edges import wire
from tests.edges.slack_calls import FIXTURES, Start, connect, fails, ok, refused, samples
from tests.edges.wire import Reply

CHANNEL, TS = "C0INC00042", "1763650000.000100"
ROOM = Room(CHANNEL, "inc-42-db-down", is_member=True, creator="U0OPSBOT01", created=1_763_640_000_000)
LINK = "https://gitlab.acme.example/acme/web/-/issues/incident/42"
CHANGES: dict[str, Start] = {
    "conversations.create": lambda slack: slack.create_channel("inc-42", private=False),
    "conversations.invite": lambda slack: slack.invite(CHANNEL, ("U0ALICE001",)),
    "conversations.setTopic": lambda slack: slack.set_topic(CHANNEL, "S1 | DB down"),
    "conversations.rename": lambda slack: slack.rename_channel(CHANNEL, "inc-42-resolved"),
    "conversations.archive": lambda slack: slack.archive(CHANNEL),
    "conversations.unarchive": lambda slack: slack.unarchive(CHANNEL),
    "pins.add": lambda slack: slack.pin(CHANNEL, TS),
    "pins.remove": lambda slack: slack.unpin(CHANNEL, TS),
    "bookmarks.add": lambda slack: slack.bookmark(CHANNEL, "Issue", LINK),
    "bookmarks.edit": lambda slack: slack.change_bookmark(CHANNEL, "Bk0000000001", "Issue", LINK),
    "bookmarks.remove": lambda slack: slack.remove_bookmark(CHANNEL, "Bk0000000001"),
    "reactions.add": lambda slack: slack.react(CHANNEL, TS, "pushpin"),
    "reactions.remove": lambda slack: slack.unreact(CHANNEL, TS, "pushpin"),
    "chat.delete": lambda slack: slack.delete(CHANNEL, TS),
}
#: What means that it is so already.
FINE = [
    ("conversations.archive", "already_archived"),
    ("conversations.unarchive", "not_archived"),
    ("pins.add", "already_pinned"),
    ("pins.remove", "no_pin"),
    ("pins.remove", "message_not_found"),
    ("bookmarks.remove", "not_found"),
    ("reactions.add", "already_reacted"),
    ("reactions.remove", "no_reaction"),
    ("chat.delete", "message_not_found"),
]


def sent(start: Start, reply: Reply | None = None) -> tuple[Any, dict[str, str]]:
    """What a call makes of Slack's sample, or of `reply`, and the form Slack got."""
    with wire.serve(wire.always(reply) if reply else samples) as server:
        found = start(connect(server))
    (seen,) = server.seen
    return found, seen.form


def channels(*found: tuple[str, str], cursor: str = "") -> Reply:
    """A page of conversations.list with channels of these names and creators."""
    like = ok("conversations.list")["channels"][0]
    listed = [like | {"name": name, "creator": creator} for name, creator in found]
    return wire.data({"ok": True, "channels": listed, "response_metadata": {"next_cursor": cursor}})


# Channels ---------------------------------------------------------------------------------------------------


def test_a_channel_is_made_and_its_id_comes_back() -> None:
    """Public or private, under the name that was asked for."""
    found, form = sent(lambda slack: slack.create_channel("inc-42-db-down", private=True))
    assert found == CHANNEL
    assert form == {"name": "inc-42-db-down", "is_private": "1"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("name_taken", "another name"),
        ("restricted_action", "create channels"),
        ("invalid_name_specials", "lower-case"),
    ],
)
def test_a_channel_that_cannot_be_made_is_a_sentence_with_a_code(code: str, words: str) -> None:
    """It says what to do; the code tells callers which it was."""
    error = fails(refused(code), CHANGES["conversations.create"])
    assert error.code == code
    assert words in error.sentence


def test_what_only_people_may_do_to_a_channel_says_so() -> None:
    """An invitation would not help there."""
    assert (
        "archive channels" in fails(refused("restricted_action"), CHANGES["conversations.archive"]).sentence
    )
    error = fails(refused("not_in_channel"), CHANGES["conversations.unarchive"])
    assert (error.code, "Unarchive" in error.sentence) == ("not_in_channel", True)


def test_a_channel_is_read_whole() -> None:
    """Slack's sample; a time in seconds becomes one in milliseconds, and what is absent is empty."""
    found, form = sent(lambda slack: slack.room(CHANNEL))
    assert (found, form) == (ROOM, {"channel": CHANNEL})
    bare = wire.data({"ok": True, "channel": {"id": "C1"}})
    assert sent(lambda slack: slack.room("C1"), bare)[0] == Room("C1", "")


def test_the_bots_own_channel_is_found_by_name_and_maker() -> None:
    """Archived ones count; one of that name that somebody else made does not."""
    name = "inc-42-db-down"
    script = wire.in_turn(
        wire.data(ok("auth.test")), channels((name, "U0BOB00001"), cursor="more"), channels((name, "U0OPSBOT01"))
    )  # fmt: skip
    with wire.serve(script) as server:
        found = connect(server).my_channel(name)
    assert found == ROOM
    _, first, second = server.seen
    assert first.path == "/api/conversations.list"
    assert first.form == {"types": "public_channel,private_channel", "exclude_archived": "0", "limit": "999"}
    assert second.form["cursor"] == "more"


def test_a_channel_that_was_never_made_is_none() -> None:
    """The search ends with the last page, or after twenty."""
    with wire.serve(wire.in_turn(wire.data(ok("auth.test")), channels(("inc-4", "U0OPSBOT01")))) as server:
        assert connect(server).my_channel("inc-42") is None
    assert len(server.seen) == 2
    with wire.serve(wire.in_turn(wire.data(ok("auth.test")), channels(cursor="more"))) as server:
        assert connect(server).my_channel("inc-42") is None
    assert len(server.seen) == 21


def test_topic_and_name_are_what_they_are_said_to_be() -> None:
    """One request each."""
    assert sent(CHANGES["conversations.setTopic"])[1] == {"channel": CHANNEL, "topic": "S1 | DB down"}
    assert sent(CHANGES["conversations.rename"])[1] == {"channel": CHANNEL, "name": "inc-42-resolved"}


def test_all_members_are_read() -> None:
    """Page by page."""
    pages = [
        wire.data({"ok": True, "members": ["U1", "U2"], "response_metadata": {"next_cursor": "more"}}),
        wire.data({"ok": True, "members": ["U3"]}),
    ]
    with wire.serve(wire.in_turn(*pages)) as server:
        assert connect(server).members(CHANNEL) == {"U1", "U2", "U3"}
    assert server.seen[1].form == {"channel": CHANNEL, "limit": "999", "cursor": "more"}


# People -----------------------------------------------------------------------------------------------------


def test_people_are_invited_past_those_who_cannot_be() -> None:
    """Who could not be brought comes back with the reason; Slack's samples, whether some or none came."""
    none, some = json.loads((FIXTURES / "conversations.invite.json").read_text())["more_responses"]
    for answer in (none, some):
        found, form = sent(
            lambda slack: slack.invite(CHANNEL, ("U0ALICE001", "U0GHOST0001")), wire.data(answer)
        )
        assert found == (("U0GHOST0001", "user_not_found"),)
        assert form == {"channel": CHANNEL, "users": "U0ALICE001,U0GHOST0001", "force": "1"}
    assert sent(CHANGES["conversations.invite"])[0] == ()


def test_of_one_person_the_code_is_enough() -> None:
    """Whoever is there already is no trouble; whoever cannot come is named."""
    one = CHANGES["conversations.invite"]
    assert sent(one, refused("already_in_channel"))[0] == ()
    assert sent(one, refused("cant_invite_self"))[0] == (("U0ALICE001", "cant_invite_self"),)


def test_a_channel_that_takes_nobody_is_an_error() -> None:
    """What is about the channel is about nobody in it."""
    assert fails(refused("is_archived"), CHANGES["conversations.invite"]).code == "is_archived"
    assert fails(refused("not_in_channel"), CHANGES["conversations.invite"]).code == "not_in_channel"


def test_many_people_are_invited_a_hundred_at_a_time() -> None:
    """Slack takes no more at once; nobody needs no request."""
    with wire.serve(samples) as server:
        assert connect(server).invite(CHANNEL, [f"U{n}" for n in range(150)]) == ()
        assert connect(server).invite(CHANNEL, []) == ()
    assert [one.form["users"].count(",") + 1 for one in server.seen] == [100, 50]


# Pins, bookmarks, reactions ---------------------------------------------------------------------------------


def test_pins_are_messages() -> None:
    """Slack's sample; a pinned file is none."""
    assert sent(lambda slack: slack.pins(CHANNEL))[0] == (TS,)
    other = wire.data({"ok": True, "items": [{"type": "file", "file": {"id": "F1"}}]})
    assert sent(lambda slack: slack.pins(CHANNEL), other)[0] == ()
    assert sent(CHANGES["pins.add"])[1] == {"channel": CHANNEL, "timestamp": TS}


def test_a_bookmark_is_a_title_and_an_address() -> None:
    """It is made, listed, changed and removed by its id."""
    made, form = sent(CHANGES["bookmarks.add"])
    assert made == Bookmark("Bk0000000001", "GitLab incident 42", LINK)
    assert form == {"channel_id": CHANNEL, "title": "Issue", "type": "link", "link": LINK}
    listed = wire.data({"ok": True, "bookmarks": [ok("bookmarks.add")["bookmark"], {"id": "Bk2"}]})
    assert sent(lambda slack: slack.bookmarks(CHANNEL), listed)[0] == (made, Bookmark("Bk2", "", ""))
    assert sent(lambda slack: slack.bookmarks(CHANNEL))[0] == ()
    assert sent(CHANGES["bookmarks.edit"])[1]["bookmark_id"] == "Bk0000000001"
    assert sent(CHANGES["bookmarks.remove"])[1] == {"channel_id": CHANNEL, "bookmark_id": "Bk0000000001"}


def test_reactions_are_people_by_emoji() -> None:
    """All of them are asked for; a message without any has none."""
    found, form = sent(lambda slack: slack.reactions(CHANNEL, TS))
    assert found == {"eyes": ("U0ALICE001",)}
    assert form == {"channel": CHANNEL, "timestamp": TS, "full": "1"}
    bare = wire.data({"ok": True, "type": "message", "message": {"ts": TS}})
    assert sent(lambda slack: slack.reactions(CHANNEL, TS), bare)[0] == {}
    assert sent(CHANGES["reactions.add"])[1] == {"channel": CHANNEL, "timestamp": TS, "name": "pushpin"}
    assert sent(CHANGES["chat.delete"])[1] == {"channel": CHANNEL, "ts": TS}


# All of them ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "code"), FINE)
def test_what_is_so_already_is_no_error(method: str, code: str) -> None:
    """Asking for it once more changes nothing."""
    assert sent(CHANGES[method], refused(code))[0] is None


@pytest.mark.parametrize("method", CHANGES)
def test_a_refusal_is_raised_with_its_code(method: str) -> None:
    """After one request to the right method."""
    with wire.serve(wire.always(refused("channel_not_found"))) as server, pytest.raises(SlackError) as caught:
        CHANGES[method](connect(server))
    assert caught.value.code == "channel_not_found"
    assert server.paths() == [f"POST /api/{method}"]


@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize("reply", [wire.html(502), wire.cut()], ids=["502", "cut"])
def test_nothing_is_sent_twice(method: str, reply: Reply) -> None:
    """An answer that is lost leaves the outcome open, after one request."""
    error = fails(reply, CHANGES[method])
    assert isinstance(error, SlackUnreachable)
    assert error.sent
