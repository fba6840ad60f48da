"""Offers and marks: the small things the store keeps."""

from __future__ import annotations

from bot.edges.store import Store


def test_an_offer_keeps_its_first_words_until_it_is_forgotten(store: Store) -> None:
    """An offer made twice keeps its first line, and is gone once it is older than what is kept."""
    with store.write() as tx:
        tx.offers.put("e1.0", "run hello", 1_000)
        tx.offers.put("e1.0", "run other", 2_000)
    with store.write() as tx:
        assert tx.offers.get("e1.0") == "run hello"
        assert tx.offers.forget(1_001) == 1
        assert tx.offers.get("e1.0") is None


def test_a_mark_holds_what_was_said_last(store: Store) -> None:
    """A mark is replaced by what is said later; one never set is None."""
    with store.write() as tx:
        tx.marks.put("gitlab", "a")
        tx.marks.put("gitlab", "b")
        assert tx.marks.get("gitlab") == "b"
        assert tx.marks.get("slack") is None
