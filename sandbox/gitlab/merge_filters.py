"""Filters and order of the lists of merge requests (doc/api/merge_requests.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from multidict import MultiMapping

from sandbox.gitlab.answers import Refused, read_moment
from sandbox.gitlab.merge_requests import STATES, MergeRequest
from sandbox.gitlab.nouns import Person

#: GitLab takes both spellings.
SCOPES: Mapping[str, Callable[[MergeRequest, Person], bool]] = {
    "all": lambda one, person: True,
    "created_by_me": lambda one, person: one.author is person,
    "assigned_to_me": lambda one, person: person in one.assignees,
    "reviews_for_me": lambda one, person: person in one.reviewers,
}
ORDERS: Mapping[str, Callable[[MergeRequest], Any]] = {
    "created_at": lambda one: (one.created_at, one.id),
    "updated_at": lambda one: (one.updated_at, one.id),
    "merged_at": lambda one: (one.merged.at if one.merged else 0, one.id),
    "title": lambda one: (one.title, one.id),
}
ROLES: Mapping[str, Callable[[MergeRequest], Sequence[Person]]] = {
    "author": lambda one: (one.author,),
    "assignee": lambda one: one.assignees,
    "reviewer": lambda one: one.reviewers,
    "approved_by": lambda one: [person for person, _ in one.approvals.values()],
}
EQUAL: Mapping[str, Callable[[MergeRequest], str]] = {
    "source_branch": lambda one: one.source,
    "target_branch": lambda one: one.target,
    "wip": lambda one: "yes" if one.draft else "no",
}
TIMES: Mapping[str, Callable[[MergeRequest], float]] = {
    "created": lambda one: one.created_at,
    "updated": lambda one: one.updated_at,
    "merged": lambda one: one.merged.at if one.merged else 0,
}


def filtered(
    rows: list[MergeRequest], query: MultiMapping[str], person: Person, scope: str
) -> list[MergeRequest]:
    """The merge requests a list asks for, in its order. `scope` is the one when it names none.

    Raises Refused (400) for values GitLab does not know.
    """
    scope = query.get("scope", scope).replace("-", "_")
    _check(query, scope)
    if query.get("state", "all") != "all":
        rows = [one for one in rows if one.state == query["state"]]
    rows = [one for one in rows if SCOPES[scope](one, person) and _matches(one, query)]
    down = query.get("sort", "desc") == "desc"
    return sorted(rows, key=ORDERS[query.get("order_by", "created_at")], reverse=down)


def _check(query: MultiMapping[str], scope: str) -> None:
    allowed: Mapping[str, Collection[str]] = {
        "state": (*STATES, "all"),
        "order_by": ORDERS,
        "sort": ("asc", "desc"),
        "wip": ("yes", "no"),
    }
    for name, values in allowed.items():
        if name in query and query[name] not in values:
            raise Refused(400, {"error": f"{name} does not have a valid value"})
    if scope not in SCOPES:
        raise Refused(400, {"error": "scope does not have a valid value"})
    for name in ("author", "reviewer"):
        if f"{name}_id" in query and f"{name}_username" in query:
            raise Refused(400, {"error": f"{name}_id, {name}_username are mutually exclusive"})


def _matches(one: MergeRequest, query: MultiMapping[str]) -> bool:
    iids = _numbers(query, "iids")
    if iids and one.iid not in iids:
        return False
    if any(name in query and read(one) != query[name] for name, read in EQUAL.items()):
        return False
    return _in_words(one, query) and _by_people(one, query) and _in_time(one, query)


def _numbers(query: MultiMapping[str], name: str) -> list[int]:
    """`iids[]=1&iids[]=2`, or `iids=1,2`. Raises Refused (400) as Grape does."""
    given = [*query.getall(f"{name}[]", []), *",".join(query.getall(name, [])).split(",")]
    found = [text.strip() for text in given if text.strip()]
    if not all(text.isdigit() for text in found):
        raise Refused(400, {"error": f"{name} is invalid"})
    return [int(text) for text in found]


def _in_words(one: MergeRequest, query: Mapping[str, str]) -> bool:
    words, labels = query.get("search", "").lower(), query.get("labels", "")
    wanted = {name.strip().lower() for name in labels.split(",") if name.strip()}
    known = {label.lower() for label in one.labels}
    return words in f"{one.title}\n{one.description}".lower() and wanted <= known


def _by_people(one: MergeRequest, query: MultiMapping[str]) -> bool:
    """By user name or number; `None` and `Any` ask whether there is anybody."""
    for role, read in ROLES.items():
        people = read(one)
        names, numbers = {person.username for person in people}, {str(person.id) for person in people}
        wanted = query.get(f"{role}_username")
        if wanted is not None and wanted.lower() not in names:
            return False
        number = query.get(f"{role}_id")
        if number is not None and not _is_among(number, numbers):
            return False
    return True


def _is_among(wanted: str, numbers: Collection[str]) -> bool:
    if wanted.lower() in ("none", "any"):
        return bool(numbers) is (wanted.lower() == "any")
    return wanted in numbers


def _in_time(one: MergeRequest, query: Mapping[str, str]) -> bool:
    for what, read in TIMES.items():
        after, before, at = f"{what}_after", f"{what}_before", read(one)
        if after in query and at < read_moment(query[after], after):
            return False
        if before in query and at > read_moment(query[before], before):
            return False
    return True
