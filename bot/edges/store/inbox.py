"""Requests as they came in: accepted once, done by one worker, kept so that a redelivery does nothing."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.edges.store.records import Received
from bot.model import Millis

#: Rows in one INSERT: nine values each stay far below SQLite's 32 766 and PostgreSQL's 65 535 parameters.
ROWS_AT_ONCE = 500
_COLUMNS = "key, envelope, kind, body, received_at, tries, person"
_OPEN = "state IN ('new', 'taken')"


class Inbox:
    """A request goes from new to taken to done; from taken back to new, or to dead."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def accept(self, items: Sequence[Received]) -> list[bool]:
        """Keep those that are new by key and by envelope; tell for each, in order, whether it was.

        Of two equal ones in `items` the first is new.
        """
        first = self._next()
        kept: set[int] = set()
        for start in range(0, len(items), ROWS_AT_ONCE):
            kept.update(self._insert(items[start : start + ROWS_AT_ONCE], first + start))
        return [first + index in kept for index in range(len(items))]

    def claim(self, key: str) -> Received | None:
        """Take a new request; None if somebody else has it or it is done."""
        rows = self._sql.execute(
            f"UPDATE inbox SET state = 'taken' WHERE key = ? AND state = 'new' RETURNING {_COLUMNS}", (key,)
        ).fetchall()
        return Received(*rows[0]) if rows else None

    def waiting(self, limit: int, without: str = "") -> list[Received]:
        """Requests nobody has taken, oldest first; those of the kind `without` are left out."""
        rows = self._sql.execute(
            f"SELECT {_COLUMNS} FROM inbox WHERE {_OPEN} AND state = 'new' AND kind <> ? ORDER BY seq LIMIT ?",
            (without, limit),
        ).fetchall()
        return [Received(*row) for row in rows]

    def finish(self, key: str, now: Millis) -> bool:
        """A taken request is done. Its row stays, to recognise a redelivery by."""
        done = self._sql.execute(
            "UPDATE inbox SET state = 'done', finished_at = ? WHERE key = ? AND state = 'taken'", (now, key)
        )
        return done.rowcount == 1

    def give_back(self, key: str, most: int = 5) -> bool:
        """A taken request was not done: back to new, or dead after `most` tries. True if it is new again."""
        # A dead one is forgotten by the time it came in.
        rows = self._sql.execute(
            "UPDATE inbox SET tries = tries + 1,"
            " state = CASE WHEN tries + 1 >= ? THEN 'dead' ELSE 'new' END,"
            " finished_at = CASE WHEN tries + 1 >= ? THEN received_at ELSE NULL END"
            " WHERE key = ? AND state = 'taken' RETURNING state",
            (most, most, key),
        ).fetchall()
        return rows == [("new",)]

    def recover(self) -> int:
        """After a start: what an earlier process had taken is new again. How many."""
        return self._sql.execute(f"UPDATE inbox SET state = 'new' WHERE {_OPEN} AND state = 'taken'").rowcount

    def forget(self, before: Millis) -> int:
        """Delete what was done before that moment. How many. Keep a day at least: Slack may redeliver."""
        return self._sql.execute("DELETE FROM inbox WHERE finished_at < ?", (before,)).rowcount

    def open_count(self) -> int:
        """How many requests are new or taken."""
        count: int = self._sql.execute(f"SELECT COUNT(*) FROM inbox WHERE {_OPEN}").fetchall()[0][0]
        return count

    def _next(self) -> int:
        rows = self._sql.execute(f"SELECT COALESCE(MAX(seq), 0) + 1 FROM inbox WHERE {_OPEN}").fetchall()
        number: int = rows[0][0]
        return number

    def _insert(self, items: Sequence[Received], first: int) -> list[int]:
        # One statement for all: each further one would give up and retake the interpreter's lock.
        values = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, 'new')"] * len(items))
        given: list[str | int] = []
        for seq, item in enumerate(items, first):
            given += (
                item.key,
                item.envelope,
                item.kind,
                item.body,
                item.received_at,
                item.tries,
                item.person,
                seq,
            )
        rows = self._sql.execute(
            f"INSERT INTO inbox ({_COLUMNS}, seq, state) VALUES {values}"
            " ON CONFLICT DO NOTHING RETURNING seq",
            given,
        ).fetchall()
        return [row[0] for row in rows]
