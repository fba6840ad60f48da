"""Reading what was said in the sandbox's Slack: history, threads, permalinks, and who may read where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.fixtures.slack_samples import FOLDER, sample
from tests.sandbox.slack_stage import LOBBY, MANY_SCOPES, OPS, SECRET, Ear, Stage, shape, until

EVENTS = {"message.channels"}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(FakeSlack(scopes=MANY_SCOPES, subscriptions=EVENTS)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def said(
    stage: Stage, *texts: str, name: str = "bob", channel: str = "ops", thread: str | None = None
) -> list[str]:
    """Write messages one after the other; answers their ts."""
    return [stage.run(stage.slack.say(name, channel, text, thread)) for text in texts]


def history(stage: Stage, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.web.conversations_history(channel=OPS, **arguments)["messages"]
    return found


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [each["text"] for each in messages]


def test_messages_have_the_keys_of_the_sample(stage: Stage) -> None:
    """A person's, a bot's, a join, and the root of a thread, each as the sample shows it."""
    slack = stage.slack
    stage.run(slack.acts.act("alice", "invite", "alice2 #lobby"))
    (ts,) = said(stage, "prod is on fire @alice")
    stage.run(slack.react("alice", "ops", ts, "eyes"))
    card = str(stage.web.chat_postMessage(channel=OPS, text="card")["ts"])
    said(stage, "a", "b", thread=card)
    bots, persons = history(stage)
    expected = json.loads((FOLDER / "web_api" / "conversations.history.json").read_text())["ok"]["messages"]
    assert shape(persons) == shape(expected[0])
    assert bots.keys() == expected[1].keys() - {"blocks", "metadata"}
    assert (bots["reply_count"], bots["reply_users"]) == (2, ["U0BOB00001"])
    stage.run(slack.acts.act("alice", "kick", "carol #ops"))
    stage.run(slack.acts.act("alice", "invite", "carol #ops"))
    joined = history(stage, limit=1)[0]
    assert joined.keys() == expected[2].keys() | {"inviter"}
    assert joined["subtype"] == "channel_join"


def test_the_range_and_its_edges(stage: Stage) -> None:
    """`latest` and `oldest` bound what is read, their own messages only with `inclusive`."""
    one, two, three = said(stage, "one", "two", "three")
    assert texts(history(stage, latest=three)) == ["two", "one"]
    assert texts(history(stage, latest=three, inclusive=True, limit=2)) == ["three", "two"]
    assert texts(history(stage, oldest=one)) == ["three", "two"]
    assert texts(history(stage, oldest=two, latest=two, inclusive=True)) == ["two"]
    refused = stage.refusal(lambda: history(stage, latest="yesterday"))
    assert refused == "invalid_ts_latest"


def test_a_cursor_goes_on_where_it_was(stage: Stage) -> None:
    """Messages that arrive between two pages shift nothing."""
    said(stage, "one", "two", "three", "four")
    first = stage.web.conversations_history(channel=OPS, limit=2)
    said(stage, "five")
    cursor = first["response_metadata"]["next_cursor"]
    second = stage.web.conversations_history(channel=OPS, limit=2, cursor=cursor)
    assert (texts(second["messages"]), second["has_more"]) == (["two", "one"], False)
    for wrong in ("next:2", "bm9uc2Vuc2U="):
        refused = stage.refusal(lambda: history(stage, cursor=wrong))  # noqa: B023  # called at once
        assert refused == "invalid_cursor"


def test_a_thread_is_read_oldest_first(stage: Stage) -> None:
    """The parent is first on the first page, whatever the range; a reply's own ts gives that reply alone."""
    (root,) = said(stage, "root")
    one, two, _ = said(stage, "one", "two", "three", thread=root)

    def replies(**arguments: Any) -> Any:
        return stage.web.conversations_replies(channel=OPS, **arguments)

    page = replies(ts=root, limit=2)
    assert texts(page["messages"]) == ["root", "one"]
    rest = replies(ts=root, limit=2, cursor=page["response_metadata"]["next_cursor"])
    assert texts(rest["messages"]) == ["two", "three"]
    assert texts(replies(ts=root, oldest=one)["messages"]) == ["root", "two", "three"]
    assert texts(replies(ts=two)["messages"]) == ["two"]
    assert stage.refusal(lambda: replies(ts="1.2")) == "thread_not_found"


def test_a_reply_sent_to_the_channel_too(stage: Stage, ear: Ear) -> None:
    """It is in the thread and in the history, with the root of its thread, in the form of the sample."""
    (root,) = said(stage, "root")
    stage.run(stage.slack.broadcast("alice", "ops", "fixed", root))
    until(lambda: len(ear.events) == 2)
    expected = sample("events/message_thread_broadcast")["payload"]["event"]
    assert ear.events[1].keys() == expected.keys()
    newest = history(stage)[0]
    assert (newest["text"], newest["subtype"], newest["root"]["text"]) == (
        "fixed",
        "thread_broadcast",
        "root",
    )
    assert texts(stage.web.conversations_replies(channel=OPS, ts=root)["messages"]) == ["root", "fixed"]


def test_what_is_left_and_what_is_changed(stage: Stage) -> None:
    """A deleted root is a tombstone, a deleted message is gone, a changed one says so."""
    root, gone, changed = said(stage, "root", "gone", "cahnged")
    said(stage, "reply", thread=root)
    stage.run(stage.slack.delete("bob", "ops", root))
    stage.run(stage.slack.delete("bob", "ops", gone))
    stage.run(stage.slack.edit("bob", "ops", changed, "changed"))
    newest, oldest = history(stage)
    assert (newest["text"], newest["edited"]["user"]) == ("changed", "U0BOB00001")
    assert (oldest["subtype"], oldest["user"], oldest["reply_count"]) == ("tombstone", "USLACKBOT", 1)


def test_a_webhook_writes_in_the_old_form(stage: Stage, ear: Ear) -> None:
    """Its message has a bot_id and a name of its own, and no user."""
    stage.run(stage.slack.acts.act("alice", "webhook", "alertmanager #ops disk <full>"))
    until(lambda: bool(ear.events))
    expected = sample("events/message_bot_message_classic")["payload"]["event"]
    assert ear.events[0].keys() == expected.keys() - {"attachments"}
    (message,) = history(stage)
    assert (message["subtype"], message["username"], message["text"]) == (
        "bot_message", "alertmanager", "disk &lt;full&gt;",
    )  # fmt: skip
    assert stage.slack.visible("alice", "ops")[0].user_name == "alertmanager"


def test_who_may_read_where(stage: Stage) -> None:
    """A public channel needs the bot in it, a private one does not even exist without it; each its own scope."""

    def read(channel: str) -> str:
        return stage.refusal(lambda: stage.web.conversations_history(channel=channel))

    assert (read(OPS), read(LOBBY), read(SECRET)) == ("ok", "not_in_channel", "channel_not_found")
    said(stage, "hello", name="alice", channel="secret")
    stage.slack.workspace.channels[SECRET].members.append(stage.slack.bot_user)
    assert read(SECRET) == "ok"
    stage.slack.scopes.discard("groups:history")
    assert (read(OPS), read(SECRET)) == ("ok", "missing_scope")


def test_permalinks(stage: Stage) -> None:
    """A reply's names its thread, in the form of the sample; what is not there has none."""
    (root,) = said(stage, "root")
    (reply,) = said(stage, "reply", thread=root)

    def link(channel: str, ts: str) -> Any:
        return stage.web.chat_getPermalink(channel=channel, message_ts=ts)

    expected = json.loads((FOLDER / "web_api" / "chat.getPermalink.json").read_text())
    answer = link(OPS, reply)
    assert answer.data.keys() == expected["ok"].keys()
    place = f"https://acme-dev.slack.com/archives/{OPS}/p"
    assert answer["permalink"] == f"{place}{reply.replace('.', '')}?thread_ts={root}&cid={OPS}"
    assert link(OPS, root)["permalink"] == place + root.replace(".", "")
    assert stage.refusal(lambda: link(OPS, "1.2")) == "message_not_found"
    assert stage.refusal(lambda: link(SECRET, root)) == "channel_not_found"
    stage.web.chat_postEphemeral(channel=OPS, user="U0BOB00001", text="psst")
    whisper = stage.slack.visible("bob", "ops")[-1].ts
    assert stage.refusal(lambda: link(OPS, whisper)) == "message_not_found"
