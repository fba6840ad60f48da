"""Shows what was written in GitLab as living messages in an incident's room, in order, one after the other.

A copy is posted when the one before it stands there: what Slack did not take at once cannot be overtaken so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from bot.access import people
from bot.deeds import digest
from bot.delivery import letters
from bot.delivery.sending import SHARED
from bot.edges.store import Tx
from bot.errors import SlackBusy, SlackError, SlackUnreachable
from bot.incident import Incident
from bot.incident_work import Mirrored
from bot.incidents.inward import attached
from bot.incidents.inward.mapped import card_id
from bot.kit import Kit
from bot.model import Message, Place

log = logging.getLogger(__name__)

#: After the room could not be reached so many are shown each for itself; of more one message tells (incidents.md 5.14).
CATCH_UP = 5
CLAIMED, LIVE, HELD, TOLD, GONE, FAILED = "claimed", "live", "held", "told", "gone", "failed"
#: Name of the fact that says in which digest a note is named.
DIGEST = "digest."
#: Slack's codes for why nothing can be said in a room.
ARCHIVED, NOT_THERE = "is_archived", "not_in_channel"


class Drawing(Protocol):
    """How copies look; handed in, since the rules do not know `blocks`."""

    def copy(self, incident: Incident, row: Mirrored) -> Message: ...

    def stub(self, incident: Incident, row: Mirrored) -> Message: ...

    def struck(self, incident: Incident, row: Mirrored) -> Message: ...

    def digest(self, incident: Incident, rows: Sequence[Mirrored]) -> Message: ...


def of_message(tx: Tx, channel: str, ts: str) -> Mirrored | None:
    """Return the note whose copy is this message in Slack, also if it was posted this very moment."""
    known = tx.mirror.of_message(channel, ts)
    if known is not None:
        return known
    card = tx.cards.at(channel, ts)
    head, _, row_id = card.id.rpartition(".m.") if card else ("", "", "")
    return tx.mirror.get(row_id) if head.startswith("inc.") else None


def can_show(incident: Incident) -> bool:
    """Tell whether something can be said in the room of an incident by now."""
    return bool(incident.channel) and not incident.muted


def conceal(tx: Tx, incident: Incident) -> None:
    """What only some may read, and waits for a room that everybody reads by now, is not said there: a link is."""
    for row in tx.mirror.unposted(incident.id):
        if row.state != LIVE and (row.internal or incident.private):
            tx.mirror.change("id = ?", (row.id,), wanted="", wanted_hash=digest(""))


def redraw(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, row: Mirrored) -> None:
    """Let the copy of a note look as its row says by now; one that is not posted yet is drawn when it is."""
    card = tx.cards.get(card_id(row))
    if card is not None:
        letters.card_of(tx, card.id, card.place, look(draw, incident, row), kit.now(), person="")


def look(draw: Drawing, incident: Incident, row: Mirrored) -> Message:
    """Return how a copy looks: its text, or what stands for it."""
    if row.state == GONE:
        return draw.struck(incident, row)
    return draw.copy(incident, row) if row.wanted else draw.stub(incident, row)


# In order ---------------------------------------------------------------------------------------------------


def tick(kit: Kit, draw: Drawing) -> None:
    """Write down what has been posted, and post what comes next; on every tick."""
    with kit.store.read() as tx:
        waiting = tx.mirror.with_unposted()
    for incident_id in waiting:
        with kit.store.write() as tx:
            incident = tx.incidents.get(incident_id)
            stuck = settle(tx, kit, draw, incident) if incident else None
        if incident and stuck:
            kit.apart(f"incident copies {incident_id}", partial(_unstick, kit, draw, incident, stuck))
    if waiting:
        kit.deliver()


def settle(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> Mirrored | None:
    """
    Take in what has been posted, and have the next note posted if nothing is under way.

    Returns a copy that Slack did not take: nothing follows it until somebody has found out why.
    """
    rows = tx.mirror.unposted(incident.id)
    for row in rows:
        card = tx.cards.get(card_id(row)) if row.state == LIVE else None
        if card is not None and card.ts is None:
            return row if card.state == "dead" else None
        if card is not None and card.ts:
            _posted(tx, row, card.place, card.ts)
    waiting = [row for row in rows if row.state != LIVE]
    if not can_show(incident):
        _hold(tx, [row for row in waiting if row.state == CLAIMED])
        return None
    held = [row for row in waiting if row.state == HELD]
    if len(held) > CATCH_UP:
        _tell_in_one(tx, kit, draw, incident, held)
        waiting = [row for row in waiting if row.state != HELD]
    if waiting:
        _show(tx, kit, draw, incident, waiting[0])
    return None


def _posted(tx: Tx, row: Mirrored, place: Place, ts: str) -> None:
    """Write down where a copy stands."""
    thread = place.thread if row.root and place.thread else ""
    tx.mirror.change("id = ?", (row.id,), channel=place.channel, ts=ts, thread=thread)


def _hold(tx: Tx, rows: Sequence[Mirrored]) -> None:
    for row in rows:
        tx.mirror.change("id = ? AND state = ?", (row.id, CLAIMED), state=HELD)


def _show(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, row: Mirrored) -> None:
    tx.mirror.change("id = ?", (row.id,), state=LIVE)
    place = _place(tx, incident, row)
    _anew(tx, kit, card_id(row), place)
    letters.card_of(tx, card_id(row), place, look(draw, incident, row), kit.now(), person="")
    attached.want(tx, kit, incident, row)


def _anew(tx: Tx, kit: Kit, card: str, place: Place) -> None:
    """Let one be posted that Slack did not take before, here or elsewhere."""
    if tx.cards.revive(card, kit.now()):
        tx.cards.move(card, place)


def _place(tx: Tx, incident: Incident, row: Mirrored) -> Place:
    """Where a copy belongs: in the room, or in the thread of what it answers, if that stands in the same channel."""
    root = tx.mirror.get(row.root) if row.root and not incident.thread else None
    if root is None:
        return incident.room
    told_in = tx.cards.get(tx.incident_facts.get(incident.id, DIGEST + root.id) or "")
    if told_in is not None and told_in.place.channel == incident.channel:
        return Place(incident.channel, told_in.place.thread or told_in.ts)
    return Place(
        incident.channel, (root.thread or root.ts or None) if root.channel == incident.channel else None
    )


def _tell_in_one(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, held: Sequence[Mirrored]) -> None:
    """Name what was held up in one message; what is answered later is answered in its thread."""
    told_in = f"inc.{incident.id}.digest.{held[-1].id}"
    letters.card_of(tx, told_in, incident.room, draw.digest(incident, held), kit.now(), person="")
    for row in held:
        tx.mirror.change("id = ?", (row.id,), state=TOLD)
        tx.incident_facts.put(incident.id, DIGEST + row.id, told_in)


# What Slack did not take ------------------------------------------------------------------------------------


def _unstick(kit: Kit, draw: Drawing, incident: Incident, row: Mirrored) -> None:
    """Find out why a copy was not posted: its room is closed to us, its thread is gone, or Slack refuses it."""
    try:
        why = _closed(kit, incident.channel)
    except (SlackBusy, SlackUnreachable) as error:
        log.info("incident %s: why a copy was not posted is not known yet: %s", incident.id, error)
        return
    with kit.store.write() as tx:
        card = tx.cards.get(card_id(row))
        if card is None or card.state != "dead":
            return
        if why:
            tx.incidents.note(incident.id, muted=why)
            tx.mirror.change("id = ?", (row.id,), state=HELD)
        elif card.place != incident.room:
            _anew(tx, kit, card.id, incident.room)
            log.info("note %d of incident %s is shown outside of its thread", row.note_id, incident.id)
        else:
            log.warning("note %d of incident %s is not shown: %s", row.note_id, incident.id, card.why)
            tx.mirror.change("id = ?", (row.id,), state=FAILED)
        settle(tx, kit, draw, replace(incident, muted=why or incident.muted))
    kit.deliver()


def _closed(kit: Kit, channel: str) -> str:
    """Return the code for why nothing can be said in a channel; empty if it can. Raises while Slack does not answer."""
    try:
        room = kit.slack.room(channel)
        if not people.is_open(kit.config.policy, kit.people, channel):
            return SHARED
    except (SlackBusy, SlackUnreachable):
        raise
    except SlackError as error:
        return error.code
    return ARCHIVED if room.is_archived else "" if room.is_member else NOT_THERE
