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
from bot.jobs import anew, guarded, life, start, trail
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.ledger import Approval, Vote, Waiter
from bot.model import Millis, Place, Run, RunState
from bot.policy import Rule
from bot.text import sentence

log = logging.getLogger(__name__)

APPROVAL, LOCK, GITLAB = "approval", "lock", "gitlab"
#: How often a run that waits for a lock looks by itself; the lock's end wakes it before.
LOOK_AGAIN_MS: Millis = 30_000
MOST_AT_ONCE = 50
#: People, and user groups, who are mentioned when a run waits for their approval.
MOST_CALLED = 5


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
    if rule is not None:
        return _for_approval(kit, draw, run, rule, bound, permit)
    decided = _named(verdict, "rules")
    if _waits_for_lock(verdict):
        return _for_lock(kit, run, _named(verdict, "lock"), decided.rule if decided else "")
    return _at_once(kit, draw, run, verdict, decided.rule if decided else "")


def overridden(verdict: Verdict, permit: Permit, name: str) -> str:
    """Return who overrides what, and why, in words for the card; empty if nobody does."""
    what = [step.name for step in verdict.steps if step.mark is Mark.WARN and step.remedy == "override"]
    return (
        f"{name} overrides the {' and the '.join(what)}: {permit.override}"
        if what and permit.override
        else ""
    )


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
    place = _where(run, rule)
    now = kit.now()
    account = accounts.account(kit, run.person)
    reason = kit.redact(permit.reason)  # It is stored, and told to others.
    approval = Approval(run.id, rule.name, rule.approvals, rule.by, reason, bound, account.gitlab_id, now,
                        now + rule.expires)  # fmt: skip
    waiting = replace(run, place=place, state=RunState.HELD, hold=APPROVAL, hold_until=approval.expires_at,
                      hold_said=said(approval, ()))  # fmt: skip

    def note(tx: Tx) -> None:
        tx.approvals.add(approval)
        trail.overridden(tx, kit, waiting)
        trail.note(tx, kit, waiting, "asked", rule=rule.name, detail=permit.reason)
        people, groups = _approvers(kit, tx, rule, waiting)
        letters.in_thread(tx, f"{run.id}.summons", draw.summons(waiting, people, groups), waiting, now)

    return Plan(waiting, note)


def _approvers(kit: Kit, tx: Tx, rule: Rule, run: Run) -> tuple[list[str], list[str]]:
    """Return the Slack ids of people and user groups who are called to a card; few, or it would only be noise."""
    members = [member for group in rule.by for member in kit.config.policy.groups.get(group, ())]
    people = [one for member in members for one in _slack_ids(tx, member) if one != run.person.id]
    groups = [member for member in members if member.startswith("S")]
    return list(dict.fromkeys(people))[:MOST_CALLED], groups[:MOST_CALLED]


def _slack_ids(tx: Tx, member: str) -> list[str]:
    scheme, _, username = member.partition(":")
    if scheme == "gitlab":
        return [
            account.person.id for account in tx.accounts.known_as(username) if account.username == username
        ]
    return [member] if member[:1] in {"U", "W"} else []


def _where(run: Run, rule: Rule) -> Place:
    """Return where the card goes: to where the approvers are."""
    if rule.channel and rule.channel != run.place.channel:
        return Place(rule.channel)
    if run.place.is_dm:
        raise Refused(
            f"The rule “{rule.name}” wants others to approve this, and they do not see our direct messages."
            " Ask in a channel where they are."
        )
    return run.place


def said(approval: Approval, votes: Sequence[Vote]) -> str:
    """Return how far an approval has come, in words for the card."""
    so_far = f", {len(votes)} so far ({', '.join(vote.name for vote in votes)})" if votes else ""
    who = " or ".join(approval.by)
    commit = (
        f" Tied to {approval.bound.ref} at {approval.bound.sha[:SHA_SHOWN]}." if approval.bound.sha else ""
    )
    return f"Needs {approval.needs} of {who}{so_far}. Reason: {sentence(approval.reason)}{commit}"


# For a lock -----------------------------------------------------------------------------------------------------


def _waits_for_lock(verdict: Verdict) -> bool:
    step = _named(verdict, "lock")
    return step is not None and step.mark is Mark.WARN and step.remedy == "queue"


def _for_lock(kit: Kit, run: Run, step: Step | None, rule: str) -> Plan:
    account = accounts.account(kit, run.person)
    now = kit.now()
    waiting = replace(run, state=RunState.HELD, hold=LOCK, hold_said=step.said if step else "",
                      hold_until=step.until if step else None, next_look=now + LOOK_AGAIN_MS)  # fmt: skip
    waiter = Waiter(f"{run.id}.wait", run.project_id, run.environment, run.person, run.asker, account.gitlab_id,
                    run.place, now, run=run.id)  # fmt: skip

    def note(tx: Tx) -> None:
        locks.join(tx, waiter)
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
    stopped = verdict.stopped or verdict.asks
    if stopped:
        _over(kit, draw, run, f"{stopped.said} Nothing was started.")
    elif _waits_for_lock(verdict):
        _wait_on(kit, draw, run, _named(verdict, "lock"))
    else:
        go(kit, draw, run, what)


def go(kit: Kit, draw: Drawing, run: Run, what: guarded.Subject) -> None:
    """Start a run that waited; it is its asker who starts it."""
    try:
        begun = life.advance(kit, draw, run, RunState.ASKED, hold="", hold_said="", hold_until=None, sha=what.sha,
                             next_look=kit.now() + LOOK_AGAIN_MS)  # fmt: skip
    except Refused as faster:
        log.info("run %s waits on: %s", run.id, faster)
        life.update(kit, draw, run, hold=LOCK, hold_said=str(faster), next_look=kit.now() + LOOK_AGAIN_MS)
        return
    if begun is not None:
        _call(kit, draw, begun)


def _call(kit: Kit, draw: Drawing, run: Run) -> None:
    with suppress(NotLinked):  # Its card says so, and its asker was told.
        start.call(kit, draw, run)


def _wait_on(kit: Kit, draw: Drawing, run: Run, step: Step | None) -> None:
    """It is another's turn, or the lock was taken anew."""
    account = accounts.account(kit, run.person)
    waiter = Waiter(f"{run.id}.{kit.new_id()}", run.project_id, run.environment, run.person, run.asker,
                    account.gitlab_id, run.place, kit.now(), run=run.id)  # fmt: skip
    changes = {
        "hold": LOCK,
        "hold_said": step.said if step else "",
        "hold_until": step.until if step else None,
    }
    with kit.store.write() as tx:
        served = tx.locks.of_run(run.id) is not None  # Its turn came while it was being looked at.
        again = kit.now() + (0 if served else LOOK_AGAIN_MS)
        moved = life.advance_in(tx, kit, draw, run, RunState.HELD, **changes, next_look=again)
        if moved is not None and not served:
            locks.join(tx, waiter)
    kit.deliver()


def _over(kit: Kit, draw: Drawing, run: Run, why: str) -> None:
    life.advance(kit, draw, run, RunState.REFUSED, problem=why, hold="", hold_said="", hold_until=None,
                 finished_at=kit.now(), next_look=life.NEVER)  # fmt: skip


def _named(verdict: Verdict, name: str) -> Step | None:
    return next((step for step in verdict.steps if step.name == name), None)
