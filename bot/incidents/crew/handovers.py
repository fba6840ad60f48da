"""A request to take command: what is kept of it until it is answered, and how everybody sees what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import Incident
from bot.incident_work import Due
from bot.incidents import cards
from bot.incidents.crew import briefing, descriptions, notes
from bot.incidents.crew.brief import Section
from bot.incidents.crew.handover import Handover
from bot.incidents.drawing import Drawing
from bot.kit import Kit
from bot.model import Message, Millis, Place

#: Kind of what is due when nobody answers, and after how long.
DUE = "handover"
WAIT_MS: Millis = 300_000
#: The fact that counts handovers of an incident.
COUNT = "handovers"
NOTE_KEPT = 500
ACCEPTED, DECLINED, IGNORED, OVERTAKEN = "accepted", "declined", "ignored", "overtaken"


class Showing(Protocol):
    """How it looks; handed in, since the rules do not know `blocks`."""

    def request(self, incident: Incident, one: Handover, outcome: str) -> Message: ...
    def brief(self, incident: Incident, sections: Sequence[Section]) -> Message: ...
    def told(self, text: str) -> Message: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What every step of it needs."""

    kit: Kit
    draw: Drawing
    showing: Showing


# What is kept -----------------------------------------------------------------------------------------------


def keep(tx: Tx, kit: Kit, incident: Incident, one: Handover) -> None:
    """Write down a request, which waits for five minutes."""
    tx.incident_facts.put(incident.id, COUNT, str(one.number))
    about = json.dumps(asdict(one), ensure_ascii=False)
    tx.dues.arm(Due(incident.id, DUE, kit.now() + WAIT_MS, about=about))


def next_number(tx: Tx, incident: Incident) -> int:
    return int(tx.incident_facts.get(incident.id, COUNT) or 0) + 1


def pending(tx: Tx, incident: Incident) -> Handover | None:
    """Return the handover that waits for an answer; None if there is none."""
    due = tx.dues.of(incident.id, DUE)
    return read(due) if due is not None and due.state == "armed" else None


def read(due: Due) -> Handover:
    """Return the handover that is due."""
    kept = json.loads(due.about)
    brief = tuple((title, tuple(rows)) for title, rows in kept.pop("brief"))
    return Handover(**kept, brief=brief)


def dm(kit: Kit, person_id: str) -> str:
    """Return our direct messages with somebody; empty if Slack does not say."""
    with suppress(SlackError):
        return kit.people.dm(person_id)
    return ""


# What everybody sees ----------------------------------------------------------------------------------------


def end(tx: Tx, desk: Desk, incident: Incident, one: Handover, how: str, said: str) -> None:
    """Show what became of a request, and tell whoever has not done it themselves."""
    tx.dues.off(incident.id, DUE)
    show(tx, desk, incident, one, said)
    if one.by_room and one.by != one.to:
        tell(tx, desk, incident, f"handover.{one.number}.by", one.by_room, f"{incident.reference}: {said}")
    if how in {IGNORED, OVERTAKEN} and one.room:
        tell(tx, desk, incident, f"handover.{one.number}.to", one.room, f"{incident.reference}: {said}")


def tell(tx: Tx, desk: Desk, incident: Incident, key: str, room: str, said: str) -> None:
    message = desk.showing.told(desk.kit.redact(said))
    letters.say(tx, f"inc.{incident.id}.{key}", message, Place(room), desk.kit.now())


def show(tx: Tx, desk: Desk, incident: Incident, one: Handover, outcome: str) -> None:
    """Show a request to who is asked, and below the card; with its outcome, nothing can be pressed on it any more."""
    message, now = desk.showing.request(incident, one, outcome), desk.kit.now()
    key = f"inc.{incident.id}.handover.{one.number}"
    if one.room:
        letters.card_of(tx, f"{key}.dm", Place(one.room), message, now, person=one.to)
    if incident.channel:
        letters.card_of(tx, key, thread_of(tx, incident), message, now, person=one.to)


def thread_of(tx: Tx, incident: Incident) -> Place:
    """Return the thread below the card in the room; the room itself while that is not posted."""
    if incident.thread:
        return incident.room
    card = tx.cards.get(cards.card_id(tx, incident))
    return Place(incident.channel, card.ts) if card is not None and card.ts else incident.room


def file(tx: Tx, kit: Kit, incident: Incident, number: int, sections: list[Section]) -> None:
    """Keep a brief in the issue, for members alone."""
    head = f"**Command: {descriptions.plain(incident.commander_name)}**\n\n"
    notes.want(tx, kit, incident, f"brief.{number}", head + briefing.written(sections), internal=True)
