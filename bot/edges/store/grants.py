"""Access that somebody asked for: asked, then granted for a while or declined, then ended."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from typing import Any

from bot.ledger import Grant
from bot.model import Millis, Person, Place

_COLUMNS = (
    "id, team, person, name, rule, command, project, job, environment, channel, thread, asked_at, state, by, until,"
    " gitlab_id, kept"
)
_SELECT = f"SELECT {_COLUMNS} FROM grants"
_WANTED = (
    "team = ? AND person = ? AND rule = ? AND command = ? AND project = ? AND job = ? AND environment = ?"
    " AND gitlab_id = ?"
)


class Grants:
    """Each change is one conditional UPDATE, whose row count tells whether this caller made it."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def ask(self, grant: Grant) -> bool:
        """Keep what somebody asks for; False if they ask for the same already, or the id is there."""
        asked = self._sql.execute(
            f"INSERT INTO grants ({_COLUMNS}) SELECT {', '.join('?' * len(_row(grant)))}"
            f" WHERE NOT EXISTS (SELECT 1 FROM grants WHERE {_WANTED} AND state = 'asked') ON CONFLICT DO NOTHING",
            (*_row(grant), *_row(grant)[1:3], *_row(grant)[4:9], grant.gitlab_id),
        )
        return asked.rowcount == 1

    def get(self, grant_id: str) -> Grant | None:
        return next(iter(self._many(f"{_SELECT} WHERE id = ?", grant_id)), None)

    def allow(self, grant_id: str, by: str, until: Millis) -> bool:
        """From asked to granted until that moment; False if it is not asked for any more."""
        return self._move(grant_id, "asked", "granted", by, until)

    def decline(self, grant_id: str, by: str) -> bool:
        """From asked to declined; False if it is not asked for any more."""
        return self._move(grant_id, "asked", "declined", by, None)

    def end(self, grant: Grant) -> bool:
        """From asked or granted, as this one is, to ended; False if it moved meanwhile."""
        return self._move(grant.id, grant.state, "ended", grant.by, grant.until)

    def in_force(self, person: Person, now: Millis) -> list[Grant]:
        """What this person has been granted and has still, oldest first."""
        return self._many(
            f"{_SELECT} WHERE team = ? AND person = ? AND state = 'granted' AND until > ? ORDER BY asked_at, id",
            person.team, person.id, now,
        )  # fmt: skip

    def current(self, team: str, now: Millis) -> list[Grant]:
        """What a team's people ask for or have now, oldest first."""
        return self._many(
            f"{_SELECT} WHERE team = ? AND (state = 'asked' OR state = 'granted' AND until > ?) ORDER BY asked_at, id",
            team, now,
        )  # fmt: skip

    def due(self, now: Millis, asked_before: Millis, most: int) -> list[Grant]:
        """What has run out, or was asked for before that moment and never answered."""
        return self._many(
            f"{_SELECT} WHERE state = 'granted' AND until <= ? OR state = 'asked' AND asked_at < ?"
            " ORDER BY asked_at, id LIMIT ?",
            now, asked_before, most,
        )  # fmt: skip

    def forget(self, before: Millis) -> int:
        """Delete what was asked for before that moment and is over. How many."""
        return self._sql.execute(
            "DELETE FROM grants WHERE asked_at < ? AND state IN ('declined', 'ended')", (before,)
        ).rowcount

    def _move(self, grant_id: str, old: str, new: str, by: str, until: Millis | None) -> bool:
        moved = self._sql.execute(
            "UPDATE grants SET state = ?, by = ?, until = ? WHERE id = ? AND state = ?",
            (new, by, until, grant_id, old),
        )
        return moved.rowcount == 1

    def _many(self, statement: str, *given: Any) -> list[Grant]:
        return [_grant(row) for row in self._sql.execute(statement, given).fetchall()]


def _row(grant: Grant) -> tuple[Any, ...]:
    return (
        grant.id, grant.person.team, grant.person.id, grant.name, grant.rule, grant.command, grant.project, grant.job,
        grant.environment, grant.place.channel, grant.place.thread, grant.asked_at, grant.state, grant.by, grant.until,
        grant.gitlab_id, grant.kept,
    )  # fmt: skip


def _grant(row: tuple[Any, ...]) -> Grant:
    key, team, person, name, rule, command, project, job, environment, channel, thread, *rest = row
    return Grant(
        key,
        Person(team, person),
        name,
        rule,
        command,
        project,
        job,
        environment,
        Place(channel, thread),
        *rest,
    )
