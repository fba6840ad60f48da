"""Filters and order of the lists of environments and deployments (doc/api/environments.md, deployments.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from multidict import MultiMapping

from sandbox.gitlab.answers import Refused, bad_request, read_moment
from sandbox.gitlab.deploys import Deployment, Environment

STATES = frozenset({"available", "stopping", "stopped"})
SHORTEST_SEARCH = 3
STATUSES = frozenset({"created", "running", "success", "failed", "canceled", "skipped", "blocked"})
ORDERS: Mapping[str, Callable[[Deployment], Any]] = {
    "id": lambda one: one.id,
    "iid": lambda one: one.iid,
    "created_at": lambda one: (one.created_at, one.id),
    "updated_at": lambda one: (one.updated_at, one.id),
    "finished_at": lambda one: (one.finished_at or 0, one.id),
    "ref": lambda one: (one.ref, one.id),
}


def filtered_environments(rows: list[Environment], query: Mapping[str, str]) -> list[Environment]:
    """The environments a list asks for. Raises Refused (400) for what GitLab does not take."""
    if "name" in query and "search" in query:
        raise Refused(400, {"error": "name, search are mutually exclusive"})
    words = query.get("search")
    if words is not None and len(words) < SHORTEST_SEARCH:
        raise bad_request(f"Search query is less than {SHORTEST_SEARCH} characters")
    if query.get("states", "available") not in STATES:
        raise bad_request("Requested states are invalid")
    rows = [one for one in rows if query.get("name", one.name) == one.name]
    rows = [one for one in rows if words is None or words.lower() in one.name.lower()]
    return [one for one in rows if query.get("states", one.state) == one.state]


def filtered_deployments(rows: list[Deployment], query: MultiMapping[str]) -> list[Deployment]:
    """The deployments a list asks for, oldest first unless it says so. Raises Refused (400)."""
    _check(query)
    rows = [one for one in rows if query.get("environment", one.environment.name) == one.environment.name]
    rows = [one for one in rows if query.get("status", one.status) == one.status]
    rows = [one for one in rows if _in_time(one, query)]
    down = query.get("sort", "asc") == "desc"
    return sorted(rows, key=ORDERS[query.get("order_by", "id")], reverse=down)


def _check(query: Mapping[str, str]) -> None:
    """Times are searched only in the order of the same times (DeploymentsFinder)."""
    allowed = {"status": STATUSES, "order_by": ORDERS, "sort": ("asc", "desc")}
    for name, values in allowed.items():
        if name in query and query[name] not in values:
            raise Refused(400, {"error": f"{name} does not have a valid value"})
    for what in ("updated", "finished"):
        filters = {f"{what}_after", f"{what}_before"} & set(query)
        if filters and query.get("order_by") != f"{what}_at":
            raise bad_request(f"`{what}_at` filter requires `{what}_at` sort.")
        if filters and what == "finished" and query.get("status") != "success":
            raise bad_request("`finished_at` filter must be combined with `success` status filter.")


def _in_time(deployment: Deployment, query: Mapping[str, str]) -> bool:
    for what, at in (("updated", deployment.updated_at), ("finished", deployment.finished_at or 0)):
        after, before = f"{what}_after", f"{what}_before"
        if after in query and at < read_moment(query[after], after):
            return False
        if before in query and at > read_moment(query[before], before):
            return False
    return True
