"""REST routes of a repository's history: commits, their refs, and what lies between two of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.gitlab.answers import Refused, flag, missing, not_found, page, read_moment
from sandbox.gitlab.bodies import commit_body
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.history import ancestry, between, diffs, holds, merge_base
from sandbox.gitlab.nouns import Commit, Project
from sandbox.gitlab.people import REPORTER

REF_TYPES = ("branch", "tag", "all")


@dataclass(frozen=True, slots=True)
class RepositoryRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        repository = "/api/v4/projects/{id}/repository"
        return [
            web.get(f"{repository}/compare", self.compare),
            web.get(f"{repository}/commits", self.commits),
            web.get(f"{repository}/commits/{{sha}}/refs", self.refs),
            web.get(f"{repository}/commits/{{sha}}/diff", self.diff),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    def _project(self, request: web.Request) -> Project:
        """The project, for those who may read its code (`download_code`: Reporter in a private one)."""
        self.desk.require(request, REPORTER)
        return self.desk.project(request)

    async def compare(self, request: web.Request) -> web.Response:
        """Commits of `to` that `from` lacks, oldest first (doc/api/repositories.md)."""
        project, query = self._project(request), request.query
        for name in ("from", "to"):
            if name not in query:
                raise missing(name)
        old, new = project.commit(query["from"]), project.commit(query["to"])
        if old is None or new is None:
            raise not_found("Ref")
        return web.json_response(
            compare_body(project, old, new, self.url, straight=flag(request, "straight"))
        )

    async def commits(self, request: web.Request) -> web.Response:
        """Newest first, without totals; none for a ref that does not exist (doc/api/commits.md)."""
        project, query = self._project(request), request.query
        head = project.commit(query.get("ref_name") or "HEAD")
        rows = filtered_commits(project, [] if head is None else ancestry(project, head), query)
        shas = list(project.history)
        return page(
            request,
            rows,
            lambda one: shas.index(one.sha),
            lambda one: commit_body(one, project, self.url),
            counted=False,
        )

    async def refs(self, request: web.Request) -> web.Response:
        """The branches and tags that hold the commit."""
        project, wanted = self._project(request), request.query.get("type", "all")
        if wanted not in REF_TYPES:
            raise Refused(400, {"error": "type does not have a valid value"})
        commit = _commit(project, request)
        rows = [
            {"type": kind, "name": name}
            for kind, named in (("branch", project.branches), ("tag", project.tags))
            for name, head in sorted(named.items())
            if wanted in (kind, "all") and holds(project, head, commit)
        ]
        return page(request, rows, rows.index, dict)

    async def diff(self, request: web.Request) -> web.Response:
        """What the commit changed, against its first parent."""
        project = self._project(request)
        commit = _commit(project, request)
        rows = diffs(_before(project, commit), commit.files)
        return page(request, rows, rows.index, dict)


def compare_body(
    project: Project, old: Commit, new: Commit, url: str, *, straight: bool = False
) -> dict[str, Any]:
    """Two commits compared; `straight` takes the first itself in place of their merge base for the diffs."""
    rows = [commit_body(one, project, url) for one in between(project, old, new)]
    base = old if straight else merge_base(project, old, new)
    return {
        "commit": rows[-1] if rows else None,
        "commits": rows,
        "diffs": diffs({} if base is None else base.files, new.files),
        "compare_timeout": False,
        "compare_same_ref": old is new,
        "web_url": f"{url}/{project.path}/-/compare/{old.sha}...{new.sha}",
    }


def filtered_commits(project: Project, rows: list[Commit], query: Mapping[str, str]) -> list[Commit]:
    """The commits a list asks for. Raises Refused (400) for times that are none."""
    tests: dict[str, Callable[[Commit, str], bool]] = {
        "since": lambda one, text: one.created_at >= read_moment(text, "since"),
        "until": lambda one, text: one.created_at <= read_moment(text, "until"),
        "author": lambda one, text: text.lower() in one.author.lower(),
        "path": lambda one, text: one.files.get(text) != _before(project, one).get(text),
    }
    for name, holds_for in tests.items():
        if name in query:
            rows = [one for one in rows if holds_for(one, query[name])]
    return rows


def _before(project: Project, commit: Commit) -> Mapping[str, str]:
    return project.history[commit.parent].files if commit.parent else {}


def _commit(project: Project, request: web.Request) -> Commit:
    found = project.commit(request.match_info["sha"])
    if found is None:
        raise not_found("Commit")
    return found
