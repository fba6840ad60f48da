"""What GitLab knows of merge requests: lists, one with its approvals, and approving and merging it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bot.edges import gitlab_merge_request_shapes as shapes
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_shapes import commit
from bot.edges.gitlab_wire import PER_PAGE, Wire
from bot.errors import GitLabSaidNo
from bot.merge_requests import Approvals, Checks, MergeRequest, Reference
from bot.model import Commit

#: Merge requests in one question about checks: each costs 8 of a complexity of 250, its project included
#: (gitlab-api.md 5.1).
CHECKED_AT_ONCE = 20
#: People whose approvals are counted there; it is part of the price.
APPROVERS = 10
_CHECKS = f"headPipeline{{status}} approved approvedBy(first:{APPROVERS}){{nodes{{username}}}}"


class MergeRequests:
    """The part of GitLab that is about merge requests. Its errors are those of GitLab."""

    _wire: Wire

    def merge_request(self, project_id: int, iid: int) -> MergeRequest:
        """One merge request, with the pipeline of its head (doc/api/merge_requests.md)."""
        return shaped(shapes.merge_request, self._wire.get(_one(project_id, iid), missing=_none(iid)))

    def merge_requests(
        self, project_id: int, *, search: str = "", state: str = "opened", most: int = PER_PAGE
    ) -> list[MergeRequest]:
        """Merge requests of a project, changed last first, at most 100; `search` looks in titles and descriptions.

        `state` is opened, closed, locked, merged or all.
        """
        query = {"state": state, "scope": "all", **_newest(most), **({"search": search} if search else {})}
        return each(shapes.merge_request, self._wire.get(f"/projects/{project_id}/merge_requests", query))

    def merge_requests_of(self, role: str, user_id: int, most: int = PER_PAGE) -> list[MergeRequest]:
        """Open ones of all projects in which an account is `author`, `assignee` or `reviewer`, changed last first.

        By the account's id and with `scope=all`, which every version understands (gitlab-api.md 6).
        """
        query = {"state": "opened", "scope": "all", f"{role}_id": user_id, **_newest(most)}
        return each(shapes.merge_request, self._wire.get("/merge_requests", query))

    def checks(self, wanted: Sequence[Reference]) -> dict[Reference, Checks]:
        """Pipelines and approvals of several merge requests, those that are shown to this identity.

        GraphQL, 20 a request. GitLabSaidNo if this GitLab answers no such question.
        """
        found: dict[Reference, Checks] = {}
        for first in range(0, len(wanted), CHECKED_AT_ONCE):
            some = wanted[first : first + CHECKED_AT_ONCE]
            answer = self._wire.ask(f"{self._wire.url}/api/graphql", {"query": _question(some)})
            found |= shaped(partial(_answers, some), answer)
        return found

    def approvals(self, project_id: int, iid: int) -> Approvals:
        """Who approved it, and what this identity may do (doc/api/merge_request_approvals.md)."""
        found = self._wire.get(f"{_one(project_id, iid)}/approvals", missing=_none(iid))
        return shaped(shapes.approvals, found)

    def commits_of_merge_request(self, project_id: int, iid: int) -> list[Commit]:
        """What it brings, newest first, at most 100 commits."""
        query = {"per_page": PER_PAGE}
        found = self._wire.get(f"{_one(project_id, iid)}/commits", query, missing=_none(iid))
        return each(commit, found)

    def approve(self, project_id: int, iid: int, sha: str) -> Approvals:
        """Approves it at this head.

        GitLabSaidNo: 401 for who may not, or has already; 409 if the head is another by now.
        """
        given = self._wire.post(f"{_one(project_id, iid)}/approve", {"sha": sha}, missing=_none(iid))
        return shaped(shapes.approvals, given)

    def unapprove(self, project_id: int, iid: int) -> Approvals:
        """Takes this identity's approval back; GitLabSaidNo(401) if there is none."""
        return shaped(
            shapes.approvals, self._wire.post(f"{_one(project_id, iid)}/unapprove", missing=_none(iid))
        )

    def merge(
        self, project_id: int, iid: int, sha: str, *, squash: bool = False, auto: bool = False
    ) -> MergeRequest:
        """Merges it at this head; with `auto`, once nothing is in the way any more.

        GitLabSaidNo: 401 for who may not, 405 if it cannot be merged now, 409 if the head is another by now, 422 if
        merging failed. `auto_merge` is the name from 17.11 on (gitlab-api.md 6).
        """
        body: dict[str, Any] = {"sha": sha}
        body |= {"squash": True} if squash else {}
        body |= {"auto_merge": True, "merge_when_pipeline_succeeds": True} if auto else {}
        merged = self._wire.put(f"{_one(project_id, iid)}/merge", body, missing=_none(iid))
        return shaped(shapes.merge_request, merged)


def _one(project_id: int, iid: int) -> str:
    return f"/projects/{project_id}/merge_requests/{iid}"


def _none(iid: int) -> str:
    """GitLab answers the same for what is not there and for what may not be seen."""
    return f"There is no merge request !{iid} there, or you may not see it. Check its number."


def _newest(most: int) -> dict[str, Any]:
    return {"order_by": "updated_at", "sort": "desc", "per_page": max(1, min(most, PER_PAGE))}


def _question(wanted: Sequence[Reference]) -> str:
    """A JSON string is a GraphQL string too (spec, 2.9.4)."""
    return (
        "query{"
        + " ".join(
            f'm{n}:project(fullPath:{json.dumps(one.project)}){{mergeRequest(iid:"{one.iid}"){{{_CHECKS}}}}}'
            for n, one in enumerate(wanted)
        )
        + "}"
    )


def _answers(wanted: Sequence[Reference], answer: Mapping[str, Any]) -> dict[Reference, Checks]:
    """What GitLab does not show, it answers with null; errors come with status 200."""
    data = answer.get("data")
    if answer.get("errors") or not isinstance(data, Mapping):
        raise GitLabSaidNo("GitLab does not answer questions about several merge requests.", status=200)
    shown = {one: (data.get(f"m{n}") or {}).get("mergeRequest") for n, one in enumerate(wanted)}
    return {one: shapes.checks(found) for one, found in shown.items() if found}
