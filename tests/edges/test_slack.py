"""What is sent to Slack and looked for there: real slack_sdk, Slack's own sample answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.edges.slack import BotIdentity, Slack
from bot.errors import SlackError, SlackUnreachable
from bot.model import Attachment, Message
from tests.edges import wire
from tests.edges.slack_calls import (
    BLOCKS,
    HI,
    LOG,
    OPS,
    THREAD,
    TOKEN,
    connect,
    samples,
)
from tests.edges.wire import Reply, Seen


def test_whoami_reads_identity_and_scopes() -> None:
    """auth.test gives the ids, and its header what the token may do."""
    with wire.serve(samples) as server:
        found = connect(server).whoami()
    scopes = frozenset({"chat:write", "commands"})
    assert found == BotIdentity(
        "U0OPSBOT01", "B0OPSBOT01", "T0ACME0001", "opsbot", "https://acme-dev.slack.com/", scopes
    )
    assert server.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_post_carries_its_mark_and_unfurls_nothing() -> None:
    """The oid is in the metadata, links are not crawled, names in the text stay text."""
    with wire.serve(samples) as server:
        assert connect(server).post(THREAD, HI, oid="1a2b") == "1763650000.000100"
    assert server.seen[0].json == {
        "channel": "C0OPS00001",
        "thread_ts": "1763650000.000100",
        "text": "Hi",
        "blocks": list(BLOCKS),
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": "signalbox", "event_payload": {"oid": "1a2b"}},
    }


def test_an_address_without_its_last_slash_works() -> None:
    """`https://slack.com/api` and `https://slack.com/api/` are the same."""
    with wire.serve(samples) as server:
        Slack(TOKEN, f"{server.url}/api").post(OPS, Message("Hi"), oid="o")
    assert server.paths() == ["POST /api/chat.postMessage"]
    assert "blocks" not in server.seen[0].json


def test_an_update_and_a_whisper_name_their_target() -> None:
    """A card is replaced by channel and ts; an ephemeral message names the person."""
    with wire.serve(samples) as server:
        slack = connect(server)
        slack.update("C0OPS00001", "1763650000.000100", HI, oid="1a2b")
        slack.whisper(THREAD, "U0ALICE001", HI)
    first, second = (one.json for one in server.seen)
    assert (first["channel"], first["ts"]) == ("C0OPS00001", "1763650000.000100")
    assert first["metadata"]["event_payload"] == {"oid": "1a2b"}
    assert (second["user"], second["thread_ts"]) == ("U0ALICE001", "1763650000.000100")


def test_channels_are_opened_and_named() -> None:
    """A DM is opened by its person; a channel has a name, and a DM has Slack's word for none."""
    with wire.serve(samples) as server:
        slack = connect(server)
        assert slack.open_dm("U0ALICE001") == "D0ALICEBOT"
        assert slack.channel_name("C0INC00042") == "inc-42-db-down"
    with wire.serve(wire.always(wire.data({"ok": True, "channel": {"id": "D0ALICEBOT"}}))) as server:
        assert connect(server).channel_name("D0ALICEBOT") == "directmessage"


def test_a_socket_is_opened_with_the_app_token() -> None:
    """apps.connections.open gets the app-level token instead of the bot's."""
    with wire.serve(samples) as server:
        assert connect(server).open_socket("xapp-1").startswith("wss://")
    assert server.seen[0].headers["Authorization"] == "Bearer xapp-1"


def test_a_file_is_uploaded_in_three_steps() -> None:
    """Size first, then the bytes without our token, then the share in the right thread."""
    with wire.serve(samples) as server:
        assert connect(server).upload(THREAD, LOG, oid="run:1") == "F0LOG000001"
    begin, send, share = server.seen
    assert begin.form == {"filename": "build.run-1.log", "length": "21"}
    assert (send.path, send.body) == ("/upload", LOG.text.encode())
    assert send.headers["Authorization"] is None
    assert json.loads(share.form["files"]) == [{"id": "F0LOG000001", "title": "build.log"}]
    assert (share.form["channel_id"], share.form["thread_ts"]) == (THREAD.channel, THREAD.thread)


def test_an_image_is_uploaded_as_it_is() -> None:
    """Bytes are sent as bytes, whatever they are."""
    with wire.serve(samples) as server:
        connect(server).upload(THREAD, Attachment("graph.png", data=b"\x89PNG\xff"), oid="note:1")
    begin, send, _ = server.seen
    assert begin.form == {"filename": "graph.note-1.png", "length": "5"}
    assert send.body == b"\x89PNG\xff"


def test_an_empty_file_is_not_sent() -> None:
    """Slack takes no empty file, so nothing is asked."""
    with wire.serve(samples) as server, pytest.raises(SlackError, match="empty"):
        connect(server).upload(OPS, Attachment("a.log", ""), oid="o")
    assert server.seen == []


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.parametrize("reply", [wire.html(502), wire.cut()], ids=["502", "cut"])
def test_only_the_last_step_of_an_upload_is_in_doubt(step: int, reply: Reply) -> None:
    """Before the share nobody sees anything, so a failure there counts as not sent; no step is repeated."""

    def script(seen: Seen) -> Reply:
        return reply if len(server.seen) == step + 1 else samples(seen)

    with wire.serve(script) as server, pytest.raises(SlackUnreachable) as caught:
        connect(server).upload(OPS, LOG, oid="o")
    assert caught.value.sent == (step == 2)
    assert len(server.seen) == step + 1


def message(ts: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "ts": ts, "text": "x", **more}


def marked(ts: str, oid: str, kind: str = "signalbox") -> dict[str, Any]:
    return message(ts, metadata={"event_type": kind, "event_payload": {"oid": oid}})


def test_a_message_is_found_by_its_mark() -> None:
    """Only our own kind of metadata with the same oid counts."""
    page = [message("5.0"), marked("4.0", "o2"), marked("3.0", "o1", "other"), marked("2.0", "o1")]
    with wire.serve(wire.always(wire.data({"ok": True, "messages": page}))) as server:
        slack = connect(server)
        assert slack.find(OPS, "o1", 1_763_650_000_000) == "2.0"
        assert slack.find(OPS, "o9", 1_763_650_000_000) is None
    form = {**server.seen[0].query, **(server.seen[0].form if server.seen[0].body else {})}
    assert server.seen[0].path == "/api/conversations.history"
    assert form["oldest"] == "1763649995.000000"
    assert form["include_all_metadata"] in ("1", "true")


def test_a_reply_is_looked_for_in_its_thread() -> None:
    """With a thread, only that thread is read."""
    with wire.serve(wire.always(wire.data({"ok": True, "messages": [marked("2.0", "o1")]}))) as server:
        assert connect(server).find(THREAD, "o1", 0) == "2.0"
    assert server.seen[0].path == "/api/conversations.replies"


def test_a_file_is_found_by_its_name() -> None:
    """Files have no metadata: the oid is a part of the name."""
    page = [
        message("4.0", files=[{"name": "build.run-12.log"}]),
        message("3.0", files=[{"name": "other.txt"}, {"name": "build.run-1.log", "title": "build.log"}]),
    ]
    with wire.serve(wire.always(wire.data({"ok": True, "messages": page}))) as server:
        assert connect(server).find(OPS, "run:1", 0) == "3.0"


def test_the_search_reads_three_pages_at_most() -> None:
    """A busy channel costs three requests, each with the cursor of the one before."""

    def script(seen: Seen) -> Reply:
        cursor = {"next_cursor": f"c{len(server.seen)}"}
        return wire.data({"ok": True, "messages": [message("9.0")], "response_metadata": cursor})

    with wire.serve(script) as server:
        assert connect(server).find(OPS, "o1", 0) is None
    cursors = [{**one.query, **one.form}.get("cursor") for one in server.seen]
    assert cursors == [None, "c1", "c2"]
