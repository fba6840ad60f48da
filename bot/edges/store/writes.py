"""Changes in GitLab that are no runs: what was about to be sent, and what became of it."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from typing import Any

from bot.ledger import Write
from bot.model import Millis, Person, Place

_SELECT = (
    "SELECT id, kind, team, person, name, channel, thread, project_id, project, about, state, result, at, next_look"
    " FROM writes"
)
_OPEN = "state IN ('intent', 'unknown')"
#: How many are taken at once whose outcome is not known.
MOST_DUE = 50


class Writes:
    """A write goes from intent to done or failed; through unknown, if GitLab's answer was lost, perhaps to lost."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def intend(self, write: Write) -> bool:
        """Write down what is about to be sent; False, and nothing is changed, if its id is there already."""
        put = self._sql.execute(
            "INSERT INTO writes (id, kind, team, person, name, channel, thread, project_id, project, about, state,"
            " result, at, next_look) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (write.id, write.kind, write.person.team, write.person.id, write.name, write.place.channel,
             write.place.thread, write.project_id, write.project, write.about, write.state, write.result, write.at,
             write.next_look),
        )  # fmt: skip
        return put.rowcount == 1

    def get(self, write_id: str) -> Write | None:
        rows = self._sql.execute(f"{_SELECT} WHERE id = ?", (write_id,)).fetchall()
        return _write(rows[0]) if rows else None

    def settle(self, write: Write, state: str, result: str, next_look: Millis = 0) -> bool:
        """From the state it was read in to another; False if somebody else was faster."""
        moved = self._sql.execute(
            "UPDATE writes SET state = ?, result = ?, next_look = ? WHERE id = ? AND state = ? AND next_look = ?",
            (state, result, next_look, write.id, write.state, write.next_look),
        )
        return moved.rowcount == 1

    def due(self, now: Millis) -> list[Write]:
        """Those whose outcome is to be looked for by now, the longest waiting first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE {_OPEN} AND next_look <= ? ORDER BY next_look, id LIMIT ?",
            (now, MOST_DUE),
        ).fetchall()
        return [_write(row) for row in rows]

    def not_later_than(self, now: Millis) -> int:
        """After the clock was set back: what is looked for is as old as it can be, and looked for now. How many."""
        return self._sql.execute(
            "UPDATE writes SET next_look = ?1, at = CASE WHEN at > ?1 THEN ?1 ELSE at END"
            " WHERE state = 'unknown' AND (next_look > ?1 OR at > ?1)",
            (now,),
        ).rowcount

    def forget(self, before: Millis) -> int:
        """Delete what was written before that moment, and is settled. How many."""
        return self._sql.execute(f"DELETE FROM writes WHERE at < ? AND NOT {_OPEN}", (before,)).rowcount


def _write(row: tuple[Any, ...]) -> Write:
    key, kind, team, person, name, channel, thread, *rest = row
    return Write(key, kind, Person(team, person), name, Place(channel, thread), *rest)
