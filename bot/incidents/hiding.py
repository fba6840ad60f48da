"""What follows when an incident becomes private: who sees it from then on, and what is taken from all others."""

from __future__ import annotations

from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import Change, Incident
from bot.incident_work import Holder
from bot.incidents import cards, errands, which
from bot.incidents.drawing import Drawing
from bot.kit import Kit

RESPONDER = "responder"
#: The errand that takes direct messages from those who follow an incident and may not see it any more, and the one that
#: brings a review to what is known (crew/updates.py, hindsight/review.py): it is hidden first.
FOLLOWERS, REVIEW = "slack.followers", "gitlab.review"
#: The fact of how often a review was asked for, so that what is asked while it is written is not lost.
ASKED = "review.asked"
WHY = "its incident became private"


def follow(tx: Tx, kit: Kit, draw: Drawing, after: Incident, change: Change) -> None:
    """Write down all that follows, in the transaction that makes it private."""
    _let_in(tx, kit, after, change)
    _take_back(tx, kit, after, change)
    _warn(tx, kit, draw, after, change)


def _let_in(tx: Tx, kit: Kit, after: Incident, change: Change) -> None:
    """Let whoever made it private take part in it: they would not be shown it any more."""
    person = change.who.person
    if person is None or which.takes_part(tx, person, after):
        return
    tx.incident_facts.drop(after.id, which.gone(person))
    name, how = change.who.name, "made it private"
    tx.holders.put(Holder(kit.new_id(), after.id, RESPONDER, person, name, change.at, by=name, how=how))


def _take_back(tx: Tx, kit: Kit, after: Incident, change: Change) -> None:
    """Say nothing more of it elsewhere, show it to no follower who may not see it, and have its review hidden."""
    tx.outbox.dead(f"inc.{after.id}.origin", WHY)
    tx.outbox.dead_below(cards.twin_id(after), WHY)
    errands.write(tx, errands.new(kit, after, FOLLOWERS, "followers", 0), again=True)
    _hide_review(tx, kit, after, change.who.name)


def _hide_review(tx: Tx, kit: Kit, after: Incident, name: str) -> None:
    """Have a review hidden, also one that is written at this moment: it is written once more after that."""
    body = errands.packed(name=name)
    errand = errands.new(kit, after, REVIEW, "review", 0, payload=body)
    known = tx.errands.get(errand.id)
    if after.review_iid or (known is not None and known.state in errands.UNDER_WAY):
        asked = int(tx.incident_facts.get(after.id, ASKED) or 0)
        tx.incident_facts.put(after.id, ASKED, str(asked + 1))
        errands.write(tx, errand, again=True)


def _warn(tx: Tx, kit: Kit, draw: Drawing, after: Incident, change: Change) -> None:
    """Tell the commander that a channel everybody reads is the room of a private incident."""
    person = after.commander or after.declarer
    if after.channel and not after.room.is_dm:
        letters.answer(
            tx, f"inc.{after.id}.exposed.{change.source}", draw.exposed(after), person=person, place=after.room,
            now=kit.now(),
        )  # fmt: skip
