"""Cards: the newest content wins, unposted ones first, none shown twice at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.edges.store import Card, Store, Tx
from bot.model import Person, Place, Run

OPS = Place("C0OPS00001")


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    with store.write() as tx:
        yield tx


def want(tx: Tx, card: str, content: str, now: int = 1, place: Place = OPS) -> None:
    tx.cards.want(card, place, f'"{content}"', f"hash of {content}", now)


def show(tx: Tx, card: str, content: str, ts: str = "17.1", not_before: int = 0) -> None:
    assert tx.cards.claim(card)
    assert tx.cards.shown(card, ts, f"hash of {content}", not_before)


def due(tx: Tx, now: int = 100, limit: int = 9) -> list[str]:
    return [card.id for card in tx.cards.due(now, limit)]


def get(tx: Tx, card: str) -> Card:
    kept = tx.cards.get(card)
    assert kept is not None
    return kept


def test_a_new_card_is_due(tx: Tx) -> None:
    """What is wanted is there with its place, and nothing is shown yet."""
    want(tx, "r1", "queued", 5, Place("C1", "16.0"))
    card = Card("r1", Place("C1", "16.0"), None, '"queued"', "hash of queued", None, 0, 0, False, 5, "due")
    assert tx.cards.due(0, 9) == [card]
    assert tx.cards.get("r1") == card
    assert tx.cards.get("absent") is None


def test_a_card_that_shows_what_is_wanted_is_not_due(tx: Tx) -> None:
    """It becomes due again with other content, at the time that was set; the same content changes nothing."""
    want(tx, "r1", "queued")
    show(tx, "r1", "queued", not_before=300)
    assert due(tx, 999) == []
    want(tx, "r1", "queued")
    assert due(tx, 999) == []
    assert tx.cards.next_time() is None
    want(tx, "r1", "running", now=50, place=Place("C9"))
    assert (due(tx, 299), due(tx, 300)) == ([], ["r1"])
    assert tx.cards.next_time() == 300
    card = get(tx, "r1")
    assert (card.place, card.ts, card.created_at, card.wanted) == (OPS, "17.1", 1, '"running"')


def test_only_the_newest_content_is_left(tx: Tx) -> None:
    """What was wanted while another version was on its way is shown next; those between are dropped."""
    want(tx, "r1", "queued")
    assert tx.cards.claim("r1")
    assert not tx.cards.claim("r1")
    for content in ("running", "still running", "passed"):
        want(tx, "r1", content)
    assert due(tx) == []
    assert tx.cards.shown("r1", "17.1", "hash of queued", 0)
    assert [card.wanted for card in tx.cards.due(100, 9)] == ['"passed"']


def test_cards_never_posted_come_first(tx: Tx) -> None:
    """Then those due longest; in the order they were made where that is the same."""
    for card in ("z", "b", "a", "new", "newer"):
        want(tx, card, "queued")
    for card, not_before in (("z", 30), ("b", 20), ("a", 20)):
        show(tx, card, "queued", not_before=not_before)
        want(tx, card, "running")
    assert due(tx) == ["new", "newer", "b", "a", "z"]
    assert due(tx, limit=1) == ["new"]
    assert due(tx, now=20) == ["new", "newer", "b", "a"]


def test_a_card_put_off_counts_tries_and_doubts(tx: Tx) -> None:
    """Success begins the count anew."""
    want(tx, "r1", "queued")
    assert not tx.cards.later("r1", 50)
    tx.cards.claim("r1")
    assert tx.cards.later("r1", 50, probe=True)
    assert (get(tx, "r1").tries, get(tx, "r1").probe, get(tx, "r1").not_before) == (1, True, 50)
    assert (due(tx, 49), due(tx, 50)) == ([], ["r1"])
    show(tx, "r1", "queued")
    assert (get(tx, "r1").tries, get(tx, "r1").probe) == (0, False)


def test_a_dead_card_is_never_due(tx: Tx) -> None:
    """Not even when something else is wanted of it."""
    want(tx, "r1", "queued")
    tx.cards.claim("r1")
    assert tx.cards.dead("r1", "The channel is archived.")
    assert not tx.cards.dead("r1", "again")
    want(tx, "r1", "running")
    assert not tx.cards.shown("r1", "17.1", "h", 0)
    assert (due(tx), tx.cards.next_time(), get(tx, "r1").why) == ([], None, "The channel is archived.")


def test_an_unposted_card_can_be_sent_elsewhere(tx: Tx) -> None:
    """A posted one stays."""
    want(tx, "r1", "queued")
    assert tx.cards.move("r1", Place("D1", "16.0"))
    assert get(tx, "r1").place == Place("D1", "16.0")
    show(tx, "r1", "queued")
    assert not tx.cards.move("r1", OPS)


def test_a_card_is_found_by_its_message(tx: Tx) -> None:
    """Channel and timestamp are the name Slack has for it."""
    want(tx, "r1", "queued")
    show(tx, "r1", "queued", ts="17.5")
    assert tx.cards.at(OPS.channel, "17.5") == get(tx, "r1")
    assert tx.cards.at("C9", "17.5") is None


def test_after_a_crash_a_post_is_looked_up_and_an_edit_repeated(tx: Tx) -> None:
    """recover() makes both due; only the post may be there twice otherwise."""
    want(tx, "post", "queued")
    want(tx, "edit", "queued")
    want(tx, "idle", "queued")
    show(tx, "edit", "queued")
    want(tx, "edit", "running")
    tx.cards.claim("post")
    tx.cards.claim("edit")
    assert tx.cards.recover() == 2
    assert {card.id: card.probe for card in tx.cards.due(100, 9)} == {
        "post": True,
        "edit": False,
        "idle": False,
    }


def test_a_card_is_forgotten_after_its_run(tx: Tx) -> None:
    """It stays while its run is there, or something is still to be shown."""
    for card in ("run", "bare", "waiting", "new"):
        want(tx, card, "queued", now=9 if card == "new" else 1)
    for card in ("run", "bare", "new"):
        show(tx, card, "queued")
    tx.runs.add(Run("run", "s", Person("T", "U"), "Alice", OPS, "p", 1, "j", "main", ""))
    assert tx.cards.forget(9) == 1
    assert [tx.cards.get(card) is not None for card in ("run", "bare", "waiting", "new")] == [
        True,
        False,
        True,
        True,
    ]


def test_what_is_urgent_does_not_wait_for_the_next_edit(tx: Tx) -> None:
    """Wanted while the card waits, or while it is being sent: it is due at once; the rest waits its time."""
    want(tx, "r1", "queued")
    show(tx, "r1", "queued", not_before=300)
    want(tx, "r1", "running · 3 s")
    assert due(tx, 100) == []
    tx.cards.want("r1", OPS, '"passed"', "hash of passed", 1, urgent=True)
    assert due(tx, 100) == ["r1"]
    assert tx.cards.claim("r1")
    tx.cards.want("r1", OPS, '"done"', "hash of done", 1, urgent=True)
    assert tx.cards.shown("r1", "17.1", "hash of passed", 600)
    assert due(tx, 100) == ["r1"]
    show(tx, "r1", "done", not_before=600)
    want(tx, "r1", "later")
    assert due(tx, 599) == []
