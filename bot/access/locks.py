"""Locks: who holds an environment, what that keeps others from, who is next, and how a deployment takes one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.access import accounts, facts
from bot.access.lock_telling import Drawing, Hand, note, note_waiter, stale
from bot.command import Click, Request
from bot.deeds import Deed, Mark, Step
from bot.delivery import letters
from bot.edges.store import Tx
from bot.environments import is_open, may_be
from bot.errors import Refused
from bot.kit import Kit
from bot.ledger import Account, Lock, Waiter
from bot.model import Millis, Run, RunState
from bot.policy import ROLES
from bot.text import duration, one_line

DEVELOPER, MAINTAINER = ROLES["developer"], ROLES["maintainer"]
#: The holder is reminded this long before the end (chatops-and-notifications.md 2.8); a shorter lock needs none.
REMIND_MS: Millis = 600_000
#: A lock younger than this has just been taken: nobody counts the seconds.
JUST_NOW_MS: Millis = 60_000
REASON_SHOWN = 120


# Who may what -----------------------------------------------------------------------------------------------


def hand(kit: Kit, asked: Request | Click) -> Hand:
    """Return who asks; raises NotLinked without an account, and GitLab's refusal of one that was blocked."""
    account = accounts.confirmed(kit, asked.person)
    return Hand(account, asked.name or asked.person.id, asked.place, asked.key)


def holds(lock: Lock, account: Account) -> bool:
    """Tell whether a lock is this account's: as the same person in Slack, or the same one in GitLab."""
    return lock.person == account.person or (account.gitlab_id > 0 and lock.gitlab_id == account.gitlab_id)


def role(kit: Kit, account: Account, project_id: int) -> int:
    """Return somebody's role in a project, as they see it themselves."""
    return kit.gitlab_as(account.person).role(project_id, account.gitlab_id)


def check_role(kit: Kit, account: Account, project_id: int, project: str) -> None:
    """Raise Refused unless this account may deploy at all: Developers and above may (doc/user/permissions.md)."""
    if role(kit, account, project_id) < DEVELOPER:
        raise Refused(
            f"Locks in {project} are for its Developers and above; @{account.username} has a lower role there."
        )


def may_break(kit: Kit, lock: Lock, account: Account) -> bool:
    """Tell whether somebody who does not hold a lock may release it: the admins of the policy, and Maintainers."""
    if facts.is_one_of(kit, account.person, kit.config.policy.admins):
        return True
    return role(kit, account, lock.project_id) >= MAINTAINER


def step(kit: Kit, deed: Deed) -> Step:
    """Return what the lock of its environment means for a deed."""
    account = accounts.account(kit, deed.person)
    with kit.store.read() as tx:
        found = [
            one for one in tx.locks.of_project(deed.project_id) if may_be(deed.environment, one.environment)
        ]
    lock = next((one for one in found if not holds(one, account)), None)
    if not found:
        return Step("lock", Mark.FINE, f"Nobody has locked {deed.environment}.")
    if lock is None:
        return Step("lock", Mark.FINE, f"You hold the lock on {deed.environment}.")
    return Step("lock", Mark.STOP, _locked(lock, kit.now()), until=lock.until, remedy="queue")


def _locked(lock: Lock, now: Millis) -> str:
    what = "a deployment of " if lock.run else ""
    why = f", because: {one_line(lock.reason, REASON_SHOWN)}" if lock.reason and not lock.run else ""
    held = now - lock.since
    since = f" for {duration(held)}" if held >= JUST_NOW_MS else ""
    has = "has been" if since else "is"
    return f"{lock.environment} {has} locked by {what}{lock.name}{since}{why.rstrip('.')}."


def end(tx: Tx, kit: Kit, lock: Lock, state: str, draw: Drawing | None = None, by: str = "") -> None:
    """End a lock in this transaction, show it on its card, and let the next one have the environment."""
    if not tx.locks.end(lock.id, state):
        return
    now = kit.now()
    if draw and not lock.run:
        card = draw.card(replace(lock, state=state), (), by=by)
        letters.card_of(tx, lock.id, lock.place, card, now, person=lock.person.id)
    asked = tx.locks.asked(lock.project_id, lock.environment)
    if asked:
        tx.locks.answered(asked.id)  # They asked this holder, and not the next one.
    serve(tx, kit, lock.project_id, lock.environment, watched=lock.watched)


# The queue --------------------------------------------------------------------------------------------------


def join(tx: Tx, waiter: Waiter, username: str = "") -> int:
    """
    Put somebody, or a held run, at the end of a queue; return how many are before them.

    Nobody waits twice: who is in it already keeps their place.
    """
    if tx.locks.join(waiter):
        note_waiter(tx, waiter, "joined", waiter.asked_at, username)
        stale(tx, waiter.project_id, waiter.environment)
    queue = tx.locks.queue(waiter.project_id, waiter.environment)
    who = (waiter.person, waiter.run)
    return next((n for n, one in enumerate(queue) if (one.person, one.run) == who), len(queue))


def leave(tx: Tx, waiter: Waiter, now: Millis, username: str = "") -> bool:
    """Take somebody, or a run, out of a queue; False if they do not wait any more."""
    if not tx.locks.settle(waiter.id, "left"):
        return False
    note_waiter(tx, waiter, "left", now, username)
    stale(tx, waiter.project_id, waiter.environment)
    return True


def serve(tx: Tx, kit: Kit, project_id: int, environment: str, watched: int = -1) -> None:
    """
    Give a free environment to the first who waits for it.

    A person gets a lock for the usual time; their card, and the word to them, come with the next tick. For a held run
    the lock is its deployment's already, so that nobody comes between, and it is looked at at once.
    """
    now = kit.now()
    for waiter in tx.locks.queue(project_id, environment):
        if waiter.run and not tx.runs.change(waiter.run, RunState.HELD, next_look=now):
            leave(tx, waiter, now)
            continue
        until = None if waiter.run else now + kit.config.policy.lock_for
        run = tx.runs.get(waiter.run)
        lock = Lock(
            waiter.id, project_id, run.project if run else waiter.project, environment, waiter.person, waiter.name,
            waiter.gitlab_id, now, until, waiter.reason, waiter.place, run=waiter.run,
            reminded=until is not None and until - now <= REMIND_MS, watched=watched, next_look=now,
            stale=not waiter.run,
        )  # fmt: skip
        if tx.locks.add(lock):
            tx.locks.settle(waiter.id, "served")
            note(tx, lock, "locked", now, detail="next in the queue")
        return


# Deployments ------------------------------------------------------------------------------------------------


def take_for_run(tx: Tx, kit: Kit, run: Run, account: Account, now: Millis) -> Lock | None:
    """
    Lock the environment of a run that starts, in the transaction that starts it; None if there is nothing to lock.

    A lock that its owner, or anybody, holds stays what it is. One that the run got in the queue is its own.
    """
    if not run.environment or is_open(run.environment):
        return None
    lock = Lock(
        f"{run.id}.{now}", run.project_id, run.project, run.environment, run.person, run.asker or run.person.id,
        account.gitlab_id, now, None, kit.redact(f"{run.job} on {run.ref}"), run.place, run=run.id, next_look=now,
    )  # fmt: skip
    if not tx.locks.add(lock):
        return tx.locks.of_run(run.id)
    note(tx, lock, "locked", now, detail=f"while it deploys: {lock.reason}")
    return lock


def release_run(tx: Tx, kit: Kit, run: Run, now: Millis) -> None:
    """Let go of what a run holds or waits for, in the transaction that ends it, however it ends."""
    waiter = tx.locks.waits(run.project_id, run.environment, run.person, run.id)
    if waiter:
        leave(tx, waiter, now)
    lock = tx.locks.of_run(run.id)
    if lock and not _goes_on(tx, kit, lock, run, now):
        note(tx, lock, "released", now, detail=kit.redact(f"{run.job} is over"))
        end(tx, kit, lock, "released")


def _goes_on(tx: Tx, kit: Kit, lock: Lock, over: Run, now: Millis) -> bool:
    """Leave a lock to another deployment of its holder that is still under way there; False if there is none."""
    for run in tx.runs.deploying(lock.project_id, lock.environment):
        account = tx.accounts.get(run.person)
        if run.id == over.id or account is None or not holds(lock, account):
            continue
        reason = kit.redact(f"{run.job} on {run.ref}")
        changes: dict[str, Any] = {
            "run": run.id, "person": run.person, "name": run.asker or run.person.id, "place": run.place,
            "gitlab_id": account.gitlab_id, "reason": reason,
        }  # fmt: skip
        tx.locks.change(lock.id, **changes)
        note(tx, replace(lock, **changes), "locked", now, detail=f"while it deploys, too: {reason}")
        return True
    return False
