"""Commands that recur: each has a moment at which it is due next, and is claimed there by one UPDATE."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from bot.model import Millis, Person, Place
from bot.own import Recurring

_SPREAD = {"person": ("team", "person"), "place": ("channel", "thread")}
_NAMES = tuple(name for field in fields(Recurring) for name in _SPREAD.get(field.name, (field.name,)))
_SELECT = f"SELECT {', '.join(_NAMES)} FROM recurring"
#: What never changes once it is there.
_FIXED = frozenset({"id", "number", "team", "person", "channel", "thread", "line", "rhythm", "since"})


class Recurrings:
    """Each is on or paused, until it is taken away."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def next_number(self, team: str) -> int:
        """The number of the next one of a team."""
        number: int = self._sql.execute(
            "SELECT COALESCE(MAX(number), 0) + 1 FROM recurring WHERE team = ?", (team,)
        ).fetchall()[0][0]
        return number

    def add(self, one: Recurring) -> bool:
        """Keep a new one; False, and nothing is changed, if its id is there already."""
        values = dict(_columns({field.name: getattr(one, field.name) for field in fields(one)}))
        added = self._sql.execute(
            f"INSERT INTO recurring ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
            " ON CONFLICT (id) DO NOTHING",
            tuple(values.values()),
        )
        return added.rowcount == 1

    def get(self, recurring_id: str) -> Recurring | None:
        return next(iter(self._many("WHERE id = ?", recurring_id)), None)

    def numbered(self, team: str, number: int) -> Recurring | None:
        return next(iter(self._many("WHERE team = ? AND number = ?", team, number)), None)

    def of(self, person: Person) -> list[Recurring]:
        """Those of one person, by number."""
        return self._many("WHERE team = ? AND person = ? ORDER BY number", person.team, person.id)

    def in_channel(self, team: str, channel: str) -> list[Recurring]:
        """Those that are done in a channel or its threads, by number."""
        return self._many("WHERE team = ? AND channel = ? ORDER BY number", team, channel)

    def due(self, now: Millis, limit: int) -> list[Recurring]:
        """Those that are due, the longest overdue first."""
        return self._many("WHERE state = 'on' AND next_at <= ? ORDER BY next_at, id LIMIT ?", now, limit)

    def claim(self, one: Recurring, next_at: Millis, now: Millis) -> bool:
        """Go on from one time it was due to the next; False if somebody else did, or it was paused or changed."""
        claimed = self._sql.execute(
            "UPDATE recurring SET next_at = ?, after = ? WHERE id = ? AND state = 'on' AND next_at = ?",
            (next_at, now, one.id, one.next_at),
        )
        return claimed.rowcount == 1

    def change(self, recurring_id: str, **changes: Any) -> bool:
        """Change one by the names of Recurring's fields; False if it is gone.

        Raises TypeError for a name that is no field, or one that never changes.
        """
        wrong = (changes.keys() & _FIXED) | (changes.keys() - set(_NAMES))
        if wrong:
            raise TypeError(f"The {', '.join(sorted(wrong))} of what recurs cannot be changed")
        changed = self._sql.execute(
            f"UPDATE recurring SET {', '.join(f'{name} = ?' for name in changes)} WHERE id = ?",
            (*changes.values(), recurring_id),
        )
        return changed.rowcount == 1

    def drop(self, recurring_id: str) -> bool:
        """Forget one; False if it is gone already."""
        return self._sql.execute("DELETE FROM recurring WHERE id = ?", (recurring_id,)).rowcount == 1

    def not_later_than(self, now: Millis) -> int:
        """Have all looked at anew after the clock was set back, since what is due may come earlier. How many."""
        return self._sql.execute(
            "UPDATE recurring SET next_at = ?, after = ? WHERE state = 'on' AND after > ?", (now, now, now)
        ).rowcount

    def _many(self, where: str, *given: Any) -> list[Recurring]:
        return [_recurring(row) for row in self._sql.execute(f"{_SELECT} {where}", given).fetchall()]


def _columns(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        match value:
            case Person():
                yield from zip(_SPREAD[name], (value.team, value.id), strict=True)
            case Place():
                yield from zip(_SPREAD[name], (value.channel, value.thread), strict=True)
            case _:
                yield name, value


def _recurring(row: tuple[Any, ...]) -> Recurring:
    values = dict(zip(_NAMES, row, strict=True))
    person = Person(values.pop("team"), values.pop("person"))
    place = Place(values.pop("channel"), values.pop("thread"))
    return Recurring(person=person, place=place, **values)
