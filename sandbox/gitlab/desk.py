"""What every route needs: the state, the runner, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab.answers import Refused, forbidden, not_found
from sandbox.gitlab.nouns import Job, Person, Pipeline, Project
from sandbox.gitlab.people import DEVELOPER, Token, level
from sandbox.gitlab.runner import Runner
from sandbox.gitlab.state import State


@dataclass(frozen=True, slots=True)
class Desk:
    """Finds what a request is about, as far as its person may see it."""

    state: State
    runner: Runner

    def token(self, request: web.Request) -> Token | None:
        """The token a request carries, in either header; None when it carries none that is known."""
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        given = request.headers.get("PRIVATE-TOKEN") or bearer
        return next((one for one in self.state.tokens.values() if one.text == given), None)

    def carries_token(self, request: web.Request) -> bool:
        return "PRIVATE-TOKEN" in request.headers or "Authorization" in request.headers

    def person(self, request: web.Request) -> Person:
        """Who is asking. Raises Refused (401) for a wrong or revoked token."""
        token = self.token(request)
        if token is None:
            raise Refused(401, {"message": "401 Unauthorized"})
        if token.revoked:
            why = "Token was revoked. You have to re-authorize from the user."
            raise Refused(401, {"error": "invalid_token", "error_description": why})
        if token.scopes == ("read_api",) and request.method not in ("GET", "HEAD"):
            why = "The request requires higher privileges than provided by the access token."
            raise Refused(403, {"error": "insufficient_scope", "error_description": why, "scope": "api"})
        return token.person

    def project(self, request: web.Request) -> Project:
        """The project of the path. Raises Refused: 404 also for what the person may not see."""
        found = self.state.visible(self.person(request), request.match_info["id"])
        if found is None:
            raise not_found("Project")
        return found

    def pipeline(self, request: web.Request) -> Pipeline:
        """The pipeline of the path. Raises Refused (404)."""
        found = self.state.pipeline(self.project(request), number(request, "pipeline_id"))
        if found is None:
            raise not_found("Pipeline")
        return found

    def job(self, request: web.Request) -> Job:
        """The job of the path. Raises Refused (404)."""
        found = self.state.job(self.project(request), number(request, "job_id"))
        if found is None:
            raise Refused(404, {"message": "404 Not found"})
        return found

    def require(self, request: web.Request, wanted: int = DEVELOPER) -> Person:
        """The person, if their role in the project is at least this. Raises Refused (403)."""
        person = self.person(request)
        if level(person, self.project(request)) < wanted:
            raise forbidden()
        return person


def number(request: web.Request, name: str) -> int:
    """A number of the path. Raises Refused (400) as Grape does."""
    text = request.match_info[name]
    if not text.isdigit():
        raise Refused(400, {"error": f"{name} is invalid"})
    return int(text)
