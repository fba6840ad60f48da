"""Small facts that outlive a restart, such as what a service last said of us."""

from __future__ import annotations

import sqlite3


class Marks:
    """One text by name."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def get(self, name: str) -> str | None:
        rows = self._sql.execute("SELECT said FROM marks WHERE name = ?", (name,)).fetchall()
        return rows[0][0] if rows else None

    def put(self, name: str, said: str) -> None:
        """Remember a text in place of the one before."""
        self._sql.execute(
            "INSERT INTO marks (name, said) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET said = excluded.said",
            (name, said),
        )
