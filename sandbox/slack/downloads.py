"""The content of files at their url_private, for those who may have it; a login page for everybody else."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from sandbox.slack.faults import Faults
from sandbox.slack.files import File, visible
from sandbox.slack.methods import Desk
from sandbox.slack.people import TEAM
from sandbox.slack.web import WebApi, weather

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Acme Dev</body></html>"
)
"""What Slack shows a browser that is not signed in: status 200 and HTML, where a file was asked for."""
CALL = "files-pri"
"""The name under which downloads are counted among the calls of the app."""


class Downloads:
    """GET /files-pri/…: needs the bot's token as Bearer and the scope files:read (slack-platform.md 3)."""

    def __init__(self, desk: Desk, web_api: WebApi, faults: Faults) -> None:
        self.desk = desk
        self.web_api = web_api
        self.faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One download. Without the right to it, Slack leads to its login page instead of refusing."""
        self.web_api.calls[CALL] += 1
        if (broken := await weather(request, self.faults)) is not None:
            return broken
        if not self._authorised(request):
            return web.Response(status=302, headers={"Location": f"/?redir={quote(request.path, safe='')}"})
        file = self.desk.files.held.get(request.match_info["key"].removeprefix(f"{TEAM}-"))
        if file is None or file.deleted or not visible(self.desk, file):
            return web.Response(status=404, text=LOGIN_PAGE, content_type="text/html")
        return _content(file, download="/download/" in request.path)

    def _authorised(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        kind = self.web_api.tokens.get(token) if scheme == "Bearer" else None
        return kind == "xoxb-" and "files:read" in self.desk.scopes

    async def login(self, request: web.Request) -> web.StreamResponse:
        """GET /: the login page."""
        return web.Response(text=LOGIN_PAGE, content_type="text/html")


def _content(file: File, download: bool) -> web.Response:
    headers = {"Content-Type": file.mimetype}
    if download:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return web.Response(body=file.content, headers=headers)
