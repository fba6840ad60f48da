"""A FakeSlack that runs on a loop of its own thread, and what listens to it in tests."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sandbox.slack import FakeSlack
from sandbox.slack.manifest import read

Answer = TypeVar("Answer")
OPS, DEV, SHARED, SECRET, LOBBY = "C0OPS00001", "C0DEV00001", "C0SHARED01", "C0PRIV0001", "C0LOBBY001"
ALICE_DM = "D0ALICEBOT"
#: More than Signalbox asks for: what other apps may do is the fake's business too.
MANY_SCOPES = read().scopes | {"channels:join", "chat:write.public", "team:read", "users:read.email"}


class Clock:
    """A clock that stands still until it is moved; seconds since the epoch."""

    def __init__(self, now: float = 1_763_650_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Stage:
    """A running FakeSlack. `run` awaits one of its coroutines; `web` is a client with the bot's token."""

    def __init__(self, slack: FakeSlack | None = None) -> None:
        self.slack = slack or FakeSlack(scopes=MANY_SCOPES)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="fake-slack")
        self.ears: list[Ear] = []

    def __enter__(self) -> Self:
        self.thread.start()
        self.run(self.slack.start())
        self.web = self.client(self.slack.bot_token)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for ear in self.ears:
            ear.close()
        self.run(self.slack.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Answer], seconds: float = 20) -> Answer:
        """Await a coroutine on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def client(self, token: str, timeout: int = 10) -> WebClient:
        """A Web API client that repeats nothing by itself."""
        return WebClient(token, base_url=self.slack.api_url, retry_handlers=[], timeout=timeout)

    def socket_url(self) -> str:
        """A fresh URL for Socket Mode."""
        return str(self.client("").apps_connections_open(app_token=self.slack.app_token)["url"])

    def listen(self, *, ack: bool = True) -> Ear:
        """Open a socket and wait for its hello."""
        ear = Ear(self.socket_url(), ack)
        self.ears.append(ear)
        until(lambda: bool(ear.heard))
        return ear

    def refusal(self, call: Callable[[], Any]) -> str:
        """The error code a call is refused with; "ok" if it is not."""
        try:
            call()
        except SlackApiError as error:
            return str(error.response["error"])
        return "ok"


class Ear:
    """A bare Socket Mode client: hears everything, acks at once if told to."""

    def __init__(self, url: str, ack: bool) -> None:
        self.url = url
        self.ack = ack
        self.payload: dict[str, Any] | None = None
        self.heard: list[dict[str, Any]] = []
        self.ended = threading.Event()
        self.socket: ClientConnection | None = None
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        try:
            with connect(self.url, compression=None, max_size=None) as self.socket:
                for text in self.socket:
                    self._take(json.loads(text))
        except (ConnectionClosed, OSError):
            pass
        finally:
            self.ended.set()

    def _take(self, body: dict[str, Any]) -> None:
        self.heard.append(body)
        if self.ack and "envelope_id" in body:
            self.answer(body["envelope_id"])

    @property
    def open_socket(self) -> ClientConnection:
        """The connection, once there has been a hello."""
        assert self.socket is not None
        return self.socket

    def answer(self, envelope: str) -> None:
        """Ack one envelope."""
        payload = {"payload": self.payload} if self.payload else {}
        self.open_socket.send(json.dumps({"envelope_id": envelope, **payload}))

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        """What came that wants an ack."""
        return [body for body in self.heard if "envelope_id" in body]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events among it."""
        return [body["payload"]["event"] for body in self.envelopes if body["type"] == "events_api"]

    def close(self) -> None:
        """Leave."""
        self.open_socket.close()
        self.thread.join(10)


def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "It did not come true in time."
        time.sleep(0.005)


def button(label: str = "Go", action: str = "go", **more: Any) -> dict[str, Any]:
    """An actions block with one button."""
    text = {"type": "plain_text", "text": label}
    return {"type": "actions", "elements": [{"type": "button", "action_id": action, "text": text, **more}]}


def shape(value: Any) -> Any:
    """The keys of a payload and the types of its values, blocks and metadata left out."""
    if isinstance(value, dict):
        return {
            key: shape(each) for key, each in value.items() if key not in ("blocks", "metadata", "values")
        }
    return [shape(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__
