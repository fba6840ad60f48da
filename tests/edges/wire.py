"""A tiny scripted HTTP server: it answers, stays silent, cuts or redirects, and remembers what came."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: Longest that a delayed answer holds its thread, seconds, should nobody release it.
HELD = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came."""

    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {key: values[-1] for key, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {key: values[-1] for key, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `length` declares more than is sent; `cut` resets without a word."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    cut: bool = False
    silent: bool = False
    """Says nothing until the test is over."""


Script = Callable[[Seen], Reply]


@dataclass(slots=True)
class Server:
    """A running server: where it is, and what came."""

    url: str
    seen: list[Seen] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.seen]


@contextmanager
def serve(script: Script) -> Iterator[Server]:
    """Runs a server on loopback that answers each request by `script`."""
    over = threading.Event()
    server = Server("")
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script, server, over))
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        over.set()
        http.shutdown()
        http.server_close()
        thread.join()


def data(body: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; `Retry_After="3"` is the header Retry-After."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **named})


def html(status: int = 200, text: str = "<html><body>Sign in</body></html>") -> Reply:
    """A page for people."""
    return Reply(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def plain(text: str | bytes, status: int = 200, **headers: str) -> Reply:
    """A text answer."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    body = text.encode() if isinstance(text, str) else text
    return Reply(status, body, {"Content-Type": "text/plain", **named})


def redirect(location: str, status: int = 302) -> Reply:
    """Sends the caller elsewhere."""
    return Reply(status, b"moved", {"Location": location, "Content-Type": "text/plain"})


def cut() -> Reply:
    """Reads the request, then resets the connection."""
    return Reply(cut=True)


def always(reply: Reply) -> Script:
    """The same reply to every request."""
    return in_turn(reply)


def in_turn(*replies: Reply) -> Script:
    """One reply a request, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _handler(script: Script, server: Server, over: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = HELD

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(self.command, self.path, self.headers, body)
            server.seen.append(seen)
            _send(self, script(seen), over)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 -- the base class looks for these names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
            """Nothing: a test prints only what it finds wrong."""

    return Handler


def _send(handler: BaseHTTPRequestHandler, reply: Reply, over: threading.Event) -> None:
    if reply.silent:
        over.wait(HELD)
    if reply.silent or reply.cut:
        _reset(handler)
        return
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    chunks = [reply.body] if isinstance(reply.body, bytes) else reply.body
    length = len(reply.body) if isinstance(reply.body, bytes) else reply.length
    handler.send_header("Content-Length", str(reply.length or length))
    handler.end_headers()
    try:
        for chunk in chunks:
            handler.wfile.write(chunk)
    except OSError:
        handler.close_connection = True
    if reply.length and isinstance(reply.body, bytes) and reply.length > len(reply.body):
        handler.close_connection = True


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Closes so that the other side sees a reset, not an end."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
