"""The message that asks for an update: one at a time, edited as time passes, and closed by what answers it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import Incident
from bot.incidents.crew.update import Nudge
from bot.kit import Kit
from bot.model import Message, Millis

#: Facts: the nudge that is open, and how many there were.
OPEN, COUNT = "nudge", "nudges"
COMMS = "comms"
NAME_KEPT = 80


class Showing(Protocol):
    """How it looks; handed in, since the rules do not know `blocks`."""

    def nudge(self, incident: Incident, one: Nudge, now: Millis) -> Message: ...


def current(tx: Tx, incident: Incident) -> Nudge | None:
    """Return the nudge that nobody has answered; None if there is none."""
    kept = tx.incident_facts.get(incident.id, OPEN)
    return Nudge(**json.loads(kept)) if kept else None


def begin(tx: Tx, kit: Kit, showing: Showing, incident: Incident, due: Millis) -> Nudge:
    """Ask for the update that was due then; one that was asked for before is not asked for any more."""
    close(tx, kit, showing, incident, "Asked for again below.")
    number = int(tx.incident_facts.get(incident.id, COUNT) or 0) + 1
    tx.incident_facts.put(incident.id, COUNT, str(number))
    one = Nudge(number, due, whom=_whom(tx, incident))
    show(tx, kit, showing, incident, one)
    return one


def step(tx: Tx, kit: Kit, showing: Showing, incident: Incident, stage: int) -> Nudge | None:
    """Say in the same message that more time has passed; None if it was answered."""
    one = current(tx, incident)
    if one is None:
        return None
    one = replace(one, stage=stage, whom=_whom(tx, incident))
    show(tx, kit, showing, incident, one)
    return one


def close(tx: Tx, kit: Kit, showing: Showing, incident: Incident, outcome: str) -> None:
    """Show what became of the nudge, and nothing to press; nothing if there is none."""
    one = current(tx, incident)
    if one is None:
        return
    show(tx, kit, showing, incident, replace(one, outcome=outcome))
    tx.incident_facts.drop(incident.id, OPEN)


def show(tx: Tx, kit: Kit, showing: Showing, incident: Incident, one: Nudge) -> None:
    tx.incident_facts.put(incident.id, OPEN, json.dumps(asdict(one)))
    if incident.channel and not incident.muted:
        message = showing.nudge(incident, one, kit.now())
        letters.card_of(
            tx, f"inc.{incident.id}.nudge.{one.number}", incident.room, message, kit.now(), person=one.whom
        )


def answer(tx: Tx, incident: Incident) -> str:
    """Return what has answered a nudge, as a sentence."""
    last = next(reversed(tx.incident_events.of(incident.id, kinds=("update", "snooze"))), None)
    if last is None:
        return "That is over."
    if last.kind == "snooze":
        return f"{last.text}."
    where = " in GitLab" if last.origin == "gitlab" else ""
    return f"{last.who.name[:NAME_KEPT]} gave an update{where}."


def _whom(tx: Tx, incident: Incident) -> str:
    """Who is asked: the communications lead, else the commander."""
    comms = tx.holders.now(incident.id, COMMS)
    if comms is not None:
        return comms.person.id
    return incident.commander.id if incident.commander else ""
