"""What people can pick from while they type: issues, labels, members, each as one GitLab account has read them."""

# ruff: noqa: S608 -- only question marks of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.model import MOST_OPTIONS, Millis, Option

#: Where what was found by its letters stands: behind all that was read as the usual choice.
_BEHIND = 1_000_000


class Picks:
    """Kept by the GitLab account that read them, so that nobody is offered what only somebody else may see."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def fill(
        self, gitlab_id: int, project_id: int, noun: str, options: Sequence[Option], now: Millis
    ) -> None:
        """Keep what an account can pick in a project, in this order, instead of what it could before."""
        key = (gitlab_id, project_id, noun)
        self._sql.execute("DELETE FROM picks WHERE gitlab_id = ? AND project_id = ? AND noun = ?", key)
        self._put(key, options, 0, now)
        self._sql.execute(
            "INSERT INTO picks_read (gitlab_id, project_id, noun, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (gitlab_id, project_id, noun) DO UPDATE SET at = excluded.at",
            (*key, now),
        )

    def add(self, gitlab_id: int, project_id: int, noun: str, options: Sequence[Option], now: Millis) -> None:
        """Keep more of it: what was found by the letters that somebody typed."""
        self._put((gitlab_id, project_id, noun), options, _BEHIND, now)

    def _put(self, key: tuple[int, int, str], options: Sequence[Option], first: int, now: Millis) -> None:
        rows = [
            (*key, one.value, one.label, one.hint, f"{one.value} {one.label}".casefold(), place, now)
            for place, one in enumerate(options, first)
        ]
        self._sql.executemany(
            "INSERT INTO picks (gitlab_id, project_id, noun, value, label, hint, folded, place, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (gitlab_id, project_id, noun, value) DO UPDATE SET"
            " label = excluded.label, hint = excluded.hint, folded = excluded.folded, at = excluded.at",
            rows,
        )

    def read_at(self, gitlab_id: int, project_id: int, noun: str) -> Millis | None:
        """When this account read last what it can pick there; None if it has not yet."""
        rows = self._sql.execute(
            "SELECT at FROM picks_read WHERE gitlab_id = ? AND project_id = ? AND noun = ?",
            (gitlab_id, project_id, noun),
        ).fetchall()
        return rows[0][0] if rows else None

    def find(
        self, gitlab_id: int, project_id: int, noun: str, letters: str, *, since: Millis = 0, most: int = MOST_OPTIONS
    ) -> list[Option]:  # fmt: skip
        """What fits every word of `letters`, in whatever case, in the order it was kept; only what was read since."""
        words = letters.casefold().split()
        fitting = " AND instr(folded, ?) > 0" * len(words)
        rows = self._sql.execute(
            "SELECT label, value, hint FROM picks WHERE gitlab_id = ? AND project_id = ? AND noun = ? AND at >= ?"
            f"{fitting} ORDER BY place, value LIMIT ?",
            (gitlab_id, project_id, noun, since, *words, most),
        ).fetchall()
        return [Option(*row) for row in rows]

    def drop(self, gitlab_id: int) -> None:
        """Forget all that an account has read, since its owner is not connected any more."""
        for table in ("picks", "picks_read"):
            self._sql.execute(f"DELETE FROM {table} WHERE gitlab_id = ?", (gitlab_id,))

    def forget(self, before: Millis) -> int:
        """Delete what was read before that moment. How many."""
        self._sql.execute("DELETE FROM picks_read WHERE at < ?", (before,))
        return self._sql.execute("DELETE FROM picks WHERE at < ?", (before,)).rowcount
