"""REST routes of environments, deployments, freeze periods and protected environments (doc/api)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab.answers import Refused, forbidden, missing, not_found, page, payload, said
from sandbox.gitlab.approvals import STATUSES, Approvals, CannotApprove
from sandbox.gitlab.deploy_bodies import (
    approval_body,
    deployment_body,
    deployment_full,
    environment_body,
    environment_full,
    protected_body,
)
from sandbox.gitlab.deploy_filters import filtered_deployments, filtered_environments
from sandbox.gitlab.deploys import Deployment, Environment
from sandbox.gitlab.desk import Desk, number
from sandbox.gitlab.freezes import FreezePeriod, check, freeze_body
from sandbox.gitlab.merge_bodies import merge_request_body
from sandbox.gitlab.merge_filters import filtered
from sandbox.gitlab.mergeability import Mergeability
from sandbox.gitlab.people import MAINTAINER, REPORTER
from sandbox.gitlab.recording import record, tell
from sandbox.gitlab.shipping import shipped
from sandbox.gitlab.stopping import Stopping


@dataclass(frozen=True, slots=True)
class DeployRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        project = "/api/v4/projects/{id}"
        freeze = f"{project}/freeze_periods/{{freeze_period_id}}"
        return [
            web.get(f"{project}/environments", self.environments),
            web.get(f"{project}/environments/{{environment_id}}", self.environment),
            web.post(f"{project}/environments/{{environment_id}}/stop", self.stop),
            web.get(f"{project}/deployments", self.deployments),
            web.post(f"{project}/deployments", self.record),
            web.get(f"{project}/deployments/{{deployment_id}}", self.deployment),
            web.put(f"{project}/deployments/{{deployment_id}}", self.tell),
            web.get(f"{project}/deployments/{{deployment_id}}/merge_requests", self.merge_requests),
            web.post(f"{project}/deployments/{{deployment_id}}/approval", self.approve),
            web.get(f"{project}/freeze_periods", self.freezes),
            web.post(f"{project}/freeze_periods", self.add_freeze),
            web.get(freeze, self.freeze),
            web.delete(freeze, self.delete_freeze),
            web.get(f"{project}/protected_environments", self.protected),
            web.get(f"{project}/protected_environments/{{name}}", self.protected_one),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def environments(self, request: web.Request) -> web.Response:
        self.desk.require(request, REPORTER)
        rows = self.desk.state.deploys.environments_of(self.desk.project(request))
        return page(request, filtered_environments(rows, request.query), _id, environment_body)

    async def environment(self, request: web.Request) -> web.Response:
        return self._environment(self._place(request))

    async def stop(self, request: web.Request) -> web.Response:
        """200 with the environment, which is `stopping` while a job does it; `force` does without."""
        found, person = self._place(request), self.desk.person(request)
        if not Stopping(self.desk).may(found, person):
            raise forbidden()
        Stopping(self.desk).stop(found, person, force=said(await payload(request), "force") or False)
        return self._environment(found)

    def _environment(self, found: Environment) -> web.Response:
        now, last = self.desk.state.clock(), self.desk.state.deploys.last(found)
        return web.json_response(environment_full(found, last, self.url, now))

    def _place(self, request: web.Request) -> Environment:
        self.desk.require(request, REPORTER)
        found = self.desk.state.deploys.environments.get(number(request, "environment_id"))
        if found is None or found.project is not self.desk.project(request):
            raise Refused(404, {"message": "404 Not found"})
        return found

    async def deployments(self, request: web.Request) -> web.Response:
        self.desk.require(request, REPORTER)
        now = self.desk.state.clock()
        rows = self.desk.state.deploys.deployments_of(self.desk.project(request))
        shown = filtered_deployments(rows, request.query)
        return page(request, shown, _id, lambda one: deployment_body(one, self.url, now))

    async def deployment(self, request: web.Request) -> web.Response:
        found = self._deployment(request)
        return web.json_response(deployment_full(found, self.url, self.desk.state.clock()))

    async def record(self, request: web.Request) -> web.Response:
        """Only writes down what something else deployed (doc/api/deployments.md)."""
        person, project = self.desk.require(request), self.desk.project(request)
        made = record(self.desk.state, project, person, await payload(request))
        return web.json_response(deployment_full(made, self.url, self.desk.state.clock()), status=201)

    async def tell(self, request: web.Request) -> web.Response:
        found, body = self._deployment(request), await payload(request)
        self.desk.require(request)
        tell(self.desk.state, found, body.get("status"))
        return web.json_response(deployment_full(found, self.url, self.desk.state.clock()))

    async def merge_requests(self, request: web.Request) -> web.Response:
        """What came with it; filtered as any list of merge requests."""
        found, person = self._deployment(request), self.desk.person(request)
        rows = filtered(shipped(self.desk.state, found), request.query, person, "all")
        rules = Mergeability(self.desk.state)
        return page(request, rows, lambda one: one.id, lambda one: merge_request_body(one, rules))

    async def approve(self, request: web.Request) -> web.Response:
        """Approve or reject a blocked deployment (doc/api/deployments.md). Raises Refused (400).

        Grape answers a POST with 201; the documentation leaves it open (gitlab-api.md 10).
        """
        found, person, body = self._deployment(request), self.desk.person(request), await payload(request)
        status, comment = body.get("status"), body.get("comment")
        if status is None:
            raise missing("status")
        if status not in STATUSES:
            raise Refused(400, {"error": "status does not have a valid value"})
        room = Approvals(self.desk.state.deploys)
        try:
            made = room.decide(found, person, status, None if comment is None else str(comment))
        except CannotApprove as error:
            raise Refused(400, {"message": str(error)}) from error
        if status == "rejected" and found.job is not None:
            self.desk.runner.reject(found.job)
        self.desk.state.touch()
        return web.json_response(approval_body(made, self.url), status=201)

    def _deployment(self, request: web.Request) -> Deployment:
        self.desk.require(request, REPORTER)
        found = self.desk.state.deploys.deployments.get(number(request, "deployment_id"))
        if found is None or found.project is not self.desk.project(request):
            raise Refused(404, {"message": "404 Not found"})
        return found

    async def freezes(self, request: web.Request) -> web.Response:
        self.desk.require(request, REPORTER)
        return page(request, self.desk.state.freezes_of(self.desk.project(request)), _id, freeze_body)

    async def freeze(self, request: web.Request) -> web.Response:
        self.desk.require(request, REPORTER)
        return web.json_response(freeze_body(self._freeze(request)))

    async def add_freeze(self, request: web.Request) -> web.Response:
        """A new period; UTC when no time zone is named. Whether it is in force now is not GitLab's to say."""
        self.desk.require(request, MAINTAINER)
        body = await payload(request)
        for name in ("freeze_start", "freeze_end"):
            if name not in body:
                raise missing(name)
        given = (str(body["freeze_start"]), str(body["freeze_end"]), str(body.get("cron_timezone") or "UTC"))
        check(*given)
        made = self.desk.state.add_freeze(self.desk.project(request), given)
        return web.json_response(freeze_body(made), status=201)

    async def delete_freeze(self, request: web.Request) -> web.Response:
        self.desk.require(request, MAINTAINER)
        del self.desk.state.freezes[self._freeze(request).id]
        self.desk.state.touch()
        return web.Response(status=204)

    def _freeze(self, request: web.Request) -> FreezePeriod:
        found = self.desk.state.freezes.get(number(request, "freeze_period_id"))
        if found is None or found.project is not self.desk.project(request):
            raise not_found("Freeze Period")
        return found

    async def protected(self, request: web.Request) -> web.Response:
        """Maintainers only (gitlab-api.md 8); 404 without any, as where the licence has none."""
        self.desk.require(request, MAINTAINER)
        found = self.desk.project(request).protected_environments
        if not found:
            raise Refused(404, {"message": "404 Not Found"})
        rows = [protected_body(name, wanted, place) for place, (name, wanted) in enumerate(found.items())]
        return page(request, rows, lambda one: int(one["deploy_access_levels"][0]["id"]), dict)

    async def protected_one(self, request: web.Request) -> web.Response:
        self.desk.require(request, MAINTAINER)
        found, name = self.desk.project(request).protected_environments, request.match_info["name"]
        if name not in found:
            raise Refused(404, {"message": "404 Not Found"})
        return web.json_response(protected_body(name, found[name], list(found).index(name)))


def _id(one: Environment | Deployment | FreezePeriod) -> int:
    return one.id
