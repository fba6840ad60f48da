"""Issues and incidents of the sandbox's GitLab, and their JSON body (samples/gitlab/issues_list.json)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.gitlab.answers import moment
from sandbox.gitlab.bodies import user_basic
from sandbox.gitlab.nouns import Person, Project

TYPES = ("issue", "incident", "test_case", "task")
SEVERITIES = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")
FIRST_ISSUE_ID = 8800


@dataclass(slots=True)
class Issue:
    id: int
    iid: int
    project: Project
    title: str
    author: Person
    created_at: float
    updated_at: float
    type: str = "issue"
    severity: str = "UNKNOWN"
    labels: tuple[str, ...] = ()
    state: str = "opened"
    closed_at: float | None = None
    closed_by: Person | None = None

    def close(self, person: Person, now: float) -> None:
        self.state, self.closed_at, self.closed_by, self.updated_at = "closed", now, person, now

    def reopen(self, now: float) -> None:
        self.state, self.closed_at, self.closed_by, self.updated_at = "opened", None, None, now


def issue_body(issue: Issue, url: str) -> dict[str, Any]:
    """An issue as lists hold it; what is built later (notes, assignees, times) is empty."""
    return _about(issue, url) | _empty() | _addresses(issue, url) | {"severity": issue.severity}


def _about(issue: Issue, url: str) -> dict[str, Any]:
    return {
        "id": issue.id,
        "iid": issue.iid,
        "project_id": issue.project.id,
        "title": issue.title,
        "description": None,
        "state": issue.state,
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "closed_at": moment(issue.closed_at),
        "closed_by": None if issue.closed_by is None else user_basic(issue.closed_by, url),
        "labels": sorted(issue.labels),
        "author": user_basic(issue.author, url),
        "type": issue.type.upper(),
        "issue_type": issue.type,
    }


def _empty() -> dict[str, Any]:
    nothing = [
        "milestone",
        "assignee",
        "due_date",
        "discussion_locked",
        "moved_to_id",
        "service_desk_reply_to",
    ]
    none_yet = ["user_notes_count", "merge_requests_count", "upvotes", "downvotes", "blocking_issues_count"]
    times = dict.fromkeys(["time_estimate", "total_time_spent"], 0)
    people_say = dict.fromkeys(["human_time_estimate", "human_total_time_spent"])
    return {
        **dict.fromkeys(nothing),
        **dict.fromkeys(none_yet, 0),
        **dict.fromkeys(["confidential", "has_tasks", "imported"], False),
        "assignees": [],
        "imported_from": "none",
        "time_stats": times | people_say,
        "task_completion_status": {"count": 0, "completed_count": 0},
    }


def _addresses(issue: Issue, url: str) -> dict[str, Any]:
    project, short = issue.project, f"#{issue.iid}"
    home = f"{url}/api/v4/projects/{project.id}"
    own = f"{home}/issues/{issue.iid}"
    kind = "issues/incident" if issue.type == "incident" else "issues"
    links = {"self": own, "notes": f"{own}/notes", "award_emoji": f"{own}/award_emoji", "project": home}
    return {
        "web_url": f"{url}/{project.path}/-/{kind}/{issue.iid}",
        "_links": links | {"closed_as_duplicate_of": None},
        "references": {"short": short, "relative": short, "full": f"{project.path}{short}"},
    }
