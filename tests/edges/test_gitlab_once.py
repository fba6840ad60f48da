"""A change is sent to GitLab exactly once, and what was never sent says so."""

from __future__ import annotations

import json

import pytest

from bot.errors import GitLabSaidNo, GitLabUnreachable
from tests.edges import wire
from tests.edges.gitlab_calls import CHANGES, CREATE, Connect, Start, fails, sample
from tests.edges.wire import Reply


@pytest.mark.parametrize(("name", "start"), CHANGES)
@pytest.mark.parametrize("reply", [wire.data({}, 500), wire.html(502), wire.cut(), wire.plain("", 520)])
def test_a_change_whose_answer_is_lost_is_sent_once(
    connect: Connect, name: str, start: Start, reply: Reply
) -> None:
    """A 5xx or a reset after the work was done leads to one request and `sent`."""
    with wire.serve(wire.always(reply)) as server, pytest.raises(GitLabUnreachable) as caught:
        start(connect(server))
    assert caught.value.sent
    assert len(server.seen) == 1


@pytest.mark.parametrize(("name", "start"), CHANGES)
def test_a_change_that_is_not_answered_is_sent_once(connect: Connect, name: str, start: Start) -> None:
    """A silent server costs the timeout, and the outcome is not known."""
    with wire.serve(wire.always(Reply(silent=True))) as server, pytest.raises(GitLabUnreachable) as caught:
        start(connect(server, timeout=(1.0, 0.2)))
    assert caught.value.sent
    assert "too long" in caught.value.sentence
    assert len(server.seen) == 1


def test_a_change_is_not_redirected(connect: Connect) -> None:
    """A POST that is redirected ends in a sentence that names gitlab.url and the other address."""
    with wire.serve(wire.always(wire.data({}))) as other:
        error = fails(connect, wire.redirect(f"{other.url}/api/v4/x?sig=1", 301), CREATE)
    assert isinstance(error, GitLabSaidNo)
    assert "gitlab.url" in error.sentence
    assert other.url in error.sentence
    assert "sig=1" not in error.sentence
    assert other.seen == []


def test_a_success_that_cannot_be_read_leaves_the_outcome_open(connect: Connect) -> None:
    """A created pipeline whose answer is rubbish may be there: `sent`."""
    for reply in (wire.plain("OK", 201), wire.data({"odd": 1}, 201), wire.data([], 201)):
        error = fails(connect, reply, CREATE)
        assert isinstance(error, GitLabUnreachable)
        assert error.sent


def test_a_read_is_tried_once_more_when_the_connection_breaks(connect: Connect) -> None:
    """One reset does not fail a read; a second one does."""
    with wire.serve(wire.in_turn(wire.cut(), wire.data(sample("user_current")))) as server:
        assert connect(server).me().id == 7
    assert len(server.seen) == 2
    with wire.serve(wire.always(wire.cut())) as server, pytest.raises(GitLabUnreachable):
        connect(server).me()
    assert len(server.seen) == 2


def test_a_cut_answer_is_no_answer(connect: Connect) -> None:
    """JSON that ends in the middle of its declared length is an error, not half a record."""
    body = json.dumps(sample("pipeline_create")).encode()
    half = Reply(201, body[:100], {"Content-Type": "application/json"}, length=len(body))
    error = fails(connect, half, CREATE)
    assert isinstance(error, GitLabUnreachable)
    assert error.sent


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"http://127.0.0.1:{wire.closed_port()}", "does not accept connections"),
        ("http://no-such-host.invalid", "is not known here"),
    ],
    ids=["closed", "unknown"],
)
def test_what_was_never_sent_says_so(connect: Connect, url: str, words: str) -> None:
    """Without a connection nothing was sent, and the sentence says why."""
    with pytest.raises(GitLabUnreachable) as caught:
        CREATE(connect(url))
    assert not caught.value.sent
    assert words in caught.value.sentence


def test_https_to_a_plain_server_says_so(connect: Connect) -> None:
    """A wrong scheme in gitlab.url is told apart from a broken connection."""
    with wire.serve(wire.always(wire.data({}))) as server, pytest.raises(GitLabUnreachable) as caught:
        connect(server.url.replace("http:", "https:")).me()
    assert not caught.value.sent
    assert "http or https" in caught.value.sentence
