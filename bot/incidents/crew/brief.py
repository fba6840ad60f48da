"""What somebody has to know who takes command: how it stands, what is open, was asked and happened last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.incident import Event, Incident
from bot.incident_work import Holder, Suspect, Task
from bot.incidents import states
from bot.model import Millis
from bot.text import duration, one_line

MOST_EVENTS, MOST_TASKS = 10, 20
#: Characters of a row.
ROW = 200


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a brief: a title, and rows of plain text."""

    title: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a brief is made of."""

    incident: Incident
    now: Millis
    tasks: Sequence[Task] = ()
    questions: Sequence[str] = ()
    events: Sequence[Event] = ()
    suspects: Sequence[Suspect] = ()
    holders: Sequence[Holder] = ()


def brief(facts: Facts) -> list[Section]:
    """Return what somebody has to know who takes command now; parts of which there is nothing are left out."""
    made = [
        Section("How it stands", tuple(_standing(facts))),
        Section("Open tasks", tuple(_task(one) for one in facts.tasks[:MOST_TASKS])),
        Section("Questions nobody has answered", tuple(facts.questions)),
        Section("What happened last", tuple(_event(one) for one in facts.events[-MOST_EVENTS:])),
        Section("Suspects", tuple(_suspect(one) for one in facts.suspects if one.state != "found")),
        Section("Who is here", tuple(_people(facts.holders))),
    ]
    return [one for one in made if one.rows]


def _standing(facts: Facts) -> list[str]:
    incident, now = facts.incident, facts.now
    began = incident.started_at or incident.detected_at or incident.declared_at
    rows = [
        f"{one_line(incident.title, ROW)}: {states.named(incident.state)}, severity"
        f" {incident.severity or 'unknown'}, running for {duration(now - began)}"
    ]
    if incident.latest and incident.latest_at is not None:
        rows.append(f"Last update {clock(incident.latest_at)}: {one_line(incident.latest, ROW)}")
    if incident.next_update is not None:
        late = f", overdue for {duration(now - incident.next_update)}" if incident.next_update < now else ""
        rows.append(f"Next update due {clock(incident.next_update)}{late}")
    return rows


def _task(task: Task) -> str:
    return f"{task.number}. {one_line(task.text, ROW)} ({task.owner_name or 'nobody yet'})"


def _event(event: Event) -> str:
    return f"{clock(event.at)} {one_line(event.text, ROW)}"


def _suspect(suspect: Suspect) -> str:
    words = {"out": "ruled out", "rolled": "rolled back"}
    return f"{one_line(suspect.title, ROW)}: {words.get(suspect.state, suspect.state)}"


def _people(holders: Sequence[Holder]) -> list[str]:
    parts: dict[str, list[str]] = {}
    for one in holders:
        if one.role != "responder" or one.name not in {name for names in parts.values() for name in names}:
            parts.setdefault(one.role, []).append(one.name)
    return [f"{role.capitalize()}: {', '.join(dict.fromkeys(names))}"[:ROW] for role, names in parts.items()]


def clock(at: Millis) -> str:
    """Return a moment as a brief has it."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%H:%M} UTC"
