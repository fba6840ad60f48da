"""Writes down deployments that something else made; nothing runs (doc/api/deployments.md, create)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.gitlab.answers import NO, YES, Refused, forbidden, missing
from sandbox.gitlab.deploys import Deployment, Recorded
from sandbox.gitlab.nouns import ENDED, Person, Project, Target
from sandbox.gitlab.people import may_deploy
from sandbox.gitlab.state import State

WANTED = ("environment", "sha", "ref", "tag", "status")
STATUSES = ("running", "success", "failed", "canceled")
NOT_BY_API = "Deployments created using GitLab CI can not be updated using the API"


def record(state: State, project: Project, person: Person, body: Mapping[str, Any]) -> Deployment:
    """The new deployment, and its environment when there is none yet. Raises Refused (400, 403)."""
    for name in WANTED:
        if name not in body:
            raise missing(name)
    _check_status(body["status"])
    if str(body["tag"]).lower() not in YES | NO:
        raise Refused(400, {"error": "tag is invalid"})
    name, tag = str(body["environment"]), str(body["tag"]).lower() in YES
    if not may_deploy(person, project, name):
        raise forbidden()
    commit = project.commit(str(body["sha"]))
    if commit is None:
        raise Refused(400, {"message": {"sha": ["The commit does not exist"]}})
    if project.commit(str(body["ref"])) is None:
        raise Refused(400, {"message": {"ref": ["The branch or tag does not exist"]}})
    told = Recorded(person, str(body["ref"]), tag, commit, str(body["status"]), state.clock())
    made = state.deploys.add(state.deploys.ensure(project, Target(name)), told)
    state.touch()
    return made


def tell(state: State, deployment: Deployment, status: Any) -> None:
    """Change the status of one that was written down. Raises Refused: 403 for one that a job has."""
    if status is None:
        raise missing("status")
    _check_status(status)
    told = deployment.source
    if not isinstance(told, Recorded):
        raise forbidden(NOT_BY_API)
    if told.status in ENDED and told.status != status:
        raise Refused(400, {"message": {"status": [f'cannot transition via "{status}"']}})
    told.status, told.updated_at = str(status), state.clock()
    state.touch()


def _check_status(status: Any) -> None:
    if status not in STATUSES:
        raise Refused(400, {"error": "status does not have a valid value"})
