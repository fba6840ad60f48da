"""What the sandbox's Slack tells an app of channels, members, messages and pins, in the forms of the samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from sandbox.slack.manifest import read
from tests.sandbox.slack_stage import DEV, LOBBY, MANY_SCOPES, OPS, SECRET, Clock, Ear, Stage, shape, until

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack" / "events"
BOT, ALICE, BOB = "U0OPSBOT01", "U0ALICE001", "U0BOB00001"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(FakeSlack(clock=Clock(), scopes=MANY_SCOPES, subscriptions=read().subscriptions)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def act(stage: Stage, line: str, here: str = DEV, name: str = "alice") -> None:
    """Do what `:slack` with these words does."""
    what, _, rest = line.partition(" ")
    stage.run(stage.slack.acts.act(name, what, rest, here))


def told(ear: Ear, *kinds: str) -> list[dict[str, Any]]:
    """The events once those kinds have come, in that order and no others; a message counts as its subtype."""
    until(lambda: len(ear.events) >= len(kinds))
    assert [each.get("subtype", each["type"]) for each in ear.events] == list(kinds)
    return ear.events


def sample(name: str) -> dict[str, Any]:
    """The event in a sample."""
    event: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())["payload"]["event"]
    return event


def test_what_is_said_in_channels(stage: Stage, ear: Ear) -> None:
    """Messages, replies, edits and deletions reach the app where it is a member, and nowhere else."""
    slack = stage.slack
    ts = stage.run(slack.say("alice", "dev", "hello"))
    stage.run(slack.say("bob", "dev", "looks bad", ts))
    stage.run(slack.edit("alice", "dev", ts, "hello you"))
    stage.run(slack.broadcast("alice", "dev", "fixed", ts))
    stage.run(slack.say("alice", "lobby", "nobody listens"))
    stage.run(slack.say("alice", "secret", "nor here"))
    last = stage.run(slack.say("bob", "dev", "oops"))
    stage.run(slack.delete("bob", "dev", last))
    events = told(
        ear, "message", "message", "message_changed", "thread_broadcast", "message", "message_deleted"
    )
    assert {event["channel"] for event in events} == {DEV}
    assert shape(events[0]) == shape(sample("message_channel"))
    assert events[1].keys() == sample("message_channel_thread").keys()
    assert events[2]["previous_message"]["text"] == "hello"
    assert events[3].keys() == sample("message_thread_broadcast").keys()
    assert events[5].keys() == sample("message_deleted").keys()


def test_a_private_channel_is_heard_once_the_app_is_in_it(stage: Stage, ear: Ear) -> None:
    """As message.groups, with the channel type group."""
    act(stage, "invite-bot", SECRET)
    stage.run(stage.slack.say("bob", "secret", "hello"))
    joined, moved, said = told(ear, "channel_join", "member_joined_channel", "message")
    assert joined["text"] == f"<@{BOT}> has joined the channel"
    assert moved.keys() == sample("member_joined_channel_bot").keys()
    assert (moved["user"], moved["channel_type"], moved["inviter"]) == (BOT, "G", ALICE)
    assert shape(said) == shape(sample("message_private_channel"))


def test_what_somebody_does(stage: Stage, ear: Ear) -> None:
    """`/me` makes a message of its own kind."""
    act(stage, "me is looking")
    (event,) = told(ear, "me_message")
    assert {*sample("message_me")} <= {*event}
    assert event["text"] == "is looking"


def test_an_unfurl_changes_nothing_that_was_said(stage: Stage, ear: Ear) -> None:
    """message_changed comes with the same text on both sides, and without an editor."""
    ts = stage.run(stage.slack.say("alice", "dev", "see https://gitlab.acme.example/acme/web"))
    stage.run(stage.slack.acts.on_post("alice", "unfurl", DEV, ts))
    _, changed = told(ear, "message", "message_changed")
    assert changed["message"]["text"] == changed["previous_message"]["text"]
    assert changed["message"]["attachments"][0]["from_url"] == "https://gitlab.acme.example/acme/web"
    assert "edited" not in changed["message"]


def test_topics_and_names(stage: Stage, ear: Ear) -> None:
    """A new topic is a message; a new name is a message and channel_rename, with the channel as an object."""
    act(stage, "topic S1 | DB down")
    act(stage, "rename dev-2")
    topic, named, renamed = told(ear, "channel_topic", "channel_name", "channel_rename")
    expected = sample("message_channel_topic")
    assert topic.keys() == expected.keys()
    assert (topic["topic"], topic["text"]) == (expected["topic"], expected["text"])
    assert (named["old_name"], named["name"]) == ("dev", "dev-2")
    assert shape(renamed) == shape(sample("channel_rename"))


def test_closing_and_opening(stage: Stage, ear: Ear) -> None:
    """Both are told of every public channel, but the line in it only where the app is a member."""
    act(stage, "archive")
    act(stage, "unarchive")
    act(stage, "archive", LOBBY)
    kinds = (
        "channel_archive",
        "channel_archive",
        "channel_unarchive",
        "channel_unarchive",
        "channel_archive",
    )
    events = told(ear, *kinds)
    assert [event["type"] for event in events] == ["message", "channel_archive", "message", "channel_unarchive",
                                                   "channel_archive"]  # fmt: skip
    assert shape(events[1]) == shape(sample("channel_archive"))
    assert shape(events[3]) == shape(sample("channel_unarchive"))
    assert events[4]["channel"] == LOBBY


def test_private_channels_have_events_of_their_own(stage: Stage, ear: Ear) -> None:
    """They are called group_*, and only members hear of them."""
    act(stage, "rename hidden", SECRET)
    act(stage, "private")
    act(stage, "rename dev-2")
    act(stage, "archive")
    act(stage, "unarchive")
    act(stage, "delete-channel")
    events = told(
        ear, "channel_convert_to_private", "channel_name", "group_rename", "channel_archive", "group_archive",
        "channel_unarchive", "group_unarchive", "group_deleted",
    )  # fmt: skip
    assert events[0]["channel_type"] == "group"
    assert events[2]["channel"]["is_channel"] is False
    assert shape(events[7]) == shape({**sample("channel_deleted"), "type": "group_deleted"})


def test_a_deleted_channel_is_gone(stage: Stage, ear: Ear) -> None:
    """The app is told, and finds nothing there any more, not even a file."""
    stage.run(stage.slack.upload("alice", "dev", __file__))
    act(stage, "delete-channel")
    _, gone = told(ear, "file_share", "channel_deleted")
    assert shape(gone) == shape(sample("channel_deleted"))
    refused = stage.refusal(lambda: stage.web.chat_postMessage(channel=DEV, text="a"))
    assert refused == "channel_not_found"
    assert stage.refusal(lambda: stage.web.files_info(file="F0FILE00001")) == "file_not_found"


def test_coming_and_going(stage: Stage, ear: Ear) -> None:
    """Whoever joins by going there has no inviter."""
    stage.run(stage.slack.acts.visit("alice2", "shared"))
    act(stage, "quit", "C0SHARED01", "alice2")
    joined, moved, left, gone = told(
        ear, "channel_join", "member_joined_channel", "channel_leave", "member_left_channel"
    )
    assert "inviter" not in moved
    assert joined["user"] == left["user"] == gone["user"] == "U0ALICE002"
    assert gone.keys() == sample("member_left_channel").keys()


def test_the_app_is_removed(stage: Stage, ear: Ear) -> None:
    """It hears that it left, and then nothing of that channel; what it does there is refused."""
    act(stage, "kick signalbox")
    stage.run(stage.slack.say("alice", "dev", "are you there"))
    act(stage, "kick bob")
    moved, left = told(ear, "member_left_channel", "channel_left")
    assert moved.keys() == sample("member_left_channel").keys()
    assert (left["channel"], left["actor_id"]) == (DEV, ALICE)
    stage.slack.scopes.discard("chat:write.public")
    refused = stage.refusal(lambda: stage.web.chat_postMessage(channel=DEV, text="a"))
    assert refused == "not_in_channel"


def test_the_app_is_removed_from_a_private_channel(stage: Stage, ear: Ear) -> None:
    """Then the channel is not there for it any more."""
    act(stage, "private")
    act(stage, "kick signalbox")
    told(ear, "channel_convert_to_private", "member_left_channel", "group_left")
    assert stage.refusal(lambda: stage.web.chat_postMessage(channel=DEV, text="a")) == "channel_not_found"


def test_another_id(stage: Stage, ear: Ear) -> None:
    """Everything said is found under the new id, and nothing under the old."""
    ts = stage.run(stage.slack.say("alice", "dev", "hello"))
    stage.run(stage.slack.say("bob", "dev", "yes", ts))
    act(stage, "new-id")
    *_, changed = told(ear, "message", "message", "channel_id_changed")
    assert changed["old_channel_id"] == DEV
    replies = stage.web.conversations_replies(channel=changed["new_channel_id"], ts=ts)["messages"]
    assert [each["text"] for each in replies] == ["hello", "yes"]
    assert stage.refusal(lambda: stage.web.conversations_info(channel=DEV)) == "channel_not_found"


def test_pins_taken_off(stage: Stage, ear: Ear) -> None:
    """pin_removed says which message, who had pinned it, and whether there are others; pin_added is not asked for."""
    first, second = (stage.run(stage.slack.say("alice", "dev", text)) for text in ("one", "two"))
    for what, ts in (("pin", first), ("pin", second), ("unpin", first), ("unpin", second)):
        stage.run(stage.slack.acts.on_post("bob", what, DEV, ts))
    *_, one, two = told(ear, "message", "message", "pinned_item", "pinned_item", "pin_removed", "pin_removed")
    assert (one["has_pins"], one["pin_count"], two["has_pins"]) == (True, 1, False)
    assert (one["user"], one["channel_id"], one["item_user"]) == (BOB, DEV, ALICE)
    assert (one["item"]["message"]["ts"], one["pinned_info"]["pinned_by"]) == (first, BOB)


def test_an_administrator_erases_what_the_app_said(stage: Stage, ear: Ear) -> None:
    """The app hears of it as of any deletion; a message with replies leaves a tombstone."""
    ts = str(stage.web.chat_postMessage(channel=OPS, text="Incident 42")["ts"])
    stage.run(stage.slack.say("alice", "ops", "on it", ts))
    stage.run(stage.slack.acts.on_post("alice", "erase", OPS, ts))
    *_, changed = told(ear, "message", "message", "message_changed")
    assert changed["message"]["subtype"] == "tombstone"
    assert changed["previous_message"]["text"] == "Incident 42"
    assert stage.refusal(lambda: stage.web.chat_update(channel=OPS, ts=ts, text="b")) == "message_not_found"


def test_the_app_hears_of_what_it_does_itself(stage: Stage, ear: Ear) -> None:
    """Making a channel, inviting and naming are told like everybody's acts."""
    channel = stage.web.conversations_create(name="inc-1")["channel"]["id"]
    stage.web.conversations_invite(channel=channel, users=BOB)
    stage.web.conversations_setTopic(channel=channel, topic="S1")
    stage.web.conversations_archive(channel=channel)
    events = told(
        ear, "channel_join", "member_joined_channel", "channel_join", "member_joined_channel", "channel_topic",
        "channel_archive", "channel_archive",
    )  # fmt: skip
    assert [events[at]["user"] for at in (1, 3, 4)] == [BOT, BOB, BOT]
    assert shape(events[3]) == shape(sample("member_joined_channel_user"))


def test_nothing_is_told_that_was_not_asked_for() -> None:
    """Without a subscription there is no event."""
    with Stage(FakeSlack(scopes=MANY_SCOPES, subscriptions={"channel_rename"})) as stage:
        ear = stage.listen()
        stage.run(stage.slack.say("alice", "dev", "hello"))
        for line in ("topic a", "kick bob", "archive", "unarchive", "rename dev-2"):
            act(stage, line)
        told(ear, "channel_rename")
