"""Commands that people keep for their Home, each a button there."""

from __future__ import annotations

import sqlite3

from bot.model import Person
from bot.own import Favourite


class Favourites:
    """Those of one person come in the order in which they were kept."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def add(self, one: Favourite) -> bool:
        """Keep a new one; False, and nothing is changed, if its id is there already."""
        added = self._sql.execute(
            "INSERT INTO favourites (id, team, person, line, seq)"
            " VALUES (?, ?, ?, ?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM favourites)) ON CONFLICT DO NOTHING",
            (one.id, one.person.team, one.person.id, one.line),
        )
        return added.rowcount == 1

    def get(self, favourite_id: str) -> Favourite | None:
        rows = self._sql.execute(
            "SELECT id, team, person, line FROM favourites WHERE id = ?", (favourite_id,)
        ).fetchall()
        return _favourite(*rows[0]) if rows else None

    def of(self, person: Person) -> list[Favourite]:
        """Those of one person, the first first."""
        rows = self._sql.execute(
            "SELECT id, team, person, line FROM favourites WHERE team = ? AND person = ? ORDER BY seq",
            (person.team, person.id),
        ).fetchall()
        return [_favourite(*row) for row in rows]

    def change(self, favourite_id: str, line: str) -> bool:
        """Let one be another command; False if it is gone."""
        changed = self._sql.execute("UPDATE favourites SET line = ? WHERE id = ?", (line, favourite_id))
        return changed.rowcount == 1

    def drop(self, favourite_id: str) -> bool:
        """Forget one; False if it is gone already."""
        return self._sql.execute("DELETE FROM favourites WHERE id = ?", (favourite_id,)).rowcount == 1


def _favourite(favourite_id: str, team: str, person: str, line: str) -> Favourite:
    return Favourite(favourite_id, Person(team, person), line)
