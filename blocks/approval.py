"""Approvals: what waits for one, and the form that refuses one."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, job, lists, parts
from blocks.answers import said
from bot.ledger import Approval
from bot.model import Block, Message, Millis, Place, Run
from bot.text import escape, one_line

#: Callback id of the form, and the field in it.
REJECTION, REASON = "approvals.rejected", "reason"
REASON_SHOWN = 200

Waiting = Sequence[tuple[Approval, Run]]


def waiting(mine: Waiting, asked: Waiting, now: Millis) -> Message:
    """Return what waits for this person's approval, and what this person waits for."""
    lines = [f"• {_line(approval, run, now)}" for approval, run in mine]
    lines += [f"• You asked: {_line(approval, run, now)}" for approval, run in asked]
    title = "Waiting for your approval" if mine else "Nothing waits for your approval."
    return lists.listed(title, lines, footer="Decide on its card, where all of it is shown." if mine else "")


def counted(approval: Approval, votes: int) -> Message:
    """Return what somebody hears whose approval is not the last that is needed."""
    return said(f"Counted: {votes} of {approval.needs}. It starts with the last one.")


def rejection(run_id: str, place: Place) -> Block:
    """Return the form that asks why."""
    field = forms.text(
        REASON, "Why not?", hint="It stands on the card, for everybody to read.", lines=True, most=500
    )
    return forms.modal(REJECTION, run_id, place, title="Reject", submit="Reject it", body=[field])


def _line(approval: Approval, run: Run, now: Millis) -> str:
    reason = escape(one_line(approval.reason, REASON_SHOWN))
    until = parts.moment(approval.expires_at, now=now)
    return f"{job.line(run, now)} · asked by {escape(run.asker or run.person.id)}: {reason} · until {until}"
