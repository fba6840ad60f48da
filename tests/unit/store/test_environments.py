"""Environments are kept as they were last seen."""

from __future__ import annotations

from dataclasses import replace

from bot.edges.store import Store
from bot.environments import Standing

STAGING = Standing(42, "acme/shop", "staging", "staging", "available", "main", "c0ffee", 5, "bob", seen_at=10)
PRODUCTION = Standing(42, "acme/shop", "production", "production", "available", seen_at=10)


def test_what_was_seen_together_takes_the_place_of_all_before(store: Store) -> None:
    """Environments that are gone are forgotten; those of other projects stay."""
    elsewhere = replace(STAGING, project_id=43)
    with store.write() as tx:
        tx.environments.put_all(42, [STAGING, PRODUCTION], 10)
        tx.environments.put_all(43, [elsewhere], 10)
        tx.environments.put_all(42, [replace(STAGING, ref="v1", seen_at=20)], 20)
    with store.read() as tx:
        assert tx.environments.of_project(42) == [replace(STAGING, ref="v1", seen_at=20)]
        assert tx.environments.of_project(43) == [elsewhere]
        assert tx.environments.get(42, "staging") == replace(STAGING, ref="v1", seen_at=20)
        assert tx.environments.get(42, "production") is None


def test_what_was_seen_earlier_does_not_come_back(store: Store) -> None:
    """Of two looks that overlap the later one counts."""
    with store.write() as tx:
        tx.environments.put_all(42, [replace(STAGING, ref="v2", seen_at=30)], 30)
        tx.environments.put_all(42, [replace(STAGING, ref="v1", seen_at=20)], 20)
        assert [one.ref for one in tx.environments.of_project(42)] == ["v2"]


def test_what_nobody_looks_at_any_more_is_forgotten(store: Store) -> None:
    """It ages by when it was seen."""
    with store.write() as tx:
        tx.environments.put([STAGING, replace(PRODUCTION, seen_at=50)])
        assert tx.environments.forget(11) == 1
        assert tx.environments.of_project(42) == [replace(PRODUCTION, seen_at=50)]
