"""What GitLab does not take of the talk comes when it takes it, holds nothing else up, and is named on the card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config.incidents import REMOVE
from bot.incident import CURATED
from bot.incidents import late
from bot.incidents.outward import outwards, refusals, talk_kept
from commands.incident import talk
from tests.evidence.floor import OPS, SHOP_ID
from tests.incidents.room import Room, room_at

NOTES = "POST /projects/:id/issues/:issue_iid/notes"
MINUTE = 60
HOUR = 60 * MINUTE


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path) as made:
        yield made


def archive(room: Room, *, is_archived: bool = True) -> None:
    """Somebody archives the project, or opens it again."""
    room.floor.asks(lambda state: setattr(state.projects[SHOP_ID], "archived", is_archived))


def minutes(room: Room, many: int) -> None:
    """So long every errand is done that is due, as it is by the ticks."""
    for _ in range(many):
        room.work(MINUTE)


# Refused for a while ----------------------------------------------------------------------------------------


def test_what_was_refused_for_a_while(room: Room) -> None:
    """Is written once the next copy is, in its order; then the card says nothing of it."""
    archive(room)
    room.say("One")
    room.say("Two", "bob")
    room.hear()
    assert [row.state for row in room.rows] == ["failed", "failed"]
    archive(room, is_archived=False)
    room.work(HOUR)
    assert room.notes == []
    room.say("Three")
    room.hear()
    assert room.words == ["Three", "One", "Two"]
    assert {row.state for row in room.rows} == {"live"}
    assert room.incident.trouble == ""
    assert room.waiting() == []


def test_an_edit_that_was_refused_for_a_while(room: Room) -> None:
    """Is made once the next copy is written."""
    ts = room.say("It is lsow")
    room.hear()
    archive(room)
    room.edit(ts, "It is slow")
    room.hear()
    assert room.words == ["It is lsow"]
    archive(room, is_archived=False)
    room.say("Since noon")
    room.hear()
    assert room.words == ["It is slow", "Since noon"]


def test_a_mark_that_was_refused_for_a_while(room: Room) -> None:
    """Is written as well; who set it is told once that it was not."""
    room.alter(policy=CURATED)
    archive(room)
    room.hear()
    first = room.mark(room.say("One"))
    room.hear()
    archive(room, is_archived=False)
    room.hear()
    room.mark(room.say("Two"))
    assert first is not None
    assert room.words == ["Two", "One"]


def test_a_copy_that_is_refused_by_itself(room: Room) -> None:
    """Is tried again with others that are written, each time later, and at last not any more; the card names it."""
    room.break_("poison", arg=400)
    room.say("What poison is this?")
    room.hear()
    assert room.incident.trouble.startswith(refusals.REFUSED)
    for n in range(30):
        room.floor.clock.pass_(HOUR)
        room.say(f"Number {n}")
        room.hear()
    assert room.words == [f"Number {n}" for n in range(30)]
    assert room.calls(NOTES) == 30 + refusals.MOST_REFUSALS
    assert room.incident.trouble.startswith(refusals.LEFT_OUT)
    assert room.waiting() == []


def test_a_copy_that_is_refused_by_itself_does_not_loop(room: Room) -> None:
    """While much is said it is tried twice, and then rests."""
    room.break_("poison", arg=400)
    room.say("What poison is this?")
    room.hear()
    for n in range(10):
        room.say(f"Number {n}")
    room.hear()
    assert room.calls(NOTES) == 10 + 2


# Poison -----------------------------------------------------------------------------------------------------


def test_a_comment_that_gitlab_fails_at_for_ever(room: Room) -> None:
    """Holds the others up for an hour; then they go past it, and it is set aside, which the card says."""
    room.break_("poison")
    room.say("What poison is this?")
    room.hear()
    room.say("One")
    room.say("Two", "bob")
    room.hear()
    minutes(room, 50)
    assert room.notes == []
    assert room.incident.trouble == talk_kept.DELAYED
    minutes(room, 11)
    assert room.words == ["One", "Two"]
    assert room.rows[0].state == "claimed"
    minutes(room, 3)
    assert room.rows[0].state == "failed"
    assert room.incident.trouble.startswith(refusals.LEFT_OUT)
    assert str(late.SetAside()) in room.incident.trouble
    assert room.waiting() == []
    calls = room.calls(NOTES)
    room.say("Three")
    room.hear()
    assert (room.words, room.calls(NOTES)) == (["One", "Two", "Three"], calls + 1)


def test_a_comment_that_gitlab_does_not_fail_at_any_more(room: Room) -> None:
    """Is looked for, and written, after another of a later hour; what comes then waits a minute at most."""
    room.break_("poison")
    room.say("What poison is this?")
    room.say("One")
    room.hear()
    minutes(room, 70)
    room.floor.clock.pass_(HOUR)
    room.say("Two")
    room.say("Three")
    room.hear()
    assert room.words == ["One", "Two"]
    minutes(room, 1)
    assert room.words == ["One", "Two", "Three"]
    minutes(room, 3)
    assert room.rows[0].state == "failed"
    room.mend()
    room.floor.clock.pass_(HOUR)
    room.say("Four")
    room.hear()
    minutes(room, 2)
    assert room.words == ["One", "Two", "Three", "Four", "What poison is this?"]
    assert room.incident.trouble == ""


def test_an_outage_of_hours(room: Room) -> None:
    """Keeps the order and loses nothing: where GitLab fails at the next as well, none goes past another."""
    room.break_("500")
    for n in range(5):
        room.say(f"Number {n}")
    room.hear()
    minutes(room, 300)
    assert {row.state for row in room.rows} == {"claimed"}
    room.mend()
    minutes(room, 5)
    assert room.words == [f"Number {n}" for n in range(5)]
    assert room.incident.trouble == ""


def test_a_comment_that_was_written_after_all(room: Room) -> None:
    """Is found when it is tried again, and not written twice."""
    room.break_("poison")
    ts = room.say("What poison is this?")
    room.say("One")
    room.hear()
    minutes(room, 70)
    (first, _) = room.rows
    room.mend()
    room.break_("502-after")
    room.edit(ts, "No poison")
    room.hear()
    room.work(2)
    minutes(room, 3)
    assert room.words == ["One", "No poison"]
    assert first.id in {row.id for row in room.rows if row.state == "live"}


# Deletions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["tombstone", REMOVE])
def test_a_deletion_that_gitlab_refuses(tmp_path: Path, how: str) -> None:
    """The card says that the words are still there, and where; they go once GitLab takes something again."""
    with room_at(tmp_path) as room:
        incidents = replace(room.kit.config.incidents, deletes=how)
        room.floor.kit = replace(room.kit, config=replace(room.kit.config, incidents=incidents))
        ts = room.say("The password is swordfish")
        room.hear()
        archive(room)
        outwards.gone(room.kit, room.incident, OPS, ts)
        room.work()
        (note,) = room.notes
        assert room.rows[0].state == "gone"
        assert room.incident.trouble.startswith(refusals.STILL_THERE)
        assert f"{room.incident.url}#note_{note.id}" in room.incident.trouble
        room.say("Hello?")
        room.hear()
        assert room.incident.trouble.startswith(refusals.REFUSED)
        assert refusals.STILL_THERE in room.incident.trouble
        archive(room, is_archived=False)
        room.say("Hello")
        room.hear()
        assert "swordfish" not in "".join(room.bodies)
        assert room.incident.trouble == ""


def test_a_refused_deletion_that_somebody_does_in_gitlab(room: Room) -> None:
    """As the card asked for: then it says so no more."""
    ts = room.say("The password is swordfish")
    room.hear()
    archive(room)
    outwards.gone(room.kit, room.incident, OPS, ts)
    room.work()
    with room.kit.store.write() as tx:  # As whoever looks at GitLab finds it (inward/inwards.py).
        tx.mirror.change("id = ?", (room.rows[0].id,), note_id=0, discussion="", shown_hash="")
    talk.tick(room.kit)
    assert room.incident.trouble == ""


def test_a_refused_deletion_is_not_asked_for_by_itself(room: Room) -> None:
    """GitLab is asked once, however often the room is read, and not again before it takes something."""
    ts = room.say("The password is swordfish")
    room.hear()
    archive(room)
    room.delete(ts)
    room.hear()
    assert room.incident.trouble.startswith(refusals.STILL_THERE)
    asked = room.requests()
    for _ in range(5):
        talk.tick(room.kit)
        room.work(MINUTE)
    assert room.requests() == asked
    assert room.incident.trouble.startswith(refusals.STILL_THERE)
