"""GitLab's JSON of incidents, their timelines, events and links as our records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.edges.gitlab_issue_shapes import issue
from bot.edges.gitlab_shapes import maybe, millis
from bot.tracker import IncidentFacts, IssueLink, LabelEvent, StateEvent, TimelineEvent

Json = Mapping[str, Any]

#: What a label event says of a label that was put on (doc/api/resource_label_events.md).
ADDED = "add"
UNKNOWN = "unknown"


def facts(data: Json) -> IncidentFacts:
    """The fields `severity` and `escalationStatus` of an issue; the latter is null where none was set."""
    return IncidentFacts((data["severity"] or UNKNOWN).lower(), (data.get("escalationStatus") or "").lower())


def timeline_event(data: Json) -> TimelineEvent:
    """A `TimelineEventType`; its author may be gone."""
    tags = (data.get("timelineEventTags") or {}).get("nodes") or ()
    return TimelineEvent(
        gid=str(data["id"]),
        text=data.get("note") or "",
        at=millis(data["occurredAt"]),
        author=(data.get("author") or {}).get("username") or "",
        action=data.get("action") or "",
        editable=bool(data.get("editable")),
        tags=tuple(str(one["name"]) for one in tags),
        updated_at=maybe(data.get("updatedAt")) or 0,
    )


def label_event(data: Json) -> LabelEvent:
    """doc/api/resource_label_events.md; label and user are null when they are gone."""
    user, label = data.get("user") or {}, data.get("label") or {}
    return LabelEvent(
        data["id"], millis(data["created_at"]), user.get("username") or "", user.get("id") or 0,
        label.get("name") or "", data["action"] == ADDED,
    )  # fmt: skip


def state_event(data: Json) -> StateEvent:
    """doc/api/resource_state_events.md."""
    user = data.get("user") or {}
    return StateEvent(
        data["id"], millis(data["created_at"]), user.get("username") or "", user.get("id") or 0, data["state"]
    )


def link(data: Json) -> IssueLink:
    """doc/api/issue_links.md: the other issue, with what ties it."""
    return IssueLink(data["issue_link_id"], data["link_type"], issue(data))
