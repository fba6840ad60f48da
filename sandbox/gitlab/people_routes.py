"""REST routes of accounts, members and personal tokens (doc/api/users.md, members.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.gitlab.answers import Refused, moment, not_found, page
from sandbox.gitlab.bodies import CREATED, user_basic, user_current, user_of_job
from sandbox.gitlab.desk import Desk, number
from sandbox.gitlab.nouns import Person, Project
from sandbox.gitlab.oauth import OAuthToken
from sandbox.gitlab.people import ALERT_BOT, EVERYONE, ROOT, Token, project_bot

FIRST_TOKEN_ID = 4101


@dataclass(frozen=True, slots=True)
class PeopleRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        members = "/api/v4/projects/{id}/members/all"
        return [
            web.get("/api/v4/user", self.user),
            web.get("/api/v4/users", self.users),
            web.get("/api/v4/users/{user_id}", self.one),
            web.get("/api/v4/personal_access_tokens/self", self.token),
            web.get(members, self.members),
            web.get(f"{members}/{{user_id}}", self.member),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def user(self, request: web.Request) -> web.Response:
        return web.json_response(user_current(self.desk.person(request), self.url))

    async def users(self, request: web.Request) -> web.Response:
        """`username` has to be the whole name, in any case; `search` a part of a name."""
        self.desk.person(request)
        rows, query = self._accounts(), request.query
        if "username" in query:
            rows = [one for one in rows if one.username == query["username"].lower()]
        words = query.get("search", "").lower()
        rows = [one for one in rows if words in one.username or words in one.name.lower()]
        return page(request, rows, _id, lambda one: self._listed(one) | {"public_email": ""})

    async def one(self, request: web.Request) -> web.Response:
        """Anybody's public page, which says whether it is an automation's (doc/api/users.md)."""
        self.desk.person(request)
        wanted = number(request, "user_id")
        found = next((one for one in self._accounts() if one.id == wanted), None)
        if found is None:
            raise not_found("User")
        return web.json_response(user_of_job(found, self.url) | self._listed(found) | {"is_followed": False})

    def _accounts(self) -> list[Person]:
        """People, GitLab's own account, and those behind the access tokens of projects."""
        projects = self.desk.state.visible_projects(ROOT)
        return [*reversed(EVERYONE), ALERT_BOT, *(project_bot(one) for one in projects)]

    async def token(self, request: web.Request) -> web.Response:
        """Of personal tokens alone: an OAuth token is none (gitlab-api.md 3.2)."""
        self.desk.person(request)
        token = self.desk.token(request)
        if token is None or isinstance(token, OAuthToken):
            raise Refused(401, {"message": "401 Unauthorized"})
        number = FIRST_TOKEN_ID + [*self.desk.state.tokens.values()].index(token)
        return web.json_response(_token_body(token, number, self.desk.state.clock()))

    async def members(self, request: web.Request) -> web.Response:
        """Everybody with a role in the project, whatever gave it to them."""
        project, query = self.desk.project(request), request.query
        rows = [one for one in EVERYONE if project.members.get(one.username)]
        wanted = {*query.getall("user_ids[]", []), *query.getall("user_ids", [])[-1:]}
        rows = [one for one in rows if not wanted or str(one.id) in wanted]
        words = query.get("query", "").lower()
        rows = [one for one in rows if words in one.username or words in one.name.lower()]
        return page(request, rows, _id, lambda one: self._member(one, project))

    async def member(self, request: web.Request) -> web.Response:
        project, wanted = self.desk.project(request), number(request, "user_id")
        found = next(
            (one for one in EVERYONE if one.id == wanted and project.members.get(one.username)), None
        )
        if found is None:
            raise Refused(404, {"message": "404 Not found"})
        return web.json_response(self._member(found, project) | {"public_email": ""})

    def _listed(self, person: Person) -> dict[str, Any]:
        state = "blocked" if person.username in self.desk.state.blocked else "active"
        return user_basic(person, self.url) | {"state": state, "locked": False}

    def _member(self, person: Person, project: Project) -> dict[str, Any]:
        return self._listed(person) | {
            "access_level": project.members[person.username],
            "created_at": moment(CREATED),
            "created_by": user_basic(ROOT, self.url),
            "expires_at": None,
            "membership_state": "active",
        }


def _token_body(token: Token, number: int, now: float) -> dict[str, Any]:
    end = token.expires_at
    return {
        "id": number,
        "name": f"{token.person.username} in the sandbox",
        "revoked": token.revoked,
        "created_at": moment(token.created_at),
        "description": None,
        "scopes": list(token.scopes),
        "user_id": token.person.id,
        "last_used_at": moment(now),
        "active": True,
        "expires_at": None if end is None else datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%d"),
    }


def _id(person: Person) -> int:
    return person.id
