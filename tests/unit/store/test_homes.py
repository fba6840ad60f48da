"""Favourites, settings and Homes are each person's own."""

from __future__ import annotations

from bot.edges.store import Store
from bot.model import Person
from bot.own import Favourite, Home

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")


def test_favourites_come_in_order(store: Store) -> None:
    """They are kept once, changed, and taken away, each person's apart."""
    with store.write() as tx:
        for name in ("c", "a", "b"):
            assert tx.favourites.add(Favourite(name, ALICE, f"run {name}"))
        assert not tx.favourites.add(Favourite("a", BOB, "run x"))
        assert [one.id for one in tx.favourites.of(ALICE)] == ["c", "a", "b"]
        assert tx.favourites.of(BOB) == []
        assert tx.favourites.change("a", "jobs")
        assert tx.favourites.get("a") == Favourite("a", ALICE, "jobs")
        assert not tx.favourites.change("gone", "jobs")
        assert tx.favourites.drop("c")
        assert not tx.favourites.drop("c")
        assert [one.id for one in tx.favourites.of(ALICE)] == ["a", "b"]


def test_settings(store: Store) -> None:
    """A value is set, changed and taken away by an empty one."""
    with store.write() as tx:
        assert tx.settings.get(ALICE, "mention") == ""
        tx.settings.put(ALICE, "mention", "300")
        tx.settings.put(ALICE, "mention", "never")
        assert tx.settings.get(ALICE, "mention") == "never"
        assert tx.settings.get(BOB, "mention") == ""
        tx.settings.put(ALICE, "mention", "")
        assert tx.settings.get(ALICE, "mention") == ""


def test_a_home_remembers_what_it_shows(store: Store) -> None:
    """Opened again, it still knows what Slack shows and what GitLab showed."""
    with store.write() as tx:
        assert tx.homes.get(ALICE) is None
        tx.homes.open(ALICE, 10, 13)
        tx.homes.shows(ALICE, "abc", 11)
        tx.homes.sees(ALICE, '{"projects": []}', 12)
        tx.homes.open(ALICE, 20, 23)
        assert tx.homes.get(ALICE) == Home(ALICE, 20, 23, "abc", 11, '{"projects": []}', 12)


def test_homes_are_looked_at_while_they_are_looked_at(store: Store) -> None:
    """Those that were opened lately are due; of two who look, one does; what was pressed in is due at once."""
    with store.write() as tx:
        tx.homes.open(ALICE, 10, 13)
        tx.homes.open(BOB, 2, 5)
        assert [one.person for one in tx.homes.due(13, 5, 10)] == [ALICE]
        (home,) = tx.homes.due(13, 5, 10)
        assert tx.homes.look(home, 16)
        assert not tx.homes.look(home, 16)
        assert tx.homes.due(13, 5, 10) == []
        tx.homes.soon(ALICE, 13)
        assert [one.person for one in tx.homes.due(13, 5, 10)] == [ALICE]
        tx.homes.look(home, 99)


def test_homes_and_clocks(store: Store) -> None:
    """A clock that was set back holds no look up; what nobody opens any more is forgotten."""
    with store.write() as tx:
        tx.homes.open(ALICE, 10, 99)
        tx.homes.open(BOB, 2, 3)
        assert tx.homes.not_later_than(50) == 1
        assert {one.person for one in tx.homes.due(50, 0, 10)} == {ALICE, BOB}
        assert tx.homes.forget(10) == 1
        assert tx.homes.get(BOB) is None
