"""Cards of merge requests, what their buttons are aimed at, and what waits for whom."""

from __future__ import annotations

from dataclasses import replace

from bot.edges.store import Store
from bot.merge_requests import MergeCard, Reference, Review
from bot.model import Person, Place

ALICE, BOB = Person("T0ACME0001", "U0ALICE001"), Person("T0ACME0001", "U0BOB00001")
OPS = Place("C0OPS00001")
ABOUT = Reference(42, "acme/shop", 7)
CARD = MergeCard("card1", ALICE, OPS, ABOUT, living=True, at=10, seen="first", next_look=30)
REVIEW = Review(ALICE, 42, "acme/shop", 7, "Pool size", "https://gitlab.example.com/7", "review", "bob", updated_at=5,
                seen_at=10)  # fmt: skip


def test_a_card_is_written_down_once(store: Store) -> None:
    """A request that is done again finds its card."""
    with store.write() as tx:
        assert tx.merge_cards.put(CARD)
        assert not tx.merge_cards.put(replace(CARD, remark="Merged"))
        assert tx.merge_cards.get("card1") == CARD
        assert tx.merge_cards.get("card2") is None


def test_living_cards_move_together(store: Store) -> None:
    """What is seen of a merge request, and what was done to it, is written down for all cards that are edited."""
    other, glimpse = replace(CARD, id="card2", at=20), replace(CARD, id="card3", living=False)
    elsewhere = replace(CARD, id="card4", about=replace(ABOUT, iid=8))
    with store.write() as tx:
        for card in (CARD, other, glimpse, elsewhere):
            tx.merge_cards.put(card)
        tx.merge_cards.remark(ABOUT, "Approved by alice")
        tx.merge_cards.looked(ABOUT, seen="second", since=40, next_look=50, looks=3)
        assert [(one.id, one.remark, one.seen, one.looks) for one in tx.merge_cards.of(ABOUT)] == [
            ("card2", "Approved by alice", "second", 3), ("card1", "Approved by alice", "second", 3),
        ]  # fmt: skip
        assert tx.merge_cards.get("card3") == glimpse
        assert tx.merge_cards.get("card4") == elsewhere


def test_what_is_due_is_looked_at_first_that_waits_longest(store: Store) -> None:
    """What only one person sees is never looked at."""
    with store.write() as tx:
        tx.merge_cards.put(CARD)
        tx.merge_cards.put(replace(CARD, id="card2", about=replace(ABOUT, iid=8), next_look=20))
        tx.merge_cards.put(replace(CARD, id="card3", living=False, next_look=1))
        assert [one.id for one in tx.merge_cards.due(30, 10)] == ["card2", "card1"]
        assert [one.id for one in tx.merge_cards.due(30, 1)] == ["card2"]
        tx.merge_cards.later(ABOUT, 99, 2)
        assert [one.id for one in tx.merge_cards.due(30, 10)] == ["card2"]


def test_a_clock_set_back_keeps_nobody_waiting(store: Store) -> None:
    """What was to be looked at later is looked at now; what is over stays over."""
    with store.write() as tx:
        tx.merge_cards.put(replace(CARD, next_look=5_000))
        tx.merge_cards.put(replace(CARD, id="card2", about=replace(ABOUT, iid=8), next_look=2**53))
        assert tx.merge_cards.not_later_than(100) == 1
        assert [one.id for one in tx.merge_cards.due(100, 10)] == ["card1"]


def test_a_thread_is_about_the_card_above_it_or_the_newest_in_it(store: Store) -> None:
    """A channel as such is about none."""
    inside = replace(CARD, id="card2", place=Place(OPS.channel, "17.1"), about=replace(ABOUT, iid=8))
    with store.write() as tx:
        tx.merge_cards.put(CARD)
        tx.cards.want("card1", OPS, "{}", "hash", 10)
        tx.cards.claim("card1")
        tx.cards.shown("card1", "16.1", "hash", 0)
        tx.merge_cards.put(inside)
        assert tx.merge_cards.in_thread(Place(OPS.channel, "16.1")) == CARD
        assert tx.merge_cards.in_thread(inside.place) == inside
        assert tx.merge_cards.in_thread(OPS) is None
        assert tx.merge_cards.in_thread(Place(OPS.channel, "18.1")) is None


def test_old_cards_and_aims_are_forgotten(store: Store) -> None:
    """They age by when they were shown."""
    with store.write() as tx:
        tx.merge_cards.put(CARD)
        tx.aims.put("aim1", "card1", "c0ffee", 10)
        tx.aims.put("aim1", "card9", "another", 10)
        assert tx.aims.get("aim1") == ("card1", "c0ffee")
        assert tx.aims.get("aim2") is None
        assert (tx.merge_cards.forget(10), tx.aims.forget(10)) == (0, 0)
        assert (tx.merge_cards.forget(11), tx.aims.forget(11)) == (1, 1)


def test_reviews_take_the_place_of_those_before(store: Store) -> None:
    """What is gone is forgotten; those of other people stay."""
    mine = replace(REVIEW, role="mine", draft=True, approved=True, approvals=2)
    with store.write() as tx:
        tx.reviews.put_all(ALICE, [REVIEW, mine, replace(REVIEW, iid=8, updated_at=9)])
        tx.reviews.put_all(BOB, [replace(REVIEW, person=BOB)])
        assert [one.iid for one in tx.reviews.of(ALICE, "review")] == [8, 7]
        assert tx.reviews.of(ALICE, "mine") == [mine]
        tx.reviews.put_all(ALICE, [REVIEW])
        assert tx.reviews.of(ALICE, "review") == [REVIEW]
        assert tx.reviews.of(ALICE, "mine") == []
        assert tx.reviews.of(BOB, "review")[0].reference == ABOUT
        assert tx.reviews.forget_person(BOB) == 1
        assert tx.reviews.forget(11) == 1
