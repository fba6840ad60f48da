"""The discussion from Slack reaches the issue: once, in order, as who said it, with its edits and deletions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.slack.workspace import Post
from tests.incidents.room import Room, room_at


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path) as made:
        yield made


def test_a_message_becomes_a_comment(room: Room) -> None:
    """It says who, when and where, in the author's own account, and carries a hidden mark."""
    room.say("Is it *slow* for you, too?")
    room.hear()
    (note,) = room.notes
    assert note.author.username == "alice"
    head, _, rest = note.body.partition("\n")
    assert head.startswith("**`alice`** · [")
    assert " UTC](https://" in head
    assert "/archives/C0OPS00001/p" in head
    assert "Is it **slow** for you, too?" in rest
    (row,) = room.rows
    assert note.body.endswith(f"\n\n<!-- signalbox i=inc01 m={row.id} h={row_hash(note.body)} -->")
    assert (row.note_id, row.state) == (note.id, "live")
    assert row.wanted_hash == row.shown_hash


def row_hash(body: str) -> str:
    return body.rpartition("h=")[2].split()[0]


def test_redelivery_changes_nothing(room: Room) -> None:
    """A message that is delivered again is the same message."""
    room.say("Once")
    room.hear(times=3)
    room.work()
    assert room.words == ["Once"]


def test_a_thread_is_a_discussion(room: Room) -> None:
    """Root and replies are one discussion in order; a reply that is shown in the channel, too, is one reply."""
    root = room.say("It is slow")
    room.say("Since when?", "bob", thread=root)
    room.broadcast("Since noon", root)
    room.hear(times=2)
    assert room.words == ["It is slow", "Since when?", "Since noon"]
    assert len({note.discussion for note in room.notes}) == 1
    assert [note.author.username for note in room.notes] == ["alice", "bob", "alice"]
    first, *replies = room.rows
    assert [one.root for one in replies] == [first.id, first.id]
    assert {one.discussion for one in room.rows} == {room.notes[0].discussion}


def test_a_message_that_nobody_answers_is_no_thread(room: Room) -> None:
    """It is a comment by itself, until somebody does."""
    room.say("Hello")
    room.hear()
    assert room.notes[0].type is None
    assert room.changes() == 1


def test_a_reply_whose_root_is_not_known(room: Room) -> None:
    """Brings its root along, which stands above it."""
    root = room.quietly(room.floor.slack.slack.say("bob", "C0OPS00001", "Before anybody listened"))
    room.say("Yes", thread=root)
    room.hear()
    assert room.words == ["Before anybody listened", "Yes"]
    assert len({note.discussion for note in room.notes}) == 1


def test_replies_below_what_no_person_said(room: Room) -> None:
    """Are one discussion, which the first of them begins."""
    root = room.floor.slack.web.chat_postMessage(channel="C0OPS00001", text="A card of ours")["ts"]
    room.say("First", thread=root)
    room.say("Second", "bob", thread=root)
    room.hear()
    assert room.words == ["First", "Second"]
    assert len({note.discussion for note in room.notes}) == 1


def test_what_is_no_talk(room: Room) -> None:
    """Commands to the bot, joins, topics and what apps write stay in Slack."""
    room.say("@Signalbox incident status")
    room.say("please @Signalbox incident resolve", "bob")
    room.slack_act("topic", "Checkout")
    room.slack_act("kick", "carol #ops")
    room.slack_act("invite", "carol #ops")
    room.slack_act("webhook", "deploybot #ops It is deployed")
    room.floor.slack.web.chat_postMessage(channel="C0OPS00001", text="It is us")
    room.hear()
    assert room.notes == []


# Edits and deletions ----------------------------------------------------------------------------------------


def test_an_edit_keeps_the_comment(room: Room) -> None:
    """One request puts the new words into the same comment."""
    ts = room.say("It is lsow")
    room.hear()
    (before,) = room.notes
    changes = room.changes()
    room.edit(ts, "It is slow")
    room.hear(times=2)
    (after,) = room.notes
    assert (after.id, room.words) == (before.id, ["It is slow"])
    assert room.changes() == changes + 1


def test_a_preview_of_a_link_is_no_edit(room: Room) -> None:
    """What Slack adds to a message by itself makes no call."""
    ts = room.say("See https://shop.example.com/x")
    room.hear()
    changes = room.changes()
    workspace = room.floor.slack.slack.workspace
    post = workspace.find("C0OPS00001", ts)
    assert post is not None
    preview = {"from_url": "https://shop.example.com/x", "title": "The shop"}

    async def unfurled(post: Post = post) -> None:
        workspace.change(post, {**post.body, "attachments": [preview]})
        workspace.touched()

    room._done(unfurled())
    room.hear()
    assert room.changes() == changes
    assert "The shop" not in room.bodies[0]


def test_an_edit_before_the_copy_is_written(room: Room) -> None:
    """Is all that is ever written."""
    room.alter(iid=0)
    ts = room.say("Worng")
    room.hear()
    room.edit(ts, "Wrong")
    room.hear()
    room.alter(iid=1)
    room.work(2)
    assert room.words == ["Wrong"]
    assert room.changes() == 1


def test_a_deleted_message_leaves_a_tombstone(room: Room) -> None:
    """With who and when, and no word of what was said."""
    ts = room.say("My password is sesame")
    room.hear()
    room.delete(ts)
    room.hear()
    (body,) = room.bodies
    assert "sesame" not in body
    assert body.startswith("**`alice`** · ")
    assert "*Deleted in Slack at 20" in body
    assert room.rows[0].state == "gone"
    assert "sesame" not in room.rows[0].wanted


def test_what_was_deleted_before_it_was_written(room: Room) -> None:
    """Never reaches the issue."""
    room.alter(iid=0)
    ts = room.say("Never mind")
    room.hear()
    room.delete(ts)
    room.hear()
    room.alter(iid=1)
    room.work(2)
    assert room.notes == []


def test_a_deleted_root_keeps_its_replies(room: Room) -> None:
    """Of a message with replies Slack leaves a tombstone, and so does its copy."""
    root = room.say("Secret thing")
    room.say("Oh", "bob", thread=root)
    room.hear()
    room.delete(root)
    room.hear()
    assert room.words[1] == "Oh"
    assert "Secret" not in "".join(room.bodies)
    room.say("Still here", "bob", thread=root)
    room.hear()
    assert room.words[2] == "Still here"


def test_same_second(room: Room) -> None:
    """Two messages of one second are two; deleting one takes that one."""
    first, second = room.say("one"), room.say("two")
    room.hear()
    assert first.partition(".")[0] == second.partition(".")[0] or first < second
    room.delete(first)
    room.hear()
    assert "one" not in room.words[0]
    assert room.words[1] == "two"


# Who --------------------------------------------------------------------------------------------------------


def test_somebody_without_an_account(room: Room) -> None:
    """Is named in the comment, which the keeper writes."""
    room.say("Me, too", "carol")
    room.hear()
    (note,) = room.notes
    assert note.author.username == "alice"
    assert note.body.startswith("**carol (Slack)** · [")


def test_somebody_who_has_left(room: Room) -> None:
    """Is written for, as one without an account is."""
    room.alter(iid=0)
    room.say("Bye", "bob")
    room.hear()
    room.floor.slack.run(room.floor.slack.slack.acts.act("alice", "deactivate", "bob", "C0OPS00001"))
    room.floor.clock.pass_(120)
    room.alter(iid=1)
    room.work(2)
    (note,) = room.notes
    assert note.author.username == "alice"
    assert note.body.startswith("**bob (Slack)** · [")


def test_nobody_has_an_account(tmp_path: Path) -> None:
    """Then it waits until somebody connects one."""
    with room_at(tmp_path, erin="dave") as room:
        room.say("Anybody?")
        room.hear()
        assert room.notes == []
        room.floor.link("alice", "alice")
        room.work(2)
        assert room.words == ["Anybody?"]


def test_somebody_whose_account_may_not_write(room: Room) -> None:
    """Is written for by the keeper, under the name they have in GitLab."""
    room.floor.asks(lambda state: state.projects[42].members.update({"bob": 0}))
    room.floor.asks(lambda state: setattr(state.projects[42], "visibility", "private"))
    room.say("I am not in that project", "bob")
    room.hear()
    (note,) = room.notes
    assert note.author.username == "alice"
    assert note.body.startswith("**`bob`** · [")
