"""Approvals that runs wait for, and the votes for each."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from bot.deeds import Bound
from bot.ledger import Approval, Vote
from bot.model import Millis, Person

_SELECT = """
  SELECT run, rule, needs, by, reason, bound, requester, asked_at, expires_at, state, ended_by, ended_why FROM approvals
"""


class Approvals:
    """An approval goes from open to granted, rejected, withdrawn, void or expired, once."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def add(self, approval: Approval) -> bool:
        """Ask for an approval; False, and nothing is changed, if this run has one already."""
        added = self._sql.execute(
            "INSERT INTO approvals (run, rule, needs, by, reason, bound, requester, asked_at, expires_at, state,"
            " ended_by, ended_why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (approval.run, approval.rule, approval.needs, json.dumps(approval.by), approval.reason,
             json.dumps(asdict(approval.bound)), approval.requester, approval.asked_at, approval.expires_at,
             approval.state, approval.ended_by, approval.ended_why),
        )  # fmt: skip
        return added.rowcount == 1

    def get(self, run: str) -> Approval | None:
        rows = self._sql.execute(f"{_SELECT} WHERE run = ?", (run,)).fetchall()
        return _approval(rows[0]) if rows else None

    def open(self, limit: int) -> list[Approval]:
        """Those that wait, the oldest first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE state = 'open' ORDER BY asked_at LIMIT ?", (limit,)
        ).fetchall()
        return [_approval(row) for row in rows]

    def expired(self, now: Millis, limit: int) -> list[Approval]:
        """Those that have waited for too long, the longest first."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE state = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT ?", (now, limit)
        ).fetchall()
        return [_approval(row) for row in rows]

    def end(self, run: str, state: str, *, by: str = "", why: str = "") -> bool:
        """From open to `state`; False if somebody else has ended it."""
        ended = self._sql.execute(
            "UPDATE approvals SET state = ?, ended_by = ?, ended_why = ? WHERE run = ? AND state = 'open'",
            (state, by, why, run),
        )
        return ended.rowcount == 1

    def vote(self, vote: Vote) -> bool:
        """Count somebody's approval; False if this GitLab account has been counted."""
        put = self._sql.execute(
            "INSERT INTO votes (run, gitlab_id, team, person, name, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (vote.run, vote.gitlab_id, vote.person.team, vote.person.id, vote.name, vote.at),
        )
        return put.rowcount == 1

    def unvote(self, run: str, gitlab_id: int) -> bool:
        """Count somebody's approval no more; False if it was not counted."""
        gone = self._sql.execute("DELETE FROM votes WHERE run = ? AND gitlab_id = ?", (run, gitlab_id))
        return gone.rowcount == 1

    def votes(self, run: str) -> list[Vote]:
        """Who has approved, in order."""
        rows = self._sql.execute(
            "SELECT run, gitlab_id, team, person, name, at FROM votes WHERE run = ? ORDER BY at, gitlab_id",
            (run,),
        ).fetchall()
        return [Vote(row[0], row[1], Person(row[2], row[3]), row[4], row[5]) for row in rows]

    def forget(self, before: Millis) -> int:
        """Delete what ended and was asked for before that moment, with its votes. How many."""
        gone = "SELECT run FROM approvals WHERE state <> 'open' AND asked_at < ?"
        self._sql.execute(f"DELETE FROM votes WHERE run IN ({gone})", (before,))  # noqa: S608 -- a constant of this room
        return self._sql.execute(
            "DELETE FROM approvals WHERE state <> 'open' AND asked_at < ?", (before,)
        ).rowcount


def _approval(row: tuple[Any, ...]) -> Approval:
    run, rule, needs, by, reason, bound, *rest = row
    return Approval(run, rule, needs, tuple(json.loads(by)), reason, Bound(**json.loads(bound)), *rest)
