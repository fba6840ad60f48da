"""Hand-over: somebody asks a holder for the lock, who gives it, keeps it, or says nothing."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from bot.access.lock_telling import MOST, Drawing, Hand, note, say, show
from bot.access.locks import REMIND_MS, holds, join, serve
from bot.edges.store import Tx
from bot.errors import Refused
from bot.kit import Kit
from bot.ledger import Lock, Waiter
from bot.model import Millis

#: How long a holder has to answer before the lock goes to who asked (chatops-and-notifications.md 2.8: grace).
GRACE_MS: Millis = 300_000


class Asked(StrEnum):
    """What came of asking."""

    ASKED = "asked"
    FREE = "free"  # nobody holds it any more
    MINE = "mine"  # they hold it themselves
    LATE = "late"  # somebody else has asked already; they are in the queue


def queue_up(kit: Kit, who: Hand, waiter: Waiter) -> tuple[Waiter, int]:
    """Put somebody into a queue; return their place in it as it is kept, and how many are before them."""
    with kit.store.write() as tx:
        ahead = join(tx, waiter, who.account.username)
        kept = tx.locks.waits(waiter.project_id, waiter.environment, waiter.person, waiter.run) or waiter
    return kept, ahead


def ask(kit: Kit, draw: Drawing, who: Hand, lock: Lock, waiter: Waiter) -> tuple[Asked, Waiter]:
    """
    Ask whoever holds a lock for it, and queue up for it as well; no answer within five minutes is a yes.

    The waiter comes back as who has asked now. Raises Refused if a deployment holds it.
    """
    with kit.store.write() as tx:
        current = tx.locks.held(lock.project_id, lock.environment)
        if current is None:
            return Asked.FREE, waiter
        if holds(current, who.account):
            return Asked.MINE, waiter
        if current.run:
            raise Refused(
                f"A deployment of {current.name} holds {current.environment}. Queue up; it ends by itself."
            )
        join(tx, waiter, who.account.username)
        mine = tx.locks.waits(lock.project_id, lock.environment, waiter.person) or waiter
        if tx.locks.ask(mine.id, kit.now() + GRACE_MS):
            question = draw.asked(current, replace(mine, due=kit.now() + GRACE_MS))
            say(tx, f"{who.key}.asked", current, question, kit.now())
        first = tx.locks.asked(lock.project_id, lock.environment) or mine
        show(tx, draw, replace(current, stale=False), kit.now())
    kit.deliver()
    return (Asked.ASKED if first.id == mine.id else Asked.LATE), first


def give(kit: Kit, draw: Drawing, who: Hand, waiter_id: str) -> Lock | None:
    """Hand the lock over to who asked for it; None if that is over. Raises Refused unless the holder says so."""
    return _answered(kit, draw, who, waiter_id, gives=True)


def keep(kit: Kit, draw: Drawing, who: Hand, waiter_id: str) -> Lock | None:
    """Keep the lock in spite of who asked, who stays in the queue; None if that is over. Raises as `give`."""
    return _answered(kit, draw, who, waiter_id, gives=False)


def _answered(kit: Kit, draw: Drawing, who: Hand, waiter_id: str, *, gives: bool) -> Lock | None:
    with kit.store.write() as tx:
        waiter = tx.locks.waiter(waiter_id)
        lock = tx.locks.held(waiter.project_id, waiter.environment) if waiter else None
        if waiter is None or lock is None or waiter.state != "waiting" or waiter.due is None:
            return None
        if not holds(lock, who.account):
            raise Refused(f"Only {lock.name} can answer that: the lock on {lock.environment} is theirs.")
        if gives:
            lock = _pass_on(tx, kit, draw, lock, waiter, who)
        else:
            _kept(tx, draw, lock, waiter, who, kit.now())
    kit.deliver()
    return lock


def _kept(tx: Tx, draw: Drawing, lock: Lock, waiter: Waiter, who: Hand, now: Millis) -> None:
    tx.locks.answered(waiter.id)
    queue = tx.locks.queue(lock.project_id, lock.environment)
    ahead = next((n for n, one in enumerate(queue) if one.id == waiter.id), 0)
    say(tx, f"{who.key}.kept", lock, draw.kept(lock, waiter, ahead), now)
    note(tx, lock, "kept", now, who, detail=f"asked for by {waiter.name}")


def _pass_on(tx: Tx, kit: Kit, draw: Drawing, lock: Lock, waiter: Waiter, who: Hand | None) -> Lock:
    """Let a lock go on as somebody else's, with the time that is left and on the same card; `who` gave it."""
    now, why = kit.now(), "given" if who else "silence"
    if not tx.locks.settle(waiter.id, "served"):
        return lock
    tx.locks.change(
        lock.id, person=waiter.person, name=waiter.name, gitlab_id=waiter.gitlab_id, since=now, reason=waiter.reason,
        reminded=lock.until is not None and lock.until - now <= REMIND_MS,
    )  # fmt: skip
    passed = tx.locks.get(lock.id) or lock
    show(tx, draw, replace(passed, stale=False), now)
    say(tx, f"{waiter.id}.yours", passed, draw.yours(passed, why), now)
    note(tx, lock, "handed over", now, who, detail=f"from {lock.name} to {waiter.name}: {why}")
    return passed


def overdue(kit: Kit, draw: Drawing) -> None:
    """Hand over what was asked for and not answered in time."""
    with kit.store.read() as tx:
        found = tx.locks.overdue(kit.now(), MOST)
    for waiter in found:
        with kit.store.write() as tx:
            _silence(tx, kit, draw, waiter)
        kit.deliver()


def _silence(tx: Tx, kit: Kit, draw: Drawing, waiter: Waiter) -> None:
    current, lock = tx.locks.waiter(waiter.id), tx.locks.held(waiter.project_id, waiter.environment)
    if current is None or current.due is None or current.due > kit.now():
        return
    if lock is None:
        tx.locks.answered(waiter.id)
        serve(tx, kit, waiter.project_id, waiter.environment)
    elif lock.run:
        tx.locks.answered(waiter.id)  # A deployment took it since; it does not answer, and ends by itself.
    else:
        _pass_on(tx, kit, draw, lock, current, None)
