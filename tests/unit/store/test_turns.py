"""Writers take turns, in the order they came, except for those whom Slack waits for."""

from __future__ import annotations

import threading

from bot.edges.store import Store
from bot.edges.store.turns import Turns

PATIENCE = 5.0


def in_order(turns: Turns, *names: tuple[str, bool]) -> list[str]:
    """Who had the turn, when these came one after the other while somebody else had it."""
    had: list[str] = []

    def come(name: str, first: bool) -> None:
        assert turns.take(PATIENCE, first=first)
        had.append(name)
        turns.give()

    assert turns.take(PATIENCE)
    threads = []
    for name, first in names:
        thread = threading.Thread(target=come, args=(name, first))
        before = turns.waiting
        thread.start()
        while turns.waiting == before:
            thread.join(0.001)
        threads.append(thread)
    turns.give()
    for thread in threads:
        thread.join(PATIENCE)
    return had


def test_what_slack_waits_for_goes_first() -> None:
    """An accepted batch goes before the writers who wait already."""
    assert in_order(Turns(), ("a", False), ("b", False), ("now", True)) == ["now", "a", "b"]


def test_a_first_write_writes_like_any_other(store: Store) -> None:
    """`first` changes the order only."""
    with store.write(first=True) as tx:
        tx.marks.put("a", "b")
    with store.read() as tx:
        assert tx.marks.get("a") == "b"
