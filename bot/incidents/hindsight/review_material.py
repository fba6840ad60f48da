"""What a review is written of, as far as everybody who can read it may know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.edges.store import Tx
from bot.incident import SLACK, Event, Incident
from bot.incident_work import Holder, Mirrored, Suspect, Task
from bot.incidents.crew import updates
from bot.incidents.hindsight import measuring, metrics
from bot.incidents.measures import Metrics
from bot.incidents.outward.wanted import CLAIMED, FAILED, GONE, TALK
from bot.kit import Kit

#: What is shown of a change: those that were only listed are nobody's suspects.
_SAID = frozenset({"suspect", "out", "rolled"})


@dataclass(frozen=True, slots=True)
class Material:
    """All that the review of an incident is made of."""

    incident: Incident
    events: Sequence[Event]
    """Those that its readers may know, in the order they happened."""
    holders: Sequence[Holder]
    tasks: Sequence[Task]
    suspects: Sequence[Suspect]
    talk: Sequence[Mirrored]
    """What was said and is in GitLab, oldest first."""
    metrics: Metrics
    earlier: Sequence[Mapping[str, Any]]
    """The times of the episodes before this one."""
    deleted: int = 0
    """Messages and notes that somebody took back."""
    lost: int = 0
    """Messages that could not be brought to GitLab."""
    waiting: int = 0
    """Messages that are still to be brought there."""
    internal: int = 0
    """Texts that are left out, since more people can read the review than them."""


def gather(kit: Kit, incident: Incident, *, confidential: bool) -> Material:
    """Return what a review is made of; what is internal only if the review itself is confidential."""
    with kit.store.read() as tx:
        rows = tx.mirror.of(incident.id)
        events = tx.incident_events.of(incident.id)
        hidden = set() if confidential else _hidden(tx, incident, rows, events)
        course = measuring.course(tx, kit, incident)
        holders, tasks = tx.holders.of(incident.id), tx.tasks.of(incident.id)
        suspects = [one for one in tx.suspects.of(incident.id) if one.state in _SAID]
    live = [one for one in rows if one.state not in {GONE, FAILED} and one.note_id]
    talk = _once([one for one in live if confidential or not one.internal])
    hidden_rows = {(one.channel, one.ts) for one in live} - {(one.channel, one.ts) for one in talk}
    return Material(
        incident, [one for one in events if one.id not in hidden], holders, tasks, list(reversed(suspects)), talk,
        metrics.of(course, measuring.cadence(kit)), course.earlier,
        deleted=sum(one.state == GONE for one in rows), lost=sum(one.state == FAILED for one in rows),
        waiting=sum(one.born == SLACK and not one.note_id and one.state == CLAIMED for one in rows),
        internal=len(hidden_rows) + len(hidden),
    )  # fmt: skip


def _once(rows: Sequence[Mirrored]) -> list[Mirrored]:
    """Return each message once: what was marked has a copy of its own beside that of the talk."""
    first: dict[tuple[str, str], Mirrored] = {}
    for one in rows:
        key = (one.channel, one.ts) if one.ts else (one.id, "")
        if key not in first or (one.kind == TALK and first[key].kind != TALK):
            first[key] = one
    kept = {one.id for one in first.values()}
    return [one for one in rows if one.id in kept]


def _hidden(tx: Tx, incident: Incident, rows: Sequence[Mirrored], events: Sequence[Event]) -> set[str]:
    """
    Return the ids of events that repeat what only members may read.

    Those are updates that were said to members alone, and messages without a copy that all may read.
    """
    internal = {one.note_id for one in rows if one.note_id and one.internal}
    found = set(tx.incident_facts.begin(incident.id, updates.FOR_MEMBERS))
    for one in events:
        copies = (
            [row for row in tx.mirror.all_of_message(one.channel, one.ts) if row.note_id] if one.ts else []
        )
        of_message = bool(copies) and all(row.internal for row in copies)
        if of_message or {one.note_id, updates.note_of(one)} & internal:
            found.add(one.id)
    return found
