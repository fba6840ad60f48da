"""What GitLab does about an incident by itself: its escalation status, and the lines it writes on the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.gitlab.issues import SEVERITIES, Issue, TimelineEvent
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.state import State

#: Behind this switch, which is off, labels are told of on the timeline (doc/operations/incident_management).
FROM_LABELS = "incident_timeline_events_from_labels"
FEATURES = (FROM_LABELS,)


def is_incident(issue: Issue) -> bool:
    return issue.type == "incident"


def declared(state: State, issue: Issue, person: Person) -> None:
    """A new incident begins as Triggered (doc/operations/incident_management/manage_incidents.md)."""
    if is_incident(issue):
        issue.status = "TRIGGERED"
        event = _written(state, issue, person, "created the incident", "issues")
        event.occurred_at = issue.created_at


def closed(state: State, issue: Issue, person: Person) -> None:
    """Closing resolves an incident, and that is all its timeline says of it (app/services/issues/close_service.rb)."""
    if is_incident(issue):
        issue.status = "RESOLVED"
        said = "changed the incident status to **Resolved** by closing the incident"
        state.tracker.add_note(issue, person, said, state.clock(), system=True)
        _written(state, issue, person, "resolved the incident", "status")


def reopened(state: State, issue: Issue, person: Person) -> None:
    """The status stays what it was: nothing triggers it anew (app/services/issues/reopen_service.rb)."""
    if is_incident(issue):
        _written(state, issue, person, "reopened the incident", "issues")


def set_status(state: State, issue: Issue, person: Person, status: str) -> bool:
    """Whether that changed anything; issues that are no incidents have no status."""
    if not is_incident(issue) or issue.status == status:
        return False
    issue.status = status
    said = f"changed the incident status to **{status.capitalize()}**"
    state.tracker.add_note(issue, person, said, state.clock(), system=True)
    _written(state, issue, person, said, "status")
    return True


def set_severity(state: State, issue: Issue, person: Person, severity: str) -> bool:
    """Whether that changed anything."""
    if issue.severity == severity:
        return False
    issue.severity = severity
    label = severity_label(severity)
    said = f"changed the severity to **{label}**"
    state.tracker.add_note(issue, person, said, state.clock(), system=True)
    if is_incident(issue):
        _written(state, issue, person, f"changed the incident severity to **{label}**", "severity")
    return True


def severity_label(severity: str) -> str:
    """`High - S2` (app/models/issuable_severity.rb)."""
    short = f" - S{5 - SEVERITIES.index(severity)}" if severity != "UNKNOWN" else ""
    return f"{severity.capitalize()}{short}"


def labelled(state: State, issue: Issue, person: Person, before: Sequence[str]) -> None:
    """Labels that came and went since, by their numbers as GitLab writes them; behind its switch."""
    if not is_incident(issue) or FROM_LABELS not in state.features:
        return
    came = [name for name in issue.labels if name not in before]
    went = [name for name in before if name not in issue.labels]
    parts = [_labels(state, issue, verb, names) for verb, names in (("added", came), ("removed", went))]
    _written(state, issue, person, " and ".join(part for part in parts if part), "label")


def _labels(state: State, issue: Issue, verb: str, names: Iterable[str]) -> str:
    known = state.tracker.labels_of(issue.project)
    listed = [f"~{known[name].id}" for name in names]
    return f"{verb} {' '.join(listed)} label{'s' if len(listed) > 1 else ''}" if listed else ""


def _written(state: State, issue: Issue, person: Person, what: str, action: str) -> TimelineEvent:
    """GitLab's own line, credited to whoever did it. Nobody can edit it (timeline_events/create_service.rb)."""
    now = state.clock()
    event = state.tracker.add_event(issue, person, f"@{person.username} {what}", now, now)
    event.action, event.editable = action, False
    return event
