"""Notices notes that were deleted in GitLab, which no list tells of: by the ids that are left."""

from __future__ import annotations

import logging

from bot.edges.gitlab import GitLab
from bot.edges.gitlab_discussions import ID_PAGES
from bot.edges.gitlab_wire import PER_PAGE
from bot.edges.store import Tx
from bot.errors import GitLabError, GitLabSaidNo, NotFound, NotLinked
from bot.incident import Incident
from bot.incidents import errands
from bot.incidents.errands import NotYet
from bot.incidents.inward import inwards
from bot.incidents.inward.copies import Drawing
from bot.kit import Kit
from bot.model import Millis
from bot.tracker import Issue

log = logging.getLogger(__name__)

#: How often the ids of an incident's notes are read at most, and at least while it is open (incidents.md 3.3).
SOONEST_MS, LATEST_MS = 60_000, 600_000
#: Of an issue with more comments GitLab is not asked for all ids (gitlab_discussions.py).
MOST_COUNTED = ID_PAGES * PER_PAGE
#: Of so many that are missing each is asked for by itself in one round: a neighbour may only have been hidden.
MOST_ASKED = 20
#: Fact: by how much GitLab's count differs from ours for good, as for notes the bot may not read.
DIFFERENCE = "notes.difference"


def are_suspected(tx: Tx, incident: Incident, issue: Issue, now: Millis) -> bool:
    """Tell whether the ids have to be read: GitLab counts other notes than we know, or that was long ago."""
    since = now - incident.swept_at
    if 0 <= since < SOONEST_MS or issue.comments > MOST_COUNTED:
        return False
    usual = int(tx.incident_facts.get(incident.id, DIFFERENCE) or "0")
    return issue.comments - _known(tx, incident) != usual or (incident.is_open and since >= LATEST_MS)


def _known(tx: Tx, incident: Incident) -> int:
    others = tx.incident_facts.begin(incident.id, inwards.OTHERS)
    return len(tx.mirror.note_ids(incident.id)) + len(others)


def sweep(kit: Kit, draw: Drawing, incident: Incident, issue: Issue) -> None:
    """
    Take out every note that is not there any more.

    Raises GitLabError if GitLab cannot be asked; then it is swept again later.
    """
    with kit.store.write() as tx:
        tx.incidents.note(incident.id, swept_at=kit.now())
        known = tx.mirror.note_ids(incident.id)
    try:
        left = set(kit.gitlab.note_ids(incident.project_id, incident.iid))
    except GitLabSaidNo as error:
        log.info("the notes of incident %s cannot be counted: %s", incident.id, error)
        return
    missing = sorted(known - left)
    lost = [note_id for note_id in missing[:MOST_ASKED] if _is_gone(kit, incident, note_id)]
    with kit.store.write() as tx:
        for note_id in lost:
            row = tx.mirror.of_note(incident.id, note_id)
            if row is not None:
                inwards.gone(tx, kit, draw, incident, row)
        _forget_others(tx, incident, left)
        if len(missing) <= MOST_ASKED:
            difference = issue.comments - _known(tx, incident)
            tx.incident_facts.put(incident.id, DIFFERENCE, str(difference))
    kit.deliver()


def _is_gone(kit: Kit, incident: Incident, note_id: int) -> bool:
    """
    Whether GitLab knows a note no more; what it cannot say now is not gone yet.

    An internal one may be there although it is not for the bot's account, so that whoever answers for the incident is
    asked as well.
    """
    with kit.store.read() as tx:
        row = tx.mirror.of_note(incident.id, note_id)
    if not _is_missing(kit.gitlab, incident, note_id):
        return False
    if row is None or not row.internal:
        return True
    try:
        return _is_missing(kit.gitlab_as(errands.keeper(kit, incident)), incident, note_id)
    except (NotYet, NotLinked):
        return True  # Nobody is left who could say more.


def _is_missing(gitlab: GitLab, incident: Incident, note_id: int) -> bool:
    try:
        gitlab.note(incident.project_id, incident.iid, note_id)
    except NotFound:
        return True
    except GitLabError as error:
        log.info("note %d of incident %s: %s", note_id, incident.id, error)
    return False


def _forget_others(tx: Tx, incident: Incident, left: set[int]) -> None:
    for name, note_id in tx.incident_facts.begin(incident.id, inwards.OTHERS).items():
        if int(note_id) not in left:
            tx.incident_facts.drop(incident.id, inwards.OTHERS + name)
