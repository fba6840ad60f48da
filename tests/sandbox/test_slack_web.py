"""The Web API of the sandbox's Slack: tokens, scopes, membership, limits and reading back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import ALICE_DM, LOBBY, MANY_SCOPES, OPS, SECRET, SHARED, Clock, Stage, button

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack" / "web_api"
OID = {"event_type": "signalbox", "event_payload": {"oid": "0123456789ab"}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[Stage]:
    with Stage(FakeSlack(clock=clock, scopes=MANY_SCOPES)) as stage:
        yield stage


def test_auth_test_names_the_bot_and_its_scopes(stage: Stage) -> None:
    """auth.test tells who the bot is, and the header x-oauth-scopes what it may do."""
    answer = stage.web.auth_test()
    assert (answer["user_id"], answer["team_id"], answer["bot_id"]) == (
        "U0OPSBOT01",
        "T0ACME0001",
        "B0OPSBOT01",
    )
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


def test_tokens_are_checked(stage: Stage) -> None:
    """A wrong, a missing and a token of the other kind each have their own code."""
    slack = stage.slack
    assert stage.refusal(stage.client("xoxb-wrong").auth_test) == "invalid_auth"
    assert stage.refusal(stage.client("").auth_test) == "not_authed"
    assert stage.refusal(stage.client(slack.app_token).users_list) == "not_allowed_token_type"
    by_bot = stage.client("").apps_connections_open
    assert stage.refusal(lambda: by_bot(app_token=slack.bot_token)) == "not_allowed_token_type"
    assert (
        stage.refusal(
            lambda: stage.client("").api_call("apps.connections.open", data={"token": slack.app_token})
        )
        == "not_authed"
    )


def test_an_unknown_method_is_refused(stage: Stage) -> None:
    """A method Slack does not have, or this sandbox has not, is unknown_method; every request is counted."""
    assert stage.refusal(lambda: stage.web.api_call("chat.shout")) == "unknown_method"
    assert stage.slack.calls["chat.shout"] == 1


def test_a_missing_scope_is_named(stage: Stage) -> None:
    """missing_scope says which scope is needed and which there are."""
    stage.slack.scopes.discard("files:write")
    with pytest.raises(SlackApiError) as raised:
        stage.web.files_getUploadURLExternal(filename="a.log", length=3)
    assert raised.value.response["needed"] == "files:write"
    assert "chat:write" in raised.value.response["provided"]
    stage.slack.scopes.discard("groups:history")
    stage.slack.scopes.discard("im:history")
    assert stage.refusal(lambda: stage.web.conversations_history(channel=ALICE_DM)) == "missing_scope"


def test_membership_decides(stage: Stage) -> None:
    """A private channel without the bot does not exist for it; a public one needs chat:write.public."""
    web = stage.web
    assert stage.refusal(lambda: web.chat_postMessage(channel=SECRET, text="a")) == "channel_not_found"
    assert stage.refusal(lambda: web.chat_postMessage(channel="C0NOWHERE1", text="a")) == "channel_not_found"
    assert stage.refusal(lambda: web.chat_postMessage(channel="#ops", text="a")) == "channel_not_found"
    assert stage.refusal(lambda: web.chat_postMessage(channel=LOBBY, text="a")) == "ok"
    assert stage.refusal(lambda: web.conversations_history(channel=LOBBY)) == "not_in_channel"
    whisper = web.chat_postEphemeral
    assert stage.refusal(lambda: whisper(channel=LOBBY, user="U0ALICE001", text="a")) == "not_in_channel"
    stage.slack.scopes.discard("chat:write.public")
    assert stage.refusal(lambda: web.chat_postMessage(channel=LOBBY, text="a")) == "not_in_channel"
    web.conversations_join(channel=LOBBY)
    assert stage.refusal(lambda: web.chat_postMessage(channel=LOBBY, text="a")) == "ok"


def test_an_archived_channel_takes_no_posts(stage: Stage) -> None:
    """Posting to an archived channel is is_archived."""
    stage.slack.channels["dev"].is_archived = True
    assert stage.refusal(lambda: stage.web.chat_postMessage(channel="C0DEV00001", text="a")) == "is_archived"


def test_an_ephemeral_message_needs_its_reader_in_the_channel(stage: Stage) -> None:
    """Only members get ephemeral messages, only they see them, and history does not hold them."""
    web = stage.web
    refused = stage.refusal(lambda: web.chat_postEphemeral(channel=OPS, user="U0ERIN0001", text="a"))
    assert refused == "user_not_in_channel"
    sent = web.chat_postEphemeral(channel=OPS, user="U0BOB00001", text="for bob")
    assert [seen.message["text"] for seen in stage.slack.visible("bob", "ops")] == ["for bob"]
    assert stage.slack.visible("alice", "ops") == []
    assert web.conversations_history(channel=OPS)["messages"] == []
    ts = str(sent["message_ts"])
    assert stage.refusal(lambda: web.chat_update(channel=OPS, ts=ts, text="b")) == "message_not_found"


def test_a_user_id_means_that_persons_direct_message(stage: Stage) -> None:
    """chat.postMessage and conversations.open lead from a user to the direct message."""
    assert stage.web.chat_postMessage(channel="U0ALICE001", text="a")["channel"] == ALICE_DM
    assert stage.web.conversations_open(users="U0ALICE001")["channel"]["id"] == ALICE_DM
    assert stage.refusal(lambda: stage.web.conversations_open(users="U0NOBODY01")) == "user_not_found"


def test_a_message_needs_content(stage: Stage) -> None:
    """No text, no blocks and no attachments is no_text; no channel is invalid_arguments."""
    assert stage.refusal(lambda: stage.web.api_call("chat.postMessage", json={"channel": OPS})) == "no_text"
    assert (
        stage.refusal(lambda: stage.web.api_call("chat.postMessage", json={"text": "a"}))
        == "invalid_arguments"
    )


def test_forms_and_json_mean_the_same(stage: Stage) -> None:
    """Blocks and metadata may come as JSON text inside a form."""
    form = {"channel": OPS, "text": "a", "blocks": json.dumps([button()]), "metadata": json.dumps(OID)}
    answer = stage.web.api_call("chat.postMessage", data=form)
    assert answer["message"]["blocks"][0]["elements"][0]["action_id"] == "go"
    assert answer["message"]["metadata"] == OID


def test_a_long_text_is_split_on_posting_and_refused_on_updating(stage: Stage) -> None:
    """4 040 characters stay one message, one more makes two; chat.update takes 4 000."""
    web = stage.web
    web.chat_postMessage(channel=OPS, text="a" * 4_040)
    assert len(stage.slack.visible("alice", "ops")) == 1
    sent = web.chat_postMessage(channel=OPS, text="b" * 4_041)
    assert [len(seen.message["text"]) for seen in stage.slack.visible("alice", "ops")] == [4_040, 4_000, 41]
    ts = str(sent["ts"])
    assert stage.refusal(lambda: web.chat_update(channel=OPS, ts=ts, text="c" * 4_001)) == "msg_too_long"
    assert stage.refusal(lambda: web.chat_update(channel=OPS, ts=ts, text="c" * 4_000)) == "ok"


def test_an_update_without_blocks_takes_them_away(stage: Stage) -> None:
    """chat.update with text alone removes the blocks, keeps the metadata and marks the message as edited."""
    sent = stage.web.chat_postMessage(channel=OPS, text="a", blocks=[button()], metadata=OID)
    stage.web.chat_update(channel=OPS, ts=str(sent["ts"]), text="b")
    (seen,) = stage.slack.visible("alice", "ops")
    assert (seen.message["text"], seen.edited, "blocks" in seen.message) == ("b", True, False)
    (found,) = stage.web.conversations_history(channel=OPS, include_all_metadata=True)["messages"]
    assert found["metadata"] == OID


def test_only_own_messages_can_be_changed(stage: Stage) -> None:
    """The bot can neither change nor delete what a person wrote."""
    ts = stage.run(stage.slack.say("alice", "ops", "mine"))
    assert stage.refusal(lambda: stage.web.chat_update(channel=OPS, ts=ts, text="b")) == "cant_update_message"
    assert stage.refusal(lambda: stage.web.chat_delete(channel=OPS, ts=ts)) == "cant_delete_message"


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"event_type": "signalbox"}, "invalid_metadata_format"),
        ({"event_type": "signalbox", "event_payload": "oid"}, "invalid_metadata_format"),
        ({"event_type": "signalbox", "event_payload": {"a": {"b": {"c": 1}}}}, "invalid_metadata_schema"),
        ({"event_type": "signalbox", "event_payload": {"a": None}}, "invalid_metadata_schema"),
        (OID, "ok"),
    ],
)
def test_metadata_has_a_shape(stage: Stage, metadata: dict[str, Any], code: str) -> None:
    """Message metadata is an event_type and a payload of flat values."""
    assert stage.refusal(lambda: stage.web.chat_postMessage(channel=OPS, text="a", metadata=metadata)) == code


def test_metadata_is_read_back_only_when_asked_for(stage: Stage) -> None:
    """history and replies show metadata with include_all_metadata=true and not otherwise."""
    sent = stage.web.chat_postMessage(channel=OPS, text="a", metadata=OID)
    for read in (
        stage.web.conversations_history,
        lambda **more: stage.web.conversations_replies(ts=sent["ts"], **more),
    ):
        assert "metadata" not in read(channel=OPS)["messages"][0]
        assert read(channel=OPS, include_all_metadata=True)["messages"][0]["metadata"] == OID


def test_threads(stage: Stage) -> None:
    """Replies stand in their thread only; the parent shows their number; a broadcast stands in both."""
    web = stage.web
    parent = str(web.chat_postMessage(channel=OPS, text="card")["ts"])
    reply = str(web.chat_postMessage(channel=OPS, text="reply", thread_ts=parent)["ts"])
    web.chat_postMessage(channel=OPS, text="both", thread_ts=parent, reply_broadcast=True)
    assert [seen.message["text"] for seen in stage.slack.visible("bob", "ops")] == ["card", "both"]
    assert [seen.message["text"] for seen in stage.slack.visible("bob", "ops", parent)] == [
        "card",
        "reply",
        "both",
    ]
    assert (
        web.conversations_history(channel=OPS, latest=parent, inclusive=True)["messages"][0]["reply_count"]
        == 2
    )
    assert len(web.conversations_replies(channel=OPS, ts=parent)["messages"]) == 3
    post = web.chat_postMessage
    assert stage.refusal(lambda: post(channel="C0DEV00001", text="a", thread_ts=parent)) == "thread_not_found"
    assert (
        stage.refusal(lambda: post(channel="C0DEV00001", text="a", thread_ts="1.000000"))
        == "thread_not_found"
    )
    assert stage.refusal(lambda: web.conversations_replies(channel=OPS, ts="1.000000")) == "thread_not_found"
    stage.slack.limits.enforced = False
    assert stage.refusal(lambda: post(channel=OPS, text="a", thread_ts=reply)) == "cannot_reply_to_message"


def test_lists_come_in_pages(stage: Stage, clock: Clock) -> None:
    """history gives `limit` messages and a cursor until there are no more; a wrong cursor is refused."""
    for number in range(5):
        clock.now += 5
        stage.web.chat_postMessage(channel=OPS, text=str(number))
    texts, cursor = [], ""
    while True:
        answer = stage.web.conversations_history(channel=OPS, limit=2, cursor=cursor)
        texts.append([each["text"] for each in answer["messages"]])
        cursor = answer["response_metadata"]["next_cursor"]
        if not answer["has_more"]:
            break
    assert texts == [["4", "3"], ["2", "1"], ["0"]]
    refused = stage.refusal(lambda: stage.web.conversations_history(channel=OPS, cursor="bogus"))
    assert refused == "invalid_cursor"
    assert (
        stage.refusal(lambda: stage.web.conversations_history(channel=OPS, oldest="soon"))
        == "invalid_ts_oldest"
    )


def test_a_channel_takes_one_message_a_second(stage: Stage, clock: Clock) -> None:
    """After a burst of three a channel is limited with 429 and Retry-After; other channels are not."""
    for _ in range(3):
        stage.web.chat_postMessage(channel=OPS, text="a")
    with pytest.raises(SlackApiError) as raised:
        stage.web.chat_postMessage(channel=OPS, text="a")
    response = raised.value.response
    assert (response.status_code, response["error"], response.headers["Retry-After"]) == (
        429,
        "ratelimited",
        "1",
    )
    stage.web.chat_postMessage(channel=SHARED, text="a")
    clock.now += 1
    stage.web.chat_postMessage(channel=OPS, text="a")


def test_updates_have_a_minute_budget(stage: Stage) -> None:
    """The fifty-first chat.update within a minute is limited."""
    ts = str(stage.web.chat_postMessage(channel=OPS, text="a")["ts"])
    for number in range(50):
        stage.web.chat_update(channel=OPS, ts=ts, text=str(number))
    assert stage.refusal(lambda: stage.web.chat_update(channel=OPS, ts=ts, text="last")) == "ratelimited"


def test_people_and_channels_can_be_looked_up(stage: Stage) -> None:
    """users.info, users.lookupByEmail and conversations.info know the sandbox's people and channels."""
    web = stage.web
    assert web.users_info(user="U0ERIN0001")["user"]["team_id"] == "T0PARTNER1"
    assert web.users_info(user="U0ERIN0001")["user"]["is_restricted"] is True
    assert web.users_lookupByEmail(email="bob@acme.example")["user"]["id"] == "U0BOB00001"
    assert stage.refusal(lambda: web.users_info(user="U0NOBODY01")) == "user_not_found"
    assert web.conversations_info(channel=SHARED)["channel"]["is_ext_shared"] is True
    names = {
        each["name"] for each in web.conversations_list(types="public_channel,private_channel")["channels"]
    }
    assert names == {"ops", "dev", "shared", "lobby"}
    assert "U0ALICE001" in web.conversations_members(channel=OPS)["members"]
    assert web.bots_info(bot="B0OPSBOT01")["bot"]["user_id"] == "U0OPSBOT01"
    assert web.team_info()["team"]["id"] == "T0ACME0001"


def test_reactions(stage: Stage) -> None:
    """A reaction can be set once and taken back once."""
    ts = stage.run(stage.slack.say("alice", "ops", "hello"))
    add = stage.web.reactions_add
    assert stage.refusal(lambda: add(channel=OPS, timestamp=ts, name="eyes")) == "ok"
    assert stage.refusal(lambda: add(channel=OPS, timestamp=ts, name="eyes")) == "already_reacted"
    assert stage.slack.visible("bob", "ops")[0].message["reactions"][0]["users"] == ["U0OPSBOT01"]
    stage.web.reactions_remove(channel=OPS, timestamp=ts, name="eyes")
    refused = stage.refusal(lambda: stage.web.reactions_remove(channel=OPS, timestamp=ts, name="eyes"))
    assert refused == "no_reaction"
