"""What a button is aimed at beyond its card: the commit it showed, a job; so that it has only to carry an id."""

from __future__ import annotations

import sqlite3

from bot.model import Millis


class Aims:
    """Kept for as long as the card: Slack may show it as it was, and then its buttons mean what they showed."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, aim_id: str, card: str, about: str, now: Millis) -> None:
        """Keep what a button of a card is about; the same aim again changes nothing."""
        self._sql.execute(
            "INSERT INTO aims (id, card, about, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (aim_id, card, about, now),
        )

    def get(self, aim_id: str) -> tuple[str, str] | None:
        """The card's id, and what the button is about; None if it is forgotten, or never was."""
        rows = self._sql.execute("SELECT card, about FROM aims WHERE id = ?", (aim_id,)).fetchall()
        return (rows[0][0], rows[0][1]) if rows else None

    def forget(self, before: Millis) -> int:
        """Delete what was kept before that moment. How many."""
        return self._sql.execute("DELETE FROM aims WHERE at < ?", (before,)).rowcount
