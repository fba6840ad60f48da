"""Words that stand for whole commands: a person's own, and those of a channel."""

from __future__ import annotations

import sqlite3

from bot.model import Millis
from bot.own import OwnWord


class OwnWords:
    """`scope` is person or channel, `owner` the Slack id of that person or channel."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def get(self, team: str, scope: str, owner: str, name: str) -> OwnWord | None:
        rows = self._sql.execute(
            "SELECT name, line, scope FROM word_aliases WHERE team = ? AND scope = ? AND owner = ? AND name = ?",
            (team, scope, owner, name),
        ).fetchall()
        return OwnWord(*rows[0]) if rows else None

    def of(self, team: str, scope: str, owner: str) -> list[OwnWord]:
        """All words of a person or a channel, by name."""
        rows = self._sql.execute(
            "SELECT name, line, scope FROM word_aliases WHERE team = ? AND scope = ? AND owner = ? ORDER BY name",
            (team, scope, owner),
        ).fetchall()
        return [OwnWord(*row) for row in rows]

    def put(self, team: str, owner: str, word: OwnWord, now: Millis) -> None:
        """Let a word stand for a command, in place of what it stood for before."""
        self._sql.execute(
            "INSERT INTO word_aliases (team, scope, owner, name, line, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (team, scope, owner, name) DO UPDATE SET line = excluded.line, at = excluded.at",
            (team, word.scope, owner, word.name, word.line, now),
        )

    def drop(self, team: str, scope: str, owner: str, name: str) -> bool:
        """Forget a word; False if there is none."""
        gone = self._sql.execute(
            "DELETE FROM word_aliases WHERE team = ? AND scope = ? AND owner = ? AND name = ?",
            (team, scope, owner, name),
        )
        return gone.rowcount == 1
