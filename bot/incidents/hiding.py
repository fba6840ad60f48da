"""What follows when an incident becomes private: who sees it from then on, and what is taken from all others."""

from __future__ import annotations

import logging

from bot.delivery import letters
from bot.edges.store import Letter, Tx
from bot.errors import SlackBusy, SlackError, SlackUnreachable
from bot.incident import Change, Incident
from bot.incident_work import Errand, Holder
from bot.incidents import cards, errands, which
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.kit import Kit

log = logging.getLogger(__name__)

RESPONDER = "responder"
#: The errand that takes direct messages from those who follow an incident and may not see it any more, and the one that
#: brings a review to what is known (crew/updates.py, hindsight/review.py): it is hidden first.
FOLLOWERS, REVIEW = "slack.followers", "gitlab.review"
#: The errand that deletes what was said below the announcement.
BELOW = "slack.below"
#: The fact of how often a review was asked for, so that what is asked while it is written is not lost.
ASKED = "review.asked"
WHY = "its incident became private"


def follow(tx: Tx, kit: Kit, draw: Drawing, after: Incident, change: Change) -> None:
    """Write down all that follows, in the transaction that makes it private."""
    _let_in(tx, kit, after, change)
    _take_back(tx, kit, draw, after, change)
    _warn(tx, kit, draw, after, change)


def end(tx: Tx, kit: Kit, draw: Drawing, after: Incident) -> None:
    """Write down all that follows when everybody may see it again; where no private room could be made, another is."""
    signpost = tx.cards.get(cards.origin_id(after))
    if signpost is not None and after.channel:
        cards.point(tx, kit, draw, after, signpost.place)
    if not after.channel:
        tx.incidents.note(after.id, trouble="")
        _want_room(tx, kit, after)


def _want_room(tx: Tx, kit: Kit, incident: Incident) -> None:
    errands.write(tx, errands.new(kit, incident, cards.CHANNEL, f"channel.private.{incident.version}", 0))


def _let_in(tx: Tx, kit: Kit, after: Incident, change: Change) -> None:
    """Let whoever made it private take part in it: they would not be shown it any more."""
    person = change.who.person
    if person is None or which.takes_part(tx, person, after):
        return
    tx.incident_facts.drop(after.id, which.gone(person))
    name, how = change.who.name, "made it private"
    tx.holders.put(Holder(kit.new_id(), after.id, RESPONDER, person, name, change.at, by=name, how=how))


def _take_back(tx: Tx, kit: Kit, draw: Drawing, after: Incident, change: Change) -> None:
    """Say nothing more of it elsewhere, show it to no follower who may not see it, and have its review hidden."""
    cards.withdraw(tx, kit, draw, cards.origin_id(after), WHY)
    tx.outbox.dead_below(cards.twin_id(after), WHY)
    if after.announced_in:
        errands.write(tx, errands.new(kit, after, BELOW, "below", 0), again=True)
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
    """Tell the commander that a channel everybody reads is, or was, the room of a private incident."""
    person = after.commander or after.declarer
    if after.channel and not after.room.is_dm:
        letters.answer(
            tx, f"inc.{after.id}.exposed.{change.source}", draw.exposed(after), person=person, place=after.room,
            now=kit.now(),
        )  # fmt: skip


# What lives in a thread -------------------------------------------------------------------------------------


def leave_thread(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, change: Change) -> Incident:
    """
    Take an incident that has become private out of the thread it lives in, which others read, and want it a room.

    Its card there shows nothing any more; what was said there stays, and what waits to be said is said in the room.
    """
    root = tx.incident_facts.get(incident.id, cards.ROOT)
    if root is None:
        return incident
    _warn(tx, kit, draw, incident, change)
    waiting = _end_thread(tx, kit, draw, incident)
    tx.incident_facts.drop(incident.id, cards.ROOT)
    tx.incident_facts.put(incident.id, cards.BEFORE, root)
    tx.incidents.note(incident.id, channel="", channel_name="", thread="", muted="")
    _want_room(tx, kit, incident)
    now = tx.incidents.get(incident.id) or incident
    cards.say(tx, kit, draw, now, f"moved.private.{now.version}", draw.moved_on(now, root))
    for letter in waiting:
        if letter.kind == "post":
            cards.say(tx, kit, draw, now, f"moved.{letter.id}", letters.load(letter.body))
    return now


def _end_thread(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> list[Letter]:
    """Let nothing more of it be said or drawn there; what was to be said comes back."""
    card, prefix = cards.card_id(tx, incident), f"inc.{incident.id}."
    cards.withdraw(tx, kit, draw, card, WHY)
    cards.begin_anew(tx, incident)
    if not incident.channel:
        return []
    tx.cards.drop(prefix, incident.room, but=card)
    tx.mirror.hold(incident.id, "live")
    return tx.outbox.take(prefix, incident.room, WHY)


# What was said below the announcement -----------------------------------------------------------------------


def _delete_below(kit: Kit, _errand: Errand, incident: Incident) -> Result:
    """Delete what the outbox still knows to stand there, or finds there; what people wrote is theirs."""
    if not incident.private:
        return {}
    twin = cards.twin_id(incident)
    with kit.store.write() as tx:
        tx.outbox.dead_below(twin, WHY)
        there = tx.outbox.below(twin)
    for letter in there:
        if letter.state == "sending":
            raise NotYet("It is being said at this moment.")
        _delete(kit, letter)
    return {}


def _delete(kit: Kit, letter: Letter) -> None:
    """Delete one; where Slack does not let us, it stays, and the others are deleted all the same."""
    try:
        ts = letter.sent_ts or kit.slack.find(letter.place, letter.id, letter.created_at)
        if ts:
            kit.slack.delete(letter.place.channel, ts)
    except (SlackBusy, SlackUnreachable):
        raise
    except SlackError as error:
        log.warning("message %s cannot be deleted: %s", letter.id, error)
    else:
        with kit.store.write() as tx:
            tx.outbox.gone(letter.id)


#: How that is done; what is deleted may be deleted again.
DELETING = Kind(_delete_below, _delete_below)
