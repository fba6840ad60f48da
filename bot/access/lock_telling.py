"""What is shown and said of a lock, and what is written down of it, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.environments import Deployment
from bot.kit import Kit
from bot.ledger import Account, Entry, Lock, Waiter
from bot.model import Message, Millis, Place

#: Cards drawn in one tick.
MOST = 50


class Drawing(Protocol):
    """How a lock looks; handed in, since the rules do not know `blocks`."""

    def card(self, lock: Lock, queue: Sequence[Waiter], *, by: str = "") -> Message: ...

    def yours(self, lock: Lock, why: str) -> Message: ...

    def ending(self, lock: Lock) -> Message: ...

    def ended(self, lock: Lock) -> Message: ...

    def extended(self, lock: Lock, by: str) -> Message: ...

    def broken(self, lock: Lock, by: str) -> Message: ...

    def asked(self, lock: Lock, waiter: Waiter) -> Message: ...

    def kept(self, lock: Lock, waiter: Waiter, ahead: int) -> Message: ...

    def passed(self, lock: Lock, deployment: Deployment) -> Message: ...


@dataclass(frozen=True, slots=True)
class Hand:
    """Whoever does something with a lock by typing or pressing, as Slack and GitLab know them."""

    account: Account
    name: str
    place: Place
    key: str
    """Of the request: done again after a crash, it is told once."""


def show(tx: Tx, draw: Drawing, lock: Lock, now: Millis) -> None:
    """Say how the card of a lock should look; that of a deployment is the card of its run."""
    if not lock.run:
        first = tx.cards.get(lock.id) is None
        queue = tx.locks.queue(lock.project_id, lock.environment)
        letters.card_of(tx, lock.id, lock.place, draw.card(lock, queue), now, person=lock.person.id)
        if first and lock.stale:  # It came to its holder while they waited.
            say(tx, f"{lock.id}.yours", lock, draw.yours(lock, "queue"), now)
    tx.locks.change(lock.id, stale=False)


def show_stale(kit: Kit, draw: Drawing) -> None:
    """Show what changed on locks without their card: by the end of a run, or in the queue."""
    with kit.store.read() as tx:
        found = tx.locks.to_draw(MOST)
    if not found:
        return
    with kit.store.write() as tx:
        for lock in found:
            current = tx.locks.get(lock.id)
            if current and current.state == "held" and current.stale:
                show(tx, draw, current, kit.now())
    kit.deliver()


def stale(tx: Tx, project_id: int, environment: str) -> None:
    """Say that the card of whatever lock is on an environment does not show how it is."""
    lock = tx.locks.held(project_id, environment)
    if lock:
        tx.locks.change(lock.id, stale=True)


def say(tx: Tx, letter_id: str, lock: Lock, message: Message, now: Millis) -> None:
    """Say something in the thread of a lock, or of the run that holds it; once by its id."""
    letters.under(tx, letter_id, lock.run or lock.id, lock.place, message, now, person=lock.person.id)


def note(tx: Tx, lock: Lock, decision: str, now: Millis, who: Hand | None = None, detail: str = "") -> None:
    """Write down in the audit trail what became of a lock; without `who` it is its holder's."""
    account = who.account if who else tx.accounts.get(lock.person)
    username = account.username if account else ""
    person, name = (who.account.person, who.name) if who else (lock.person, lock.name)
    gitlab_id, place = (who.account.gitlab_id, who.place) if who else (lock.gitlab_id, lock.place)
    tx.audit.add(
        Entry(
            now, person, name, gitlab_id, username, place, "lock", decision,
            project=lock.project, subject=lock.environment, environment=lock.environment,
            detail=detail or lock.reason,
        )
    )  # fmt: skip


def note_waiter(tx: Tx, waiter: Waiter, decision: str, now: Millis, username: str) -> None:
    """Write down what became of somebody in a queue."""
    account = tx.accounts.get(waiter.person)
    known = username or (account.username if account else "")
    tx.audit.add(
        Entry(
            now, waiter.person, waiter.name, waiter.gitlab_id, known, waiter.place, "queue", decision,
            project=waiter.project, subject=waiter.environment, environment=waiter.environment, detail=waiter.reason,
        )
    )  # fmt: skip
