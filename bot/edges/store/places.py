"""Which project is meant: the default of a channel, the names a team gave, and what a person used last."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3

from bot.model import Person


class Places:
    """Projects are kept by their path, as people type them."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def get_default(self, team: str, channel: str) -> str | None:
        """The project of a channel."""
        return self._text(
            "SELECT project FROM channel_projects WHERE team = ? AND channel = ?", team, channel
        )

    def set_default(self, team: str, channel: str, project: str | None) -> None:
        """Set the project of a channel; None takes it away."""
        self._set("channel_projects", "channel", team, channel, project)

    def alias(self, team: str, name: str) -> str | None:
        """The project that this name stands for."""
        return self._text("SELECT project FROM aliases WHERE team = ? AND name = ?", team, name)

    def set_alias(self, team: str, name: str, project: str | None) -> None:
        """Let a name stand for a project; None takes the name away."""
        self._set("aliases", "name", team, name, project)

    def aliases(self, team: str) -> dict[str, str]:
        """All names of a team and their projects, by name."""
        return dict(
            self._sql.execute(
                "SELECT name, project FROM aliases WHERE team = ? ORDER BY name", (team,)
            ).fetchall()
        )

    def every_alias(self) -> list[tuple[str, str]]:
        """The names and projects of all teams, for who looks into the store from outside of Slack."""
        return self._sql.execute("SELECT name, project FROM aliases ORDER BY team, name").fetchall()

    def of_channel(self, channel: str) -> str | None:
        """The project of a channel, whichever team set it."""
        return self._text("SELECT project FROM channel_projects WHERE channel = ? ORDER BY team", channel)

    def last_project(self, person: Person) -> str | None:
        """The project this person used last."""
        return self._text(
            "SELECT project FROM last_projects WHERE team = ? AND person = ?", person.team, person.id
        )

    def set_last(self, person: Person, project: str) -> None:
        self._set("last_projects", "person", person.team, person.id, project)

    def _text(self, statement: str, *given: str) -> str | None:
        rows = self._sql.execute(statement, given).fetchall()
        return rows[0][0] if rows else None

    def _set(self, table: str, column: str, team: str, name: str, project: str | None) -> None:
        if project is None:
            self._sql.execute(f"DELETE FROM {table} WHERE team = ? AND {column} = ?", (team, name))
        else:
            self._sql.execute(
                f"INSERT INTO {table} (team, {column}, project) VALUES (?, ?, ?)"
                f" ON CONFLICT (team, {column}) DO UPDATE SET project = excluded.project",
                (team, name, project),
            )
