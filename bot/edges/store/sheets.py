"""What an open form is about: more than its metadata holds, and not to be read in Slack."""

from __future__ import annotations

import sqlite3

from bot.model import Millis, Person


class Sheets:
    """Kept for as long as somebody may still send the form in."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, sheet_id: str, person: Person, kind: str, body: str, now: Millis) -> None:
        """Keep what a form is about, `body` being JSON; what this person kept under the same id is replaced."""
        self._sql.execute(
            "INSERT INTO sheets (id, team, person, kind, body, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body, at = excluded.at"
            " WHERE sheets.team = excluded.team AND sheets.person = excluded.person",
            (sheet_id, person.team, person.id, kind, body, now),
        )

    def get(self, sheet_id: str, person: Person, kind: str) -> str | None:
        """The body of a form of this kind that this person opened."""
        rows = self._sql.execute(
            "SELECT body FROM sheets WHERE id = ? AND team = ? AND person = ? AND kind = ?",
            (sheet_id, person.team, person.id, kind),
        ).fetchall()
        return rows[0][0] if rows else None

    def sealed(self) -> list[tuple[str, str, str]]:
        """Id, owner (`team/person`) and body of every sheet that is sealed as a whole, for a change of keys."""
        return self._sql.execute(
            "SELECT id, team || '/' || person, body FROM sheets WHERE body NOT LIKE '{%' ORDER BY id"
        ).fetchall()

    def reseal(self, sheet_id: str, old: str, new: str) -> bool:
        """Put another sealed body in place of the one that was read; False if it changed meanwhile."""
        changed = self._sql.execute(
            "UPDATE sheets SET body = ? WHERE id = ? AND body = ?", (new, sheet_id, old)
        )
        return changed.rowcount == 1

    def forget(self, before: Millis) -> int:
        """Delete what was kept before that moment. How many."""
        return self._sql.execute("DELETE FROM sheets WHERE at < ?", (before,)).rowcount
