"""JSON bodies of issues, notes, discussions, labels and events, key for key as GitLab's samples have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.gitlab.answers import moment
from sandbox.gitlab.bodies import user_basic
from sandbox.gitlab.issues import Issue, IssueLink, Label, LabelEvent, Note, StateEvent
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.tasks import counted


def issue_body(issue: Issue, url: str) -> dict[str, Any]:
    """An issue as the lists of its project hold it (samples/gitlab/issues_list.json)."""
    return _about(issue, url) | _people(issue, url) | _never() | _tasks(issue) | _addresses(issue, url)


def issue_whole(issue: Issue, person: Person, url: str) -> dict[str, Any]:
    """One issue by itself: also whether the person gets mail about it (samples/gitlab/issue_get.json)."""
    taking_part = {issue.author, *issue.assignees, *(note.author for note in issue.comments)}
    return issue_body(issue, url) | {"subscribed": person in taking_part}


def issue_anywhere(issue: Issue, url: str) -> dict[str, Any]:
    """An issue in a list across projects, where its reference names the project."""
    found = issue_body(issue, url)
    return found | {"references": found["references"] | {"relative": issue.reference}}


def _about(issue: Issue, url: str) -> dict[str, Any]:
    return {
        "id": issue.id,
        "iid": issue.iid,
        "project_id": issue.project.id,
        "title": issue.title,
        "description": issue.description,
        "state": issue.state,
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "closed_at": moment(issue.closed_at),
        "labels": sorted(issue.labels),
        "due_date": issue.due_date,
        "confidential": issue.confidential,
        "discussion_locked": issue.discussion_locked,
        "moved_to_id": issue.moved_to,
        "user_notes_count": len(issue.comments),
        "type": issue.type.upper(),
        "issue_type": issue.type,
        "severity": issue.severity,
    }


def _people(issue: Issue, url: str) -> dict[str, Any]:
    assignees = [user_basic(one, url) for one in issue.assignees]
    return {
        "author": user_basic(issue.author, url),
        "assignees": assignees,
        "assignee": assignees[0] if assignees else None,
        "closed_by": None if issue.closed_by is None else user_basic(issue.closed_by, url),
    }


def _never() -> dict[str, Any]:
    """What no issue of the sandbox has: milestones, votes, merge requests, times."""
    times = dict.fromkeys(["time_estimate", "total_time_spent"], 0)
    people_say = dict.fromkeys(["human_time_estimate", "human_total_time_spent"])
    counts = ["merge_requests_count", "upvotes", "downvotes", "blocking_issues_count"]
    return {
        **dict.fromkeys(["milestone", "service_desk_reply_to"]),
        **dict.fromkeys(counts, 0),
        "imported": False,
        "imported_from": "none",
        "time_stats": times | people_say,
    }


def _tasks(issue: Issue) -> dict[str, Any]:
    count, done = counted(issue.description or "")
    found: dict[str, Any] = {
        "has_tasks": count > 0,
        "task_completion_status": {"count": count, "completed_count": done},
    }
    return found | ({"task_status": f"{done} of {count} checklist items completed"} if count else {})


def _addresses(issue: Issue, url: str) -> dict[str, Any]:
    project, short = issue.project, f"#{issue.iid}"
    home = f"{url}/api/v4/projects/{project.id}"
    own = _own_address(issue, url)
    kind = "issues/incident" if issue.type == "incident" else "issues"
    links = {"self": own, "notes": f"{own}/notes", "award_emoji": f"{own}/award_emoji", "project": home}
    canonical = issue.duplicate_of
    duplicate = None if canonical is None else _own_address(canonical, url)
    return {
        "web_url": f"{url}/{project.path}/-/{kind}/{issue.iid}",
        "_links": links | {"closed_as_duplicate_of": duplicate},
        "references": {"short": short, "relative": short, "full": issue.reference},
    }


def _own_address(issue: Issue, url: str) -> str:
    return f"{url}/api/v4/projects/{issue.project.id}/issues/{issue.iid}"


def link_body(link: IssueLink, person: Person, url: str) -> dict[str, Any]:
    """A link by itself (samples/gitlab/issue_link_create.json)."""
    ends = {"source_issue": link.source, "target_issue": link.target}
    return {name: issue_whole(one, person, url) for name, one in ends.items()} | {"link_type": "relates_to"}


def linked_body(link: IssueLink, issue: Issue, url: str) -> dict[str, Any]:
    """The other end, as the list of an issue's links holds it (samples/gitlab/issue_links_list.json)."""
    other = link.other(issue)
    found = issue_body(other, url)
    kept = {
        name: value for name, value in found.items() if name not in ("has_tasks", "_links", "task_status")
    }
    relative = f"#{other.iid}" if other.project is issue.project else other.reference
    return kept | {
        "references": found["references"] | {"relative": relative},
        "issue_link_id": link.id,
        "link_type": "relates_to",
        "link_created_at": moment(link.created_at),
        "link_updated_at": moment(link.created_at),
    }


def note_body(note: Note, issue: Issue, url: str, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A note (samples/gitlab/issue_notes_list.json); `changes` are those its quick actions have just made."""
    return {
        "id": note.id,
        "type": note.type,
        "body": note.body,
        "author": user_basic(note.author, url),
        "created_at": moment(note.created_at),
        "updated_at": moment(note.updated_at),
        "system": note.system,
        "noteable_id": issue.id,
        "noteable_type": "Issue",
        "project_id": issue.project.id,
        "resolvable": False,
        "confidential": note.internal,
        "internal": note.internal,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": issue.iid,
        "commands_changes": dict(changes or {}),
        "attachment": None,
    }


def commands_body(changes: Mapping[str, Any], summary: Sequence[str]) -> dict[str, Any]:
    """202 of a note that held nothing but quick actions (samples/gitlab/issue_note_commands_only.json)."""
    return {"commands_changes": dict(changes), "summary": list(summary)}


def discussion_body(notes: Sequence[Note], issue: Issue, url: str) -> dict[str, Any]:
    """The notes of one discussion, oldest first (samples/gitlab/issue_discussions_list.json)."""
    return {
        "id": notes[0].discussion,
        "individual_note": notes[0].type is None,
        "notes": [note_body(note, issue, url) for note in notes],
    }


def label_body(label: Label) -> dict[str, Any]:
    """A label as its events carry it (samples/gitlab/issue_label_events.json)."""
    return {
        "id": label.id,
        "name": label.name,
        "color": label.color,
        "description": label.description,
        "description_html": label.description,
        "text_color": "#FFFFFF",
        "archived": False,
    }


def label_listed(label: Label, issues: Iterable[Issue] | None) -> dict[str, Any]:
    """A label as a project lists it; with how often it is used when issues are given (doc/api/labels.md)."""
    counts = {}
    if issues is not None:
        states = [one.state for one in issues if label.name in one.labels]
        counts = {
            "open_issues_count": states.count("opened"),
            "closed_issues_count": states.count("closed"),
            "open_merge_requests_count": 0,
        }
    return label_body(label) | counts | {"subscribed": False, "priority": None, "is_project_label": True}


def _event(event: StateEvent | LabelEvent, issue: Issue, url: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "user": user_basic(event.person, url),
        "created_at": moment(event.created_at),
        "resource_type": "Issue",
        "resource_id": issue.id,
    }


def state_event_body(event: StateEvent, issue: Issue, url: str) -> dict[str, Any]:
    source = {"source_commit": None, "source_merge_request_id": None}
    return _event(event, issue, url) | source | {"state": event.state}


def label_event_body(event: LabelEvent, issue: Issue, url: str) -> dict[str, Any]:
    return _event(event, issue, url) | {"label": label_body(event.label), "action": event.action}
