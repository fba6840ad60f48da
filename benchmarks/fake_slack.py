"""A lean Slack in a process of its own: gives out sockets, pushes slash commands, measures the acks.

The same server measures every contestant; each is an app of its own, told apart by its app token.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import WSMsgType, web

from benchmarks import commander
from benchmarks.asking import Asking, shown_to
from benchmarks.traffic import LATE_S, Traffic

SCOPES = "commands,chat:write,app_mentions:read,im:history,files:write"
HELLO = {
    "type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0OPSBOT01"},
    "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
}  # fmt: skip
IDENTITY = {
    "ok": True, "url": "https://acme-dev.slack.com/", "team": "Acme Dev", "user": "signalbox",
    "team_id": "T0ACME0001", "user_id": "U0OPSBOT01", "bot_id": "B0OPSBOT01", "is_enterprise_install": False,
}  # fmt: skip
#: What Slack says of whom and of which channel it is asked: everybody is a member, and nothing is shared.
ABOUT: Mapping[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    "users.info": lambda asked: {"user": {"id": asked["user"], "team_id": "T0ACME0001", "name": "asker"}},
    "conversations.info": lambda asked: {"channel": {"id": asked["channel"], "name": "ops"}},
}
PING_EVERY_S = 5.0
#: Slack warns ten seconds ahead (slack-platform.md 1.3); three make a shorter benchmark and a harder one.
WARNING_S, CLOSING_S = 3.0, 0.5
#: Of a measurement with a fixed number in flight, the first part is not counted.
WARM_UP_S = 0.3


@dataclass(eq=False, slots=True)
class Connection:
    """One open socket."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    usable: bool = True

    async def send(self, text: str) -> None:
        await self.socket.send_str(text)

    def cut(self) -> None:
        """End the TCP connection without a word."""
        self.usable = False
        self.transport.abort()

    async def refresh(self) -> None:
        """Warn, wait, ask to go elsewhere, close."""
        await self.send(json.dumps({"type": "disconnect", "reason": "warning"}))
        await asyncio.sleep(WARNING_S)
        self.usable = False
        await self.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
        await asyncio.sleep(CLOSING_S)
        await self.socket.close()


class Slack:
    """The apps, their sockets, and what is on its way to them."""

    def __init__(self) -> None:
        self.connections: dict[str, list[Connection]] = defaultdict(list)
        self.greeted: dict[str, list[float]] = defaultdict(list)
        self.calls: Counter[str] = Counter()
        self.traffic = Traffic("none", "")
        self.asking: Asking | None = None
        self._refill: Callable[[], Any] | None = None
        self._chance = random.Random(20)
        self._rounds = 0
        self._stamps = 0
        self._tasks: set[asyncio.Task[None]] = set()

    # What apps ask ------------------------------------------------------------------------------------------

    async def call(self, request: web.Request) -> web.Response:
        """Any method of the Web API: yes, done."""
        method = request.match_info["method"]
        self.calls[method] += 1
        if method == "apps.connections.open":
            app = request.headers["Authorization"].removeprefix("Bearer ")
            return web.json_response({"ok": True, "url": f"ws://{request.host}/link?app={app}"})
        if method == "auth.test":
            return web.json_response(IDENTITY, headers={"x-oauth-scopes": SCOPES})
        if method in ABOUT:
            return web.json_response({"ok": True, **ABOUT[method](await _asked(request))})
        await self._note_answer(request)
        self._stamps += 1
        return web.json_response(
            {"ok": True, "channel": "C0OPS00001", "ts": f"1700000000.{self._stamps:06d}"}
        )

    async def _note_answer(self, request: web.Request) -> None:
        asking = self.asking
        if asking is None:
            await request.read()
            return
        person = await shown_to(request)
        await asyncio.sleep(asking.delay)
        asking.answered(person)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """A socket, until its end."""
        app, socket = request.query["app"], web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        assert request.transport is not None
        connection = Connection(socket, request.transport)
        self.connections[app].append(connection)
        await connection.send(json.dumps(HELLO | {"num_connections": len(self.connections[app])}))
        self.greeted[app].append(time.monotonic())
        pings = asyncio.ensure_future(_ping(socket))
        try:
            await self._listen(socket)
        finally:
            pings.cancel()
            self.connections[app].remove(connection)
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                envelope = json.loads(message.data)["envelope_id"]
                if self.traffic.acked(envelope) and self._refill is not None:
                    await self._refill()

    async def _push(self, app: str) -> None:
        await self._send(app, self.traffic.next())

    async def _send(self, app: str, text: str) -> None:
        usable = [each for each in self.connections[app] if each.usable]
        if usable:
            await self._chance.choice(usable).send(text)

    # What the benchmark asks --------------------------------------------------------------------------------

    async def wait(self, app: str, connections: int, seconds: float = 20.0) -> dict[str, Any]:
        """When that many sockets of the app had been greeted; `at` is None if they were not in time."""
        deadline = time.monotonic() + seconds
        while len(self.greeted[app]) < connections and time.monotonic() < deadline:
            await asyncio.sleep(0.002)
        times = self.greeted[app]
        return {"at": times[connections - 1] if len(times) >= connections else None}

    async def forget(self, app: str) -> dict[str, Any]:
        """Forget when sockets of the app were greeted: a new process of it is about to start."""
        self.greeted[app].clear()
        return {}

    async def flow(self, app: str, text: str, in_flight: int, seconds: float) -> dict[str, Any]:
        """Keep `in_flight` envelopes unacknowledged for that time."""
        self._begin(text)
        self._refill = partial(self._push, app)
        for _ in range(in_flight):
            await self._push(app)
        await asyncio.sleep(WARM_UP_S)
        start, before = time.monotonic(), len(self.traffic.acks)
        await asyncio.sleep(seconds)
        acked, took = len(self.traffic.acks) - before, time.monotonic() - start
        self._refill = None
        await self._settle()
        return self.traffic.told(since=start) | {"rate": acked / took, "all": len(self.traffic.acks)}

    async def steady(
        self, app: str, text: str, rate: int, seconds: float, cut: float = 0.0, refresh: float = 0.0
    ) -> dict[str, Any]:
        """Send `rate` envelopes a second; cut or refresh one connection so many seconds after the start."""
        self._begin(text)
        start = time.monotonic()
        self._at(cut, lambda: self._cut_one(app))
        self._at(refresh, lambda: self._refresh_one(app))
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
            await self._push(app)
        await self._settle()
        return self.traffic.told()

    async def burst(self, app: str, text: str, count: int) -> dict[str, Any]:
        """Send `count` envelopes at once."""
        self._begin(text)
        start = time.monotonic()
        for _ in range(count):
            await self._push(app)
        await self._settle()
        return self.traffic.told() | {"took": max(acked for _, acked in self.traffic.acks) - start}

    async def quiet(
        self,
        app: str,
        text: str,
        *,
        people: int,
        every: float,
        seconds: float,
        delay: float,
        flood: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Let people ask for that time, and `flood`: its `text`, `person`, `count`, `seconds`; nobody for None."""
        self._begin("")
        asking = self.asking = Asking(f"a{self._rounds}", partial(self._send, app), delay)
        quiet = asking.quiet(text, people, every, seconds)
        await (asyncio.gather(quiet, asking.flood(**flood)) if flood else quiet)
        self.asking = None
        return asking.told()

    async def counted(self) -> dict[str, int]:
        """How often each method has been called since the last time this was asked."""
        calls, self.calls = dict(self.calls), Counter()
        return calls

    def _begin(self, text: str) -> None:
        self._rounds += 1
        self.traffic = Traffic(f"e{self._rounds}", text)

    async def _settle(self) -> None:
        """Wait for the acks that are still to come, some time beyond the moment when they are late."""
        deadline = time.monotonic() + LATE_S + 1
        while self.traffic.open and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def _at(self, seconds: float, act: Callable[[], None]) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, act)

    def _cut_one(self, app: str) -> None:
        self._one(app).cut()

    def _refresh_one(self, app: str) -> None:
        task = asyncio.ensure_future(self._one(app).refresh())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _one(self, app: str) -> Connection:
        return next(each for each in self.connections[app] if each.usable)


async def _asked(request: web.Request) -> Mapping[str, str]:
    """The arguments of a call, which slack_sdk sends as a form."""
    return {name: str(value) for name, value in (await request.post()).items()}


async def _ping(socket: web.WebSocketResponse) -> None:
    while True:
        await asyncio.sleep(PING_EVERY_S)
        try:
            await socket.ping(b"Ping from applink-1")
        except ConnectionError:
            return


def main() -> None:
    """Serve until standard input ends."""
    slack, app = Slack(), web.Application()
    app.router.add_route("*", "/api/{method}", slack.call)
    app.router.add_get("/link", slack.link)
    commands: commander.Commands = {
        "wait": slack.wait,
        "forget": slack.forget,
        "flow": slack.flow,
        "steady": slack.steady,
        "burst": slack.burst,
        "quiet": slack.quiet,
        "counted": slack.counted,
    }
    commander.serve(app, commands)


if __name__ == "__main__":
    main()
