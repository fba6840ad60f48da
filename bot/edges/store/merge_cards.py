"""Where merge requests are shown in Slack, and which of those messages have to be kept current."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from typing import Any

from bot.merge_requests import MergeCard, Reference
from bot.model import Millis, Person, Place

_SELECT = (
    "SELECT id, team, person, channel, thread, project_id, project, iid, living, at, remark, seen, since, next_look,"
    " looks, fails FROM merge_cards"
)
#: Cards of one merge request that are kept current: those shown last.
MOST_LIVING = 20


class MergeCards:
    """A merge request is looked at once for all of its cards."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, card: MergeCard) -> bool:
        """Write down that a message shows a merge request; False, and nothing is changed, if its id is there."""
        about = card.about
        put = self._sql.execute(
            "INSERT INTO merge_cards (id, team, person, channel, thread, project_id, project, iid, living, at, remark,"
            " seen, since, next_look, looks, fails) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (card.id, card.person.team, card.person.id, card.place.channel, card.place.thread, about.project_id,
             about.project, about.iid, int(card.living), card.at, card.remark, card.seen, card.since, card.next_look,
             card.looks, card.fails),
        )  # fmt: skip
        return put.rowcount == 1

    def get(self, card_id: str) -> MergeCard | None:
        rows = self._sql.execute(f"{_SELECT} WHERE id = ?", (card_id,)).fetchall()
        return _card(rows[0]) if rows else None

    def of(self, about: Reference) -> list[MergeCard]:
        """The cards of a merge request that are edited as it changes, those shown last first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE project_id = ? AND iid = ? AND living = 1 ORDER BY at DESC, id DESC LIMIT ?",
            (about.project_id, about.iid, MOST_LIVING),
        ).fetchall()
        return [_card(row) for row in rows]

    def in_thread(self, place: Place) -> MergeCard | None:
        """The card that a thread stands under, else the newest that stands in it."""
        if place.thread is None:
            return None
        where = (place.channel, place.thread)
        rows = self._sql.execute(
            f"{_SELECT} WHERE id IN (SELECT id FROM cards WHERE channel = ? AND ts = ?)", where
        ).fetchall() or self._sql.execute(
            f"{_SELECT} WHERE living = 1 AND channel = ? AND thread = ? ORDER BY at DESC, id DESC LIMIT 1", where
        ).fetchall()  # fmt: skip
        return _card(rows[0]) if rows else None

    def due(self, now: Millis, limit: int) -> list[MergeCard]:
        """Cards whose merge request is to be looked at by now, the longest overdue first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE living = 1 AND next_look <= ? ORDER BY next_look, id LIMIT ?", (now, limit)
        ).fetchall()
        return [_card(row) for row in rows]

    def looked(
        self, about: Reference, *, seen: str, since: Millis, next_look: Millis, looks: int, fails: int = 0
    ) -> None:  # fmt: skip
        """Write down how a merge request was seen, and when it is looked at next, for all of its cards."""
        self._sql.execute(
            "UPDATE merge_cards SET seen = ?, since = ?, next_look = ?, looks = ?, fails = ?"
            " WHERE project_id = ? AND iid = ? AND living = 1",
            (seen, since, next_look, looks, fails, about.project_id, about.iid),
        )

    def later(self, about: Reference, next_look: Millis, fails: int) -> None:
        """Write down when it is looked at next, and how often looking has failed."""
        self._sql.execute(
            "UPDATE merge_cards SET next_look = ?, fails = ? WHERE project_id = ? AND iid = ? AND living = 1",
            (next_look, fails, about.project_id, about.iid),
        )

    def remark(self, about: Reference, remark: str) -> None:
        """Write down what was done last with a merge request, for all of its cards."""
        self._sql.execute(
            "UPDATE merge_cards SET remark = ? WHERE project_id = ? AND iid = ? AND living = 1",
            (remark, about.project_id, about.iid),
        )

    def not_later_than(self, now: Millis) -> int:
        """What is to be looked at in an hour at most is looked at now. How many."""
        return self._sql.execute(
            "UPDATE merge_cards SET next_look = ? WHERE living = 1 AND next_look > ? AND next_look < ?",
            (now, now, _NEVER),
        ).rowcount

    def forget(self, before: Millis) -> int:
        """Delete cards that were shown before that moment. How many."""
        return self._sql.execute("DELETE FROM merge_cards WHERE at < ?", (before,)).rowcount


#: What is not looked at any more has this time (bot/jobs/life.py).
_NEVER: Millis = 2**53


def _card(row: tuple[Any, ...]) -> MergeCard:
    key, team, person, channel, thread, project_id, project, iid, living, *rest = row
    return MergeCard(
        key, Person(team, person), Place(channel, thread), Reference(project_id, project, iid), bool(living), *rest
    )  # fmt: skip
