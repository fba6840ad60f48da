"""Nothing is sent to Slack twice, and its refusals become sentences."""

from __future__ import annotations

import pytest

from bot.edges.slack import Slack
from bot.errors import SlackBusy, SlackError, SlackUnreachable
from bot.model import Message
from tests.edges import wire
from tests.edges.slack_calls import (
    HI,
    OPS,
    POSTS,
    TOKEN,
    Start,
    connect,
    fails,
    refused,
    samples,
)
from tests.edges.wire import Reply


@pytest.mark.parametrize(("name", "start"), POSTS)
@pytest.mark.parametrize(
    "reply",
    [
        wire.html(502),
        wire.plain("upstream connect error", 503),
        wire.data({"ok": False, "error": "internal_error"}, 500),
        refused("fatal_error"),
        wire.html(200),
        wire.data([]),
        wire.cut(),
    ],
    ids=["502", "503", "500", "fatal", "page", "list", "cut"],
)
def test_a_post_whose_answer_is_lost_is_sent_once(name: str, start: Start, reply: Reply) -> None:
    """Slack's own failures, pages and resets leave the outcome open, after one request."""
    error = fails(reply, start)
    assert isinstance(error, SlackUnreachable)
    assert error.sent


def test_a_post_that_is_not_answered_is_sent_once() -> None:
    """A silent Slack costs the timeout, and the outcome is not known."""
    error = fails(Reply(silent=True), POSTS[0][1], timeout=1)
    assert isinstance(error, SlackUnreachable)
    assert error.sent
    assert "too long" in error.sentence


def test_half_an_answer_is_no_answer() -> None:
    """A body that ends before its declared length leaves the outcome open."""
    half = Reply(200, b'{"ok": tr', {"Content-Type": "application/json"}, length=500)
    error = fails(half, POSTS[0][1])
    assert isinstance(error, SlackUnreachable)
    assert error.sent


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"http://127.0.0.1:{wire.closed_port()}/api/", "does not accept connections"),
        ("http://no-such-host.invalid/api/", "is not known here"),
    ],
    ids=["refused", "unknown"],
)
def test_what_was_never_sent_says_so(url: str, words: str) -> None:
    """Without a connection nothing was sent, and the sentence says why."""
    with pytest.raises(SlackUnreachable) as caught:
        Slack(TOKEN, url).post(OPS, HI, oid="o")
    assert not caught.value.sent
    assert words in caught.value.sentence


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (wire.data({"ok": False, "error": "ratelimited"}, 429, Retry_After="7"), 7),
        (wire.plain("slow down", 429, Retry_After="7"), 7),
        (wire.plain("slow down", 429), 30),
        (wire.plain("slow down", 429, Retry_After="tomorrow"), 30),
        (wire.plain("slow down", 429, Retry_After="0"), 1),
        (refused("ratelimited"), 30),
    ],
    ids=["json", "text", "no header", "nonsense", "zero", "status 200"],
)
def test_a_limit_says_how_long_to_wait(reply: Reply, seconds: float) -> None:
    """Retry-After is read if it can be, and nobody sleeps."""
    error = fails(reply, POSTS[0][1])
    assert isinstance(error, SlackBusy)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("not_in_channel", "Invite me"),
        ("channel_not_found", "Invite me"),
        ("is_archived", "archived"),
        ("invalid_auth", "slack.bot_token"),
        ("account_inactive", "slack.bot_token"),
        ("token_revoked", "slack.bot_token"),
        ("msg_too_long", "too long"),
        ("invalid_blocks", "layout"),
        ("a_code_of_tomorrow", "a_code_of_tomorrow"),
    ],
)
def test_a_refusal_is_a_sentence(code: str, words: str) -> None:
    """Each code that people meet is explained; a new one is named."""
    error = fails(refused(code), POSTS[0][1])
    assert type(error) is SlackError
    assert error.code == code
    assert words in error.sentence


def test_a_missing_scope_is_named() -> None:
    """The scope that is needed stands in the sentence."""
    error = fails(refused("missing_scope", needed="channels:history"), POSTS[0][1])
    assert "`channels:history`" in error.sentence


def test_what_slack_found_wrong_is_repeated() -> None:
    """Slack's own messages come with a code that nobody explains."""
    details = {"messages": ["[ERROR] missing required field: channel"]}
    error = fails(refused("invalid_arguments", response_metadata=details), POSTS[0][1])
    assert "missing required field: channel" in error.sentence


@pytest.mark.parametrize("code", ["invalid_auth", "not_allowed_token_type"])
def test_a_wrong_app_token_is_told_from_a_wrong_bot_token(code: str) -> None:
    """Opening a socket names slack.app_token."""
    error = fails(refused(code), lambda slack: slack.open_socket("xoxb-wrong"))
    assert "slack.app_token" in error.sentence
    assert error.code == code


def test_a_page_names_the_address() -> None:
    """A page instead of data points to slack.api_url."""
    assert "slack.api_url" in fails(wire.html(404), POSTS[0][1]).sentence


def test_tokens_stay_out_of_sentences_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    """Neither errors nor the SDK's log lines hold the token or what was posted, even at DEBUG."""
    caplog.set_level("DEBUG")
    with wire.serve(samples) as server:
        connect(server).post(OPS, Message("a secret thing"), oid="o")
    error = fails(wire.html(502), POSTS[0][1])
    assert TOKEN not in error.sentence + caplog.text
    assert "a secret thing" not in caplog.text
