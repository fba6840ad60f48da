"""Locks and who waits for them: an environment has one holder, whom the table itself keeps alone."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from bot.ledger import Lock, Waiter
from bot.model import OPEN_STATES, Millis, Person, Place, RunState

Noun = TypeVar("Noun", Lock, Waiter)

_SPREAD = {"person": ("team", "person"), "place": ("channel", "thread")}
_FLAGS = frozenset({"reminded", "stale"})
#: What never changes once a lock is there; its state only ends.
_FIXED = frozenset({"id", "project_id", "environment", "state"})


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(name for field in fields(kind) for name in _SPREAD.get(field.name, (field.name,)))


_LOCK, _WAITER = _names(Lock), _names(Waiter)
_LOCKS = f"SELECT {', '.join(_LOCK)} FROM locks"
_WAITERS = f"SELECT {', '.join(_WAITER)} FROM waiters"
_HELD, _WAITING = "state = 'held'", "state = 'waiting'"
#: A run that may hold an environment: one that is on its way, or will be as soon as it has the lock.
_UNDER_WAY = (
    "SELECT 1 FROM runs WHERE runs.id = locks.run AND runs.state IN ({})"
    " AND NOT (runs.state = ? AND runs.hold NOT IN ('', 'lock'))"
)


class Locks:
    """A lock goes from held to released or expired, a waiter from waiting to served or left; neither comes back."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    # Locks ----------------------------------------------------------------------------------------------------

    def add(self, lock: Lock) -> bool:
        """Claim an environment; False, and nothing is changed, if somebody holds it or the id is there already."""
        return self._insert("locks", _spread(lock))

    def get(self, lock_id: str) -> Lock | None:
        return next(iter(self._locks("WHERE id = ?", lock_id)), None)

    def held(self, project_id: int, environment: str) -> Lock | None:
        """The lock that is on this environment now."""
        where = f"WHERE project_id = ? AND environment = ? AND {_HELD}"
        return next(iter(self._locks(where, project_id, environment)), None)

    def of_project(self, project_id: int) -> list[Lock]:
        """The locks held in a project, by environment."""
        return self._locks(f"WHERE project_id = ? AND {_HELD} ORDER BY environment", project_id)

    def of_person(self, person: Person) -> list[Lock]:
        """The locks somebody holds, by project and environment."""
        where = f"WHERE team = ? AND person = ? AND {_HELD} ORDER BY project, environment"
        return self._locks(where, person.team, person.id)

    def of_run(self, run_id: str) -> Lock | None:
        """The lock this run's deployment holds."""
        return next(iter(self._locks(f"WHERE run = ? AND {_HELD}", run_id)), None)

    def change(self, lock_id: str, **changes: Any) -> bool:
        """Change a lock that is held, by the names of Lock's fields; False if it is held no more.

        Raises TypeError for a name that is no field of Lock, or one that never changes.
        """
        values = dict(_columns(changes))
        wrong = (changes.keys() & _FIXED) | (values.keys() - set(_LOCK))
        if wrong:
            raise TypeError(f"A lock's {', '.join(sorted(wrong))} cannot be changed")
        assignments = ", ".join(f"{name} = ?" for name in values)
        return self._did(
            f"UPDATE locks SET {assignments} WHERE id = ? AND {_HELD}", *values.values(), lock_id
        )

    def end(self, lock_id: str, state: str) -> bool:
        """From held to `state` (released or expired); False if it was not held."""
        return self._did(f"UPDATE locks SET state = ? WHERE id = ? AND {_HELD}", state, lock_id)

    def expired(self, now: Millis, limit: int) -> list[Lock]:
        """Locks held longer than they were taken for, the longest overdue first."""
        return self._locks(f"WHERE {_HELD} AND until <= ? ORDER BY until, id LIMIT ?", now, limit)

    def to_remind(self, before: Millis, limit: int) -> list[Lock]:
        """Locks that end by that moment and whose holders have not been told so."""
        where = f"WHERE {_HELD} AND reminded = 0 AND until <= ? ORDER BY until, id LIMIT ?"
        return self._locks(where, before, limit)

    def to_draw(self, limit: int) -> list[Lock]:
        """Locks whose card does not show how they are."""
        return self._locks(f"WHERE {_HELD} AND stale = 1 ORDER BY since, id LIMIT ?", limit)

    def to_watch(self, now: Millis, limit: int) -> list[Lock]:
        """Locks whose environment is to be looked at, the longest overdue first."""
        return self._locks(f"WHERE {_HELD} AND next_look <= ? ORDER BY next_look, id LIMIT ?", now, limit)

    def orphans(self, limit: int) -> list[Lock]:
        """Locks of deployments that are over, or wait for something other than the lock."""
        states = [state.value for state in OPEN_STATES]
        entitled = _UNDER_WAY.format(", ".join("?" * len(states)))
        where = f"WHERE {_HELD} AND run <> '' AND NOT EXISTS ({entitled}) ORDER BY since, id LIMIT ?"
        return self._locks(where, *states, RunState.HELD.value, limit)

    def not_later_than(self, now: Millis) -> int:
        """What was to be looked at later may be looked at now, after the clock was set back. How many."""
        given = (now, now)
        return self._sql.execute(
            f"UPDATE locks SET next_look = ? WHERE {_HELD} AND next_look > ?", given
        ).rowcount

    def forget(self, before: Millis) -> int:
        """Delete locks and waits that began before that moment and are over. How many."""
        locks = self._sql.execute("DELETE FROM locks WHERE state <> 'held' AND since < ?", (before,))
        waits = self._sql.execute("DELETE FROM waiters WHERE state <> 'waiting' AND asked_at < ?", (before,))
        return locks.rowcount + waits.rowcount

    # Waiters --------------------------------------------------------------------------------------------------

    def join(self, waiter: Waiter) -> bool:
        """Put somebody, or a run, at the end of a queue; False if they are in it already."""
        if self.waits(waiter.project_id, waiter.environment, waiter.person, waiter.run):
            return False
        seq: int = self._sql.execute("SELECT COALESCE(MAX(seq), 0) + 1 FROM waiters").fetchall()[0][0]
        return self._insert("waiters", {**_spread(waiter), "seq": seq})

    def waiter(self, waiter_id: str) -> Waiter | None:
        return next(iter(self._waiters("WHERE id = ?", waiter_id)), None)

    def waits(self, project_id: int, environment: str, person: Person, run: str = "") -> Waiter | None:
        """This person's, or this run's, place in the queue of an environment."""
        who, given = (
            ("run = ?", (run,)) if run else ("run = '' AND team = ? AND person = ?", (person.team, person.id))
        )
        where = f"WHERE project_id = ? AND environment = ? AND {_WAITING} AND {who}"
        return next(iter(self._waiters(where, project_id, environment, *given)), None)

    def queue(self, project_id: int, environment: str | None = None) -> list[Waiter]:
        """Who waits for an environment, the first first; for every one of the project if none is named."""
        if environment is None:
            return self._waiters(f"WHERE project_id = ? AND {_WAITING} ORDER BY environment, seq", project_id)
        where = f"WHERE project_id = ? AND environment = ? AND {_WAITING} ORDER BY seq"
        return self._waiters(where, project_id, environment)

    def settle(self, waiter_id: str, state: str) -> bool:
        """From waiting to `state` (served or left); False if they waited no more."""
        changes = f"UPDATE waiters SET state = ?, due = NULL WHERE id = ? AND {_WAITING}"
        return self._did(changes, state, waiter_id)

    def ask(self, waiter_id: str, due: Millis) -> bool:
        """Let a waiter have the lock at that moment unless its holder says otherwise; False if one has asked."""
        return self._did(
            f"UPDATE waiters SET due = ? WHERE id = ? AND {_WAITING} AND NOT EXISTS ("
            " SELECT 1 FROM waiters AS other WHERE other.project_id = waiters.project_id"
            f" AND other.environment = waiters.environment AND other.{_WAITING} AND other.due IS NOT NULL)",
            due, waiter_id,
        )  # fmt: skip

    def asked(self, project_id: int, environment: str) -> Waiter | None:
        """Who has asked the holder of an environment for it."""
        where = f"WHERE project_id = ? AND environment = ? AND {_WAITING} AND due IS NOT NULL"
        return next(iter(self._waiters(where, project_id, environment)), None)

    def answered(self, waiter_id: str) -> bool:
        """The holder keeps it: who asked only waits from now on; False if nothing was asked any more."""
        return self._did(
            f"UPDATE waiters SET due = NULL WHERE id = ? AND {_WAITING} AND due IS NOT NULL", waiter_id
        )

    def overdue(self, now: Millis, limit: int) -> list[Waiter]:
        """Those who asked a holder and had no answer in time."""
        return self._waiters(f"WHERE {_WAITING} AND due <= ? ORDER BY due, seq LIMIT ?", now, limit)

    def unserved(self, limit: int) -> list[Waiter]:
        """The first in the queue of each environment that nobody holds."""
        return self._waiters(
            f"WHERE {_WAITING} AND NOT EXISTS (SELECT 1 FROM locks WHERE locks.{_HELD}"
            " AND locks.project_id = waiters.project_id AND locks.environment = waiters.environment)"
            " AND NOT EXISTS (SELECT 1 FROM waiters AS first WHERE first.project_id = waiters.project_id"
            f" AND first.environment = waiters.environment AND first.{_WAITING} AND first.seq < waiters.seq)"
            " ORDER BY seq LIMIT ?",
            limit,
        )

    # Rows -----------------------------------------------------------------------------------------------------

    def _insert(self, table: str, values: Mapping[str, Any]) -> bool:
        marks = ", ".join("?" * len(values))
        return self._did(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks}) ON CONFLICT DO NOTHING",
            *values.values(),
        )

    def _did(self, statement: str, *given: Any) -> bool:
        return self._sql.execute(statement, given).rowcount == 1

    def _locks(self, where: str, *given: Any) -> list[Lock]:
        rows = self._sql.execute(f"{_LOCKS} {where}", given).fetchall()
        return [_noun(Lock, _LOCK, row) for row in rows]

    def _waiters(self, where: str, *given: Any) -> list[Waiter]:
        rows = self._sql.execute(f"{_WAITERS} {where}", given).fetchall()
        return [_noun(Waiter, _WAITER, row) for row in rows]


def _spread(noun: Lock | Waiter) -> dict[str, Any]:
    """Fields of a noun as columns and what they hold."""
    return dict(_columns({field.name: getattr(noun, field.name) for field in fields(noun)}))


def _columns(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        match value:
            case Person():
                yield from zip(_SPREAD[name], (value.team, value.id), strict=True)
            case Place():
                yield from zip(_SPREAD[name], (value.channel, value.thread), strict=True)
            case bool():
                yield name, int(value)
            case _:
                yield name, value


def _noun(kind: type[Noun], names: tuple[str, ...], row: tuple[Any, ...]) -> Noun:
    values = dict(zip(names, row, strict=True))
    person = Person(values.pop("team"), values.pop("person"))
    place = Place(values.pop("channel"), values.pop("thread"))
    values |= {name: bool(values[name]) for name in _FLAGS & values.keys()}
    return kind(person=person, place=place, **values)
