"""Which issues a list asks for, and in which order (doc/api/issues.md, IssuesFinder)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from multidict import MultiMapping

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import Refused, read_moment
from sandbox.gitlab.fuzzy import matches
from sandbox.gitlab.issues import SEVERITIES, TYPES, Issue
from sandbox.gitlab.nouns import Person

Query = MultiMapping[str]
Test = Callable[[Issue], bool]
STATES = ("opened", "closed", "all")
SCOPES = ("created_by_me", "assigned_to_me", "all", "created-by-me", "assigned-to-me")
SEARCHED: Mapping[str, Callable[[Issue], str]] = {
    "title": lambda one: one.title,
    "description": lambda one: one.description or "",
}
FAR = "9999-12-31"
#: What GitLab orders by (lib/api/helpers/issues_helpers.rb); none of the sandbox's issues has a milestone or a place.
ORDERS: Mapping[str, Callable[[Issue], Any]] = {
    "created_at": lambda one: (one.created_at, one.id),
    "updated_at": lambda one: (one.updated_at, one.id),
    "title": lambda one: (one.title.lower(), one.id),
    "severity": lambda one: (SEVERITIES.index(one.severity), one.id),
    "due_date": lambda one: (one.due_date or FAR, one.id),
    "label_priority": lambda one: (0, one.id),
    "milestone_due": lambda one: (0, one.id),
    "popularity": lambda one: (0, one.id),
    "priority": lambda one: (0, one.id),
    "relative_position": lambda one: (0, one.id),
    "weight": lambda one: (0, one.id),
}
ONE_OF = {"state": STATES, "issue_type": TYPES, "order_by": ORDERS, "sort": ("asc", "desc"), "scope": SCOPES}
TOGETHER = (("author_id", "author_username"), ("assignee_id", "assignee_username"))


def filtered(rows: Iterable[Issue], query: Query, person: Person, scope: str = "all") -> list[Issue]:
    """The issues a list asks for. `scope` holds when the query has none.

    Raises Refused (400) for values GitLab does not know, and for two parameters that exclude each other.
    """
    _check(query)
    tests: list[Test] = [
        _by_words(query),
        _by_people(query, "author_id", "author_username", lambda one: [one.author]),
        _by_people(query, "assignee_id", "assignee_username", lambda one: list(one.assignees)),
        _by_scope(query.get("scope", scope), person),
        lambda one: _has(one, query) and _labelled(one, query) and _in_time(one, query),
    ]
    found = [one for one in rows if all(test(one) for test in tests)]
    down = query.get("sort", "desc") == "desc"
    return sorted(found, key=ORDERS[query.get("order_by", "created_at")], reverse=down)


def _check(query: Query) -> None:
    for name, values in ONE_OF.items():
        parameters.chosen(query, name, values)
    for pair in TOGETHER:
        if all(name in query for name in pair):
            raise Refused(400, {"error": f"{', '.join(pair)} are mutually exclusive"})
    for name in ("iids[]", "iids"):
        parameters.numbers({name: query.getall(name, [])}, name)


def _by_words(query: Query) -> Test:
    wanted, places = query.get("search", ""), query.get("in", "title,description").split(",")
    if any(place not in SEARCHED for place in places):
        raise parameters.no_such("in")
    return lambda one: not wanted or matches(wanted, *(SEARCHED[place](one) for place in places))


def _by_people(query: Query, by_id: str, by_name: str, whose: Callable[[Issue], list[Person]]) -> Test:
    """By number (or `None` and `Any`) or by name; one name on Free."""
    names = [*query.getall(by_name, []), *query.getall(f"{by_name}[]", [])]
    if len(names) > 1:
        listed = ", ".join(names)
        raise Refused(400, {"error": f"{by_name} allows one value, but found {len(names)}: {listed}"})
    number = query.get(by_id)
    if number is not None and number.lower() in ("none", "any"):
        return lambda one: bool(whose(one)) is (number.lower() == "any")
    wanted = parameters.whole(query, by_id)
    return lambda one: any(_is(person, wanted, names) for person in whose(one)) or not (wanted or names)


def _is(person: Person, number: int | None, names: list[str]) -> bool:
    return person.id == number or person.username in [name.lower() for name in names]


def _by_scope(scope: str, person: Person) -> Test:
    scope = scope.replace("-", "_")
    if scope == "created_by_me":
        return lambda one: one.author is person
    return lambda one: scope == "all" or person in one.assignees


def _has(one: Issue, query: Query) -> bool:
    wanted = {*query.getall("iids[]", []), *query.getall("iids", [])}
    confidential = parameters.yes(query, "confidential")
    return (
        query.get("state", "all") in ("all", one.state)
        and query.get("issue_type", one.type) == one.type
        and confidential in (None, one.confidential)
        and (not wanted or str(one.iid) in wanted)
        and query.get("milestone", "None").lower() == "none"
    )


def _labelled(one: Issue, query: Query) -> bool:
    """All labels of the list and none of those under `not`; `None` and `Any` ask whether there are any."""
    wanted = parameters.names(
        {"labels": [*query.getall("labels", []), *query.getall("labels[]", [])]}, "labels"
    )
    without = parameters.names({"labels": query.getall("not[labels]", [])}, "labels")
    own = {label.lower() for label in one.labels}
    if own & {name.lower() for name in without or []}:
        return False
    asked = {name.lower() for name in wanted or []}
    if asked & {"none", "any"}:
        return bool(own) is ("any" in asked)
    return asked <= own


def _in_time(one: Issue, query: Query) -> bool:
    for what, at in (("updated", one.updated_at), ("created", one.created_at)):
        after, before = f"{what}_after", f"{what}_before"
        if after in query and at < read_moment(query[after], after):
            return False
        if before in query and at > read_moment(query[before], before):
            return False
    return True
