"""`:gitlab` lines about deploying: deployments from GitLab's pages, freezes, protected environments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import project_named, require, word
from sandbox.gitlab.approvals import Approvals, pending
from sandbox.gitlab.creation import CONFIG_FILE, PipelineRefused, Wish, create_pipeline
from sandbox.gitlab.deploy_bodies import LEVEL_NAMES
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.freezes import around
from sandbox.gitlab.nouns import ADMIN, Job, Person, Project, Protected
from sandbox.gitlab.people import may_deploy
from sandbox.gitlab.refs import named
from sandbox.gitlab.yaml_config import read_config
from sandbox.gitlab.yaml_text import ConfigInvalid

#: Who may deploy to a protected environment (gitlab-api.md 2.9); `none` takes the protection away.
PROTECTIONS = {"developer": 30, "maintainer": 40, "admin": ADMIN, "none": 0}


@dataclass(frozen=True, slots=True)
class DeployActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {
            "deploy": self.deploy,
            "freeze": self.freeze,
            "unfreeze": self.unfreeze,
            "protect-environment": self.protect_environment,
            "approve-deployment": self.approve_deployment,
        }

    def deploy(self, person: Person, words: list[str]) -> str:
        """`deploy ENV REF [PROJECT]`: a new pipeline on the ref, and its job of that environment started."""
        environment, ref = word(words, 0, "an environment"), word(words, 1, "a ref")
        project = project_named(self.desk.state, words[2:])
        job = self._deploying(person, project, environment, ref)
        self.desk.runner.advance(job.pipeline)
        if job.held:
            return f"The deployment of {ref} to {environment} waits for approval (#{job.id})."
        if job.manual and not may_deploy(person, project, environment):
            raise ValueError(f"{person.username} may not deploy to {environment} in {project.path}.")
        job.at_once = job.status == "created"
        if job.status == "manual":
            self.desk.runner.play(job, person, {})
        return f"{person.username} deploys {ref} to {environment} (#{job.id})."

    def _deploying(self, person: Person, project: Project, environment: str, ref: str) -> Job:
        """The job of a new pipeline that deploys there; the variable picks it, as the shop's rules want."""
        name = _job_name(project, environment, ref)
        wish = Wish(project, person, ref, "web", {"CHATOPS_JOB": name})
        try:
            made = create_pipeline(self.desk.state, wish)
        except PipelineRefused as error:
            raise ValueError(f"GitLab made no pipeline: {str(error).rstrip('.')}.") from error
        found = next((job for job in made.jobs if job.name == name), None)
        if found is None:
            raise ValueError(f"The pipeline on {ref} has no job {name}.")
        return found

    def freeze(self, person: Person, words: list[str]) -> str:
        """`freeze [PROJECT]`: a freeze period that began a minute ago and lasts an hour."""
        project = self._freezable(person, words)
        start, end = around(self.desk.state.clock())
        self.desk.state.add_freeze(project, (start, end, "UTC"))
        return f"{project.path} is frozen from `{start}` to `{end}` (UTC)."

    def unfreeze(self, person: Person, words: list[str]) -> str:
        """`unfreeze [PROJECT]`: all its freeze periods are removed."""
        project, state = self._freezable(person, words), self.desk.state
        found = state.freezes_of(project)
        for one in found:
            del state.freezes[one.id]
        return f"{project.path} lost {len(found)} freeze periods."

    def _freezable(self, person: Person, words: list[str]) -> Project:
        """Freezes are a project's: the name of an environment is read over."""
        names = {one.name for one in self.desk.state.deploys.environments.values()}
        project = project_named(self.desk.state, [one for one in words if one not in names])
        require(person, project, "maintainer")
        return project

    def protect_environment(self, person: Person, words: list[str]) -> str:
        """`protect-environment ENV LEVEL [approvals=N] [PROJECT]`: who may deploy there from now on.

        So many of the same level have to approve each deployment first.
        """
        words, approvals = _approvals(words)
        environment, role = word(words, 0, "an environment"), word(words, 1, "a level").lower()
        project = project_named(self.desk.state, words[2:])
        if role not in PROTECTIONS:
            raise ValueError(f"{role} is no level; there are {', '.join(PROTECTIONS)}.")
        require(person, project, "maintainer")
        if role == "none":
            project.protected_environments.pop(environment, None)
            return f"{environment} of {project.path} is not protected."
        project.protected_environments[environment] = Protected(PROTECTIONS[role], approvals)
        wanted = f", and {approvals} of them have to approve" if approvals else ""
        return f"{environment} of {project.path} is for {LEVEL_NAMES[PROTECTIONS[role]]}{wanted}."

    def approve_deployment(self, person: Person, words: list[str]) -> str:
        """`approve-deployment ENV [PROJECT]`: the newest deployment there that waits for approval."""
        environment, project = word(words, 0, "an environment"), project_named(self.desk.state, words[1:])
        rows = self.desk.state.deploys.deployments_of(project)
        waits = [one for one in rows if one.environment.name == environment and pending(one)]
        if not waits:
            raise ValueError(f"No deployment to {environment} of {project.path} waits for approval.")
        Approvals(self.desk.state.deploys).decide(waits[-1], person, "approved")
        left = pending(waits[-1])
        more = f"{left} more to come" if left else "its job can be played now"
        return f"{person.username} approved the deployment to {environment}; {more}."


def _approvals(words: list[str]) -> tuple[list[str], int]:
    """The words without `approvals=N`, and N; 0 when they do not say."""
    said = [one.removeprefix("approvals=") for one in words if one.startswith("approvals=")]
    if any(not one.isdigit() for one in said):
        raise ValueError(f"approvals={said[0]} is no number of approvals.")
    return [one for one in words if not one.startswith("approvals=")], int(said[0]) if said else 0


def _job_name(project: Project, environment: str, ref: str) -> str:
    """The first job of the configuration at this ref that deploys there."""
    found = named(project, ref)
    if not found:
        raise ValueError(f"{project.path} has no branch or tag {ref}.")
    try:
        jobs = read_config(found[0].commit.files.get(CONFIG_FILE)).jobs.values()
    except ConfigInvalid as error:
        raise ValueError(f"The configuration of {project.path} is not valid at {ref}.") from error
    for job in jobs:
        if job.target is not None and job.target.name == environment and job.target.action == "start":
            return job.name
    raise ValueError(f"No job of {project.path} deploys to {environment} at {ref}.")
