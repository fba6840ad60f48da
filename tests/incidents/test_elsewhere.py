"""Whoever asks for something outside of the room is told what came of it: the room is not before their eyes."""

from __future__ import annotations

import pytest

from tests.evidence.floor import OPS, dm
from tests.incidents.crew import Crew
from tests.incidents.stage import ID, ROOM


@pytest.mark.parametrize(
    ("verb", "rest", "told"),
    [
        ("update", "rolled back", "It is said in <#C0DEV00001>."),
        ("task", "call the bank", "Task 1 of inc 1 is added."),
        ("followup", "test the failover", "inc 1 hears of its issue once GitLab has made it."),
        ("role", "commander me", "bob is commander of inc 1."),
        ("role", "comms none", "The communications lead is nobody already."),
        ("role", "scribe me", "bob is scribe of inc 1."),
        ("status", "fixing", "acme/shop#1 is Fixing, severity 2."),
        ("title", "Login is down", "acme/shop#1 is Investigating, severity 2."),
    ],
)
def test_what_came_of_it_is_told_elsewhere(crew: Crew, verb: str, rest: str, told: str) -> None:
    """Typed in another channel."""
    assert told in crew.type(f"{verb} inc-1 {rest}", "bob", OPS)


def test_in_the_room_nobody_is_told_twice(crew: Crew) -> None:
    """What is said there for all is enough."""
    for typed in ("update rolled back", "task call the bank", "task done 1", "role ops me", "role ic me"):
        assert crew.type(typed, "bob") == ""


def test_what_is_pressed_in_direct_messages_is_answered_there(crew: Crew) -> None:
    """The copy of a nudge in direct messages is not edited, so that a press on it needs a word."""
    with crew.kit.store.write() as tx:
        tx.incidents.note(ID, next_update=crew.kit.now() - 1)
    room = dm(crew.floor.user("bob"))
    about = f"{ID}:1"
    told = crew.floor.told(crew.floor.click("bob", "incident.snooze", about, room))
    assert "The update is put off by 15 minutes." in told
    with crew.kit.store.write() as tx:
        tx.incidents.note(ID, next_update=crew.kit.now() - 1)
    told = crew.floor.told(crew.floor.click("bob", "incident.nothing_new", about, room))
    assert f"It is said in <#{ROOM}>." in told


def test_a_task_is_done_from_elsewhere(crew: Crew) -> None:
    """Taken, done, opened again: each is told."""
    crew.type("task call the bank", "alice")
    for move, how in (("take", "yours"), ("done", "done"), ("reopen", "open"), ("drop", "dropped")):
        assert f"Task 1 of inc 1 is {how}." in crew.type(f"task inc-1 {move} 1", "bob", OPS)
