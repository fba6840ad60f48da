"""REST routes of groups, namespaces and lists of projects, and of making one (doc/api/groups.md, projects.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import flag, not_found, page, payload
from sandbox.gitlab.bodies import project_full, project_simple
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.fuzzy import matches
from sandbox.gitlab.groups import group_body, level_in, namespace_body
from sandbox.gitlab.nouns import LEVELS, Namespace, Person, Project
from sandbox.gitlab.project_creation import create_project, read_plan
from sandbox.gitlab.project_lists import ROLES, listed, project_page

ORDERS = ("name", "path", "id", "similarity")


@dataclass(frozen=True, slots=True)
class GroupRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        group = "/api/v4/groups/{id}"
        return [
            web.get("/api/v4/projects", self.projects),
            web.post("/api/v4/projects", self.create),
            web.get("/api/v4/groups", self.groups),
            web.get(group, self.group),
            web.get(f"{group}/projects", self.projects_of),
            web.get("/api/v4/namespaces", self.namespaces),
            web.get("/api/v4/namespaces/{id}", self.namespace),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def projects(self, request: web.Request) -> web.Response:
        """What the person may see, newest first."""
        person = self.desk.person(request)
        return self._listed(request, self.desk.state.visible_projects(person), person)

    async def projects_of(self, request: web.Request) -> web.Response:
        """Those of a group, and with `include_subgroups` of the groups in it."""
        group, person = self._group(request), self.desk.person(request)
        deep = flag(request, "include_subgroups")
        rows = [one for one in self.desk.state.visible_projects(person) if _is_in(one, group, deep=deep)]
        return self._listed(request, rows, person)

    def _listed(self, request: web.Request, rows: list[Project], person: Person) -> web.Response:
        simple = flag(request, "simple")
        found = listed(rows, request.query, person)
        return project_page(request, found, lambda one: self._shown(one, person, simple=simple))

    def _shown(self, project: Project, person: Person, *, simple: bool) -> dict[str, Any]:
        return project_simple(project, self.url) if simple else project_full(project, person, self.url)

    async def create(self, request: web.Request) -> web.Response:
        person = self.desk.person(request)
        plan = read_plan(self.desk.state, person, await payload(request))
        made = create_project(self.desk.state, person, plan)
        return web.json_response(project_full(made, person, self.url), status=201)

    async def groups(self, request: web.Request) -> web.Response:
        """The groups of the person, by name; at least of this role when one is given."""
        person, query = self.desk.person(request), request.query
        least = int(parameters.chosen(query, "min_access_level", ROLES) or 0)
        if parameters.yes(query, "owned"):
            least = LEVELS["owner"]
        parameters.chosen(query, "order_by", ORDERS)
        wanted, top = query.get("search", ""), parameters.yes(query, "top_level_only")
        rows = [one for one in self.desk.state.groups.groups_of(person) if level_in(person, one) >= least]
        rows = [one for one in rows if not wanted or matches(wanted, one.name, one.path)]
        rows = [one for one in rows if not (top and one.parent is not None)]
        if parameters.chosen(query, "sort", ("asc", "desc")) == "desc":
            rows.reverse()
        return page(request, rows, _id, lambda one: group_body(one, self.url))

    async def group(self, request: web.Request) -> web.Response:
        """One with its projects, unless `with_projects` is false."""
        group, person = self._group(request), self.desk.person(request)
        rows = [one for one in self.desk.state.visible_projects(person) if _is_in(one, group, deep=False)]
        found = group_body(group, self.url) | {
            "shared_with_groups": [],
            "prevent_sharing_groups_outside_hierarchy": False,
        }
        if parameters.yes(request.query, "with_projects") is not False:
            found |= {"projects": [project_simple(one, self.url) for one in rows], "shared_projects": []}
        return web.json_response(found)

    def _group(self, request: web.Request) -> Namespace:
        person = self.desk.person(request)
        found = self.desk.state.groups.group(person, request.match_info["id"])
        if found is None:
            raise not_found("Group")
        return found

    async def namespaces(self, request: web.Request) -> web.Response:
        """The person's own, and their groups."""
        person, wanted = self.desk.person(request), request.query.get("search", "")
        rows = [one for one in self._namespaces(person) if not wanted or matches(wanted, one.name, one.path)]
        return page(request, rows, _id, lambda one: namespace_body(one, self.url))

    async def namespace(self, request: web.Request) -> web.Response:
        found = self.desk.state.groups.named(request.match_info["id"])
        if found is None or found not in self._namespaces(self.desk.person(request)):
            raise not_found("Namespace")
        return web.json_response(namespace_body(found, self.url))

    def _namespaces(self, person: Person) -> list[Namespace]:
        groups = self.desk.state.groups
        return [groups.own(person), *groups.groups_of(person)]


def _is_in(project: Project, group: Namespace, *, deep: bool) -> bool:
    return project.namespace is group or (deep and project.path.startswith(f"{group.path}/"))


def _id(namespace: Namespace) -> int:
    return namespace.id
