"""Says in the room that something is on the timeline: one quiet line, which is struck when it is taken back."""

from __future__ import annotations

from typing import Protocol

from bot.deeds import digest
from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import Event, Incident
from bot.incidents.chart import mark_facts
from bot.incidents.chart.lines import root_of
from bot.incidents.values import value
from bot.kit import Kit
from bot.model import Message, Millis, Place

#: Begins the fact of how many lines for the same were given up before they were posted.
GIVEN_UP = "echo."
HASH_LENGTH = 16


class Drawing(Protocol):
    """How it looks (blocks/incident_timeline.py)."""

    def echo(self, event: Event, seconds: int, aim: str, now: Millis) -> Message:
        """What is on the timeline, with what changes and undoes it."""
        ...

    def struck(self, event: Event, why: str, now: Millis) -> Message:
        """What was on the timeline."""
        ...


def show(
    tx: Tx, kit: Kit, draw: Drawing, incident: Incident, event: Event, place: Place | None = None
) -> None:
    """
    Let the line of an event show it as it is now; it is posted in `place` the first time.

    Without a place nothing is posted that is not there.
    """
    card_id = _card_id(tx, incident, event)
    known = tx.cards.get(card_id)
    where = known.place if known else place
    if where is None or not where.channel:
        return
    message = draw.echo(event, mark_facts.seconds(tx, incident, event), value(incident, event.id), kit.now())
    letters.card_of(tx, card_id, where, message, kit.now(), person="")


def strike(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, event: Event, why: str = "") -> None:
    """Strike the line of an event that was taken back; one that was not posted yet never is."""
    card_id = _card_id(tx, incident, event)
    known = tx.cards.get(card_id)
    if known is None:
        return
    if known.ts is None and known.state == "due" and not known.probe and known.tries == 0:
        tx.cards.dead(card_id, "it was taken back before it was said")
        name = f"{GIVEN_UP}{_key(event)}"
        given_up = int(tx.incident_facts.get(incident.id, name) or 0)
        tx.incident_facts.put(incident.id, name, str(given_up + 1))
        return
    letters.card_of(tx, card_id, known.place, draw.struck(event, why, kit.now()), kit.now(), person="")


def place_of(incident: Incident, thread: str) -> Place:
    """Return where a line about a message stands: in its thread; where the room is a thread, in that."""
    return Place(incident.channel, incident.thread or thread)


def _card_id(tx: Tx, incident: Incident, event: Event) -> str:
    key = _key(event)
    given_up = tx.incident_facts.get(incident.id, f"{GIVEN_UP}{key}")
    return f"inc.{incident.id}.e.{key}" + (f".{given_up}" if given_up else "")


def _key(event: Event) -> str:
    """Return what an event has in common with its corrections, and with what the same mark brought about earlier."""
    mark = mark_facts.of_event(event)
    return digest(mark.source if mark else root_of(event))[:HASH_LENGTH]
