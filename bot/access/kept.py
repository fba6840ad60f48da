"""Requests that wait until their owner has connected an account, or agreed; then they go on by themselves."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, fields, replace

from bot.deeds import Halted, Permit
from bot.edges.store import Received, Tx
from bot.kit import Kit
from bot.ledger import Kept
from bot.model import Millis, Person
from bot.vault import VaultError

log = logging.getLogger(__name__)

#: What of a request the store holds only sealed: fields of forms, addresses that need no token, what holds a token,
#: messages that a shortcut was used on.
SEALED = frozenset({"values", "undo", "sealed", "content"})
#: What a request waits for.
LINK, HALTED = "link", "halted"
#: How long a command is kept for somebody who has to connect an account first (the issue's own figure).
FOR_A_LINK: Millis = 600_000
#: How long somebody may take to agree to what they were shown, which is looked at again anyway.
FOR_AN_ANSWER: Millis = 3_600_000


def for_link(kit: Kit, received: Received, person: Person) -> Kept:
    """Return a request to be kept until this person has connected an account."""
    return _kept(kit, received, person, kit.new_id(), LINK, FOR_A_LINK)


def for_answer(kit: Kit, received: Received, person: Person, halted: Halted) -> Kept:
    """Return a request to be kept until this person has answered; its id is what the buttons carry."""
    kept = _kept(kit, received, person, kit.new_id(), HALTED, FOR_AN_ANSWER)
    return replace(kept, shown=halted.shown, detail=json.dumps(_detail(halted)))


def _kept(kit: Kit, received: Received, person: Person, kept_id: str, why: str, lasts: Millis) -> Kept:
    sealed = kit.vault.seal(received.body, about=owner(person))
    return Kept(kept_id, why, person, received.kind, sealed, kit.now() + lasts)


def keep(tx: Tx, one: Kept, now: Millis) -> Kept:
    """
    Keep a request; return what waits afterwards: the request itself, or the one that waited for an account before it.

    One waits for an account at a time, the first: else all that somebody typed while they were not connected, again
    and again since nothing happened, would be done at once.
    """
    first = tx.kept.of(one.person, LINK, now)[:1] if one.why == LINK else []
    if not first:
        tx.kept.put(one)
    return first[0] if first else one


def body_of(kit: Kit, one: Kept) -> str:
    """Return the request as the intake wrote it down. Raises VaultError if no key opens it any more."""
    return kit.vault.open(one.body, about=owner(one.person))


def _detail(halted: Halted) -> dict[str, str]:
    """What a request for access is about."""
    deed, step = halted.verdict.deed, halted.verdict.stopped
    return {
        "rule": step.rule if step else "", "command": deed.command, "project": deed.project, "job": deed.job,
        "environment": deed.environment,
    }  # fmt: skip


def resume(kit: Kit, kept_id: str, person: Person, permit: Permit | None = None) -> Kept | None:
    """
    Let a kept request go on, once, with what its owner said; None if it does not wait any more or is not theirs.

    The workers do it as a request of its own, which a crash cannot lose and two presses cannot double.
    """
    with kit.store.write() as tx:
        kept = resume_in(kit, tx, kept_id, person, permit)
    if kept is not None:
        kit.take_up()
    return kept


def resume_in(kit: Kit, tx: Tx, kept_id: str, person: Person, permit: Permit | None = None) -> Kept | None:
    """The same within a transaction that writes down more than that; the caller then tells the workers."""
    kept = tx.kept.get(kept_id)
    if kept is None or kept.person != person or not _goes_on(kit, tx, kept, permit or Permit()):
        return None
    return kept


def resume_linked(kit: Kit, tx: Tx, person: Person) -> int:
    """Let go on what waits for this person's account; how much. The caller then tells the workers (`kit.take_up`)."""
    waiting = tx.kept.of(person, LINK, kit.now())
    return sum(_goes_on(kit, tx, kept, Permit()) for kept in waiting)


def _goes_on(kit: Kit, tx: Tx, kept: Kept, permit: Permit) -> bool:
    """Let one go on; what no key opens any more must not undo what else the transaction tells."""
    try:
        return _go_on(kit, tx, kept, permit)
    except VaultError as error:
        log.error("request %s cannot go on: %s", kept.id, error)
        return False


def drop(kit: Kit, kept_id: str, person: Person) -> bool:
    """Forget a kept request of this person; False if it does not wait any more."""
    with kit.store.write() as tx:
        kept = tx.kept.get(kept_id)
        return kept is not None and kept.person == person and tx.kept.move(kept_id, "gone", kit.now())


def permit_of(body: dict[str, object]) -> Permit:
    """Return what was said beside a request before it was kept."""
    said = body.get("permit")
    if not isinstance(said, dict):
        return Permit()
    known = {each.name for each in fields(Permit)}
    return Permit(**{name: value for name, value in said.items() if name in known})


def _go_on(kit: Kit, tx: Tx, kept: Kept, permit: Permit) -> bool:
    now, body = kit.now(), json.loads(body_of(kit, kept))
    if not tx.kept.move(kept.id, "resumed", now):
        return False
    body["permit"] = asdict(together(permit_of(body), permit))
    body.pop("trigger", None)  # It opened its form, or is too old to.
    again = Received(
        f"kept:{kept.id}", "", kept.kind, json.dumps(body, ensure_ascii=False), now, person=kept.person.id
    )
    tx.inbox.accept([again])
    return True


def together(before: Permit, more: Permit) -> Permit:
    """Return what was said before, and what is said now in its place where something is."""
    said = {name: value for name, value in asdict(more).items() if value}
    return replace(before, **said)


def owner(person: Person) -> str:
    """Return what a sealed text is about: only requests of this person open it."""
    return f"{person.team}/{person.id}"
