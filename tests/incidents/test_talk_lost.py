"""A copy exists exactly once, whatever dies, gets lost or is refused on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import blocks.incident
from bot.incident import BOT, CURATED, FULL_INTERNAL, Change, Who
from bot.incidents import cards, errands, life
from bot.incidents.errands import Kind
from bot.incidents.outward import queueing, refusals, talk_kept
from commands.incident.talk import KINDS
from tests.incidents.room import Room, room_at


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path) as made:
        yield made


DELETE = "DELETE /projects/:id/issues/:issue_iid/notes/:note_id"


class Killed(BaseException):
    """The process is gone."""


def dying(step: str) -> Mapping[str, Kind]:
    """The errands, of which the copy dies at a step of its way."""
    kind = KINDS[queueing.COPY]

    def act(*given: Any) -> Any:
        if step == "after claim":
            raise Killed
        result = kind.act(*given)
        if step == "after the request":
            raise Killed
        return result

    def settled(*given: Any) -> None:
        kind.settled(*given)
        if step == "while it is written down":
            raise Killed

    return {**KINDS, queueing.COPY: replace(kind, act=act, settled=settled)}


STEPS = ("before claim", "after claim", "after the request", "while it is written down", "after settle")


def die(room: Room, step: str) -> None:
    """Do what is due until the process dies, and start it anew."""
    if step != "before claim":
        try:
            errands.drain(room.kit, dying(step), room.incident_id, "gitlab")
        except Killed:
            assert step != "after settle"
    room.restart()


def waits(room: Room) -> None:
    """Whatever is heard now waits for the issue."""
    room.alter(iid=0)


def goes_on(room: Room) -> None:
    room.alter(iid=1)
    room.floor.clock.pass_(2)


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_a_copy_is_made(room: Room, step: str) -> None:
    """There is one comment in the end, and it is the copy."""
    waits(room)
    root = room.say("It is slow")
    room.say("Since noon", "bob", thread=root)
    room.hear()
    goes_on(room)
    die(room, step)
    room.work(2)
    room.work(70)
    room.work(2)
    assert room.words == ["It is slow", "Since noon"]
    assert len({note.discussion for note in room.notes}) == 1
    assert [row.note_id for row in room.rows] == [note.id for note in room.notes]
    assert all(row.wanted_hash == row.shown_hash for row in room.rows)
    assert room.waiting() == []


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_a_copy_is_changed(room: Room, step: str) -> None:
    """It holds the new words in the end, under the same id."""
    ts = room.say("It is lsow")
    room.hear()
    (before,) = room.notes
    waits(room)
    room.edit(ts, "It is slow")
    room.hear()
    goes_on(room)
    die(room, step)
    room.work(2)
    room.work(70)
    assert [(note.id, note.body == before.body) for note in room.notes] == [(before.id, False)]
    assert room.words == ["It is slow"]
    assert room.waiting() == []


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_a_copy_is_taken_away(room: Room, step: str) -> None:
    """It is gone in the end."""
    room.alter(policy=CURATED)
    ts = room.say("Marked")
    room.hear()
    room.mark(ts)
    assert room.words == ["Marked"]
    waits(room)
    room.unmark(ts)
    goes_on(room)
    die(room, step)
    room.work(2)
    room.work(70)
    assert room.notes == []
    assert not [one for one in room.waiting() if one.target == "gitlab"]


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_an_answer_that_is_lost(room: Room, how: str) -> None:
    """The comment is found by its mark, and not written again."""
    room.break_(how, times=1)
    room.say("Hello")
    room.hear()
    assert len(room.notes) == 1
    assert room.rows[0].note_id == 0
    room.work(2)
    assert room.words == ["Hello"]
    assert room.rows[0].note_id == room.notes[0].id
    assert room.changes() == 1


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_the_lost_answer_to_a_reply(room: Room, how: str) -> None:
    """Finds its thread again, too: the next reply stands in it, and an edit adds nothing."""
    root = room.say("It is slow")
    room.hear()
    room.break_(how, times=1)
    reply = room.say("Since noon", "bob", thread=root)
    room.hear()
    room.work(2)
    room.edit(reply, "Since one", "bob")
    room.say("Right", thread=root)
    room.hear()
    assert room.words == ["It is slow", "Since one", "Right"]
    assert len({note.discussion for note in room.notes}) == 1


def test_a_mark_of_another_counts_for_nothing(room: Room) -> None:
    """Who copies a mark into a comment of their own does not become the copy."""
    room.say("Hello")
    room.hear()
    (note,) = room.notes
    room.floor.gitlab.act(f"comment #1 Mine {note.body.rpartition(chr(10))[2]}", "bob")
    room.say("Again")
    room.break_("cut-after", times=1)
    room.hear()
    room.work(2)
    assert [one.note_id for one in room.rows] == [room.notes[0].id, room.notes[2].id]


def test_gitlab_is_away(room: Room) -> None:
    """What is said meanwhile is written in order when it is back, with its own times in the first line."""
    room.break_("503")
    for n in range(10):
        room.say(f"Number {n}", "alice" if n % 2 else "bob")
    room.hear()
    room.work(20)
    assert room.notes == []
    assert room.incident.trouble == talk_kept.DELAYED
    room.mend()
    for _ in range(4):
        room.work(60)
    assert room.words == [f"Number {n}" for n in range(10)]
    assert room.incident.trouble == ""


def card(room: Room) -> str:
    """How the card of the incident is wanted to look."""
    with room.kit.store.read() as tx:
        found = tx.cards.get(cards.card_id(tx, room.incident))
    return found.wanted if found else ""


def test_a_storm_of_refusals(room: Room) -> None:
    """
    While GitLab asks to slow down it is asked once each time it said; then 200 messages follow in order, none twice.

    The card says that they are late as long as any of them waits.
    """
    waits(room)
    for n in range(200):
        room.say(f"Number {n}", "alice" if n % 3 else "bob")
    room.hear()
    goes_on(room)
    room.break_("429", arg=30)
    for _ in range(3):
        before = room.requests()
        room.work()
        room.work(29)
        assert room.requests() == before + 1
        assert room.incident.trouble == talk_kept.DELAYED
        assert "with a delay" in card(room)
        room.floor.clock.pass_(2)
    room.mend()
    room.work()
    assert 0 < len(room.notes) < 200
    room.break_("429", times=1, arg=30)
    room.work()
    assert room.incident.trouble == talk_kept.DELAYED
    for _ in range(6):
        room.work(31)
    assert room.words == [f"Number {n}" for n in range(200)]
    assert room.incident.trouble == ""
    assert "with a delay" not in card(room)


# Readers ----------------------------------------------------------------------------------------------------


def demote(room: Room, *names: str, role: int = 10) -> None:
    """These are only Guests of the project, who write no internal notes."""
    room.floor.asks(lambda state: state.projects[42].members.update(dict.fromkeys(names, role)))


def test_internal_notes(room: Room) -> None:
    """By the policy full-internal everything is for members alone, in threads as well."""
    room.alter(policy=FULL_INTERNAL)
    root = room.say("It is slow")
    room.say("Yes", "bob", thread=root)
    room.hear()
    assert room.words == ["It is slow", "Yes"]
    assert [note.internal for note in room.notes] == [True, True]
    assert len({note.discussion for note in room.notes}) == 1
    assert [note.author.username for note in room.notes] == ["alice", "bob"]


def test_who_may_not_write_internal_notes(room: Room) -> None:
    """Is written for by the keeper; nothing is published for a moment."""
    demote(room, "bob")
    room.alter(policy=FULL_INTERNAL)
    room.say("Not for everybody", "bob")
    room.hear()
    (note,) = room.notes
    assert (note.author.username, note.internal) == ("alice", True)
    assert note.body.startswith("**`bob`** · ")
    assert room.calls(DELETE) == 0


def test_what_gitlab_published_all_the_same(room: Room) -> None:
    """Is deleted at once, and written by the keeper; from then on GitLab is not tried so again."""
    room.alter(policy=FULL_INTERNAL)
    with room.kit.store.write() as tx:
        tx.incident_facts.put(
            room.incident_id, f"internal.T0ACME0001/{room.floor.user('bob').id}", f"yes {room.kit.now()}"
        )
    demote(room, "bob")
    room.say("Not for everybody", "bob")
    room.hear()
    (note,) = room.notes
    assert (note.author.username, note.internal) == ("alice", True)
    changes = room.changes()
    room.say("Nor this", "bob")
    room.hear()
    assert [note.internal for note in room.notes] == [True, True]
    assert room.changes() == changes + 1


def test_who_may_not_any_more(room: Room) -> None:
    """Is not taken for long for one who may: nothing is published for a moment."""
    room.alter(policy=FULL_INTERNAL)
    room.say("One", "bob")
    room.hear()
    demote(room, "bob")
    room.floor.clock.pass_(601)
    room.say("Two", "bob")
    room.hear()
    assert [note.author.username for note in room.notes] == ["bob", "alice"]
    assert room.calls(DELETE) == 0


def test_nobody_may_write_internal_notes(room: Room) -> None:
    """Then only what is marked goes across, and the room is told so once."""
    demote(room, "alice", "bob")
    room.alter(policy=FULL_INTERNAL)
    room.say("Not for everybody", "bob")
    room.say("Nor this")
    room.hear()
    room.work(2)
    assert room.notes == []
    assert room.incident.policy == CURATED
    told = [one for one in room.said_in_room() if "not copied into the issue any more" in one]
    assert len(told) == 1


def test_somebody_who_may_by_now(room: Room) -> None:
    """Is asked about again after a while."""
    demote(room, "bob")
    room.alter(policy=FULL_INTERNAL)
    room.say("One", "bob")
    room.hear()
    demote(room, "bob", role=20)
    room.floor.clock.pass_(601)
    room.say("Two", "bob")
    room.hear()
    assert [note.author.username for note in room.notes] == ["alice", "bob"]


def test_an_issue_that_is_gone(room: Room) -> None:
    """Takes nothing more; the card says so, until it does again."""
    room.alter(iid=99)
    ts = room.say("Hello?")
    room.hear()
    assert room.incident.trouble.startswith(refusals.REFUSED)
    assert "There is no issue #99" in card(room)
    room.alter(iid=1)
    room.edit(ts, "Hello")
    room.hear()
    assert room.words == ["Hello"]
    assert room.incident.trouble == ""


def test_killed_before_what_leaked_was_deleted(room: Room) -> None:
    """It is deleted as soon as it is seen."""
    room.alter(policy=FULL_INTERNAL)
    with room.kit.store.write() as tx:
        tx.incident_facts.put(
            room.incident_id, f"internal.T0ACME0001/{room.floor.user('bob').id}", f"yes {room.kit.now()}"
        )
    demote(room, "bob")
    room.floor.gitlab.loop.ask(lambda: None)
    room.break_("cut-after", times=1)
    room.say("Not for everybody", "bob")
    room.hear()
    assert [note.internal for note in room.notes] == [False]
    room.work(2)
    assert room.notes == []
    room.work(70)
    assert [(note.author.username, note.internal) for note in room.notes] == [("alice", True)]


def test_what_waits_is_written_by_the_policy_of_then(room: Room) -> None:
    """Not by the one that was true when it was said."""
    waits(room)
    room.say("Is this private?")
    room.hear()
    room.alter(policy=FULL_INTERNAL)
    goes_on(room)
    room.work()
    assert [note.internal for note in room.notes] == [True]


def becomes(room: Room, what: str, value: str) -> None:
    """Somebody makes that true of the incident."""
    change = Change(what, value, Who("bob"), room.kit.now(), BOT, f"{what} {value} {room.incident.version}")
    with room.kit.store.write() as tx:
        life.apply(tx, room.kit, blocks.incident, room.incident, change)


def test_what_waits_while_only_marks_go_across(room: Room) -> None:
    """Goes across when the policy is widened again; what is said meanwhile stays in Slack."""
    waits(room)
    room.say("Before")
    room.hear()
    becomes(room, "policy", CURATED)
    goes_on(room)
    room.work()
    room.say("Meanwhile")
    room.hear()
    assert room.notes == []
    becomes(room, "policy", FULL_INTERNAL)
    room.work()
    room.say("Afterwards")
    room.hear()
    assert room.words == ["Before", "Afterwards"]
    assert [note.internal for note in room.notes] == [True, True]


def test_an_incident_that_turned_private(room: Room) -> None:
    """From then on all is internal; an answer in a public thread stands by itself, and says what it answers."""
    root = room.say("It is slow")
    room.hear()
    room.alter(private=True)
    room.say("Somebody breaks in", "bob", thread=root)
    room.hear()
    first, second = room.notes
    assert (first.internal, second.internal) == (False, True)
    assert first.discussion != second.discussion
    assert f"[An answer to this comment]({room.incident.url}#note_{first.id})" in second.body


def test_an_edit_waits_for_the_issue_to_be_confidential(room: Room) -> None:
    """A public comment of an incident that turned private gets no new words before that."""
    ts = room.say("It is slow")
    room.hear()
    room.alter(private=True)
    room.edit(ts, "Somebody breaks in")
    room.hear()
    assert room.words == ["It is slow"]
    room.floor.gitlab.project().issues.update(1, {"confidential": True})
    room.work(2)
    assert room.words == ["Somebody breaks in"]
