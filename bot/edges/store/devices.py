"""Device grants somebody was asked to complete in GitLab, and when GitLab is asked for each next."""

from __future__ import annotations

import sqlite3
from typing import Any

from bot.ledger import Device
from bot.model import Millis, Person, Place

_SELECT = "SELECT id, team, person, name, channel, thread, code, interval, next_look, expires_at, state FROM devices"


class Devices:
    """A device goes from pending to linked, expired or failed; a person has one pending at most."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, device: Device) -> None:
        """Keep a device in place of one that its owner has not completed."""
        self.drop(device.person)
        self._sql.execute(
            "INSERT INTO devices (id, team, person, name, channel, thread, code, interval, next_look, expires_at,"
            " state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (device.id, device.person.team, device.person.id, device.name, device.place.channel, device.place.thread,
             device.code, device.interval, device.next_look, device.expires_at, device.state),
        )  # fmt: skip

    def get(self, device_id: str) -> Device | None:
        rows = self._sql.execute(f"{_SELECT} WHERE id = ?", (device_id,)).fetchall()
        return _device(rows[0]) if rows else None

    def due(self, now: Millis, limit: int) -> list[Device]:
        """Pending ones that GitLab may be asked about now, the longest overdue first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE state = 'pending' AND next_look <= ? ORDER BY next_look, id LIMIT ?",
            (now, limit),
        ).fetchall()
        return [_device(row) for row in rows]

    def look(self, device: Device, next_look: Millis) -> bool:
        """Take the turn to ask about a device; False if somebody else has, or it is over."""
        taken = self._sql.execute(
            "UPDATE devices SET next_look = ? WHERE id = ? AND state = 'pending' AND next_look = ?",
            (next_look, device.id, device.next_look),
        )
        return taken.rowcount == 1

    def later(self, device_id: str, next_look: Millis, interval: Millis) -> bool:
        """Ask about it less often from now on; False if it is over."""
        moved = self._sql.execute(
            "UPDATE devices SET next_look = ?, interval = ? WHERE id = ? AND state = 'pending'",
            (next_look, interval, device_id),
        )
        return moved.rowcount == 1

    def end(self, device_id: str, state: str) -> bool:
        """From pending to linked, expired or failed, and its code is forgotten; False if it was over already."""
        ended = self._sql.execute(
            "UPDATE devices SET state = ?, code = '' WHERE id = ? AND state = 'pending'", (state, device_id)
        )
        return ended.rowcount == 1

    def drop(self, person: Person) -> int:
        """Forget what a person has not completed. How many."""
        return self._sql.execute(
            "DELETE FROM devices WHERE team = ? AND person = ? AND state = 'pending'",
            (person.team, person.id),
        ).rowcount

    def not_later_than(self, now: Millis) -> int:
        """After the clock was set back: what was to be asked later may be asked now. How many."""
        return self._sql.execute(
            "UPDATE devices SET next_look = ? WHERE state = 'pending' AND next_look > ?", (now, now)
        ).rowcount

    def sealed(self) -> list[tuple[str, str]]:
        """What each sealed code is about (about_code), and the code, for a change of keys."""
        rows = self._sql.execute(
            "SELECT team, person, code FROM devices WHERE code <> '' ORDER BY id"
        ).fetchall()
        return [(about_code(Person(team, person)), code) for team, person, code in rows]

    def reseal(self, old: str, new: str) -> bool:
        """Put another seal in place of this one; False if it is gone."""
        return self._sql.execute("UPDATE devices SET code = ? WHERE code = ?", (new, old)).rowcount > 0

    def forget(self, before: Millis) -> int:
        """Delete what expired before that moment. How many."""
        return self._sql.execute("DELETE FROM devices WHERE expires_at < ?", (before,)).rowcount


def about_code(person: Person) -> str:
    """What a sealed device code is about."""
    return f"{person.team}/{person.id} device"


def _device(row: tuple[Any, ...]) -> Device:
    key, team, person, name, channel, thread, *rest = row
    return Device(key, Person(team, person), name, Place(channel, thread), *rest)
