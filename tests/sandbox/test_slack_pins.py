"""Pins, bookmarks and reactions of the sandbox's Slack, as an app puts them there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import DEV, LOBBY, MANY_SCOPES, OPS, SECRET, Clock, Stage, shape

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack" / "web_api"
LINK = "https://gitlab.acme.example/acme/web/-/issues/incident/42"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(FakeSlack(clock=Clock(), scopes=MANY_SCOPES, subscriptions=())) as stage:
        yield stage


def answer(name: str) -> dict[str, Any]:
    """The answer in a sample of the Web API."""
    loaded: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())["ok"]
    return loaded


def posted(stage: Stage, channel: str = OPS) -> str:
    """The ts of a message of the app."""
    return str(stage.web.chat_postMessage(channel=channel, text="Incident 42 DB down")["ts"])


def test_pinning_and_unpinning(stage: Stage) -> None:
    """A pinned message is listed with its address and says so itself; Slack writes a line about it."""
    ts, web = posted(stage), stage.web
    web.pins_add(channel=OPS, timestamp=ts)
    (item,) = web.pins_list(channel=OPS)["items"]
    (expected,) = answer("pins.list")["items"]
    expected["message"].pop("blocks")
    assert shape(item) == shape(expected)
    assert item["message"]["permalink"] == f"https://acme-dev.slack.com/archives/{OPS}/p{ts.replace('.', '')}"
    history = web.conversations_history(channel=OPS)
    assert history["pin_count"] == 1
    assert history["messages"][0]["subtype"] == "pinned_item"
    assert history["messages"][1]["pinned_info"]["pinned_by"] == "U0OPSBOT01"
    assert stage.refusal(lambda: web.pins_add(channel=OPS, timestamp=ts)) == "already_pinned"
    web.pins_remove(channel=OPS, timestamp=ts)
    assert web.pins_list(channel=OPS)["items"] == []
    assert stage.refusal(lambda: web.pins_remove(channel=OPS, timestamp=ts)) == "no_pin"


def test_what_cannot_be_pinned(stage: Stage) -> None:
    """Slack's own lines, what is not there, and what the app cannot see."""
    add, notice = stage.web.pins_add, stage.slack.messages
    stage.run(stage.slack.acts.act("alice", "kick", "bob #ops"))
    left = notice("ops")[-1].ts
    assert stage.refusal(lambda: add(channel=OPS, timestamp=left)) == "not_pinnable"
    assert stage.refusal(lambda: add(channel=OPS)) == "no_item_specified"
    assert stage.refusal(lambda: add(channel=OPS, timestamp="yesterday")) == "bad_timestamp"
    assert stage.refusal(lambda: add(channel=OPS, timestamp="1763650000.000001")) == "message_not_found"
    assert stage.refusal(lambda: add(channel=LOBBY, timestamp=left)) == "not_in_channel"
    assert stage.refusal(lambda: add(channel=SECRET, timestamp=left)) == "channel_not_found"


def test_a_hundred_pins(stage: Stage) -> None:
    """One more is too_many_pins; a deleted message makes room."""
    stage.slack.limits.enforced = False
    stamps = [posted(stage) for _ in range(101)]
    for ts in stamps[:100]:
        stage.web.pins_add(channel=OPS, timestamp=ts)
    assert stage.refusal(lambda: stage.web.pins_add(channel=OPS, timestamp=stamps[100])) == "too_many_pins"
    stage.web.chat_delete(channel=OPS, ts=stamps[0])
    assert stage.refusal(lambda: stage.web.pins_add(channel=OPS, timestamp=stamps[100])) == "ok"


def test_bookmarks(stage: Stage) -> None:
    """They are added, changed in part, listed and removed."""
    web = stage.web
    title = "GitLab incident 42"
    mark = web.bookmarks_add(channel_id=OPS, title=title, type="link", link=LINK, emoji=":fire:")["bookmark"]
    assert shape(mark) == shape(answer("bookmarks.add")["bookmark"])
    edited = web.bookmarks_edit(channel_id=OPS, bookmark_id=mark["id"], title="Resolved")["bookmark"]
    assert (edited["title"], edited["link"], edited["emoji"]) == ("Resolved", LINK, ":fire:")
    assert [each["title"] for each in web.bookmarks_list(channel_id=OPS)["bookmarks"]] == ["Resolved"]
    web.bookmarks_remove(channel_id=OPS, bookmark_id=mark["id"])
    assert web.bookmarks_list(channel_id=OPS)["bookmarks"] == []
    gone = stage.refusal(lambda: web.bookmarks_remove(channel_id=OPS, bookmark_id=mark["id"]))
    assert gone == "not_found"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"type": "folder"}, "invalid_bookmark_type"),
        ({"link": "javascript:alert(1)"}, "invalid_link"),
        ({"link": None}, "invalid_link"),
        ({"emoji": "fire"}, "invalid_emoji"),
        ({"channel_id": SECRET}, "channel_not_found"),
        ({"channel_id": LOBBY}, "permission_denied"),
        ({"title": ""}, "invalid_arguments"),
    ],
)
def test_bookmarks_that_are_refused(stage: Stage, wrong: dict[str, Any], code: str) -> None:
    """Only links of the web, in channels the app is in."""
    whole = {"channel_id": OPS, "title": "a", "type": "link", "link": LINK, **wrong}
    assert stage.refusal(lambda: stage.web.api_call("bookmarks.add", json=whole)) == code


def test_a_hundred_bookmarks(stage: Stage) -> None:
    """One more is too_many_bookmarks."""
    stage.slack.limits.enforced = False
    for _ in range(100):
        stage.web.bookmarks_add(channel_id=OPS, title="a", type="link", link=LINK)
    more = stage.refusal(lambda: stage.web.bookmarks_add(channel_id=OPS, title="a", type="link", link=LINK))
    assert more == "too_many_bookmarks"


def test_reading_reactions(stage: Stage) -> None:
    """reactions.get gives the message with who has reacted."""
    ts = posted(stage, DEV)
    stage.run(stage.slack.react("alice", "dev", ts, "eyes"))
    found = stage.web.reactions_get(channel=DEV, timestamp=ts)
    assert {*found.data} == answer("reactions.get").keys()
    assert found["message"]["reactions"] == answer("reactions.get")["message"]["reactions"]
    assert found["message"]["permalink"].startswith("https://acme-dev.slack.com/archives/C0DEV00001/p")
    assert stage.refusal(lambda: stage.web.reactions_get(channel=DEV, timestamp="1")) == "bad_timestamp"
    assert stage.refusal(stage.web.reactions_get) == "no_item_specified"
