"""The brief for whoever takes command: how it stands, what is open, was asked and happened last; from facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from bot.edges.slack_history import SlackMessage
from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import Event, Incident
from bot.incident_work import Holder, Suspect, Task
from bot.incidents import descriptions, states, tasks
from bot.incidents.task_words import plain
from bot.issues.people import name_of
from bot.kit import Kit
from bot.model import Millis
from bot.text import duration, one_line
from bot.words import clean

#: How far back questions are looked for, in messages, and how many of them a brief has.
MOST_READ, MOST_QUESTIONS = 200, 5
MOST_EVENTS, MOST_TASKS, MOST_PEOPLE = 10, 20, 20
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


def written(sections: Sequence[Section]) -> str:
    """Return a brief as Markdown in which nothing acts."""
    return "\n\n".join(
        "\n".join([f"**{one.title}**", "", *(f"- {descriptions.plain(row)}" for row in one.rows)])
        for one in sections
    )


# Gathering --------------------------------------------------------------------------------------------------


def gathered(tx: Tx, kit: Kit, incident: Incident, questions: Sequence[str]) -> list[Section]:
    """Return the brief of an incident as it is in the store; `questions` are those of `unanswered`."""
    events = [one for one in tx.incident_events.of(incident.id) if one.kind not in {"task", "follow_up"}]
    still = [one for one in tasks.of(tx, incident) if one.state == tasks.OPEN]
    order = {"commander": 0, "comms": 1, "ops": 2, "scribe": 3}
    holders = sorted(tx.holders.present(incident.id), key=lambda one: order.get(one.role, len(order)))
    found = brief(
        Facts(
            incident, kit.now(), still, questions, events, tx.suspects.of(incident.id), holders[:MOST_PEOPLE]
        )
    )
    return [Section(one.title, tuple(kit.redact(row) for row in one.rows)) for one in found]


def unanswered(kit: Kit, incident: Incident) -> list[str]:
    """
    Return what people asked in the room and nobody answered in a thread, oldest first; Slack is asked for it.

    Nothing if Slack does not tell now: a brief without questions is better than none.
    """
    if not incident.channel or incident.thread:
        return []
    with suppress(SlackError):
        recent = [one for one in islice(kit.slack.said(incident.room), MOST_READ) if _asks(one)]
        return [_question(kit, one) for one in reversed(recent[:MOST_QUESTIONS])]
    return []


def _asks(message: SlackMessage) -> bool:
    is_talk = (
        bool(message.user)
        and not message.bot
        and not message.subtype
        and message.thread in {None, message.ts}
    )
    return is_talk and not message.replies and message.text.rstrip().endswith("?")


def _question(kit: Kit, message: SlackMessage) -> str:
    said = one_line(plain(kit, clean(message.text)), ROW)
    return f"{name_of(kit, message.user)}, {clock(int(float(message.ts) * 1000))}: {said}"
