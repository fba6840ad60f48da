"""What is said and done in rooms of incidents: kept as it was, and of other channels nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.access.kept import owner
from bot.command import Heard
from bot.doors.heard import MOST_OF_MESSAGE
from bot.doors.hearing import heard_of
from bot.edges.store import Store
from bot.model import Person
from bot.vault import Vault
from tests.doors.accepting import Door, acks
from tests.doors.test_intake import ASKS
from tests.fixtures.slack_samples import NAMES, sample
from tests.kits import KEY

ALICE, BOT, OPS, ROOM, ROOT = "U0ALICE001", "U0OPSBOT01", "C0OPS00001", "C0INC00042", "1763650000.000100"
HEARD = {f"events/{name}": kind for name, kind in {
    "message_channel": "said", "message_channel_thread": "said", "message_private_channel": "said",
    "message_thread_broadcast": "said", "message_file_share": "said", "message_file_share_check_file_info": "said",
    "message_me": "said", "message_mention_entities": "said", "message_enterprise_grid": "said",
    "message_attachments_only": "said", "message_bot_message_classic": "said", "message_bot_modern": "said",
    "message_changed": "edited", "message_deleted": "deleted", "message_deleted_parent_with_replies": "deleted",
    "reaction_added": "reacted", "reaction_removed": "unreacted", "message_channel_topic": "topic",
    "channel_rename": "renamed", "channel_archive": "archived", "channel_deleted": "archived",
    "channel_unarchive": "unarchived", "member_joined_channel_user": "joined",
    "member_joined_channel_bot": "bot_joined", "member_left_channel": "bot_left",
}.items()}  # fmt: skip
"""What each sample tells where every channel is a room; the others ask for something, or tell nothing."""


@pytest.fixture
def door(store: Store) -> Door:
    """A door to a workspace in which every channel is a room."""
    return listening(store, lambda _: True)


def listening(store: Store, is_room: Callable[[str], bool]) -> Door:
    door = Door(store, is_room)
    vault = Vault((KEY,))
    door.intake.seal = lambda text, about: vault.seal(text, about=about)
    return door


def heard(door: Door) -> Heard:
    """The one thing that was heard."""
    (row,) = door.rows
    assert row.kind == "heard"
    return heard_of(row, Vault((KEY,)))


def hear(door: Door, name: str, **event: Any) -> Heard:
    """What is heard of a sample with these changes to its event."""
    door.accept(changed(name, **event))
    return heard(door)


def changed(name: str, **event: Any) -> dict[str, Any]:
    envelope = sample(f"events/{name}")
    envelope["payload"]["event"] |= event
    return envelope


def event(**event: Any) -> dict[str, Any]:
    """An event there is no sample of."""
    envelope = sample("events/unknown_future_event")
    envelope["payload"]["event"] = {"event_ts": "1763651190.000000"} | event
    return envelope


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_acked_and_asks_or_is_heard_or_neither(door: Door, name: str) -> None:
    """What asks is a request where every channel is a room as well; nothing is both."""
    envelope = sample(name)
    assert door.accept(envelope) == acks([envelope])
    kinds = [row.kind for row in door.rows]
    if name not in HEARD:
        assert kinds == ([ASKS[name]] if name in ASKS else [])
    else:
        assert heard(door).kind == HEARD[name]
    assert door.handed == door.rows


# Messages ---------------------------------------------------------------------------------------------------


def test_words_are_heard_with_all_that_is_of_them(door: Door) -> None:
    """Who, where, when, what, with blocks; what stands in no thread has none."""
    blocks = sample("events/message_channel")["payload"]["event"]["blocks"]
    assert hear(door, "message_channel") == Heard(
        "Ev000000006", "said", "T0ACME0001", ALICE, OPS, "1763651000.000100", None, "1763651000.000100",
        text="hello", blocks=tuple(blocks),
    )  # fmt: skip


def test_a_reply_is_heard_in_its_thread(door: Door) -> None:
    """The thread is that of the message it answers."""
    one = hear(door, "message_channel_thread")
    assert (one.ts, one.thread, one.text) == ("1763651020.000300", ROOT, "looks bad")


def test_a_reply_that_is_shown_in_the_channel_is_one_message(door: Door) -> None:
    """It is still in its thread; its subtype tells that it is shown outside."""
    one = hear(door, "message_thread_broadcast")
    assert (one.ts, one.thread, one.subtype, one.text) == (
        "1763651070.000700",
        ROOT,
        "thread_broadcast",
        "fixed",
    )


def test_files_come_along(door: Door) -> None:
    """As Slack describes them."""
    one = hear(door, "message_file_share")
    assert [file["name"] for file in one.files] == ["graph.png"]
    assert (one.text, one.subtype) == ("see graph", "file_share")


def test_another_bot_is_heard_as_one(door: Door) -> None:
    """A modern one has a user beside its bot id."""
    one = hear(door, "message_bot_modern")
    assert (one.bot, one.person, one.text) == ("B0OTHER0002", "U0OTHERBOT", "build passed")


def test_a_bot_without_a_user_is_heard(door: Door) -> None:
    """What a classic one has to say stands in its attachments."""
    one = hear(door, "message_bot_message_classic")
    assert (one.bot, one.person, one.text) == ("B0OTHER0001", "", "")
    assert [each["title"] for each in one.attachments] == ["[FIRING:1] HighLatency"]


def test_slack_itself_is_no_person(door: Door) -> None:
    """Slackbot has no bot id, and is told apart all the same."""
    assert hear(door, "message_channel", user="USLACKBOT").bot == "USLACKBOT"


def test_an_edit_has_the_text_before_and_after(door: Door) -> None:
    """It is about the message that was edited, at the time of the edit."""
    one = hear(door, "message_changed")
    assert (one.kind, one.ts, one.at) == ("edited", "1763651000.000100", "1763651050.000400")
    assert (one.before, one.text, one.person, one.thread) == ("hello", "hello (edited)", ALICE, None)


def test_a_preview_of_a_link_is_passed_on(door: Door) -> None:
    """Whether anything was changed depends on what was known."""
    message = sample("events/message_changed")["payload"]["event"]["previous_message"]
    preview = {"from_url": "https://x.test", "title": "X"}
    one = hear(door, "message_changed", message=message | {"attachments": [preview]})
    assert (one.kind, one.before, one.text, one.attachments) == ("edited", "hello", "hello", (preview,))


def test_a_change_to_what_nobody_said_is_not_heard(door: Door) -> None:
    """Such as to the line that tells who joined."""
    joined = sample("events/message_channel_join")["payload"]["event"]
    door.accept(changed("message_changed", message=joined))
    assert door.rows == []


def test_an_edit_of_what_is_not_known_any_more(door: Door) -> None:
    """Slack does not always say how it was before."""
    envelope = sample("events/message_changed")
    del envelope["payload"]["event"]["previous_message"]
    door.accept(envelope)
    assert heard(door).before is None


def test_a_deleted_message_is_told_of_with_its_text(door: Door) -> None:
    """Who wrote it is known, who took it away is not."""
    one = hear(door, "message_deleted")
    assert (one.ts, one.at, one.person) == ("1763651000.000100", "1763651060.000500", ALICE)
    assert (one.before, one.text) == ("hello", "")


def test_a_deleted_message_with_replies_is_a_deleted_one(door: Door) -> None:
    """What Slack leaves in its place is no edit; that one of ours is gone has to be known."""
    one = hear(door, "message_deleted_parent_with_replies")
    assert (one.kind, one.ts, one.thread, one.bot) == ("deleted", ROOT, None, "B0OPSBOT01")
    assert one.before == "Incident 42 DB down"


def test_a_deleted_reply_is_told_of_in_its_thread(door: Door) -> None:
    """So that it can be found among the replies."""
    before = sample("events/message_deleted")["payload"]["event"]["previous_message"]
    assert hear(door, "message_deleted", previous_message=before | {"thread_ts": ROOT}).thread == ROOT


def test_a_message_that_is_too_long_keeps_its_text(door: Door) -> None:
    """Of blocks and files there may be more than anybody reads."""
    text, blocks = "x" * 40_000, [{"type": "divider", "block_id": "y" * MOST_OF_MESSAGE}]
    one = hear(door, "message_file_share", text=text, blocks=blocks)
    assert (one.text, one.blocks) == (text, ())
    assert len(one.files) == 1


# What is done -----------------------------------------------------------------------------------------------


def test_a_reaction_names_its_emoji_and_its_message(door: Door) -> None:
    """Of the message only the timestamp is known."""
    one = hear(door, "reaction_added")
    assert (one.kind, one.text, one.person, one.channel, one.ts) == ("reacted", "eyes", ALICE, OPS, ROOT)
    assert one.thread is None


def test_a_reaction_to_a_file_is_not_heard(door: Door) -> None:
    """There is no message it would be about."""
    door.accept(changed("reaction_added", item={"type": "file", "channel": OPS, "file": "F0FILE00001"}))
    assert door.rows == []


@pytest.mark.parametrize(("name", "text", "person"), [
    ("message_channel_topic", "S1 | DB down", ALICE), ("channel_rename", "inc-42-db-down", ""),
    ("channel_archive", "", ALICE), ("channel_deleted", "", ALICE), ("channel_unarchive", "", ALICE),
])  # fmt: skip
def test_what_is_done_to_a_room(door: Door, name: str, text: str, person: str) -> None:
    """With its new topic or name, and who did it, where Slack says."""
    one = hear(door, name)
    assert (one.text, one.person, one.channel) == (text, person, ROOM)


def test_who_lets_us_in_is_told(door: Door) -> None:
    """Who threw us out Slack does not say."""
    assert hear(door, "member_joined_channel_bot").person == ALICE


def test_being_thrown_out_is_told(door: Door) -> None:
    """Nothing can be said there any more."""
    one = hear(door, "member_left_channel")
    assert (one.kind, one.person, one.channel) == ("bot_left", "", OPS)


def test_somebody_who_leaves_is_told(door: Door) -> None:
    """By their own id."""
    one = hear(door, "member_left_channel", user=ALICE)
    assert (one.kind, one.person) == ("left", ALICE)


def test_an_unpinned_message(door: Door) -> None:
    """docs.slack.dev, pin_removed: the channel has a name of its own there."""
    item = {
        "type": "message",
        "channel": ROOM,
        "message": {"type": "message", "ts": ROOT, "text": "Incident"},
    }
    door.accept(event(type="pin_removed", user=ALICE, channel_id=ROOM, item=item, has_pins=False))
    one = heard(door)
    assert (one.kind, one.channel, one.ts, one.person) == ("unpinned", ROOM, ROOT, ALICE)


def test_a_channel_with_a_new_id(store: Store) -> None:
    """docs.slack.dev, channel_id_changed: it is known by its old one."""
    door = listening(store, lambda channel: channel == ROOM)
    door.accept(event(type="channel_id_changed", old_channel_id=ROOM, new_channel_id="C0NEW00042"))
    one = heard(door)
    assert (one.kind, one.channel, one.text) == ("moved", ROOM, "C0NEW00042")


@pytest.mark.parametrize("to", ["private", "public"])
def test_a_channel_that_is_converted(door: Door, to: str) -> None:
    """Both ways: what may be said there depends on it."""
    one = hear(door, "message_channel_topic", subtype=f"channel_convert_to_{to}")
    assert (one.kind, one.text, one.person) == ("converted", to, ALICE)


# What is not heard ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("envelope", [
    sample("events/message_own_bot"), changed("message_channel", user=BOT),
    changed("message_bot_message_classic", bot_id="B0OPSBOT01"), changed("reaction_added", user=BOT),
    changed("message_channel_topic", user=BOT), changed("channel_archive", user=BOT),
    changed("message_changed", message=sample("events/message_own_bot")["payload"]["event"]),
])  # fmt: skip
def test_what_we_did_ourselves_is_no_news(door: Door, envelope: dict[str, Any]) -> None:
    """By our user or our bot id, whichever Slack names."""
    assert door.accept(envelope) == acks([envelope])
    assert door.rows == []


@pytest.mark.parametrize("name", ["message_im", "message_im_in_thread", "message_mpim"])
def test_direct_messages_are_never_heard(door: Door, name: str) -> None:
    """They may ask for something, and that is all."""
    door.accept(sample(f"events/{name}"))
    assert "heard" not in [row.kind for row in door.rows]


def test_what_happens_elsewhere_costs_no_commit(store: Store) -> None:
    """With a store that cannot be written it is acked; what happens in a room is not, for Slack to send again."""
    door = listening(store, lambda channel: channel == ROOM)
    store.close()
    elsewhere = [sample(name) for name in HEARD if _channel(name) != ROOM]
    assert door.accept(*elsewhere) == acks(elsewhere)
    assert door.accept(changed("message_channel", channel=ROOM)) == [None]


def _channel(name: str) -> object:
    found = sample(name)["payload"]["event"]
    where = found.get("channel") or found["item"]["channel"]
    return where["id"] if isinstance(where, dict) else where


@pytest.mark.parametrize("envelope", [
    changed("reaction_added", reaction=None, item={"type": "message", "channel": ROOM}),
    changed("message_channel", ts=None, blocks=["x"]), changed("message_channel", thread_ts=5, user=["x"], files=3),
    changed("channel_rename", channel={"name": "x"}), changed("member_joined_channel_user", user=5),
    changed("message_changed", message="x"), changed("message_deleted", previous_message=[1]),
    event(type="pin_removed", channel_id=ROOM, user=ALICE, item={"type": "message"}),
])  # fmt: skip
def test_what_is_not_shaped_as_slacks_is_acked_and_forgotten(door: Door, envelope: dict[str, Any]) -> None:
    """Nothing that is sent can keep what comes after it from being taken."""
    assert door.accept(envelope, sample("commands/channel")) == acks([envelope, sample("commands/channel")])
    assert [row.kind for row in door.rows if row.kind != "heard"] == ["slash"]


# How it is kept ---------------------------------------------------------------------------------------------


def test_a_mention_in_a_room_is_a_request_and_is_heard(door: Door) -> None:
    """Slack sends two events for it; both are kept."""
    mention = sample("events/app_mention")
    said = changed("message_channel", text=mention["payload"]["event"]["text"])
    assert door.accept(mention, said) == acks([mention, said])
    assert [row.kind for row in door.rows] == ["text", "heard"]


def test_what_is_delivered_again_is_heard_once(door: Door) -> None:
    """In one batch, in another, and in another envelope."""
    first = sample("events/message_channel")
    door.accept(first, first)
    door.accept(first, sample("events/message_channel", envelope_id="other", retry_attempt=1))
    assert len(door.rows) == len(door.handed) == 1


def test_what_is_said_is_sealed(door: Door) -> None:
    """No text of a room can be read in the store, and only as its author's."""
    door.accept(changed("message_changed"), changed("message_file_share", text="canary"))
    stored = json.dumps([row.body for row in door.rows])
    assert not any(word in stored for word in ("canary", "hello", "graph.png"))
    body = json.loads(door.rows[1].body)
    vault, who = Vault((KEY,)), Person(body["team"], body["person"])
    assert "canary" in vault.open(body["content"], about=owner(who))


def test_a_stranger_in_a_shared_room_is_known_as_one(door: Door) -> None:
    """Slack Connect: what they say is heard, with their own workspace."""
    envelope = changed("message_channel", user="U0EVE00001", team="T0PARTNER1", user_team="T0PARTNER1")
    envelope["payload"]["is_ext_shared_channel"] = True
    door.accept(envelope)
    one = heard(door)
    assert (one.is_stranger, one.team, one.person) == (True, "T0PARTNER1", "U0EVE00001")


def test_a_colleague_in_a_shared_room_is_no_stranger(door: Door) -> None:
    """The channel is shared, the person is ours; nor is somebody of another workspace of the same company."""
    envelope = sample("events/message_channel")
    envelope["payload"]["is_ext_shared_channel"] = True
    door.accept(envelope)
    assert not heard(door).is_stranger
