"""Names that somebody was shown in GitLab, found while they type."""

from __future__ import annotations

import re
import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from bot.edges.store import Store
from bot.edges.store.known import KnownNames
from bot.edges.store.tables_words import KNOWN
from bot.model import Known, Person

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")
PATHS = (
    "acme/shop",
    "acme/shop-frontend",
    "acme/tools/workshop",
    "acme/infra",
    "beta/shop",
    "Acme/Öl_Pumpe",
    "x/100%",
)


def filled(store: Store) -> None:
    with store.write() as tx:
        tx.known.put(ALICE, "project", [Known(n, path) for n, path in enumerate(PATHS, 1)], 10)


def found(store: Store, typed: str, person: Person = ALICE, most: int = 10) -> list[str]:
    with store.read() as tx:
        return [one.path for one in tx.known.find(person, "project", typed, most)]


def test_what_begins_so_comes_first(store: Store) -> None:
    """A name that begins with the letters before one that only holds them, the shorter before the longer."""
    filled(store)
    assert found(store, "shop") == ["acme/shop", "beta/shop", "acme/shop-frontend", "acme/tools/workshop"]
    assert found(store, "acme shop")[:2] == ["acme/shop", "acme/shop-frontend"]
    assert found(store, "front acme") == ["acme/shop-frontend"]
    assert found(store, "SHOP", most=2) == ["acme/shop", "beta/shop"]
    assert found(store, "nothing") == []


def test_no_letters_find_everything(store: Store) -> None:
    """The shortest first, so that the list is never empty before somebody types."""
    filled(store)
    assert len(found(store, "")) == len(PATHS)


def test_letters_of_sql_are_letters(store: Store) -> None:
    """A percent sign finds names with one, and case does not matter in any script."""
    filled(store)
    assert found(store, "100%") == ["x/100%"]
    assert found(store, "%") == ["x/100%"]
    assert found(store, "öl") == ["Acme/Öl_Pumpe"]


def test_nobody_finds_what_another_was_shown(store: Store) -> None:
    """Each person's names are their own, by kind."""
    filled(store)
    assert found(store, "shop", BOB) == []
    with store.read() as tx:
        assert tx.known.find(ALICE, "group", "shop", 10) == []


def test_what_was_not_seen_again_is_forgotten(store: Store) -> None:
    """After everything was read anew, older rows go; renamed ones have their new name."""
    filled(store)
    with store.write() as tx:
        tx.known.put(ALICE, "project", [Known(1, "acme/store")], 20)
        assert tx.known.read_at(ALICE, "project") == 10
        assert tx.known.drop_older(ALICE, "project", 20) == len(PATHS) - 1
        assert tx.known.read_at(ALICE, "project") == 20
        assert tx.known.read_at(BOB, "project") == 0
    assert found(store, "") == ["acme/store"]


def test_who_parts_leaves_nothing(store: Store) -> None:
    """Nor does what is old."""
    filled(store)
    with store.write() as tx:
        assert tx.known.forget(10) == 0
        assert tx.known.forget_person(ALICE) == len(PATHS)


def test_ten_thousand_are_kept_in_few_statements(store: Store) -> None:
    """More than one statement may hold, and each is found."""
    with store.write() as tx:
        tx.known.put(ALICE, "project", [Known(n, f"acme/service-{n:05}") for n in range(10_000)], 1)
    assert found(store, "service-09999") == ["acme/service-09999"]
    assert len(found(store, "acme", most=100)) == 100


@given(st.text(max_size=40).filter(lambda text: "\0" not in text))
def test_any_letters_are_harmless(typed: str) -> None:
    """Whatever is typed is looked for as it stands: it makes no other statement, and finds only what holds it."""
    connection = sqlite3.connect(":memory:")
    connection.execute(KNOWN[0])
    names = KnownNames(connection)
    names.put(ALICE, "project", [Known(1, "acme/shop"), Known(2, "acme/infra")], 1)
    typed = typed.encode("utf-8", "replace").decode()
    words = [word for word in re.split(r"[\s/._-]+", typed.casefold()) if word]
    wanted = {path for path in ("acme/shop", "acme/infra") if all(word in path for word in words)}
    assert {one.path for one in names.find(ALICE, "project", typed, 10)} == wanted
    connection.close()
