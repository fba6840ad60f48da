"""Where whole pipelines are shown in Slack, and which of those messages have to be kept current."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from dataclasses import fields
from typing import Any

from bot.model import Millis, Person, Place
from bot.stages import PipelineCard

#: The two records inside a card, and the columns they are spread over.
_SPREAD = {"person": ("team", "person"), "place": ("channel", "thread")}
_NAMES = tuple(name for field in fields(PipelineCard) for name in _SPREAD.get(field.name, (field.name,)))
_COLUMNS = ", ".join(_NAMES)
_SELECT = f"SELECT {_COLUMNS} FROM pipeline_cards"
_TRUTHS = frozenset({"living", "started", "deploys"})
#: What may be written down of all cards of a pipeline at once.
_CHANGEABLE = frozenset({"remark", "seen", "stages", "told", "since", "next_look", "looks", "fails"})
#: What is not looked at any more has this time (bot/jobs/life.py).
_NEVER: Millis = 2**53


class PipelineCards:
    """A pipeline is looked at once for all of its cards."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, card: PipelineCard) -> bool:
        """Write down that a message shows a pipeline; False, and nothing is changed, if its id is there."""
        put = self._sql.execute(
            f"INSERT INTO pipeline_cards ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})"
            " ON CONFLICT DO NOTHING",
            _row(card),
        )
        return put.rowcount == 1

    def get(self, card_id: str) -> PipelineCard | None:
        return next(iter(self._many("WHERE id = ?", card_id)), None)

    def of(self, project_id: int, pipeline: int) -> list[PipelineCard]:
        """The cards of a pipeline that are edited as it goes on, those shown last first."""
        where = "WHERE project_id = ? AND pipeline = ? AND living = 1 ORDER BY at DESC, id DESC LIMIT 20"
        return self._many(where, project_id, pipeline)

    def started(self, project_id: int) -> frozenset[int]:
        """Ids of the pipelines of a project that were started from here as a whole."""
        rows = self._sql.execute(
            "SELECT pipeline FROM pipeline_cards WHERE project_id = ? AND started = 1", (project_id,)
        ).fetchall()
        return frozenset(row[0] for row in rows)

    def in_thread(self, place: Place) -> PipelineCard | None:
        """The card that a thread stands under, else the newest that stands in it."""
        if place.thread is None:
            return None
        above = "WHERE id IN (SELECT id FROM cards WHERE channel = ? AND ts = ?)"
        inside = "WHERE living = 1 AND channel = ? AND thread = ? ORDER BY at DESC, id DESC LIMIT 1"
        found = self._many(above, place.channel, place.thread) or self._many(
            inside, place.channel, place.thread
        )
        return next(iter(found), None)

    def due(self, now: Millis, limit: int) -> list[PipelineCard]:
        """Cards whose pipeline is to be looked at by now, the longest overdue first."""
        return self._many("WHERE living = 1 AND next_look <= ? ORDER BY next_look, id LIMIT ?", now, limit)

    def change(self, project_id: int, pipeline: int, **changes: Any) -> None:
        """Write something down for all living cards of a pipeline, by the names of PipelineCard's fields.

        Raises TypeError for what belongs to one card alone.
        """
        wrong = changes.keys() - _CHANGEABLE
        if wrong:
            raise TypeError(f"A pipeline's {', '.join(sorted(wrong))} cannot be changed")
        assignments = ", ".join(f"{name} = ?" for name in changes)
        self._sql.execute(
            f"UPDATE pipeline_cards SET {assignments} WHERE project_id = ? AND pipeline = ? AND living = 1",
            (*changes.values(), project_id, pipeline),
        )

    def not_later_than(self, now: Millis) -> int:
        """What is to be looked at later is looked at now, unless that is never. How many."""
        return self._sql.execute(
            "UPDATE pipeline_cards SET next_look = ? WHERE living = 1 AND next_look > ? AND next_look < ?",
            (now, now, _NEVER),
        ).rowcount

    def forget(self, before: Millis) -> int:
        """Delete cards that were shown before that moment. How many."""
        return self._sql.execute("DELETE FROM pipeline_cards WHERE at < ?", (before,)).rowcount

    def _many(self, where: str, *given: str | int) -> list[PipelineCard]:
        return [_card(row) for row in self._sql.execute(f"{_SELECT} {where}", given).fetchall()]


def _row(card: PipelineCard) -> list[Any]:
    values = {field.name: getattr(card, field.name) for field in fields(PipelineCard)}
    values |= {"team": card.person.team, "person": card.person.id}
    values |= {"channel": card.place.channel, "thread": card.place.thread}
    return [int(values[name]) if name in _TRUTHS else values[name] for name in _NAMES]


def _card(row: tuple[Any, ...]) -> PipelineCard:
    values = dict(zip(_NAMES, row, strict=True))
    person = Person(values.pop("team"), values.pop("person"))
    place = Place(values.pop("channel"), values.pop("thread"))
    values |= {name: bool(values[name]) for name in _TRUTHS}
    return PipelineCard(person=person, place=place, **values)
