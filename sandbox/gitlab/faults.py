"""Faults of the sandbox's GitLab: down, slow, 500, answers lost after the work, rate limits."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from sandbox.gitlab.answers import too_many

CHANGING = frozenset({"POST", "PUT", "DELETE"})
#: These hit one call when nothing else is said; the others last until they are mended.
ONCE = frozenset({"502-after", "cut-after"})
#: These refuse one thing inside of a request, which asks for them itself.
INSIDE = frozenset({"timeline", "poison"})
#: GitLab fails at every comment that holds this word while it is broken by `poison`.
POISON = "poison"
KINDS = ("down", "slow", "500", "502", "503", "502-after", "cut-after", "429", "429-json", *INSIDE)
SLOW_SECONDS = 5.0
RETRY_AFTER_SECONDS = 30.0
#: What nginx answers while GitLab's own servers start or are looked after.
UNAVAILABLE = "<html><body><h1>503 Service Unavailable</h1></body></html>"
BAD_GATEWAY = "<html><body><h1>502 Bad Gateway</h1></body></html>"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Fault:
    how: str
    until: float | None
    times: int | None
    arg: float | None

    def over(self, now: float) -> bool:
        return (self.until is not None and now >= self.until) or self.times == 0


class Faults:
    """What is broken now. The newest fault that fits a request decides."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, how: str, seconds: float | None, times: int | None, arg: float | None) -> None:
        """Break something for some seconds or some requests. Raises ValueError with a sentence."""
        if how not in KINDS:
            raise ValueError(f"GitLab cannot be broken by {how}; it can by {', '.join(KINDS)}.")
        if seconds is None and times is None and how in ONCE:
            times = 1
        until = None if seconds is None else time.monotonic() + seconds
        self._faults.append(Fault(how, until, times, arg))

    def clear(self) -> None:
        self._faults.clear()

    async def take(self, request: web.Request) -> Fault | None:
        """The fault this request meets, counted as used."""
        changing = await changes(request)
        return self._used(lambda how: how not in INSIDE and (how not in ONCE or changing))

    def met(self, how: str) -> bool:
        """Whether this is refused inside of a request now; each refusal is counted."""
        return self.hit(how) is not None

    def hit(self, how: str) -> Fault | None:
        """The fault by which this is refused inside of a request now, counted as used."""
        return self._used(lambda one: one == how)

    def _used(self, fits: Callable[[str], bool]) -> Fault | None:
        now = time.monotonic()
        self._faults = [fault for fault in self._faults if not fault.over(now)]
        for fault in reversed(self._faults):
            if fits(fault.how):
                fault.times = None if fault.times is None else fault.times - 1
                return fault
        return None


async def changes(request: web.Request) -> bool:
    """Whether a request may change something; GraphQL asks its questions by POST as well."""
    if request.method not in CHANGING:
        return False
    if not request.path.endswith("/graphql"):
        return True
    with suppress(ValueError):
        said = json.loads(await request.text())
        return isinstance(said, dict) and str(said.get("query")).lstrip().startswith("mutation")
    return False


async def meet(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request as the fault wants it; some do the work first."""
    if fault.how == "slow":
        await asyncio.sleep(SLOW_SECONDS if fault.arg is None else fault.arg)
        return await _unless_gone(request, handler)
    if fault.how in ONCE:
        await handler(request)
    if fault.how in ("down", "cut-after"):
        return cut(request)
    return _answer(fault)


async def _unless_gone(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whoever is still there: a bot that was killed meanwhile has taken the rest of its request with it."""
    try:
        return await handler(request)
    except ConnectionResetError:
        return cut(request)


def _answer(fault: Fault) -> web.Response:
    if fault.how == "429":
        return throttled(RETRY_AFTER_SECONDS if fault.arg is None else fault.arg)
    if fault.how == "429-json":
        return web.json_response(too_many().body, status=429)
    if fault.how == "500":
        return web.json_response({"message": "500 Internal Server Error"}, status=500)
    status, text = (503, UNAVAILABLE) if fault.how == "503" else (502, BAD_GATEWAY)
    return web.Response(status=status, text=text, content_type="text/html")


def cut(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def throttled(wait: float) -> web.Response:
    """Rate limit of all traffic: plain text, with its headers (gitlab-api.md 5.1)."""
    reset = time.time() + wait
    headers = {
        "RateLimit-Limit": "2000",
        "RateLimit-Name": "throttle_authenticated_api",
        "RateLimit-Observed": "2001",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(int(reset)),
        "RateLimit-ResetTime": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(reset)),
        "Retry-After": str(int(wait)),
    }
    return web.Response(status=429, text="Retry later\n", headers=headers)
