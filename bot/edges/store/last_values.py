"""What somebody gave a job last, sealed: it is filled in when they run it the next time."""

from __future__ import annotations

import sqlite3

from bot.model import Millis, Person


class LastValues:
    """One row for each person and job; the key of a row is its project's id and the job's name."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, person: Person, project_id: int, job: str, body: str, now: Millis) -> None:
        """Keep a sealed text in place of an earlier one."""
        self._sql.execute(
            "INSERT INTO last_values (team, person, project_id, job, body, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (team, person, project_id, job) DO UPDATE SET body = excluded.body, at = excluded.at",
            (person.team, person.id, project_id, job, body, now),
        )

    def get(self, person: Person, project_id: int, job: str) -> str | None:
        rows = self._sql.execute(
            "SELECT body FROM last_values WHERE team = ? AND person = ? AND project_id = ? AND job = ?",
            (person.team, person.id, project_id, job),
        ).fetchall()
        return rows[0][0] if rows else None

    def drop(self, person: Person, project_id: int, job: str) -> None:
        """Forget what somebody gave one job."""
        self._sql.execute(
            "DELETE FROM last_values WHERE team = ? AND person = ? AND project_id = ? AND job = ?",
            (person.team, person.id, project_id, job),
        )

    def sealed(self) -> list[tuple[str, str]]:
        """Owner (`team/person`) and sealed text of every row, for a change of keys."""
        return self._sql.execute("SELECT team || '/' || person, body FROM last_values ORDER BY at").fetchall()

    def reseal(self, old: str, new: str) -> bool:
        """Put another sealed text in place of the one that was read; False if it changed meanwhile."""
        changed = self._sql.execute("UPDATE last_values SET body = ? WHERE body = ?", (new, old))
        return changed.rowcount > 0

    def forget(self, before: Millis) -> int:
        """Delete what was given before that moment. How many."""
        return self._sql.execute("DELETE FROM last_values WHERE at < ?", (before,)).rowcount
