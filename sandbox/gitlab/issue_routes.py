"""REST routes of issues: reading them (doc/api/issues.md); they are made in GitLab's own pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.gitlab.answers import Refused, not_found, page, read_moment
from sandbox.gitlab.desk import Desk, number
from sandbox.gitlab.issues import SEVERITIES, TYPES, Issue, issue_body

STATES = ("opened", "closed", "all")
ORDERS: Mapping[str, Callable[[Issue], Any]] = {
    "created_at": lambda one: (one.created_at, one.id),
    "updated_at": lambda one: (one.updated_at, one.id),
    "title": lambda one: (one.title, one.id),
    "severity": lambda one: (SEVERITIES.index(one.severity), one.id),
}


@dataclass(frozen=True, slots=True)
class IssueRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        issues = "/api/v4/projects/{id}/issues"
        return [web.get(issues, self.issues), web.get(f"{issues}/{{issue_iid}}", self.issue)]

    async def issues(self, request: web.Request) -> web.Response:
        rows = filtered(self.desk.state.issues_of(self.desk.project(request)), request.query)
        return page(request, rows, lambda one: one.id, lambda one: issue_body(one, self.desk.state.url))

    async def issue(self, request: web.Request) -> web.Response:
        project, wanted = self.desk.project(request), number(request, "issue_iid")
        found = next((one for one in self.desk.state.issues_of(project) if one.iid == wanted), None)
        if found is None:
            raise not_found("Issue")
        person = self.desk.person(request)
        more = {"subscribed": found.author is person}
        return web.json_response(issue_body(found, self.desk.state.url) | more)


def filtered(rows: list[Issue], query: Mapping[str, str]) -> list[Issue]:
    """The issues a list asks for, in its order. Raises Refused (400) for values GitLab does not know."""
    _check(query)
    wanted, words = query.get("labels"), query.get("search", "").lower()
    if query.get("state", "all") != "all":
        rows = [one for one in rows if one.state == query["state"]]
    if "issue_type" in query:
        rows = [one for one in rows if one.type == query["issue_type"]]
    rows = [one for one in rows if wanted is None or _labelled(one, wanted)]
    rows = [one for one in rows if words in one.title.lower() and _in_time(one, query)]
    down = query.get("sort", "desc") == "desc"
    return sorted(rows, key=ORDERS[query.get("order_by", "created_at")], reverse=down)


def _check(query: Mapping[str, str]) -> None:
    allowed = {"state": STATES, "issue_type": TYPES, "order_by": ORDERS, "sort": ("asc", "desc")}
    for name, values in allowed.items():
        if name in query and query[name] not in values:
            raise Refused(400, {"error": f"{name} does not have a valid value"})


def _labelled(issue: Issue, wanted: str) -> bool:
    """All labels of the list; `None` and `Any` ask whether there are any (doc/api/issues.md)."""
    if wanted.lower() in ("none", "any"):
        return bool(issue.labels) is (wanted.lower() == "any")
    names = [name.strip().lower() for name in wanted.split(",") if name.strip()]
    return set(names) <= {label.lower() for label in issue.labels}


def _in_time(issue: Issue, query: Mapping[str, str]) -> bool:
    for what, at in (("updated", issue.updated_at), ("created", issue.created_at)):
        after, before = f"{what}_after", f"{what}_before"
        if after in query and at < read_moment(query[after], after):
            return False
        if before in query and at > read_moment(query[before], before):
            return False
    return True
