"""Commands that were suggested, so that the button under a suggestion has only to carry an id."""

from __future__ import annotations

import sqlite3

from bot.model import Millis


class Offers:
    """Kept for as long as somebody may still press the button."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, offer_id: str, line: str, now: Millis) -> None:
        """Keep a command; the same offer made again changes nothing."""
        self._sql.execute(
            "INSERT INTO offers (id, line, kept_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (offer_id, line, now),
        )

    def get(self, offer_id: str) -> str | None:
        rows = self._sql.execute("SELECT line FROM offers WHERE id = ?", (offer_id,)).fetchall()
        return rows[0][0] if rows else None

    def forget(self, before: Millis) -> int:
        """Delete what was kept before that moment. How many."""
        return self._sql.execute("DELETE FROM offers WHERE kept_at < ?", (before,)).rowcount
