"""Watches incidents in GitLab: one question for each project and round, and a closer look at those that have changed.

There is no public address that GitLab could call. What a look finds is written down before the cursor of its project
moves on, so that a round which dies in the middle is done again and changes nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.edges.store import Tx
from bot.errors import BotError, GitLabBusy, GitLabError, GitLabSaidNo, GitLabUnreachable, StoreError
from bot.incident import Incident, State
from bot.incident_work import Watched
from bot.incidents.drawing import Drawing
from bot.incidents.inward import copies, deletions
from bot.incidents.watching import born, looking
from bot.incidents.watching.looking import OVERLAP_MS, Seen
from bot.jobs import cadence
from bot.kit import Kit
from bot.model import Millis
from bot.tracker import IncidentFacts, Issue

log = logging.getLogger(__name__)

#: How often GitLab is asked: while an incident burns, while it is watched whether it stays well, while one is open at
#: all, and of projects where none is (incidents.md 3.3).
BURNING_MS, MONITORING_MS, OPEN_MS, QUIET_MS = 5_000, 15_000, 60_000, 300_000
#: A look that is so many times as far away as it should be by now is moved nearer: more than chance makes it.
LATE = 1.5
#: How often all open incidents are listed, since a note that is deleted changes nothing else of its issue.
WIDE_MS: Millis = 60_000
#: Most incidents that are read in one round; those that changed last are among them.
MOST = 1_000
#: Most of those that no list of incidents has which are asked for by themselves in one round.
MOST_UNLISTED = 20


def tick(kit: Kit, draw: Drawing, talk: copies.Drawing) -> None:
    """Have every project looked at that is due, and what was read shown in order; on every tick."""
    now = kit.now()
    _learn(kit)
    with kit.store.read() as tx:
        projects = [(one, _wait(tx, one)) for one in tx.watched.all()]
    for one, wait in projects:
        is_due = one.next_look <= now
        if not is_due and (one.fails or one.next_look <= now + wait * LATE):
            continue
        # Ahead, so that a look that fails never becomes a busy loop; nearer, if something began to burn meanwhile.
        with kit.store.write() as tx:
            tx.watched.moved(one.project, next_look=now + cadence.spread(one.project, now, wait))
        if is_due:
            kit.apart(f"incidents {one.project}", partial(_look, kit, draw, talk, one.project))
    copies.tick(kit, talk)


def _learn(kit: Kit) -> None:
    """Watch every project that has incidents, or may have some by the configuration."""
    settings = kit.config.incidents
    named = dict.fromkeys((*filter(None, [settings.project]), *settings.watch_only), 0)
    with kit.store.read() as tx:
        projects = {**named, **tx.incidents.projects()}
        fresh = [path for path in projects if tx.watched.named(path) is None]
    for path in fresh:
        with kit.store.write() as tx:
            tx.watched.put(Watched(path, kit.now(), kit.now(), projects[path]))


def _wait(tx: Tx, watched: Watched) -> Millis:
    """How often a project is looked at, as its incidents are."""
    states = (
        {one.state for one in tx.incidents.in_project(watched.project_id)} if watched.project_id else set()
    )
    if states & _BURNS:
        return BURNING_MS
    return MONITORING_MS if State.MONITORING in states else OPEN_MS if states else QUIET_MS


_BURNS = frozenset({State.TRIAGE, State.INVESTIGATING, State.FIXING})


# A round ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Round:
    """What one round of a project has found, and how far it has come."""

    watched: Watched
    is_wide: bool
    issues: Sequence[Issue]
    """The oldest change first; those of the same moment by number."""
    known: list[Seen] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    """Numbers of issues with which nothing is left to do."""

    @property
    def cursor(self) -> Millis:
        """Up to where everything is known: what is not done yet is read again."""
        reached = self.watched.cursor
        for issue in self.issues:
            if issue.iid not in self.done:
                return min(reached, issue.updated_at - 1)
            reached = max(reached, issue.updated_at)
        return reached


def _look(kit: Kit, draw: Drawing, talk: copies.Drawing, project: str) -> None:
    with kit.store.read() as tx:
        watched = tx.watched.named(project)
    if watched is None:
        return
    try:
        _round(kit, draw, talk, watched)
    except StoreError:
        raise
    except GitLabBusy as error:
        log.warning("GitLab asks for patience: %s", error)
        with kit.store.write() as tx:
            tx.watched.not_before(kit.now() + int(error.retry_after * 1000))
    except GitLabError as error:
        _failed(kit, watched, error)


def _failed(kit: Kit, watched: Watched, error: GitLabError) -> None:
    """Look later, twice as late each time, up to a minute."""
    log.warning("could not look at incidents of %s: %s", watched.project, error)
    later = kit.now() + cadence.doubled(watched.fails + 1)
    with kit.store.write() as tx:
        now = tx.watched.named(watched.project) or watched
        tx.watched.moved(watched.project, fails=watched.fails + 1, next_look=max(later, now.next_look))


def _round(kit: Kit, draw: Drawing, talk: copies.Drawing, watched: Watched) -> None:
    project_id = watched.project_id or kit.gitlab.project(watched.project).id
    began = kit.now()
    with kit.store.read() as tx:
        is_wide, since = _reach(tx, watched, project_id, began)
    issues = kit.gitlab.incidents_changed(project_id, since, MOST)
    this = _Round(watched, is_wide, sorted(issues, key=lambda one: (one.updated_at, one.iid)))
    try:
        _follow(kit, draw, talk, this, project_id)
    finally:
        with kit.store.write() as tx:
            tx.watched.moved(watched.project, project_id=project_id, cursor=this.cursor)
    with kit.store.write() as tx:
        tx.watched.moved(watched.project, fails=0, wide_at=began if is_wide else watched.wide_at)


def _reach(tx: Tx, watched: Watched, project_id: int, now: Millis) -> tuple[bool, Millis]:
    """Whether all open incidents are listed in this round, and since when they have changed that are."""
    seen = {one: looking.updated_at(tx, one) for one in tx.incidents.in_project(project_id)}
    since = watched.cursor - OVERLAP_MS
    if None not in seen.values() and 0 <= now - watched.wide_at < WIDE_MS:
        return False, since
    moments = (one.declared_at - OVERLAP_MS if moment is None else moment - 1 for one, moment in seen.items())
    return True, min([since, *moments])


def _follow(kit: Kit, draw: Drawing, talk: copies.Drawing, this: _Round, project_id: int) -> None:
    """How they stand, all of them, before what was said: what became confidential hides what is said."""
    strangers = _sort(kit, this, project_id)
    with kit.store.read() as tx:
        moved = [one for one in this.known if looking.has_moved(tx, one)]
    this.done |= {one.issue.iid for one in this.known} - {one.issue.iid for one in moved}
    facts = _facts(kit, moved)
    moved = [replace(one, facts=facts.get(one.issue.iid)) for one in moved]
    stood = [
        one for one in sorted(moved, key=lambda one: not one.hides)
        if _alone("followed", one.issue, partial(looking.stand, kit, draw, talk, one))
    ]  # fmt: skip
    for one in (one for one in moved if one in stood):
        if _alone("listened to", one.issue, partial(looking.listen, kit, draw, talk, one)):
            this.done.add(one.issue.iid)
    for issue in strangers:
        if _alone("begun with", issue, partial(born.consider, kit, draw, this.watched, issue)):
            this.done.add(issue.iid)
    for one in this.known if this.is_wide else moved:
        _sweep(kit, talk, one)


def _sort(kit: Kit, this: _Round, project_id: int) -> list[Issue]:
    """Find the incidents whose issues were listed, and return the issues that are nobody's."""
    with kit.store.read() as tx:
        found = [(issue, tx.incidents.of_issue(project_id, issue.iid)) for issue in this.issues]
        listed = {issue.iid for issue in this.issues}
        others = [one for one in tx.incidents.in_project(project_id) if one.iid not in listed]
    this.known = [Seen(incident, issue) for issue, incident in found if incident is not None]
    for one in others[:MOST_UNLISTED] if this.is_wide else ():
        issue = _unlisted(kit, one)
        this.known += [Seen(one, issue)] if issue else []
    return [issue for issue, incident in found if incident is None]


def _unlisted(kit: Kit, incident: Incident) -> Issue | None:
    """The issue of an incident that GitLab lists among no incidents: it has made an ordinary one, or it is gone."""
    try:
        return kit.gitlab.issue(incident.project_id, incident.iid)
    except GitLabSaidNo as error:
        log.info("incident %s is not in sight: %s", incident.id, error)
    with kit.store.write() as tx:
        looking.missed(tx, kit, incident)
    return None


def _facts(kit: Kit, moved: Sequence[Seen]) -> Mapping[int, IncidentFacts]:
    """Severity and status of all at once; nothing where this GitLab does not tell."""
    if not moved:
        return {}
    asked = kit.now()
    try:
        found = kit.gitlab.incident_facts(moved[0].issue.project, [one.issue.iid for one in moved])
    except GitLabSaidNo as error:
        log.info("severity and status of incidents are not known: %s", error)
        return {}
    return {iid: replace(one, asked=asked) for iid, one in found.items()}


def _alone(what: str, issue: Issue, act: Callable[[], object]) -> bool:
    """Do something about one incident; False, and the others are looked at all the same, if that is refused."""
    try:
        act()
    except (GitLabBusy, GitLabUnreachable, StoreError):
        raise  # Whatever comes next would fail alike.
    except BotError as error:
        log.warning("incident %s could not be %s: %s", issue.reference, what, error)
        return False
    return True


def _sweep(kit: Kit, talk: copies.Drawing, one: Seen) -> None:
    with kit.store.read() as tx:
        incident = tx.incidents.get(one.incident.id) or one.incident
        if not deletions.are_suspected(tx, incident, one.issue, kit.now()):
            return
    _alone("swept", one.issue, partial(deletions.sweep, kit, talk, incident, one.issue))
