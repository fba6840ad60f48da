"""What GitLab knows of a project's environments: deployments, freezes, incidents, who may deploy."""

from __future__ import annotations

from typing import Any

from bot.edges import gitlab_environment_shapes as shapes
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_wire import PER_PAGE, Wire, segment
from bot.environments import Deployment, Environment, FreezePeriod, Incident, Protection
from bot.errors import GitLabSaidNo, NotFound

#: Anybody may be a member of no project.
NO_ROLE = 0


class Environments:
    """The part of GitLab that is about environments. Its errors are those of GitLab."""

    _wire: Wire

    def environments(self, project_id: int) -> list[Environment]:
        """All environments, stopped ones too, at most 1,000 (doc/api/environments.md); Reporter."""
        return each(shapes.environment, self._wire.pages(f"/projects/{project_id}/environments", {}))

    def environment(self, project_id: int, name: str) -> Environment | None:
        """The environment of exactly this name; None if there is none."""
        found = self._wire.get(f"/projects/{project_id}/environments", {"name": name})
        return next(iter(each(shapes.environment, found)), None)

    def deployments(
        self, project_id: int, environment: str = "", most: int = 20, *, status: str = ""
    ) -> list[Deployment]:
        """Deployments to an environment, or to all, newest first, at most 100 (doc/api/deployments.md); Reporter.

        `status` leaves out all others: created, running, success, failed, canceled or blocked.
        """
        query: dict[str, Any] = {
            **({"environment": environment} if environment else {}),
            **({"status": status} if status else {}),
            "order_by": "id",
            "sort": "desc",  # the oldest come first otherwise
            "per_page": max(1, min(most, PER_PAGE)),
        }
        return each(shapes.deployment, self._wire.get(f"/projects/{project_id}/deployments", query))

    def freeze_periods(self, project_id: int) -> list[FreezePeriod]:
        """The deploy freezes of a project (doc/api/freeze_periods.md); Reporter.

        GitLab does not say whether one is in force: see bot/windows.py.
        """
        return each(shapes.freeze_period, self._wire.pages(f"/projects/{project_id}/freeze_periods", {}))

    def incidents(self, project_id: int) -> list[Incident]:
        """The open incidents this identity may see, newest first, at most 1,000 (doc/api/issues.md).

        Lists have the severity too (lib/api/entities/issue.rb), so nothing more is asked.
        """
        query = {"issue_type": "incident", "state": "opened"}
        return each(shapes.incident, self._wire.pages(f"/projects/{project_id}/issues", query))

    def role(self, project_id: int, user_id: int) -> int:
        """Somebody's highest role in a project, inherited ones too, as GitLab's number; 0 for none."""
        try:
            found = self._wire.get(f"/projects/{project_id}/members/all/{user_id}")
        except NotFound:
            return NO_ROLE
        return shaped(shapes.role, found)

    def protection(self, project_id: int, environment: str) -> Protection | None:
        """How an environment is protected; None if it is not, or this GitLab protects none.

        Only Maintainers are shown it: GitLabSaidNo(403) for others. A protection by tier that a group has
        set is not in it (doc/api/group_protected_environments.md).
        """
        try:
            found = self._wire.get(f"/projects/{project_id}/protected_environments/{segment(environment)}")
        except NotFound:
            return None
        return shaped(shapes.protection, found)

    def required_approvals(self, project_id: int, environment: str) -> int | None:
        """How many have to approve a deployment there in GitLab; None if that is not shown to this identity."""
        try:
            found = self.protection(project_id, environment)
        except GitLabSaidNo as error:
            if error.status == 403:
                return None
            raise
        return None if found is None else found.approvals
