"""Measures incidents that are written down: one, or all that were closed in a span and somebody may see."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.access.lock_words import span
from bot.command import Request
from bot.edges.store import Tx
from bot.errors import NotUnderstood
from bot.incident import Event, Incident, State
from bot.incidents import which
from bot.incidents.hindsight import metrics
from bot.incidents.life import EPISODE
from bot.incidents.measures import Cadence, Course, Metrics
from bot.incidents.told import Figure, Figures
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Millis
from bot.text import one_line

DAY: Millis = 86_400_000
USUAL: Millis = 30 * DAY
#: A year; older rooms and people have changed too much to be compared.
LONGEST: Millis = 366 * DAY
_WEEKS = re.compile(r"(\d{1,3})\s*w(?:eeks?)?", re.IGNORECASE)
SAID_SHOWN = 40


def cadence(kit: Kit) -> Cadence:
    """Return how long after a word the next is due, as it is configured."""
    settings = kit.config.incidents
    return Cadence(settings.update_minutes, settings.monitoring_minutes)


def of(tx: Tx, kit: Kit, incident: Incident) -> Metrics:
    """Measure one incident."""
    return metrics.of(course(tx, kit, incident), cadence(kit))


def course(tx: Tx, kit: Kit, incident: Incident) -> Course:
    """Return all that an incident is measured by."""
    events = tx.incident_events.of(incident.id)
    holders = tx.holders.of(incident.id)
    return Course(incident, events, holders, earlier(tx, incident), kit.now())


def earlier(tx: Tx, incident: Incident) -> list[Mapping[str, Any]]:
    """Return the times of the episodes before this one, the first first."""
    kept = tx.incident_facts.begin(incident.id, EPISODE)
    return [json.loads(kept[number]) for number in sorted(kept, key=int)]


# What somebody asks for -------------------------------------------------------------------------------------


def asked(kit: Kit, request: Request) -> Figure | Figures:
    """Return the figures of the incident that was named after `metrics`, else of those closed in a span."""
    text = request.line.after(1)
    length = _length(text)
    if length is None:
        found = which.found(kit, request, "metrics")
        if found.rest:
            raise NotUnderstood(_unread(found.rest))
        return figure(kit, found.incident)
    if not DAY // 24 <= length <= LONGEST:
        raise NotUnderstood(_unread(text))
    return _over(kit, request, length)


def _length(text: str) -> Millis | None:
    weeks = _WEEKS.fullmatch(text)
    if weeks:
        return int(weeks[1]) * 7 * DAY
    return span(text) if text else USUAL


def _unread(text: str) -> str:
    shown = one_line(text, SAID_SHOWN).replace("`", "'")
    return (
        f"I cannot measure over `{shown}`. Type `/incident metrics 30d`, at most a year, or `/incident metrics inc-7`"
        " for one incident."
    )


def figure(kit: Kit, incident: Incident) -> Figure:
    """Return what one incident came to, with what the events say that the figures come from."""
    with kit.store.read() as tx:
        known = course(tx, kit, incident)
        found = metrics.of(known, cadence(kit))
    return Figure(replace(incident, title=kit.redact(incident.title)), found, _words(kit, known.events))


def _words(kit: Kit, events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(one.id, kit.redact(one.text)) for one in events]


def _over(kit: Kit, request: Request, length: Millis) -> Figures:
    project = projects.checked(kit, request) or "" if request.project else ""
    now = kit.now()
    with kit.store.read() as tx:
        closed = tx.incidents.where(
            "state = ? AND closed_at >= ? ORDER BY closed_at", State.CLOSED, now - length
        )
    mine = [one for one in closed if project in {"", one.project} and which.may_see(kit, request.person, one)]
    with kit.store.read() as tx:
        measured = [of(tx, kit, one) for one in mine]
    counted = Counter(one.severity for one in mine)
    return Figures(
        now - length, now, metrics.averages(measured), metrics.shared(one.adherence for one in measured),
        metrics.shared(one.provenance for one in measured), len(mine),
        sorted(counted.items(), key=lambda pair: pair[0] or 5), sum(one.handovers for one in measured),
        sum(one.episodes - 1 for one in mine), project,
    )  # fmt: skip
