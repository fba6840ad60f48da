"""One look at one incident in GitLab: how it stands there first, then what was said below it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.deeds import digest
from bot.edges.store import Tx
from bot.errors import GitLabSaidNo
from bot.incident import Incident, Who
from bot.incident_work import Mirrored
from bot.incidents import which
from bot.incidents.crew import tasks, updates
from bot.incidents.drawing import Drawing
from bot.incidents.held import inbound
from bot.incidents.held.reading import is_on_its_way
from bot.incidents.hindsight import merging
from bot.incidents.inward import copies, inwards
from bot.incidents.inward.inwards import Read, Threads
from bot.kit import Kit
from bot.model import Millis
from bot.tracker import Comment, IncidentFacts, Issue, LabelEvent, StateEvent

log = logging.getLogger(__name__)

#: How far back is read again what was read before: replicas and long transactions come late (incidents.md 3.3).
OVERLAP_MS: Millis = 60_000
#: Pages of a hundred notes that are read at most: after a long absence all that was written in it.
PAGES = 50
#: Copies that were edited, as it seems, which are read once more before anybody is told so, in one look.
MOST_AGAIN = 20
#: Facts: what was seen last, and how labels and state were then.
LOOKED, STOOD = "looked", "looked.stood"


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident, and its issue as GitLab has it now."""

    incident: Incident
    issue: Issue
    facts: IncidentFacts | None = None
    """What only GraphQL tells; None where this GitLab does not."""

    @property
    def hides(self) -> bool:
        """Whether it has become confidential."""
        return self.issue.confidential and not self.incident.private


def trace(issue: Issue) -> str:
    """Return what differs as soon as something of an issue or its discussion does."""
    return f"{issue.updated_at} {issue.comments} {issue.severity} {int(issue.confidential)}"


def has_moved(tx: Tx, seen: Seen) -> bool:
    """Tell whether something has happened since the last whole look."""
    return tx.incident_facts.get(seen.incident.id, LOOKED) != trace(seen.issue)


def updated_at(tx: Tx, incident: Incident) -> Millis | None:
    """Return GitLab's time of the last change that was seen; None before the first look."""
    known = tx.incident_facts.get(incident.id, LOOKED)
    return int(known.partition(" ")[0]) if known else None


def missed(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Write down that GitLab does not show the issue of an incident, so that it is not looked for all the time."""
    if updated_at(tx, incident) is None:
        tx.incident_facts.put(incident.id, LOOKED, f"{kit.now()} not in sight")


# How it stands ----------------------------------------------------------------------------------------------


def stand(kit: Kit, draw: Drawing, talk: copies.Drawing, seen: Seen) -> None:
    """
    Let the incident become what its issue is; before a word of its discussion is taken in.

    Raises GitLabError if who did it cannot be asked.
    """
    events, duplicate = _events(kit, seen), merging.marked_there(kit, seen.incident, seen.issue)
    is_open = seen.hides and which.is_room_open(kit, seen.incident)
    with kit.store.write() as tx:
        incident = tx.incidents.get(seen.incident.id) or seen.incident
        if duplicate is not None:
            incident = merging.take_in(tx, kit, draw, seen.issue, incident, duplicate)
        inbound.from_gitlab(tx, kit, draw, incident, seen.issue, seen.facts, events)
        tasks.from_description(tx, kit, draw, incident, seen.issue.description, Who("somebody"))
        # Else who did what is asked again: this look may have passed it over.
        if not is_on_its_way(tx, incident):
            tx.incident_facts.put(incident.id, STOOD, _stood(seen))
        if is_open:
            _hide(tx, kit, talk, incident)
    kit.deliver()


def _stood(seen: Seen) -> str:
    """What differs once labels, state or status do: closing and opening at once leaves the status resolved alone."""
    return digest(sorted(seen.issue.labels), seen.issue.state, seen.facts.status if seen.facts else "")


def _events(kit: Kit, seen: Seen) -> Sequence[LabelEvent | StateEvent]:
    """Who has put labels on and off, closed and reopened it; asked only if labels, state or status are other ones."""
    incident = seen.incident
    with kit.store.read() as tx:
        if tx.incident_facts.get(incident.id, STOOD) == _stood(seen):
            return ()
    found: list[LabelEvent | StateEvent] = [
        *kit.gitlab.label_events(incident.project_id, incident.iid),
        *kit.gitlab.state_events(incident.project_id, incident.iid),
    ]
    return sorted(found, key=lambda one: (one.at, one.id))


def _hide(tx: Tx, kit: Kit, talk: copies.Drawing, incident: Incident) -> None:
    """Nothing that is on its way into an open room is shown there: a link takes its place."""
    for row in tx.mirror.unposted(incident.id):
        hidden: Mirrored = replace(row, wanted="", wanted_hash=digest(""))
        tx.mirror.change("id = ?", (row.id,), wanted="", wanted_hash=hidden.wanted_hash)
        copies.redraw(tx, kit, talk, incident, hidden)


# What was said ----------------------------------------------------------------------------------------------


def listen(kit: Kit, draw: Drawing, talk: copies.Drawing, seen: Seen) -> None:
    """
    Take in what was written below an issue since the last look, and write down that it was seen whole.

    A note that is an update counts as one.

    Raises GitLabError if GitLab cannot be asked; then nothing is taken in, and the next look begins where this one did.
    """
    incident = seen.incident
    read = _read(kit, seen)
    words = updates.that_count(kit, incident, read.notes)
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        inwards.take(tx, kit, talk, now, read)
        for note in words:
            updates.from_note(tx, kit, draw, now, note, is_open=read.is_open)
        newest = max((note.updated_at for note in read.notes), default=0)
        tx.incidents.note(incident.id, notes_seen=max(newest, now.notes_seen))
        tx.incident_facts.put(incident.id, LOOKED, trace(seen.issue))
    kit.deliver()


def _read(kit: Kit, seen: Seen) -> Read:
    incident, issue = seen.incident, seen.issue
    since = max(0, incident.notes_seen - OVERLAP_MS)
    notes = (
        kit.gitlab.notes_changed(incident.project_id, incident.iid, since, PAGES) if issue.comments else []
    )
    with kit.store.read() as tx:
        fresh = inwards.new_ones(tx, incident, tuple(notes))
        edited = inwards.edited_copies(tx, incident, tuple(notes))[:MOST_AGAIN]
    again = {note_id: _again(kit, incident, note_id) for note_id in edited}
    current = tuple(found for note in notes if (found := again.get(note.id, note)) is not None)
    hidden = issue.confidential or any(note.internal for note in notes)
    is_open = bool(notes) and hidden and which.is_room_open(kit, incident)
    return Read(current, _threads(kit, incident, fresh), is_open, issue.confidential)


def _again(kit: Kit, incident: Incident, note_id: int) -> Comment | None:
    """A note as it reads this moment: what looked edited may have been on its way; None if it is gone."""
    try:
        return kit.gitlab.note(incident.project_id, incident.iid, note_id)
    except GitLabSaidNo:
        return None


def _threads(kit: Kit, incident: Incident, fresh: Sequence[int]) -> Threads:
    """The discussions of new notes; where GitLab does not say, each stands for itself."""
    if not fresh:
        return {}
    try:
        return kit.gitlab.discussions_of(fresh, incident.project_id, incident.iid)
    except GitLabSaidNo as error:
        log.warning("the discussions of incident %s are not known: %s", incident.id, error)
        return {}
