"""Shows merge requests in Slack: living cards that follow every change, lines under them, glimpses for one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.access import audit
from bot.command import By, Click, Request
from bot.deeds import Deed, digest
from bot.delivery import letters
from bot.edges.store import Tx
from bot.kit import Kit
from bot.ledger import Account
from bot.merge_requests import MergeCard, Reference, Sighting
from bot.model import Message, Millis, Place
from bot.reviews import pace, seeing

COMMAND = "mr"
#: Characters of the id of what a button is aimed at.
AIM_LENGTH = 32


class Drawing(Protocol):
    """How a merge request looks; handed in, since the rules do not know `blocks`."""

    def card(
        self, seen: Sighting, aim: str, now: Millis, *, remark: str, personal: bool, shared: bool
    ) -> Message:
        """`personal` if one person reads it; `shared` if everybody there does."""
        ...

    def line(self, remark: str) -> Message: ...

    def moved(self, seen: Sighting, aim: str, now: Millis, what: str) -> Message:
        """What somebody reads whose press was about a head that is no longer there: `what` says how it moved."""
        ...

    def outcome(self, about: Reference, url: str, what: str) -> Message:
        """What is told later, once it is known what became of a lost answer."""
        ...

    def dropped(self, seen: Sighting, people: Sequence[str]) -> Message:
        """What is told when GitLab will not merge it by itself after all; `people` are Slack ids, and are mentioned."""
        ...


# Showing ----------------------------------------------------------------------------------------------------


def glimpse(kit: Kit, draw: Drawing, who: By, seen: Sighting) -> Message:
    """Return the card of a merge request for one person; it is not edited later, but its buttons work."""
    with kit.store.write() as tx:
        card = _new(kit, who, seen, living=False)
        tx.merge_cards.put(card)
        aim = aim_at(tx, card, seen, kit.now())
    return draw.card(seen, aim, kit.now(), remark="", personal=True, shared=False)


def moved(kit: Kit, draw: Drawing, who: By, seen: Sighting, what: str) -> Message:
    """Return the card anew for somebody who was about to do something to a head that is no longer there."""
    with kit.store.write() as tx:
        card = _new(kit, who, seen, living=False)
        tx.merge_cards.put(card)
        aim = aim_at(tx, card, seen, kit.now())
        redraw(tx, kit, draw, seen)
    kit.deliver()
    return draw.moved(seen, aim, kit.now(), what)


def share(kit: Kit, draw: Drawing, who: By, seen: Sighting) -> None:
    """Post the living card of a merge request where somebody asked for it."""
    with kit.store.write() as tx:
        post(tx, kit, draw, who, seen)
    kit.deliver()


def post(tx: Tx, kit: Kit, draw: Drawing, who: By, seen: Sighting, remark: str = "") -> None:
    """Post a living card, once for each request; a thread is about the merge request from then on."""
    card = replace(_new(kit, who, seen, living=True), remark=remark)
    if tx.merge_cards.put(card):
        _draw(tx, kit, draw, card, seen)
        pace.follow(tx, kit, card, seen)


def tell(tx: Tx, kit: Kit, draw: Drawing, who: By, seen: Sighting, remark: str) -> None:
    """Show what was done on every card, and where it was asked: by a line under its card, or by a new one."""
    about = seen.one.reference
    tx.merge_cards.remark(about, remark)
    redraw(tx, kit, draw, seen)
    here = next((card for card in tx.merge_cards.of(about) if _stands(tx, card, who.place)), None)
    if here is None:
        post(tx, kit, draw, who, seen, remark)
    else:
        line(tx, kit, draw, here, f"{who.key}.line", remark)


def redraw(tx: Tx, kit: Kit, draw: Drawing, seen: Sighting) -> None:
    """Let every living card show how it is now."""
    cards = tx.merge_cards.of(seen.one.reference)
    for card in cards:
        _draw(tx, kit, draw, card, seen)
    if cards:
        pace.follow(tx, kit, cards[0], seen)


def line(tx: Tx, kit: Kit, draw: Drawing, card: MergeCard, letter_id: str, remark: str) -> None:
    """Say something in the thread of a card."""
    letters.under(
        tx, letter_id, card.id, card.place, draw.line(remark), kit.now(), person=card.person.id
    )  # fmt: skip


def _draw(tx: Tx, kit: Kit, draw: Drawing, card: MergeCard, seen: Sighting) -> None:
    now = kit.now()
    aim = aim_at(tx, card, seen, now)
    message = draw.card(seen, aim, now, remark=kit.redact(card.remark), personal=False, shared=True)
    letters.card_of(tx, card.id, card.place, message, now, person=card.person.id)


def _new(kit: Kit, who: By, seen: Sighting, *, living: bool) -> MergeCard:
    now = kit.now()
    key = f"{who.key}.mr" if living else kit.new_id()
    return MergeCard(
        key, who.person, who.place, seen.one.reference, living, at=now, since=now, next_look=pace.NEVER,
        seen=seeing.mark(seen),
    )  # fmt: skip


def aim_at(tx: Tx, card: MergeCard, seen: Sighting, now: Millis) -> str:
    """Keep which head a card shows; return the id that its buttons carry, another one for every head."""
    aim = digest(card.id, seen.one.sha)[:AIM_LENGTH]
    tx.aims.put(aim, card.id, seen.one.sha, now)
    return aim


def _stands(tx: Tx, card: MergeCard, place: Place) -> bool:
    """Tell whether a card stands in a place: in that channel or thread, or right above that thread."""
    if card.place == place:
        return True
    shown = tx.cards.get(card.id)
    return card.place.channel == place.channel and shown is not None and shown.ts == place.thread


# What is written down ---------------------------------------------------------------------------------------


def deed(who: Request | Click | By, seen: Sighting, what: str) -> Deed:
    """Return what somebody wants to do with a merge request, for the ladder; its ref is the target branch."""
    one = seen.one
    return Deed(
        (COMMAND,), who.person, who.place.channel, project=one.project, project_id=one.project_id, ref=one.target,
        arguments=f"{what} !{one.iid}",
    )  # fmt: skip


def note(tx: Tx, kit: Kit, who: By, seen: Sighting, decision: str, account: Account | None) -> None:
    """Write down in the audit trail what was done, in the transaction of what it tells of."""
    made = audit.entry(
        kit, deed(who, seen, decision), decision, name=who.name, place=who.place, account=account,
        detail=f"into {seen.one.target} at {seen.one.sha[:8]}",
    )  # fmt: skip
    audit.note(tx, replace(made, subject=f"!{seen.one.iid}"))
