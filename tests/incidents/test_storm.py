"""What comes first while sixty messages wait: what the incident is, not what was said about it."""

from __future__ import annotations

from pathlib import Path

import blocks.incident as draw
from bot.incident import SLACK, Change, Who
from bot.incidents import errands, life
from commands.incident import WHOLE
from tests.incidents.room import Room, room_at

MANY, WAIT = 60, 30


def becomes(room: Room, what: str, value: str) -> None:
    """Bob makes that true of the incident, in Slack."""
    change = Change(
        what, value, Who("bob", room.floor.person("bob")), room.kit.now(), SLACK, f"{what}.{value}"
    )
    with room.kit.store.write() as tx:
        life.apply(tx, room.kit, draw, room.incident, change)


def drained(room: Room) -> None:
    """Do what is due in GitLab, of every part."""
    errands.drain(room.kit, WHOLE.kinds, room.incident_id, "gitlab")


def labels(room: Room) -> set[str]:
    found: set[str] = room.floor.asks(
        lambda state: {
            label
            for one in state.tracker.issues.values()
            if one.iid == room.incident.iid
            for label in one.labels
        }
    )
    return found


def test_a_state_goes_before_all_that_was_said(tmp_path: Path) -> None:
    """GitLab asks to slow down; when it takes something again, the state is first, and then every word in order."""
    with room_at(tmp_path) as room:
        for n in range(MANY):
            room.say(f"Number {n}", "alice" if n % 3 else "bob")
        room.break_("429", arg=WAIT)
        room.hear()
        becomes(room, "state", "monitoring")
        for _ in range(3):
            before = room.requests()
            drained(room)
            room.floor.clock.pass_(WAIT - 1)
            drained(room)
            assert room.requests() <= before + 2
            room.floor.clock.pass_(2)
        assert (room.words, labels(room)) == ([], set())
        room.mend()
        room.floor.clock.pass_(WAIT)
        with room.kit.store.read() as tx:
            first = tx.errands.next(room.incident_id, "gitlab", room.kit.now())
        assert first is not None
        assert first.kind == "gitlab.state"
        drained(room)
        assert labels(room) == {"Incident::Mitigated"}
        assert len(room.words) < MANY
        for _ in range(6):
            room.floor.clock.pass_(WAIT + 1)
            drained(room)
        assert room.words == [f"Number {n}" for n in range(MANY)]
