"""REST routes of merge requests: lists, one, its approvals, and merging it (doc/api/merge_requests.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab.answers import Refused, not_found, page, payload, said
from sandbox.gitlab.bodies import commit_body
from sandbox.gitlab.ci_bodies import pipeline_basic
from sandbox.gitlab.desk import Desk, number
from sandbox.gitlab.history import diffs
from sandbox.gitlab.issue_routes import seen_issue
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.merge_bodies import approvals_body, merge_request_body, merge_request_full
from sandbox.gitlab.merge_filters import filtered
from sandbox.gitlab.merge_requests import STATES, MergeRequest, Options
from sandbox.gitlab.mergeability import Mergeability
from sandbox.gitlab.merging import Merging
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import REPORTER, level


@dataclass(frozen=True, slots=True)
class MergeRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        project = "/api/v4/projects/{id}"
        one = f"{project}/merge_requests/{{merge_request_iid}}"
        return [
            web.get("/api/v4/merge_requests", self.everywhere),
            web.get(f"{project}/merge_requests", self.listed),
            web.get(f"{project}/repository/commits/{{sha}}/merge_requests", self.of_commit),
            web.get(f"{project}/issues/{{issue_iid}}/related_merge_requests", self.of_issue),
            web.get(one, self.one),
            web.get(f"{one}/commits", self.commits),
            web.get(f"{one}/diffs", self.diffs),
            web.get(f"{one}/pipelines", self.pipelines),
            web.get(f"{one}/approvals", self.approvals),
            web.post(f"{one}/approve", self.approve),
            web.post(f"{one}/unapprove", self.unapprove),
            web.put(f"{one}/merge", self.merge),
            web.post(f"{one}/cancel_merge_when_pipeline_succeeds", self.cancel_auto),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    @property
    def rules(self) -> Mergeability:
        return Mergeability(self.desk.state)

    async def everywhere(self, request: web.Request) -> web.Response:
        """Of all projects one may read; only those of one's own unless `scope` says otherwise."""
        person, state = self.desk.person(request), self.desk.state
        rows = [
            one for one in reversed(state.merge_requests.values()) if level(person, one.project) >= REPORTER
        ]
        return self._page(request, filtered(rows, request.query, person, "created_by_me"))

    async def listed(self, request: web.Request) -> web.Response:
        person = self.desk.require(request, REPORTER)
        rows = self.desk.state.merge_requests_of(self.desk.project(request))
        return self._page(request, filtered(rows, request.query, person, "all"))

    async def of_commit(self, request: web.Request) -> web.Response:
        """Those that a commit came with (doc/api/commits.md)."""
        self.desk.require(request, REPORTER)
        project, state = self.desk.project(request), request.query.get("state", "all")
        commit = project.commit(request.match_info["sha"])
        if commit is None:
            raise not_found("Commit")
        if state not in (*STATES, "all"):
            raise Refused(400, {"error": "state does not have a valid value"})
        rows = [one for one in self.desk.state.merge_requests_of(project) if one.holds(commit.sha)]
        return self._page(request, [one for one in rows if state in ("all", one.state)])

    async def of_issue(self, request: web.Request) -> web.Response:
        """Those whose title or description names the issue, as far as one may read them."""
        issue, person = seen_issue(self.desk, request), self.desk.person(request)
        rows = [one for one in reversed(self.desk.state.merge_requests.values()) if _names(one, issue)]
        return self._page(request, [one for one in rows if level(person, one.project) >= REPORTER])

    def _page(self, request: web.Request, rows: list[MergeRequest]) -> web.Response:
        return page(request, rows, lambda one: one.id, lambda one: merge_request_body(one, self.rules))

    async def one(self, request: web.Request) -> web.Response:
        """Looking at it makes GitLab check whether it can be merged, when it has not yet."""
        found = self._found(request)
        answer = self._full(request, found)
        found.checking = max(0, found.checking - 1)
        return answer

    async def commits(self, request: web.Request) -> web.Response:
        """Newest first."""
        found = self._found(request)
        rows = found.commits()[::-1]
        return page(request, rows, rows.index, lambda one: commit_body(one, found.project, self.url))

    async def diffs(self, request: web.Request) -> web.Response:
        found = self._found(request)
        rows = diffs(found.base.files, found.head.files)
        return page(request, rows, rows.index, dict)

    async def pipelines(self, request: web.Request) -> web.Response:
        """Those of the source branch on its commits, newest first."""
        found = self._found(request)
        shas = {one.sha for one in found.commits()}
        rows = [
            one
            for one in self.desk.state.pipelines_of(found.project)
            if one.ref == found.source and one.commit.sha in shas
        ]
        return page(request, rows, lambda one: one.id, lambda one: pipeline_basic(one, self.url))

    async def approvals(self, request: web.Request) -> web.Response:
        return self._approvals(request, self._found(request))

    async def approve(self, request: web.Request) -> web.Response:
        found, person = self._found(request), self.desk.person(request)
        Merging(self.desk).approve(found, person, (await payload(request)).get("sha"))
        return self._approvals(request, found, 201)

    async def unapprove(self, request: web.Request) -> web.Response:
        found = self._found(request)
        Merging(self.desk).unapprove(found, self.desk.person(request))
        return self._approvals(request, found, 201)

    async def merge(self, request: web.Request) -> web.Response:
        """`auto_merge` is the newer name of `merge_when_pipeline_succeeds` (gitlab-api.md 6)."""
        found, person, body = self._found(request), self.desk.person(request), await payload(request)
        options = Options(said(body, "squash"), said(body, "should_remove_source_branch"))
        auto = said(body, "auto_merge") or said(body, "merge_when_pipeline_succeeds") or False
        Merging(self.desk).merge(found, person, options, auto=auto, sha=body.get("sha"))
        return self._full(request, found)

    async def cancel_auto(self, request: web.Request) -> web.Response:
        """Whoever may merge it may call that off; 406 when nothing is to be called off."""
        found, person = self._found(request), self.desk.person(request)
        self.rules.check_person(found, person)
        if found.auto is None:
            raise Refused(406, {"message": "Can't cancel the automatic merge"})
        found.auto = None
        self.desk.state.touch()
        return web.json_response({"status": "success"}, status=201)

    def _found(self, request: web.Request) -> MergeRequest:
        """The merge request of the path. Raises Refused: 403 for guests, 404 when there is none."""
        self.desk.require(request, REPORTER)
        wanted = number(request, "merge_request_iid")
        rows = self.desk.state.merge_requests_of(self.desk.project(request))
        found = next((one for one in rows if one.iid == wanted), None)
        if found is None:
            raise Refused(404, {"message": "404 Not found"})
        return found

    def _full(self, request: web.Request, found: MergeRequest) -> web.Response:
        person: Person = self.desk.person(request)
        return web.json_response(merge_request_full(found, person, self.rules))

    def _approvals(self, request: web.Request, found: MergeRequest, status: int = 200) -> web.Response:
        body = approvals_body(found, self.desk.person(request), self.rules)
        return web.json_response(body, status=status)


def _names(one: MergeRequest, issue: Issue) -> bool:
    """Whether a text of it holds `#1`, or the issue's whole reference."""
    name = re.escape(issue.named_from(one.project))
    text = f"{one.title}\n{one.description}"
    return re.search(rf"(?<![\w/]){name}(?!\d)|{re.escape(issue.reference)}(?!\d)", text) is not None
