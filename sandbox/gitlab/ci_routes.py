"""REST routes of pipelines and jobs (doc/api/pipelines.md, doc/api/jobs.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.gitlab.answers import Refused, bad_request, flag, forbidden, invalid, missing, page, payload
from sandbox.gitlab.ci_bodies import job_body, pipeline_full, pipeline_listed, pipeline_made, variable_body
from sandbox.gitlab.creation import PipelineRefused, Wish, create_pipeline
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.flow import latest
from sandbox.gitlab.nouns import ENDED, Job, Person
from sandbox.gitlab.people import DEVELOPER, MAINTAINER, level, may_deploy
from sandbox.gitlab.pipeline_filters import filtered_pipelines, with_scope


@dataclass(frozen=True, slots=True)
class CiRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        project = "/api/v4/projects/{id}"
        pipeline, job = f"{project}/pipelines/{{pipeline_id}}", f"{project}/jobs/{{job_id}}"
        return [
            web.post(f"{project}/pipeline", self.create),
            web.get(f"{project}/pipelines", self.pipelines),
            web.get(f"{project}/pipelines/latest", self.latest),
            web.get(pipeline, self.pipeline),
            web.get(f"{pipeline}/variables", self.variables),
            web.get(f"{pipeline}/jobs", self.pipeline_jobs),
            web.get(f"{pipeline}/bridges", self.bridges),
            web.post(f"{pipeline}/cancel", self.cancel_pipeline),
            web.post(f"{pipeline}/retry", self.retry_pipeline),
            web.get(f"{project}/jobs", self.jobs),
            web.get(job, self.job),
            web.get(f"{job}/trace", self.trace),
            web.post(f"{job}/play", self.play),
            web.post(f"{job}/retry", self.retry),
            web.post(f"{job}/cancel", self.cancel),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def create(self, request: web.Request) -> web.Response:
        person, project = self.desk.require(request), self.desk.project(request)
        body = await payload(request)
        if "ref" not in body:
            raise missing("ref")
        inputs = body.get("inputs") or {}
        wish = Wish(project, person, str(body["ref"]), variables=_variables(body, "variables"), inputs=inputs)
        try:
            made = create_pipeline(self.desk.state, wish)
        except PipelineRefused as error:
            raise invalid(*error.reasons) from error
        self.desk.runner.advance_soon(made)
        return web.json_response(pipeline_made(made, self.url), status=201)

    async def pipelines(self, request: web.Request) -> web.Response:
        rows = filtered_pipelines(self.desk.state.pipelines_of(self.desk.project(request)), request.query)
        return page(request, rows, lambda one: one.id, lambda one: pipeline_listed(one, self.url))

    async def latest(self, request: web.Request) -> web.Response:
        """GitLab answers 403, not 404, when there is none (doc/api/pipelines.md)."""
        project = self.desk.project(request)
        ref = request.query.get("ref", project.default_branch)
        found = next((one for one in self.desk.state.pipelines_of(project) if one.ref == ref), None)
        if found is None:
            raise forbidden()
        return web.json_response(pipeline_full(found, self.url))

    async def pipeline(self, request: web.Request) -> web.Response:
        return web.json_response(pipeline_full(self.desk.pipeline(request), self.url))

    async def variables(self, request: web.Request) -> web.Response:
        """For a Developer only of their own pipelines (gitlab-api.md 2.1)."""
        pipeline, person = self.desk.pipeline(request), self.desk.person(request)
        role = level(person, pipeline.project)
        if role < MAINTAINER and not (role >= DEVELOPER and pipeline.user is person):
            raise forbidden()
        return web.json_response([variable_body(key, value) for key, value in pipeline.variables.items()])

    async def pipeline_jobs(self, request: web.Request) -> web.Response:
        pipeline = self.desk.pipeline(request)
        rows = pipeline.jobs if flag(request, "include_retried") else latest(pipeline)
        return self._jobs(request, sorted(rows, key=_id, reverse=True))

    async def bridges(self, request: web.Request) -> web.Response:
        self.desk.pipeline(request)
        return web.json_response([])

    async def jobs(self, request: web.Request) -> web.Response:
        rows = [one for one in self.desk.state.jobs_of(self.desk.project(request)) if not one.retried]
        return self._jobs(request, rows)

    def _jobs(self, request: web.Request, rows: list[Job]) -> web.Response:
        now = self.desk.state.clock()
        return page(request, with_scope(rows, request.query), _id, lambda one: job_body(one, self.url, now))

    async def cancel_pipeline(self, request: web.Request) -> web.Response:
        """200 whatever the state (gitlab-api.md 2.1)."""
        pipeline = self.desk.pipeline(request)
        self.desk.require(request)
        for job in list(pipeline.jobs):
            self.desk.runner.cancel(job)
        return web.json_response(pipeline_made(pipeline, self.url))

    async def retry_pipeline(self, request: web.Request) -> web.Response:
        """Failed and canceled jobs once more; later stages that were skipped wait again."""
        pipeline = self.desk.pipeline(request)
        person = self.desk.require(request)
        for job in latest(pipeline):
            if job.status in ("failed", "canceled"):
                self.desk.runner.retry(job, person)
            elif job.status == "skipped":
                job.status = "created"
        self.desk.runner.advance_soon(pipeline)
        return web.json_response(pipeline_made(pipeline, self.url), status=201)

    async def job(self, request: web.Request) -> web.Response:
        return self._job(self.desk.job(request))

    async def trace(self, request: web.Request) -> web.Response:
        """The whole log, always; empty when there is none yet (gitlab-api.md 2.3)."""
        job = self.desk.job(request)
        headers = {"Content-Disposition": f'infile; filename="{job.id}.log"'}
        return web.Response(body=job.trace.read(), content_type="text/plain", headers=headers)

    async def play(self, request: web.Request) -> web.Response:
        job, person = self.desk.job(request), self.desk.require(request)
        variables = _variables(await payload(request), "job_variables_attributes")
        self._touches(job, person)
        if not job.playable:
            raise bad_request("Unplayable Job")
        return self._job(self.desk.runner.play(job, person, variables))

    async def retry(self, request: web.Request) -> web.Response:
        job, person = self.desk.job(request), self.desk.require(request)
        self._touches(job, person)
        if not job.retryable:
            raise forbidden("Job is not retryable")
        return self._job(self.desk.runner.retry(job, person), 201)

    async def cancel(self, request: web.Request) -> web.Response:
        job = self.desk.job(request)
        self.desk.require(request)
        if self.desk.state.deploys.outdated(job):
            raise forbidden()
        if job.status not in ENDED:
            self.desk.runner.cancel(job)
        return self._job(job, 201)

    def _touches(self, job: Job, person: Person) -> None:
        """Raises Refused (403): the environment is for others, the job archived, or its deployment outdated.

        GitLab has the same words for all three (`Ci::DeployablePolicy`).
        """
        allowed = may_deploy(person, job.pipeline.project, job.environment)
        if not allowed or job.archived or self.desk.state.deploys.outdated(job):
            raise forbidden()

    def _job(self, job: Job, status: int = 200) -> web.Response:
        return web.json_response(job_body(job, self.url, self.desk.state.clock()), status=status)


def _variables(body: dict[str, Any], name: str) -> dict[str, str]:
    """`[{key, value}, …]` as a map. Raises Refused (400) for another shape."""
    entries = body.get(name) or []
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise Refused(400, {"error": f"{name} is invalid"})
    if any("key" not in one for one in entries):
        raise Refused(400, {"error": f"{name}[0][key] is missing"})
    return {str(one["key"]): str(one.get("value", "")) for one in entries}


def _id(job: Job) -> int:
    return job.id
