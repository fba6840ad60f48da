"""Runs: each moves on by one conditional UPDATE, whose row count tells whether this caller moved it."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import fields
from enum import Enum
from typing import Any

from bot.model import OPEN_STATES, Millis, Person, Place, Run, RunState

#: The two records inside a run, and the columns they are spread over.
_SPREAD = {"person": ("team", "person"), "place": ("channel", "thread")}
#: What is kept as JSON.
_MAPPINGS = frozenset({"inputs", "variables"})
#: What never changes once the run is there, and what only move() may change.
_FIXED = frozenset({"id", "source", "state"})
_FIELDS = frozenset(field.name for field in fields(Run)) - _FIXED
_NAMES = tuple(name for field in fields(Run) for name in _SPREAD.get(field.name, (field.name,)))
_COLUMNS = ", ".join(_NAMES)
_SELECT = f"SELECT {_COLUMNS} FROM runs"


class Runs:
    """The runs somebody started from chat. `seq` is the order in which they were asked for."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def add(self, run: Run) -> bool:
        """Keep a new run; False, and nothing is changed, if its id or its source is there already."""
        values = _spread({field.name: getattr(run, field.name) for field in fields(Run)})
        marks = ", ".join("?" * len(values))
        added = self._sql.execute(
            f"INSERT INTO runs ({', '.join(values)}, seq)"
            f" VALUES ({marks}, (SELECT COALESCE(MAX(seq), 0) + 1 FROM runs)) ON CONFLICT DO NOTHING",
            tuple(values.values()),
        )
        return added.rowcount == 1

    def get(self, run_id: str) -> Run | None:
        return self._one(f"{_SELECT} WHERE id = ?", (run_id,))

    def by_source(self, source: str) -> Run | None:
        """The run that this request made."""
        return self._one(f"{_SELECT} WHERE source = ?", (source,))

    def move(self, run_id: str, old: RunState, new: RunState, /, **changes: Any) -> bool:
        """From one state to another, with changes by the names of Run's fields. False if it was not in `old`.

        Raises TypeError for a name that is no field of Run, or one that never changes.
        """
        return self._update(run_id, old, {"state": new.value, **_checked(changes)})

    def change(self, run_id: str, state: RunState, /, **changes: Any) -> bool:
        """As move(), but it stays in its state."""
        return self._update(run_id, state, {"state": state.value, **_checked(changes)})

    def due(self, now: Millis, states: Collection[RunState], limit: int) -> list[Run]:
        """Runs in these states whose next look is due, the longest overdue first."""
        if not states:
            return []
        marks = ", ".join("?" * len(states))
        return self._many(
            f"{_SELECT} WHERE state IN ({marks}) AND next_look <= ? ORDER BY next_look, seq LIMIT ?",
            (*(state.value for state in states), now, limit),
        )

    def recent(
        self, person: Person | None, *, channel: str | None = None, project: str | None = None, limit: int
    ) -> list[Run]:
        """Runs of this person (None: anybody), newest first; of one channel or project (path) if given."""
        wanted: dict[str, str | None] = {"channel": channel, "project": project}
        if person is not None:
            wanted |= {"team": person.team, "person": person.id}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in given) or "1 = 1"
        return self._many(f"{_SELECT} WHERE {where} ORDER BY seq DESC LIMIT ?", (*given.values(), limit))

    def in_thread(self, place: Place, limit: int = 50) -> list[Run]:
        """Runs that were asked for in this thread or whose card begins it, newest first."""
        if place.thread is None:
            return []
        return self._many(
            f"{_SELECT} WHERE id IN ("
            " SELECT id FROM runs WHERE channel = ? AND thread = ?"
            " UNION SELECT id FROM cards WHERE channel = ? AND ts = ?"
            ") ORDER BY seq DESC LIMIT ?",
            (place.channel, place.thread, place.channel, place.thread, limit),
        )

    def asked_in(self, channel: str, command: str, since: Millis, limit: int) -> list[Run]:
        """Runs of a command that were asked for in a channel from that moment on, newest first."""
        where = "channel = ? AND command = ? AND asked_at >= ?"
        return self._many(
            f"{_SELECT} WHERE {where} ORDER BY seq DESC LIMIT ?", (channel, command, since, limit)
        )

    def open_runs(self) -> list[Run]:
        """Runs that somebody still has to look after, oldest first."""
        marks = ", ".join("?" * len(OPEN_STATES))
        return self._many(
            f"{_SELECT} WHERE state IN ({marks}) ORDER BY seq", tuple(state.value for state in OPEN_STATES)
        )

    def open_of(self, person: Person, project_id: int, *, but: str = "") -> tuple[int, int]:
        """How many open runs there are of this person, and of this project; the run `but` is not counted."""
        marks = ", ".join("?" * len(OPEN_STATES))
        rows = self._sql.execute(
            "SELECT COUNT(*) FILTER (WHERE team = ? AND person = ?), COUNT(*) FILTER (WHERE project_id = ?)"
            f" FROM runs WHERE state IN ({marks}) AND id <> ?",
            (person.team, person.id, project_id, *(state.value for state in OPEN_STATES), but),
        ).fetchall()
        return rows[0][0], rows[0][1]

    def deploying(self, project_id: int, environment: str) -> list[Run]:
        """Runs that deploy to an environment, or are about to, the first that was asked for first."""
        states = (RunState.ASKED.value, RunState.CALLING.value, RunState.RUNNING.value)
        where = "project_id = ? AND environment = ? AND state IN (?, ?, ?)"
        return self._many(f"{_SELECT} WHERE {where} ORDER BY seq", (project_id, environment, *states))

    def pipelines(self, project_id: int) -> frozenset[int]:
        """Ids of the pipelines of this project that belong to a run."""
        rows = self._sql.execute(
            "SELECT pipeline FROM runs WHERE project_id = ? AND pipeline IS NOT NULL", (project_id,)
        ).fetchall()
        return frozenset(row[0] for row in rows)

    def counts(self) -> dict[RunState, int]:
        """How many runs are in each state; every state is there."""
        rows = self._sql.execute("SELECT state, COUNT(*) FROM runs GROUP BY state").fetchall()
        return {state: dict(rows).get(state.value, 0) for state in RunState}

    def forget(self, before: Millis) -> int:
        """Delete closed runs asked for before that moment. How many."""
        marks = ", ".join("?" * len(OPEN_STATES))
        return self._sql.execute(
            f"DELETE FROM runs WHERE asked_at < ? AND state NOT IN ({marks})",
            (before, *(state.value for state in OPEN_STATES)),
        ).rowcount

    def _update(self, run_id: str, state: RunState, values: dict[str, Any]) -> bool:
        assignments = ", ".join(f"{name} = ?" for name in values)
        updated = self._sql.execute(
            f"UPDATE runs SET {assignments} WHERE id = ? AND state = ?",
            (*values.values(), run_id, state.value),
        )
        return updated.rowcount == 1

    def _one(self, statement: str, given: tuple[Any, ...]) -> Run | None:
        return next(iter(self._many(statement, given)), None)

    def _many(self, statement: str, given: tuple[Any, ...]) -> list[Run]:
        return [_run(row) for row in self._sql.execute(statement, given).fetchall()]


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    wrong = changes.keys() - _FIELDS
    if wrong:
        raise TypeError(f"A run's {', '.join(sorted(wrong))} cannot be changed")
    return _spread(changes)


def _spread(values: dict[str, Any]) -> dict[str, Any]:
    """Fields of Run as columns and what they hold."""
    return dict(_columns(values))


def _columns(values: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in values.items():
        match value:
            case Person():
                yield from zip(_SPREAD[name], (value.team, value.id), strict=True)
            case Place():
                yield from zip(_SPREAD[name], (value.channel, value.thread), strict=True)
            case _:
                yield name, _plain(name, value)


def _plain(name: str, value: Any) -> Any:
    if name in _MAPPINGS:
        return json.dumps(dict(value))
    return value.value if isinstance(value, Enum) else value


def _run(row: tuple[Any, ...]) -> Run:
    values = dict(zip(_NAMES, row, strict=True))
    person = Person(values.pop("team"), values.pop("person"))
    place = Place(values.pop("channel"), values.pop("thread"))
    values |= {name: json.loads(values[name]) for name in _MAPPINGS}
    values["state"] = RunState(values["state"])
    return Run(person=person, place=place, **values)
