"""The GraphQL types of issues: incidents with their timelines, notes with their discussions."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from sandbox.gitlab.answers import seconds
from sandbox.gitlab.graphql_types import Asker, Definition, gid, linked, listed, number_of, plain
from sandbox.gitlab.issue_rights import may_see, may_see_note
from sandbox.gitlab.issues import Issue, Note, TimelineEvent
from sandbox.gitlab.nouns import Project
from sandbox.gitlab.timeline import in_order

Pair = tuple[Issue, Note]
"""A note with its issue: what of a discussion may be read depends on both."""


def issue_of(parent: Project, arguments: Mapping[str, Any], asker: Asker) -> Issue | None:
    """By its number in the project, if the person may see it."""
    rows = asker.state.tracker.issues_of(parent)
    found = next((one for one in rows if str(one.iid) == str(arguments.get("iid"))), None)
    return found if found is not None and asker.person is not None and may_see(asker.person, found) else None


def timeline_of(parent: Project, arguments: Mapping[str, Any], asker: Asker) -> list[TimelineEvent]:
    """In the order in which things happened; of another project's issue, and of one that is hidden, none."""
    issue = asker.state.tracker.issues.get(number_of(arguments["incidentId"], "Issue") or 0)
    if issue is None or issue.project is not parent or asker.person is None:
        return []
    return in_order(issue) if may_see(asker.person, issue) else []


def note_of(parent: Any, arguments: Mapping[str, Any], asker: Asker) -> Pair | None:
    """Any note by its number, if the person may read it."""
    pair = asker.state.tracker.note(number_of(arguments["id"], "Note", "DiscussionNote") or 0)
    return pair if pair is not None and _reads(asker, *pair) else None


def _reads(asker: Asker, issue: Issue, note: Note) -> bool:
    person = asker.person
    if person is None or asker.state.visible(person, str(issue.project.id)) is None:
        return False
    return may_see(person, issue) and may_see_note(person, note, issue)


def _discussed(parent: Pair, arguments: Mapping[str, Any], asker: Asker) -> list[Pair]:
    issue, note = parent
    notes = [one for one in issue.notes if one.discussion == note.discussion]
    return [(issue, one) for one in notes if _reads(asker, issue, one)]


def _note_gid(note: Note) -> str:
    return f"gid://gitlab/{note.type or 'Note'}/{note.id}"


def _promoted(event: TimelineEvent) -> Pair | None:
    return None if event.promoted_from is None else (event.incident, event.promoted_from)


def _html(event: TimelineEvent) -> str:
    size = len(event.note.partition("\n")[0])
    return f'<p data-sourcepos="1:1-1:{size}" dir="auto">{html.escape(event.note, quote=False)}</p>'


def _web_url(parent: Issue, arguments: Mapping[str, Any], asker: Asker) -> str:
    kind = "issues/incident" if parent.type == "incident" else "issues"
    return f"{asker.state.url}/{parent.project.path}/-/{kind}/{parent.iid}"


ISSUE = {
    "id": gid("Issue"),
    "iid": plain(lambda one: str(one.iid)),
    "title": plain(lambda one: one.title),
    "description": plain(lambda one: one.description),
    "state": plain(lambda one: one.state),
    "type": plain(lambda one: one.type.upper()),
    "severity": plain(lambda one: one.severity),
    "escalationStatus": plain(lambda one: one.status),
    "confidential": plain(lambda one: one.confidential),
    "createdAt": plain(lambda one: seconds(one.created_at)),
    "updatedAt": plain(lambda one: seconds(one.updated_at)),
    "closedAt": plain(lambda one: seconds(one.closed_at)),
    "userNotesCount": plain(lambda one: len(one.comments)),
    "webUrl": Definition(_web_url),
    "author": linked(lambda one: one.author, "UserCore"),
    "assignees": listed(lambda one: one.assignees, "UserCore"),
}
NOTE = {
    "id": plain(lambda pair: _note_gid(pair[1])),
    "body": plain(lambda pair: pair[1].body),
    "internal": plain(lambda pair: pair[1].internal),
    "system": plain(lambda pair: pair[1].system),
    "createdAt": plain(lambda pair: seconds(pair[1].created_at)),
    "updatedAt": plain(lambda pair: seconds(pair[1].updated_at)),
    "author": linked(lambda pair: pair[1].author, "UserCore"),
    "discussion": linked(lambda pair: pair, "Discussion"),
}
TIMELINE_EVENT = {
    "id": gid("IncidentManagement::TimelineEvent"),
    "author": linked(lambda one: one.author, "UserCore"),
    "updatedByUser": linked(lambda one: one.updated_by, "UserCore"),
    "incident": linked(lambda one: one.incident, "Issue"),
    "note": plain(lambda one: one.note),
    "noteHtml": plain(_html),
    "promotedFromNote": linked(_promoted, "Note"),
    "editable": plain(lambda one: one.editable),
    "action": plain(lambda one: one.action),
    "occurredAt": plain(lambda one: seconds(one.occurred_at)),
    "createdAt": plain(lambda one: seconds(one.created_at)),
    "updatedAt": plain(lambda one: seconds(one.updated_at)),
    "timelineEventTags": listed(lambda one: one.tags, "TimelineEventTagType"),
}
ISSUE_TYPES: Mapping[str, Mapping[str, Definition]] = {
    "Issue": ISSUE,
    "Note": NOTE,
    "Discussion": {
        "id": plain(lambda pair: f"gid://gitlab/Discussion/{pair[1].discussion}"),
        "notes": Definition(_discussed, "Note", {"first": False, "after": False}, connection=True),
    },
    "TimelineEventType": TIMELINE_EVENT,
    "TimelineEventTagType": {
        "id": gid("IncidentManagement::TimelineEventTag"),
        "name": plain(lambda one: one.name),
    },
}
