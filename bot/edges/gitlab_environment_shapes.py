"""GitLab's JSON of environments, deployments, freeze periods, incidents and protection as our records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.edges.gitlab_shapes import maybe, millis
from bot.environments import (
    AccessLevel,
    Deployment,
    Environment,
    FreezePeriod,
    Incident,
    Protection,
    tier_of,
)

Json = Mapping[str, Any]


def environment(data: Json) -> Environment:
    """doc/api/environments.md; `tier` is null where GitLab has not written one down yet."""
    name = str(data["name"])
    return Environment(
        id=data["id"],
        name=name,
        tier=data.get("tier") or tier_of(name),
        state=data.get("state") or "available",
        url=data.get("external_url") or "",
    )


def deployment(data: Json) -> Deployment:
    """doc/api/deployments.md; `user` and `deployable` may be null: a deployment may be only written down."""
    user, job = data.get("user") or {}, data.get("deployable") or {}
    return Deployment(
        id=data["id"],
        environment=data["environment"]["name"],
        ref=data.get("ref") or "",
        sha=data.get("sha") or "",
        status=data["status"],
        username=user.get("username") or "",
        user_id=user.get("id") or 0,
        created_at=millis(data["created_at"]),
        pipeline=(job.get("pipeline") or {}).get("id"),
        url=job.get("web_url") or "",
        job=job.get("id"),
        job_name=job.get("name") or "",
        tag=bool(job.get("tag")),
        finished_at=maybe(job.get("finished_at") or data.get("updated_at")),
    )


def freeze_period(data: Json) -> FreezePeriod:
    """doc/api/freeze_periods.md."""
    return FreezePeriod(
        start=str(data["freeze_start"]),
        end=str(data["freeze_end"]),
        timezone=data.get("cron_timezone") or "UTC",
    )


def incident(data: Json) -> Incident:
    """doc/api/issues.md; `severity` is in capitals here, a label may come with its details."""
    return Incident(
        number=data["iid"],
        title=str(data["title"]),
        severity=str(data.get("severity") or "unknown").lower(),
        url=data.get("web_url") or "",
        labels=tuple(str(one["name"] if isinstance(one, dict) else one) for one in data.get("labels") or ()),
        confidential=bool(data.get("confidential")),
    )


def protection(data: Json) -> Protection:
    """doc/api/protected_environments.md; every approval rule has to be met, one number is the older form."""
    rules = data.get("approval_rules") or ()
    wanted = sum(int(rule.get("required_approvals") or 0) for rule in rules)
    return Protection(
        deploy=tuple(_access_level(one) for one in data["deploy_access_levels"]),
        approvals=wanted or int(data.get("required_approval_count") or 0),
    )


def role(data: Json) -> int:
    """doc/api/members.md: the number of the highest role somebody has in a project."""
    return int(data["access_level"])


def _access_level(data: Json) -> AccessLevel:
    user, group = data.get("user_id"), data.get("group_id")
    role_there = None if user or group else data.get("access_level")
    return AccessLevel(str(data.get("access_level_description") or ""), role_there, user, group)
