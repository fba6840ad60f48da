"""Says of a change that it may have caused an incident, or that it did not: on the card, the timeline and in GitLab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot import markdown
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import NotUnderstood, Refused
from bot.incident import SLACK, Incident
from bot.incident_work import Errand, Suspect
from bot.incidents import acting, asking, cards, errands, folding, life
from bot.incidents.acting import Actor
from bot.incidents.causes import changes
from bot.incidents.causes.changes import DEPLOYMENT, KEPT, MERGE, OUT, ROLLED, SUSPECT
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.outward import writers
from bot.incidents.which import Found
from bot.jobs import previews
from bot.kit import Kit

#: The errand that names a suspect below the issue.
NOTE = "gitlab.suspect"
#: Merge requests that one note names.
MOST_NAMED = 10
_DID = {SUSPECT: "suspects", OUT: "ruled out"}


def known(kit: Kit, incident: Incident, reference: str) -> Suspect:
    """Return a change that was shown before. Raises NotUnderstood for one that was not."""
    with kit.store.read() as tx:
        one = tx.suspects.one("incident = ? AND reference = ?", incident.id, reference)
    if one is None:
        raise NotUnderstood("I do not know that change any more. Type `/incident changes` for those I know.")
    return one


def kept(tx: Tx, one: Suspect) -> Mapping[str, Any]:
    """Return what else was known of a change when it was shown: by, status, sha and before."""
    found: dict[str, Any] = json.loads(tx.incident_facts.get(one.incident, f"{KEPT}{one.reference}") or "{}")
    return found


def say(kit: Kit, draw: Drawing, who: Actor, one: Found, state: str) -> Suspect:
    """
    Say that a change is a suspect, or is ruled out; the rest of what was pressed names it.

    Raises Refused if that was said already.
    """
    suspect, incident = known(kit, one.incident, one.rest), one.incident
    verb = "suspect" if state == SUSPECT else "rule out"
    acting.climb(kit, who, incident.project, f"{verb} {suspect.reference} inc {incident.number}")

    def act(tx: Tx) -> Incident:
        if suspect.state == state or not tx.suspects.move(suspect, state, who.by.name):
            now = tx.suspects.get(suspect.id) or suspect
            raise Refused(f"It is {_word(now.state)} already, said by {now.by or 'somebody'}.")
        _tell(tx, kit, draw, who, incident, replace(suspect, state=state))
        return incident

    asking.within(kit, draw, one, act)
    return suspect


def _word(state: str) -> str:
    return {SUSPECT: "a suspect", OUT: "ruled out", ROLLED: "rolled back"}.get(state, "only listed")


def _tell(tx: Tx, kit: Kit, draw: Drawing, who: Actor, incident: Incident, one: Suspect) -> None:
    text = f"{who.by.name} {_DID[one.state]} {one.title}"
    source = f"slack:{who.by.key}:{one.state}"
    life.record(
        tx, kit, incident, "suspect", acting.who(who.by), text, source=source, origin=SLACK, link=one.url,
        shown=one.state == SUSPECT,
    )  # fmt: skip
    acting.note(tx, kit, who.by, incident, "suspect" if one.state == SUSPECT else "ruled out", one.reference)
    cards.say(tx, kit, draw, incident, source, text)
    if one.state == SUSPECT:
        errand = errands.new(kit, incident, NOTE, f"suspect.{one.id}", 2, subject=one.id, person=who.person)
        errands.write(tx, errand)
    cards.redraw(tx, kit, draw, tx.incidents.get(incident.id) or incident)


# In GitLab --------------------------------------------------------------------------------------------------


def _write(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Name the change below the issue, with its merge requests: GitLab ties them to it by that."""
    if not incident.iid:
        raise NotYet("GitLab has not made the issue yet.")
    errands.check_hidden(kit, incident)
    gitlab = errands.gitlab(kit, errand, incident)
    with kit.store.read() as tx:
        one = tx.suspects.get(errand.subject)
        more = kept(tx, one) if one else {}
    if one is None:
        return {}
    numbers = _merge_requests(gitlab, incident, one, more)
    by = f", by {folding.cell(kit, str(more['by']), 80)}" if more.get("by") else ""
    lines = [
        f"Suspected: {folding.cell(kit, one.title)}{by}, {folding.moment(one.at)}. {folding.link('Open', one.url)}"
    ]
    lines += [f"- {incident.project}!{number}" for number in numbers]
    body = markdown.marked(
        "\n".join([lines[0].strip(), "", *lines[1:]]).rstrip(), folding.mark(incident, one.id)
    )
    return {"note": gitlab.write_note(incident.project_id, incident.iid, body).id}


def _merge_requests(gitlab: GitLab, incident: Incident, one: Suspect, more: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the merge requests that a change is, or has brought."""
    if one.kind == MERGE:
        return [int(one.reference.rpartition(" ")[2])]
    if one.kind != DEPLOYMENT or not more.get("before"):
        return []
    project = gitlab.project(incident.project_id)
    brought = previews.compared(gitlab, project, str(more["before"]), str(more["sha"]))
    return [each.number for each in previews.merged(gitlab, project, [brought])][:MOST_NAMED]


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    gitlab = errands.gitlab(kit, errand, incident)
    since = max(errand.at - folding.CLOCKS_APART_MS, 0)
    notes = gitlab.notes_changed(incident.project_id, incident.iid, since)
    note = writers.marked(kit, notes, folding.mark(incident, errand.subject))
    return {"note": note.id} if note else None


KINDS = {NOTE: Kind(_write, _find)}


def to_go_back(kit: Kit, one: Found) -> Suspect:
    """Return the deployment that somebody wants to take back. Raises NotUnderstood for what is none."""
    found = known(kit, one.incident, one.rest)
    if found.kind != changes.DEPLOYMENT or not found.environment:
        raise NotUnderstood("Only a deployment can be rolled back.")
    return found
