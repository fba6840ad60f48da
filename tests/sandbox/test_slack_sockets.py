"""Socket Mode of the sandbox's Slack: tickets, connections, acks, redelivery and broken sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.sandbox.slack_stage import OPS, Stage, button, until


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def test_a_ticket_opens_one_connection(stage: Stage) -> None:
    """A URL of apps.connections.open works once and is refused the second time."""
    url = stage.socket_url()
    with connect(url):
        pass
    with pytest.raises(InvalidStatus), connect(url):
        pass


def test_hello_counts_the_connections(stage: Stage) -> None:
    """hello tells how many connections the app has."""
    counts = [stage.listen().heard[0]["num_connections"] for _ in range(2)]
    assert counts == [1, 2]


def test_the_eleventh_connection_is_turned_away(stage: Stage) -> None:
    """An eleventh connection gets too_many_websockets and is closed; ten go on."""
    for _ in range(10):
        stage.listen()
    last = stage.listen()
    assert last.heard[0]["reason"] == "too_many_websockets"
    assert last.ended.wait(5)
    assert len(stage.slack.sockets.connections) == 10


def test_each_payload_goes_to_one_connection(stage: Stage) -> None:
    """Forty commands over two connections arrive once each, and neither connection gets them all."""
    ears = [stage.listen(), stage.listen()]
    for number in range(40):
        assert stage.run(stage.slack.slash("alice", "ops", "/gitlab", f"run {number}")) == "ok"
    counts = [len(ear.envelopes) for ear in ears]
    assert sum(counts) == 40
    assert min(counts) > 0
    assert len(stage.slack.ack_times) == 40


def test_without_a_connection_a_command_fails_at_once(stage: Stage) -> None:
    """With no socket open the person sees dispatch_failed."""
    assert stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help")) == "dispatch_failed"
    seen = stage.slack.visible("alice", "ops")
    assert [(each.ephemeral, each.user_name) for each in seen] == [(True, "Slackbot")]
    assert "dispatch_failed" in seen[0].message["text"]
    assert stage.slack.visible("bob", "ops") == []


def test_what_is_not_acked_in_three_seconds_fails_or_comes_again(stage: Stage) -> None:
    """An unacked command times out, a click warns, an event comes again at once with the same event_id."""
    posted = stage.web.chat_postMessage(channel=OPS, text="card", blocks=[button()])
    ear = stage.listen(ack=False)
    begun = time.monotonic()
    work = [
        stage.slack.slash("alice", "ops", "/gitlab", "help"),
        stage.slack.click("bob", "ops", str(posted["ts"]), "go"),
    ]
    stage.run(stage.slack.say("alice", "dm", "help"))
    assert stage.run(_both(work)) == ["operation_timeout", "operation_timeout"]
    assert 2.9 < time.monotonic() - begun < 4
    until(lambda: len(ear.events) == 2)
    first, again = (each for each in ear.envelopes if each["type"] == "events_api")
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "timeout")
    assert first["payload"]["event_id"] == again["payload"]["event_id"]
    assert first["envelope_id"] != again["envelope_id"]
    assert "operation_timeout" in stage.slack.visible("alice", "ops")[-1].message["text"]
    assert stage.slack.visible("bob", "ops")[-1].ephemeral
    assert len(stage.slack.unacked) == 3
    ear.answer(first["envelope_id"])
    until(lambda: len(stage.slack.late) == 1)


async def _both(work: list[Coroutine[Any, Any, str]]) -> list[str]:
    return list(await asyncio.gather(*work))


def test_an_ack_may_come_on_another_connection(stage: Stage) -> None:
    """An ack counts on any connection of the app."""
    ears = [stage.listen(ack=False), stage.listen(ack=False)]
    stage.run(stage.slack.say("alice", "dm", "help"))
    until(lambda: bool(ears[0].envelopes or ears[1].envelopes))
    heard, other = ears if ears[0].envelopes else reversed(ears)
    other.answer(heard.envelopes[0]["envelope_id"])
    until(lambda: len(stage.slack.ack_times) == 1)


def test_what_is_no_ack_is_kept_for_tests(stage: Stage) -> None:
    """Text that is no ack, and an ack for an unknown envelope, are strange; a second ack is not."""
    ear = stage.listen()
    stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help"))
    ear.answer(ear.envelopes[0]["envelope_id"])
    ear.answer("no-such-envelope")
    ear.open_socket.send("hello")
    until(lambda: len(stage.slack.sockets.delivery.strange) == 2)


def test_the_text_of_an_ack_becomes_an_answer(stage: Stage) -> None:
    """An ack's payload is shown to the asker alone, or with the typed line to everybody if in_channel."""
    ear = stage.listen()
    ear.payload = {"text": "Working on it"}
    stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help"))
    assert [each.ephemeral for each in stage.slack.visible("alice", "ops")] == [True]
    assert stage.slack.visible("bob", "ops") == []
    ear.payload = {"text": "Deploy queued", "response_type": "in_channel"}
    stage.run(stage.slack.slash("alice", "ops", "/gitlab", "deploy"))
    texts = [(each.user_name, each.message["text"]) for each in stage.slack.visible("bob", "ops")]
    assert texts == [("alice", "/gitlab deploy"), ("Signalbox", "Deploy queued")]


def test_a_dropped_connection_ends_without_a_close_frame(stage: Stage) -> None:
    """socket-drop cuts one connection; the next command takes the other one."""
    ears = [stage.listen(), stage.listen()]
    stage.slack.break_("socket-drop")
    until(lambda: sum(ear.ended.is_set() for ear in ears) == 1)
    gone = next(ear for ear in ears if ear.ended.is_set())
    assert gone.open_socket.protocol.close_rcvd is None
    assert stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help")) == "ok"


def test_a_refresh_warns_then_asks_then_closes(stage: Stage) -> None:
    """socket-refresh sends warning, later refresh_requested, then closes properly."""
    ear = stage.listen()
    stage.slack.break_("socket-refresh", arg=0.1)
    assert ear.ended.wait(5)
    reasons = [each["reason"] for each in ear.heard if each["type"] == "disconnect"]
    assert reasons == ["warning", "refresh_requested"]
    assert ear.open_socket.protocol.close_rcvd is not None
    assert stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help")) == "dispatch_failed"


def test_a_stalled_frame_arrives_in_two_halves(stage: Stage) -> None:
    """socket-stall sends half a frame, waits, and sends the rest; nothing comes in between."""
    ear = stage.listen()
    stage.slack.break_("socket-stall", arg=0.4)
    begun = time.monotonic()
    assert stage.run(
        _both(
            [
                stage.slack.slash("alice", "ops", "/gitlab", "first"),
                stage.slack.slash("alice", "ops", "/gitlab", "second"),
            ]
        )
    ) == ["ok", "ok"]
    assert time.monotonic() - begun >= 0.4
    assert [each["payload"]["text"] for each in ear.envelopes] == ["first", "second"]


def test_a_message_may_come_in_fragments(stage: Stage) -> None:
    """socket-fragment sends one payload as two frames of one message."""
    ear = stage.listen()
    stage.slack.break_("socket-fragment")
    assert stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help")) == "ok"
    assert ear.envelopes[0]["payload"]["text"] == "help"


def test_redeliver_sends_one_envelope_three_times(stage: Stage) -> None:
    """redeliver delivers the next payload three times under one envelope_id, and the one after it once."""
    ears = [stage.listen(), stage.listen()]
    stage.slack.break_("redeliver")
    stage.run(stage.slack.slash("alice", "ops", "/gitlab", "one"))
    stage.run(stage.slack.slash("alice", "ops", "/gitlab", "two"))
    until(lambda: sum(len(ear.envelopes) for ear in ears) == 4)
    ids = [each["envelope_id"] for ear in ears for each in ear.envelopes]
    assert sorted(ids.count(each) for each in set(ids)) == [1, 3]


def test_slack_pings_and_answers_pings(stage: Stage) -> None:
    """A client's PING is answered, and Slack sends PINGs of its own, which the client answers."""
    ear = stage.listen()
    assert ear.open_socket.ping(b"are you there").wait(5)
    connection = stage.slack.sockets.connections[0]
    until(lambda: connection.pongs > 0, seconds=8)


def test_down_cuts_sockets_and_refuses_requests(stage: Stage) -> None:
    """down ends every connection and every request; mend brings the same address back."""
    ear = stage.listen()
    stage.slack.break_("down")
    assert ear.ended.wait(5)
    with pytest.raises(OSError):  # noqa: PT011
        stage.web.auth_test()
    assert stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help")) == "dispatch_failed"
    stage.slack.mend()
    until(lambda: _reachable(stage.web))
    stage.listen()


def test_an_outage_may_end_by_itself(stage: Stage) -> None:
    """down for a time refuses connections for that time and no longer, on the same port."""
    stage.slack.break_("down", seconds=0.3)
    until(lambda: not _reachable(stage.web))
    until(lambda: _reachable(stage.web))
    stage.listen()


def _reachable(web: WebClient) -> bool:
    try:
        web.auth_test()
    except OSError:
        return False
    return True


def test_the_sdk_own_client_gets_on_with_it(stage: Stage) -> None:
    """slack_sdk's built-in Socket Mode client connects, receives and acks."""
    got: list[SocketModeRequest] = []

    def take(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        got.append(request)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client = SocketModeClient(app_token=stage.slack.app_token, web_client=stage.client(""))
    client.socket_mode_request_listeners.append(take)
    client.connect()
    try:
        assert stage.run(stage.slack.slash("alice", "ops", "/gitlab", "run hello")) == "ok"
        stage.run(stage.slack.say("bob", "dm", "help"))
        until(lambda: len(got) == 2)
    finally:
        client.close()
    assert [each.type for each in got] == ["slash_commands", "events_api"]


def test_events_wait_for_a_connection_that_is_not_there(stage: Stage) -> None:
    """An event without any socket is tried again at once, then a minute later."""
    stage.run(stage.slack.say("alice", "dm", "help"))
    delivery = stage.slack.sockets.delivery
    until(lambda: any(55 < seconds <= 60 for seconds in delivery.to_come(stage.loop.time())))
    assert len(delivery.to_come(stage.loop.time())) == 1
