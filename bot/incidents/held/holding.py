"""What GitLab holds of an incident, and what has to be asked of it so that it holds what the incident is by now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import NotSupported
from bot.incident import SEVERITIES, Incident
from bot.incidents import asking, states
from bot.incidents.rules import STRANGER
from bot.issues import texts
from bot.issues.changing import NOBODY
from bot.kit import Kit
from bot.model import Millis
from bot.tracker import IncidentFacts, Issue

#: Facts that keep what GitLab was last seen to hold begin so; what follows is the name of what it holds.
SEEN = "seen."
#: The same of when GitLab was last told of what it says no moment of its own for: severity and status, by our clock.
TOLD_AT = "told at."
SEVERITY_LABEL = "severity::"
#: The fact of when GitLab, by its own clock, last changed the issue as far as an answer to a wish of ours tells.
HELD_AT = "held.at"


@dataclass(frozen=True, slots=True)
class Held:
    """An incident as GitLab has it."""

    issue: Issue
    facts: IncidentFacts | None = None
    """None where it was not asked for, or where this GitLab does not tell."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that GitLab shall hold of an incident."""

    words: str
    """What it is, in words: `the severity`."""
    is_graphql: bool
    """Whether only GraphQL tells and takes it."""
    lacks: Callable[[Kit, Incident, Held], Mapping[str, Any]]
    """What is different in GitLab, as what changes it; empty if it holds it."""
    seen: Callable[[Kit, Incident, Held], Mapping[str, str]]
    """What GitLab holds of it, by the names of facts."""
    wanted: Callable[[Kit, Incident], str]
    """What is wanted, as a text that tells two wishes apart."""
    kinds: tuple[str, ...]
    """The kinds of events that ask for it."""
    is_quiet: bool = False
    """Whether a refusal is no news to anybody."""


def held_at(tx: Tx, incident: Incident) -> Millis:
    """Return up to when it is known what GitLab holds: what was read of an issue that was older then is over."""
    return int(tx.incident_facts.get(incident.id, HELD_AT) or 0)


def look(gitlab: GitLab, wish: Wish, incident: Incident) -> Held:
    """Ask what GitLab holds."""
    issue = gitlab.issue(incident.project_id, incident.iid)
    if not wish.is_graphql:
        return Held(issue)
    try:
        return Held(issue, gitlab.incident_facts(incident.project, [incident.iid]).get(incident.iid))
    except NotSupported:
        return Held(issue)


def bring(gitlab: GitLab, incident: Incident, held: Held, changes: Mapping[str, Any]) -> Held:
    """
    Ask GitLab for what is different, and return what it holds then.

    Severity and status are set by themselves, since they are no fields of an issue in REST; each sets a state, so
    that asking twice does nothing more.
    """
    rest = dict(changes)
    severity, status = rest.pop("severity", None), rest.pop("status", None)
    if rest:
        held = replace(held, issue=gitlab.change_issue(incident.project_id, incident.iid, rest))
    if severity is not None:
        now = gitlab.set_severity(incident.project, incident.iid, severity)
        held = replace(held, facts=replace(held.facts or IncidentFacts(now), severity=now))
    if status is not None:
        now = gitlab.set_status(incident.project, incident.iid, status)
        held = replace(held, facts=replace(held.facts or IncidentFacts("unknown"), status=now))
    return held


# State ------------------------------------------------------------------------------------------------------


def lacks_state(kit: Kit, incident: Incident, held: Held) -> Mapping[str, Any]:
    """Return what brings an issue to the state of its incident: one label of those, and open or closed."""
    prefix, issue = kit.config.incidents.label_prefix, held.issue
    label = states.label(prefix, incident.state)
    others = sorted((states.labels(prefix) - {label}) & set(issue.labels))
    changes = _labels((label,), others, issue)
    is_open = states.wants_open(incident, kit.config.incidents.review_severity)
    if issue.is_open is not is_open and not asking.is_proposed(kit, incident):
        changes["state_event"] = "reopen" if is_open else "close"
    return changes


def _labels(on: tuple[str, ...], off: list[str], issue: Issue) -> dict[str, Any]:
    new = [one for one in on if one not in issue.labels]
    return ({"add_labels": ",".join(new)} if new else {}) | ({"remove_labels": ",".join(off)} if off else {})


def seen_state(kit: Kit, _incident: Incident, held: Held) -> Mapping[str, str]:
    return {"state": held.issue.state, "labels": state_labels(kit, held.issue)}


def state_labels(kit: Kit, issue: Issue) -> str:
    """Return the labels of an issue that say a state, in order."""
    return ",".join(sorted(states.labels(kit.config.incidents.label_prefix) & set(issue.labels)))


def _wanted_state(kit: Kit, incident: Incident) -> str:
    settings = kit.config.incidents
    is_open = states.wants_open(incident, settings.review_severity)
    return f"{states.label(settings.label_prefix, incident.state)} {is_open}"


# Severity and status ----------------------------------------------------------------------------------------


def severity_name(incident: Incident) -> str:
    """Return the severity as GitLab calls it, in small letters."""
    return SEVERITIES[incident.severity].lower()


def lacks_severity(_kit: Kit, incident: Incident, held: Held) -> Mapping[str, Any]:
    """Return what is different: the field that incidents have, and the label for tools that do not know it."""
    label = f"{SEVERITY_LABEL}{incident.severity}"
    wanted = (label,) if incident.severity else ()
    others = [f"{SEVERITY_LABEL}{number}" for number in SEVERITIES if number != incident.severity]
    changes = _labels(wanted, [one for one in others if one in held.issue.labels], held.issue)
    if held.facts is not None and held.facts.severity != severity_name(incident):
        changes["severity"] = severity_name(incident)
    return changes


def seen_severity(_kit: Kit, incident: Incident, held: Held) -> Mapping[str, str]:
    return {"severity": held.facts.severity if held.facts else severity_name(incident)}


def lacks_status(_kit: Kit, incident: Incident, held: Held) -> Mapping[str, Any]:
    wanted = incident.escalation.lower()
    return {} if held.facts is not None and held.facts.status == wanted else {"status": wanted}


def seen_status(_kit: Kit, _incident: Incident, held: Held) -> Mapping[str, str]:
    return {"status": held.facts.status} if held.facts else {}


# People, title, who may see it ------------------------------------------------------------------------------


def lacks_assignee(kit: Kit, incident: Incident, held: Held) -> Mapping[str, Any]:
    """Return what makes the commander the assignee; others whom people assigned stay, where GitLab lets them."""
    if incident.commander_name.startswith(STRANGER):
        return {}  # They were assigned in GitLab, and are nobody here.
    have, wanted = [one.id for one in held.issue.assignees], commander_id(kit, incident)
    with kit.store.read() as tx:
        earlier = int(tx.incident_facts.get(incident.id, f"{SEEN}assignee") or NOBODY)
    if wanted in have or (wanted == NOBODY and earlier not in have):
        return {}
    others = [one for one in have if one != earlier]
    # On Free the first one counts, so whoever is new comes first.
    return {"assignee_ids": [wanted, *others] if wanted else others or [NOBODY]}


def seen_assignee(kit: Kit, incident: Incident, held: Held) -> Mapping[str, str]:
    return {"assignee": str(assigned(held.issue, commander_id(kit, incident)))}


def assigned(issue: Issue, commander: int) -> int:
    """Return the id of the assignee who counts as commander: whoever is it already, else the first."""
    have = [one.id for one in issue.assignees]
    return commander if commander in have else next(iter(have), NOBODY)


def commander_id(kit: Kit, incident: Incident) -> int:
    """Return the id of the commander in GitLab; 0 for nobody, or for somebody without an account here."""
    if incident.commander is None:
        return NOBODY
    with kit.store.read() as tx:
        account = tx.accounts.get(incident.commander)
    return account.gitlab_id if account else NOBODY


def lacks_title(_kit: Kit, incident: Incident, held: Held) -> Mapping[str, Any]:
    titles = {incident.title, title(incident)}
    return {} if held.issue.title in titles else {"title": title(incident)}


def title(incident: Incident) -> str:
    """Return the title as GitLab is given it: nothing in it acts there."""
    return texts.filled_title(incident.title)


def lacks_private(_kit: Kit, incident: Incident, held: Held) -> Mapping[str, Any]:
    return {} if held.issue.confidential is incident.private else {"confidential": incident.private}


WISHES: Mapping[str, Wish] = MappingProxyType({
    "state": Wish("its state", False, lacks_state, seen_state, _wanted_state, ("state",)),
    "severity": Wish(
        "the severity", True, lacks_severity, seen_severity, lambda _kit, incident: str(incident.severity),
        ("severity",),
    ),
    "status": Wish(
        "its status", True, lacks_status, seen_status, lambda _kit, incident: incident.escalation,
        ("state", "commander"), is_quiet=True,
    ),
    "assignee": Wish(
        "the assignee", False, lacks_assignee, seen_assignee, lambda kit, incident: str(commander_id(kit, incident)),
        ("commander",),
    ),
    "title": Wish(
        "the title", False, lacks_title, lambda _kit, _incident, held: {"title": held.issue.title},
        lambda _kit, incident: incident.title, ("title",),
    ),
    "private": Wish(
        "who may see it", False, lacks_private,
        lambda _kit, _incident, held: {"confidential": str(held.issue.confidential)},
        lambda _kit, incident: str(incident.private), ("private",),
    ),
})  # fmt: skip
"""By what follows `gitlab.` in the kind of an errand."""
