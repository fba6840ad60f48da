"""What somebody gave a job last: one row for each person and job."""

from __future__ import annotations

from bot.edges.store import Store
from bot.model import Person

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")


def test_the_last_values_count(store: Store) -> None:
    """For the person who gave them, of that job in that project."""
    with store.write() as tx:
        tx.last_values.put(ALICE, 42, "scale", "first", 1_000)
        tx.last_values.put(ALICE, 42, "scale", "second", 2_000)
    with store.read() as tx:
        assert tx.last_values.get(ALICE, 42, "scale") == "second"
        assert tx.last_values.get(BOB, 42, "scale") is None
        assert tx.last_values.get(ALICE, 43, "scale") is None
        assert tx.last_values.get(ALICE, 42, "other") is None


def test_they_are_sealed_anew_and_forgotten(store: Store) -> None:
    """Unless they changed meanwhile; and once they are older than what is kept."""
    with store.write() as tx:
        tx.last_values.put(ALICE, 42, "scale", "old", 1_000)
        assert tx.last_values.sealed() == [("T1/U1", "old")]
        assert tx.last_values.reseal("old", "new")
        assert not tx.last_values.reseal("old", "newer")
        assert tx.last_values.forget(1_000) == 0
        assert tx.last_values.forget(1_001) == 1
        assert tx.last_values.sealed() == []


def test_the_catalogue_that_was_kept_last_is_found(store: Store) -> None:
    """Of one project, of whichever commit."""
    with store.write() as tx:
        tx.catalogues.put(42, "a", "first", 1_000)
        tx.catalogues.put(42, "b", "second", 2_000)
        tx.catalogues.put(43, "c", "other", 3_000)
    with store.read() as tx:
        assert tx.catalogues.last(42) == "second"
        assert tx.catalogues.last(44) is None
