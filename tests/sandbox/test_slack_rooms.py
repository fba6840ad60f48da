"""Channels that an app makes and looks after in the sandbox's Slack, and what Slack refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from slack_sdk.errors import SlackApiError

from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import ALICE_DM, LOBBY, MANY_SCOPES, OPS, SECRET, Clock, Stage

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack" / "web_api"
ALICE, BOB, ERIN, BOT = "U0ALICE001", "U0BOB00001", "U0ERIN0001", "U0OPSBOT01"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[Stage]:
    with Stage(FakeSlack(clock=clock, scopes=MANY_SCOPES, subscriptions=())) as stage:
        yield stage


def made(stage: Stage, name: str = "inc-1-checkout", **more: Any) -> str:
    """The id of a channel the app has made."""
    return str(stage.web.conversations_create(name=name, **more)["channel"]["id"])


def keys(name: str) -> set[str]:
    """The keys of the channel in a sample's answer."""
    return set(json.loads((SAMPLES / f"{name}.json").read_text())["ok"]["channel"])


def texts(stage: Stage, name: str = "inc-1-checkout") -> list[str]:
    """What Slack has written into a channel of its own."""
    return [post.body["text"] for post in stage.slack.messages(name)]


def test_the_app_makes_a_channel(stage: Stage, clock: Clock) -> None:
    """It has made it, is its only member, and people find it by its name."""
    answer = stage.web.conversations_create(name="inc-1-checkout")["channel"]
    assert answer.keys() == keys("conversations.create")
    assert (answer["creator"], answer["is_member"], answer["is_private"]) == (BOT, True, False)
    assert answer["created"] == int(clock.now)
    assert stage.web.conversations_members(channel=answer["id"])["members"] == [BOT]
    assert "inc-1-checkout" in stage.slack.channels
    private = stage.web.conversations_create(name="inc-2", is_private=True)["channel"]
    assert (private["is_private"], private["is_group"], private["is_channel"]) == (True, True, False)
    assert stage.slack.visible("alice", "inc-2") == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"),
        ("a" * 81, "invalid_name_maxlength"),
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("inc.1", "invalid_name_specials"),
        ("störung", "invalid_name_specials"),
        ("-_-", "invalid_name_punctuation"),
        ("secret", "name_taken"),
        ("ops", "name_taken"),
        ("a" * 80, "ok"),
        ("inc_1-a", "ok"),
    ],
)
def test_names_of_channels(stage: Stage, name: str, code: str) -> None:
    """Small letters, digits, `-` and `_`, 80 at most, and nobody's, seen or not."""
    assert stage.refusal(lambda: stage.web.conversations_create(name=name)) == code


def test_the_name_of_an_archived_channel_is_taken(stage: Stage) -> None:
    """Archiving gives no name back."""
    stage.web.conversations_archive(channel=made(stage))
    assert stage.refusal(lambda: made(stage)) == "name_taken"


def test_a_workspace_may_let_apps_make_no_channels(stage: Stage) -> None:
    """Then it is restricted_action, until an administrator allows it again."""
    stage.run(stage.slack.acts.act("alice", "forbid", "channels"))
    assert stage.refusal(lambda: made(stage)) == "restricted_action"
    stage.run(stage.slack.acts.act("alice", "allow", "channels"))
    assert stage.refusal(lambda: made(stage)) == "ok"


def test_scopes_go_by_the_kind_of_channel(stage: Stage) -> None:
    """Public channels need channels:*, private ones groups:*; the finer scopes are enough for what they name."""
    public, private = made(stage), made(stage, "inc-2", is_private=True)
    stage.slack.scopes -= {"groups:write", "groups:write.topic", "groups:write.invites"}
    assert stage.refusal(lambda: made(stage, "inc-3", is_private=True)) == "missing_scope"
    assert stage.refusal(lambda: stage.web.conversations_archive(channel=private)) == "missing_scope"
    assert (
        stage.refusal(lambda: stage.web.conversations_setTopic(channel=private, topic="a")) == "missing_scope"
    )
    stage.slack.scopes -= {"channels:manage", "channels:write.topic"}
    stage.slack.scopes.add("channels:write.invites")
    assert (
        stage.refusal(lambda: stage.web.conversations_setTopic(channel=public, topic="a")) == "missing_scope"
    )
    assert stage.refusal(lambda: stage.web.conversations_invite(channel=public, users=ALICE)) == "ok"
    assert stage.refusal(lambda: stage.web.conversations_rename(channel=public, name="b")) == "missing_scope"


def test_inviting_people(stage: Stage) -> None:
    """All of them join, with Slack's line for each, and see the channel from then on."""
    channel = made(stage, "inc-2", is_private=True)
    answer = stage.web.conversations_invite(channel=channel, users=f"{ALICE}, {BOB}")
    assert answer["channel"].keys() == keys("conversations.invite")
    assert stage.web.conversations_members(channel=channel)["members"] == [BOT, ALICE, BOB]
    assert texts(stage, "inc-2")[-1] == f"<@{BOB}> has joined the channel"
    assert stage.slack.messages("inc-2")[-1].body["inviter"] == BOT
    assert len(stage.slack.visible("alice", "inc-2")) == 3


def test_one_who_cannot_be_invited_holds_back_the_rest(stage: Stage) -> None:
    """Unless force is set; then those who could not are named beside the channel."""
    channel = made(stage)
    everybody = [ALICE, "U0GHOST0001"]
    with pytest.raises(SlackApiError) as raised:
        stage.web.conversations_invite(channel=channel, users=everybody)
    ghost = {"user": "U0GHOST0001", "ok": False, "error": "user_not_found"}
    assert (raised.value.response["error"], raised.value.response["errors"]) == ("user_not_found", [ghost])
    assert stage.web.conversations_members(channel=channel)["members"] == [BOT]
    answer = stage.web.conversations_invite(channel=channel, users=everybody, force=True)
    assert answer["errors"] == [ghost]
    assert stage.web.conversations_members(channel=channel)["members"] == [BOT, ALICE]


def test_who_cannot_be_invited(stage: Stage) -> None:
    """Each has a code of their own."""
    channel = made(stage)

    def invite(users: str, where: str = channel) -> str:
        return stage.refusal(lambda: stage.web.conversations_invite(channel=where, users=users))

    assert invite(ALICE) == "ok"
    assert invite(ALICE) == "already_in_channel"
    assert invite(BOT) == "cant_invite_self"
    assert invite(ERIN) == "cant_invite"
    stage.run(stage.slack.acts.act("alice", "deactivate", "carol"))
    assert invite("U0CAROL001") == "cant_invite"
    stage.run(stage.slack.acts.act("alice", "guest", "dave"))
    assert invite("U0DAVE0001") == "ura_max_channels"
    assert invite("") == "no_user"
    assert invite(",".join(f"U0NEW{number:05d}" for number in range(101))) == "invalid_arguments"
    assert invite(BOB, LOBBY) == "not_in_channel"
    assert invite(BOB, SECRET) == "channel_not_found"
    assert invite(BOB, ALICE_DM) == "method_not_supported_for_channel_type"


def test_topic_and_purpose(stage: Stage, clock: Clock) -> None:
    """At most 250 characters, told in the channel, and part of what conversations.info answers."""
    channel, web = made(stage), stage.web
    assert stage.refusal(lambda: web.conversations_setTopic(channel=channel, topic="a" * 251)) == "too_long"
    answer = web.conversations_setTopic(channel=channel, topic="S1 | Checkout down")["channel"]
    assert answer.keys() == keys("conversations.setTopic")
    assert answer["topic"] == {"value": "S1 | Checkout down", "creator": BOT, "last_set": int(clock.now)}
    web.conversations_setPurpose(channel=channel, purpose="Incident 1")
    assert web.conversations_info(channel=channel)["channel"]["purpose"]["value"] == "Incident 1"
    assert texts(stage)[1:] == [
        f"<@{BOT}> set the channel topic: S1 | Checkout down",
        f"<@{BOT}> set the channel purpose: Incident 1",
    ]
    ampersand = web.conversations_setTopic(channel=channel, topic="Shop & pay")["channel"]["topic"]
    assert ampersand["value"] == "Shop &amp; pay"
    web.conversations_setTopic(channel=channel, topic="")
    assert texts(stage)[-1] == f"<@{BOT}> cleared the channel topic"
    assert stage.refusal(lambda: web.conversations_setTopic(channel=LOBBY, topic="a")) == "not_in_channel"


def test_renaming(stage: Stage) -> None:
    """An app renames what it has made; the id stays, and the old name is kept."""
    channel, web = made(stage), stage.web
    answer = web.conversations_rename(channel=channel, name="inc-1-resolved")["channel"]
    assert (answer["id"], answer["name"]) == (channel, "inc-1-resolved")
    assert answer["previous_names"] == ["inc-1-checkout"]
    assert texts(stage, "inc-1-resolved")[-1].endswith('from "inc-1-checkout" to "inc-1-resolved"')
    assert stage.refusal(lambda: web.conversations_rename(channel=channel, name="ops")) == "name_taken"
    assert (
        stage.refusal(lambda: web.conversations_rename(channel=channel, name="A")) == "invalid_name_specials"
    )
    assert stage.refusal(lambda: web.conversations_rename(channel=OPS, name="a")) == "not_authorized"


def test_an_archived_channel(stage: Stage) -> None:
    """It keeps what was said and takes nothing more; no app opens it again, a person does."""
    channel, web = made(stage), stage.web
    ts = str(web.chat_postMessage(channel=channel, text="a")["ts"])
    assert stage.refusal(lambda: web.conversations_unarchive(channel=channel)) == "not_archived"
    assert stage.refusal(lambda: web.conversations_archive(channel=channel)) == "ok"
    assert web.conversations_info(channel=channel)["channel"]["is_archived"] is True
    assert stage.refusal(lambda: web.conversations_archive(channel=channel)) == "already_archived"
    assert stage.refusal(lambda: web.chat_postMessage(channel=channel, text="a")) == "is_archived"
    assert stage.refusal(lambda: web.chat_update(channel=channel, ts=ts, text="b")) == "is_inactive"
    assert stage.refusal(lambda: web.conversations_setTopic(channel=channel, topic="a")) == "is_archived"
    assert stage.refusal(lambda: web.conversations_invite(channel=channel, users=BOB)) == "is_archived"
    assert stage.refusal(lambda: web.pins_add(channel=channel, timestamp=ts)) == "is_archived"
    assert (
        stage.refusal(lambda: web.reactions_add(channel=channel, timestamp=ts, name="eyes")) == "is_archived"
    )
    assert stage.refusal(lambda: web.conversations_history(channel=channel)) == "ok"
    assert stage.refusal(lambda: web.conversations_unarchive(channel=channel)) == "not_in_channel"
    assert stage.refusal(lambda: web.conversations_archive(channel=LOBBY)) == "not_in_channel"
    stage.run(stage.slack.acts.act("alice", "unarchive", "#inc-1-checkout"))
    assert stage.refusal(lambda: web.chat_postMessage(channel=channel, text="a")) == "ok"
    assert ALICE in web.conversations_members(channel=channel)["members"]


def test_removing_somebody(stage: Stage) -> None:
    """conversations.kick removes a member, and never the app itself."""
    channel, web = made(stage), stage.web
    web.conversations_invite(channel=channel, users=ALICE)
    assert stage.refusal(lambda: web.conversations_kick(channel=channel, user=BOT)) == "cant_kick_self"
    assert stage.refusal(lambda: web.conversations_kick(channel=channel, user=BOB)) == "not_in_channel"
    assert (
        stage.refusal(lambda: web.conversations_kick(channel=channel, user="U0NOBODY1")) == "user_not_found"
    )
    web.conversations_kick(channel=channel, user=ALICE)
    assert web.conversations_members(channel=channel)["members"] == [BOT]


@pytest.mark.parametrize("fault", ["502-after", "cut-after"])
def test_the_answer_to_a_new_channel_may_be_lost(stage: Stage, fault: str) -> None:
    """The channel is there then, although nobody was told so."""
    stage.slack.break_(fault)
    with pytest.raises((SlackApiError, OSError, requests.RequestException)):
        made(stage)
    assert "inc-1-checkout" in stage.slack.channels
    assert stage.refusal(lambda: made(stage)) == "name_taken"


def test_twenty_channels_a_minute(stage: Stage) -> None:
    """conversations.create is of tier 2."""
    for number in range(20):
        made(stage, f"inc-{number}")
    assert stage.refusal(lambda: made(stage, "inc-20")) == "ratelimited"
