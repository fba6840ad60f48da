"""What the tests of Slack's edge share: sample answers, calls that post something, and a failing server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.edges.slack import Slack
from bot.errors import SlackError
from bot.model import Attachment, Message, Place
from tests.edges import wire
from tests.edges.wire import Reply, Seen, Server

FIXTURES = Path(__file__).parents[1] / "fixtures" / "slack" / "web_api"
TOKEN = "xoxb-canary"
OPS = Place("C0OPS00001")
THREAD = Place("C0OPS00001", "1763650000.000100")
BLOCKS = ({"type": "section", "text": {"type": "plain_text", "text": "Hi"}},)
HI = Message("Hi", BLOCKS)
LOG = Attachment("build.log", "a line\n" * 3)

Start = Callable[[Slack], Any]
POSTS: list[tuple[str, Start]] = [
    ("post", lambda slack: slack.post(OPS, HI, oid="o1")),
    ("update", lambda slack: slack.update("C0OPS00001", "1.2", HI, oid="o1")),
    ("whisper", lambda slack: slack.whisper(OPS, "U0ALICE001", HI)),
]


def ok(method: str) -> Any:
    """A successful body as Slack sends it."""
    return json.loads((FIXTURES / f"{method}.json").read_text())["ok"]


def refused(code: str, **more: Any) -> Reply:
    """An answer that is not ok."""
    return wire.data({"ok": False, "error": code, **more})


def connect(server: Server, timeout: int = 5) -> Slack:
    """Slack at a scripted server."""
    return Slack(TOKEN, f"{server.url}/api/", timeout=timeout)


def samples(seen: Seen) -> Reply:
    """Answers each method with its sample; uploads go to this server."""
    if seen.path == "/upload":
        return wire.plain("OK - 21")
    body = ok(seen.path.removeprefix("/api/"))
    if "upload_url" in body:
        body["upload_url"] = f"http://{seen.headers['Host']}/upload"
    return wire.data(body, x_oauth_scopes="chat:write,commands")


def fails(reply: Reply, start: Start, timeout: int = 5) -> SlackError:
    """The error of a call that is answered so, after exactly one request."""
    with wire.serve(wire.always(reply)) as server, pytest.raises(SlackError) as caught:
        start(connect(server, timeout))
    assert len(server.seen) == 1
    return caught.value
