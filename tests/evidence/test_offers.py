"""Buttons with whole commands behind them stand where everybody can press them, and again after a while."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.model import OFFER
from tests.evidence.floor import DEV, Floor, floor_at


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with floor_at(tmp_path) as made:
        yield made


def told_of(floor: Floor) -> int:
    """How often everybody in the channel was told that its project is acme/infra."""
    with closing(sqlite3.connect(floor.kit.config.store.path)) as sql:
        rows = sql.execute("SELECT body FROM outbox WHERE kind = 'post' AND channel = ?", (DEV,)).fetchall()
    return sum("made acme/infra the project of this channel" in row[0] for row in rows)


def test_everybody_is_told_each_time_a_button_changes_something(floor: Floor) -> None:
    """Pressed again after somebody else has changed the channel's project, it is told again; pressed twice, once."""
    offer = f"{floor.slash('alice', 'project show acme/infra', DEV)}.use"
    for times in (1, 2):
        floor.click("alice", OFFER, offer, DEV)
        floor.click("alice", OFFER, offer, DEV)
        assert told_of(floor) == times
        floor.slash("bob", "project use acme/shop", DEV)


def test_each_who_presses_asks_for_themselves(floor: Floor) -> None:
    """What alice has had done by a button is not what bob gets who presses it after her."""
    with floor.store.write() as tx:
        tx.offers.put("public", "shop run hello", floor.clock())
    for name in ("alice", "bob", "alice"):
        floor.click(name, OFFER, "public")
    with floor.store.read() as tx:
        assert sorted(one.asker for one in tx.runs.recent(None, limit=9)) == ["alice", "bob"]
