"""Which projects a list asks for, in which order, and a page of them (doc/api/projects.md, ProjectsFinder)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from aiohttp import web

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import Refused, link, page, page_size
from sandbox.gitlab.fuzzy import matches
from sandbox.gitlab.groups import above
from sandbox.gitlab.nouns import LEVELS, Person, Project
from sandbox.gitlab.people import level

ORDERS: Mapping[str, Callable[[Project], Any]] = {
    "id": lambda one: one.id,
    "name": lambda one: ((one.title or one.name).lower(), one.id),
    "path": lambda one: (one.path, one.id),
    "created_at": lambda one: (one.created_at, one.id),
    "updated_at": lambda one: (one.created_at, one.id),
    "last_activity_at": lambda one: (one.created_at, one.id),
    "star_count": lambda one: one.id,
}
SIMILARITY = "similarity"
ROLES = tuple(
    str(LEVELS[name]) for name in ("guest", "planner", "reporter", "developer", "maintainer", "owner")
)
VISIBILITIES = ("private", "internal", "public")
#: `offset_pagination_limit` of a plan: how far one gets by page numbers.
FARTHEST = 50_000
NO_KEYSET = "Keyset pagination is not yet available for this type of request"
TOO_FAR = (
    f"Offset pagination has a maximum allowed offset of {FARTHEST} for requests that return objects of type "
    "Project. Remaining records can be retrieved using keyset pagination."
)
Query = Mapping[str, str]


def listed(rows: Iterable[Project], query: Query, person: Person) -> list[Project]:
    """The projects a list asks for. Raises Refused (400) for values GitLab does not know."""
    order = parameters.chosen(query, "order_by", (*ORDERS, SIMILARITY)) or "created_at"
    down = (parameters.chosen(query, "sort", ("asc", "desc")) or "desc") == "desc"
    tests = [_by_role(query, person), _by_words(query), _by_number(query), _by_kind(query)]
    found = [one for one in rows if all(test(one) for test in tests)]
    return sorted(found, key=_order(order, query.get("search", "")), reverse=down)


Test = Callable[[Project], bool]


def _order(name: str, search: str) -> Callable[[Project], Any]:
    """Likeness to what was searched for; without a search that means nothing, and the newest come first."""
    if name != SIMILARITY:
        return ORDERS[name]
    if not search:
        return ORDERS["created_at"]
    return lambda one: (SequenceMatcher(None, search.lower(), one.name.lower()).ratio(), one.id)


def _by_role(query: Query, person: Person) -> Test:
    """An administrator is a member of nothing, and yet sees everything."""
    least = int(parameters.chosen(query, "min_access_level", ROLES) or 0)
    if parameters.yes(query, "membership"):
        least = max(least, 1)
    if parameters.yes(query, "owned"):
        least = LEVELS["owner"]
    return lambda one: level(person, one) >= least


def _by_words(query: Query) -> Test:
    wanted, whole = query.get("search", ""), parameters.yes(query, "search_namespaces")

    def test(one: Project) -> bool:
        full = " / ".join([*above(one.namespace), one.title or one.name])
        names = (one.path, full) if whole else (one.name, one.title)
        return not wanted or matches(wanted, *names, one.description)

    return test


def _by_number(query: Query) -> Test:
    after, before = parameters.whole(query, "id_after"), parameters.whole(query, "id_before")
    return lambda one: (after is None or one.id > after) and (before is None or one.id < before)


def _by_kind(query: Query) -> Test:
    """Archived ones are in the list unless the query says which it wants; nothing here is starred or has topics."""
    archived = parameters.yes(query, "archived")
    visibility = parameters.chosen(query, "visibility", VISIBILITIES)
    none = bool(query.get("topic")) or bool(parameters.yes(query, "starred"))
    return lambda one: archived in (None, one.archived) and visibility in (None, one.visibility) and not none


def project_page(request: web.Request, rows: list[Project], show: Callable[[Project], Any]) -> web.Response:
    """One page: by number as far as that goes, or by keyset. Raises Refused (405) as GitLab does."""
    if request.query.get("pagination") == "keyset":
        return _keyset(request, rows, show)
    if (parameters.whole(request.query, "page") or 1) * page_size(request) > FARTHEST:
        raise Refused(405, {"error": TOO_FAR})
    return page(request, rows, lambda one: one.id, show)


def _keyset(request: web.Request, rows: list[Project], show: Callable[[Project], Any]) -> web.Response:
    """Ordered by id alone. Every page that is not empty links to a next one, the last page too."""
    if request.query.get("order_by") != "id":
        raise Refused(405, {"error": NO_KEYSET})
    size = page_size(request)
    shown, headers = rows[:size], {}
    if shown:
        bound = "id_after" if request.query.get("sort") == "asc" else "id_before"
        headers["Link"] = link(request, "next", **{bound: str(shown[-1].id), "per_page": str(size)})
    return web.json_response([show(one) for one in shown], headers=headers)
