"""Requests: accepted once, taken by one, remembered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edges.store import Received, Store
from bot.edges.store.inbox import ROWS_AT_ONCE


def received(key: str, envelope: str | None = None, at: int = 1) -> Received:
    return Received(key, f"envelope of {key}" if envelope is None else envelope, "command", f'"{key}"', at)


def accept(store: Store, *items: Received) -> list[bool]:
    with store.write() as tx:
        return tx.inbox.accept(items)


def test_a_request_is_accepted_once(store: Store) -> None:
    """The same key or the same envelope is a redelivery, in a later batch or in the same one."""
    assert accept(store, received("a"), received("b")) == [True, True]
    again = [received("a", "other"), received("c", "envelope of b"), received("d"), received("d", "third")]
    assert accept(store, *again) == [False, False, True, False]
    assert accept(store) == []


def test_the_first_of_two_equal_ones_counts_even_after_a_refused_one(store: Store) -> None:
    """An item that is refused for its envelope does not make a later one with its key old."""
    accept(store, received("a", "used"))
    assert accept(store, received("b", "used"), received("b", "fresh")) == [False, True]


def test_requests_without_an_envelope_differ_by_key(store: Store) -> None:
    """An empty envelope id is no envelope id."""
    assert accept(store, received("a", ""), received("b", ""), received("a", "")) == [True, True, False]


def test_a_batch_may_be_of_any_size(store: Store) -> None:
    """A batch larger than one statement takes is accepted whole and in order."""
    items = [received(str(number)) for number in range(ROWS_AT_ONCE * 2 + 1)]
    assert accept(store, *items) == [True] * len(items)
    with store.read() as tx:
        assert tx.inbox.waiting(len(items)) == items


def test_one_kind_of_waiting_requests_can_be_left_out(store: Store) -> None:
    """Those of other kinds are found, however many of that one came before."""
    accept(store, received("a"), received("b"), Received("c", "e", "heard", "{}", 1), received("d"))
    with store.read() as tx:
        assert [item.key for item in tx.inbox.waiting(9, without="command")] == ["c"]
        assert [item.key for item in tx.inbox.waiting(3, without="heard")] == ["a", "b", "d"]


def test_waiting_requests_come_oldest_first(store: Store) -> None:
    """Order is that of acceptance, not of keys, and a limit takes the first."""
    accept(store, received("z"), received("a"))
    accept(store, received("m"))
    with store.write() as tx:
        assert tx.inbox.claim("z") == received("z")
        assert [item.key for item in tx.inbox.waiting(9)] == ["a", "m"]
        assert [item.key for item in tx.inbox.waiting(1)] == ["a"]
        assert tx.inbox.give_back("z")
        assert [item.key for item in tx.inbox.waiting(9)] == ["z", "a", "m"]


def test_one_of_eight_claims_a_request(store: Store) -> None:
    """Threads that claim the same request at the same time: exactly one gets it."""
    keys = [str(number) for number in range(10)]
    accept(store, *(received(key) for key in keys))

    def claim(key: str) -> Received | None:
        with store.write() as tx:
            return tx.inbox.claim(key)

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(claim, keys * 8))
    assert sorted(item.key for item in claimed if item) == sorted(keys)


def test_what_is_done_stays_known(store: Store) -> None:
    """A finished request is neither waiting nor new again, until it is forgotten."""
    accept(store, received("a"))
    with store.write() as tx:
        assert not tx.inbox.finish("a", 50)
        tx.inbox.claim("a")
        assert tx.inbox.open_count() == 1
        assert tx.inbox.finish("a", 50)
        assert not tx.inbox.finish("a", 60)
        assert (tx.inbox.open_count(), tx.inbox.waiting(9), tx.inbox.claim("a")) == (0, [], None)
        assert tx.inbox.accept([received("a")]) == [False]
        assert tx.inbox.forget(50) == 0
        assert tx.inbox.forget(51) == 1
        assert tx.inbox.accept([received("a")]) == [True]


def test_a_request_that_fails_again_and_again_is_given_up(store: Store) -> None:
    """After `most` tries it is dead: not waiting, still known, and forgotten by the time it came in."""
    accept(store, received("a", at=100))
    with store.write() as tx:
        for expected in (True, True, False):
            assert tx.inbox.claim("a") is not None
            assert tx.inbox.give_back("a", most=3) is expected
        assert not tx.inbox.give_back("a", most=3)
        assert (tx.inbox.open_count(), tx.inbox.claim("a")) == (0, None)
        assert tx.inbox.accept([received("a")]) == [False]
        assert (tx.inbox.forget(100), tx.inbox.forget(101)) == (0, 1)


def test_tries_are_counted(store: Store) -> None:
    """Who claims a request is told how often it was tried before."""
    accept(store, received("a"))
    with store.write() as tx:
        tx.inbox.claim("a")
        tx.inbox.give_back("a")
        again = tx.inbox.claim("a")
    assert again is not None
    assert again.tries == 1


def test_after_a_crash_what_was_taken_is_new(store: Store) -> None:
    """recover() gives back what nobody works on any more, and nothing that is done."""
    accept(store, received("a"), received("b"), received("c"))
    with store.write() as tx:
        tx.inbox.claim("a")
        tx.inbox.claim("b")
        tx.inbox.finish("b", 5)
        assert tx.inbox.recover() == 1
        assert [item.key for item in tx.inbox.waiting(9)] == ["a", "c"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("inbox") / "store.sqlite3")
    yield store
    store.close()


@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6), max_size=4))
def test_accepting_is_what_a_set_would_do(shared: Store, batches: list[list[tuple[int, int]]]) -> None:
    """Whatever keys and envelopes come: new is what shares neither with one that was accepted before."""
    keys: set[int] = set()
    envelopes: set[int] = set()
    with shared.write() as tx:
        for batch in batches:
            expected = []
            for key, envelope in batch:
                new = key not in keys and envelope not in envelopes
                expected.append(new)
                if new:
                    keys.add(key)
                    envelopes.add(envelope)
            assert tx.inbox.accept([received(str(key), str(envelope)) for key, envelope in batch]) == expected
        for waiting in tx.inbox.waiting(99):
            tx.inbox.claim(waiting.key)
            tx.inbox.finish(waiting.key, 0)
        tx.inbox.forget(1)
