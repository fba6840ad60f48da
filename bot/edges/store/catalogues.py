"""Catalogues of jobs as text, by project and commit: a commit's jobs do not change."""

from __future__ import annotations

import sqlite3

from bot.model import Millis


class Catalogues:
    """A cache: whatever is missing can be asked of GitLab again."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def get(self, project_id: int, sha: str) -> str | None:
        rows = self._sql.execute(
            "SELECT body FROM catalogues WHERE project_id = ? AND sha = ?", (project_id, sha)
        ).fetchall()
        return rows[0][0] if rows else None

    def put(self, project_id: int, sha: str, text: str, now: Millis) -> None:
        """Keep the text, in place of an earlier one."""
        self._sql.execute(
            "INSERT INTO catalogues (project_id, sha, body, kept_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (project_id, sha) DO UPDATE SET body = excluded.body, kept_at = excluded.kept_at",
            (project_id, sha, text, now),
        )

    def last(self, project_id: int) -> str | None:
        """The text of this project that was kept last, of whichever commit."""
        rows = self._sql.execute(
            "SELECT body FROM catalogues WHERE project_id = ? ORDER BY kept_at DESC LIMIT 1", (project_id,)
        ).fetchall()
        return rows[0][0] if rows else None

    def newest(self, limit: int) -> list[str]:
        """The texts that were kept last, of whichever project."""
        rows = self._sql.execute(
            "SELECT body FROM catalogues ORDER BY kept_at DESC LIMIT ?", (limit,)
        ).fetchall()
        return [row[0] for row in rows]

    def forget(self, before: Millis) -> int:
        """Delete those kept before that moment. How many."""
        return self._sql.execute("DELETE FROM catalogues WHERE kept_at < ?", (before,)).rowcount
