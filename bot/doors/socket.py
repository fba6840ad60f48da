"""Keeps several Socket Mode connections to Slack open, so that one of them can always be heard.

The WebSocket protocol is the `websockets` library's. What is ours is when to open, when to distrust and when to
wait: a connection can be deaf and call itself connected, a refresh must not make a gap, and a Slack that says
"too many" must not be hammered (slack-platform.md 1.3, reliability.md 1.1).
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bot.doors.patience import Patience
from bot.errors import BotError, SlackBusy

log = logging.getLogger(__name__)

Envelope = dict[str, Any]
#: Sends one acknowledgement; from any thread.
Send = Callable[[dict[str, Any]], None]
#: An acknowledgement, or what is handed the way to send one once it is known; that has to return at once.
Ack = dict[str, Any] | Callable[[Send], None]
#: Takes envelopes in the order they came; returns the acknowledgement of each, None where there must be none.
Accept = Callable[[Sequence[Envelope]], Sequence[Ack | None]]

MOST_IN_ONE_BATCH = 200
#: Slack refuses views above 250 kB (slack-platform.md 2.1); anything near this size is not Slack.
LARGEST_FRAME = 16 * 2**20
OPEN_TIMEOUT_S = 10.0
PING_EVERY_S = 4.0
#: Slack pings every few seconds and answers our pings, so a connection this silent is dead (reliability.md S1).
SILENCE_S = 12.0
#: How long a connection that Slack wants to replace is still read (`warning` comes 10 s ahead).
FAREWELL_S = 12.0


@dataclass(slots=True)
class Connection:
    """One WebSocket and what is known of its health; owned by the thread that reads it."""

    number: int
    opened_at: float
    ws: ClientConnection | None = None
    said_hello: bool = False
    leaving_since: float | None = None
    ended: bool = False
    why: str = ""
    last_frame: float = 0.0
    pong: threading.Event | None = None
    pinged_at: float = 0.0
    at_work: threading.Lock = field(default_factory=threading.Lock)
    """Held while envelopes are accepted and acked: nobody says goodbye in between."""
    left: bool = False

    @property
    def counts(self) -> bool:
        """Whether this is one of the connections we want to have."""
        return not self.ended and self.leaving_since is None


@dataclass(slots=True)
class Sockets:
    """The connections, and the watchdog that replaces those that are gone, going or silent."""

    open_url: Callable[[], str]
    """Asks Slack for a fresh URL (apps.connections.open); each is good for one connection."""
    accept: Accept
    wanted: int
    jitter: Callable[[], float]
    """Between 0 and 1, different at each call."""
    back: Callable[[], object] = bool
    """Called when Slack speaks to us after no connection was open, as at the start; must not wait."""
    _all: list[Connection] = field(default_factory=list)
    _change: threading.Condition = field(default_factory=threading.Condition)
    _stopping: bool = False
    _patience: Patience = field(default_factory=Patience)
    _opened: int = 0
    _watchdog: threading.Thread | None = None

    def start(self) -> None:
        """Begin to keep `wanted` connections open; returns at once."""
        self._watchdog = threading.Thread(target=self._watch, name="socket-watchdog", daemon=True)
        self._watchdog.start()

    def wait_connected(self, timeout: float) -> bool:
        """Wait until Slack has said hello on at least one connection; False after `timeout` seconds."""
        with self._change:
            return self._change.wait_for(lambda: self.connected > 0, timeout)

    @property
    def connected(self) -> int:
        """How many connections have said hello and are not on their way out."""
        return sum(1 for one in self._all if one.counts and one.said_hello)

    def silence(self) -> float:
        """Seconds since any frame came on any connection; what a health check should look at."""
        seen = [one.last_frame for one in self._all if one.said_hello]
        return time.monotonic() - max(seen) if seen else float("inf")

    def close(self, timeout: float = 3.0) -> None:
        """Stop reading: what has been read is still accepted and acked, then every connection is closed."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        deadline = time.monotonic() + timeout
        for one in list(self._all):
            threading.Thread(target=_goodbye, args=(one,), daemon=True).start()
        with self._change:
            self._change.wait_for(lambda: not self._all, max(0.0, deadline - time.monotonic()))

    # The watchdog's thread ----------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stopping:
            now = time.monotonic()
            for one in list(self._all):
                self._inspect(one, now)
            wait = self._fill(now)
            with self._change:
                if not self._stopping:
                    self._change.wait(wait)

    def _inspect(self, one: Connection, now: float) -> None:
        if one.ws is None or one.ended:
            return
        if one.pong is not None and one.pong.is_set():
            one.last_frame, one.pong = max(one.last_frame, one.pinged_at), None
        mute = not one.said_hello and now - one.opened_at > OPEN_TIMEOUT_S + SILENCE_S
        if mute or now - one.last_frame > SILENCE_S or _older(one.leaving_since, now, FAREWELL_S):
            one.why = one.why or f"silent for {now - one.last_frame:.0f} s"
            _abort(one.ws)
        elif one.pong is None and now - one.pinged_at >= PING_EVERY_S:
            _ping(one, now)

    def _fill(self, now: float) -> float:
        """Open what is missing, as patience allows; return how many seconds to sleep."""
        missing = self.wanted - sum(1 for one in self._all if one.counts)
        if missing > 0 and now < self._patience.not_before:
            return min(self._patience.not_before - now, 1.0)
        for _ in range(missing):
            self._opened += 1
            one = Connection(self._opened, now, last_frame=now)
            self._all.append(one)
            threading.Thread(target=self._live, args=(one,), name=f"socket-{one.number}", daemon=True).start()
        return 1.0

    # Each connection's own thread ---------------------------------------------------------------------------

    def _live(self, one: Connection) -> None:
        try:
            self._converse(one)
        except SlackBusy as error:
            self._patience.told(time.monotonic(), error.retry_after)
            one.why = str(error)
        except (BotError, OSError, WebSocketException) as error:
            one.why = one.why or f"{type(error).__name__}: {error}"
        except Exception as error:
            # A bug of ours must not become a storm of connections: it waits like any other failure.
            log.exception("connection %d failed", one.number)
            one.why, one.said_hello = f"{type(error).__name__}: {error}", False
        finally:
            if not one.said_hello:
                self._patience.failed(time.monotonic(), self.jitter())
            self._gone(one)

    def _converse(self, one: Connection) -> None:
        url = self.open_url()
        # No library ping: our watchdog pings, and judges by every frame instead of by pongs alone.
        with connect(url, open_timeout=OPEN_TIMEOUT_S, close_timeout=1, ping_interval=None, compression=None,
                     max_size=LARGEST_FRAME, max_queue=None) as ws:  # fmt: skip
            one.ws, one.last_frame, one.pinged_at = ws, time.monotonic(), time.monotonic()
            while not self._stopping:
                self._handle(one, ws, _read(ws))

    def _handle(self, one: Connection, ws: ClientConnection, frames: list[str | bytes]) -> None:
        one.last_frame = time.monotonic()
        envelopes: list[Envelope] = []
        for frame in frames:
            thing = _decode(frame)
            if "envelope_id" in thing:
                envelopes.append(thing)
            elif thing:
                self._control(one, thing)
        with one.at_work:
            if envelopes and not one.left:  # After our goodbye no ack would arrive; Slack knows that too.
                self._answer(ws, [ack for ack in self.accept(envelopes) if ack is not None])

    def _answer(self, ws: ClientConnection, acks: list[Ack]) -> None:
        for ack in acks:
            if isinstance(ack, dict):
                self._send(ws, ack)
            else:
                ack(partial(self._send, ws))

    def _send(self, ws: ClientConnection, ack: dict[str, Any]) -> None:
        text = json.dumps(ack, separators=(",", ":"))
        for way in (ws, *self._siblings(ws)):
            try:
                way.send(text)
            except (OSError, WebSocketException):
                continue  # Whether Slack takes it on another connection is not known; it costs nothing.
            break

    def _siblings(self, ws: ClientConnection) -> list[ClientConnection]:
        return [one.ws for one in self._all if one.ws is not None and one.ws is not ws and one.counts]

    def _control(self, one: Connection, frame: dict[str, Any]) -> None:
        if frame.get("type") == "hello":
            self._hello(one, frame)
        elif frame.get("type") == "disconnect":
            self._disconnect(one, str(frame.get("reason", "")))

    def _hello(self, one: Connection, frame: dict[str, Any]) -> None:
        was_away, one.said_hello = self.connected == 0, True
        self._patience.well()
        counted = frame.get("num_connections")
        others = counted - sum(1 for c in self._all if not c.ended) if isinstance(counted, int) else 0
        if others > 0:
            log.warning("Slack counts %d more connections than mine: is it running twice?", others)
        log.info(
            "connected to Slack, connection %d, after %.2f s", one.number, time.monotonic() - one.opened_at
        )
        with self._change:
            self._change.notify_all()
        if was_away:
            self.back()

    def _disconnect(self, one: Connection, reason: str) -> None:
        one.why = reason
        if reason in {"too_many_websockets", "link_disabled"}:
            self._patience.crowded(time.monotonic(), self.jitter())
            log.error("Slack refuses connection %d: %s. I wait before I try again.", one.number, reason)
        one.leaving_since = one.leaving_since or time.monotonic()
        with self._change:  # The watchdog opens the next one now; this one is read until Slack closes it.
            self._change.notify_all()

    def _gone(self, one: Connection) -> None:
        one.ended = True
        level = logging.INFO if one.leaving_since or self._stopping else logging.WARNING
        log.log(level, "connection %d to Slack is over: %s", one.number, one.why or "closed")
        with self._change:
            self._all.remove(one)
            self._change.notify_all()


def _read(ws: ClientConnection) -> list[str | bytes]:
    """Return the next frame and all that came with it, so that one commit serves them all."""
    frames = [ws.recv()]
    while len(frames) < MOST_IN_ONE_BATCH:
        try:
            frames.append(ws.recv(timeout=0))
        except (TimeoutError, ConnectionClosed):
            break  # What came before the end still counts; the next call tells of the end.
    return frames


def _decode(frame: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a frame; an empty one for anything else, such as a bare error text."""
    try:
        thing = json.loads(frame)
    except (ValueError, RecursionError):
        log.warning("Slack sent a frame that is not JSON: %r", frame[:80])
        return {}
    return thing if isinstance(thing, dict) else {}


def _ping(one: Connection, now: float) -> None:
    try:
        one.pong = one.ws.ping() if one.ws else None
    except (OSError, WebSocketException):
        one.pong = None  # It is closing; its own thread will notice.
    one.pinged_at = now


def _abort(ws: ClientConnection) -> None:
    """Cut the TCP connection: a closing handshake with a peer that does not answer would only wait."""
    with suppress(OSError):  # It is gone already.
        ws.socket.shutdown(socket.SHUT_RDWR)


def _goodbye(one: Connection) -> None:
    with one.at_work:
        one.left = True
        if one.ws is not None:
            one.ws.close()


def _older(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and now - since > seconds
