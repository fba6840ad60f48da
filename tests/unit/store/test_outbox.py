"""Letters: once each, in order within a queue, and under their card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edges.store import Letter, Store, Tx
from bot.model import Place

OPS = Place("C0OPS00001")
DM = Place("D0ALICEBOT")


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    with store.write() as tx:
        yield tx


def letter(id: str, queue: str = "ops", **changes: Any) -> Letter:  # noqa: A002 -- the name of the field
    return replace(Letter(id, queue, "post", OPS, "", f'{{"text": "{id}"}}', created_at=1), **changes)


def put(tx: Tx, *letters: Letter) -> None:
    for each in letters:
        assert tx.outbox.put(each)


def heads(tx: Tx, now: int = 100, busy: tuple[str, ...] = (), limit: int = 99) -> list[str]:
    return [each.id for each in tx.outbox.heads(now, busy, limit)]


def post_card(tx: Tx, card: str, place: Place, ts: str) -> None:
    tx.cards.want(card, place, "{}", "h", 1)
    assert tx.cards.claim(card)
    assert tx.cards.shown(card, ts, "h", 0)


def test_a_letter_comes_back_as_it_was(tx: Tx) -> None:
    """Every field survives."""
    whole = Letter("w", "q", "whisper", Place("C1", "17.1"), "U1", '{"a": 1}', "", "run", 5, 2, 3, probe=True)
    put(tx, letter("a"), whole)
    assert tx.outbox.get("a") == letter("a")
    assert tx.outbox.get("w") == whole
    assert tx.outbox.get("absent") is None


def test_a_letter_is_put_once(tx: Tx) -> None:
    """A second one with its id changes nothing, even after the first was sent."""
    put(tx, letter("a"))
    assert not tx.outbox.put(letter("a", body="other"))
    tx.outbox.claim("a")
    tx.outbox.sent("a", "17.1", 5)
    assert not tx.outbox.put(letter("a"))
    kept = tx.outbox.get("a")
    assert kept == replace(letter("a"), sent_ts="17.1", state="sent")


def test_each_queue_shows_its_first_letter(tx: Tx) -> None:
    """Heads come in the order they were put, one for each queue, and no more than the limit."""
    put(tx, letter("o1"), letter("o2"), letter("d1", "dev"), letter("o3"), letter("x1", "x"))
    assert heads(tx) == ["o1", "d1", "x1"]
    assert heads(tx, limit=2) == ["o1", "d1"]
    assert heads(tx, busy=("ops", "x")) == ["d1"]


def test_the_next_letter_waits_for_the_one_before(tx: Tx) -> None:
    """A letter in flight or put off holds its queue, and only its queue."""
    put(tx, letter("o1"), letter("o2"), letter("d1", "dev"))
    assert tx.outbox.claim("o1")
    assert not tx.outbox.claim("o1")
    assert heads(tx) == ["d1"]
    assert tx.outbox.later("o1", 200)
    assert heads(tx, now=199) == ["d1"]
    assert heads(tx, now=200) == ["o1", "d1"]
    assert tx.outbox.claim("o1")
    assert tx.outbox.sent("o1", "17.1", 200)
    assert heads(tx) == ["o2", "d1"]


def test_only_what_is_in_flight_can_be_put_off(tx: Tx) -> None:
    """A letter that was not claimed, or is gone, stays as it is."""
    put(tx, letter("a"))
    assert not tx.outbox.later("a", 5)
    tx.outbox.claim("a")
    assert tx.outbox.sent("a", "17.1", 5)
    assert not tx.outbox.sent("a", "17.2", 6)
    assert not tx.outbox.later("a", 5)
    assert not tx.outbox.dead("a", "why")
    assert not tx.outbox.claim("a")


def test_putting_off_counts_tries_and_doubts(tx: Tx) -> None:
    """A letter knows how often it was tried, and whether it may have arrived."""
    put(tx, letter("a"))
    for tries, probe in ((1, True), (2, False)):
        tx.outbox.claim("a")
        tx.outbox.later("a", 7, probe=probe)
        assert tx.outbox.get("a") == replace(letter("a"), tries=tries, probe=probe, not_before=7)


def test_a_dead_letter_lets_the_next_one_go(tx: Tx) -> None:
    """What is given up no longer holds its queue, and says why."""
    put(tx, letter("a"), letter("b"))
    tx.outbox.claim("a")
    assert tx.outbox.dead("a", "The channel is archived.")
    assert heads(tx) == ["b"]
    kept = tx.outbox.get("a")
    assert kept is not None
    assert (kept.state, kept.why) == ("dead", "The channel is archived.")


def test_after_a_crash_what_was_in_flight_is_looked_up(tx: Tx) -> None:
    """recover() makes it due with `probe`, and touches nothing else."""
    put(tx, letter("a"), letter("b", "dev"))
    tx.outbox.claim("a")
    assert tx.outbox.recover() == 1
    recovered, other = tx.outbox.heads(100, (), 9)
    assert (recovered.id, recovered.probe, other.probe) == ("a", True, False)


def test_a_letter_waits_for_its_card(tx: Tx) -> None:
    """It is no head until the card is posted; then it goes into the thread of the card, wherever that is."""
    tx.cards.want("r1", OPS, "{}", "h", 1)
    put(tx, letter("a", under="r1"), letter("b"))
    assert heads(tx) == []
    assert tx.outbox.next_time() is None

    tx.cards.move("r1", DM)
    tx.cards.shown("r1", "17.1", "h", 0)
    (head,) = tx.outbox.heads(100, (), 9)
    assert (head.id, head.place) == ("a", Place("D0ALICEBOT", "17.1"))


def test_a_card_in_a_thread_keeps_its_letters_in_that_thread(tx: Tx) -> None:
    """Slack's threads have one level: the reply goes beside the card."""
    post_card(tx, "r1", Place("C1", "16.0"), "17.1")
    put(tx, letter("a", under="r1", place=Place("C1")))
    (head,) = tx.outbox.heads(100, (), 9)
    assert head.place == Place("C1", "16.0")


def test_a_letter_does_not_wait_for_a_card_that_never_comes(tx: Tx) -> None:
    """Under a card that is dead or unknown it goes to its own place."""
    tx.cards.want("r1", OPS, "{}", "h", 1)
    tx.cards.dead("r1", "Not in that channel.")
    put(tx, letter("a", "q1", under="r1", place=DM), letter("b", "q2", under="gone", place=DM))
    assert [(each.id, each.place) for each in tx.outbox.heads(100, (), 9)] == [("a", DM), ("b", DM)]


def test_a_queue_is_moved_to_another_place(tx: Tx) -> None:
    """Its open letters keep their order behind those already there; sent ones stay where they were sent."""
    put(tx, letter("sent"), letter("there", "dm", place=DM), letter("a"), letter("b"), letter("d", "dev"))
    for each in ("sent", "a"):
        tx.outbox.claim(each)
        if each == "sent":
            tx.outbox.sent(each, "17.1", 5)
    assert tx.outbox.move_queue("ops", DM, "dm") == 2
    tx.outbox.later("a", 0)
    delivered = []
    while (ids := heads(tx, busy=("dev",))) != []:
        tx.outbox.claim(ids[0])
        tx.outbox.sent(ids[0], "18.1", 6)
        delivered += ids
    assert delivered == ["there", "a", "b"]
    moved, stayed = tx.outbox.get("b"), tx.outbox.get("sent")
    assert moved is not None
    assert stayed is not None
    assert (moved.place, moved.queue, stayed.place) == (DM, "dm", OPS)


def test_a_moved_letter_leaves_a_card_that_stays_behind(tx: Tx) -> None:
    """Under a card in the old channel it goes to its new place; under one not posted yet it waits on."""
    post_card(tx, "posted", OPS, "17.1")
    tx.cards.want("later", OPS, "{}", "h", 1)
    put(tx, letter("a", under="posted"), letter("b", under="later"))
    tx.outbox.move_queue("ops", DM, "dm")
    (head,) = tx.outbox.heads(100, (), 9)
    assert (head.id, head.place) == ("a", DM)
    tx.outbox.claim("a")
    tx.outbox.sent("a", "18.1", 5)
    assert heads(tx) == []
    tx.cards.move("later", DM)
    tx.cards.shown("later", "18.2", "h", 0)
    (head,) = tx.outbox.heads(100, (), 9)
    assert (head.id, head.place) == ("b", Place(DM.channel, "18.2"))


def test_the_next_time_is_that_of_the_first_letters(tx: Tx) -> None:
    """Letters behind others, in flight or of busy queues do not count."""
    assert tx.outbox.next_time() is None
    put(tx, letter("a", not_before=50), letter("b", not_before=1), letter("c", "dev", not_before=70))
    assert tx.outbox.next_time() == 50
    assert tx.outbox.next_time(busy={"ops"}) == 70
    tx.outbox.claim("a")
    assert tx.outbox.next_time() == 70


def test_what_is_closed_is_forgotten(tx: Tx) -> None:
    """Sent letters go by when they were sent, dead ones by when they were given up, open ones never."""
    put(tx, letter("open"), letter("sent", "q"), letter("dead", "r"), letter("old", "s"))
    for each in ("sent", "dead", "old"):
        tx.outbox.claim(each)
    tx.outbox.sent("sent", "17.1", 50)
    tx.outbox.dead("dead", "why", 60)
    tx.outbox.dead("old", "why")
    assert [tx.outbox.forget(before) for before in (1, 2, 51, 61, 10_000)] == [0, 1, 1, 1, 0]
    assert heads(tx) == ["open"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("outbox") / "store.sqlite3")
    yield store
    store.close()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(["q1", "q2", "q3"])),
        st.tuples(st.just("sent"), st.integers(0, 2)),
        st.tuples(st.just("later"), st.integers(0, 2)),
        st.tuples(st.just("crash"), st.just(0)),
        st.tuples(st.just("tick"), st.integers(1, 5)),
    ),
    max_size=40,
)


@given(STEPS)
def test_a_queue_is_delivered_in_order(shared: Store, steps: list[tuple[str, Any]]) -> None:
    """Whatever is sent, put off or cut short: each queue arrives whole and in the order it was put."""
    put_there: dict[str, list[str]] = {"q1": [], "q2": [], "q3": []}
    arrived: dict[str, list[str]] = {"q1": [], "q2": [], "q3": []}
    now = 0
    with shared.write() as tx:
        for number, (what, value) in enumerate([*steps, *[("tick", 99)], *[("sent", 0)] * len(steps)]):
            ready = tx.outbox.heads(now, (), 9)
            assert len({each.queue for each in ready}) == len(ready)
            if what == "put":
                put(tx, letter(str(number), value, not_before=now + number % 3))
                put_there[value].append(str(number))
            elif what == "tick":
                now += value
            elif what == "crash":
                for each in ready[:2]:
                    tx.outbox.claim(each.id)
                assert tx.outbox.recover() == len(ready[:2])
            elif value < len(ready):
                chosen = ready[value]
                assert tx.outbox.claim(chosen.id)
                if what == "later":
                    assert tx.outbox.later(chosen.id, now + 3)
                else:
                    assert tx.outbox.sent(chosen.id, "1.1", now)
                    arrived[chosen.queue].append(chosen.id)
        assert tx.outbox.heads(now, (), 9) == []
        assert tx.outbox.next_time() is None
        tx.outbox.forget(now + 1)
    assert arrived == put_there
