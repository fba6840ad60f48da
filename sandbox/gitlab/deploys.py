"""Environments and deployments of the sandbox's GitLab (doc/ci/environments)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.gitlab.nouns import ENDED, Commit, Job, Person, Project, Target
from sandbox.gitlab.variables import environment_slug

#: How GitLab takes a tier from a name; the first that fits counts (`Environment#guess_tier`).
GUESSES = (
    ("development", re.compile(r"(dev|review|trunk)", re.IGNORECASE)),
    ("testing", re.compile(r"(test|tst|int|ac(ce|)pt|qa|qc|control|quality)", re.IGNORECASE)),
    ("staging", re.compile(r"(st(a|)g|mod(e|)l|pre|demo|non)", re.IGNORECASE)),
    ("production", re.compile(r"(pr(o|)d|live)", re.IGNORECASE)),
)


@dataclass(slots=True)
class Environment:
    id: int
    project: Project
    name: str
    tier: str
    created_at: float
    updated_at: float
    external_url: str | None = None
    state: str = "available"

    @property
    def slug(self) -> str:
        return environment_slug(self.name)


@dataclass(frozen=True, slots=True)
class Approval:
    """What one person said of a deployment: approved or rejected."""

    person: Person
    status: str
    created_at: float
    comment: str | None = None


@dataclass(slots=True)
class Recorded:
    """What was deployed by something else and only told to GitLab (doc/api/deployments.md, create)."""

    person: Person
    ref: str
    tag: bool
    commit: Commit
    status: str
    updated_at: float


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a job did to an environment, whose status it follows; or what was told of one without a job."""

    id: int
    iid: int
    environment: Environment
    source: Job | Recorded
    created_at: float
    approvals: dict[str, Approval] = field(default_factory=dict)
    """By user name: whoever decides again takes the earlier word back."""

    @property
    def project(self) -> Project:
        return self.environment.project

    @property
    def job(self) -> Job | None:
        """GitLab's `deployable`."""
        return self.source if isinstance(self.source, Job) else None

    @property
    def person(self) -> Person:
        return self.source.user if isinstance(self.source, Job) else self.source.person

    @property
    def ref(self) -> str:
        return self.source.pipeline.ref if isinstance(self.source, Job) else self.source.ref

    @property
    def commit(self) -> Commit:
        return self.source.pipeline.commit if isinstance(self.source, Job) else self.source.commit

    @property
    def status(self) -> str:
        """A job that waits for somebody blocks it, whether it waits for an approval or for a press of play."""
        if not isinstance(self.source, Job) or self.source.status in ENDED:
            return self.source.status
        if self.source.status == "manual" and (self.source.held or not self.approvals):
            return "blocked"
        return "running" if self.source.status in ("running", "canceling") else "created"

    @property
    def finished_at(self) -> float | None:
        if isinstance(self.source, Job):
            return self.source.finished_at
        return self.source.updated_at if self.source.status in ENDED else None

    @property
    def updated_at(self) -> float:
        if not isinstance(self.source, Job):
            return self.source.updated_at
        return self.source.finished_at or self.source.started_at or self.created_at


class Deploys:
    """All environments and deployments by their id."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.environments: dict[int, Environment] = {}
        self.deployments: dict[int, Deployment] = {}

    def ensure(self, project: Project, target: Target) -> Environment:
        """The environment of this name; a new one when there is none yet."""
        known = self.environment(project, target.name)
        if known is not None:
            return known
        now, tier = self.clock(), target.tier or guess_tier(target.name)
        made = Environment(
            len(self.environments) + 1, project, target.name, tier, now, now, external_url=target.url
        )
        self.environments[made.id] = made
        return made

    def environment(self, project: Project, name: str) -> Environment | None:
        return next((one for one in self.environments_of(project) if one.name == name), None)

    def environments_of(self, project: Project) -> list[Environment]:
        """By name."""
        rows = (one for one in self.environments.values() if one.project is project)
        return sorted(rows, key=lambda one: one.name)

    def deployments_of(self, project: Project) -> list[Deployment]:
        """Oldest first."""
        return [one for one in self.deployments.values() if one.project is project]

    def of_job(self, job: Job) -> Deployment | None:
        return next((one for one in self.deployments.values() if one.job is job), None)

    def begin(self, job: Job) -> None:
        """A deployment for a job whose turn has come: it is queued, waits for somebody, or is skipped.

        It has but one (`Deployments::CreateForJobService`).
        """
        if deploys(job) and job.target is not None and self.of_job(job) is None:
            self.add(self.ensure(job.pipeline.project, job.target), job)

    def add(self, environment: Environment, source: Job | Recorded) -> Deployment:
        number, iid = len(self.deployments) + 1, len(self.deployments_of(environment.project)) + 1
        made = Deployment(number, iid, environment, source, self.clock())
        self.deployments[number] = made
        return made

    def settle(self, job: Job) -> None:
        """What a job that ended well leaves of its environment: open or stopped, its address, its tier."""
        if job.target is None or job.status != "success" or job.target.action not in ("start", "stop"):
            return
        environment = self.ensure(job.pipeline.project, job.target)
        environment.state = "stopped" if job.target.action == "stop" else "available"
        environment.external_url = job.target.url or environment.external_url
        environment.tier = job.target.tier or environment.tier
        environment.updated_at = self.clock()

    def last(self, environment: Environment) -> Deployment | None:
        """The newest successful one, which is what GitLab calls `last_deployment`."""
        return max(self._successful(environment), key=lambda one: one.id, default=None)

    def before(self, deployment: Deployment) -> Deployment | None:
        """The newest successful one that is older than this."""
        rows = (one for one in self._successful(deployment.environment) if one.id < deployment.id)
        return max(rows, key=lambda one: one.id, default=None)

    def _successful(self, environment: Environment) -> list[Deployment]:
        rows = (one for one in self.deployments.values() if one.environment is environment)
        return [one for one in rows if one.status == "success"]

    def outdated(self, job: Job) -> bool:
        """Whether nobody may touch the job since its deployment is older than the last good one.

        Of a job that has ended only where the project forbids going back (`Ci::Deployable#has_outdated_deployment?`).
        """
        settings, own = job.pipeline.project.settings, self.of_job(job)
        if own is None or not settings.ci_forward_deployment_enabled:
            return False
        if settings.ci_forward_deployment_rollback_allowed and job.status in ENDED:
            return False
        last = self.last(own.environment)
        return last is not None and own.id < last.id and own.commit is not last.commit


def deploys(job: Job) -> bool:
    """Only `action: start` does (doc/ci/yaml, environment:action)."""
    return job.target is not None and job.target.action == "start"


def guess_tier(name: str) -> str:
    return next((tier for tier, pattern in GUESSES if pattern.search(name)), "other")
