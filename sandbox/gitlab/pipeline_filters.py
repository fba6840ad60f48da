"""Filters and order of the lists of pipelines and jobs (doc/api/pipelines.md, doc/api/jobs.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from multidict import MultiMapping

from sandbox.gitlab.answers import Refused, read_moment
from sandbox.gitlab.nouns import ENDED, Job, Pipeline

STATUSES = frozenset(
    [
        "created",
        "waiting_for_resource",
        "preparing",
        "waiting_for_callback",
        "pending",
        "running",
        "success",
        "failed",
        "canceling",
        "canceled",
        "skipped",
        "manual",
        "scheduled",
    ]
)
SOURCES = frozenset(
    [
        "push",
        "web",
        "trigger",
        "schedule",
        "api",
        "external",
        "pipeline",
        "chat",
        "merge_request_event",
        "external_pull_request_event",
        "parent_pipeline",
        "ondemand_dast_scan",
        "ondemand_dast_validation",
        "security_orchestration_policy",
        "webide",
    ]
)
ORDERS: Mapping[str, Callable[[Pipeline], Any]] = {
    "id": lambda one: one.id,
    "status": lambda one: (one.status, one.id),
    "ref": lambda one: (one.ref, one.id),
    "updated_at": lambda one: (one.updated_at, one.id),
    "user_id": lambda one: (one.user.id, one.id),
}
SCOPES: Mapping[str, Callable[[Pipeline], bool]] = {
    "running": lambda one: one.status == "running",
    "pending": lambda one: one.status == "pending",
    "finished": lambda one: one.status in ENDED,
    "branches": lambda one: not one.tag,
    "tags": lambda one: one.tag,
}
EQUAL: Mapping[str, Callable[[Pipeline], str | None]] = {
    "status": lambda one: one.status,
    "source": lambda one: one.source,
    "ref": lambda one: one.ref,
    "sha": lambda one: one.commit.sha,
    "name": lambda one: one.name,
    "username": lambda one: one.user.username,
}


def filtered_pipelines(rows: list[Pipeline], query: Mapping[str, str]) -> list[Pipeline]:
    """The pipelines a list asks for, in its order. Raises Refused (400) for values GitLab does not know."""
    _check(query)
    for name, read in EQUAL.items():
        if name in query:
            rows = [one for one in rows if read(one) == query[name]]
    if "scope" in query:
        rows = [one for one in rows if SCOPES[query["scope"]](one)]
    rows = [one for one in rows if _in_time(one, query)]
    down = query.get("sort", "desc") == "desc"
    return sorted(rows, key=ORDERS[query.get("order_by", "id")], reverse=down)


def _check(query: Mapping[str, str]) -> None:
    allowed = {
        "status": STATUSES,
        "source": SOURCES,
        "scope": SCOPES,
        "order_by": ORDERS,
        "sort": ("asc", "desc"),
    }
    for name, values in allowed.items():
        if name in query and query[name] not in values:
            raise Refused(400, {"error": f"{name} does not have a valid value"})


def _in_time(pipeline: Pipeline, query: Mapping[str, str]) -> bool:
    """Both ends count: `updated_after` and `created_after` keep what lies at their moment."""
    for what, at in (("updated", pipeline.updated_at), ("created", pipeline.created_at)):
        after, before = f"{what}_after", f"{what}_before"
        if after in query and at < read_moment(query[after], after):
            return False
        if before in query and at > read_moment(query[before], before):
            return False
    return True


def with_scope(rows: list[Job], query: MultiMapping[str]) -> list[Job]:
    """Jobs with one of the wanted statuses: `scope[]=…` several times, or `scope=…` once."""
    wanted = {*query.getall("scope[]", []), *query.getall("scope", [])[-1:]}
    if wanted - STATUSES:
        raise Refused(400, {"error": "scope does not have a valid value"})
    return [one for one in rows if one.status in wanted] if wanted else rows
