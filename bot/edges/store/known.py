"""What each person's own token was shown of GitLab, so that letters are answered without asking GitLab."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from bot.model import Known, Millis, Person

#: Rows in one INSERT: six values each stay far below SQLite's limit of parameters.
ROWS_AT_ONCE = 500
_WORD = re.compile(r"[^\s/._-]+")


class KnownNames:
    """Names of one kind (project, group and so on) that one person may see, as they were read last."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, person: Person, kind: str, names: Iterable[Known], now: Millis) -> None:
        """Keep what was read; what is there of the same id is replaced."""
        rows = [(person.team, person.id, kind, one.id, one.path, one.path.casefold(), now) for one in names]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            values = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(part))
            self._sql.execute(
                f"INSERT INTO known (team, person, kind, id, path, folded, at) VALUES {values}"
                " ON CONFLICT (team, person, kind, id) DO UPDATE SET path = excluded.path,"
                " folded = excluded.folded, at = excluded.at",
                [value for row in part for value in row],
            )

    def drop_older(self, person: Person, kind: str, before: Millis) -> int:
        """Forget what was not seen any more since that moment. How many."""
        return self._sql.execute(
            "DELETE FROM known WHERE team = ? AND person = ? AND kind = ? AND at < ?",
            (person.team, person.id, kind, before),
        ).rowcount

    def find(self, person: Person, kind: str, typed: str, most: int, since: Millis = 0) -> list[Known]:
        """
        What holds every word that was typed, in any order: those that begin so first, then the shortest.

        Only what was read since that moment.
        """
        words = [word.casefold() for word in _WORD.findall(typed)]
        first = words[0] if words else ""
        holds = "".join([" AND folded LIKE ? ESCAPE '\\'"] * len(words))
        held = (f"%{_escaped(word)}%" for word in words)
        given: list[str | int] = [person.team, person.id, kind, since, *held]
        rows = self._sql.execute(
            f"SELECT id, path FROM known WHERE team = ? AND person = ? AND kind = ? AND at >= ?{holds}"
            " ORDER BY CASE WHEN folded LIKE ? ESCAPE '\\' THEN 0 WHEN folded LIKE ? ESCAPE '\\' THEN 1 ELSE 2 END,"
            " length(path), path LIMIT ?",
            [*given, f"%/{_escaped(first)}%", f"{_escaped(first)}%", most],
        ).fetchall()
        return [Known(*row) for row in rows]

    def read_at(self, person: Person, kind: str) -> Millis:
        """When the oldest of a person's names of a kind was read; 0 without any."""
        rows = self._sql.execute(
            "SELECT MIN(at) FROM known WHERE team = ? AND person = ? AND kind = ?",
            (person.team, person.id, kind),
        ).fetchall()
        return rows[0][0] or 0

    def not_later_than(self, now: Millis) -> int:
        """After the clock was set back: what was read is too old to count, and is read anew. How many."""
        return self._sql.execute("UPDATE known SET at = 0 WHERE at > ?", (now,)).rowcount

    def forget_person(self, person: Person) -> int:
        """Forget what somebody was shown, who is not connected any more, or is somebody else in GitLab. How many."""
        return self._sql.execute(
            "DELETE FROM known WHERE team = ? AND person = ?", (person.team, person.id)
        ).rowcount

    def forget(self, before: Millis) -> int:
        """Delete what was read before that moment. How many."""
        return self._sql.execute("DELETE FROM known WHERE at < ?", (before,)).rowcount


def _escaped(word: str) -> str:
    """For LIKE: letters that mean any letter are only themselves."""
    return re.sub(r"([%_\\])", r"\\\1", word)
