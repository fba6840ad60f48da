"""Brings GitLab's timeline to what an event says: a line of it, or a comment where GitLab takes no lines.

Each time one step is done, whichever is needed by then, so that the answer of each can be lost and found again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from bot.edges.store import Tx
from bot.errors import GitLabSaidNo, NotFound, NotSupported
from bot.incident import Event, Incident
from bot.incident_work import Errand
from bot.incidents import errands
from bot.incidents.chart import chart_words, timeline
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.outward import writers
from bot.incidents.outward.talk_found import CLOCKS_APART_MS
from bot.incidents.outward.writers import Writer
from bot.kit import Kit
from bot.model import Millis, Person
from bot.tracker import TimelineEvent

#: The fact that no lines are taken here, empty if this GitLab has no timelines, else since when nobody may write one;
#: and, with a person behind it, that GitLab refused theirs, and when.
LACKS = "lacks.timeline"
#: Begins the fact of which comment an event is, and who wrote it: `id team/person`.
NOTE = "timeline.note."
#: A right that was refused is asked for again after so long: roles change during an incident.
ASK_AGAIN_MS: Millis = 3_600_000
#: What GitLab answers to who may not (doc/api/rest/troubleshooting.md); GraphQL says it as NotFound.
FORBIDDEN = 403
NOTHING: Result = {}


def kind() -> Kind:
    """Return how an event reaches GitLab's timeline."""
    return Kind(_act, _find, _settled)


def _act(kit: Kit, errand: Errand, incident: Incident) -> Result:
    with kit.store.read() as tx:
        event = tx.incident_events.get(errand.subject)
        own = _own_note(tx, incident, errand.subject)
    if event is None or not event.shown:
        return NOTHING
    if incident.iid == 0 and event.retracted_at is None:
        raise NotYet("GitLab has not made the issue yet.")
    if event.retracted_at is not None:
        return _dropped(kit, errand, incident, event, own)
    if event.timeline:
        return NOTHING
    if own is not None and not (chart_words.is_long(event) and _is_taken_here(kit, incident)):
        return NOTHING
    errands.check_hidden(kit, incident)
    if own is None and chart_words.is_long(event) and not chart_words.link_of(event, incident):
        return _noted(kit, errand, incident, event)
    return _charted(kit, errand, incident, event, has_note=own is not None)


# Writing ----------------------------------------------------------------------------------------------------


def _charted(kit: Kit, errand: Errand, incident: Incident, event: Event, *, has_note: bool) -> Result:
    """Write the line as the first who may; a comment says it where nobody may, or GitLab has no timeline."""
    denied: list[Person] = []
    for one in _writers(kit, errand, incident):
        with kit.store.read() as tx:
            if _lacks(tx, kit, incident, one.person):
                continue
        try:
            return {"gid": _line(one, incident, event).gid, "denied": denied}
        except NotSupported:
            found = NOTHING if has_note else _noted(kit, errand, incident, event)
            return {**found, "lacking": ""}
        except GitLabSaidNo as error:
            if not isinstance(error, NotFound) and error.status != FORBIDDEN:
                raise
            denied.append(one.person)
    found = NOTHING if has_note else _noted(kit, errand, incident, event)
    return {**found, "denied": denied, "lacking": str(kit.now())}


def _line(one: Writer, incident: Incident, event: Event) -> TimelineEvent:
    """Write the line; a tag that this GitLab does not know is left out."""
    text = chart_words.line(event, incident, by=_by(event, one.person))
    if event.tag:
        with suppress(NotSupported):
            try:
                return one.gitlab.add_timeline(incident.issue_id, text, event.at, (event.tag,))
            except GitLabSaidNo as error:
                if "tags" not in error.reason.lower():
                    raise
    return one.gitlab.add_timeline(incident.issue_id, text, event.at)


def _noted(kit: Kit, errand: Errand, incident: Incident, event: Event) -> Result:
    """Write a comment that holds all of it."""

    def write(one: Writer) -> Result:
        body = chart_words.note(event, incident, by=_by(event, one.person))
        made = one.gitlab.write_note(incident.project_id, incident.iid, body)
        return {"note": made.id, "writer": one.person}

    return writers.tried(_writers(kit, errand, incident), write) or NOTHING


def _writers(kit: Kit, errand: Errand, incident: Incident) -> Iterator[Writer]:
    return writers.writers(kit, incident, errand.person)


def _by(event: Event, writer: Person) -> str:
    """Return whom a line has to name, since GitLab says that its writer did it; empty if that is so."""
    return "" if event.who.person == writer else event.who.name


# Taking away ------------------------------------------------------------------------------------------------


def _dropped(
    kit: Kit, errand: Errand, incident: Incident, event: Event, own: tuple[int, Person] | None
) -> Result:
    """Take away the line, then the comment."""
    if event.timeline:
        return _line_dropped(kit, errand, incident, event)
    if own is None:
        return NOTHING
    note_id, writer = own
    for one in writers.writers(kit, incident, writer, errand.person):
        with suppress(GitLabSaidNo):  # Gone, or not theirs to delete.
            one.gitlab.drop_note(incident.project_id, incident.iid, note_id)
            break
    return {"no_note": True}


def _line_dropped(kit: Kit, errand: Errand, incident: Incident, event: Event) -> Result:
    """Any Developer may; GitLab does not tell a line that is gone from one that is not theirs to take away."""
    for one in writers.writers(kit, incident, errand.person, event.who.person):
        try:
            one.gitlab.drop_timeline(event.timeline)
        except GitLabSaidNo as error:
            if not isinstance(error, NotFound | NotSupported) and error.status != FORBIDDEN:
                raise
        else:
            break
    return {"no_line": event.timeline}


# A lost answer ----------------------------------------------------------------------------------------------


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    """Look for what an unanswered step has made or taken away."""
    with kit.store.read() as tx:
        event = tx.incident_events.get(errand.subject)
        own = _own_note(tx, incident, errand.subject)
        known = {one.timeline for one in tx.incident_events.of(incident.id, retracted=True)}
    if event is None or incident.iid == 0:
        return NOTHING
    if event.timeline and event.retracted_at is None:
        return NOTHING
    if event.timeline:
        there = {one.gid for one in _read(kit, errand, incident)}
        return {"no_line": event.timeline} if there and event.timeline not in there else None
    fresh = (one for one in _read(kit, errand, incident) if one.gid not in known)
    made = next((one for one in fresh if chart_words.is_line(event, incident, one)), None)
    if made is not None:
        return {"gid": made.gid}
    return None if own is not None else _found_note(kit, errand, incident, event)


def _read(kit: Kit, errand: Errand, incident: Incident) -> list[TimelineEvent]:
    """Return GitLab's timeline as the first who sees it; empty where nobody does."""
    for one in _writers(kit, errand, incident):
        with suppress(GitLabSaidNo):
            return one.gitlab.timeline(incident.project, incident.issue_id)
    return []


def _found_note(kit: Kit, errand: Errand, incident: Incident, event: Event) -> Result | None:
    since = (errand.since or errand.at) - CLOCKS_APART_MS
    those = list(_writers(kit, errand, incident))
    for one in those:
        with suppress(GitLabSaidNo):
            changed = one.gitlab.notes_changed(incident.project_id, incident.iid, since)
            wanted = chart_words.mark(event, incident)
            note = writers.marked(kit, changed, wanted)
            if note is not None:
                author = writers.author(kit, those, note) or one
                return {"note": note.id, "writer": author.person}
    return None


# What is written down ---------------------------------------------------------------------------------------


def _settled(tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
    """Write down what was done, and ask for the next step if there is one."""
    event = tx.incident_events.get(errand.subject)
    if event is None:
        return
    for person in result.get("denied", ()):
        tx.incident_facts.put(incident.id, _name(person), str(kit.now()))
    if "lacking" in result:
        tx.incident_facts.put(incident.id, LACKS, result["lacking"])
    elif "gid" in result:
        tx.incident_facts.drop(incident.id, LACKS)
    _write_down(tx, incident, event, result)
    after = tx.incident_events.get(event.id) or event
    if _has_more(after, result, has_note=_own_note(tx, incident, event.id) is not None):
        timeline.want(tx, kit, incident, after, errand.person)


def _write_down(tx: Tx, incident: Incident, event: Event, result: Result) -> None:
    name = f"{NOTE}{event.id}"
    if "gid" in result:
        tx.incident_events.change("id = ?", (event.id,), timeline=result["gid"])
    if "no_line" in result:
        tx.incident_events.change("id = ?", (event.id,), timeline="")
    if "note" in result:
        tx.incident_events.change("id = ?", (event.id,), note_id=result["note"])
        writer = result["writer"]
        tx.incident_facts.put(incident.id, name, f"{result['note']} {writer.team}/{writer.id}")
    if "no_note" in result:
        tx.incident_facts.drop(incident.id, name)
        tx.incident_events.change("id = ?", (event.id,), note_id=0)


def _has_more(event: Event, result: Result, *, has_note: bool) -> bool:
    """Tell whether a step is left: what was taken back meanwhile, or the line for a comment that holds it all."""
    if event.retracted_at is not None:
        return bool(event.timeline) or has_note
    return "note" in result and "lacking" not in result


def _own_note(tx: Tx, incident: Incident, event_id: str) -> tuple[int, Person] | None:
    """Return the comment that an event is, and who wrote it."""
    kept = tx.incident_facts.get(incident.id, f"{NOTE}{event_id}")
    if kept is None:
        return None
    number, _, who = kept.partition(" ")
    return int(number), Person(*who.split("/", 1))


# Who may ----------------------------------------------------------------------------------------------------


def _name(person: Person) -> str:
    return f"{LACKS}.{person.team}/{person.id}"


def _lacks(tx: Tx, kit: Kit, incident: Incident, person: Person) -> bool:
    """Tell whether GitLab has just refused somebody's line, or takes none at all."""
    if tx.incident_facts.get(incident.id, LACKS) == "":
        return True
    refused = tx.incident_facts.get(incident.id, _name(person))
    return refused is not None and 0 <= kit.now() - int(refused) < ASK_AGAIN_MS


def _is_taken_here(kit: Kit, incident: Incident) -> bool:
    with kit.store.read() as tx:
        return tx.incident_facts.get(incident.id, LACKS) != ""
