"""What recurs is asked for once each time it is due, and not when it is too late."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import blocks.recurring
from bot.edges.store import Received
from bot.model import Millis, Place
from bot.own import Recurring
from bot.personal import recurring
from tests.jobs.seen import shown
from tests.jobs.stage import OPS, PEOPLE, Stage, stage_at

ALICE = PEOPLE["alice"]
#: A full hour.
NOON: Millis = 1_767_225_600_000
HOUR, MINUTE = 3_600_000, 60_000


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        stage.clock.now = NOON
        yield stage


def keep(stage: Stage, **changes: Any) -> Recurring:
    """A command of Alice's that is due every hour, kept just now."""
    plain = Recurring("r1", 1, ALICE, "alice", Place(OPS), "run x", "hour", NOON, NOON + HOUR, NOON)
    one = replace(plain, **changes)
    with stage.store.write() as tx:
        assert tx.recurring.add(one)
    return one


def look(stage: Stage, at: Millis) -> list[Received]:
    """Let the clock be there and tick; what was asked for."""
    stage.clock.now = at
    recurring.look(stage.kit, blocks.recurring)
    return asked(stage)


def asked(stage: Stage) -> list[Received]:
    with stage.store.read() as tx:
        return tx.inbox.waiting(100)


def now(stage: Stage) -> Recurring:
    with stage.store.read() as tx:
        found = tx.recurring.get("r1")
    assert found is not None
    return found


def test_it_is_asked_for_when_it_is_due(stage: Stage) -> None:
    """Not before; then as its owner, in its place, as if they had typed it, and once."""
    keep(stage, place=Place(OPS, "17.1"))
    assert look(stage, NOON + HOUR - 1) == []
    (one,) = look(stage, NOON + HOUR)
    assert (one.key, one.kind, one.envelope, one.person) == (f"every:r1:{NOON + HOUR}", "slash", "", ALICE.id)
    assert json.loads(one.body) == {
        "team": ALICE.team, "person": ALICE.id, "name": "alice", "channel": OPS, "thread": "17.1",
        "command": "/gitlab", "text": "run x", "recurring": "r1",
    }  # fmt: skip
    assert len(look(stage, NOON + HOUR + 1)) == 1
    assert now(stage).next_at == NOON + 2 * HOUR
    assert len(look(stage, NOON + 2 * HOUR)) == 2


def test_of_what_was_missed_the_last_counts(stage: Stage) -> None:
    """After a while away it is done once, and everybody there is told why it comes now."""
    keep(stage)
    (one,) = look(stage, NOON + 5 * HOUR + 30 * MINUTE)
    assert one.key == f"every:r1:{NOON + 5 * HOUR}"
    told = stage.letter(f"{one.key}.late")
    assert "I was not running then, so it is done now." in shown(told)
    assert now(stage).next_at == NOON + 6 * HOUR


def test_a_moment_late_is_not_told(stage: Stage) -> None:
    """A tick that comes late is nobody's business."""
    keep(stage)
    (one,) = look(stage, NOON + HOUR + 4 * MINUTE)
    assert stage.letter(f"{one.key}.late") is None


def test_too_late_is_left_out(stage: Stage) -> None:
    """What was due more than an hour ago is not done; the list tells it."""
    keep(stage, rhythm="day 12:00 UTC")
    assert look(stage, NOON + 14 * HOUR) == []
    one = now(stage)
    assert (one.last_at, one.last_said, one.last_key) == (NOON + 12 * HOUR, recurring.MISSED, "")
    assert one.next_at == NOON + 36 * HOUR
    assert one.state == recurring.ON


def test_an_hour_is_not_too_late(stage: Stage) -> None:
    """To the minute it still counts."""
    keep(stage, rhythm="day 12:00 UTC")
    assert len(look(stage, NOON + 13 * HOUR)) == 1


def test_what_is_paused_rests(stage: Stage) -> None:
    """It is not asked for, and what was due meanwhile is left out when it goes on."""
    one = keep(stage)
    with stage.store.write() as tx:
        recurring.pause(tx, one, "No.")
    assert look(stage, NOON + 2 * HOUR) == []
    with stage.store.write() as tx:
        assert recurring.resume(stage.kit, tx, now(stage))
    assert look(stage, NOON + 2 * HOUR + 1) == []
    assert (now(stage).state, now(stage).why, now(stage).halts) == ("on", "", 0)
    assert len(look(stage, NOON + 3 * HOUR)) == 1


def test_it_is_asked_for_besides(stage: Stage) -> None:
    """Once for each press, whatever is due."""
    one = keep(stage)
    with stage.store.write() as tx:
        assert recurring.ask_now(stage.kit, tx, one, "k1")
        assert not recurring.ask_now(stage.kit, tx, one, "k1")
        assert recurring.ask_now(stage.kit, tx, one, "k2")
    assert [item.key for item in asked(stage)] == ["every:r1:now:k1", "every:r1:now:k2"]
    assert now(stage) == one


def test_a_clock_that_was_set_back(stage: Stage) -> None:
    """What was done is not done again, and the next time is not as far off as the clock was wrong."""
    keep(stage)
    look(stage, NOON + HOUR)
    look(stage, NOON + 100 * HOUR)
    stage.clock.now = NOON + HOUR - MINUTE
    with stage.store.write() as tx:
        tx.recurring.not_later_than(stage.clock.now)
    before = [one.key for one in asked(stage)]
    assert [one.key for one in look(stage, NOON + HOUR - MINUTE)] == before
    assert now(stage).next_at == NOON + HOUR
    assert [one.key for one in look(stage, NOON + HOUR)] == before, (
        "that one was done before the clock was set"
    )
    assert f"every:r1:{NOON + 2 * HOUR}" in [one.key for one in look(stage, NOON + 2 * HOUR)]


def test_two_ticks_at_once(stage: Stage) -> None:
    """However many look at the same moment, one asks."""
    keep(stage)
    stage.clock.now = NOON + HOUR
    gate = threading.Barrier(4)

    def tick() -> None:
        gate.wait(10)
        recurring.look(stage.kit, blocks.recurring)

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(asked(stage)) == 1
