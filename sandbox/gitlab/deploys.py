"""Environments and deployments of the sandbox's GitLab (doc/ci/environments)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.gitlab.nouns import ENDED, Job, Person, Project, Target
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


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a job did to an environment. Its status follows the job's."""

    id: int
    iid: int
    environment: Environment
    job: Job
    created_at: float
    approvals: dict[str, Approval] = field(default_factory=dict)
    """By user name: whoever decides again takes the earlier word back."""

    @property
    def project(self) -> Project:
        return self.environment.project

    @property
    def status(self) -> str:
        if self.job.status in ENDED:
            return self.job.status
        if self.job.held:
            return "blocked"
        return "running" if self.job.status in ("running", "canceling") else "created"

    @property
    def finished_at(self) -> float | None:
        return self.job.finished_at

    @property
    def updated_at(self) -> float:
        return self.job.finished_at or self.job.started_at or self.created_at


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
        """A deployment for a job that is queued or held back: one that was held back has its own already."""
        if not deploys(job) or job.target is None or self.of_job(job) is not None:
            return
        environment, project = self.ensure(job.pipeline.project, job.target), job.pipeline.project
        number, iid = len(self.deployments) + 1, len(self.deployments_of(project)) + 1
        self.deployments[number] = Deployment(number, iid, environment, job, self.clock())

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
        rows = (one for one in self.deployments.values() if one.environment is environment)
        return max((one for one in rows if one.status == "success"), key=lambda one: one.id, default=None)


def deploys(job: Job) -> bool:
    """Only `action: start` does (doc/ci/yaml, environment:action)."""
    return job.target is not None and job.target.action == "start"


def guess_tier(name: str) -> str:
    return next((tier for tier, pattern in GUESSES if pattern.search(name)), "other")
