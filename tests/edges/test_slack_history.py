"""What was said is read page by page; files are fetched from Slack's own hosts alone, and are what they say."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from bot.edges.slack_history import SlackFile, file, is_slacks, message, permalink
from bot.errors import SlackError, SlackUnreachable
from tests.edges import wire
from tests.edges.slack_calls import OPS, THREAD, TOKEN, connect, ok, refused
from tests.edges.wire import Reply, Seen

GRAPH = SlackFile("F1", "graph.png", "image/png", 5, "", "https://acme.slack.com/files/F1")
SLACK = "https://slack.com/api/"


def page(*texts: str, cursor: str = "") -> Reply:
    """A page of messages, newest first."""
    found = [{"ts": f"{n}.0", "user": "U0BOB00001", "text": text} for n, text in enumerate(texts)]
    return wire.data({"ok": True, "messages": found, "response_metadata": {"next_cursor": cursor}})


# Messages ---------------------------------------------------------------------------------------------------


def test_a_channel_is_read_only_as_far_as_it_is_taken() -> None:
    """The next page is asked for when somebody wants it, with the cursor of the one before."""
    with wire.serve(wire.in_turn(page("c", "b", cursor="next"), page("a"))) as server:
        said = connect(server).said(OPS)
        assert [one.text for one in islice(said, 2)] == ["c", "b"]
        assert len(server.seen) == 1
        assert [one.text for one in said] == ["a"]
    first, second = server.seen
    assert first.path == "/api/conversations.history"
    assert (first.form["channel"], first.form["limit"]) == ("C0OPS00001", "200")
    assert second.form["cursor"] == "next"


def test_a_thread_is_read_whole_and_turned_round() -> None:
    """Slack gives replies oldest first."""
    with wire.serve(wire.in_turn(page("a", "b", cursor="next"), page("c"))) as server:
        assert [one.text for one in connect(server).said(THREAD)] == ["c", "b", "a"]
    assert {one.path for one in server.seen} == {"/api/conversations.replies"}
    assert server.seen[0].form["ts"] == THREAD.thread


def test_what_may_not_be_read_is_a_sentence() -> None:
    """It says how to let the bot in."""
    with (
        wire.serve(wire.always(refused("not_in_channel"))) as server,
        pytest.raises(SlackError, match="/invite"),
    ):
        next(connect(server).said(OPS))


def test_a_message_is_read_whole() -> None:
    """Slack's own sample, with blocks; absent parts are empty."""
    mine, ours = ok("conversations.history")["messages"][:2]
    found = message(mine)
    assert (found.ts, found.user, found.text) == ("1763649300.000800", "U0BOB00001", "rolling back")
    assert found.blocks[0]["type"] == "rich_text"
    assert (found.thread, found.subtype, found.bot, found.files) == (None, "", "", ())
    assert message(ours).bot == "B0OPSBOT01"
    assert message({}).user == ""


# Files ------------------------------------------------------------------------------------------------------


def test_a_file_is_read_whole() -> None:
    """Its name, type and size, and where its content is; nothing is held of what others hold."""
    body = ok("files.info")["file"]
    found = file(body)
    assert (found.id, found.name, found.kind) == (body["id"], body["name"], body["mimetype"])
    assert found.url == body["url_private_download"]
    assert not found.unseen
    assert file(body | {"is_external": True}).url == ""
    assert file(body | {"mode": "hidden_by_limit"}).url == ""
    assert file({"id": "F1", "file_access": "check_file_info"}).unseen


def test_a_file_of_another_company_is_asked_for() -> None:
    """By its id."""
    with wire.serve(wire.always(wire.data(ok("files.info")))) as server:
        assert connect(server).file("F0FILE00001").kind
    assert server.seen[0].path == "/api/files.info"


def content(kind: str = "image/png", body: bytes = b"\x89PNG!", **more: str) -> Reply:
    return Reply(200, body, {"Content-Type": kind, **more})


def fetched(
    reply: Any, wanted: SlackFile = GRAPH, most: int = 100, path: str = "/files-pri/F1/graph.png"
) -> bytes:
    """The content of a file at a scripted server."""
    with wire.serve(wire.always(reply) if isinstance(reply, Reply) else reply) as server:
        at = SlackFile(
            wanted.id, wanted.name, wanted.kind, wanted.size, f"{server.url}{path}", wanted.permalink
        )
        return connect(server).download(at, most)


def code(reply: Any, **how: Any) -> str:
    with pytest.raises(SlackError) as caught:
        fetched(reply, **how)
    return caught.value.code


def test_a_file_is_fetched_with_our_token() -> None:
    """As a bearer, which url_private wants."""
    with wire.serve(wire.always(content())) as server:
        at = SlackFile("F1", "graph.png", "image/png", 5, f"{server.url}/files-pri/F1/graph.png", "")
        assert connect(server).download(at, 5) == b"\x89PNG!"
    assert server.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_file_that_is_too_large_is_left() -> None:
    """No more of it is read than would be carried."""
    assert code(content(), most=4) == "file_too_large"


def test_a_page_in_place_of_a_file_is_no_file() -> None:
    """Slack's page to sign in has status 200; a page that somebody shared comes as a download."""
    assert code(content("text/html; charset=utf-8", b"<!DOCTYPE html>")) == "not_a_file"
    page = SlackFile("F1", "a.html", "text/html", 5, "", "")
    assert code(content("text/html", b"<p>"), wanted=page) == "not_a_file"
    shared = content("text/html", b"<p>", **{"Content-Disposition": "attachment; filename=a.html"})
    assert fetched(shared, wanted=page) == b"<p>"


def test_redirects_within_slack_are_followed_and_no_others() -> None:
    """Our token goes along to Slack alone."""

    def within(seen: Seen) -> Reply:
        return content() if seen.path == "/there" else wire.redirect("/there", 302)

    assert fetched(within) == b"\x89PNG!"
    with wire.serve(wire.always(content())) as other:
        assert code(wire.redirect(f"{other.url}/there", 302)) == "file_elsewhere"
        assert other.seen == []


def test_a_file_that_others_hold_is_not_fetched() -> None:
    """Nothing is asked, and nobody gets our token."""
    with wire.serve(wire.always(content())) as server, wire.serve(wire.always(content())) as other:
        for url in (f"{other.url}/a.png", "", "file:///etc/passwd", "https://evil.example/a.png"):
            with pytest.raises(SlackError) as caught:
                connect(server).download(SlackFile("F1", "a", "image/png", 5, url, ""), 100)
            assert caught.value.code == "file_elsewhere"
        assert other.seen == server.seen == []


def test_a_file_that_is_gone_or_late() -> None:
    """Slack's own failures and a silent server are told as such."""
    for reply in (wire.plain("", 404), wire.plain("", 500), wire.cut()):
        with pytest.raises(SlackUnreachable):
            fetched(reply)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True), ("https://slack.com/x", True),
        ("https://acme.enterprise.slack.com/x", True), ("http://files.slack.com/a.png", False),
        ("https://files.slack.com:8443/a.png", False), ("https://files.slack.com.evil.example/a", False),
        ("https://evilslack.com/a", False), ("https://user@files.slack.com/a", False),
        ("https://files.slack.com@evil.example/a", False), ("ftp://files.slack.com/a", False),
        ("https://[::1", False), ("https://files.slack.com:port/a", False), ("//files.slack.com/a", False),
    ],
)  # fmt: skip
def test_slacks_own_hosts(url: str, ours: bool) -> None:
    """By https, on its usual port, without anybody's name in the address."""
    assert is_slacks(url, SLACK) is ours


def test_links_to_messages() -> None:
    """As Slack gives them; without the workspace's address there is none."""
    link = "https://acme-dev.slack.com/archives/C0OPS00001/p1763651020000300"
    assert permalink("https://acme-dev.slack.com", "C0OPS00001", "1763651020.000300") == link
    within = permalink("https://acme-dev.slack.com/", "C0OPS00001", "1763651020.000300", "1763650000.000100")
    assert within == ok("chat.getPermalink")["permalink"]
    root = permalink("https://acme-dev.slack.com/", "C0OPS00001", "1763651020.000300", "1763651020.000300")
    assert root == link
    assert permalink("", "C0OPS00001", "1.2") == ""
