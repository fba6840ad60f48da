"""Taking a lock, changing how long it lasts, and letting it go: what people do by typing or pressing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.access.lock_telling import Drawing, Hand, note, say, show
from bot.access.locks import REMIND_MS, end, holds, serve
from bot.edges.store import Tx
from bot.kit import Kit
from bot.ledger import Lock
from bot.model import Millis


@dataclass(frozen=True, slots=True)
class Wish:
    """The lock somebody wants."""

    project_id: int
    project: str
    environment: str
    until: Millis | None
    """None if they did not say."""
    reason: str
    watched: int = -1
    """Id of the environment's newest deployment; -1 if it is not known."""


class Taken(StrEnum):
    """How it went."""

    NEW = "new"
    CHANGED = "changed"  # they held it; now for another time, or with another reason
    SAME = "same"  # they held it, and nothing has changed
    THEIRS = "theirs"  # somebody else holds it


def take(kit: Kit, draw: Drawing, who: Hand, wish: Wish) -> tuple[Taken, Lock]:
    """
    Claim an environment; return how it went, and the lock that is on it now.

    Whoever waited for it goes first. What somebody holds already is only changed.
    """
    with kit.store.write() as tx:
        held = tx.locks.held(wish.project_id, wish.environment)
        if held is None:
            serve(tx, kit, wish.project_id, wish.environment)
            held = tx.locks.held(wish.project_id, wish.environment)
        taken, lock = _taken(tx, kit, draw, who, wish, held)
    kit.deliver()
    return taken, lock


def _taken(tx: Tx, kit: Kit, draw: Drawing, who: Hand, wish: Wish, held: Lock | None) -> tuple[Taken, Lock]:
    if held is None:
        return Taken.NEW, _new(tx, kit, draw, who, wish)
    if not holds(held, who.account):
        return Taken.THEIRS, held
    if wish.until is None and not wish.reason and not held.run:
        return Taken.SAME, held
    return Taken.CHANGED, _changed(tx, kit, draw, who, wish, held)


def _new(tx: Tx, kit: Kit, draw: Drawing, who: Hand, wish: Wish) -> Lock:
    now, account = kit.now(), who.account
    until = wish.until or now + kit.config.policy.lock_for
    lock = Lock(
        kit.new_id(), wish.project_id, wish.project, wish.environment, account.person, who.name, account.gitlab_id,
        now, until, kit.redact(wish.reason), who.place, reminded=until - now <= REMIND_MS, watched=wish.watched,
        next_look=now,
    )  # fmt: skip
    tx.locks.add(lock)
    tx.places.set_last(account.person, wish.project)
    show(tx, draw, lock, kit.now())
    note(tx, lock, "locked", kit.now(), who)
    return lock


def _changed(tx: Tx, kit: Kit, draw: Drawing, who: Hand, wish: Wish, held: Lock) -> Lock:
    """Change the lock somebody holds; one that their deployment took becomes theirs to release."""
    now = kit.now()
    until = wish.until or held.until or now + kit.config.policy.lock_for
    place = who.place if held.run else held.place
    tx.locks.change(
        held.id, until=until, reason=kit.redact(wish.reason) or ("" if held.run else held.reason), run="", place=place,
        reminded=until - now <= REMIND_MS,
    )  # fmt: skip
    lock = tx.locks.get(held.id) or held
    show(tx, draw, lock, now)
    note(tx, lock, "extended", now, who)
    return lock


def extend(kit: Kit, draw: Drawing, who: Hand, lock_id: str, more: Millis, most: Millis) -> Lock | None:
    """Let a lock of this account last `more` longer, `most` from now at most; None if they do not hold it any more."""
    now, told = kit.now(), f"{who.key}.extended"
    with kit.store.write() as tx:
        lock = tx.locks.get(lock_id)
        if lock is None or lock.state != "held" or lock.until is None or not holds(lock, who.account):
            return None
        if tx.outbox.get(told):
            return lock  # It was done before a crash.
        until = min(lock.until + more, now + most)
        tx.locks.change(lock.id, until=until, reminded=until - now <= REMIND_MS)
        lock = replace(lock, until=until)
        show(tx, draw, lock, now)
        say(tx, told, lock, draw.extended(lock, who.name), now)
        note(tx, lock, "extended", now, who)
    kit.deliver()
    return lock


def release(kit: Kit, draw: Drawing, who: Hand, lock: Lock) -> bool:
    """
    Release a lock as it was read; False if it has ended or changed hands since.

    By somebody else it is broken, and its holder is told for all to see; whether they may, the caller has asked.
    """
    with kit.store.write() as tx:
        current = tx.locks.get(lock.id)
        if current is None or current.state != "held" or current.person != lock.person:
            return False
        mine = holds(current, who.account)
        if not mine:
            say(tx, f"{lock.id}.broken", current, draw.broken(current, who.name), kit.now())
        note(
            tx,
            current,
            "released" if mine else "broken",
            kit.now(),
            who,
            detail="" if mine else f"held by {current.name}",
        )
        end(tx, kit, current, "released", draw, by=who.name)
    kit.deliver()
    return True
