"""Environments of projects as they were last seen: drawn from here, the Home asks GitLab nothing."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields

from bot.environments import Standing
from bot.model import Millis

_NAMES = tuple(field.name for field in fields(Standing))
_COLUMNS = ", ".join(_NAMES)
_KEY = ("project_id", "name")
_PUT = (
    f"INSERT INTO environment_states ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})"
    " ON CONFLICT (project_id, name) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMES if name not in _KEY)
    + " WHERE excluded.seen_at >= environment_states.seen_at"
)


class EnvironmentStates:
    """What runs where. What was seen earlier never takes the place of what was seen later."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put_all(self, project_id: int, found: Sequence[Standing], seen_at: Millis) -> None:
        """Keep all environments that a project was seen to have at that moment; others of it are gone."""
        self._sql.execute(
            "DELETE FROM environment_states WHERE project_id = ? AND seen_at <= ?", (project_id, seen_at)
        )
        self.put(found)

    def put(self, found: Iterable[Standing]) -> None:
        """Keep some environments, each in place of what was seen of it before."""
        self._sql.executemany(_PUT, [astuple(one) for one in found])

    def of_project(self, project_id: int) -> list[Standing]:
        """Every environment of a project, by name."""
        rows = self._sql.execute(
            f"SELECT {_COLUMNS} FROM environment_states WHERE project_id = ? ORDER BY name", (project_id,)
        ).fetchall()
        return [Standing(*row) for row in rows]

    def get(self, project_id: int, name: str) -> Standing | None:
        """The environment of this name; None if it was never seen."""
        return next((one for one in self.of_project(project_id) if one.name == name), None)

    def forget(self, before: Millis) -> int:
        """Delete what was seen before that moment and not since. How many."""
        return self._sql.execute("DELETE FROM environment_states WHERE seen_at < ?", (before,)).rowcount
