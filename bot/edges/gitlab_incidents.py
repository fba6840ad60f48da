"""What GitLab knows of incidents: severity, status, timeline, what happened to them and what they are tied to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.edges import gitlab_graphql as graphql
from bot.edges import gitlab_incident_shapes as shapes
from bot.edges import gitlab_issue_shapes as issue_shapes
from bot.edges.gitlab_issues import issue_path, no_issue
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_shapes import iso
from bot.edges.gitlab_wire import PAGES, PER_PAGE, Wire
from bot.errors import GitLabSaidNo, NotFound
from bot.model import Millis
from bot.tracker import INCIDENT, IncidentFacts, Issue, IssueLink, LabelEvent, StateEvent, TimelineEvent

#: Most characters of a timeline event that somebody writes (incidents.md 8).
TIMELINE_LIMIT = 280
#: Most lines of a timeline that are read.
TIMELINE_MOST = PAGES * PER_PAGE
#: Incidents that one query asks for: each costs 4 of its 250 (gitlab-api.md 5.1).
INCIDENTS_AT_ONCE = 50
#: What GitLab answers when two issues are tied already (doc/api/issue_links.md).
CONFLICT = 409

_SEVERITY = (
    "mutation($input:IssueSetSeverityInput!){issueSetSeverity(input:$input){issue{iid severity} errors}}"
)
_STATUS = (
    "mutation($input:IssueSetEscalationStatusInput!)"
    "{issueSetEscalationStatus(input:$input){issue{iid escalationStatus} errors}}"
)
_EVENT = "{id note action editable occurredAt updatedAt author{username} timelineEventTags{nodes{name}}}"
_TIMELINE = (
    "query($path:ID!,$incident:IssueID!,$after:String){project(fullPath:$path)"
    "{incidentManagementTimelineEvents(incidentId:$incident,first:100,after:$after)"
    f"{{nodes{_EVENT} pageInfo{{hasNextPage endCursor}}}}}}}}"
)
_CREATE, _UPDATE, _DESTROY = "timelineEventCreate", "timelineEventUpdate", "timelineEventDestroy"
_ADD = (
    f"mutation($input:TimelineEventCreateInput!){{{_CREATE}(input:$input){{timelineEvent{_EVENT} errors}}}}"
)
_CHANGE = (
    f"mutation($input:TimelineEventUpdateInput!){{{_UPDATE}(input:$input){{timelineEvent{_EVENT} errors}}}}"
)
_DROP = f"mutation($input:TimelineEventDestroyInput!){{{_DESTROY}(input:$input){{errors}}}}"


class Incidents:
    """The part of GitLab that is about incidents. Its errors are those of GitLab.

    Severity, status and timeline are GraphQL's: NotSupported where this GitLab lacks them, NotFound where an
    account may not or there is nothing, both with the status 200.
    """

    _wire: Wire

    def incidents_changed(self, project_id: int, since: Millis, most: int = PER_PAGE) -> list[Issue]:
        """Incidents, open or closed, that changed since, changed last first; at most so many (doc/api/issues.md)."""
        query = {
            "issue_type": INCIDENT,
            "state": "all",
            "updated_after": iso(since),
            "order_by": "updated_at",
            "sort": "desc",
        }
        pages = min(PAGES, -(-most // PER_PAGE))
        found = self._wire.pages(f"/projects/{project_id}/issues", query, most=pages)
        return each(issue_shapes.issue, found)[:most]

    def set_severity(self, project: str, iid: int, severity: str) -> str:
        """Says how bad an incident is (critical, high, medium, low, unknown), and returns what GitLab has now.

        `project` is its full path, as below.
        """
        made = graphql.change(
            self._wire, _SEVERITY, "issueSetSeverity",
            projectPath=project, iid=str(iid), severity=severity.upper(),
        )  # fmt: skip
        return shaped(lambda found: str(found["issue"]["severity"]).lower(), made)

    def set_status(self, project: str, iid: int, status: str) -> str:
        """Sets an incident's status (triggered, acknowledged, resolved, ignored), and returns what it is now.

        NotSupported for an issue of another kind.
        """
        made = graphql.change(
            self._wire, _STATUS, "issueSetEscalationStatus",
            projectPath=project, iid=str(iid), status=status.upper(),
        )  # fmt: skip
        return shaped(lambda found: str(found["issue"]["escalationStatus"]).lower(), made)

    def incident_facts(self, project: str, iids: Sequence[int]) -> Mapping[int, IncidentFacts]:
        """Severity and status of incidents by number, fifty a request; those this account may not see are left out."""
        found: dict[int, IncidentFacts] = {}
        for start in range(0, len(iids), INCIDENTS_AT_ONCE):
            fields = " ".join(map(_question, iids[start : start + INCIDENTS_AT_ONCE]))
            query = f"query($path:ID!){{project(fullPath:$path){{{fields}}}}}"
            found |= shaped(_facts, _project(graphql.ask(self._wire, query, path=project), project))
        return found

    # Timeline ------------------------------------------------------------------------------------

    def timeline(self, project: str, issue_id: int) -> list[TimelineEvent]:
        """The timeline of an incident in the order things happened, at most 1,000 events.

        `issue_id` is the incident's id in all of GitLab (`Issue.id`), not its number in the project.
        """
        found: list[TimelineEvent] = []
        after: str | None = None
        for _ in range(PAGES):
            values = {"path": project, "incident": _incident(issue_id), "after": after}
            data = _project(graphql.ask(self._wire, _TIMELINE, **values), project)
            events, after = shaped(_timeline_page, data)
            found += events
            if after is None:
                break
        return sorted(found, key=lambda one: (one.at, graphql.number(one.gid)))

    def add_timeline(
        self, issue_id: int, text: str, at: Millis, tags: Sequence[str] = ()
    ) -> TimelineEvent:  # fmt: skip
        """Writes down what happened `at` a moment, in at most 280 characters of Markdown.

        `tags` are names of tags the project has, such as `Impact detected`; GitLabSaidNo for others.
        """
        values: dict[str, Any] = {"incidentId": _incident(issue_id), "note": text, "occurredAt": iso(at)}
        values |= {"timelineEventTagNames": list(tags)} if tags else {}
        return _event(graphql.change(self._wire, _ADD, _CREATE, **values))

    def change_timeline(
        self, gid: str, text: str, at: Millis, tags: Sequence[str] | None = None
    ) -> TimelineEvent:
        """Changes an event, and its tags too if any are given; GitLabSaidNo for one of GitLab's own."""
        values: dict[str, Any] = {"id": gid, "note": text, "occurredAt": iso(at)}
        values |= {} if tags is None else {"timelineEventTagNames": list(tags)}
        return _event(graphql.change(self._wire, _CHANGE, _UPDATE, **values))

    def drop_timeline(self, gid: str) -> None:
        """Takes an event away; NotFound if it is gone, or is not this account's to take."""
        graphql.change(self._wire, _DROP, _DESTROY, id=gid)

    # What happened, and what belongs together ----------------------------------------------------

    def label_events(self, project_id: int, iid: int) -> list[LabelEvent]:
        """Who put labels on an issue and took them off, first come first, at most 1,000."""
        return each(shapes.label_event, self._events(project_id, iid, "resource_label_events"))

    def state_events(self, project_id: int, iid: int) -> list[StateEvent]:
        """Who closed an issue and opened it again, first come first, at most 1,000."""
        return each(shapes.state_event, self._events(project_id, iid, "resource_state_events"))

    def _events(self, project_id: int, iid: int, kind: str) -> list[Any]:
        return self._wire.pages(f"{issue_path(project_id, iid)}/{kind}", {}, missing=no_issue(iid))

    def links(self, project_id: int, iid: int) -> list[IssueLink]:
        """The issues one is tied to that this account may see (doc/api/issue_links.md)."""
        found = self._wire.get(f"{issue_path(project_id, iid)}/links", missing=no_issue(iid))
        return each(shapes.link, found)

    def link_issues(self, project_id: int, iid: int, other_project_id: int, other_iid: int) -> None:
        """Ties two issues together, as related to each other; nothing if they are."""
        body = {
            "target_project_id": other_project_id,
            "target_issue_iid": other_iid,
            "link_type": "relates_to",
        }
        missing = f"There is no issue #{iid} or #{other_iid} there, or you may not see it. Check the numbers."
        try:
            self._wire.post(f"{issue_path(project_id, iid)}/links", body, missing=missing)
        except GitLabSaidNo as error:
            if error.status != CONFLICT:
                raise


def _incident(issue_id: int) -> str:
    return f"gid://gitlab/Issue/{issue_id}"


def _project(data: Mapping[str, Any], path: str) -> Any:
    """What was asked of a project: GraphQL has null for one that is not there, or not for this account."""
    if data.get("project") is None:
        raise NotFound(
            f"GitLab knows no project `{path}`, or does not show it to me. Check its path.", status=200
        )
    return data["project"]


def _question(iid: int) -> str:
    return f'i{iid}:issue(iid:"{iid}"){{severity escalationStatus}}'


def _facts(project: Any) -> dict[int, IncidentFacts]:
    """Facts by number, from the aliases of `_question`; null for what is not visible."""
    return {int(alias[1:]): shapes.facts(one) for alias, one in project.items() if one is not None}


def _timeline_page(project: Any) -> tuple[list[TimelineEvent], str | None]:
    """The events of a page, and where the next begins."""
    connection = project["incidentManagementTimelineEvents"]
    info = connection.get("pageInfo") or {}
    events = [shapes.timeline_event(one) for one in connection["nodes"]]
    return events, info["endCursor"] if info.get("hasNextPage") else None


def _event(made: Mapping[str, Any]) -> TimelineEvent:
    return shaped(lambda found: shapes.timeline_event(found["timelineEvent"]), made)
