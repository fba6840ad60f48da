"""A table whose rows are the frozen dataclass of one noun, column by column."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import Field, fields
from enum import Enum
from typing import Any, ClassVar, Generic, TypeVar

from bot.incident import State
from bot.model import Person, Place

Row = TypeVar("Row")
#: Between the two halves of a person or place in one column; Slack's ids hold none.
_BETWEEN = "/"


class Table(Generic[Row]):
    """What tables of nouns have in common; a subclass names its table and its noun, and adds what else is asked."""

    __slots__ = ("_sql",)
    name: ClassVar[str]
    noun: ClassVar[type]
    _names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        # Once for each table: every transaction makes all of them.
        cls._names = tuple(one.name for one in fields(cls.noun))

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, row: Row) -> bool:
        """Write down a new row; False, and nothing is changed, if it is there already."""
        marks = ", ".join("?" * len(self._names))
        values = [_stored(getattr(row, name)) for name in self._names]
        put = self._sql.execute(
            f"INSERT INTO {self.name} ({', '.join(self._names)}) VALUES ({marks}) ON CONFLICT DO NOTHING",
            values,
        )
        return put.rowcount == 1

    def get(self, key: str) -> Row | None:
        return self.one("id = ?", key)

    def one(self, condition: str, *values: Any) -> Row | None:
        return next(iter(self.where(f"{condition} LIMIT 1", *values)), None)

    def where(self, condition: str, *values: Any) -> list[Row]:
        """The rows of which `condition` is true, which may end in an order and a limit."""
        found = self._sql.execute(
            f"SELECT {', '.join(self._names)} FROM {self.name} WHERE {condition}",
            [_stored(value) for value in values],
        )
        return [self._row(one) for one in found.fetchall()]

    def change(self, condition: str, values: Sequence[Any], **changes: Any) -> int:
        """Set columns where `condition` is true, by one conditional UPDATE. How many rows were."""
        sets = ", ".join(f"{name} = ?" for name in changes)
        changed = self._sql.execute(
            f"UPDATE {self.name} SET {sets} WHERE {condition}",
            [_stored(value) for value in (*changes.values(), *values)],
        )
        return changed.rowcount

    def _row(self, values: Sequence[Any]) -> Row:
        pairs = zip(fields(self.noun), values, strict=True)
        row: Row = self.noun(*(_read(one, value) for one, value in pairs))
        return row


def _stored(value: Any) -> Any:
    match value:
        case Person():
            return f"{value.team}{_BETWEEN}{value.id}"
        case Place():
            return f"{value.channel}{_BETWEEN}{value.thread or ''}"
        case Enum():
            return value.value
        case bool():
            return int(value)
    return value


def _read(column: Field[Any], value: Any) -> Any:
    """Return a value as its noun has it, by how its type is written there."""
    kind = str(column.type).removesuffix(" | None")
    if value is None:
        return None
    match kind:
        case "Person":
            return Person(*str(value).split(_BETWEEN, 1))
        case "Place":
            channel, thread = str(value).split(_BETWEEN, 1)
            return Place(channel, thread or None)
        case "State":
            return State(value)
        case "bool":
            return bool(value)
    return value
