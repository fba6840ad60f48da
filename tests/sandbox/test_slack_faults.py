"""Files, faults and the form of answers in the Web API of the sandbox's Slack."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import MANY_SCOPES, OPS, Clock, Stage, button

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack" / "web_api"
OID = {"event_type": "signalbox", "event_payload": {"oid": "0123456789ab"}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[Stage]:
    with Stage(FakeSlack(clock=clock, scopes=MANY_SCOPES)) as stage:
        yield stage


def test_a_file_is_uploaded_in_three_steps(stage: Stage) -> None:
    """files_upload_v2 puts a file into a thread, where people see its name and first lines."""
    parent = str(stage.web.chat_postMessage(channel=OPS, text="card")["ts"])
    answer = stage.web.files_upload_v2(
        channel=OPS,
        thread_ts=parent,
        filename="job.log",
        content="one\ntwo\n",
        initial_comment="The whole log",
    )
    seen = stage.slack.visible("alice", "ops", parent)[-1]
    assert (seen.files[0]["name"], seen.files[0]["preview"]) == ("job.log", "one\ntwo")
    assert stage.slack.files.held[answer["file"]["id"]].content == b"one\ntwo\n"
    assert (
        stage.web.files_info(file=answer["file"]["id"])["file"]["shares"]["public"][OPS][0]["ts"] == seen.ts
    )


def test_an_upload_keeps_its_word(stage: Stage) -> None:
    """No bytes announced, more bytes than announced, and a file never sent are refused."""
    web = stage.web
    assert stage.refusal(lambda: web.files_getUploadURLExternal(filename="a", length=0)) == "missing_argument"
    ticket = web.files_getUploadURLExternal(filename="a.log", length=2)
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(urllib.request.Request(ticket["upload_url"], b"abc"), timeout=5)
    assert raised.value.code == 413
    raised.value.close()
    complete: Callable[[], Any] = lambda: web.files_completeUploadExternal(  # noqa: E731
        files=[{"id": ticket["file_id"]}], channel_id=OPS
    )
    assert stage.refusal(complete) == "file_not_found"


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_change_may_be_made_and_its_answer_lost(stage: Stage, how: str) -> None:
    """502-after and cut-after do the work of one changing call, lose its answer, and then are over."""
    stage.slack.break_(how)
    stage.web.auth_test()
    with pytest.raises((SlackApiError, OSError)):
        stage.web.chat_postMessage(channel=OPS, text="once", metadata=OID)
    assert [seen.message["text"] for seen in stage.slack.visible("alice", "ops")] == ["once"]
    stage.web.chat_postMessage(channel=OPS, text="twice")


def test_an_outage_is_html(stage: Stage) -> None:
    """500 answers HTML and does nothing, as often as told."""
    stage.slack.break_("500", times=1)
    with pytest.raises(SlackApiError) as raised:
        stage.web.chat_postMessage(channel=OPS, text="a")
    assert raised.value.response.status_code == 500
    assert stage.slack.visible("alice", "ops") == []
    stage.web.chat_postMessage(channel=OPS, text="a")


def test_slack_may_be_busy(stage: Stage) -> None:
    """429 refuses every call with the ordered Retry-After until mended."""
    stage.slack.break_("429", arg=17)
    with pytest.raises(SlackApiError) as raised:
        stage.web.auth_test()
    assert raised.value.response.headers["Retry-After"] == "17"
    stage.slack.mend()
    stage.web.auth_test()


def test_slack_may_be_slow(stage: Stage) -> None:
    """slow answers later; the fault ends by itself after the ordered time."""
    stage.slack.break_("slow", arg=0.2, seconds=5, times=1)
    begun = time.monotonic()
    stage.web.auth_test()
    assert time.monotonic() - begun >= 0.2
    begun = time.monotonic()
    stage.web.auth_test()
    assert time.monotonic() - begun < 0.2


def test_an_unknown_fault_is_refused(stage: Stage) -> None:
    """break_ names what it knows when asked for something else."""
    with pytest.raises(ValueError, match="socket-drop"):
        stage.slack.break_("earthquake")


METHODS = [
    "auth.test",
    "apps.connections.open",
    "chat.postMessage",
    "chat.update",
    "chat.postEphemeral",
    "conversations.info",
    "conversations.open",
    "files.getUploadURLExternal",
]


@pytest.mark.parametrize("method", METHODS)
def test_answers_have_slacks_own_form(stage: Stage, method: str) -> None:
    """An answer has the keys of the sample, at every depth."""
    ts = str(stage.web.chat_postMessage(channel=OPS, text="a", blocks=[button()])["ts"])
    arguments: dict[str, dict[str, Any]] = {
        "apps.connections.open": {"app_token": stage.slack.app_token},
        "chat.update": {"channel": OPS, "ts": ts, "text": "b", "blocks": [button()]},
        "chat.postEphemeral": {"channel": OPS, "user": "U0ALICE001", "text": "a"},
        "chat.postMessage": {"channel": OPS, "text": "a", "blocks": [button()]},
        "conversations.info": {"channel": OPS, "include_num_members": True, "include_locale": True},
        "conversations.open": {"users": "U0ALICE001"},
        "files.getUploadURLExternal": {"filename": "a.log", "length": 3},
    }
    call = getattr(stage.web, method.replace(".", "_"))
    sample = json.loads((SAMPLES / f"{method}.json").read_text())["ok"]
    assert keys_of(call(**arguments.get(method, {})).data) == keys_of(sample)


def keys_of(value: Any) -> Any:
    """The keys of an answer at every depth, without what a message consists of."""
    if not isinstance(value, dict):
        return None
    return {key: keys_of(each) for key, each in value.items() if key not in ("blocks", "metadata")}
