"""Letters: messages that reach Slack once each, and in order within their queue."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

from bot.edges.store.cards import LAST
from bot.edges.store.records import Letter
from bot.model import Millis, Place

_OPEN = "state IN ('due', 'sending')"
# A letter under a card goes where the card is by now. As thread_ts Slack wants the first message of a thread;
# that is not the card if the card was itself posted in a thread (docs.slack.dev, chat.postMessage).
_SELECT = """
  SELECT letter.id, letter.queue, letter.kind,
    CASE WHEN card.ts IS NULL THEN letter.channel ELSE card.channel END,
    CASE WHEN card.ts IS NULL THEN letter.thread ELSE COALESCE(card.thread, card.ts) END,
    letter.person, letter.body, letter.under, letter.run, letter.not_before, letter.tries, letter.created_at,
    letter.probe, letter.sent_ts, letter.state, letter.why
"""
# Bodies may be megabytes: whoever looks for what is due reads none, whoever sends one reads that.
_SELECT_HEADS = _SELECT.replace("letter.body", "'' AS body")
_CHANNEL = "CASE WHEN card.ts IS NULL THEN letter.channel ELSE card.channel END"
_FROM = " FROM outbox AS letter LEFT JOIN cards AS card ON card.id = letter.under"
# The first open one of its queue, not in flight, and its card is posted, given up or gone.
_HEAD = """
  WHERE letter.state IN ('due', 'sending') AND letter.state = 'due'
    AND (card.id IS NULL OR card.ts IS NOT NULL OR card.state = 'dead')
    AND NOT EXISTS (
      SELECT 1 FROM outbox AS earlier
      WHERE earlier.queue = letter.queue AND earlier.seq < letter.seq AND earlier.state IN ('due', 'sending')
    )
"""


class Outbox:
    """A letter goes from due to sending to sent; from sending back to due, or to dead. `seq` is its order."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, letter: Letter) -> bool:
        """Put it at the end of its queue; False, and nothing is changed, if its id is there already."""
        put = self._sql.execute(
            "INSERT INTO outbox (id, queue, kind, channel, thread, person, body, under, run, not_before,"
            " tries, created_at, probe, sent_ts, state, why, seq)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 'due', '',"
            # Over the open ones alone: closed ones are not compared any more.
            f" (SELECT COALESCE(MAX(seq), 0) + 1 FROM outbox WHERE {_OPEN})) ON CONFLICT DO NOTHING",
            _values(letter),
        )
        return put.rowcount == 1

    def heads(
        self, now: Millis, busy: Collection[str], limit: int, quiet: Collection[str] = ()
    ) -> list[Letter]:
        """The first open letter of each queue that may be sent now, in the order they were put there.

        Left out are queues in `busy`, those whose first letter is in flight, not due yet, or waits for its card,
        and what would be posted in a channel in `quiet`. Their bodies are not read: get() does that.
        """
        queue, queues = _not_in("letter.queue", busy)
        channel, channels = _not_in(_CHANNEL, quiet)
        loud = f" AND (letter.kind = 'whisper' OR (1 = 1{channel}))" if channels else ""
        rows = self._sql.execute(
            f"{_SELECT_HEADS}{_FROM}{_HEAD} AND letter.not_before <= ?{queue}{loud} ORDER BY letter.seq LIMIT ?",
            (now, *queues, *channels, limit),
        ).fetchall()
        return [_letter(row) for row in rows]

    def next_time(self, busy: Collection[str] = ()) -> Millis | None:
        """When the next letter may be sent, perhaps already; None if none waits for a time alone."""
        where, given = _not_in("letter.queue", busy)
        rows = self._sql.execute(f"SELECT MIN(letter.not_before){_FROM}{_HEAD}{where}", given).fetchall()
        moment: Millis | None = rows[0][0]
        return moment

    def claim(self, letter_id: str) -> bool:
        """From due to sending; False if it was not due."""
        return self._move(letter_id, "state = 'due'", "state = 'sending'")

    def sent(self, letter_id: str, ts: str, now: Millis) -> bool:
        """It is in Slack, as message `ts`."""
        return self._move(
            letter_id, _OPEN, "state = 'sent', probe = 0, sent_ts = ?, finished_at = ?", ts, now
        )

    def later(self, letter_id: str, not_before: Millis, probe: bool = False) -> bool:
        """It was not sent, or (`probe`) nobody knows: it is due again, still the first of its queue."""
        changes = "state = 'due', tries = tries + 1, not_before = ?, probe = ?"
        return self._move(letter_id, "state = 'sending'", changes, not_before, int(probe))

    def dead(self, letter_id: str, why: str, now: Millis | None = None) -> bool:
        """Give it up: the next of its queue can go. forget() goes by `now`, or by when it was made."""
        changes = "state = 'dead', why = ?, finished_at = COALESCE(?, created_at)"
        return self._move(letter_id, _OPEN, changes, why, now)

    def dead_below(self, card: str, why: str) -> int:
        """Give up all that is to be sent below a card. How many."""
        return self._sql.execute(
            "UPDATE outbox SET state = 'dead', why = ?, finished_at = created_at"
            f" WHERE under = ? AND {_OPEN} AND state = 'due'",
            (why, card),
        ).rowcount

    def take(self, prefix: str, place: Place, why: str) -> list[Letter]:
        """Give up those whose ids begin so and that everybody was to read in a thread; they come back in order."""
        rows = self._sql.execute(
            f"{_SELECT}{_FROM} WHERE letter.id >= ? AND letter.id < ? AND letter.channel = ? AND letter.thread = ?"
            " AND letter.kind <> 'whisper' AND letter.state IN ('due', 'sending') ORDER BY letter.seq",
            (prefix, prefix + LAST, place.channel, place.thread),
        ).fetchall()
        found = [_letter(row) for row in rows]
        for one in found:
            self.dead(one.id, why)
        return found

    def below(self, card: str) -> list[Letter]:
        """Those that are, or may be, in Slack below a card; without their bodies."""
        rows = self._sql.execute(
            f"{_SELECT_HEADS}{_FROM} WHERE letter.under = ? AND letter.state IN ('sending', 'sent', 'dead')"
            " AND (letter.state = 'sending' OR letter.probe = 1 OR letter.sent_ts <> '')",
            (card,),
        ).fetchall()
        return [_letter(row) for row in rows]

    def gone(self, letter_id: str) -> None:
        """It is not in Slack any more."""
        self._move(letter_id, "state IN ('sent', 'dead')", "sent_ts = '', probe = 0")

    def recover(self) -> int:
        """After a start: what was in flight may have arrived, so it is due with `probe` set. How many."""
        return self._sql.execute(
            f"UPDATE outbox SET state = 'due', probe = 1 WHERE {_OPEN} AND state = 'sending'"
        ).rowcount

    def get(self, letter_id: str) -> Letter | None:
        rows = self._sql.execute(f"{_SELECT}{_FROM} WHERE letter.id = ?", (letter_id,)).fetchall()
        return _letter(rows[0]) if rows else None

    def move_queue(self, queue: str, place: Place, new_queue: str) -> int:
        """Send the open letters of a queue to another place. How many.

        A letter stays under its card only if that card is not posted yet or is in the new channel.
        """
        return self._sql.execute(
            "UPDATE outbox SET queue = ?, channel = ?, thread = ?, under = CASE WHEN EXISTS ("
            "  SELECT 1 FROM cards"
            "  WHERE cards.id = outbox.under AND cards.ts IS NOT NULL AND cards.channel <> ?"
            f" ) THEN '' ELSE under END WHERE queue = ? AND {_OPEN}",
            (new_queue, place.channel, place.thread, place.channel, queue),
        ).rowcount

    def not_later_than(self, now: Millis) -> int:
        """What was to be sent later may be sent now. How many."""
        return self._sql.execute(
            f"UPDATE outbox SET not_before = ? WHERE {_OPEN} AND not_before > ?", (now, now)
        ).rowcount

    def waiting(self, since: Millis) -> int:
        """How many letters that were to be sent before that moment are not sent yet."""
        count: int = self._sql.execute(
            "SELECT COUNT(*) FROM outbox WHERE state IN ('due', 'sending') AND created_at < ? AND not_before < ?",
            (since, since),
        ).fetchall()[0][0]
        return count

    def given_up(self, since: Millis) -> list[str]:
        """Why letters written since that moment were given up; not those that something else has answered."""
        rows = self._sql.execute(
            "SELECT why FROM outbox WHERE state = 'dead' AND created_at >= ? AND queue NOT LIKE 'courtesy:%'"
            " AND why <> 'told in the answer' ORDER BY seq",
            (since,),
        ).fetchall()
        return [row[0] for row in rows]

    def forget(self, before: Millis) -> int:
        """Delete letters that were sent or given up before that moment. How many."""
        return self._sql.execute("DELETE FROM outbox WHERE finished_at < ?", (before,)).rowcount

    def _move(self, letter_id: str, condition: str, changes: str, *given: str | int | None) -> bool:
        moved = self._sql.execute(
            f"UPDATE outbox SET {changes} WHERE id = ? AND {condition}", (*given, letter_id)
        )
        return moved.rowcount == 1


def _not_in(what: str, names: Collection[str]) -> tuple[str, tuple[str, ...]]:
    # PostgreSQL has no empty list.
    return (f" AND {what} NOT IN ({', '.join('?' * len(names))})", tuple(names)) if names else ("", ())


def _values(letter: Letter) -> tuple[str | int | None, ...]:
    return (
        letter.id,
        letter.queue,
        letter.kind,
        letter.place.channel,
        letter.place.thread,
        letter.person,
        letter.body,
        letter.under,
        letter.run,
        letter.not_before,
        letter.tries,
        letter.created_at,
        int(letter.probe),
    )


def _letter(row: tuple[Any, ...]) -> Letter:
    key, queue, kind, channel, thread, *middle, probe, sent_ts, state, why = row
    return Letter(*(key, queue, kind, Place(channel, thread), *middle, bool(probe), sent_ts, state, why))
