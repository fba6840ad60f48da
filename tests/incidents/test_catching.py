"""What was missed is read from the history of the room, once and in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.edges.slack_history import PAGE
from bot.incident import CURATED, FULL
from bot.incidents.outward import catching
from tests.evidence.floor import OPS
from tests.incidents.room import Room, room_at
from tests.sandbox.slack_stage import until


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path) as made:
        yield made


def missed(room: Room, text: str, name: str = "alice", thread: str | None = None) -> str:
    """Somebody says something while no connection is open."""
    return str(room.quietly(room.floor.slack.slack.say(name, OPS, text, thread)))


def unnoticed(*_: object) -> None:
    """Nothing else follows from it."""


def catch_up(room: Room) -> None:
    assert catching.catching_up(room.kit, room.incident, unnoticed)
    room.work()


def test_what_was_missed(room: Room) -> None:
    """Is written in order, with the replies of threads below what they answer, whenever that was said."""
    root = room.say("It is slow")
    room.hear()
    catch_up(room)
    missed(room, "Since noon", "bob", thread=root)
    other = missed(room, "Anybody?")
    missed(room, "Here", "bob", thread=other)
    catch_up(room)
    catch_up(room)
    assert sorted(room.words) == sorted(["It is slow", "Anybody?", "Since noon", "Here"])
    threads = {word: note.discussion for word, note in zip(room.words, room.notes, strict=True)}
    assert threads["It is slow"] == threads["Since noon"]
    assert threads["Anybody?"] == threads["Here"]


def test_edits_and_deletions_that_were_missed(room: Room) -> None:
    """Are noticed in what is read."""
    first, second = room.say("One"), room.say("Two")
    room.hear()
    room.quietly(room.floor.slack.slack.edit("alice", OPS, first, "Uno"))
    room.quietly(room.floor.slack.slack.delete("alice", OPS, second))
    changes = room.changes()
    catch_up(room)
    assert room.words[0] == "Uno"
    assert "*Deleted in Slack at" in room.bodies[1]
    assert room.changes() == changes + 2
    catch_up(room)
    assert room.changes() == changes + 2


def test_more_than_a_page(room: Room) -> None:
    """All of it is read, as far back as is known."""
    catch_up(room)
    for n in range(PAGE + 20):
        missed(room, f"Number {n}")
    assert catching.catching_up(room.kit, room.incident, unnoticed)
    assert len(room.rows) == PAGE + 20


def test_what_is_heard_meanwhile(room: Room) -> None:
    """Does not hide what was missed before it."""
    room.say("One")
    room.hear()
    catch_up(room)
    missed(room, "Two")
    room.say("Three")
    room.hear()
    assert room.words == ["One", "Three"]
    catch_up(room)
    assert room.words == ["One", "Three", "Two"]


def test_while_only_marks_go_across(room: Room) -> None:
    """Slack is not asked, and nothing of that time is written when the policy is widened."""
    room.alter(policy=CURATED)
    missed(room, "Between us")
    calls = room.floor.slack.slack.calls["conversations.history"]
    room.floor.clock.now = int(float(missed(room, "Really")) * 1000) + 1_000
    catch_up(room)
    assert room.floor.slack.slack.calls["conversations.history"] == calls
    room.alter(policy=FULL)
    catch_up(room)
    assert room.notes == []


def test_once_a_minute(room: Room) -> None:
    """Every room that burns is looked at; at once after a connection was lost."""

    def calls() -> int:
        return int(room.floor.slack.slack.calls["conversations.history"])

    def tick(seconds: float, **how: Any) -> None:
        room.floor.clock.pass_(seconds)
        catching.tick(room.kit, unnoticed, **how)
        room.floor.do([])

    tick(0)
    assert calls() == 1
    tick(30)
    assert calls() == 1
    tick(31)
    assert calls() == 2
    tick(1, now=True)
    assert calls() == 3


def test_a_room_without_us(room: Room) -> None:
    """Cannot be read; when we are let in again, all is."""
    room.quietly(room.floor.slack.slack.acts.act("alice", "kick", "signalbox", OPS))
    before = missed_without_us(room)
    assert not catching.catching_up(room.kit, room.incident, unnoticed)
    room.slack_act("invite-bot")
    until(lambda: any(one["type"] == "member_joined_channel" for one in room.ear.events[-2:]))
    room.hear()
    room.work()
    assert room.words == [before]


def missed_without_us(room: Room) -> str:
    room.floor.slack.run(room.floor.slack.slack.say("alice", OPS, "Nobody listens"))
    return "Nobody listens"


def test_a_room_that_is_a_thread(room: Room) -> None:
    """Only what stands in it counts, as roots; what is said around it does not."""
    root = room.floor.slack.web.chat_postMessage(channel=OPS, text="The announcement")["ts"]
    room.alter(thread=root)
    missed(room, "Around it")
    missed(room, "Missed", thread=root)
    catch_up(room)
    room.say("In it", "bob", thread=root)
    room.say("Elsewhere")
    room.hear()
    assert room.words == ["Missed", "In it"]
    assert {row.thread for row in room.rows} == {""}
    assert len({note.discussion for note in room.notes}) == 2


def test_two_incidents_in_one_channel(room: Room) -> None:
    """Each has what is said in its own thread."""
    roots = [
        str(room.floor.slack.web.chat_postMessage(channel=OPS, text=f"Announcement {n}")["ts"])
        for n in range(2)
    ]
    one = room.alter(thread=roots[0])
    other = replace(one, id="inc02", number=2, source="other", thread=roots[1])
    with room.kit.store.write() as tx:
        tx.incidents.put(other)
    room.say("For the first", thread=roots[0])
    room.say("For the other", thread=roots[1])
    room.hear()
    with room.kit.store.read() as tx:
        kept = {row.incident: row.ts for name in ("inc01", "inc02") for row in tx.mirror.of(name)}
    assert set(kept) == {"inc01", "inc02"}


def test_more_threads_than_are_read_in_one_go(room: Room) -> None:
    """Nothing of the rest is lost, however the answers in one thread lie between those in others."""
    roots = [room.say(f"Root {n}") for n in range(catching.MOST_THREADS + 1)]
    room.hear()
    catch_up(room)
    *others, last = roots
    missed(room, "Early", "bob", thread=last)
    for n, root in enumerate(others):
        missed(room, f"Answer {n}", "bob", thread=root)
    missed(room, "Late", "bob", thread=last)
    for _ in range(2):
        catch_up(room)
    assert {"Early", "Late", *(f"Answer {n}" for n in range(len(others)))} <= set(room.words)


def test_what_is_said_below_a_card(room: Room) -> None:
    """Slack is asked once what it answers, since that is nobody's words."""
    card = str(room.floor.slack.web.chat_postMessage(channel=OPS, text="The card")["ts"])
    calls = room.floor.slack.slack.calls
    before = calls["conversations.replies"]
    for n in range(5):
        room.say(f"Answer {n}", thread=card)
    room.hear()
    assert len(room.words) == 5
    assert calls["conversations.replies"] == before + 1
