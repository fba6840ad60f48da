"""REST routes of people, projects, repositories and CI lint (doc/api)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab.answers import flag, not_found, page
from sandbox.gitlab.bodies import (
    branch_body,
    commit_body,
    project_full,
    project_simple,
    tag_body,
    version,
)
from sandbox.gitlab.ci_bodies import lint_invalid, lint_valid, pipeline_basic
from sandbox.gitlab.creation import CONFIG_FILE
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import Commit, Project
from sandbox.gitlab.people import REPORTER
from sandbox.gitlab.selection import Circumstances, choose
from sandbox.gitlab.variables import expand_all
from sandbox.gitlab.yaml_config import Config, read_config
from sandbox.gitlab.yaml_jobs import JobConfig
from sandbox.gitlab.yaml_text import ConfigInvalid


@dataclass(frozen=True, slots=True)
class ProjectRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        project, repository = "/api/v4/projects/{id}", "/api/v4/projects/{id}/repository"
        return [
            web.get("/api/v4/version", self.version),
            web.get("/api/v4/metadata", self.metadata),
            web.get(project, self.project),
            web.get(f"{repository}/commits/{{sha}}", self.commit),
            web.get(f"{repository}/branches", self.branches),
            web.get(f"{repository}/branches/{{branch}}", self.branch),
            web.get(f"{repository}/tags", self.tags),
            web.get(f"{repository}/tags/{{tag}}", self.tag),
            web.get(f"{repository}/files/{{file}}/raw", self.raw),
            web.get(f"{project}/ci/lint", self.lint),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def version(self, request: web.Request) -> web.Response:
        self.desk.person(request)
        return web.json_response(version())

    async def metadata(self, request: web.Request) -> web.Response:
        self.desk.person(request)
        kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
        return web.json_response(version() | {"kas": kas, "enterprise": True})

    async def project(self, request: web.Request) -> web.Response:
        project, person = self.desk.project(request), self.desk.person(request)
        simple = flag(request, "simple")
        return web.json_response(
            project_simple(project, self.url) if simple else project_full(project, person, self.url)
        )

    async def commit(self, request: web.Request) -> web.Response:
        project = self.desk.project(request)
        commit = _commit(project, request.match_info["sha"])
        pipelines = [one for one in self.desk.state.pipelines_of(project) if one.commit is commit]
        last = pipeline_basic(pipelines[0], self.url) if pipelines else None
        stats = {"additions": 1, "deletions": 0, "total": 1}
        more = {"status": last and last["status"], "project_id": project.id, "last_pipeline": last}
        return web.json_response(commit_body(commit, project, self.url) | {"stats": stats} | more)

    async def branches(self, request: web.Request) -> web.Response:
        project, person = self.desk.project(request), self.desk.person(request)
        names = _searched(sorted(project.branches), request.query.get("search", ""))
        return page(request, names, hash, lambda name: branch_body(name, project, person, self.url))

    async def branch(self, request: web.Request) -> web.Response:
        project, person = self.desk.project(request), self.desk.person(request)
        name = request.match_info["branch"]
        if name not in project.branches:
            raise not_found("Branch")
        return web.json_response(branch_body(name, project, person, self.url))

    async def tags(self, request: web.Request) -> web.Response:
        project = self.desk.project(request)
        names = _searched(list(reversed(project.tags)), request.query.get("search", ""))
        return page(request, names, hash, lambda name: tag_body(name, project, self.url))

    async def tag(self, request: web.Request) -> web.Response:
        project, name = self.desk.project(request), request.match_info["tag"]
        if name not in project.tags:
            raise not_found("Tag")
        return web.json_response(tag_body(name, project, self.url))

    async def raw(self, request: web.Request) -> web.Response:
        project = self.desk.project(request)
        commit = _commit(project, request.query.get("ref", "HEAD"))
        text = commit.files.get(request.match_info["file"])
        if text is None:
            raise not_found("File")
        headers = {"X-Gitlab-File-Path": request.match_info["file"], "X-Gitlab-Commit-Id": commit.sha}
        return web.Response(text=text, content_type="text/plain", headers=headers)

    async def lint(self, request: web.Request) -> web.Response:
        """Without a dry run every visible job; with one those of a push (gitlab-api.md 2.4)."""
        self.desk.require(request, REPORTER)
        project, query = self.desk.project(request), request.query
        jobs = flag(request, "include_jobs")
        ref = query.get("content_ref") or query.get("sha") or project.default_branch or "HEAD"
        source = _commit(project, ref).files.get(CONFIG_FILE)
        try:
            config = read_config(source)
        except ConfigInvalid as error:
            return web.json_response(lint_invalid(error, jobs))
        shown = list(config.jobs.values())
        if flag(request, "dry_run"):
            shown = _pushed(
                config, query.get("dry_run_ref") or query.get("ref") or project.default_branch or ref
            )
        return web.json_response(lint_valid(config, shown if jobs else None))


def _pushed(config: Config, ref: str) -> list[JobConfig]:
    """The jobs a push to this ref would run."""
    variables = {
        **config.variables,
        "CI_PIPELINE_SOURCE": "push",
        "CI_COMMIT_REF_NAME": ref,
        "CI_COMMIT_BRANCH": ref,
    }
    return [one.job for one in choose(config, Circumstances(ref, False, "push", expand_all(variables)))]


def _commit(project: Project, ref: str) -> Commit:
    commit = project.commit(ref)
    if commit is None:
        raise not_found("Commit")
    return commit


def _searched(names: list[str], wanted: str) -> list[str]:
    """`search` of branches and tags: a part of the name, or its beginning after `^` or end before `$`."""
    if wanted.startswith("^"):
        return [name for name in names if name.startswith(wanted[1:])]
    if wanted.endswith("$"):
        return [name for name in names if name.endswith(wanted[:-1])]
    return [name for name in names if wanted.lower() in name.lower()]
