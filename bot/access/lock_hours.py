"""What time does to locks: reminders, the end, the next in the queue, and what a run left behind."""

from __future__ import annotations

from bot.access import handover
from bot.access.lock_telling import MOST, Drawing, note, say, show_stale
from bot.access.locks import REMIND_MS, end, serve
from bot.edges.store import Tx
from bot.kit import Kit
from bot.ledger import Lock


def tick(kit: Kit, draw: Drawing) -> None:
    """Do what is due: about a second late at most, and once, whatever happens in between."""
    _expire(kit, draw)
    _remind(kit, draw)
    handover.overdue(kit, draw)
    _free_orphans(kit)
    _serve(kit)
    show_stale(kit, draw)


def _expire(kit: Kit, draw: Drawing) -> None:
    with kit.store.read() as tx:
        found = tx.locks.expired(kit.now(), MOST)
    for lock in found:
        with kit.store.write() as tx:
            current = _as_read(tx, lock)
            if current:
                say(tx, f"{lock.id}.ended", current, draw.ended(current), kit.now())
                note(tx, current, "expired", kit.now())
                end(tx, kit, current, "expired", draw)
        kit.deliver()


def _remind(kit: Kit, draw: Drawing) -> None:
    with kit.store.read() as tx:
        found = tx.locks.to_remind(kit.now() + REMIND_MS, MOST)
    for lock in found:
        with kit.store.write() as tx:
            current = _as_read(tx, lock)
            if current and tx.locks.change(lock.id, reminded=True):
                say(tx, f"{lock.id}.{current.until}.ending", current, draw.ending(current), kit.now())
        kit.deliver()


def _as_read(tx: Tx, lock: Lock) -> Lock | None:
    """The lock as it is now; None if it has ended, or ends at another time than when it was read."""
    current = tx.locks.get(lock.id)
    return current if current and current.state == "held" and current.until == lock.until else None


def _free_orphans(kit: Kit) -> None:
    """Let go of what deployments hold that are over: a run may end where nobody thinks of its lock."""
    with kit.store.read() as tx:
        found = tx.locks.orphans(MOST)
    for lock in found:
        with kit.store.write() as tx:
            if any(one.id == lock.id for one in tx.locks.orphans(MOST)):
                note(tx, lock, "released", kit.now(), detail="its run is over")
                end(tx, kit, lock, "released")


def _serve(kit: Kit) -> None:
    """Give to the first in its queue what became free while they joined it."""
    with kit.store.read() as tx:
        found = tx.locks.unserved(MOST)
    for waiter in found:
        with kit.store.write() as tx:
            if tx.locks.held(waiter.project_id, waiter.environment) is None:
                serve(tx, kit, waiter.project_id, waiter.environment)
