"""HTTP answers in GitLab's shapes: errors, lists with their headers, moments."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web

T = TypeVar("T")
#: doc/api/rest, pagination.
YES, NO = (
    frozenset({"1", "on", "t", "true", "y", "yes"}),
    frozenset({"", "0", "off", "f", "false", "n", "no"}),
)
DEFAULT_PAGE, LARGEST_PAGE, MOST_COUNTED = 20, 100, 10_000


class Refused(Exception):
    """The request ends here with this status and JSON body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.body = body


def not_found(what: str) -> Refused:
    """404 as an endpoint says it: `404 Project Not Found`."""
    return Refused(404, {"message": f"404 {what} Not Found"})


def forbidden(why: str = "") -> Refused:
    return Refused(403, {"message": f"403 Forbidden{' - ' + why if why else ''}"})


def bad_request(why: str) -> Refused:
    return Refused(400, {"message": f"400 Bad request - {why}"})


def invalid(*reasons: str) -> Refused:
    """400 of a record that was not valid: `message.base`."""
    return Refused(400, {"message": {"base": list(reasons)}})


def missing(name: str) -> Refused:
    """400 of a parameter that the endpoint wants."""
    return Refused(400, {"error": f"{name} is missing"})


def too_many() -> Refused:
    """429 of GitLab's own limits: it says no time (samples/gitlab/error_429_application.json)."""
    error = "This endpoint has been requested too many times. Try again later."
    return Refused(429, {"message": {"error": error}})


def moment(at: float | None) -> str | None:
    """REST time: milliseconds and Z (samples/gitlab README)."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def seconds(at: float | None) -> str | None:
    """GraphQL time: whole seconds and Z."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str, name: str) -> float:
    """A time given as a parameter, as seconds since the epoch. Raises Refused as Grape does."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(400, {"error": f"{name} is invalid"}) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


async def payload(request: web.Request) -> dict[str, Any]:
    """The parameters of a changing request: JSON or a form, above those of the query."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.body_exists:
        try:
            body = await request.json()
        except json.JSONDecodeError as error:
            raise Refused(400, {"error": "The provided JSON body is not valid"}) from error
        return found | (body if isinstance(body, dict) else {})
    return found | dict(await request.post())


def page(
    request: web.Request,
    rows: Sequence[T],
    key: Callable[[T], int],
    show: Callable[[T], Any],
    *,
    counted: bool = True,
    readable: Callable[[T], bool] = lambda _: True,
) -> web.Response:
    """One page of a list: by number, or by keyset when asked for (doc/api/rest, pagination).

    Lists that GitLab does not count say neither how many rows there are nor where the last page is.
    What is not `readable` is left out of its page, which is shorter then (lib/api/notes.rb).
    """
    size = page_size(request)
    if request.query.get("pagination") == "keyset":
        return _keyset(request, rows, key, show, size)
    number = max(_number(request, "page", 1), 1)
    shown = rows[(number - 1) * size : number * size]
    headers = _headers(request, len(rows), number, size, counted=counted)
    return web.json_response([show(row) for row in shown if readable(row)], headers=headers)


def page_size(request: web.Request) -> int:
    """`per_page`, at most a hundred. Raises Refused (400)."""
    size = _number(request, "per_page", DEFAULT_PAGE)
    if size < 1:
        raise Refused(400, {"error": "per_page does not have a valid value"})
    return min(size, LARGEST_PAGE)


def _headers(request: web.Request, count: int, number: int, size: int, *, counted: bool) -> dict[str, str]:
    """Where one is in a list; above ten thousand rows nobody counts them (doc/api/rest, pagination)."""
    pages, counted = max(-(-count // size), 1), counted and count <= MOST_COUNTED
    follow = number + 1 if number < pages else None
    before = number - 1 if number > 1 else None
    links = {"prev": before, "next": follow, "first": 1, "last": pages if counted else None}
    headers = {
        "Link": ", ".join(
            link(request, rel, page=str(n), per_page=str(size)) for rel, n in links.items() if n
        ),
        "X-Page": str(number),
        "X-Per-Page": str(size),
        "X-Next-Page": str(follow or ""),
        "X-Prev-Page": str(before or ""),
    }
    totals = {"X-Total": str(count), "X-Total-Pages": str(pages)}
    return headers | (totals if counted else {})


def _keyset(
    request: web.Request, rows: Sequence[T], key: Callable[[T], int], show: Callable[[T], Any], size: int
) -> web.Response:
    """Lists by keyset know no totals: only the link to what follows the last row."""
    if request.query.get("order_by", "id") != "id":
        raise Refused(405, {"error": "Keyset pagination is not yet available for this type of request"})
    down = request.query.get("sort", "desc") == "desc"
    ordered = sorted(rows, key=key, reverse=down)
    after = _cursor(request)
    if after is not None:
        ordered = [row for row in ordered if (key(row) < after if down else key(row) > after)]
    shown, headers = ordered[:size], {"X-Per-Page": str(size)}
    if len(ordered) > size:
        cursor = base64.urlsafe_b64encode(json.dumps({"id": str(key(shown[-1]))}).encode()).decode()
        headers["Link"] = link(request, "next", cursor=cursor, per_page=str(size))
    return web.json_response([show(row) for row in shown], headers=headers)


def _cursor(request: web.Request) -> int | None:
    if "cursor" not in request.query:
        return None
    try:
        return int(json.loads(base64.urlsafe_b64decode(request.query["cursor"]))["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(400, {"error": "cursor is invalid"}) from error


def flag(request: web.Request, name: str) -> bool:
    """A yes-or-no parameter of the query, in the spellings Grape takes. Raises Refused (400)."""
    text = request.query.get(name, "false").lower()
    if text not in YES | NO:
        raise Refused(400, {"error": f"{name} is invalid"})
    return text in YES


def said(body: Mapping[str, Any], name: str) -> bool | None:
    """A yes-or-no parameter of a body, None when it is not there. Raises Refused (400)."""
    if body.get(name) is None:
        return None
    text = str(body[name]).lower()
    if text not in YES | NO:
        raise Refused(400, {"error": f"{name} is invalid"})
    return text in YES


def _number(request: web.Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError as error:
        raise Refused(400, {"error": f"{name} is invalid"}) from error


def link(request: web.Request, rel: str, **changes: str) -> str:
    """One entry of a `Link` header: this request with other parameters."""
    return f'<{request.url.update_query(changes)}>; rel="{rel}"'
