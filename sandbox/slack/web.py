"""The Web API at the wire: tokens, scopes, rate limits, bodies of either kind, and ordered faults."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack import (
    bookmarks,
    chat,
    conversations,
    files,
    groups,
    managing,
    pins,
    reactions,
    users,
    views,
)
from sandbox.slack.faults import Faults
from sandbox.slack.limits import RateLimited
from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import APP, Body
from sandbox.slack.refusal import Refusal
from sandbox.slack.sockets import Sockets

OUTAGE = "<html><head><title>Server Error</title></head><body>upstream connect error</body></html>"
"""What a proxy in front of Slack answers; HTML, not JSON (slack-platform.md 5.4)."""
OPEN_SOCKET = "apps.connections.open"


class WebApi:
    """Answers POST and GET /api/<method>. `tokens` maps a valid token to its kind (xoxb- or xapp-)."""

    def __init__(self, desk: Desk, sockets: Sockets, faults: Faults, tokens: dict[str, str]) -> None:
        self.desk = desk
        self.sockets = sockets
        self.faults = faults
        self.tokens = tokens
        self.calls: Counter[str] = Counter()
        own = {OPEN_SOCKET: Method(self._open_socket, tier=3, token="xapp-")}
        parts = (chat, conversations, managing, pins, bookmarks, reactions, users, files, views, groups)
        self.methods: dict[str, Method] = own | {
            name: each for part in parts for name, each in part.METHODS.items()
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        name = request.match_info["method"]
        self.calls[name] += 1
        if (broken := await weather(request, self.faults)) is not None:
            return broken
        if fault := self.faults.strikes("429"):
            return _limited(int(fault.arg))
        method = self.methods.get(name)
        try:
            body = self._call(name, method, request, await arguments_of(request))
        except RateLimited as limited:
            return _limited(limited.retry_after)
        except Refusal as refusal:
            return self._response(refusal.body(), method)
        if method is not None and method.changes and (lost := lose(request, self.faults)) is not None:
            return lost
        return self._response(body, method)

    def _call(
        self, name: str, method: Method | None, request: web.Request, values: Mapping[str, Any]
    ) -> Body:
        if method is None:
            raise Refusal("unknown_method", req_method=name)
        self._authorise(request, values, method, name)
        self.desk.needs(*method.scopes)
        if method.tier is not None:
            self.desk.limits.call(name, method.tier)
        return method.run(self.desk, Arguments(values))

    def _authorise(self, request: web.Request, values: Mapping[str, Any], method: Method, name: str) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not token and name != OPEN_SOCKET and request.content_type != "application/json":
            token = str(values.get("token", ""))
        if not token:
            raise Refusal("not_authed")
        kind = self.tokens.get(token)
        if kind is None:
            raise Refusal("invalid_auth")
        if kind != method.token:
            raise Refusal("not_allowed_token_type")

    def _open_socket(self, desk: Desk, arguments: Arguments) -> Body:
        address = desk.base_url.replace("http://", "ws://")
        return {"ok": True, "url": f"{address}/link/?ticket={self.sockets.ticket()}&app_id={APP}"}

    def _response(self, body: Body, method: Method | None) -> web.Response:
        headers = {"x-slack-req-id": secrets.token_hex(16)}
        if method is not None and method.token == "xoxb-":
            headers["x-oauth-scopes"] = ",".join(sorted(self.desk.scopes))
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        return web.json_response(body, headers=headers)


async def arguments_of(request: web.Request) -> Mapping[str, Any]:
    """The arguments of a call, from JSON or a form. Raises invalid_json, invalid_form_data."""
    if request.method == "GET" or not request.can_read_body:
        return dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise Refusal("invalid_json") from None
        if not isinstance(body, dict):
            raise Refusal("json_not_object")
        return body
    try:
        return {**request.query, **await request.post()}
    except ValueError:
        raise Refusal("invalid_form_data") from None


async def weather(request: web.Request, faults: Faults) -> web.Response | None:
    """Apply the faults that befall any request: down, slow, 500. None if it may go on."""
    if faults.strikes("down"):
        return cut(request)
    if fault := faults.strikes("slow"):
        await asyncio.sleep(fault.arg)
    if faults.strikes("500"):
        return web.Response(status=500, text=OUTAGE, content_type="text/html")
    return None


def lose(request: web.Request, faults: Faults) -> web.Response | None:
    """Lose the answer to a change that has been made: 502-after, cut-after. None if it may be given."""
    if faults.strikes("502-after"):
        return web.Response(status=502, text=OUTAGE, content_type="text/html")
    return cut(request) if faults.strikes("cut-after") else None


def cut(request: web.Request) -> web.Response:
    """End the TCP connection without an answer; the response is never seen."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def _limited(seconds: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})
