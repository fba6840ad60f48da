"""A world that remembers every byte the bot sends to Slack and to GitLab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from aiohttp import web

from sandbox.gitlab import FakeGitLab
from sandbox.gitlab.faults import Handler
from sandbox.slack import FakeSlack
from sandbox.slack.methods import Method
from sandbox.slack.web import WebApi
from sandbox.world import PROJECTS, World

#: Headers that carry a token by design.
CREDENTIALS = frozenset({"authorization", "private-token"})
#: Form fields that carry a secret by design, by the path they belong to (RFC 8628, 3.4; RFC 6749, 6; RFC 7009, 2.1).
FIELDS = {"/oauth/token": {"device_code", "refresh_token"}, "/oauth/revoke": {"token"}}


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def open_text(self) -> str:
        """All of it but the places where a secret belongs."""
        own = FIELDS.get(self.path.partition("?")[0], set())
        body = self.body.decode("utf-8", "replace")
        if own:
            body = "&".join(value for name, value in parse_qsl(body) if name not in own)
        headers = [
            f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in CREDENTIALS
        ]
        return "\n".join([unquote_plus(self.path), *headers, body, unquote_plus(body)])


async def heard(request: web.Request) -> Heard:
    return Heard(request.path_qs, dict(request.headers), await request.read())


class HearingGitLab(FakeGitLab):
    """The sandbox's GitLab; while `echoes`, it refuses pipelines in words that hold the caller's token."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.heard: list[Heard] = []
        self.echoes = False

    @web.middleware
    async def _broken(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if self.echoes and request.method == "POST" and request.path.endswith(("/pipeline", "/retry")):
                token = request.headers.get("Authorization", "").partition(" ")[2]
                said = f"Reference of {token} not found; Authorization: Bearer {token}"
                return web.json_response({"message": {"base": [said]}}, status=400)
            return await super()._broken(request, handler)
        finally:
            self.heard.append(await heard(request))  # Read first, there would be no body left to be read.


class HearingApi(WebApi):
    """Slack's Web API, which notes what it is called with."""

    heard: list[Heard]

    def _call(
        self, name: str, method: Method | None, request: web.Request, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        told = json.dumps({key: str(value) for key, value in values.items()}, ensure_ascii=False)
        self.heard.append(Heard(name, dict(request.headers), told.encode()))
        return super()._call(name, method, request, values)


class HearingSlack(FakeSlack):
    """The sandbox's Slack."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.web = HearingApi(self.desk, self.sockets, self.faults, self.tokens)
        self.heard: list[Heard] = []
        self.web.heard = self.heard

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        self.heard.append(await heard(request))
        return await super()._upload(request)

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        self.heard.append(await heard(request))
        return await super()._hook(request)


@dataclass(slots=True)
class Secrets:
    """Everything that must be found nowhere, by what it is."""

    known: dict[str, str] = field(default_factory=dict)

    def hits(self, where: str, text: str | bytes) -> list[str]:
        """What stands in a text, by name."""
        data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        return [f"{name} in {where}" for name, secret in self.known.items() if secret.encode() in data]


class HearingWorld(World):
    """A world with both."""

    def _start_servers(self) -> None:
        self.slack = self._loop.ask(HearingSlack)
        self.gitlab = self._loop.ask(lambda: HearingGitLab(PROJECTS))
        for server in (self.slack, self.gitlab):
            self._ends.callback(self._stop, server)
            self.call(server.start())
