"""Makes one incident a duplicate of another: followers go along, the timeline is folded below the survivor, once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import BotError, GitLabSaidNo, Refused
from bot.incident import BOT, GITLAB, Change, Incident, Who
from bot.incident_work import Errand
from bot.incidents import acting, asking, cards, errands, folding, life, states, which
from bot.incidents.acting import Actor
from bot.incidents.crew import followers, notes
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.held import holding
from bot.incidents.which import Found
from bot.kit import Kit
from bot.model import Message, Person
from bot.text import plural
from bot.tracker import Comment, Issue

#: What an incident is merged by, as life.py names it.
MERGED = "merged"
#: Errands of a merge: GitLab's own mark of a duplicate, and the note on the survivor.
DUPLICATE, FOLD = "gitlab.duplicate", "gitlab.fold"
#: The errand that asks the room of a duplicate whether it may be archived.
CONSENT = "slack.consent"
#: The errand that archives a room (rooms.py), and how its key begins.
ARCHIVE = "slack.archive"
#: What GitLab writes below an issue that is closed as a duplicate (app/services/system_notes/issuables_service.rb).
_MARKED = re.compile(r"marked this \w+ as a duplicate of (?P<project>[\w./-]*)#(?P<iid>\d{1,9})")


def check(kit: Kit, person: Person, one: Incident, survivor: Incident) -> None:
    """Raise Refused, with the reason, for two that cannot become one; NotUnderstood for one that is not for them."""
    if one.id == survivor.id:
        raise Refused("An incident is no duplicate of itself. Name the other one.")
    which.seen(kit, person, survivor)
    if survivor.merged_into == one.id:
        raise Refused(
            f"{survivor.reference} is a duplicate of {one.reference} already, not the other way round."
        )


def merge(kit: Kit, draw: Drawing, who: Actor, one: Found, survivor: Incident) -> Incident:
    """
    Make an incident a duplicate of another and return it as it is then, with all that follows queued.

    Raises Refused if it ended, if the other did, or if it is so already.
    """
    incident = one.incident
    check(kit, who.person, incident, survivor)
    what = f"duplicate inc {incident.number} of inc {survivor.number}"
    acting.climb(kit, who, incident.project, what, project_id=incident.project_id)
    change = acting.change(kit, who.by, MERGED, survivor.id, version=one.version)

    def act(tx: Tx) -> Incident:
        after = life.apply(tx, kit, draw, incident, change)
        follow(tx, kit, draw, after, change)
        return after

    return asking.within(kit, draw, one, act)


def follow(tx: Tx, kit: Kit, draw: Drawing, one: Incident, change: Change) -> None:
    """
    Write down what follows once an incident is a duplicate: also one that became so in GitLab, which says it itself.

    In the transaction that makes it one; asked again for the same merge it changes nothing.
    """
    survivor = tx.incidents.get(one.merged_into)
    if survivor is None or not tx.incident_facts.claim(one.id, f"merged.{one.episodes}", survivor.id):
        return
    moved = followers.go_along(tx, one, survivor)
    key, person = f"{one.id}.{one.episodes}", change.who.person
    if change.origin != GITLAB:
        body = errands.packed(survivor=survivor.id)
        errands.write(
            tx, errands.new(kit, one, DUPLICATE, f"duplicate.{one.episodes}", 1, person=person, payload=body)
        )
    body = errands.packed(duplicate=one.id)
    errands.write(
        tx, errands.new(kit, survivor, FOLD, f"fold.{key}", 2, subject=one.id, person=person, payload=body)
    )
    cards.say(tx, kit, draw, one, f"pointer.{key}", _pointer(one, survivor))
    if one.channel and not one.thread:
        body = errands.packed(survivor=survivor.id)
        errands.write(tx, errands.new(kit, one, CONSENT, f"consent.{one.episodes}", 3, payload=body))
    cards.say(tx, kit, draw, survivor, f"merged.{key}", _heard(one, survivor, moved))
    life.record(
        tx, kit, survivor, "merged", change.who, f"{_name_of(one, survivor)} is a duplicate of this",
        source=f"merged:{key}", at=change.at, origin=BOT,
    )  # fmt: skip
    cards.redraw(tx, kit, draw, survivor)


def _pointer(one: Incident, survivor: Incident) -> str:
    """The title is left out: this room may be read by more people than the other incident."""
    said = f"{one.reference} is a duplicate of {states.openly(survivor)}"
    if survivor.private:
        return f"{said}, which is for those alone who take part in it."
    return f"{said}. Go on there{f' in #{survivor.channel_name}' if survivor.channel_name else ''}."


def _heard(one: Incident, survivor: Incident, moved: int) -> str:
    title = "" if _is_hidden(one, survivor) else f" ({one.title})"
    name = f"{_name_of(one, survivor)}{title}"
    many = f" {plural(moved, 'follower')} of it follow this one now." if moved else ""
    return f"{name} is a duplicate of this one.{many}"


def _is_hidden(one: Incident, survivor: Incident) -> bool:
    """Tell whether those who see the survivor may not know of its duplicate."""
    return one.private and not survivor.private


def _name_of(one: Incident, survivor: Incident) -> str:
    return "Another incident" if _is_hidden(one, survivor) else one.reference


def archive(kit: Kit, who: Actor, one: Incident) -> None:
    """Have the room of a duplicate archived, since somebody agreed to that. Raises Refused for one that is none."""
    if not one.merged_into:
        raise Refused("It is no duplicate any more, so its room stays open.")
    if not one.channel or one.thread:
        raise Refused("It has no channel of its own that could be archived.")
    with kit.store.write() as tx:
        errands.write(tx, errands.new(kit, one, ARCHIVE, f"archive.{one.episodes}", 4), again=True)
        acting.note(tx, kit, who.by, one, "archive")


# What people do in GitLab -----------------------------------------------------------------------------------

#: The other incident, and the remark of GitLab's that names it.
Duplicate = tuple[Incident, Comment]


def marked_there(kit: Kit, incident: Incident, issue: Issue) -> Duplicate | None:
    """Return of which incident somebody has closed an issue as a duplicate, and what tells so; None if nobody has."""
    if issue.is_open or not incident.is_open:
        return None
    for remark in kit.gitlab.remarks(incident.project_id, incident.iid):
        found = _MARKED.match(remark.body)
        survivor = _named(kit, incident, found) if found else None
        if survivor is not None and survivor.is_open:
            return survivor, remark
    return None


def _named(kit: Kit, incident: Incident, found: re.Match[str]) -> Incident | None:
    """Return the incident whose issue a remark names: in the same project, the same group, or by its whole path."""
    group = incident.project.rpartition("/")[0]
    said = found["project"] or incident.project
    path = said if "/" in said else f"{group}/{said}"
    with kit.store.read() as tx:
        return tx.incidents.one("project = ? AND iid = ? AND id <> ?", path, int(found["iid"]), incident.id)


def take_in(tx: Tx, kit: Kit, draw: Drawing, issue: Issue, incident: Incident, there: Duplicate) -> Incident:
    """
    Let an incident become the duplicate that somebody has made of its issue; one that cannot be is only closed.

    Its labels stand there as they were before: they are ours to bring up to that, and say nothing against it.
    """
    survivor, remark = there
    account = next(iter(tx.accounts.of_gitlab(remark.author_id)), None)
    who = Who(remark.name or remark.author, account.person if account else None, remark.author)
    change = Change(MERGED, survivor.id, who, remark.created_at, GITLAB, f"gitlab:note:{remark.id}")
    try:
        after = life.apply(tx, kit, draw, incident, change)
    except Refused:
        return incident
    tx.incident_facts.put(after.id, f"{holding.SEEN}labels", holding.state_labels(kit, issue))
    life.want(tx, kit, after, "state", person=who.person)
    follow(tx, kit, draw, after, change)
    return after


# In GitLab --------------------------------------------------------------------------------------------------


def _survivor(kit: Kit, errand: Errand, name: str = "survivor") -> Incident:
    with kit.store.read() as tx:
        found = tx.incidents.get(str(errands.payload(errand)[name]))
    if found is None:
        raise BotError("The other incident is forgotten.")
    return found


def _ready(*incidents: Incident) -> None:
    if not all(one.iid for one in incidents):
        raise NotYet("GitLab has not made both issues yet.")


def _duplicate(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Say it by GitLab's quick action; where that does not take, by a link (closing is the errand of the state)."""
    survivor = _survivor(kit, errand)
    _ready(incident, survivor)
    gitlab = errands.gitlab(kit, errand, incident)
    if _linked(gitlab, incident, survivor):
        return {"linked": True}
    with suppress(GitLabSaidNo):
        gitlab.write_note(incident.project_id, incident.iid, f"/duplicate {survivor.reference}")
    if not _linked(gitlab, incident, survivor):
        gitlab.link_issues(incident.project_id, incident.iid, survivor.project_id, survivor.iid)
    return {"linked": True}


def _is_duplicate(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    survivor = _survivor(kit, errand)
    is_linked = _linked(errands.gitlab(kit, errand, incident), incident, survivor)
    return {"linked": True} if is_linked else None


def _linked(gitlab: GitLab, one: Incident, survivor: Incident) -> bool:
    return any(
        link.issue.project_id == survivor.project_id and link.issue.iid == survivor.iid
        for link in gitlab.links(one.project_id, one.iid)
    )


def _fold(kit: Kit, errand: Errand, survivor: Incident) -> Result:
    """
    Write the timeline of a duplicate below the survivor, in one note that unfolds.

    That of a private one goes into an internal note, whose readers are those of a confidential issue; those of another
    project are others, so that it is not written there.
    """
    one = _survivor(kit, errand, "duplicate")
    _ready(one, survivor)
    if one.private and one.project_id != survivor.project_id:
        return {}
    errands.check_hidden(kit, survivor)
    found = _folded(kit, errand, survivor)
    if found is not None:
        return found
    with kit.store.read() as tx:
        events = [event for event in tx.incident_events.of(one.id) if event.shown]
    body = folding.marked(kit, survivor, one, events)
    return notes.write(kit, errand, survivor, body, internal=_is_hidden(one, survivor))


def _folded(kit: Kit, errand: Errand, survivor: Incident) -> Result | None:
    one, mark = _survivor(kit, errand, "duplicate"), folding.mark(survivor, errand.subject)
    return notes.find(kit, errand, survivor, mark, internal=_is_hidden(one, survivor))


# The question to the room ------------------------------------------------------------------------------------


class Asking(Protocol):
    """How the question to the room of a duplicate looks."""

    def consent(self, one: Incident, survivor: Incident) -> Message: ...


@dataclass(frozen=True, slots=True)
class _Consent:
    """How the room of a duplicate is asked whether it may be archived."""

    draw: Drawing
    ask: Asking

    def act(self, kit: Kit, errand: Errand, _incident: Incident) -> Result:
        return {"survivor": _survivor(kit, errand)}

    def settled(self, tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
        message = self.ask.consent(incident, result["survivor"])
        cards.say(tx, kit, self.draw, incident, f"consent.{errand.id}", message)


def kinds(draw: Drawing, ask: Asking) -> Mapping[str, Kind]:
    """Return how what follows from a merge is done."""
    consent = _Consent(draw, ask)
    return {
        DUPLICATE: Kind(_duplicate, _is_duplicate), FOLD: Kind(_fold, _folded),
        CONSENT: Kind(consent.act, consent.act, consent.settled),
    }  # fmt: skip
