"""Which merge requests a deployment brought along (`Deployments::LinkMergeRequestsService`)."""

from __future__ import annotations

from sandbox.gitlab.deploys import Deployment
from sandbox.gitlab.history import ancestry, between
from sandbox.gitlab.merge_requests import MergeRequest
from sandbox.gitlab.state import State


def shipped(state: State, deployment: Deployment) -> list[MergeRequest]:
    """Those merged between the last good deployment there and this one, newest first.

    Only a good one has any; the first one of an environment has all that were merged before it.
    """
    if deployment.status != "success":
        return []
    before = state.deploys.before(deployment)
    project, commit = deployment.project, deployment.commit
    rows = ancestry(project, commit) if before is None else between(project, before.commit, commit)
    shas = {one.sha for one in rows}
    return [one for one in state.merge_requests_of(project) if one.merged and one.merged.commit.sha in shas]
