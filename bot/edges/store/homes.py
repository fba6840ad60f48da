"""What people set for themselves, and when they looked at their Home and what it shows."""

from __future__ import annotations

import sqlite3

from bot.model import Millis, Person
from bot.own import Home

_SELECT = "SELECT team, person, opened_at, next_look, shown, shown_at, seen, seen_at FROM homes"


class Homes:
    """One a person."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def open(self, person: Person, now: Millis, next_look: Millis) -> None:
        """Somebody opened theirs."""
        self._sql.execute(
            "INSERT INTO homes (team, person, opened_at, next_look, shown, shown_at, seen, seen_at)"
            " VALUES (?1, ?2, ?3, ?4, '', 0, '{}', 0) ON CONFLICT (team, person)"
            " DO UPDATE SET opened_at = excluded.opened_at, next_look = excluded.next_look",
            (person.team, person.id, now, next_look),
        )

    def get(self, person: Person) -> Home | None:
        rows = self._sql.execute(
            f"{_SELECT} WHERE team = ? AND person = ?", (person.team, person.id)
        ).fetchall()
        return _home(*rows[0]) if rows else None

    def due(self, now: Millis, opened_after: Millis, limit: int) -> list[Home]:
        """Those that were opened since that moment and are to be looked at, the longest overdue first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE next_look <= ? AND opened_at >= ? ORDER BY next_look, person LIMIT ?",
            (now, opened_after, limit),
        ).fetchall()
        return [_home(*row) for row in rows]

    def look(self, home: Home, next_look: Millis) -> bool:
        """Claim a look; False if somebody else has."""
        claimed = self._sql.execute(
            "UPDATE homes SET next_look = ? WHERE team = ? AND person = ? AND next_look = ?",
            (next_look, home.person.team, home.person.id, home.next_look),
        )
        return claimed.rowcount == 1

    def soon(self, person: Person, now: Millis) -> None:
        """Have a Home looked at with the next tick: something in it was pressed."""
        self._sql.execute(
            "UPDATE homes SET next_look = ? WHERE team = ? AND person = ?", (now, person.team, person.id)
        )

    def shows(self, person: Person, shown: str, now: Millis) -> None:
        """Slack shows this now."""
        self._sql.execute(
            "UPDATE homes SET shown = ?, shown_at = ? WHERE team = ? AND person = ?",
            (shown, now, person.team, person.id),
        )

    def sees(self, person: Person, seen: str, now: Millis) -> None:
        """GitLab has shown them this, as JSON, asked at that moment; what was asked for later stays."""
        self._sql.execute(
            "UPDATE homes SET seen = ?, seen_at = ? WHERE team = ? AND person = ? AND seen_at <= ?",
            (seen, now, person.team, person.id, now),
        )

    def not_later_than(self, now: Millis) -> int:
        """What was to be looked at later may be looked at now, after the clock was set back. How many."""
        given = (now, now)
        return self._sql.execute("UPDATE homes SET next_look = ? WHERE next_look > ?", given).rowcount

    def forget(self, before: Millis) -> int:
        """Delete those that nobody has opened since that moment. How many."""
        return self._sql.execute("DELETE FROM homes WHERE opened_at < ?", (before,)).rowcount


class Settings:
    """One value by its name, for one person."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def get(self, person: Person, name: str) -> str:
        """What somebody has set; empty if they have not."""
        rows = self._sql.execute(
            "SELECT value FROM settings WHERE team = ? AND person = ? AND name = ?",
            (person.team, person.id, name),
        ).fetchall()
        return rows[0][0] if rows else ""

    def put(self, person: Person, name: str, value: str) -> None:
        """Set something; an empty value takes it away."""
        if not value:
            self._sql.execute(
                "DELETE FROM settings WHERE team = ? AND person = ? AND name = ?",
                (person.team, person.id, name),
            )
            return
        self._sql.execute(
            "INSERT INTO settings (team, person, name, value) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (team, person, name) DO UPDATE SET value = excluded.value",
            (person.team, person.id, name, value),
        )


def _home(team: str, person: str, *rest: str | int) -> Home:
    return Home(Person(team, person), *rest)  # type: ignore[arg-type]  # in the order of the columns
