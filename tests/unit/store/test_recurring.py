"""What recurs is kept, claimed once when it is due, and changed by its fields."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.edges.store import Store
from bot.model import Person, Place
from bot.own import Recurring

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")
ONE = Recurring("r1", 1, ALICE, "alice", Place("C1", "17.1"), "run x", "hour", 0, next_at=100, after=50)


def test_it_is_kept_as_it_was(store: Store) -> None:
    """All of it comes back; the same id is kept once."""
    with store.write() as tx:
        assert tx.recurring.add(ONE)
        assert not tx.recurring.add(replace(ONE, number=2))
        assert tx.recurring.get("r1") == ONE
        assert tx.recurring.numbered("T1", 1) == ONE
        assert tx.recurring.numbered("T2", 1) is None
        assert tx.recurring.get("gone") is None


def test_numbers_belong_to_a_team(store: Store) -> None:
    """The next number follows the highest of the team."""
    with store.write() as tx:
        assert tx.recurring.next_number("T1") == 1
        tx.recurring.add(replace(ONE, number=7))
        assert tx.recurring.next_number("T1") == 8
        assert tx.recurring.next_number("T2") == 1


def test_whose_and_where(store: Store) -> None:
    """Those of a person and those of a channel, its threads too, come by number."""
    with store.write() as tx:
        tx.recurring.add(replace(ONE, id="r2", number=2, person=BOB, place=Place("C1")))
        tx.recurring.add(ONE)
        tx.recurring.add(replace(ONE, id="r3", number=3, place=Place("C2")))
        assert [one.id for one in tx.recurring.of(ALICE)] == ["r1", "r3"]
        assert [one.id for one in tx.recurring.in_channel("T1", "C1")] == ["r1", "r2"]


def test_what_is_due_is_claimed_once(store: Store) -> None:
    """The longest overdue comes first, one that is paused does not come, and of two who claim it one has it."""
    with store.write() as tx:
        tx.recurring.add(ONE)
        tx.recurring.add(replace(ONE, id="r2", number=2, next_at=90))
        tx.recurring.add(replace(ONE, id="r3", number=3, next_at=10, state="paused"))
        assert [one.id for one in tx.recurring.due(99, 10)] == ["r2"]
        assert [one.id for one in tx.recurring.due(100, 10)] == ["r2", "r1"]
        assert tx.recurring.claim(ONE, 200, 101)
        assert not tx.recurring.claim(ONE, 200, 101)
        claimed = tx.recurring.get("r1")
        assert claimed == replace(ONE, next_at=200, after=101)


def test_it_is_changed_and_taken_away(store: Store) -> None:
    """What never changes cannot be changed; taken away it is gone once."""
    with store.write() as tx:
        tx.recurring.add(ONE)
        assert tx.recurring.change("r1", state="paused", why="No.", halts=2, last_said="No.")
        assert tx.recurring.get("r1") == replace(ONE, state="paused", why="No.", halts=2, last_said="No.")
        assert not tx.recurring.change("gone", why="No.")
        for wrong in ({"line": "run y"}, {"person": BOB}, {"nothing": 1}):
            with pytest.raises(TypeError, match="cannot be changed"):
                tx.recurring.change("r1", **wrong)
        assert tx.recurring.drop("r1")
        assert not tx.recurring.drop("r1")


def test_a_clock_that_was_set_back(store: Store) -> None:
    """What was dealt with later than it is now is looked at anew; the rest stays."""
    with store.write() as tx:
        tx.recurring.add(replace(ONE, next_at=900, after=800))
        tx.recurring.add(replace(ONE, id="r2", number=2, next_at=900, after=400))
        assert tx.recurring.not_later_than(500) == 1
        assert [(one.id, one.next_at, one.after) for one in tx.recurring.of(ALICE)] == [
            ("r1", 500, 500), ("r2", 900, 400),
        ]  # fmt: skip
