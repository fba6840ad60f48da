"""Living messages: what each shall show, and what Slack shows of it so far."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

from bot.edges.store.records import Card
from bot.model import Millis, Place

#: Behind all letters: what begins with something lies between that and that with this behind it, as an index sees it.
LAST = "\U0010ffff"
_SELECT = """
  SELECT id, channel, thread, ts, wanted, wanted_hash, shown_hash, not_before, tries,
    probe, created_at, state, why, person
  FROM cards
"""
_DUE = "state = 'due' AND (shown_hash IS NULL OR shown_hash <> wanted_hash)"


class Cards:
    """A card goes from due to sending and back each time it is shown; one that cannot be shown is dead."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def want(
        self, card_id: str, place: Place, wanted: str, wanted_hash: str, now: Millis, *, person: str = "",
        urgent: bool = False,
    ) -> None:  # fmt: skip
        """Say what the card shall show, in place of what it was to show. `place`, `person` and `now` are for a new one.

        What is `urgent` does not wait for the time of the next edit; a card that was never posted keeps its
        time, since it may be waiting to be looked for.
        """
        self._sql.execute(
            "INSERT INTO cards (id, channel, thread, wanted, wanted_hash, not_before, tries, probe, created_at,"
            " person, state, why, seq)"
            " VALUES (?, ?, ?, ?, ?, 0, 0, 0, ?, ?, 'due', '', (SELECT COALESCE(MAX(seq), 0) + 1 FROM cards))"
            " ON CONFLICT (id) DO UPDATE SET wanted = excluded.wanted, wanted_hash = excluded.wanted_hash,"
            " not_before = CASE WHEN ? = 1 AND (cards.ts IS NOT NULL OR cards.state = 'sending')"
            " THEN 0 ELSE cards.not_before END"
            " WHERE cards.wanted_hash <> excluded.wanted_hash",
            (card_id, place.channel, place.thread, wanted, wanted_hash, now, person, int(urgent)),
        )

    def due(self, now: Millis, limit: int, quiet: Collection[str] = (), *, edits: bool = True) -> list[Card]:
        """Cards that do not show what is wanted and may be sent now: never posted first, then by waiting time.

        Left out are cards to be posted in a channel in `quiet` and, without `edits`, those that are posted.
        """
        loud = f" AND (ts IS NOT NULL OR channel NOT IN ({', '.join('?' * len(quiet))}))" if quiet else ""
        fresh = "" if edits else " AND ts IS NULL"
        rows = self._sql.execute(
            f"{_SELECT} WHERE {_DUE} AND not_before <= ?{loud}{fresh}"
            " ORDER BY CASE WHEN ts IS NULL THEN 0 ELSE 1 END, not_before, seq LIMIT ?",
            (now, *quiet, limit),
        ).fetchall()
        return [_card(row) for row in rows]

    def claim(self, card_id: str) -> bool:
        """From due to sending; False if it was not due or shows what is wanted."""
        # Not 0, so that shown() can tell whether something urgent was wanted meanwhile.
        return self._move(card_id, _DUE, "state = 'sending', not_before = 1")

    def shown(self, card_id: str, ts: str, shown_hash: str, not_before: Millis) -> bool:
        """Slack shows the content with this hash as message `ts`; the next edit is not before that moment.

        Unless something urgent was wanted while it was being sent: that need not wait.
        """
        changes = (
            "state = 'due', ts = ?, shown_hash = ?, tries = 0, probe = 0,"
            " not_before = CASE WHEN not_before = 0 AND wanted_hash <> ? THEN 0 ELSE ? END"
        )
        return self._move(card_id, "state <> 'dead'", changes, ts, shown_hash, shown_hash, not_before)

    def later(self, card_id: str, not_before: Millis, probe: bool = False) -> bool:
        """It was not shown, or (`probe`) nobody knows: it is due again."""
        changes = "state = 'due', tries = tries + 1, not_before = ?, probe = ?"
        return self._move(card_id, "state = 'sending'", changes, not_before, int(probe))

    def dead(self, card_id: str, why: str) -> bool:
        """Give it up; letters under it no longer wait."""
        return self._move(card_id, "state <> 'dead'", "state = 'dead', why = ?", why)

    def revive(self, card_id: str, now: Millis) -> bool:
        """Draw one again that was given up while its channel was closed; False if it was not given up."""
        changes = "state = 'due', why = '', tries = 0, probe = 0, not_before = ?"
        return self._move(card_id, "state = 'dead'", changes, now)

    def follow(self, channel: str, moved_to: str) -> int:
        """A channel has another id from now on. How many cards stand in it."""
        return self._sql.execute(
            "UPDATE cards SET channel = ? WHERE channel = ?", (moved_to, channel)
        ).rowcount

    def get(self, card_id: str) -> Card | None:
        rows = self._sql.execute(f"{_SELECT} WHERE id = ?", (card_id,)).fetchall()
        return _card(rows[0]) if rows else None

    def at(self, channel: str, ts: str) -> Card | None:
        """The card that is this message."""
        rows = self._sql.execute(f"{_SELECT} WHERE channel = ? AND ts = ?", (channel, ts)).fetchall()
        return _card(rows[0]) if rows else None

    def drop(self, prefix: str, place: Place, but: str) -> int:
        """Forget those in a thread whose ids begin so, `but` one: each is posted anew when it is wanted again."""
        return self._sql.execute(
            "DELETE FROM cards WHERE id >= ? AND id < ? AND channel = ? AND thread = ? AND id <> ?",
            (prefix, prefix + LAST, place.channel, place.thread, but),
        ).rowcount

    def move(self, card_id: str, place: Place) -> bool:
        """Send a card to another place; False if it is posted already."""
        return self._move(card_id, "ts IS NULL", "channel = ?, thread = ?", place.channel, place.thread)

    def recover(self) -> int:
        """After a start: what was in flight is due; with `probe` if it was a post, which may have arrived."""
        # An edit is simply made again.
        return self._sql.execute(
            "UPDATE cards SET state = 'due', probe = CASE WHEN ts IS NULL THEN 1 ELSE 0 END"
            " WHERE state = 'sending'"
        ).rowcount

    def next_time(self) -> Millis | None:
        """When the next card may be shown, perhaps already; None if none waits."""
        moment: Millis | None = self._sql.execute(
            f"SELECT MIN(not_before) FROM cards WHERE {_DUE}"
        ).fetchall()[0][0]
        return moment

    def not_later_than(self, now: Millis) -> int:
        """What was to be sent later may be sent now. How many."""
        return self._sql.execute("UPDATE cards SET not_before = ? WHERE not_before > ?", (now, now)).rowcount

    def forget(self, before: Millis) -> int:
        """Delete cards made before that moment whose run is gone and which wait for nothing. How many."""
        return self._sql.execute(
            "DELETE FROM cards WHERE created_at < ?"
            " AND (state = 'dead' OR (state = 'due' AND shown_hash = wanted_hash))"
            " AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = cards.id)"
            " AND NOT EXISTS ("
            "  SELECT 1 FROM outbox WHERE outbox.under = cards.id AND outbox.state IN ('due', 'sending')"
            " )",
            (before,),
        ).rowcount

    def _move(self, card_id: str, condition: str, changes: str, *given: str | int | None) -> bool:
        moved = self._sql.execute(
            f"UPDATE cards SET {changes} WHERE id = ? AND {condition}", (*given, card_id)
        )
        return moved.rowcount == 1


def _card(row: tuple[Any, ...]) -> Card:
    key, channel, thread, *middle, probe, created_at, state, why, person = row
    return Card(*(key, Place(channel, thread), *middle, bool(probe), created_at, state, why, person))
