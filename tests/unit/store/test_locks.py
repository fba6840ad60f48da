"""An environment has one holder, and those who wait for it have an order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.edges.store import Store
from bot.ledger import Lock, Waiter
from bot.model import Person, Place, Run, RunState

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")
LOCK = Lock("L1", 42, "acme/shop", "staging", ALICE, "alice", 7, 1_000, 5_000, "a test", Place("C1", "17.1"))
WAITER = Waiter("W1", 42, "staging", BOB, "bob", 8, Place("C1"), 2_000, project="acme/shop")


def run(**changes: Any) -> Run:
    """A run on its way."""
    plain = Run("R1", "s1", ALICE, "alice", Place("C1"), "acme/shop", 42, "deploy", "main", "")
    return replace(plain, **changes)


def test_a_lock_is_kept_whole(store: Store) -> None:
    """What was written is what is read, flags and places too."""
    with store.write() as tx:
        assert tx.locks.add(replace(LOCK, reminded=True, watched=12))
        assert tx.locks.get("L1") == replace(LOCK, reminded=True, watched=12)
        assert tx.locks.held(42, "staging") == tx.locks.get("L1")
        assert tx.locks.held(42, "production") is None
        assert tx.locks.held(43, "staging") is None
        assert tx.locks.get("L2") is None


def test_an_environment_has_one_holder(store: Store) -> None:
    """A second claim changes nothing until the first has ended."""
    other = replace(LOCK, id="L2", person=BOB, name="bob")
    with store.write() as tx:
        assert tx.locks.add(LOCK)
        assert not tx.locks.add(other)
        assert tx.locks.end("L1", "released")
        assert not tx.locks.end("L1", "expired")
        assert tx.locks.add(other)
        assert tx.locks.held(42, "staging") == other


def test_of_many_claims_at_once_one_wins(store: Store) -> None:
    """Twenty threads that claim the same environment make one lock."""

    def claim(number: int) -> bool:
        with store.write() as tx:
            return tx.locks.add(replace(LOCK, id=f"L{number}"))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(20))) == 1


def test_only_a_held_lock_changes(store: Store) -> None:
    """A change after the end is refused, and so is one of what never changes."""
    with store.write() as tx:
        tx.locks.add(LOCK)
        assert tx.locks.change("L1", until=9_000, person=BOB, place=Place("C2"), stale=True)
        assert tx.locks.get("L1") == replace(LOCK, until=9_000, person=BOB, place=Place("C2"), stale=True)
        for wrong in ({"state": "released"}, {"environment": "production"}, {"colour": 1}):
            with pytest.raises(TypeError, match=next(iter(wrong))):
                tx.locks.change("L1", **wrong)
        tx.locks.end("L1", "expired")
        assert not tx.locks.change("L1", until=1)


def test_what_is_due_is_found_and_nothing_else(store: Store) -> None:
    """Expiry, reminder, drawing and watching each find their own."""
    with store.write() as tx:
        tx.locks.add(replace(LOCK, next_look=3_000))
        tx.locks.add(
            replace(LOCK, id="L2", environment="prod", until=None, run="R1", stale=True, next_look=4_000)
        )
        assert [one.id for one in tx.locks.expired(4_999, 9)] == []
        assert [one.id for one in tx.locks.expired(5_000, 9)] == ["L1"]
        assert [one.id for one in tx.locks.to_remind(5_000, 9)] == ["L1"]
        tx.locks.change("L1", reminded=True)
        assert tx.locks.to_remind(5_000, 9) == []
        assert [one.id for one in tx.locks.to_draw(9)] == ["L2"]
        assert [one.id for one in tx.locks.to_watch(3_000, 9)] == ["L1"]
        assert [one.id for one in tx.locks.to_watch(9_000, 1)] == ["L1"]
        assert tx.locks.not_later_than(3_000) == 1
        assert [one.id for one in tx.locks.to_watch(3_000, 9)] == ["L1", "L2"]
        assert [one.id for one in tx.locks.of_project(42)] == ["L2", "L1"]
        assert tx.locks.of_run("R1") == tx.locks.get("L2")
        assert tx.locks.of_run("R2") is None


@pytest.mark.parametrize(
    ("changes", "orphaned"),
    [
        ({"state": RunState.RUNNING}, False),
        ({"state": RunState.HELD, "hold": "lock"}, False),
        ({"state": RunState.HELD, "hold": "approval"}, True),
        ({"state": RunState.DONE}, True),
        ({"id": "another"}, True),
    ],
)
def test_the_lock_of_a_run_that_is_over_is_an_orphan(
    store: Store, changes: dict[str, Any], orphaned: bool
) -> None:
    """It is entitled to its lock while it is on its way or waits for just that."""
    with store.write() as tx:
        tx.runs.add(run(**changes))
        tx.locks.add(replace(LOCK, run="R1", until=None))
        tx.locks.add(replace(LOCK, id="L2", environment="prod"))
        assert [one.id for one in tx.locks.orphans(9)] == (["L1"] if orphaned else [])


def test_a_queue_keeps_its_order(store: Store) -> None:
    """Nobody waits twice; a person and their run are two; who was served or left is gone."""
    theirs = replace(WAITER, id="W2", run="R1")
    with store.write() as tx:
        assert tx.locks.join(WAITER)
        assert not tx.locks.join(replace(WAITER, id="W9"))
        assert tx.locks.join(theirs)
        assert tx.locks.join(replace(WAITER, id="W3", person=ALICE))
        assert tx.locks.join(replace(WAITER, id="W4", environment="prod"))
        assert [one.id for one in tx.locks.queue(42, "staging")] == ["W1", "W2", "W3"]
        assert [one.id for one in tx.locks.queue(42)] == ["W4", "W1", "W2", "W3"]
        assert tx.locks.waits(42, "staging", BOB) == WAITER
        assert tx.locks.waits(42, "staging", BOB, "R1") == theirs
        assert tx.locks.waits(42, "staging", BOB, "R2") is None
        assert tx.locks.settle("W1", "left")
        assert not tx.locks.settle("W1", "served")
        assert [one.id for one in tx.locks.queue(42, "staging")] == ["W2", "W3"]
        assert tx.locks.waiter("W1") == replace(WAITER, state="left")
        assert tx.locks.join(replace(WAITER, id="W9")), "who left may come back, at the end"
        assert [one.id for one in tx.locks.queue(42, "staging")] == ["W2", "W3", "W9"]


def test_one_asks_for_a_lock_at_a_time(store: Store) -> None:
    """The second is refused until the first has had an answer."""
    with store.write() as tx:
        tx.locks.join(WAITER)
        tx.locks.join(replace(WAITER, id="W2", person=ALICE))
        assert tx.locks.ask("W1", 3_000)
        assert not tx.locks.ask("W2", 3_000)
        assert tx.locks.asked(42, "staging") == replace(WAITER, due=3_000)
        assert tx.locks.overdue(2_999, 9) == []
        assert tx.locks.overdue(3_000, 9) == [replace(WAITER, due=3_000)]
        assert tx.locks.answered("W1")
        assert not tx.locks.answered("W1")
        assert tx.locks.asked(42, "staging") is None
        assert tx.locks.ask("W2", 4_000)


def test_the_first_in_the_queue_of_a_free_environment_is_unserved(store: Store) -> None:
    """While it is held nobody is."""
    with store.write() as tx:
        tx.locks.join(WAITER)
        tx.locks.join(replace(WAITER, id="W2", person=ALICE))
        assert [one.id for one in tx.locks.unserved(9)] == ["W1"]
        tx.locks.add(LOCK)
        assert tx.locks.unserved(9) == []


def test_what_is_over_is_forgotten(store: Store) -> None:
    """What is held, and who waits, stays however old."""
    with store.write() as tx:
        tx.locks.add(LOCK)
        tx.locks.join(WAITER)
        assert tx.locks.forget(9_000) == 0
        tx.locks.end("L1", "released")
        tx.locks.settle("W1", "served")
        assert tx.locks.forget(500) == 0
        assert tx.locks.forget(9_000) == 2


def test_everything_survives_a_restart(path: Path, store: Store) -> None:
    """Another process finds the same holder and the same queue."""
    with store.write() as tx:
        tx.locks.add(LOCK)
        tx.locks.join(replace(WAITER, due=None))

    other = Store(path)
    with other.read() as tx:
        assert tx.locks.held(42, "staging") == LOCK
        assert tx.locks.queue(42, "staging") == [WAITER]
    other.close()
