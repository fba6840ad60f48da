"""Stops environments, by the job that is there for it when there is one (`Environments::StopService`)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.gitlab.deploys import Environment
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import Job, Person
from sandbox.gitlab.people import DEVELOPER, level, may_deploy


@dataclass(frozen=True, slots=True)
class Stopping:
    desk: Desk

    def may(self, environment: Environment, person: Person) -> bool:
        """Developers, who may also deploy there if it is protected."""
        known = level(person, environment.project) >= DEVELOPER
        return known and may_deploy(person, environment.project, environment.name)

    def stop(self, environment: Environment, person: Person, *, force: bool = False) -> Job | None:
        """Stop it at once, or start the job that does and answer it. One that is not available stays as it is."""
        if environment.state != "available":
            return None
        job = None if force else self._job(environment)
        environment.state = "stopped" if job is None else "stopping"
        environment.updated_at = self.desk.state.clock()
        started = None if job is None else self.desk.runner.play(job, person, {})
        self.desk.state.touch()
        return started

    def _job(self, environment: Environment) -> Job | None:
        """The `on_stop` job in the pipeline of the last good deployment, if it can be played."""
        last = self.desk.state.deploys.last(environment)
        job = None if last is None else last.job
        if job is None or job.target is None or job.target.on_stop is None:
            return None
        name = job.target.on_stop
        rows = (one for one in job.pipeline.jobs if one.name == name and not one.retried)
        return next((one for one in rows if one.playable), None)
