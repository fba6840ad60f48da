"""One WebSocket of Socket Mode, seen from Slack: everything it sends goes through one queue."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass

from aiohttp import WSMsgType, web

FIN_TEXT, TEXT, FIN_CONTINUATION = 0x81, 0x01, 0x80
"""First bytes of a whole text frame, of a first fragment and of a last one (RFC 6455, 5.2)."""
PING_TEXT = b"Ping from applink-7d9c5b6f4-x2k8p"


@dataclass(frozen=True, slots=True)
class Stalled:
    """A text frame of which only half is sent at first; the rest follows after `seconds`."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Fragmented:
    """A text message sent in two frames."""

    text: str


class Ping:
    """A WebSocket PING frame."""


class Close:
    """The end of this connection, with a close frame."""


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a client's PING."""

    data: bytes


Outgoing = str | Stalled | Fragmented | Ping | Pong | Close


class Connection:
    """An open WebSocket. `leaving` is set once Slack has asked the client to go elsewhere."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self.socket = socket
        self.transport = transport
        self.leaving = False
        self.pings = 0
        self.pongs = 0
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue()

    def send(self, what: Outgoing) -> None:
        """Queue something for the client; frames never overtake or interrupt each other."""
        self._queue.put_nowait(what)

    def drop(self) -> None:
        """Cut the TCP connection without a close frame."""
        self.transport.abort()

    async def write(self) -> None:
        """Send what is queued until the connection ends."""
        while True:
            what = await self._queue.get()
            if self.socket.closed or self.transport.is_closing():
                return
            try:
                await self._send(what)
            except ConnectionError:
                return
            if isinstance(what, Close):
                return

    async def _send(self, what: Outgoing) -> None:
        match what:
            case str():
                await self.socket.send_str(what)
            case Ping():
                self.pings += 1
                await self.socket.ping(PING_TEXT)
            case Pong(data):
                await self.socket.pong(data)
            case Close():
                await self.socket.close()
            case Fragmented(text):
                self._send_fragments(text.encode())
            case Stalled(text, seconds):
                await self._send_stalled(frame(FIN_TEXT, text.encode()), seconds)

    def _send_fragments(self, payload: bytes) -> None:
        half = len(payload) // 2
        self.transport.write(frame(TEXT, payload[:half]) + frame(FIN_CONTINUATION, payload[half:]))

    async def _send_stalled(self, whole: bytes, seconds: float) -> None:
        half = len(whole) // 2
        self.transport.write(whole[:half])
        await asyncio.sleep(seconds)
        self.transport.write(whole[half:])


def frame(first: int, payload: bytes) -> bytes:
    """A server's WebSocket frame, unmasked (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


async def read(connection: Connection) -> str | None:
    """The next text from the client; None when the connection has ended. PINGs are answered on the way."""
    while True:
        message = await connection.socket.receive()
        match message.type:
            case WSMsgType.TEXT:
                return str(message.data)
            case WSMsgType.PING:
                connection.send(Pong(bytes(message.data)))
            case WSMsgType.PONG:
                connection.pongs += 1
            case WSMsgType.BINARY:
                continue
            case _:
                return None
