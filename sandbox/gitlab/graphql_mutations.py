"""What GraphQL changes in an incident: severity, escalation status, and its timeline (app/graphql/mutations)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.gitlab import timeline
from sandbox.gitlab.graphql_inputs import given, global_id, moment, one_of, text, texts
from sandbox.gitlab.graphql_types import Asker, Definition, Input, NotAvailable, linked, plain
from sandbox.gitlab.incidents import is_incident
from sandbox.gitlab.issue_changes import update_issue
from sandbox.gitlab.issue_rights import may_edit, may_see, may_see_note
from sandbox.gitlab.issues import SEVERITIES, STATUSES, Issue, TimelineEvent
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import DEVELOPER, REPORTER, level
from sandbox.gitlab.timeline import Moment, NotKept

NO_STATUS = "Feature unavailable for provided issue"
NO_INCIDENT = "Note does not belong to an incident"
LINK_TYPES = ("general", "zoom", "slack", "pagerduty")
Given = Mapping[str, Any]
Change = Callable[[Asker, Person, Given], dict[str, Any]]


def _mutation(name: str, inputs: Mapping[str, Input], change: Change) -> Definition:
    """A mutation with one `input`. It takes somebody who is signed in with a token for changes."""

    def resolve(parent: Any, arguments: Mapping[str, Any], asker: Asker) -> dict[str, Any]:
        if asker.person is None or not asker.writes:
            raise NotAvailable
        answer = change(asker, asker.person, given(definition, arguments))
        return {"errors": [], "clientMutationId": arguments["input"].get("clientMutationId"), **answer}

    definition = Definition(resolve, f"{name}Payload", {"input": True}, inputs=inputs)
    return definition


def _issue(asker: Asker, person: Person, said: Given, role: int) -> Issue:
    """The issue that is meant, if it is this person's to change. Raises NotAvailable."""
    project = asker.state.visible(person, said["projectPath"])
    rows = [] if project is None else asker.state.tracker.issues_of(project)
    found = next((one for one in rows if str(one.iid) == said["iid"]), None)
    if found is None or not may_see(person, found) or not may_edit(person, found):
        raise NotAvailable
    if level(person, found.project) < role:
        raise NotAvailable
    return found


def _set_severity(asker: Asker, person: Person, said: Given) -> dict[str, Any]:
    issue = _issue(asker, person, said, REPORTER)
    if is_incident(issue):
        update_issue(asker.state, issue, person, {"severity": said["severity"]})
    return {"issue": issue}


def _set_status(asker: Asker, person: Person, said: Given) -> dict[str, Any]:
    issue = _issue(asker, person, said, DEVELOPER)
    if not is_incident(issue):
        raise NotAvailable(NO_STATUS)
    update_issue(asker.state, issue, person, {"escalation_status": said["status"]})
    return {"issue": issue}


def _told(keeping: Callable[[], TimelineEvent]) -> dict[str, Any]:
    """What became of a line of the timeline; a text that is refused is no error of the request."""
    try:
        return {"timelineEvent": keeping()}
    except NotKept as why:
        return {"timelineEvent": None, "errors": [str(why)]}


def _keeps(asker: Asker, person: Person, issue: Issue | None) -> Issue:
    """The incident, if its timeline is this person's to keep. Raises NotAvailable."""
    if issue is None or not timeline.may_keep(asker.state, issue, person):
        raise NotAvailable
    return issue


def _create(asker: Asker, person: Person, said: Given) -> dict[str, Any]:
    issue = _keeps(asker, person, asker.state.tracker.issues.get(said["incidentId"]))
    wanted = Moment(said["note"], said["occurredAt"], said["timelineEventTagNames"] or ())
    return _told(lambda: timeline.keep(asker.state, issue, person, wanted))


def _event(asker: Asker, person: Person, number: int) -> TimelineEvent:
    found = asker.state.tracker.event(number)
    _keeps(asker, person, None if found is None else found.incident)
    if found is None:
        raise NotAvailable
    return found


def _update(asker: Asker, person: Person, said: Given) -> dict[str, Any]:
    event, tags = _event(asker, person, said["id"]), said["timelineEventTagNames"]
    return _told(
        lambda: timeline.change(
            asker.state, event, person, note=said["note"], occurred_at=said["occurredAt"], tags=tags
        )
    )


def _destroy(asker: Asker, person: Person, said: Given) -> dict[str, Any]:
    event = _event(asker, person, said["id"])
    return _told(lambda: timeline.remove(asker.state, event, person))


def _promote(asker: Asker, person: Person, said: Given) -> dict[str, Any]:
    pair = asker.state.tracker.note(said["noteId"])
    if pair is not None and not is_incident(pair[0]):
        raise NotAvailable(NO_INCIDENT)
    issue = _keeps(asker, person, None if pair is None else pair[0])
    if pair is None or not may_see_note(person, pair[1], issue):
        raise NotAvailable
    note = pair[1]
    return _told(lambda: timeline.promote(asker.state, issue, person, note))


def _link(asker: Asker, person: Person, said: Given) -> dict[str, Any]:
    """Linked resources are Premium's: on Free nobody has the right."""
    raise NotAvailable


NAMED = {"projectPath": text("ID!"), "iid": text()}
EVENT = global_id("IncidentManagement::TimelineEvent")
MUTATIONS: Mapping[str, Definition] = {
    "issueSetSeverity": _mutation(
        "IssueSetSeverity", {**NAMED, "severity": one_of("IssuableSeverity", *SEVERITIES)}, _set_severity
    ),
    "issueSetEscalationStatus": _mutation(
        "IssueSetEscalationStatus",
        {**NAMED, "status": one_of("IssueEscalationStatus", *STATUSES)},
        _set_status,
    ),
    "timelineEventCreate": _mutation(
        "TimelineEventCreate",
        {
            "incidentId": global_id("Issue"),
            "note": text(),
            "occurredAt": moment(),
            "timelineEventTagNames": texts(),
        },
        _create,
    ),
    "timelineEventUpdate": _mutation(
        "TimelineEventUpdate",
        {
            "id": EVENT,
            "note": text("String"),
            "occurredAt": moment("Time"),
            "timelineEventTagNames": texts(),
        },
        _update,
    ),
    "timelineEventDestroy": _mutation("TimelineEventDestroy", {"id": EVENT}, _destroy),
    "timelineEventPromoteFromNote": _mutation(
        "TimelineEventPromoteFromNote", {"noteId": global_id("Note", "Note", "DiscussionNote")}, _promote
    ),
    "issuableResourceLinkCreate": _mutation(
        "IssuableResourceLinkCreate",
        {
            "id": global_id("Issue"),
            "link": text(),
            "linkText": text("String"),
            "linkType": one_of("IssuableResourceLinkType", *LINK_TYPES),
        },
        _link,
    ),
}


def _payload(name: str, kind: str) -> Mapping[str, Definition]:
    return {
        "clientMutationId": plain(lambda one: one["clientMutationId"]),
        "errors": plain(lambda one: one["errors"]),
        name: linked(lambda one: one[name], kind),
    }


MUTATION_TYPES: Mapping[str, Mapping[str, Definition]] = {
    "Mutation": MUTATIONS,
    **{
        f"{name}Payload": _payload("issue", "Issue")
        for name in ("IssueSetSeverity", "IssueSetEscalationStatus")
    },
    **{
        f"TimelineEvent{name}Payload": _payload("timelineEvent", "TimelineEventType")
        for name in ("Create", "Update", "Destroy", "PromoteFromNote")
    },
    "IssuableResourceLinkCreatePayload": _payload("issuableResourceLink", "IssuableResourceLink"),
    "IssuableResourceLink": {
        name: plain(lambda one: None) for name in ("id", "link", "linkText", "linkType")
    },
}
