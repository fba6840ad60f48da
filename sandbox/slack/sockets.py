"""Socket Mode: tickets, at most ten connections, hello, pings, refreshes (slack-platform.md 1.1)."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from sandbox.slack.connection import Close, Connection, Ping, read
from sandbox.slack.delivery import Delivery
from sandbox.slack.faults import Faults
from sandbox.slack.people import APP, Body

MOST_CONNECTIONS = 10
"""Open connections of one app (slack-platform.md 1.1)."""
TICKET_SECONDS = 60.0
"""How long a socket's URL may be used. Slack says "temporary"; the figure is the sandbox's."""
LIFETIME_SECONDS = 18_060
"""What hello calls approximate_connection_time (samples/slack/socket/hello.json)."""
DEBUG_LIFETIME_SECONDS = 360
"""The same for a URL with debug_reconnects=true."""
WARNING_SECONDS = 10.0
"""How long before a refresh Slack warns."""
CLOSE_SECONDS = 0.5
"""How long a connection stays open after refresh_requested, so that acks under way still arrive."""
PING_SECONDS = 5.0
HOST = {"host": "applink-7d9c5b6f4-x2k8p"}


class Sockets:
    """All connections of the app, and the tickets for new ones."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.connections: list[Connection] = []
        self.opened = 0
        self.delivery = Delivery(faults, self.choose)
        self._tickets: dict[str, float] = {}
        self._random = random.Random()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to ping and to look for missing acks."""
        self.spawn(self.delivery.sweep())
        self.spawn(self._ping())

    async def stop(self) -> None:
        """Drop every connection and everything still to come."""
        self.delivery.stop()
        self.drop_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ticket(self) -> str:
        """A new single-use ticket."""
        ticket = str(uuid.uuid4())
        self._tickets[ticket] = time.monotonic() + TICKET_SECONDS
        return ticket

    def choose(self) -> Connection | None:
        """One open connection by chance; Slack promises no pattern."""
        usable = [each for each in self.connections if not each.leaving]
        return self._random.choice(usable) if usable else None

    def drop_all(self) -> None:
        """Cut every connection, without a word."""
        for connection in self.connections:
            connection.drop()

    def drop_one(self) -> None:
        """Cut one connection, without a word."""
        if (connection := self.choose()) is not None:
            connection.leaving = True
            connection.drop()

    def refresh_one(self, seconds: float) -> None:
        """Warn one connection, ask it to reconnect after `seconds`, then close it."""
        if (connection := self.choose()) is not None:
            self.spawn(self._refresh(connection, seconds))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """GET /link/?ticket=…: the WebSocket itself. A used or old ticket is refused with 403."""
        until = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        transport = request.transport
        if until < time.monotonic() or transport is None:
            return web.Response(status=403, text="Invalid ticket")
        socket = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, transport)
        if len(self.connections) >= MOST_CONNECTIONS:
            await socket.send_str(json.dumps(self._too_many()))
            await socket.close()
            return socket
        await self._live(connection, request.query.get("debug_reconnects") == "true")
        return socket

    async def _live(self, connection: Connection, debug: bool) -> None:
        self.connections.append(connection)
        self.opened += 1
        writer = asyncio.ensure_future(connection.write())
        connection.send(json.dumps(self._hello(debug)))
        if debug:
            self.spawn(self._age(connection))
        try:
            while (text := await read(connection)) is not None:
                self.delivery.read(text)
        finally:
            self.connections.remove(connection)
            writer.cancel()

    def _hello(self, debug: bool) -> Body:
        seconds = DEBUG_LIFETIME_SECONDS if debug else LIFETIME_SECONDS
        info = {**HOST, "build_number": 118, "approximate_connection_time": seconds}
        count = len(self.connections)
        return {
            "type": "hello",
            "num_connections": count,
            "debug_info": info,
            "connection_info": {"app_id": APP},
        }

    def _too_many(self) -> Body:
        count = len(self.connections) + 1
        rest: Body = {"num_connections": count, "connection_info": {"app_id": APP}, "debug_info": HOST}
        return {"type": "disconnect", "reason": "too_many_websockets", **rest}

    async def _age(self, connection: Connection) -> None:
        await asyncio.sleep(DEBUG_LIFETIME_SECONDS - WARNING_SECONDS)
        await self._refresh(connection, WARNING_SECONDS)

    async def _refresh(self, connection: Connection, seconds: float) -> None:
        connection.send(json.dumps({"type": "disconnect", "reason": "warning", "debug_info": HOST}))
        await asyncio.sleep(seconds)
        connection.leaving = True
        connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested", "debug_info": HOST}))
        await asyncio.sleep(CLOSE_SECONDS)
        connection.send(Close())

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for connection in self.connections:
                connection.send(Ping())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside the others until it ends or the server stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
