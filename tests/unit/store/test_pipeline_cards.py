"""Cards of whole pipelines are kept, found again and moved together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.edges.store import Store
from bot.model import Person, Place
from bot.stages import PipelineCard

OPS = Place("C0OPS00001")
CARD = PipelineCard("card1", Person("T0ACME0001", "U0ALICE001"), "alice", OPS, 42, "acme/shop", 1201, living=True,
                    started=True, title="Round prices", at=10, seen="first", next_look=30)  # fmt: skip


def test_a_card_is_written_down_once(store: Store) -> None:
    """A request that is done again finds its card as it was."""
    with store.write() as tx:
        assert tx.pipeline_cards.put(CARD)
        assert not tx.pipeline_cards.put(replace(CARD, title="Another"))
        assert tx.pipeline_cards.get("card1") == CARD
        assert tx.pipeline_cards.get("card2") is None


def test_living_cards_move_together(store: Store) -> None:
    """What only one person sees stays as it was, and so do those of other pipelines."""
    glimpse, elsewhere = replace(CARD, id="card2", living=False), replace(CARD, id="card3", pipeline=1202)
    with store.write() as tx:
        for card in (CARD, glimpse, elsewhere, replace(CARD, id="card4", at=20)):
            tx.pipeline_cards.put(card)
        tx.pipeline_cards.change(42, 1201, seen="second", looks=2, told="failed")
        assert [(one.id, one.seen, one.told) for one in tx.pipeline_cards.of(42, 1201)] == [
            ("card4", "second", "failed"), ("card1", "second", "failed"),
        ]  # fmt: skip
        assert tx.pipeline_cards.get("card2") == glimpse
        assert tx.pipeline_cards.get("card3") == elsewhere


def test_what_a_card_is_about_never_changes(store: Store) -> None:
    """That would be another card."""
    with store.write() as tx, pytest.raises(TypeError, match="place"):
        tx.pipeline_cards.change(42, 1201, place=OPS)


def test_what_is_due_comes_by_its_time(store: Store) -> None:
    """A clock that is set back keeps nobody waiting; what is over stays over."""
    with store.write() as tx:
        tx.pipeline_cards.put(CARD)
        tx.pipeline_cards.put(replace(CARD, id="card2", pipeline=1202, next_look=20))
        tx.pipeline_cards.put(replace(CARD, id="card3", pipeline=1203, next_look=2**53))
        tx.pipeline_cards.put(replace(CARD, id="card4", pipeline=1204, living=False, next_look=1))
        assert [one.id for one in tx.pipeline_cards.due(30, 10)] == ["card2", "card1"]
        assert [one.id for one in tx.pipeline_cards.due(30, 1)] == ["card2"]
        assert tx.pipeline_cards.not_later_than(5) == 2
        assert [one.id for one in tx.pipeline_cards.due(5, 10)] == ["card1", "card2"]


def test_pipelines_that_were_started_here_are_known(store: Store) -> None:
    """So that a lost answer is not taken for one of them."""
    with store.write() as tx:
        tx.pipeline_cards.put(CARD)
        tx.pipeline_cards.put(replace(CARD, id="card2", pipeline=1202, started=False))
        assert tx.pipeline_cards.started(42) == {1201}
        assert tx.pipeline_cards.started(43) == frozenset()


def test_a_thread_is_about_the_card_above_it_or_the_newest_in_it(store: Store) -> None:
    """A channel as such is about none."""
    inside = replace(CARD, id="card2", place=Place(OPS.channel, "17.1"), pipeline=1202)
    with store.write() as tx:
        tx.pipeline_cards.put(CARD)
        tx.cards.want("card1", OPS, "{}", "hash", 10)
        tx.cards.claim("card1")
        tx.cards.shown("card1", "16.1", "hash", 0)
        tx.pipeline_cards.put(inside)
        assert tx.pipeline_cards.in_thread(Place(OPS.channel, "16.1")) == CARD
        assert tx.pipeline_cards.in_thread(inside.place) == inside
        assert tx.pipeline_cards.in_thread(OPS) is None
        assert tx.pipeline_cards.in_thread(Place(OPS.channel, "18.1")) is None
        assert (tx.pipeline_cards.forget(10), tx.pipeline_cards.forget(11)) == (0, 2)
