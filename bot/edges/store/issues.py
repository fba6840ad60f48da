"""Where issues are shown in Slack, and which issue a thread, a channel or a conversation is about."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import sqlite3
from typing import Any

from bot.model import Millis, Person, Place
from bot.tracker import IssueCard, Subject

_SELECT = (
    "SELECT id, team, person, channel, thread, project_id, project, iid, living, remark, at FROM issue_cards"
)
#: Cards of one issue that are kept current: those shown last.
MOST_LIVING = 20
#: What stands for no thread, which a primary key cannot hold as NULL.
_TOP = ""


class Issues:
    """An issue is named by its project's id and its number, since both survive a renamed project."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    # Cards --------------------------------------------------------------------------------------------------

    def put_card(self, card: IssueCard) -> None:
        """Write down that a message shows an issue; the same card again changes nothing."""
        about = card.subject
        self._sql.execute(
            "INSERT INTO issue_cards (id, team, person, channel, thread, project_id, project, iid, living, remark, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (card.id, card.person.team, card.person.id, card.place.channel, card.place.thread, about.project_id,
             about.project, about.iid, int(card.living), card.remark, card.at),
        )  # fmt: skip

    def card(self, card_id: str) -> IssueCard | None:
        rows = self._sql.execute(f"{_SELECT} WHERE id = ?", (card_id,)).fetchall()
        return _card(rows[0]) if rows else None

    def cards_of(self, subject: Subject) -> list[IssueCard]:
        """The cards of an issue that are edited as it changes, those shown last first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE project_id = ? AND iid = ? AND living = 1 ORDER BY at DESC, id DESC LIMIT ?",
            (subject.project_id, subject.iid, MOST_LIVING),
        ).fetchall()
        return [_card(row) for row in rows]

    def remark(self, subject: Subject, remark: str) -> None:
        """Write down what was done last with an issue, for all of its cards."""
        self._sql.execute(
            "UPDATE issue_cards SET remark = ? WHERE project_id = ? AND iid = ? AND living = 1",
            (remark, subject.project_id, subject.iid),
        )

    def end_card(self, card_id: str) -> None:
        """A card that is not edited any more, since its issue is not for everybody there."""
        self._sql.execute("UPDATE issue_cards SET living = 0 WHERE id = ?", (card_id,))

    def moved(self, before: Subject, after: Subject) -> None:
        """Let every card and every place be about the issue that another was moved to."""
        for table in ("issue_cards", "issue_subjects"):
            self._sql.execute(
                f"UPDATE {table} SET project_id = ?, project = ?, iid = ? WHERE project_id = ? AND iid = ?",
                (after.project_id, after.project, after.iid, before.project_id, before.iid),
            )

    # Subjects -----------------------------------------------------------------------------------------------

    def set_subject(self, team: str, place: Place, subject: Subject | None, now: Millis) -> None:
        """Say which issue a thread, or a channel as such, is about; None takes it away."""
        where = (team, place.channel, place.thread or _TOP)
        if subject is None:
            self._sql.execute(
                "DELETE FROM issue_subjects WHERE team = ? AND channel = ? AND thread = ?", where
            )
            return
        self._sql.execute(
            "INSERT INTO issue_subjects (team, channel, thread, project_id, project, iid, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team, channel, thread) DO UPDATE SET"
            " project_id = excluded.project_id, project = excluded.project, iid = excluded.iid, at = excluded.at",
            (*where, subject.project_id, subject.project, subject.iid, now),
        )

    def subject(self, team: str, place: Place) -> Subject | None:
        """The issue a thread is about, by the card above it or by what was said in it; else that of the channel."""
        if place.thread is not None:
            return self._below_card(place) or self._subject(team, place.channel, place.thread)
        return self._subject(team, place.channel, _TOP)

    def _below_card(self, place: Place) -> Subject | None:
        """The issue whose card is the message that a thread stands under."""
        rows = self._sql.execute(
            "SELECT issue_cards.project_id, issue_cards.project, issue_cards.iid FROM cards"
            " JOIN issue_cards ON issue_cards.id = cards.id WHERE cards.channel = ? AND cards.ts = ?",
            (place.channel, place.thread),
        ).fetchall()
        return Subject(*rows[0]) if rows else None

    def _subject(self, team: str, channel: str, thread: str) -> Subject | None:
        rows = self._sql.execute(
            "SELECT project_id, project, iid FROM issue_subjects WHERE team = ? AND channel = ? AND thread = ?",
            (team, channel, thread),
        ).fetchall()
        return Subject(*rows[0]) if rows else None

    def forget(self, before: Millis) -> int:
        """Delete cards that were shown, and threads that were about an issue, before that moment. How many.

        What somebody said a channel is about stays so.
        """
        cards = self._sql.execute("DELETE FROM issue_cards WHERE at < ?", (before,)).rowcount
        old = "DELETE FROM issue_subjects WHERE at < ? AND thread <> ''"
        return cards + self._sql.execute(old, (before,)).rowcount


def _card(row: tuple[Any, ...]) -> IssueCard:
    key, team, person, channel, thread, project_id, project, iid, living, remark, at = row
    return IssueCard(
        key, Person(team, person), Place(channel, thread), Subject(project_id, project, iid), bool(living), remark, at
    )  # fmt: skip
