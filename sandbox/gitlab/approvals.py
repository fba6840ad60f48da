"""Deployment approvals, as GitLab Premium asks for them (doc/ci/environments/deployment_approvals.md)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.gitlab.deploys import Approval, Deployment, Deploys, deploys
from sandbox.gitlab.nouns import Job, Person, Protected
from sandbox.gitlab.people import may_deploy

STATUSES = ("approved", "rejected")
#: GitLab answers both with 400; its exact words are not known to us.
NOT_WAITING = "This deployment is not waiting for approvals."
NOT_YOURS = "You don't have permission to review this deployment."


class CannotApprove(ValueError):
    """GitLab does not take this approval; the sentence is its answer."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """Holds jobs back until their deployments are approved."""

    deploys: Deploys

    def wanted(self, job: Job) -> bool:
        """Whether the job may not start before somebody has approved its deployment."""
        protected = job.pipeline.project.protected_environments.get(job.environment or "")
        if protected is None or not protected.approvals or not deploys(job):
            return False
        begun = self.deploys.of_job(job)
        return begun is None or _missing(begun) > 0

    def hold(self, job: Job) -> None:
        """Block its deployment. An automatic job turns into one to be played, and stays one (gitlab-api.md 2.6):

        once all have approved, GitLab starts neither kind by itself.
        """
        job.status, job.when, job.held = "manual", "manual", True
        self.deploys.begin(job)

    def decide(
        self, deployment: Deployment, person: Person, status: str, comment: str | None = None
    ) -> Approval:
        """Take somebody's word; the last approval that was missing lets the job be played.

        Raises CannotApprove: of those who may deploy there, all but the one who asked for it may decide.
        """
        job = deployment.job
        if job is None or not job.held:
            raise CannotApprove(NOT_WAITING)
        names = deployment.project, deployment.environment.name
        if not may_deploy(person, *names) or person is job.user:
            raise CannotApprove(NOT_YOURS)
        made = Approval(person, status, self.deploys.clock(), comment)
        deployment.approvals[person.username] = made
        job.held = _missing(deployment) > 0
        return made


def protection_of(deployment: Deployment) -> Protected | None:
    return deployment.project.protected_environments.get(deployment.environment.name)


def pending(deployment: Deployment) -> int:
    """How many approvals a blocked deployment still waits for (`pending_approval_count`)."""
    return _missing(deployment) if deployment.status == "blocked" else 0


def _missing(deployment: Deployment) -> int:
    protected = protection_of(deployment)
    given = sum(1 for one in deployment.approvals.values() if one.status == "approved")
    return max(0, (protected.approvals if protected else 0) - given)
