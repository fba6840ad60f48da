"""REST routes of issues: lists, one, create, change and move (doc/api/issues.md)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import Refused, forbidden, missing, not_found, page, payload
from sandbox.gitlab.desk import Desk, number
from sandbox.gitlab.issue_bodies import issue_anywhere, issue_body, issue_whole
from sandbox.gitlab.issue_changes import create_issue, update_issue
from sandbox.gitlab.issue_filters import filtered
from sandbox.gitlab.issue_moves import CannotMove, move_issue
from sandbox.gitlab.issue_params import for_change, for_new
from sandbox.gitlab.issue_rights import may_create, may_edit, may_see
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.nouns import LEVELS, Person, Project
from sandbox.gitlab.people import level


@dataclass(frozen=True, slots=True)
class IssueRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        issues = "/api/v4/projects/{id}/issues"
        return [
            web.get("/api/v4/issues", self.everywhere),
            web.get("/api/v4/groups/{id}/issues", self.of_group),
            web.get(issues, self.issues),
            web.post(issues, self.create),
            web.get(f"{issues}/{{issue_iid}}", self.issue),
            web.put(f"{issues}/{{issue_iid}}", self.update),
            web.post(f"{issues}/{{issue_iid}}/move", self.move),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def issues(self, request: web.Request) -> web.Response:
        project, person = self.desk.project(request), self.desk.person(request)
        rows = [one for one in self.desk.state.tracker.issues_of(project) if may_see(person, one)]
        shown = filtered(rows, request.query, person)
        return page(request, shown, _id, lambda one: issue_body(one, self.url))

    async def everywhere(self, request: web.Request) -> web.Response:
        """Across projects; those of oneself unless `scope` says otherwise."""
        return self._across(request, self.desk.person(request), "created_by_me", "")

    async def of_group(self, request: web.Request) -> web.Response:
        """Of all projects in a group and in the groups in it."""
        person = self.desk.person(request)
        group = self.desk.state.groups.group(person, request.match_info["id"])
        if group is None:
            raise not_found("Group")
        return self._across(request, person, "all", f"{group.path}/")

    def _across(self, request: web.Request, person: Person, scope: str, start: str) -> web.Response:
        """The issues of projects whose paths begin so."""
        seen = [one for one in self.desk.state.tracker.issues.values() if self._visible(person, one)]
        rows = [one for one in seen if one.project.path.startswith(start)]
        shown = filtered(rows, request.query, person, scope)
        return page(request, shown, _id, lambda one: issue_anywhere(one, self.url))

    def _visible(self, person: Person, issue: Issue) -> bool:
        return self.desk.state.visible(person, str(issue.project.id)) is not None and may_see(person, issue)

    async def issue(self, request: web.Request) -> web.Response:
        found = seen_issue(self.desk, request)
        return web.json_response(issue_whole(found, self.desk.person(request), self.url))

    async def create(self, request: web.Request) -> web.Response:
        project, person = self.desk.project(request), self.desk.person(request)
        if not may_create(person, project):
            raise forbidden()
        wish = for_new(await payload(request))
        if level(person, project) < LEVELS["owner"]:
            wish.pop("created_at", None)
        made = create_issue(self.desk.state, project, person, wish)
        return web.json_response(issue_whole(made, person, self.url), status=201)

    async def update(self, request: web.Request) -> web.Response:
        issue, person = seen_issue(self.desk, request), self.desk.person(request)
        wish = for_change(await payload(request))
        if not may_edit(person, issue):
            raise forbidden()
        update_issue(self.desk.state, issue, person, wish)
        return web.json_response(issue_whole(issue, person, self.url))

    async def move(self, request: web.Request) -> web.Response:
        """201 with the new issue. Raises Refused: 404 for no such project, 400 with GitLab's own sentence."""
        issue, person = seen_issue(self.desk, request), self.desk.person(request)
        wanted = parameters.whole(await payload(request), "to_project_id")
        if wanted is None:
            raise missing("to_project_id")
        target = self.desk.state.projects.get(wanted)
        if target is None:
            raise not_found("Project")
        try:
            moved = move_issue(self.desk.state, issue, person, target)
        except CannotMove as why:
            raise Refused(400, {"message": str(why)}) from why
        return web.json_response(issue_whole(moved, person, self.url), status=201)


def seen_issue(desk: Desk, request: web.Request) -> Issue:
    """The issue of the path, if the person may see it. Raises Refused (404)."""
    project: Project = desk.project(request)
    found = desk.state.tracker.issue(project, number(request, "issue_iid"))
    if found is None or not may_see(desk.person(request), found):
        raise not_found("Issue")
    return found


def _id(issue: Issue) -> int:
    return issue.id
