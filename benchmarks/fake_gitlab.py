"""A lean GitLab in a process of its own: answers after a set time, and counts what it is asked."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from benchmarks import commander

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SHA = "3f2a9c1d" * 5
CREATED = "2026-01-01T00:00:00.000Z"
HELLO, DEPLOY, PRODUCTION = "hello", "deploy-production", "production"
YAML = "".join(
    f'{name}:\n  script:\n    - echo {name}\n{more}  rules:\n    - if: $CHATOPS_JOB == "{name}"\n'
    for name, more in ((HELLO, ""), (DEPLOY, f"  environment: {PRODUCTION}\n"))
)
#: GitLab's number of the role that everybody has.
MAINTAINER = 40
#: What stands before the id of whoever a token belongs to; the bot's own has no number behind it.
_TOKEN = re.compile(r"Bearer glpat-(\d+)$")
#: GitLab's limits for one query with a token (gitlab-api.md 5.1) and what our aliases cost (5.2).
LONGEST_QUERY, MOST_COMPLEXITY = 10_000, 250
_ALIAS = re.compile(r"\b(p\d+):project|\b(j\d+):job")
_NUMBER = re.compile(r"/\d+(?=/|$)")


class GitLab:
    """One project with a job that says hello and one that deploys, and any number of jobs that run for ever."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.trail: list[str] = []
        self.delay = 0.0
        self.last_call = 0.0
        self._next = 1000

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request, wait, answer."""
        call = f"{request.method} {_NUMBER.sub('/:id', request.path)}"
        self.calls[call] += 1
        self.trail.append(call)
        self.last_call = time.monotonic()
        if self.delay:
            await asyncio.sleep(self.delay)
        return await handler(request)

    async def user(self, request: web.Request) -> web.Response:
        person = _TOKEN.match(request.headers.get("Authorization", ""))
        if person:
            name = f"asker{person[1]}"
            return web.json_response({"id": int(person[1]), "username": name, "name": name, "bot": False})
        return web.json_response({"id": 100, "username": "signalbox", "name": "Signalbox", "bot": True})

    async def project(self, request: web.Request) -> web.Response:
        path = request.match_info["project"]
        return web.json_response({
            "id": 1, "path_with_namespace": path, "web_url": f"https://gitlab.test/{path}",
            "default_branch": "main", "empty_repo": False, "ci_config_path": None,
        })  # fmt: skip

    async def commit(self, _: web.Request) -> web.Response:
        return web.json_response({"id": SHA, "title": "Say hello"})

    async def lint(self, _: web.Request) -> web.Response:
        jobs = [
            {
                "name": name, "stage": "test", "script": [f"echo {name}"], "environment": environment,
                "when": "on_success", "allow_failure": False,
            }
            for name, environment in ((HELLO, None), (DEPLOY, PRODUCTION))
        ]  # fmt: skip
        return web.json_response(
            {"valid": True, "merged_yaml": YAML, "errors": [], "warnings": [], "jobs": jobs}
        )

    async def file(self, _: web.Request) -> web.Response:
        return web.Response(text=YAML)

    async def environments(self, _: web.Request) -> web.Response:
        there = {"id": 1, "name": PRODUCTION, "tier": PRODUCTION, "state": "available"}
        return web.json_response([there])

    async def nothing(self, _: web.Request) -> web.Response:
        """No freeze period, no incident, no deployment."""
        return web.json_response([])

    async def protection(self, request: web.Request) -> web.Response:
        if request.match_info["name"] != PRODUCTION:
            return web.json_response({"message": "404 Not found"}, status=404)
        row = {"access_level": MAINTAINER, "access_level_description": "Maintainers"}
        return web.json_response(
            {"name": PRODUCTION, "deploy_access_levels": [row], "required_approval_count": 0}
        )

    async def member(self, request: web.Request) -> web.Response:
        return web.json_response({"id": int(request.match_info["id"]), "access_level": MAINTAINER})

    async def create(self, request: web.Request) -> web.Response:
        await request.read()
        self._next += 1
        return web.json_response(self._pipeline(self._next), status=201)

    async def pipeline(self, request: web.Request) -> web.Response:
        return web.json_response(self._pipeline(int(request.match_info["id"])))

    async def jobs(self, request: web.Request) -> web.Response:
        return web.json_response([self._job(int(request.match_info["id"]) + 1_000_000)])

    async def job(self, request: web.Request) -> web.Response:
        return web.json_response(self._job(int(request.match_info["id"])))

    async def trace(self, _: web.Request) -> web.Response:
        return web.Response(
            body=b"section_start:1:step_script\r\x1b[0KWaiting for the service\n", content_type="text/plain"
        )

    async def graphql(self, request: web.Request) -> web.Response:
        """The statuses of aliased jobs: all of them run."""
        query = (await request.json())["query"]
        data: dict[str, dict[str, Any]] = {}
        cost, project = 0, ""
        for found in _ALIAS.finditer(query):
            project = found[1] or project
            cost += 1 if found[1] else 2
            jobs = data.setdefault(project, {})
            if found[2]:
                jobs[found[2]] = {"status": "RUNNING"}
        if cost > MOST_COMPLEXITY or len(query) > LONGEST_QUERY:
            return web.json_response({"errors": [{"message": f"Query has complexity of {cost}"}]})
        return web.json_response({"data": data})

    def _pipeline(self, number: int) -> dict[str, Any]:
        return {
            "id": number, "status": "created", "source": "api", "ref": "main", "sha": SHA,
            "web_url": f"https://gitlab.test/acme/shop/-/pipelines/{number}", "created_at": CREATED,
        }  # fmt: skip

    def _job(self, number: int) -> dict[str, Any]:
        return {
            "id": number, "name": "hello", "stage": "test", "status": "running", "ref": "main",
            "web_url": f"https://gitlab.test/acme/shop/-/jobs/{number}", "commit": {"id": SHA},
            "pipeline": {"id": number - 1_000_000, "web_url": "https://gitlab.test/p", "sha": SHA},
            "started_at": CREATED, "finished_at": None, "tag_list": [],
        }  # fmt: skip

    # What the benchmark asks --------------------------------------------------------------------------------

    async def slow(self, seconds: float) -> dict[str, Any]:
        """Answer everything this much later from now on."""
        self.delay = seconds
        return {}

    async def last(self) -> dict[str, float]:
        """When the last request came, by the machine's monotonic clock."""
        return {"last": self.last_call}

    async def counted(self) -> dict[str, Any]:
        """How often each address has been asked since the last time this was."""
        calls, self.calls = dict(self.calls), Counter()
        return {"calls": calls}

    async def trailed(self, forget: bool = False) -> dict[str, Any]:
        """What has been asked, in order, since it was last to be forgotten."""
        trail = list(self.trail)
        if forget:
            self.trail.clear()
        return {"trail": trail}


def main() -> None:
    """Serve until standard input ends."""
    gitlab = GitLab()

    @web.middleware
    async def counting(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await gitlab.answer(request, handler)

    app, v4 = web.Application(middlewares=[counting]), "/api/v4/projects/{project}"
    app.router.add_get("/api/v4/user", gitlab.user)
    app.router.add_get(v4, gitlab.project)
    app.router.add_get(f"{v4}/repository/commits/{{ref}}", gitlab.commit)
    app.router.add_get(f"{v4}/repository/files/{{path}}/raw", gitlab.file)
    app.router.add_get(f"{v4}/ci/lint", gitlab.lint)
    app.router.add_get(f"{v4}/environments", gitlab.environments)
    app.router.add_get(f"{v4}/protected_environments/{{name}}", gitlab.protection)
    app.router.add_get(f"{v4}/members/all/{{id}}", gitlab.member)
    for name in ("freeze_periods", "issues", "deployments"):
        app.router.add_get(f"{v4}/{name}", gitlab.nothing)
    app.router.add_post(f"{v4}/pipeline", gitlab.create)
    app.router.add_get(f"{v4}/pipelines/{{id}}", gitlab.pipeline)
    app.router.add_get(f"{v4}/pipelines/{{id}}/jobs", gitlab.jobs)
    app.router.add_get(f"{v4}/jobs/{{id}}", gitlab.job)
    app.router.add_get(f"{v4}/jobs/{{id}}/trace", gitlab.trace)
    app.router.add_post("/api/graphql", gitlab.graphql)
    commands: commander.Commands = {
        "slow": gitlab.slow,
        "last": gitlab.last,
        "counted": gitlab.counted,
        "trailed": gitlab.trailed,
    }
    commander.serve(app, commands)


if __name__ == "__main__":
    main()
