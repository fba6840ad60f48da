"""Reads GitLab's own timelines every now and then: no list of GitLab's tells that one has changed."""

from __future__ import annotations

import logging
from functools import partial

from bot.errors import GitLabError
from bot.incident import Incident
from bot.incidents.chart import timeline
from bot.kit import Kit
from bot.model import Millis

log = logging.getLogger(__name__)

#: How often: of what burns, and of the rest that is open (incidents.md 3.3 has the sum of requests).
BURNING_MS, OPEN_MS = 60_000, 300_000
#: The fact of when it was read last.
READ = "timeline.read"


def tick(kit: Kit) -> None:
    """Have every timeline read that is due; on every tick."""
    now = kit.now()
    with kit.store.read() as tx:
        due = [
            one
            for one in tx.incidents.open_ones()
            if one.iid and _is_due(tx.incident_facts.get(one.id, READ), one, now)
        ]
    for one in due:
        with kit.store.write() as tx:
            tx.incident_facts.put(one.id, READ, str(now))
        kit.apart(f"timeline {one.id}", partial(read, kit, one))


def _is_due(last: str | None, incident: Incident, now: Millis) -> bool:
    wait = BURNING_MS if incident.is_burning else OPEN_MS
    return last is None or not 0 <= now - int(last) < wait


def read(kit: Kit, incident: Incident) -> None:
    """Take in what people wrote on a timeline in GitLab; if GitLab does not say, the next time."""
    try:
        found = kit.gitlab.timeline(incident.project, incident.issue_id)
    except GitLabError as error:
        log.info("the timeline of incident %s is not read: %s", incident.id, error)
        return
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        timeline.from_gitlab(tx, kit, now, found)
    kit.deliver()
