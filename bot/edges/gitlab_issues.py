"""What GitLab knows of a project's issues: found, made, changed, moved and commented, with labels and uploads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.edges import gitlab_issue_shapes as shapes
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_shapes import iso, user
from bot.edges.gitlab_wire import PER_PAGE, Wire
from bot.model import GitLabUser, Millis
from bot.tracker import INCIDENT, PLAIN, Comment, Issue, Label, NewIssue

#: Comments read at once when the last one that all may read is looked for.
LAST_COMMENTS = 20


class Issues:
    """The part of GitLab that is about issues. Its errors are those of GitLab."""

    _wire: Wire

    def issue(self, project_id: int, iid: int) -> Issue:
        """One issue (doc/api/issues.md). NotFound, too, for a confidential one that is not for this identity."""
        return shaped(shapes.issue, self._wire.get(issue_path(project_id, iid), missing=no_issue(iid)))

    def issues(
        self, project_id: int, *, search: str = "", state: str = "opened", iids: Sequence[int] = (), most: int = 50
    ) -> list[Issue]:  # fmt: skip
        """Issues and incidents of a project, changed last first, at most 100 (doc/api/issues.md).

        `state` is opened, closed or all; `search` looks in titles and descriptions.
        """
        query: dict[str, Any] = {
            "state": state,
            "order_by": "updated_at",
            "sort": "desc",
            "per_page": max(1, min(most, PER_PAGE)),
            **({"search": search} if search else {}),
            **({"iids[]": list(iids)} if iids else {}),
        }
        return each(shapes.issue, self._wire.get(f"/projects/{project_id}/issues", query))

    def issues_by(self, project_id: int, author: int, created_after: Millis) -> list[Issue]:
        """Issues that this account made since, newest first, at most 100: where a lost answer is looked for."""
        query = {
            "author_id": author, "created_after": iso(created_after), "scope": "all", "order_by": "created_at",
            "sort": "desc", "per_page": PER_PAGE,
        }  # fmt: skip
        return each(shapes.issue, self._wire.get(f"/projects/{project_id}/issues", query))

    def create_issue(self, project_id: int, new: NewIssue) -> Issue:
        """Makes an issue. Labels, assignee and kind that somebody may not set are left out by GitLab, silently.

        GitLabSaidNo with the status 400 for a kind that this GitLab does not know.
        """
        body: dict[str, Any] = {"title": new.title, "description": new.description}
        body |= {"labels": ",".join(new.labels)} if new.labels else {}
        body |= {"assignee_ids": [new.assignee]} if new.assignee else {}
        body |= {"confidential": True} if new.confidential else {}
        body |= {"due_date": new.due} if new.due else {}
        body |= {"issue_type": new.kind} if new.kind != PLAIN else {}
        made = self._wire.post(f"/projects/{project_id}/issues", body, missing=NOT_HERE)
        return shaped(shapes.issue, made)

    def create_incident(self, project_id: int, new: NewIssue) -> Issue:
        """The same of an incident; look at its `kind`. Its severity is set by `set_severity` afterwards."""
        return self.create_issue(project_id, replace(new, kind=INCIDENT))

    def change_issue(self, project_id: int, iid: int, changes: Mapping[str, Any]) -> Issue:
        """Sets what `changes` names (state_event, add_labels, assignee_ids, confidential …) and returns the issue.

        What the account may not change GitLab leaves out without a word, so that the answer has to be looked at.
        """
        changed = self._wire.put(issue_path(project_id, iid), changes, missing=no_issue(iid))
        return shaped(shapes.issue, changed)

    def move_issue(self, project_id: int, iid: int, to_project: int) -> Issue:
        """Moves an issue and returns it as it is there (doc/api/issues.md, Move)."""
        moved = self._wire.post(
            f"{issue_path(project_id, iid)}/move", {"to_project_id": to_project}, missing=no_issue(iid)
        )
        return shaped(shapes.issue, moved)

    # Comments ------------------------------------------------------------------------------------

    def comment(self, project_id: int, iid: int, body: str) -> Comment:
        """Writes a comment (doc/api/notes.md); `body` is Markdown of at most 1,000,000 characters."""
        made = self._wire.post(f"{issue_path(project_id, iid)}/notes", {"body": body}, missing=no_issue(iid))
        return shaped(shapes.comment, made)

    def comments(self, project_id: int, iid: int, most: int = LAST_COMMENTS) -> list[Comment]:
        """What people wrote below an issue, newest first; a page may hold fewer (gitlab-api.md 4.1)."""
        return self._notes(project_id, iid, "only_comments", most)

    def remarks(self, project_id: int, iid: int, most: int = LAST_COMMENTS) -> list[Comment]:
        """What GitLab itself wrote below an issue, newest first: `moved to acme/infra#3` and the like."""
        return self._notes(project_id, iid, "only_activity", most)

    def _notes(self, project_id: int, iid: int, which: str, most: int) -> list[Comment]:
        query = {"activity_filter": which, "order_by": "created_at", "sort": "desc", "per_page": most}
        found = self._wire.get(f"{issue_path(project_id, iid)}/notes", query, missing=no_issue(iid))
        return each(shapes.comment, found)

    # Labels, people, files -----------------------------------------------------------------------

    def labels(self, project_id: int) -> list[Label]:
        """The labels of a project and of the groups above it, at most 1,000 (doc/api/labels.md)."""
        return each(shapes.label, self._wire.pages(f"/projects/{project_id}/labels", {}))

    def members(self, project_id: int, search: str = "") -> list[GitLabUser]:
        """Members of a project, inherited ones too, at most 100 (doc/api/project_members.md)."""
        query = {"per_page": PER_PAGE, **({"query": search} if search else {})}
        return each(user, self._wire.get(f"/projects/{project_id}/members/all", query))

    def user_named(self, username: str) -> GitLabUser | None:
        """The account of exactly this name, in any case; None if there is none (doc/api/users.md)."""
        found = self._wire.get("/users", {"username": username})
        return next(iter(each(user, found)), None)

    def upload(self, project_id: int, name: str, data: bytes, kind: str) -> str:
        """Puts a file into a project and returns the Markdown that shows it (doc/api/project_markdown_uploads.md).

        `kind` is its media type. Nothing shows it before that Markdown stands in an issue or a comment.
        """
        sent = self._wire.upload(f"/projects/{project_id}/uploads", name, data, kind, missing=NOT_HERE)
        return shaped(shapes.upload, sent)


NOT_HERE = "GitLab shows you no such project, or its issues are switched off."


def issue_path(project_id: int, iid: int) -> str:
    """Where an issue is in the REST API."""
    return f"/projects/{project_id}/issues/{iid}"


def no_issue(iid: int) -> str:
    """GitLab answers the same for what is not there and for what may not be seen."""
    return f"There is no issue #{iid} there, or you may not see it. Check its number."
