"""OAuth's routes at the root of the server: device codes, tokens, revocation (doc/api/oauth2.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.gitlab.answers import payload
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.oauth import (
    OAuth,
    OAuthToken,
    device_body,
    info_body,
    missing_parameter,
    refused,
    token_body,
)

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
NO_STORE = {"Cache-Control": "no-store"}
#: What GitLab's own pages, not its API, answer when there is nothing at an address.
NO_PAGE = "<!DOCTYPE html><html><head><title>Not Found</title></head><body><h1>404: Page not found</h1></body></html>"


@dataclass(frozen=True, slots=True)
class OAuthRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/oauth/authorize_device", self.authorize_device),
            web.get("/oauth/device", self.device),
            web.post("/oauth/token", self.token),
            web.post("/oauth/revoke", self.revoke),
            web.get("/oauth/token/info", self.info),
        ]

    @property
    def oauth(self) -> OAuth:
        return self.desk.state.oauth

    async def authorize_device(self, request: web.Request) -> web.Response:
        """A new device code; 404 where GitLab is too old to know the grant."""
        if not self.oauth.device_grant:
            return _no_page()
        form = await payload(request)
        self.oauth.client(form.get("client_id"), form.get("client_secret"))
        made = self.oauth.begin(str(form.get("scope") or ""))
        self.desk.state.touch()
        return web.json_response(device_body(made, self.desk.state.url), headers=NO_STORE)

    async def device(self, request: web.Request) -> web.Response:
        """The page a person is sent to; it only says how the sandbox signs somebody in."""
        if not self.oauth.device_grant:
            return _no_page()
        code = request.query.get("user_code") or "CODE"
        return web.Response(text=f"To authorise this device, type in the sandbox: :gitlab authorize {code}\n")

    async def token(self, request: web.Request) -> web.Response:
        """Tokens by device code or by refresh token; no other grant is used here."""
        form = await payload(request)
        kind = form.get("grant_type")
        if not kind:
            raise missing_parameter("grant_type")
        if kind == "refresh_token":
            made = self._refresh(form)
        elif kind == DEVICE_GRANT and self.oauth.device_grant:
            self.oauth.client(form.get("client_id"), form.get("client_secret"))
            made = self.oauth.poll(form.get("device_code"))
        else:
            raise refused("unsupported_grant_type")
        self.desk.state.touch()
        return web.json_response(token_body(made), headers=NO_STORE)

    def _refresh(self, form: Mapping[str, Any]) -> OAuthToken:
        """Without a client the token is somebody else's: Doorkeeper answers `invalid_grant` then."""
        if not form.get("refresh_token"):
            raise missing_parameter("refresh_token")
        if not form.get("client_id"):
            raise refused("invalid_grant")
        self.oauth.client(form["client_id"], form.get("client_secret"))
        return self.oauth.refresh(form["refresh_token"], str(form.get("scope") or ""))

    async def revoke(self, request: web.Request) -> web.Response:
        """200 whether the token was known or not (RFC 7009, 2.2)."""
        form = await payload(request)
        if form.get("client_id") != self.oauth.application_id or form.get("client_secret"):
            raise refused("unauthorized_client")
        self.oauth.revoke(form.get("token"))
        self.desk.state.touch()
        return web.json_response({})

    async def info(self, request: web.Request) -> web.Response:
        """Only for OAuth tokens that still work."""
        token, now = self.desk.token(request), self.desk.state.clock()
        if not isinstance(token, OAuthToken) or token.revoked or token.expired(now):
            raise refused("invalid_token")
        return web.json_response(info_body(token, self.oauth.application_id, now))


def _no_page() -> web.Response:
    return web.Response(status=404, text=NO_PAGE, content_type="text/html")
