"""What the fake servers have in common: a line of JSON in, a line of JSON out, until standard input ends."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

Commands = Mapping[str, Callable[..., Awaitable[Any]]]


def serve(app: web.Application, commands: Commands) -> None:
    """Serve `app` on a free port of loopback, print `{"url": …}`, and obey until standard input ends."""
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    asyncio.run(_serve(app, commands))


def _is_ours(record: logging.LogRecord) -> bool:
    """Tell a bug in a fake from a bot that was killed in the middle of a request."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionError))


async def _serve(app: web.Application, commands: Commands) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    _say({"url": f"http://{host}:{port}"})
    lines = await _lines()
    while text := await lines.readline():
        asked = json.loads(text)
        _say(await commands[asked.pop("do")](**asked))
    await runner.cleanup()


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)
