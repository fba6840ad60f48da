"""REST routes of an issue's links: list, create, one, delete (doc/api/issue_links.md)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import Refused, missing, not_found, payload
from sandbox.gitlab.desk import Desk, number
from sandbox.gitlab.issue_bodies import link_body, linked_body
from sandbox.gitlab.issue_rights import may_see
from sandbox.gitlab.issue_routes import seen_issue
from sandbox.gitlab.issues import Issue, IssueLink
from sandbox.gitlab.links import FREE, LINK_TYPES, NotLinked, link_issues, unlink_issues
from sandbox.gitlab.nouns import Person


@dataclass(frozen=True, slots=True)
class LinkRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        links = "/api/v4/projects/{id}/issues/{issue_iid}/links"
        return [
            web.get(links, self.links),
            web.post(links, self.create),
            web.get(f"{links}/{{issue_link_id}}", self.link),
            web.delete(f"{links}/{{issue_link_id}}", self.delete),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def links(self, request: web.Request) -> web.Response:
        """All of them, oldest first and without pages; what the person may not see is left out."""
        issue, person = seen_issue(self.desk, request), self.desk.person(request)
        rows = [
            one for one in self.desk.state.tracker.links_of(issue) if self._sees(person, one.other(issue))
        ]
        return web.json_response([linked_body(one, issue, self.url) for one in rows])

    async def create(self, request: web.Request) -> web.Response:
        """201 with both issues. Raises Refused: 400, 403, 404, 409 and 422 as GitLab answers them."""
        source, person = seen_issue(self.desk, request), self.desk.person(request)
        given = await payload(request)
        for name in ("target_project_id", "target_issue_iid"):
            if name not in given:
                raise missing(name)
        kind = parameters.chosen(given, "link_type", LINK_TYPES) or FREE
        target = self._target(person, str(given["target_project_id"]), str(given["target_issue_iid"]))
        try:
            made = link_issues(self.desk.state, source, target, person, kind)
        except NotLinked as why:
            raise Refused(why.status, {"message": str(why)}) from why
        return self._answer(made, person, 201)

    async def link(self, request: web.Request) -> web.Response:
        return self._answer(self._found(request), self.desk.person(request))

    async def delete(self, request: web.Request) -> web.Response:
        """200 with what was removed, as GitLab answers here."""
        found, person = self._found(request), self.desk.person(request)
        try:
            unlink_issues(self.desk.state, found, person)
        except NotLinked as why:
            raise Refused(why.status, {"message": str(why)}) from why
        return self._answer(found, person)

    def _answer(self, link: IssueLink, person: Person, status: int = 200) -> web.Response:
        return web.json_response(link_body(link, person, self.url), status=status)

    def _found(self, request: web.Request) -> IssueLink:
        """The link of the path. Raises Refused (404), also for one whose other end the person may not see."""
        issue, wanted = seen_issue(self.desk, request), number(request, "issue_link_id")
        rows = self.desk.state.tracker.links_of(issue)
        found = next((one for one in rows if one.id == wanted), None)
        if found is None:
            raise Refused(404, {"message": "404 Not found"})
        if not self._sees(self.desk.person(request), found.other(issue)):
            raise not_found("Issue")
        return found

    def _target(self, person: Person, project: str, iid: str) -> Issue:
        found = self.desk.state.visible(person, project)
        if found is None:
            raise not_found("Project")
        target = self.desk.state.tracker.issue(found, int(iid)) if iid.isdigit() else None
        if target is None or not may_see(person, target):
            raise not_found("Issue")
        return target

    def _sees(self, person: Person, issue: Issue) -> bool:
        return self.desk.state.visible(person, str(issue.project.id)) is not None and may_see(person, issue)
