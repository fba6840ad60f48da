"""A kept request goes on at most once, belongs to one person, and is too old one day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.edges.store import Store
from bot.ledger import Kept
from bot.model import Person

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")
KEPT = Kept("k1", "halted", ALICE, "slash", "sealed", 5_000, shown="d1", detail='{"rule": "night"}')


def test_a_kept_request_comes_back_whole(store: Store) -> None:
    """What was written is what is read; an id is given away once."""
    with store.write() as tx:
        assert tx.kept.put(KEPT)
        assert not tx.kept.put(replace(KEPT, body="another"))
        assert tx.kept.get("k1") == KEPT
        assert tx.kept.get("k2") is None


def test_it_is_there_after_a_restart(path: Path) -> None:
    """What somebody asked for outlives the process."""
    first = Store(path)
    with first.write() as tx:
        tx.kept.put(KEPT)
    first.close()
    second = Store(path)
    with second.read() as tx:
        assert tx.kept.get("k1") == KEPT
    second.close()


@pytest.mark.parametrize("new", ["resumed", "gone"])
def test_it_moves_once(store: Store, new: str) -> None:
    """Whatever it has become, it does not become anything else."""
    with store.write() as tx:
        tx.kept.put(KEPT)
        assert tx.kept.move("k1", new, 1_000)
        assert not tx.kept.move("k1", "resumed", 1_000)
        assert not tx.kept.move("k1", "gone", 1_000)
        assert tx.kept.get("k1") == replace(KEPT, state=new)


def test_of_many_presses_at_once_one_moves_it(store: Store) -> None:
    """Twenty threads that let it go on let it go on once."""
    with store.write() as tx:
        tx.kept.put(KEPT)

    def press(_: int) -> bool:
        with store.write() as tx:
            return tx.kept.move("k1", "resumed", 1_000)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(20))) == 1


def test_what_is_too_old_does_not_move(store: Store) -> None:
    """Up to its last millisecond it does."""
    with store.write() as tx:
        tx.kept.put(KEPT)
        assert not tx.kept.move("k1", "resumed", 5_000)
        assert tx.kept.of(ALICE, "halted", 5_000) == []
        assert tx.kept.move("k1", "resumed", 4_999)
        assert not tx.kept.move("unknown", "resumed", 1)


def test_what_waits_for_somebody(store: Store) -> None:
    """Only what is theirs, for that reason, and still waits, the oldest first."""
    late, early = (
        replace(KEPT, id="a", why="link", until=9_000),
        replace(KEPT, id="b", why="link", until=8_000),
    )
    others = (
        replace(early, id="c", person=BOB),
        replace(early, id="d", person=Person("T2", "U1")),
        replace(early, id="e", why="halted"),
        replace(early, id="f", state="gone"),
    )
    with store.write() as tx:
        for one in (late, early, *others):
            tx.kept.put(one)
        assert tx.kept.of(ALICE, "link", 1_000) == [early, late]
        assert tx.kept.of(BOB, "link", 1_000) == [others[0]]


def test_it_is_sealed_anew(store: Store) -> None:
    """A change of keys puts another body in the place of the one it read, or leaves what changed meanwhile."""
    with store.write() as tx:
        tx.kept.put(KEPT)
        assert tx.kept.sealed() == [("k1", "T1/U1", "sealed")]
        assert tx.kept.reseal("k1", "sealed", "anew")
        assert not tx.kept.reseal("k1", "sealed", "late")
        assert tx.kept.sealed() == [("k1", "T1/U1", "anew")]


def test_the_old_is_forgotten(store: Store) -> None:
    """Whatever became of it."""
    with store.write() as tx:
        for one in (KEPT, replace(KEPT, id="k2", state="resumed"), replace(KEPT, id="k3", until=9_000)):
            tx.kept.put(one)
        assert tx.kept.forget(6_000) == 2
        assert tx.kept.get("k1") is None
        assert tx.kept.get("k3") is not None
