"""REST routes of files: upload, list, and read one back (doc/api/project_markdown_uploads.md)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from sandbox.gitlab.answers import Refused, forbidden, missing, not_found, page
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.issue_rights import may_create
from sandbox.gitlab.nouns import Project
from sandbox.gitlab.people import MAINTAINER
from sandbox.gitlab.uploads import Upload, upload_body, upload_listed

#: What Workhorse answers in front of GitLab, as text.
TOO_LARGE = "Request Entity Too Large\n"
INVALID = "file is invalid"


@dataclass(frozen=True, slots=True)
class UploadRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        uploads = "/api/v4/projects/{id}/uploads"
        return [
            web.post(uploads, self.create),
            web.get(uploads, self.uploads),
            web.get(f"{uploads}/{{upload_id}}", self.by_number),
            web.get(f"{uploads}/{{secret}}/{{filename}}", self.by_name),
            web.get("/-/project/{id}/uploads/{secret}/{filename}", self.on_the_web),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """201 with the Markdown that shows the file; 413 when it is larger than GitLab takes."""
        project, person = self.desk.project(request), self.desk.person(request)
        if not may_create(person, project):
            raise forbidden()
        state = self.desk.state
        part = await _file(request)
        content = await _read(part, state.uploads.largest)
        if content is None:
            return web.Response(status=413, text=TOO_LARGE)
        made = state.uploads.add(project, part.filename or "", content, person, state.clock())
        state.touch()
        return web.json_response(upload_body(made), status=201)

    async def uploads(self, request: web.Request) -> web.Response:
        self.desk.require(request, MAINTAINER)
        rows = self.desk.state.uploads.of(self.desk.project(request))
        return page(request, rows, lambda one: one.id, lambda one: upload_listed(one, self.desk.state.url))

    async def by_number(self, request: web.Request) -> web.Response:
        """For Maintainers, since numbers can be guessed."""
        self.desk.require(request, MAINTAINER)
        return self._sent(self.desk.project(request), request.match_info["upload_id"])

    async def by_name(self, request: web.Request) -> web.Response:
        """For every member who knows the secret."""
        found = request.match_info
        return self._sent(self.desk.project(request), found["secret"], found["filename"])

    async def on_the_web(self, request: web.Request) -> web.Response:
        """For people who are signed in; tokens do not count there."""
        raise web.HTTPFound("/users/sign_in")

    def _sent(self, project: Project, *key: str) -> web.Response:
        found: Upload | None = self.desk.state.uploads.found(project, *key)
        if found is None:
            raise not_found("Upload")
        return web.Response(body=found.content, content_type=found.content_type)


async def _file(request: web.Request) -> BodyPartReader:
    """The part named `file`. Raises Refused (400) when there is none, or it is no file."""
    if not request.content_type.startswith("multipart/"):
        raise missing("file")
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "file":
            if part.filename is None:
                raise Refused(400, {"error": INVALID})
            return part
    raise missing("file")


async def _read(part: BodyPartReader, largest: int) -> bytes | None:
    """All of it; None when it is too large. The rest is read all the same, so that the answer can be heard."""
    content, size = bytearray(), 0
    while chunk := await part.read_chunk(1 << 20):
        size += len(chunk)
        content += chunk if size <= largest else b""
    return bytes(content) if size <= largest else None
