"""Cards of issues, what places are about, and what can be picked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from bot.edges.store import Store
from bot.edges.store.issues import MOST_LIVING
from bot.edges.store.picks import Picks
from bot.edges.store.tables_words import PICKS
from bot.model import Option, Person, Place
from bot.tracker import IssueCard, Subject

ALICE, OPS = Person("T1", "U1"), Place("C1")
FOUR = Subject(42, "acme/shop", 4)
CARD = IssueCard("k1.card", ALICE, OPS, FOUR, living=True, remark="Created by alice", at=1_000)


def test_a_card_is_kept_whole(store: Store) -> None:
    """What was written is what is read; written again it stays as it was."""
    with store.write() as tx:
        tx.issues.put_card(CARD)
        tx.issues.put_card(replace(CARD, remark="again"))
        assert tx.issues.card("k1.card") == CARD
        assert tx.issues.card("k2.card") is None


def test_living_cards_of_an_issue(store: Store) -> None:
    """Those that are edited, the newest first, and no more than are worth it."""
    with store.write() as tx:
        tx.issues.put_card(replace(CARD, id="glimpse", living=False))
        tx.issues.put_card(replace(CARD, id="other", subject=replace(FOUR, iid=5)))
        for number in range(MOST_LIVING + 2):
            tx.issues.put_card(replace(CARD, id=f"c{number}", at=number))
        found = [one.id for one in tx.issues.cards_of(FOUR)]
        assert found == [f"c{number}" for number in range(MOST_LIVING + 1, 1, -1)]
        tx.issues.end_card(found[0])
        tx.issues.remark(FOUR, "Closed by bob")
        assert tx.issues.cards_of(FOUR)[0].id == found[1]
        assert {one.remark for one in tx.issues.cards_of(FOUR)} == {"Closed by bob"}


def test_what_a_place_is_about(store: Store) -> None:
    """A thread by what was said in it, a channel as such by what somebody said of it."""
    thread = replace(OPS, thread="17.1")
    with store.write() as tx:
        assert tx.issues.subject("T1", OPS) is None
        tx.issues.set_subject("T1", OPS, FOUR, 1)
        assert tx.issues.subject("T1", OPS) == FOUR
        assert tx.issues.subject("T1", thread) is None
        assert tx.issues.subject("T2", OPS) is None
        tx.issues.set_subject("T1", thread, replace(FOUR, iid=5), 1)
        tx.issues.set_subject("T1", thread, replace(FOUR, iid=6), 2)
        assert tx.issues.subject("T1", thread) == replace(FOUR, iid=6)
        tx.issues.set_subject("T1", OPS, None, 3)
        assert tx.issues.subject("T1", OPS) is None


def test_a_thread_under_a_card_is_about_its_issue(store: Store) -> None:
    """Whatever else was said in it."""
    with store.write() as tx:
        tx.issues.put_card(CARD)
        tx.cards.want(CARD.id, OPS, "{}", "h", 1)
        tx.cards.claim(CARD.id)
        tx.cards.shown(CARD.id, "17.1", "h", 0)
        tx.issues.set_subject("T1", replace(OPS, thread="17.1"), replace(FOUR, iid=9), 1)
        assert tx.issues.subject("T1", replace(OPS, thread="17.1")) == FOUR
        assert tx.issues.subject("T1", replace(OPS, thread="17.2")) is None


def test_an_issue_that_moves_takes_its_cards_along(store: Store) -> None:
    """And the places that were about it."""
    there = Subject(43, "acme/infra", 1)
    with store.write() as tx:
        tx.issues.put_card(CARD)
        tx.issues.set_subject("T1", OPS, FOUR, 1)
        tx.issues.moved(FOUR, there)
        assert tx.issues.cards_of(FOUR) == []
        assert [one.subject for one in tx.issues.cards_of(there)] == [there]
        assert tx.issues.subject("T1", OPS) == there


def test_old_cards_and_threads_are_forgotten(store: Store) -> None:
    """What a channel is about stays."""
    with store.write() as tx:
        tx.issues.put_card(CARD)
        tx.issues.set_subject("T1", OPS, FOUR, 1)
        tx.issues.set_subject("T1", replace(OPS, thread="17.1"), FOUR, 1)
        assert tx.issues.forget(2_000) == 2
        assert tx.issues.card(CARD.id) is None
        assert tx.issues.subject("T1", OPS) == FOUR


# What can be picked -----------------------------------------------------------------------------------------

FOUND = [
    Option("#4 Basket loses items", "#4"),
    Option("#7 Pay later", "#7", "closed"),
    Option("100% _", "#9"),
]


def test_picks_are_found_by_their_letters(store: Store) -> None:
    """Every word of them, in whatever case, and signs that mean something to SQL are only themselves."""
    with store.write() as tx:
        tx.picks.fill(7, 42, "issue", FOUND, 1_000)

        def values(letters: str, **how: int) -> list[str]:
            return [one.value for one in tx.picks.find(7, 42, "issue", letters, **how)]

        assert tx.picks.find(7, 42, "issue", "") == FOUND
        assert values("BASKET items") == ["#4"]
        assert values("7") == ["#7"]
        assert values("%") == values("_") == ["#9"]
        assert values("basket later") == []
        assert values("", most=1) == ["#4"]
        assert values("", since=1_001) == []
        assert tx.picks.find(8, 42, "issue", "") == []
        assert tx.picks.find(7, 43, "issue", "") == []
        assert tx.picks.find(7, 42, "label", "") == []


def test_picks_are_read_anew_and_added_to(store: Store) -> None:
    """A new reading takes the place of the old one; what its letters found comes last."""
    with store.write() as tx:
        assert tx.picks.read_at(7, 42, "issue") is None
        tx.picks.fill(7, 42, "issue", FOUND, 1_000)
        tx.picks.add(7, 42, "issue", [Option("#1 First", "#1"), Option("#4 Basket", "#4")], 2_000)
        assert tx.picks.read_at(7, 42, "issue") == 1_000
        assert [one.label for one in tx.picks.find(7, 42, "issue", "")] == [
            "#4 Basket", "#7 Pay later", "100% _", "#1 First"
        ]  # fmt: skip
        tx.picks.fill(7, 42, "issue", FOUND[1:], 3_000)
        assert tx.picks.find(7, 42, "issue", "") == FOUND[1:]
        tx.picks.fill(7, 42, "issue", [], 4_000)
        assert tx.picks.read_at(7, 42, "issue") == 4_000


def test_picks_are_forgotten(store: Store) -> None:
    """With time, and when an account is parted with."""
    with store.write() as tx:
        for account in (7, 8):
            tx.picks.fill(account, 42, "issue", FOUND, account)
        tx.picks.drop(7)
        assert tx.picks.find(7, 42, "issue", "") == []
        assert tx.picks.read_at(7, 42, "issue") is None
        assert tx.picks.forget(8) == 0
        assert tx.picks.forget(9) == 3
        assert tx.picks.read_at(8, 42, "issue") is None


@example(["0"], "\x00")
@given(st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=6), st.text(max_size=8))
def test_letters_never_break_the_search(names: list[str], letters: str) -> None:
    """Whatever is typed, what is found holds it."""
    with closing(sqlite3.connect(":memory:")) as sql:
        for statement in PICKS:
            sql.execute(statement)
        picks = Picks(sql)
        picks.fill(7, 42, "label", [Option(name, name) for name in names], 1)
        found = {one.value for one in picks.find(7, 42, "label", letters)}
    plain = letters.casefold().split()
    assert all(all(word in f"{one} {one}".casefold() for word in plain) for one in found)
    assert plain or len(found) == len(names)
