"""Approve, reject, withdraw: what each press does to a run that waits, and who may press."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.access import accounts, audit, facts
from bot.command import Click, Form
from bot.deeds import Bound
from bot.edges.store import Tx
from bot.errors import (
    BotError,
    GitLabBusy,
    GitLabSaidNo,
    GitLabUnreachable,
    NotLinked,
    NotUnderstood,
    Refused,
)
from bot.jobs import anew, held, life, trail
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.ledger import Account, Approval, Vote
from bot.model import Message, Person, Run, RunState
from bot.policy import ROLES
from bot.text import sentence

#: Who may not run the job may not approve it either (chatops-and-notifications.md 2.7).
LEAST_ROLE = ROLES["developer"]
#: What has become of an approval, for somebody who comes late.
_ENDED = {
    "granted": "It is approved already.",
    "rejected": "It was rejected already.",
    "withdrawn": "It was withdrawn.",
    "void": "The approval is void: something moved since it was asked for.",
    "expired": "It is too late: nobody approved it in time.",
}


def approve(
    kit: Kit, draw: Drawing, click: Click, thanks: Callable[[Approval, int], Message]
) -> Message | None:
    """
    Count somebody's approval; with the last one needed, look at everything anew and start the run.

    `thanks` says how many are still missing. Whoever approved before and may no more counts no more. Raises Refused
    for the requester, in whichever Slack account, for somebody who is not of the group or has no right in GitLab,
    and when it is over.
    """
    run, approval = _open(kit, click.value)
    account = _approver(kit, run, approval, click)
    gone = _gone(kit, run, approval)
    if _void(kit, draw, approval, _now(kit, draw, run, approval)):
        raise Refused(_ENDED["void"])
    with kit.store.write() as tx:
        _check_open(tx, run.id)
        if not tx.approvals.vote(Vote(run.id, account.gitlab_id, click.person, click.name, kit.now())):
            raise Refused("You have approved it already.")
        _drop(tx, kit, run, approval, gone)
        votes = tx.approvals.votes(run.id)
        _note(tx, kit, run, approval, "approved", audit.whom(click.name, account))
        granted = len(votes) >= approval.needs and tx.approvals.end(run.id, "granted", by=click.name)
        changes = _approved(kit, votes) if granted else {"hold_said": _so_far(approval, votes, gone)}
        moved = life.advance_in(tx, kit, draw, run, RunState.HELD, **changes)
    kit.deliver()
    if not granted:
        return thanks(approval, len(votes))
    if moved is not None:
        held.try_to_start(kit, draw, moved)  # Everything is looked at once more, and it may meet a lock.
    return None


def _approved(kit: Kit, votes: Sequence[Vote]) -> dict[str, Any]:
    """What changes with the last vote; it is started by the clock should a crash come between."""
    by = ", ".join(vote.name for vote in votes)
    return {"approved_by": by, "hold_said": f"Approved by {by}.", "next_look": kit.now() + held.LOOK_AGAIN_MS}


def _so_far(approval: Approval, votes: Sequence[Vote], gone: Sequence[tuple[Vote, str]]) -> str:
    said = [
        held.said(approval, votes),
        *(f"{vote.name}'s approval counts no more: {why}." for vote, why in gone),
    ]
    return " ".join(said)


def _now(kit: Kit, draw: Drawing, run: Run, approval: Approval) -> Bound:
    """Return what would start now. Raises Refused if its asker could not start it, or if there is nothing to start."""
    try:
        return anew.subject(kit, run).bound
    except NotLinked as error:
        gone = f"{run.asker} has lost the connection to GitLab, so nothing can be started as them."
        life.update(
            kit, draw, run, problem=f"{gone} It goes on once they have connected their account again."
        )
        raise Refused(f"{gone} Approve it again once they have connected their account.") from error
    except (GitLabUnreachable, GitLabBusy):
        raise
    except BotError as error:
        held.end(kit, draw, approval, "void", why=f"The approval is void: {error} Nothing was started.")
        raise Refused(_ENDED["void"]) from error


def reject(kit: Kit, draw: Drawing, form: Form, reason: str) -> None:
    """End an approval with a reason, as somebody who might have given it."""
    run, approval = _open(kit, form.value)
    account = _approver(kit, run, approval, form)
    why = f"Rejected by {form.name}: {sentence(reason)} Nothing was started."
    _end(kit, draw, approval, "rejected", audit.whom(form.name, account), why)


def withdraw(kit: Kit, draw: Drawing, click: Click) -> None:
    """Take back what one asked for oneself."""
    run, approval = _open(kit, click.value)
    if not _is_requester(kit, run, approval, click.person):
        raise Refused(f"Only {run.asker}, who asked for it, can withdraw it. To stop it, press Reject.")
    why = f"Withdrawn by {click.name}. Nothing was started."
    _end(kit, draw, approval, "withdrawn", click.name, why)


def _end(kit: Kit, draw: Drawing, approval: Approval, state: str, by: str, why: str) -> None:
    if not held.end(kit, draw, approval, state, by=by, why=why):
        raise Refused("Somebody else was faster: look at its card.")


def _void(kit: Kit, draw: Drawing, approval: Approval, now: Bound) -> bool:
    """Tell whether something moved since it was asked for; then the approval is over, and the card says what moved."""
    moved = approval.bound.moved(now)
    if moved:
        why = f"The approval is void: {', and '.join(moved)}. Nothing was started. Ask again."
        held.end(kit, draw, approval, "void", why=why)
    return bool(moved)


# Who may press ------------------------------------------------------------------------------------------------


def _open(kit: Kit, run_id: str) -> tuple[Run, Approval]:
    with kit.store.read() as tx:
        run, approval = tx.runs.get(run_id), tx.approvals.get(run_id)
    if run is None or approval is None:
        raise NotUnderstood("I do not remember that approval any more. Ask for it anew.")
    if approval.state != "open" or run.state is not RunState.HELD:
        raise Refused(_ENDED.get(approval.state, "It is over: look at its card."))
    if kit.now() >= approval.expires_at:
        raise Refused(_ENDED["expired"])  # The clock ends it in a moment.
    return run, approval


def _check_open(tx: Tx, run_id: str) -> None:
    approval = tx.approvals.get(run_id)
    if approval is None or approval.state != "open":
        raise Refused(_ENDED.get(approval.state if approval else "", "It is over: look at its card."))


def _approver(kit: Kit, run: Run, approval: Approval, who: Click | Form) -> Account:
    """Return the account of somebody who may decide, by what Slack, the configuration and GitLab say right now."""
    account = accounts.account(kit, who.person)
    if account.gitlab_id == approval.requester or who.person == run.person:
        raise Refused(
            f"@{account.username} asked for it, so somebody else has to decide. You can withdraw it."
        )
    _check_group(kit, approval, who.person)
    if kit.gitlab_as(who.person).role(run.project_id, account.gitlab_id) < LEAST_ROLE:
        raise Refused(f"To decide about {run.project} you need at least the role Developer there in GitLab.")
    return account


def _check_group(kit: Kit, approval: Approval, person: Person) -> None:
    if not facts.is_one_of(kit, person, approval.by):
        raise Refused(f"The rule “{approval.rule}” lets only {' or '.join(approval.by)} decide.")


def _gone(kit: Kit, run: Run, approval: Approval) -> list[tuple[Vote, str]]:
    """
    Return the votes of those who may not decide any more, each with why, by what is so right now.

    Raises what GitLab raises if it does not answer: a vote is neither counted nor dropped by chance.
    """
    with kit.store.read() as tx:
        votes = tx.approvals.votes(run.id)
    found = [(vote, _why_gone(kit, run, approval, vote)) for vote in votes]
    return [(vote, why) for vote, why in found if why]


def _why_gone(kit: Kit, run: Run, approval: Approval, vote: Vote) -> str:
    try:
        account = accounts.account(kit, vote.person)
        if account.gitlab_id != vote.gitlab_id:
            return "they are somebody else in GitLab now"
        role = kit.gitlab_as(vote.person).role(run.project_id, account.gitlab_id)
    except NotLinked:
        return "they are not connected to GitLab any more"
    except GitLabSaidNo:
        return "GitLab does not let them in any more"
    if role < LEAST_ROLE:
        return f"they are not a Developer of {run.project} any more"
    among = facts.is_one_of(kit, vote.person, approval.by)
    return "" if among else f"they are not of {' or '.join(approval.by)} any more"


def _drop(tx: Tx, kit: Kit, run: Run, approval: Approval, gone: Sequence[tuple[Vote, str]]) -> None:
    for vote, why in gone:
        if tx.approvals.unvote(run.id, vote.gitlab_id):
            detail = f"{vote.name} ({vote.person.id}): {why}"
            trail.note(tx, kit, run, "vote dropped", rule=approval.rule, detail=detail)


def _is_requester(kit: Kit, run: Run, approval: Approval, person: Person) -> bool:
    return person == run.person or accounts.account(kit, person).gitlab_id == approval.requester


def _note(tx: Tx, kit: Kit, run: Run, approval: Approval, decision: str, by: str) -> None:
    trail.note(tx, kit, run, decision, rule=approval.rule, by=by, detail=_sha(run))


def _sha(run: Run) -> str:
    """Return the commit an approval was given for, for the trail."""
    return f"{run.ref} at {run.sha}"
