"""What is marked goes across whatever the policy, for whom it was marked, and comes back when the mark goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incident import CURATED, FULL, FULL_INTERNAL, GITLAB
from bot.incident_work import Mirrored
from bot.incidents.outward import receipts
from tests.evidence.floor import OPS
from tests.incidents.room import Room, plain, room_at


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path, policy=CURATED) as made:
        yield made


def reactions(room: Room, ts: str) -> dict[str, tuple[str, ...]]:
    return dict(room.kit.slack.reactions(OPS, ts))


def test_only_what_is_marked(room: Room) -> None:
    """By the policy curated, everything else stays in Slack."""
    room.say("Nothing of this")
    ts = room.say("But this")
    room.hear()
    assert room.notes == []
    assert room.rows == []
    room.mark(ts)
    assert room.words == ["But this"]
    assert room.notes[0].author.username == "alice"
    assert not room.notes[0].internal


def test_marked_twice(room: Room) -> None:
    """It is one copy, with one emoji of ours below the message and no line in the room."""
    ts = room.say("This")
    room.hear()
    first, second = room.mark(ts), room.mark(ts, by="alice")
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert len(room.notes) == 1
    assert list(reactions(room, ts)) == [receipts.SENT]
    assert room.said_in_room() == []


def test_for_members_alone(room: Room) -> None:
    """A mark of that kind makes an internal note; both kinds make two."""
    ts = room.say("This")
    room.hear()
    room.mark(ts, internal=True)
    assert [note.internal for note in room.notes] == [True]
    room.mark(ts)
    assert [note.internal for note in room.notes] == [True, False]


def test_a_mark_that_is_taken_away(room: Room) -> None:
    """Takes its copy with it, and the emoji; marked again it is there again."""
    ts = room.say("This")
    room.hear()
    room.mark(ts)
    room.unmark(ts)
    assert room.notes == []
    assert reactions(room, ts) == {}
    room.mark(ts)
    assert room.words == ["This"]
    assert list(reactions(room, ts)) == [receipts.SENT]


def test_a_mark_that_is_taken_away_after_an_answer(room: Room) -> None:
    """Leaves a tombstone, since somebody has answered the copy."""
    root = room.say("This")
    reply = room.say("Why?", "bob", thread=root)
    room.hear()
    room.mark(root)
    room.mark(reply)
    room.unmark(root)
    assert len({note.discussion for note in room.notes}) == 1
    first, second = room.bodies
    assert "This" not in first.partition("\n")[2]
    assert "*Taken back in Slack at " in first
    assert "Why?" in second


def test_a_marked_message_is_edited_and_deleted(room: Room) -> None:
    """Its copy follows."""
    ts = room.say("Thsi")
    room.hear()
    room.mark(ts)
    room.edit(ts, "This")
    room.hear()
    assert room.words == ["This"]
    room.delete(ts)
    room.hear()
    assert "*Deleted in Slack at " in room.bodies[0]


def test_a_mark_where_all_goes_across(room: Room) -> None:
    """Adds nothing for the same readers, and a public comment where all is internal."""
    room.alter(policy=FULL)
    first = room.say("This")
    room.hear()
    room.mark(first)
    assert len(room.notes) == 1
    room.alter(policy=FULL_INTERNAL)
    second = room.say("That")
    room.hear()
    room.mark(second, internal=True)
    assert len(room.notes) == 2
    room.mark(second)
    assert [note.internal for note in room.notes] == [False, True, False]
    room.unmark(second)
    assert [note.internal for note in room.notes] == [False, True]


def test_a_copy_that_cannot_be_written(room: Room) -> None:
    """Is told to who marked it alone, with the reason; below the message stands a warning."""
    room.floor.asks(lambda state: state.projects[42].members.update(alice=10, bob=10))
    ts = room.say("This")
    room.hear()
    room.mark(ts, internal=True)
    room.work(2)
    assert room.notes == []
    assert list(reactions(room, ts)) == [receipts.NOT_SENT]
    (told,) = room.said_in_room()
    assert "That message is not in the issue" in told
    assert "may write internal notes" in told
    assert room.incident.policy == CURATED


def test_an_answer_to_what_was_written_in_gitlab(room: Room) -> None:
    """Stands below it once it is marked, since both are for everybody."""
    note = int(
        room.floor.gitlab.act("comment #1 Did you restart it?", "bob").partition("note ")[2].split()[0]
    )
    root = room.floor.slack.web.chat_postMessage(channel=OPS, text="Did you restart it?")["ts"]
    with room.kit.store.write() as tx:
        tx.mirror.put(Mirrored("m1", "inc01", GITLAB, "talk", OPS, root, "", 0, "bob", "Bob", note_id=note))
    ts = room.say("Twice", thread=root)
    room.hear()
    room.mark(ts)
    first, second = room.notes
    assert second.discussion == first.discussion
    assert plain(second.body) == "Twice"


def test_what_is_nobody_s_words(room: Room) -> None:
    """A card of ours has no copy."""
    ts = room.floor.slack.web.chat_postMessage(channel=OPS, text="A card of ours")["ts"]
    assert room.mark(ts) is None
    assert room.notes == []
