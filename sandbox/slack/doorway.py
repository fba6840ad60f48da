"""Where the sandbox's Slack listens: a port that can be shut and opened again."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

BACKLOG = 512
ACCEPT_SECONDS = 0.01


class Doorway:
    """One port on 127.0.0.1 for one application. All coroutines run on the loop that called `open`."""

    def __init__(self) -> None:
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._site: web.BaseSite | None = None
        self._socket: socket.socket | None = None

    async def open(self, application: web.Application, port: int) -> None:
        """Serve the application; port 0 takes a free one."""
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        self._runner, self.port = runner, port
        await self.listen()
        self.port = int(runner.addresses[0][1])

    async def close(self) -> None:
        """Free the port and end the application."""
        await self.shut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def listen(self) -> None:
        """Accept connections, unless it does so already."""
        if self._runner is not None and self._site is None:
            self._socket = socket.create_server(("127.0.0.1", self.port), backlog=BACKLOG)
            self._site = web.SockSite(self._runner, self._socket)
            await self._site.start()

    async def shut(self) -> None:
        """Accept no more. A connection half accepted while its server closes would hang: it gets a moment."""
        if self._site is not None and self._socket is not None:
            site, self._site = self._site, None
            asyncio.get_running_loop().remove_reader(self._socket)
            await asyncio.sleep(ACCEPT_SECONDS)
            await site.stop()
