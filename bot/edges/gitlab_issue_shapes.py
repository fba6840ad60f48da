"""GitLab's JSON of issues, notes, labels and uploads as our records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.edges.gitlab_shapes import maybe, millis, user
from bot.tracker import PLAIN, Comment, Issue, Label

Json = Mapping[str, Any]

#: The `type` of a note in a thread; one by itself has none (doc/api/notes.md).
IN_DISCUSSION = "DiscussionNote"


def issue(data: Json) -> Issue:
    """doc/api/issues.md; `references` has the project's path, which an issue does not name otherwise."""
    return Issue(
        id=data["id"],
        iid=data["iid"],
        project_id=data["project_id"],
        project=str(data["references"]["full"]).rpartition("#")[0],
        title=data["title"],
        state=data["state"],
        url=data["web_url"],
        labels=tuple(_label_name(one) for one in data.get("labels") or ()),
        assignees=tuple(user(one) for one in data.get("assignees") or ()),
        author=(data.get("author") or {}).get("username") or "",
        due=data.get("due_date") or "",
        kind=data.get("issue_type") or PLAIN,
        confidential=bool(data.get("confidential")),
        moved_to=data.get("moved_to_id"),
        comments=data.get("user_notes_count") or 0,
        updated_at=millis(data["updated_at"]),
        description=data.get("description") or "",
        severity=(data.get("severity") or "").lower(),
        created_at=maybe(data.get("created_at")) or 0,
    )


def _label_name(one: Any) -> str:
    return str(one["name"] if isinstance(one, Mapping) else one)  # with_labels_details gives objects


def comment(data: Json) -> Comment:
    """doc/api/notes.md; the author of a note may be gone, `internal` was called `confidential` before 16.0."""
    author = data.get("author") or {}
    return Comment(
        id=data["id"],
        body=data["body"],
        author=author.get("username") or "",
        name=author.get("name") or "",
        author_id=author.get("id") or 0,
        created_at=millis(data["created_at"]),
        system=bool(data.get("system")),
        internal=bool(data.get("internal") or data.get("confidential")),
        updated_at=maybe(data.get("updated_at")) or 0,
        in_discussion=data.get("type") == IN_DISCUSSION,
    )


def label(data: Json) -> Label:
    """doc/api/labels.md."""
    return Label(data["name"], data.get("description") or "")


def upload(data: Json) -> str:
    """doc/api/project_markdown_uploads.md: the Markdown that shows the file."""
    return str(data["markdown"])
