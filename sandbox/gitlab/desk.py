"""What every route needs: the state, the runner, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab.answers import Refused, forbidden, not_found
from sandbox.gitlab.nouns import Job, Person, Pipeline, Project
from sandbox.gitlab.people import DEVELOPER, Token, level
from sandbox.gitlab.runner import Runner
from sandbox.gitlab.state import State

EXPIRED = "Token is expired. You can either do re-authorization or token refresh."
REVOKED = "Token was revoked. You have to re-authorize from the user."
TOO_FEW = "The request requires higher privileges than provided by the access token."
#: GitLab writes two blanks here.
BLOCKED = "403 Forbidden  - Your account has been blocked."
#: What `read_user` is enough for, and what a token of any scope may ask about itself.
IDENTITY = frozenset({"/api/v4/user", "/api/v4/users", "/api/v4/version", "/api/v4/metadata"})
ANY_SCOPE = "/api/v4/personal_access_tokens/self"


@dataclass(frozen=True, slots=True)
class Desk:
    """Finds what a request is about, as far as its person may see it."""

    state: State
    runner: Runner

    def token(self, request: web.Request) -> Token | None:
        """The token a request carries; None when it carries none that is known.

        PRIVATE-TOKEN holds personal tokens only, a bearer either kind (doc/api/rest/authentication.md).
        """
        private = request.headers.get("PRIVATE-TOKEN")
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        given = bearer.strip() if private is None and scheme.lower() == "bearer" else private or ""
        personal = next((one for one in self.state.tokens.values() if one.text == given), None)
        return self.state.oauth.token(given) if personal is None and private is None else personal

    def carries_token(self, request: web.Request) -> bool:
        return "PRIVATE-TOKEN" in request.headers or "Authorization" in request.headers

    def person(self, request: web.Request) -> Person:
        """Who is asking. Raises Refused: 401 for a token that does not work, 403 for what it is not for."""
        token = self.token(request)
        if token is None:
            raise Refused(401, {"message": "401 Unauthorized"})
        if token.expired(self.state.clock()):
            raise Refused(401, {"error": "invalid_token", "error_description": EXPIRED})
        if token.revoked:
            raise Refused(401, {"error": "invalid_token", "error_description": REVOKED})
        _check_scope(token, request)
        if token.person.username in self.state.blocked:
            raise Refused(403, {"message": BLOCKED})
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


def _check_scope(token: Token, request: web.Request) -> None:
    """Reading wants `read_api` or `api`, some of it `read_user`; changing wants `api` (gitlab-api.md 8).

    The answer names every scope the route knows, whatever the method.
    """
    known = ["api", "read_api", *(["read_user"] if request.path in IDENTITY else [])]
    enough = set(known) if request.method in ("GET", "HEAD") else {"api"}
    if request.path != ANY_SCOPE and not enough & set(token.scopes):
        body = {"error": "insufficient_scope", "error_description": TOO_FEW, "scope": " ".join(known)}
        raise Refused(403, body)


def number(request: web.Request, name: str) -> int:
    """A number of the path. Raises Refused (400) as Grape does."""
    text = request.match_info[name]
    if not text.isdigit():
        raise Refused(400, {"error": f"{name} is invalid"})
    return int(text)
