"""Merge requests of each person as they were last seen: the Home draws them and asks GitLab nothing."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from bot.merge_requests import Review
from bot.model import Millis, Person

_NAMES = ("team", *(field.name for field in fields(Review)))
_COLUMNS = ", ".join(_NAMES)
_TRUTHS = frozenset({"draft", "approved"})


class Reviews:
    """What waits for somebody's review, and what is theirs."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put_all(self, person: Person, found: Iterable[Review]) -> None:
        """Keep all that was found of a person; what was found before and is gone is forgotten."""
        self.forget_person(person)
        self._sql.executemany(
            f"INSERT INTO reviews ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})",
            [_row(one) for one in found],
        )

    def of(self, person: Person, role: str) -> list[Review]:
        """Those in which a person has this role (review or mine), changed last first."""
        rows = self._sql.execute(
            f"SELECT {_COLUMNS} FROM reviews WHERE team = ? AND person = ? AND role = ?"
            " ORDER BY updated_at DESC, project, iid",
            (person.team, person.id, role),
        ).fetchall()
        return [_review(row) for row in rows]

    def forget_person(self, person: Person) -> int:
        """Forget what somebody was shown. How many."""
        return self._sql.execute(
            "DELETE FROM reviews WHERE team = ? AND person = ?", (person.team, person.id)
        ).rowcount

    def forget(self, before: Millis) -> int:
        """Delete what was seen before that moment. How many."""
        return self._sql.execute("DELETE FROM reviews WHERE seen_at < ?", (before,)).rowcount


def _row(one: Review) -> tuple[Any, ...]:
    values = {field.name: getattr(one, field.name) for field in fields(Review)}
    values |= {"team": one.person.team, "person": one.person.id}
    return tuple(int(values[name]) if name in _TRUTHS else values[name] for name in _NAMES)


def _review(row: tuple[Any, ...]) -> Review:
    values = dict(zip(_NAMES, row, strict=True))
    person = Person(values.pop("team"), values.pop("person"))
    values |= {name: bool(values[name]) for name in _TRUTHS}
    return Review(person, **values)
