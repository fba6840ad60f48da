"""Requests that wait for something their owner has to do first, such as connecting an account."""

from __future__ import annotations

import sqlite3
from typing import Any

from bot.ledger import Kept
from bot.model import Millis, Person

_SELECT = "SELECT id, why, team, person, kind, body, until, shown, detail, state FROM kept"


class KeptRequests:
    """A kept request goes from waiting to resumed, once, or to gone."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, kept: Kept) -> bool:
        """Keep a request; False, and nothing is changed, if its id is there already."""
        put = self._sql.execute(
            "INSERT INTO kept (id, why, team, person, kind, body, until, shown, detail, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (kept.id, kept.why, kept.person.team, kept.person.id, kept.kind, kept.body, kept.until, kept.shown,
             kept.detail, kept.state),
        )  # fmt: skip
        return put.rowcount == 1

    def get(self, kept_id: str) -> Kept | None:
        rows = self._sql.execute(f"{_SELECT} WHERE id = ?", (kept_id,)).fetchall()
        return _kept(rows[0]) if rows else None

    def of(self, person: Person, why: str, now: Millis) -> list[Kept]:
        """What waits for this person for that reason and is not too old, in the order of their ids."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE team = ? AND person = ? AND state = 'waiting' AND why = ? AND until > ?"
            " ORDER BY until, id",
            (person.team, person.id, why, now),
        ).fetchall()
        return [_kept(row) for row in rows]

    def move(self, kept_id: str, new: str, now: Millis) -> bool:
        """From waiting to `new` (resumed or gone); False if it does not wait any more or is too old."""
        moved = self._sql.execute(
            "UPDATE kept SET state = ? WHERE id = ? AND state = 'waiting' AND until > ?", (new, kept_id, now)
        )
        return moved.rowcount == 1

    def sealed(self) -> list[tuple[str, str, str]]:
        """Id, owner (`team/person`) and sealed body of every row, for a change of keys."""
        return self._sql.execute("SELECT id, team || '/' || person, body FROM kept ORDER BY id").fetchall()

    def reseal(self, kept_id: str, old: str, new: str) -> bool:
        """Put another sealed body in place of the one that was read; False if it changed meanwhile."""
        changed = self._sql.execute("UPDATE kept SET body = ? WHERE id = ? AND body = ?", (new, kept_id, old))
        return changed.rowcount == 1

    def forget(self, before: Millis) -> int:
        """Delete what was too old at that moment. How many."""
        return self._sql.execute("DELETE FROM kept WHERE until < ?", (before,)).rowcount


def _kept(row: tuple[Any, ...]) -> Kept:
    key, why, team, person, *rest = row
    return Kept(key, why, Person(team, person), *rest)
