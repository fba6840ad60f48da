"""`:gitlab` lines about environments: stopped ones, deployments without a job, jobs that cannot run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import in_words, options, project_named, require, word
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import Job, Person
from sandbox.gitlab.recording import STATUSES, record
from sandbox.gitlab.refs import named
from sandbox.gitlab.stopping import Stopping

#: Reasons that fit a job which has not begun (gitlab-api.md 2.3); others are taken as they are written.
REASONS = ("failed_outdated_deployment_job", "runner_system_failure", "stuck_or_timeout_failure")


@dataclass(frozen=True, slots=True)
class EnvironmentActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {
            "stop": self.stop,
            "record-deployment": self.record,
            "archive-job": self.archive,
            "fail-next": self.fail_next,
        }

    def stop(self, person: Person, words: list[str]) -> str:
        """`stop ENV [PROJECT] [force=yes]`: by its `on_stop` job when it has one and is not forced."""
        words, given = options(words, "force")
        name, project = word(words, 0, "an environment"), project_named(self.desk.state, words[1:])
        found = self.desk.state.deploys.environment(project, name)
        if found is None:
            raise ValueError(f"{project.path} has no environment {name}.")
        if not Stopping(self.desk).may(found, person):
            raise ValueError(f"{person.username} may not stop {name} of {project.path}.")
        job = Stopping(self.desk).stop(found, person, force=given.get("force") == "yes")
        by = "" if job is None else f" by {job.name} (#{job.id})"
        return f"{person.username} stops {name} of {project.path}{by}; it is {found.state}."

    def record(self, person: Person, words: list[str]) -> str:
        """`record-deployment ENV REF [STATUS] [PROJECT]`: a deployment without a job, `success` unless it says."""
        name, ref = word(words, 0, "an environment"), word(words, 1, "a ref")
        status = words[2] if words[2:] and words[2] in STATUSES else "success"
        project = project_named(self.desk.state, [one for one in words[2:] if one not in STATUSES])
        require(person, project, "developer")
        found = named(project, ref)
        if not found:
            raise ValueError(f"{project.path} has no branch or tag {ref}.")
        body = {"environment": name, "sha": found[0].commit.sha, "ref": ref, "tag": found[0].tag}
        with in_words(f"{person.username} a deployment to {name}"):
            made = record(self.desk.state, project, person, body | {"status": status})
        return f"{person.username} recorded the deployment {made.id} of {ref} to {name}: {status}."

    def archive(self, person: Person, words: list[str]) -> str:
        """`archive-job [JOB-ID]`: too old to be played or retried; the newest that ended when none is given."""
        jobs = [one for one in reversed(self.desk.state.jobs.values()) if self._is_meant(one, words)]
        if not jobs:
            raise ValueError(f"GitLab has no such job{' ' + words[0] if words else ''}.")
        jobs[0].archived = True
        return f"{jobs[0].name} (#{jobs[0].id}) is archived."

    def _is_meant(self, job: Job, words: list[str]) -> bool:
        return str(job.id) == words[0].lstrip("#") if words else job.finished_at is not None

    def fail_next(self, person: Person, words: list[str]) -> str:
        """`fail-next REASON [PROJECT]`: the next job of the project fails with this reason before it begins."""
        reason = word(words, 0, f"a reason, such as {REASONS[0]}")
        project = project_named(self.desk.state, words[1:])
        self.desk.runner.fail_next[project.id] = reason
        return f"The next job of {project.path} fails: {reason}."
