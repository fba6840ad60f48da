"""The other end of Socket Mode, byte by byte: a Slack that greets, asks, cuts, stalls and falls silent."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.protocol import CLOSED
from websockets.server import ServerProtocol

from bot.doors.socket import Envelope, Sockets

HELLO = {"type": "hello", "num_connections": 1}


class Peer:
    """One connection, seen from Slack."""

    def __init__(self, line: Line, door: socket.socket) -> None:
        self.line, self.door = line, door
        self.protocol = ServerProtocol(max_size=None)
        self.opened_at = time.monotonic()
        self.greeted = False
        self.ended_at: float | None = None
        self.acks: list[dict[str, Any]] = []
        self.close_code: int | None = None
        """The code of the client's close frame, once there was one."""
        self.acks_before_close = 0
        self.mute = False
        """Whether nothing is sent any more, not even an answer to a PING."""
        self._lock = threading.RLock()
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    def send(self, *things: Any) -> None:
        """Send frames, all of them in one write: a dict as JSON, a str or bytes as it is."""
        with self._lock:
            for thing in things:
                if isinstance(thing, bytes):
                    self.protocol.send_binary(thing)
                else:
                    text = thing if isinstance(thing, str) else json.dumps(thing)
                    self.protocol.send_text(text.encode())
            self._flush()

    def half(self, thing: dict[str, Any]) -> bytes:
        """Send the first half of a frame; returns the rest, for `raw`."""
        with self._lock:
            self.protocol.send_text(json.dumps(thing).encode())
            whole = b"".join(self.protocol.data_to_send())
            self.door.sendall(whole[: len(whole) // 2])
            self.mute = True
        return whole[len(whole) // 2 :]

    def raw(self, data: bytes) -> None:
        """Send bytes, and speak again."""
        with self._lock:
            self.door.sendall(data)
            self.mute = False
            self._flush()

    def send_and_cut(self, *things: Any) -> None:
        """Send frames with the end of the TCP stream right behind them, and no close frame."""
        with self._lock:
            self.send(*things)
            self.fin()

    def fin(self) -> None:
        """End our half of the TCP connection, without a close frame."""
        self.door.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the TCP connection off, so that the client sees a reset."""
        self.mute = True
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.door.shutdown(socket.SHUT_RD)  # Wakes our own thread, which closes.
        self.thread.join(5)

    def close(self) -> None:
        """Say goodbye as Slack does after a refresh."""
        with self._lock:
            self.protocol.send_close(1000)
            self._flush()

    def _flush(self) -> None:
        if self.mute:
            return
        for data in self.protocol.data_to_send():
            if data:
                self.door.sendall(data)
            else:
                self.door.shutdown(socket.SHUT_WR)

    def _live(self) -> None:
        try:
            while self._take(self.door.recv(65536)):
                pass
        except OSError:
            pass
        finally:
            self.ended_at = time.monotonic()
            self.door.close()

    def _take(self, data: bytes) -> bool:
        with self._lock:
            if data:
                self.protocol.receive_data(data)
            else:
                self.protocol.receive_eof()
            for event in self.protocol.events_received():
                self._event(event)
            self._flush()
            return bool(data) and self.protocol.state is not CLOSED

    def _event(self, event: Any) -> None:
        if isinstance(event, Request):
            self.protocol.send_response(self.protocol.accept(event))
            self._flush()
            self.line.greet(self)
        elif event.opcode is Opcode.TEXT:
            self.acks.append(json.loads(event.data))
        elif event.opcode is Opcode.CLOSE:
            self.close_code = int.from_bytes(event.data[:2])
            self.acks_before_close = len(self.acks)


def hello(peer: Peer) -> None:
    """Greet, as Slack does."""
    peer.send(HELLO)
    peer.greeted = True


class Line:
    """A listening socket; `greet` decides what a new connection hears first."""

    def __init__(self, greet: Callable[[Peer], None] = hello) -> None:
        self.greet = greet
        self.peers: list[Peer] = []
        self.asked: list[float] = []
        """When a URL was asked for."""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        self.thread.join(5)
        for peer in self.peers:
            with suppress(OSError):
                peer.door.shutdown(socket.SHUT_RDWR)
            peer.thread.join(5)

    def url(self) -> str:
        """What apps.connections.open would answer."""
        self.asked.append(time.monotonic())
        return f"ws://127.0.0.1:{self.door.getsockname()[1]}/link/?ticket={len(self.asked)}"

    @property
    def open_peers(self) -> list[Peer]:
        return [peer for peer in self.peers if not peer.ended]

    @property
    def acks(self) -> list[dict[str, Any]]:
        """Every ack on every connection."""
        return [ack for peer in self.peers for ack in peer.acks]

    def _listen(self) -> None:
        while True:
            try:
                door, _ = self.door.accept()
            except OSError:
                return
            self.peers.append(Peer(self, door))


def envelope(name: str = "e1", **more: Any) -> Envelope:
    """An envelope that asks for an ack."""
    return {"envelope_id": name, "type": "events_api", "payload": {}, **more}


def sockets(
    line: Line, accept: Any = None, wanted: int = 2, open_url: Any = None, back: Any = bool
) -> Sockets:
    """Sockets on that line, not yet started; without `accept` everything is acked."""
    return Sockets(open_url or line.url, accept or ack_all, wanted, lambda: 0.0, back)


def ack_all(envelopes: Any) -> list[dict[str, Any] | None]:
    """Acknowledge everything."""
    return [{"envelope_id": one["envelope_id"]} for one in envelopes]
