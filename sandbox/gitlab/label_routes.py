"""REST routes of a project's labels: the list, and one (doc/api/labels.md)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab.answers import flag, not_found, page
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.fuzzy import matches
from sandbox.gitlab.issue_bodies import label_listed
from sandbox.gitlab.issue_rights import may_see
from sandbox.gitlab.issues import Label


@dataclass(frozen=True, slots=True)
class LabelRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        labels = "/api/v4/projects/{id}/labels"
        return [web.get(labels, self.labels), web.get(f"{labels}/{{label_id}}", self.label)]

    async def labels(self, request: web.Request) -> web.Response:
        """By name; `search` looks in names and descriptions, `with_counts` adds how often each is used."""
        project, person = self.desk.project(request), self.desk.person(request)
        rows = sorted(self.desk.state.tracker.labels_of(project).values(), key=lambda one: one.name.lower())
        wanted = request.query.get("search", "")
        rows = [one for one in rows if not wanted or matches(wanted, one.name, one.description)]
        issues = [one for one in self.desk.state.tracker.issues_of(project) if may_see(person, one)]
        counted = issues if flag(request, "with_counts") else None
        return page(request, rows, _id, lambda one: label_listed(one, counted))

    async def label(self, request: web.Request) -> web.Response:
        """By its number or its name."""
        project, key = self.desk.project(request), request.match_info["label_id"]
        known = self.desk.state.tracker.labels_of(project)
        found = next((one for one in known.values() if str(one.id) == key), known.get(key))
        if found is None:
            raise not_found("Label")
        return web.json_response(label_listed(found, None))


def _id(label: Label) -> int:
    return label.id
