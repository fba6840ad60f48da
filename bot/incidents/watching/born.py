"""Gives a room to incidents that were born in GitLab: on its own pages, by an alert or through its API."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import GITLAB, SEVERITIES, Incident, State, Who
from bot.incident_work import Watched
from bot.incidents import life
from bot.incidents.crew import summaries
from bot.incidents.drawing import Drawing
from bot.incidents.room import founding, issuing
from bot.kit import Kit
from bot.markdown import to_slack
from bot.markdown.tree import visible
from bot.model import Millis, Person
from bot.text import one_line
from bot.tracker import INCIDENT, TITLE_LIMIT, Issue

log = logging.getLogger(__name__)

#: How far GitLab's clock may be behind ours.
CLOCKS_APART: Millis = 5_000
#: What a card shows of a description (incidents.md 2.2).
SUMMARY_LIMIT = 300
NOBODY = Person("", "")
_BY_NAME = {name: number for number, name in SEVERITIES.items()}


def consider(kit: Kit, draw: Drawing, watched: Watched, issue: Issue) -> None:
    """
    Begin with an incident that nobody knows yet, once; not with what is older than our watch, or over already.

    One of a project that is only watched lives in the thread of its card (founding.py).
    """
    if issue.kind != INCIDENT or not issue.is_open or issue.created_at < watched.began - CLOCKS_APART:
        return
    with kit.store.read() as tx:
        if issuing.incident_of(tx, issue.description) is not None:
            return  # It was declared in Slack, and GitLab's answer is on its way.
        declarer = _linked(tx, issue.author)
    team = declarer.team or _team(kit)
    if not team:
        return  # Slack says so in the next round.
    policy = _policy(kit, issue)
    with kit.store.write() as tx:
        if tx.incidents.of_issue(issue.project_id, issue.iid) is None:
            _begin(tx, kit, draw, replace(_incident(tx, kit, issue, declarer), team=team, policy=policy))
    kit.deliver()


def _policy(kit: Kit, issue: Issue) -> str:
    """What of the talk reaches the issue, by who can read it there (issuing.py). Raises GitLabError."""
    settings = kit.config.incidents
    if issue.confidential or kit.gitlab.project(issue.project_id).visibility not in {issuing.PUBLIC, ""}:
        return settings.policy_private
    return settings.policy_public


def _linked(tx: Tx, username: str) -> Person:
    """The person in Slack whose account that is; nobody, if it is not connected."""
    known = tx.accounts.known_as(username) if username else []
    mine = [one for one in known if one.username.lower() == username.lower() and one.state == "live"]
    return mine[0].person if mine else NOBODY


def _team(kit: Kit) -> str:
    try:
        return kit.people.us().team
    except SlackError as error:
        log.info("an incident from GitLab waits for Slack: %s", error)
        return ""


def _incident(tx: Tx, kit: Kit, issue: Issue, declarer: Person) -> Incident:
    return Incident(
        kit.new_id(), tx.incidents.next_number(), f"gitlab:{issue.project_id}:{issue.iid}", declarer.team,
        one_line(issue.title, TITLE_LIMIT), _BY_NAME.get(issue.severity.upper(), 0), State.TRIAGE, issue.project,
        declarer, issue.author or "somebody", issue.created_at, summary=_summary(kit, issue),
        private=issue.confidential, born=GITLAB, project_id=issue.project_id, iid=issue.iid, issue_id=issue.id,
        url=issue.url,
    )  # fmt: skip


def _summary(kit: Kit, issue: Issue) -> str:
    """The beginning of a description, in plain text."""
    text = visible(to_slack(issue.description, base=issue.home, limit=SUMMARY_LIMIT))
    return one_line(kit.redact(text), SUMMARY_LIMIT)


def _begin(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> None:
    if not tx.incidents.put(incident):
        return
    person = None if incident.declarer == NOBODY else incident.declarer
    who = Who(incident.declarer_name, person, incident.declarer_name)
    text = f"{incident.declarer_name} declared it in GitLab"
    # GitLab has it on its own timeline already.
    life.record(
        tx, kit, incident, "declared", who, text, source="declared", at=incident.declared_at, origin=GITLAB,
        shown=False,
    )  # fmt: skip
    summaries.wrote(tx, incident, incident.summary)
    invited = () if person is None else (person.id,)
    founding.begin(tx, kit, draw, incident, invited)
    log.info("incident %d was born in GitLab as %s", incident.number, incident.reference)
