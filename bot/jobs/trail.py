"""What follows when a run moves on: its line in the audit trail, and the lock of its environment."""

from __future__ import annotations

from typing import Protocol

from bot.access import audit, locks
from bot.access.lock_telling import say
from bot.edges.store import Tx
from bot.errors import Refused
from bot.jobs import guarded
from bot.kit import Kit
from bot.ledger import Lock
from bot.model import Message, Place, Run, RunState

#: States in which a run deploys to its environment, or may.
UNDER_WAY = frozenset({RunState.ASKED, RunState.CALLING, RunState.RUNNING})
#: States in which a run has its environment, or a place in the queue for it.
BEFORE_ITS_END = UNDER_WAY | {RunState.HELD}
_DECISIONS = {RunState.REFUSED: "not started", RunState.UNKNOWN: "not known", RunState.REPLYING: "ended"}


class Drawing(Protocol):
    """How it is told that a run goes past a lock; handed in, since the rules do not know `blocks`."""

    def past_lock(self, run: Run, lock: Lock) -> Message: ...


def asked_in(run: Run) -> Place:
    """Return where a run was asked for: channel rules, the trail and the job itself go by that, not by its card."""
    return Place(run.asked_in) if run.asked_in else run.place


def follow(tx: Tx, kit: Kit, draw: Drawing, before: Run, run: Run) -> None:
    """Write down what moving from `before` to `run` means, in the transaction that moves it."""
    if before.state not in UNDER_WAY and run.state in UNDER_WAY:
        lock(tx, kit, draw, run)
    if before.environment and before.state in BEFORE_ITS_END and run.state not in BEFORE_ITS_END:
        locks.release_run(tx, kit, run, kit.now())
    decision = _decision(before, run)
    if decision:
        note(tx, kit, run, decision, detail=run.problem or run.status)


def lock(tx: Tx, kit: Kit, draw: Drawing, run: Run) -> None:
    """
    Take the environment for the time of the deployment, unless its holder does so already.

    Raises Refused, and the transaction does not happen, if somebody else was faster than the ladder could see. A run
    that GitLab has already is refused no more: whoever holds the lock is told. Only an override of the lock itself
    goes past it.
    """
    account = tx.accounts.get(run.person)
    if not run.environment or account is None:
        return
    held = tx.locks.held(run.project_id, run.environment)
    if held and not locks.holds(held, account) and held.run != run.id:
        if "lock" not in run.eased.split() and run.state is not RunState.RUNNING:
            raise Refused(
                f"{held.name} has just locked {run.environment}. Nothing was started. Try again when it is free."
            )
        say(tx, f"{run.id}.{run.called_at}.past", held, draw.past_lock(run, held), kit.now())
    if kit.config.policy.lock_deployments:
        locks.take_for_run(tx, kit, run, account, kit.now())


def note(
    tx: Tx, kit: Kit, run: Run, decision: str, *, rule: str = "", by: str = "", detail: str = ""
) -> None:
    """Add a line about a run to the audit trail."""
    place = asked_in(run)
    deed = guarded.deed_of_run(run, run.person, place, run.command)
    account = tx.accounts.get(run.person)
    audit.note(tx, audit.entry(kit, deed, decision, name=run.asker, place=place, account=account, rule=rule,
                               by=by, pipeline=run.pipeline, detail=detail))  # fmt: skip


def overridden(tx: Tx, kit: Kit, run: Run, by: str = "") -> None:
    """Add the line about what is overridden for a run, if something is."""
    if run.overridden:
        note(tx, kit, run, "overridden", by=by or run.asker, detail=run.overridden)


def _decision(before: Run, run: Run) -> str:
    if before.state is run.state:
        return ""
    if run.state is RunState.RUNNING:
        return "retried" if before.retried_by else "started"
    return _DECISIONS.get(run.state, "")
