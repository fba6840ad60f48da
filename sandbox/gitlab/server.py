"""FakeGitLab: a strict GitLab on loopback whose jobs really run."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.gitlab.act_words import DEFAULT_PROJECT
from sandbox.gitlab.acts import Acts
from sandbox.gitlab.answers import Refused
from sandbox.gitlab.chat_routes import ChatRoutes
from sandbox.gitlab.ci_routes import CiRoutes
from sandbox.gitlab.deploy_routes import DeployRoutes
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.discussion_routes import DiscussionRoutes
from sandbox.gitlab.faults import Handler, meet
from sandbox.gitlab.graphql_routes import GraphqlRoutes
from sandbox.gitlab.group_routes import GroupRoutes
from sandbox.gitlab.issue_routes import IssueRoutes
from sandbox.gitlab.label_routes import LabelRoutes
from sandbox.gitlab.link_routes import LinkRoutes
from sandbox.gitlab.looks import Look
from sandbox.gitlab.merge_routes import MergeRoutes
from sandbox.gitlab.merging import Merging
from sandbox.gitlab.note_routes import NoteRoutes
from sandbox.gitlab.oauth_routes import OAuthRoutes
from sandbox.gitlab.people import new_token, person_named
from sandbox.gitlab.people_routes import PeopleRoutes
from sandbox.gitlab.project_routes import ProjectRoutes
from sandbox.gitlab.repository_routes import RepositoryRoutes
from sandbox.gitlab.runner import Runner
from sandbox.gitlab.state import SLACK_APP_TOKEN, State
from sandbox.gitlab.upload_routes import UploadRoutes

#: Path parameters that hold a number or a project; the others keep their name in `calls`.
NUMBERED = re.compile(r"\{(id|pipeline_id|job_id|environment_id|deployment_id|freeze_period_id|user_id)\}")
NAMED = re.compile(r"\{(\w+)\}")
LARGEST_BODY = 16 * 1024 * 1024
ROOMS = (
    ProjectRoutes,
    GroupRoutes,
    RepositoryRoutes,
    PeopleRoutes,
    CiRoutes,
    DeployRoutes,
    IssueRoutes,
    NoteRoutes,
    DiscussionRoutes,
    LinkRoutes,
    MergeRoutes,
    LabelRoutes,
    UploadRoutes,
    ChatRoutes,
    GraphqlRoutes,
    OAuthRoutes,
)


class FakeGitLab:
    """GitLab 19 with the sandbox's projects and people. All methods run on the server's own loop."""

    def __init__(self, projects: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._state = State(projects, clock)
        self._runner = Runner(self._state)
        self._desk = Desk(self._state, self._runner)
        self._runner.ended.append(Merging(self._desk).ended)
        self._faults = self._state.faults
        self._site: web.AppRunner | None = None
        self.calls: Counter[str] = Counter()
        """How often each call was made, ids replaced: `POST /projects/:id/pipeline`."""

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, once started."""
        return self._state.url

    @property
    def version(self) -> int:
        """Grows with every change that somebody could see."""
        return self._state.version

    @property
    def bot_token(self) -> str:
        return self._state.tokens["bot"].text

    @property
    def tokens(self) -> Mapping[str, str]:
        """A personal token by user name; the bot's under `bot`."""
        return {name: token.text for name, token in self._state.tokens.items()}

    @property
    def application_id(self) -> str:
        """The OAuth application's id, the same in every sandbox. It is public: there is no secret."""
        return self._state.oauth.application_id

    @property
    def oauth_tokens(self) -> list[str]:
        """Every access and refresh token that was ever issued, alive or not."""
        return [text for one in self._state.oauth.tokens for text in (one.text, one.refresh)]

    def new_token(self, name: str, *scopes: str) -> str:
        """One more personal token for somebody, of these scopes (`api` when none is named)."""
        tokens, number = self._state.tokens, len(self._state.tokens)
        made = new_token(f"{name}-{number}", person_named(name), self._state.clock(), scopes or ("api",))
        tokens[f"{name}-{number}"] = made
        return made.text

    @property
    def chat_tokens(self) -> Mapping[str, str]:
        """The token of the slash-command integration by project path."""
        return {one.path: one.chat_token for one in self._state.projects.values()}

    @property
    def slack_app_token(self) -> str:
        return SLACK_APP_TOKEN

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes any free one."""
        app = web.Application(middlewares=[self._broken, self._answered], client_max_size=LARGEST_BODY)
        for room in ROOMS:
            app.add_routes(room(self._desk).routes())
        self._site = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._site.setup()
        await web.TCPSite(self._site, "127.0.0.1", port).start()
        self._state.url = f"http://127.0.0.1:{self._site.addresses[0][1]}"

    async def stop(self) -> None:
        """Kill every job and close the server."""
        await self._runner.stop()
        if self._site is not None:
            await self._site.cleanup()
            self._site = None

    async def act(self, name: str, what: str, rest: str) -> str:
        """Do a `:gitlab WHAT …` line as this person. Raises ValueError with a sentence."""
        return await Acts(self._desk).act(name, what, rest)

    async def get(self, path: str, project: str | None) -> Any:
        """What an administrator sees at a path below the project, or at an absolute one: JSON, or text.

        `notified` is no path of GitLab's: it tells who has got mail because a text named them, or `nobody`.
        `timeline/1` asks GraphQL for the timeline of an incident.
        """
        if path == "notified":
            return [asdict(one) for one in self._state.tracker.notices] or ["nobody"]
        look = Look(self.url, self._state.tokens["root"].text, project or DEFAULT_PROJECT)
        return await look.at(path)

    def break_(
        self, how: str, *, seconds: float | None = None, times: int | None = None, arg: float | None = None
    ) -> None:
        """Break something (faults.KINDS) for some seconds or requests. Raises ValueError with a sentence."""
        self._faults.add(how, seconds, times, arg)

    def mend(self) -> None:
        self._faults.clear()

    def _watched(self, request: web.Request) -> bool:
        """The administrator's own look is neither counted nor broken."""
        token = self._desk.token(request)
        return token is None or not token.person.admin

    @web.middleware
    async def _broken(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._watched(request):
            return await handler(request)
        fault = await self._faults.take(request)
        if fault is None or fault.how != "down":
            self.calls[call_name(request)] += 1
        return await handler(request) if fault is None else await meet(fault, request, handler)

    @web.middleware
    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn refusals and unknown routes into GitLab's bodies."""
        try:
            return await handler(request)
        except Refused as refused:
            return web.json_response(refused.body, status=refused.status)
        except web.HTTPMethodNotAllowed:
            return web.json_response({"error": "405 Not Allowed"}, status=405)
        except web.HTTPNotFound:
            return web.json_response({"error": "404 Not Found"}, status=404)


def call_name(request: web.Request) -> str:
    """The method and route of a request with its ids replaced, below `/api/v4`."""
    resource = request.match_info.route.resource
    path = request.path if resource is None else resource.canonical
    for prefix in ("/api/v4", "/api"):
        path = path.removeprefix(prefix)
    named = NAMED.sub(r":\1", NUMBERED.sub(":id", path))
    return f"{request.method} {named}"
