"""Runs that wait: for an approval, or until their environment is free; what they become then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from bot.access import accounts, ladder, locks
from bot.deeds import SHA_SHOWN, Bound, Mark, Permit, Step, Verdict
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import BotError, GitLabBusy, GitLabUnreachable, NotLinked, Refused
from bot.jobs import anew, guarded, life, start, summons, tied, trail
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.ledger import Approval, Vote, Waiter
from bot.model import Millis, Run, RunState
from bot.policy import Rule
from bot.text import sentence

log = logging.getLogger(__name__)

APPROVAL, LOCK, GITLAB = "approval", "lock", "gitlab"
#: How often a run that waits for a lock looks by itself; the lock's end wakes it before.
LOOK_AGAIN_MS: Millis = 30_000
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """A run as it will be written down, and what is written down with it."""

    run: Run
    note: Callable[[Tx], None]


def plan(kit: Kit, draw: Drawing, run: Run, verdict: Verdict, bound: Bound, permit: Permit) -> Plan:
    """
    Return how a run begins after its ladder: at once, held for an approval, or held for a lock.

    Raises Refused where nobody else would see what they have to.
    """
    if run.overridden and run.place.is_dm:
        raise Refused(
            "An override is for everybody to see, and only you and I see this. Type it in a channel."
        )
    rule = ladder.rule_named(kit, verdict.wants) if verdict.wants else None
    account = accounts.account(kit, run.person)
    run = replace(run, gitlab_id=account.gitlab_id, agreed=tied.agreed(verdict, bound, permit),
                  eased=eased(verdict, permit))  # fmt: skip
    if rule is not None:
        return _for_approval(kit, draw, run, rule, bound, permit)
    decided = _named(verdict, "rules")
    lock = _lock(verdict)
    if lock:
        return _for_lock(kit, run, verdict, lock, decided.rule if decided else "")
    return _at_once(kit, draw, run, verdict, decided.rule if decided else "")


def overrides(kit: Kit, verdict: Verdict, permit: Permit, name: str) -> dict[str, str]:
    """Return what a retry overrides, by the names of Run's fields."""
    return {"overridden": kit.redact(overridden(verdict, permit, name)), "eased": eased(verdict, permit)}


def overridden(verdict: Verdict, permit: Permit, name: str) -> str:
    """Return who overrides what, and why, in words for the card; empty if nobody does."""
    what = " and the ".join(eased(verdict, permit).split())
    return f"{name} overrides the {what}: {permit.override}" if what else ""


def eased(verdict: Verdict, permit: Permit) -> str:
    """Return the names of the steps that an override is about, with spaces between."""
    found = [step.name for step in verdict.steps if step.mark is Mark.WARN and step.remedy == "override"]
    return " ".join(dict.fromkeys(found)) if permit.override else ""


def _at_once(kit: Kit, draw: Drawing, run: Run, verdict: Verdict, rule: str) -> Plan:
    in_gitlab = next(
        (step for step in verdict.steps if step.name == "approval" and "GitLab" in step.said), None
    )
    begun = replace(run, hold=GITLAB, hold_said=in_gitlab.said) if in_gitlab else run

    def note(tx: Tx) -> None:
        trail.overridden(tx, kit, begun)
        trail.note(tx, kit, begun, "allowed", rule=rule)
        trail.lock(tx, kit, draw, begun)

    return Plan(begun, note)


# For an approval ------------------------------------------------------------------------------------------------


def _for_approval(kit: Kit, draw: Drawing, run: Run, rule: Rule, bound: Bound, permit: Permit) -> Plan:
    place = summons.where(run, rule)
    now = kit.now()
    reason = kit.redact(permit.reason)  # It is stored, and told to others.
    approval = Approval(run.id, rule.name, rule.approvals, rule.by, reason, bound, run.gitlab_id, now,
                        now + rule.expires)  # fmt: skip
    asked_in = "" if place == run.place else run.place.channel
    waiting = replace(run, place=place, asked_in=asked_in, state=RunState.HELD, hold=APPROVAL,
                      hold_until=approval.expires_at, hold_said=said(approval, ()))  # fmt: skip

    def note(tx: Tx) -> None:
        tx.approvals.add(approval)
        trail.overridden(tx, kit, waiting)
        trail.note(tx, kit, waiting, "asked", rule=rule.name, detail=permit.reason)
        people, groups = summons.approvers(kit, tx, rule, waiting)
        letters.in_thread(tx, f"{run.id}.summons", draw.summons(waiting, people, groups), waiting, now)

    return Plan(waiting, note)


def said(approval: Approval, votes: Sequence[Vote]) -> str:
    """Return how far an approval has come, in words for the card."""
    so_far = f", {len(votes)} so far ({', '.join(vote.name for vote in votes)})" if votes else ""
    who = " or ".join(approval.by)
    commit = (
        f" Tied to {approval.bound.ref} at {approval.bound.sha[:SHA_SHOWN]}." if approval.bound.sha else ""
    )
    many = "an approval" if approval.needs == 1 else f"{approval.needs} approvals"
    return f"Needs {many} from {who}{so_far}. Reason: {sentence(approval.reason)}{commit}"


# For a lock -----------------------------------------------------------------------------------------------------


def _lock(verdict: Verdict) -> Step | None:
    """Return the lock that is waited for, be it that of a deployment that begins along with it."""
    return next((step for step in verdict.steps if _waits_for(step)), None)


def _waits_for(step: Step | None) -> bool:
    return step is not None and (step.name, step.mark, step.remedy) == ("lock", Mark.WARN, "queue")


def _queues(run: Run, verdict: Verdict) -> bool:
    """Tell whether it takes its place in a queue: its own environment's, whose lock is looked at first."""
    return bool(run.environment) and _waits_for(_named(verdict, "lock"))


def _waiter(kit: Kit, run: Run, name: str) -> Waiter:
    return Waiter(f"{run.id}.{name}", run.project_id, run.environment, run.person, run.asker, run.gitlab_id, run.place,
                  kit.now(), run=run.id)  # fmt: skip


def _for_lock(kit: Kit, run: Run, verdict: Verdict, step: Step, rule: str) -> Plan:
    waiting = replace(run, state=RunState.HELD, hold=LOCK, hold_said=step.said, hold_until=step.until,
                      next_look=kit.now() + LOOK_AGAIN_MS)  # fmt: skip

    def note(tx: Tx) -> None:
        if _queues(run, verdict):
            locks.join(tx, _waiter(kit, run, "wait"))
        trail.overridden(tx, kit, waiting)
        trail.note(tx, kit, waiting, "queued", rule=rule)

    return Plan(waiting, note)


def look(kit: Kit, draw: Drawing) -> None:
    """
    Look at the runs that are due: whose lock may be gone, whose approval is given or too late.

    Those too that a crash left between the word to start and the call.
    """
    now = kit.now()
    with kit.store.read() as tx:
        due = tx.runs.due(now, (RunState.HELD, RunState.ASKED), MOST_AT_ONCE)
        late = tx.approvals.expired(now, MOST_AT_ONCE)
    for approval in late:
        expire(kit, draw, approval)
    for run in due:
        if run.state is RunState.ASKED:
            kit.apart(f"held {run.id}", partial(_call, kit, draw, run))
        elif run.hold == LOCK or run.approved_by:
            kit.apart(f"held {run.id}", partial(try_to_start, kit, draw, run))
        else:
            _wait_for_people(kit, run)


def _wait_for_people(kit: Kit, run: Run) -> None:
    """There is nothing to look at before somebody presses a button."""
    with kit.store.write() as tx:
        tx.runs.change(run.id, run.state, next_look=life.NEVER)


def expire(kit: Kit, draw: Drawing, approval: Approval) -> None:
    """Nobody approved it in time: nothing is started."""
    end(kit, draw, approval, "expired", why="Nobody approved it in time. Nothing was started.")


def end(kit: Kit, draw: Drawing, approval: Approval, state: str, *, by: str = "", why: str) -> bool:
    """End an approval that was not given, once, and its run with it; False if somebody else has ended it."""
    with kit.store.write() as tx:
        run = tx.runs.get(approval.run)
        if run is None or not tx.approvals.end(approval.run, state, by=by, why=why):
            return False
        trail.note(tx, kit, run, state, rule=approval.rule, by=by, detail=why)
        life.advance_in(tx, kit, draw, run, RunState.REFUSED, problem=why, hold="", hold_said="", hold_until=None,
                        finished_at=kit.now(), next_look=life.NEVER)  # fmt: skip
        if state != "withdrawn":
            letters.in_thread(tx, f"{run.id}.{state}", draw.turned_down(run, kit.redact(why)), run, kit.now())
    kit.deliver()
    return True


def try_to_start(kit: Kit, draw: Drawing, run: Run) -> None:
    """Look at everything anew for a run that waited, and start it, let it wait on, or say why it is over."""
    try:
        what = anew.subject(kit, run)
        verdict = anew.climb(kit, run, what)
    except (GitLabUnreachable, GitLabBusy) as error:
        log.info("run %s waits on: %s", run.id, error)
        life.update(kit, draw, run, next_look=kit.now() + LOOK_AGAIN_MS)
        return
    except NotLinked:
        _over(kit, draw, run, start.unconnected(run))
        return
    except BotError as error:
        _over(kit, draw, run, f"{error} Nothing was started.")
        return
    stopped, lock = verdict.stopped or verdict.asks, _lock(verdict)
    if stopped and _only_now(verdict.steps):
        why = f"{stopped.said} I look again by myself."
        life.update(kit, draw, run, problem=why, next_look=kit.now() + LOOK_AGAIN_MS)
    elif stopped:
        final = next((step for step in verdict.steps if step.mark is Mark.STOP and not step.passing), stopped)
        _over(kit, draw, run, f"{final.said} Nothing was started.")
    elif lock:
        _wait_on(kit, draw, run, verdict, lock)
    else:
        go(kit, draw, run, what)


def _only_now(steps: Sequence[Step]) -> bool:
    """Tell whether all that says no is of this moment alone, such as a GitLab that did not answer."""
    stops = [step for step in steps if step.mark is Mark.STOP]
    return bool(stops) and all(step.passing for step in stops)


def go(kit: Kit, draw: Drawing, run: Run, what: guarded.Subject) -> None:
    """Start a run that waited; it is its asker who starts it."""
    try:
        begun = life.advance(kit, draw, run, RunState.ASKED, hold="", hold_said="", hold_until=None, sha=what.sha,
                             problem="", next_look=kit.now() + LOOK_AGAIN_MS)  # fmt: skip
    except Refused as faster:
        log.info("run %s waits on: %s", run.id, faster)
        life.update(kit, draw, run, hold=LOCK, hold_said=str(faster), next_look=kit.now() + LOOK_AGAIN_MS)
        return
    if begun is not None:
        _call(kit, draw, begun)


def _call(kit: Kit, draw: Drawing, run: Run) -> None:
    with suppress(NotLinked):  # Its card says so, and its asker was told.
        start.call(kit, draw, run)


def _wait_on(kit: Kit, draw: Drawing, run: Run, verdict: Verdict, step: Step) -> None:
    """It is another's turn, or the lock was taken anew."""
    changes = {"hold": LOCK, "hold_said": step.said, "hold_until": step.until, "problem": ""}
    queues, waiter = _queues(run, verdict), _waiter(kit, run, kit.new_id())
    with kit.store.write() as tx:
        # Its turn may have come while it was being looked at.
        served = queues and tx.locks.of_run(run.id) is not None
        again = kit.now() + (0 if served else LOOK_AGAIN_MS)
        moved = life.advance_in(tx, kit, draw, run, RunState.HELD, **changes, next_look=again)
        if moved is not None and queues and not served:
            locks.join(tx, waiter)
    kit.deliver()


def _over(kit: Kit, draw: Drawing, run: Run, why: str) -> None:
    life.advance(kit, draw, run, RunState.REFUSED, problem=why, hold="", hold_said="", hold_until=None,
                 finished_at=kit.now(), next_look=life.NEVER)  # fmt: skip


def _named(verdict: Verdict, name: str) -> Step | None:
    return next((step for step in verdict.steps if step.name == name), None)
