"""JSON bodies of environments, deployments and protected environments (samples/gitlab)."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.answers import moment
from sandbox.gitlab.approvals import pending, protection_of
from sandbox.gitlab.bodies import user_basic
from sandbox.gitlab.ci_bodies import job_body
from sandbox.gitlab.deploys import Approval, Deployment, Environment
from sandbox.gitlab.nouns import ADMIN, Protected

FIRST_RULE_ID = 12
FIRST_APPROVAL_RULE_ID = 38
LEVEL_NAMES = {30: "Developers + Maintainers", 40: "Maintainers", ADMIN: "Administrators"}


def environment_body(environment: Environment) -> dict[str, Any]:
    return {
        "id": environment.id,
        "name": environment.name,
        "slug": environment.slug,
        "description": None,
        "external_url": environment.external_url,
        "state": environment.state,
        "tier": environment.tier,
        "created_at": moment(environment.created_at),
        "updated_at": moment(environment.updated_at),
        "auto_stop_at": None,
        "kubernetes_namespace": None,
        "flux_resource_path": None,
        "auto_stop_setting": "always",
    }


def environment_full(
    environment: Environment, last: Deployment | None, url: str, now: float
) -> dict[str, Any]:
    """One environment: with its last successful deployment, null when there was none."""
    shown = None if last is None else deployment_of_environment(last, url, now)
    return environment_body(environment) | {"last_deployment": shown, "cluster_agent": None}


def deployment_of_environment(deployment: Deployment, url: str, now: float) -> dict[str, Any]:
    """A deployment inside its environment, which it does not name again."""
    job = deployment.job
    return {
        "id": deployment.id,
        "iid": deployment.iid,
        "ref": deployment.ref,
        "sha": deployment.commit.sha,
        "created_at": moment(deployment.created_at),
        "updated_at": moment(deployment.updated_at),
        "user": user_basic(deployment.person, url),
        "deployable": None if job is None else job_body(job, url, now),
        "status": deployment.status,
    }


def deployment_body(deployment: Deployment, url: str, now: float) -> dict[str, Any]:
    environment = deployment.environment
    named = {
        "id": environment.id,
        "name": environment.name,
        "slug": environment.slug,
        "external_url": environment.external_url,
    }
    return deployment_of_environment(deployment, url, now) | {"environment": named}


def deployment_full(deployment: Deployment, url: str, now: float) -> dict[str, Any]:
    """One deployment: with its approvals, and the one rule that asks for them if there is one."""
    given = [approval_body(one, url) for one in deployment.approvals.values()]
    protected = protection_of(deployment)
    rules = [] if protected is None or not protected.approvals else [_summary(protected, given)]
    return deployment_body(deployment, url, now) | {
        "pending_approval_count": pending(deployment),
        "approvals": given,
        "approval_summary": {"rules": rules},
    }


def approval_body(approval: Approval, url: str) -> dict[str, Any]:
    return {
        "user": user_basic(approval.person, url),
        "status": approval.status,
        "created_at": moment(approval.created_at),
        "comment": approval.comment,
    }


def protected_body(name: str, protected: Protected, place: int) -> dict[str, Any]:
    """A protected environment with one level; `place` is where it stands in the project's list.

    Approvals are a rule of the same level; `required_approval_count` is the older form and stays 0.
    """
    inherits = {"group_inheritance_type": 0}
    deploy = {"id": FIRST_RULE_ID + place, **_whom(protected), **inherits}
    approve = {"id": FIRST_APPROVAL_RULE_ID + place, **_whom(protected), **inherits}
    approve |= {"required_approvals": protected.approvals}
    return {
        "name": name,
        "deploy_access_levels": [deploy],
        "required_approval_count": 0,
        "approval_rules": [approve] if protected.approvals else [],
    }


def _summary(protected: Protected, given: list[dict[str, Any]]) -> dict[str, Any]:
    wanted = {"required_approvals": protected.approvals, "deployment_approvals": given}
    return {**_whom(protected), **wanted}


def _whom(protected: Protected) -> dict[str, Any]:
    """Whom a rule is about: a level here, never one person or a group."""
    named = {"access_level": protected.level, "access_level_description": LEVEL_NAMES[protected.level]}
    return {"user_id": None, "group_id": None, **named}
