"""What a channel, a name, a person and a commit stand for."""

from __future__ import annotations

from bot.edges.store import Store
from bot.model import Person


def test_a_channel_has_a_project(store: Store) -> None:
    """It can be set, changed and taken away, for this channel of this team alone."""
    with store.write() as tx:
        assert tx.places.get_default("T1", "C1") is None
        tx.places.set_default("T1", "C1", "acme/shop")
        tx.places.set_default("T1", "C1", "acme/api")
        assert tx.places.get_default("T1", "C1") == "acme/api"
        assert tx.places.get_default("T2", "C1") is None
        tx.places.set_default("T1", "C1", None)
        assert tx.places.get_default("T1", "C1") is None


def test_a_name_stands_for_a_project(store: Store) -> None:
    """Names belong to a team and come back in order."""
    with store.write() as tx:
        for name, project in (("shop", "acme/old"), ("api", "acme/api"), ("shop", "acme/shop")):
            tx.places.set_alias("T1", name, project)
        assert tx.places.alias("T1", "shop") == "acme/shop"
        assert tx.places.alias("T2", "shop") is None
        assert list(tx.places.aliases("T1").items()) == [("api", "acme/api"), ("shop", "acme/shop")]
        tx.places.set_alias("T1", "shop", None)
        assert tx.places.aliases("T1") == {"api": "acme/api"}
        assert tx.places.aliases("T2") == {}


def test_a_person_has_a_last_project(store: Store) -> None:
    """The last one set, for this person of this team."""
    with store.write() as tx:
        tx.places.set_last(Person("T1", "U1"), "acme/shop")
        tx.places.set_last(Person("T1", "U1"), "acme/api")
        assert tx.places.last_project(Person("T1", "U1")) == "acme/api"
        assert tx.places.last_project(Person("T2", "U1")) is None


def test_a_catalogue_is_kept_by_commit(store: Store) -> None:
    """It can be replaced, and goes when it was not kept since a moment."""
    with store.write() as tx:
        assert tx.catalogues.get(3, "abc") is None
        tx.catalogues.put(3, "abc", "old", 10)
        tx.catalogues.put(3, "abc", "new", 20)
        tx.catalogues.put(3, "def", "other", 10)
        assert tx.catalogues.get(3, "abc") == "new"
        assert tx.catalogues.get(4, "abc") is None
        assert tx.catalogues.forget(20) == 1
        assert tx.catalogues.get(3, "def") is None
        assert tx.catalogues.get(3, "abc") == "new"
