"""The connections when Slack misbehaves: silence, half frames, refusals, storms that must not happen."""

from __future__ import annotations

import logging
import re
import resource
import socket
import time
from typing import Any

import pytest

from bot.doors.patience import Patience
from bot.doors.socket import SILENCE_S, Envelope
from bot.errors import SlackBusy, SlackUnreachable
from tests.doors.line import Line, Peer, ack_all, envelope, sockets
from tests.doors.test_socket import running
from tests.edges.wire import closed_port
from tests.fixtures.slack_samples import control
from tests.sandbox.slack_stage import until

WATCHED_S = 2.5
"""How long the opens are counted; the first wait after "too many" is twice as long."""


@pytest.mark.timeout(60)
def test_a_silent_connection_and_a_half_frame_are_replaced_while_the_other_one_serves() -> None:
    """No answer to our PING, and a frame that never ends: both connections go, at almost no cost of CPU."""
    with Line() as line, running(line, wanted=3) as doors:
        silent, stalled, well = line.peers
        silent.mute = True
        stalled.half(envelope("never whole"))
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        until(lambda: silent.ended and stalled.ended, SILENCE_S + 8)
        until(lambda: doors.connected == 3 and len(line.peers) == 5)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - used < 3
        assert not well.ended
        assert len(line.peers) == 5
        well.send(envelope("still here"))
        until(lambda: bool(well.acks))


def test_a_frame_that_comes_in_two_halves_is_whole() -> None:
    """A stall in the middle of a frame loses neither it nor what follows."""
    with Line() as line, running(line, wanted=1):
        peer = line.peers[0]
        rest = peer.half(envelope("slow", payload={"text": "x" * 40_000}))
        time.sleep(0.5)  # The stall itself.
        peer.raw(rest)
        peer.send(envelope("next"))
        until(lambda: len(peer.acks) == 2)
        assert [ack["envelope_id"] for ack in peer.acks] == ["slow", "next"]


def test_a_large_frame_is_taken() -> None:
    """Five megabytes in one frame are an envelope like any other."""
    with Line() as line, running(line, wanted=1):
        line.peers[0].send(envelope("large", payload={"text": "x" * 5_000_000}))
        until(lambda: line.acks == [{"envelope_id": "large"}])


@pytest.mark.parametrize("reason", ["too_many_websockets", "link_disabled"])
def test_a_refusal_is_not_answered_with_a_storm(reason: str, caplog: pytest.LogCaptureFixture) -> None:
    """A Slack that has enough of us is asked once for each connection, and then left alone for seconds."""

    def refuse(peer: Peer) -> None:
        peer.send(control(f"disconnect_{reason}"))
        peer.close()

    with caplog.at_level(logging.ERROR), Line(refuse) as line:
        doors = sockets(line)
        doors.start()
        until(lambda: len(line.peers) == 2 and not line.open_peers)
        time.sleep(WATCHED_S)  # Nothing may happen in this time.
        assert len(line.asked) == 2
        assert reason in caplog.text
        doors.close()


@pytest.mark.parametrize("error", [SlackUnreachable("away"), SlackUnreachable("away", sent=False),
                                   OSError("broken"), KeyError("url")],
                         ids=["away", "refused", "system", "bug"])  # fmt: skip
def test_failures_to_open_wait_longer_each_time(error: Exception) -> None:
    """Whatever goes wrong on the way to a URL, Slack is not hammered, and it works again when it is over."""
    failed: list[float] = []

    def open_url() -> str:
        if len(failed) < 3:
            failed.append(time.monotonic())
            raise error
        return line.url()

    with Line() as line:
        doors = sockets(line, wanted=1, open_url=open_url)
        doors.start()
        assert doors.wait_connected(10)
        gaps = [later - sooner for sooner, later in zip(failed, [*failed[1:], line.asked[0]], strict=True)]
        assert gaps[0] >= 0.24
        assert gaps[1] >= 0.49
        assert gaps[2] >= 0.99
        doors.close()


def test_slack_says_how_long_to_wait() -> None:
    """Retry-After of apps.connections.open is obeyed."""
    asked: list[float] = []

    def open_url() -> str:
        asked.append(time.monotonic())
        if len(asked) == 1:
            raise SlackBusy(retry_after=1.5)
        return line.url()

    with Line() as line:
        doors = sockets(line, wanted=1, open_url=open_url)
        doors.start()
        assert doors.wait_connected(10)
        assert asked[1] - asked[0] >= 1.49
        doors.close()


def test_nobody_listening_and_a_web_page_are_failures_like_others() -> None:
    """A closed port, a server that hangs up, and an answer that is no WebSocket: the next try works."""
    port = closed_port()

    def hang_up(peer: Peer) -> None:
        peer.door.close()

    with Line(hang_up) as rude, Line() as line:
        urls = [f"ws://127.0.0.1:{port}/", "http://127.0.0.1/", rude.url()]
        doors = sockets(line, wanted=1, open_url=lambda: urls.pop(0) if urls else line.url())
        doors.start()
        assert doors.wait_connected(10)
        doors.close()


def test_an_accept_that_breaks_costs_one_connection_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A bug behind the door is logged; the envelope stays unacked, so that Slack sends it again."""

    def broken(envelopes: list[Envelope]) -> list[dict[str, Any] | None]:
        if envelopes[0]["envelope_id"] == "poison":
            raise KeyError("poison")
        return ack_all(envelopes)

    with caplog.at_level(logging.ERROR), Line() as line, running(line, accept=broken) as doors:
        first, second = line.peers
        first.send(envelope("poison"))
        until(lambda: first.ended)
        second.send(envelope("healthy"))
        until(lambda: bool(second.acks))
        assert re.search(r"connection [12] failed", caplog.text)
        until(lambda: doors.connected == 2)
        assert line.acks == [{"envelope_id": "healthy"}]


def test_a_slack_that_reads_nothing_does_not_stop_the_closing() -> None:
    """A peer that never answers our goodbye is left behind."""
    with Line() as line, running(line, wanted=1) as doors:
        line.peers[0].mute = True
        began = time.monotonic()
        doors.close(0.5)
        assert time.monotonic() - began < 2
        line.peers[0].door.shutdown(socket.SHUT_RDWR)


def test_patience_grows_and_never_shrinks_a_wait() -> None:
    """A failure after "too many" does not cut its wait short, and no streak is too long to count."""
    patience = Patience()
    patience.crowded(100.0, 0.0)
    patience.failed(100.0, 0.0)
    assert patience.not_before == 105.0
    patience.crowded(105.0, 1.0)
    assert patience.not_before == 125.0
    for _ in range(5_000):
        patience.failed(200.0, 0.5)
        patience.crowded(200.0, 0.5)
    assert patience.not_before == 650.0
    patience.well()
    patience.failed(1_000.0, 0.0)
    assert patience.not_before == 1_000.25
    patience.told(1_000.0, 30)
    assert patience.not_before == 1_030.0


def test_a_slack_that_never_says_hello_is_not_counted() -> None:
    """A connection that is open and says nothing is none of those that serve."""

    def silent(peer: Peer) -> None:
        del peer

    with Line(silent) as line:
        doors = sockets(line, wanted=1)
        doors.start()
        until(lambda: bool(line.peers))
        assert not doors.wait_connected(0.2)
        assert doors.silence() == float("inf")
        doors.close()
