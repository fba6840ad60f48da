"""Incidents, what happened in them, and small facts that belong to one."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields
from typing import Any

from bot.edges.store.cards import LAST
from bot.edges.store.table import Table
from bot.incident import BURNING, ENDED, Event, Incident, State, Who
from bot.model import Millis, Person, Place

#: Kind of the due that archives a room, and the fact that one was archived after the end of its incident.
ARCHIVE, ROOM_CLOSED = "archive", "room.closed"
_ENDED = ", ".join(f"'{one}'" for one in sorted(ENDED))
#: Whether a time is set, or was, at which its room is archived.
_TO_CLOSE = (
    "EXISTS (SELECT 1 FROM incident_dues AS due WHERE due.incident = incidents.id"
    f" AND due.kind = '{ARCHIVE}' AND due.state <> 'off')"
)


class Incidents(Table[Incident]):
    """An incident moves by one conditional UPDATE on its version, which says who moved it."""

    __slots__ = ()
    name, noun = "incidents", Incident

    def next_number(self) -> int:
        rows = self._sql.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM incidents").fetchall()
        return int(rows[0][0])

    def of_source(self, source: str) -> Incident | None:
        """The incident that this request has declared."""
        return self.one("source = ?", source)

    def at(self, place: Place) -> Incident | None:
        """The incident whose room this place is, or stands in."""
        own = self.one("channel = ? AND thread = '' ORDER BY number DESC", place.channel)
        if own is not None or place.thread is None:
            return own
        return self.one("channel = ? AND thread = ? ORDER BY number DESC", place.channel, place.thread)

    def of_issue(self, project_id: int, iid: int) -> Incident | None:
        return self.one("project_id = ? AND iid = ? AND iid <> 0", project_id, iid)

    def projects(self) -> dict[str, int]:
        """The projects that have incidents in GitLab: their ids by path."""
        rows = self._sql.execute("SELECT DISTINCT project, project_id FROM incidents WHERE project_id <> 0")
        return {row[0]: row[1] for row in rows.fetchall()}

    def in_project(self, project_id: int) -> list[Incident]:
        """Those of a project whose issue is open as far as is known."""
        marks = ", ".join("?" * len(ENDED))
        return self.where(
            f"project_id = ? AND iid <> 0 AND state NOT IN ({marks}) ORDER BY number",
            project_id,
            *sorted(ENDED),
        )

    def numbered(self, number: int) -> Incident | None:
        return self.one("number = ?", number)

    def channels(self) -> list[str]:
        """The channels in which anything said may be about an incident."""
        rows = self._sql.execute("SELECT DISTINCT channel FROM incidents WHERE channel <> ''")
        return [row[0] for row in rows.fetchall()]

    def in_channel(self, channel: str) -> list[Incident]:
        """All whose room is in a channel, or a thread of it."""
        return self.where("channel = ? ORDER BY number", channel)

    def open_ones(self, *, burning: bool = False) -> list[Incident]:
        """Those that are not ended, the worst first; with `burning` those that are not resolved."""
        states = sorted(BURNING) if burning else sorted(ENDED)
        marks = ", ".join("?" * len(states))
        has = "IN" if burning else "NOT IN"
        worst = "CASE WHEN severity = 0 THEN 5 ELSE severity END"
        return self.where(f"state {has} ({marks}) ORDER BY {worst}, number DESC", *states)

    def resolved_by(self, at: Millis, limit: int) -> list[Incident]:
        """Those that were resolved by then and are nothing more yet, the least severe first: a review is not due."""
        least = "CASE WHEN severity = 0 THEN 5 ELSE severity END DESC"
        return self.where(
            f"state = ? AND resolved_at <= ? ORDER BY {least}, number LIMIT ?", State.RESOLVED, at, limit
        )

    def rooms_to_close(self, limit: int) -> list[Incident]:
        """Ended ones with a channel of their own for whose archiving no time is set."""
        own = "channel <> '' AND thread = ''"
        return self.where(f"state IN ({_ENDED}) AND {own} AND NOT {_TO_CLOSE} ORDER BY number LIMIT ?", limit)

    def rooms_to_keep(self, limit: int) -> list[Incident]:
        """Open ones whose room is to be archived all the same, or was: they were opened again."""
        was_closed = (
            "EXISTS (SELECT 1 FROM incident_facts AS fact WHERE fact.incident = incidents.id"
            f" AND fact.name = '{ROOM_CLOSED}')"
        )
        return self.where(
            f"state NOT IN ({_ENDED}) AND ({_TO_CLOSE} OR {was_closed}) ORDER BY number LIMIT ?", limit
        )

    def alter(self, incident: Incident, **changes: Any) -> bool:
        """Change an incident from the version it was read in to the next; False if somebody else was faster."""
        moved = self.change(
            "id = ? AND version = ?", (incident.id, incident.version), version=incident.version + 1, **changes
        )
        return moved == 1

    def note(self, incident_id: str, **changes: Any) -> None:
        """Write down what nobody decides, such as where its card stands or when it was looked at: no new version."""
        self.change("id = ?", (incident_id,), **changes)


class IncidentEvents(Table[Event]):
    """What happened; a source counts once in its incident."""

    __slots__ = ()
    name, noun = "incident_events", Event

    def of(self, incident: str, *, kinds: tuple[str, ...] = (), retracted: bool = False) -> list[Event]:
        """The events of an incident in the order they happened."""
        some = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        live = "" if retracted else " AND retracted_at IS NULL"
        return self.where(f"incident = ?{some}{live} ORDER BY at, recorded_at, id", incident, *kinds)

    def of_source(self, incident: str, source: str) -> Event | None:
        return self.one("incident = ? AND source = ?", incident, source)

    def begin(self, incident: str, prefix: str) -> list[Event]:
        """All whose source begins so, those taken back as well."""
        return self.where("incident = ? AND source >= ? AND source < ?", incident, prefix, prefix + LAST)

    def of_message(self, channel: str, ts: str) -> list[Event]:
        """Those that a message in Slack was marked for, and that count."""
        return self.where("channel = ? AND ts = ? AND retracted_at IS NULL ORDER BY id", channel, ts)

    def retract(self, event_id: str, now: Millis) -> bool:
        """Take it back; False if it was already."""
        return self.change("id = ? AND retracted_at IS NULL", (event_id,), retracted_at=now) == 1

    def put(self, row: Event) -> bool:
        values = {one.name: getattr(row, one.name) for one in fields(Event)}
        who = row.who
        values["who"] = json.dumps(
            [who.name, who.person.team if who.person else "", who.person.id if who.person else "", who.username,
             who.is_bot],
            ensure_ascii=False,
        )  # fmt: skip
        values["shown"] = int(row.shown)
        marks = ", ".join("?" * len(values))
        put = self._sql.execute(
            f"INSERT INTO incident_events ({', '.join(values)}) VALUES ({marks}) ON CONFLICT DO NOTHING",
            list(values.values()),
        )
        return put.rowcount == 1

    def _row(self, values: Any) -> Event:
        given = dict(zip(self._names, values, strict=True))
        name, team, person, username, is_bot = json.loads(given["who"])
        given["who"] = Who(name, Person(team, person) if person else None, username, is_bot)
        given["shown"] = bool(given["shown"])
        return Event(**given)


class IncidentFacts:
    """Small texts by name: what GitLab was last seen to hold, hashes of blocks, who follows, ids of bookmarks."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def get(self, incident: str, name: str) -> str | None:
        rows = self._sql.execute(
            "SELECT value FROM incident_facts WHERE incident = ? AND name = ?", (incident, name)
        ).fetchall()
        return rows[0][0] if rows else None

    def begin(self, incident: str, prefix: str) -> dict[str, str]:
        """All whose name begins so, by what follows."""
        rows = self._sql.execute(
            "SELECT name, value FROM incident_facts WHERE incident = ? AND name >= ? AND name < ? ORDER BY name",
            (incident, prefix, prefix + LAST),
        ).fetchall()
        return {name[len(prefix) :]: value for name, value in rows}

    def put(self, incident: str, name: str, value: str) -> None:
        self._sql.execute(
            "INSERT INTO incident_facts (incident, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT (incident, name) DO UPDATE SET value = excluded.value",
            (incident, name, value),
        )

    def claim(self, incident: str, name: str, value: str = "") -> bool:
        """Put it if it is not there; False if it is."""
        put = self._sql.execute(
            "INSERT INTO incident_facts (incident, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (incident, name, value),
        )
        return put.rowcount == 1

    def drop(self, incident: str, name: str) -> bool:
        gone = self._sql.execute(
            "DELETE FROM incident_facts WHERE incident = ? AND name = ?", (incident, name)
        )
        return gone.rowcount == 1
