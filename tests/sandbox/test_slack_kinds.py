"""Kinds of people, shared channels and user groups of the sandbox's Slack, and how the app is told."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import DEV, MANY_SCOPES, OPS, SHARED, Clock, Stage, button, until

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack"
EVENTS = {"channel_shared", "channel_unshared", "member_joined_channel", "member_left_channel", "app_mention"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[Stage]:
    with Stage(FakeSlack(clock=clock, scopes=MANY_SCOPES, subscriptions=EVENTS)) as stage:
        yield stage


def act(stage: Stage, line: str) -> str:
    """What `:slack` with these words answers to alice."""
    what, _, rest = line.partition(" ")
    return stage.run(stage.slack.acts.act("alice", what, rest))


def user(stage: Stage, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stage.web.users_info(user=stage.slack.people[name].id)["user"]
    return found


def answer(name: str) -> dict[str, Any]:
    """The answer in a sample of the Web API."""
    loaded: dict[str, Any] = json.loads((SAMPLES / "web_api" / f"{name}.json").read_text())["ok"]
    return loaded


def test_everybody_has_a_zone_of_their_own(stage: Stage) -> None:
    """users.info tells each person's zone and its offset at that time, with the keys of the sample."""
    zones = {name: user(stage, name)["tz"] for name in stage.slack.people}
    assert zones == {
        "alice": "Europe/Berlin", "bob": "America/New_York", "carol": "Asia/Tokyo", "dave": "UTC",
        "erin": "Europe/Paris", "alice2": "Europe/Berlin",
    }  # fmt: skip
    assert user(stage, "bob")["tz_offset"] == -5 * 3600
    assert user(stage, "carol")["tz_label"] == "Japan Standard Time"
    assert user(stage, "alice").keys() == answer("users.info")["user"].keys()
    assert user(stage, "alice2")["profile"]["display_name"] == "Alice (second)"


def test_summer_moves_the_offset(stage: Stage, clock: Clock) -> None:
    """In July Berlin is two hours ahead, under its summer name."""
    clock.now += 225 * 86_400
    assert (user(stage, "alice")["tz_offset"], user(stage, "alice")["tz_label"]) == (
        7200,
        "Central European Summer Time",
    )


def test_a_guest_and_back(stage: Stage) -> None:
    """A single-channel guest is restricted and ultra-restricted; a member is neither."""
    assert act(stage, "guest bob") == "bob is a single-channel guest now."
    assert (user(stage, "bob")["is_restricted"], user(stage, "bob")["is_ultra_restricted"]) == (True, True)
    act(stage, "member bob")
    assert (user(stage, "bob")["is_restricted"], user(stage, "bob")["is_ultra_restricted"]) == (False, False)


def test_a_deactivated_account(stage: Stage) -> None:
    """It is told as deleted and without roles, gets no whisper, is in no list; what it does still arrives."""
    ear = stage.listen()
    act(stage, "group oncall alice dave")
    act(stage, "deactivate dave")
    assert user(stage, "dave")["deleted"] is True
    assert not {"tz", "is_restricted", "real_name"} & user(stage, "dave").keys()
    dave = stage.slack.people["dave"].id
    assert dave not in stage.web.conversations_members(channel=OPS)["members"]
    assert stage.web.usergroups_users_list(usergroup="S0ONCALL01")["users"] == ["U0ALICE001"]
    whisper = stage.web.chat_postEphemeral
    assert stage.refusal(lambda: whisper(channel=OPS, user=dave, text="a")) == "user_not_in_channel"
    assert stage.refusal(lambda: stage.web.conversations_open(users=dave)) == "user_disabled"
    assert stage.run(stage.slack.slash("dave", "ops", "/run", "hello")) == "ok"
    assert ear.envelopes[0]["payload"]["user_id"] == dave
    act(stage, "activate dave")
    assert user(stage, "dave")["deleted"] is False


def test_somebody_of_another_company(stage: Stage) -> None:
    """Erin is no stranger while a channel is shared with her; when it is not any more, she leaves and is one."""
    assert (user(stage, "erin")["team_id"], user(stage, "erin")["is_stranger"]) == ("T0PARTNER1", False)
    act(stage, "unshare #shared")
    assert user(stage, "erin")["is_stranger"] is True
    assert "U0ERIN0001" not in stage.web.conversations_members(channel=SHARED)["members"]
    with pytest.raises(ValueError, match="#dev is not shared"):
        act(stage, "invite erin #dev")


def test_sharing_a_channel_is_told(stage: Stage) -> None:
    """channel_shared comes, conversations.info says so, and later events are marked."""
    ear = stage.listen()
    act(stage, "share #dev")
    until(lambda: len(ear.events) == 1)
    shared = {key: value for key, value in ear.events[0].items() if key != "event_ts"}
    assert shared == {"type": "channel_shared", "connected_team_id": "T0PARTNER1", "channel": DEV}
    channel = stage.web.conversations_info(channel=DEV, include_num_members=True, include_locale=True)[
        "channel"
    ]
    assert (channel["is_ext_shared"], channel["is_shared"]) == (True, True)
    assert channel["shared_team_ids"] == ["T0ACME0001", "T0PARTNER1"]
    assert channel.keys() == answer("conversations.info")["channel"].keys()
    stage.run(stage.slack.say("alice", "dev", "@Signalbox help"))
    until(lambda: len(ear.events) == 2)
    assert ear.envelopes[1]["payload"]["is_ext_shared_channel"] is True
    act(stage, "unshare #dev")
    until(lambda: len(ear.events) == 3)
    assert (ear.events[2]["type"], ear.events[2]["is_ext_shared"]) == ("channel_unshared", False)


def test_coming_and_going_is_told(stage: Stage) -> None:
    """invite and kick change who is in a channel, with Slack's notice and its events."""
    ear = stage.listen()
    act(stage, "invite alice2 #shared")
    act(stage, "kick alice2 #shared")
    until(lambda: len(ear.events) == 2)
    joined, left = ear.events
    expected = json.loads((SAMPLES / "events" / "member_joined_channel_user.json").read_text())
    assert joined.keys() == expected["payload"]["event"].keys()
    assert (joined["user"], left["type"]) == ("U0ALICE002", "member_left_channel")
    texts = [post.body["text"] for post in stage.slack.messages("#shared")]
    assert texts == ["<@U0ALICE002> has joined the channel", "<@U0ALICE002> has left the channel"]


def test_user_groups(stage: Stage) -> None:
    """A group is made and replaced under one id, and listed as the samples list it."""
    act(stage, "group oncall carol")
    assert act(stage, "group @oncall alice bob") == "The user group @oncall (S0ONCALL01) holds alice, bob."
    (group,) = stage.web.usergroups_list(include_users=True, include_count=True)["usergroups"]
    (expected,) = answer("usergroups.list")["usergroups"]
    assert group.keys() == expected.keys()
    assert group["users"] == expected["users"]
    assert "users" not in stage.web.usergroups_list()["usergroups"][0]
    listed = stage.web.usergroups_users_list(usergroup=group["id"])
    assert {"ok": listed["ok"], "users": listed["users"]} == answer("usergroups.users.list")
    refused = stage.refusal(lambda: stage.web.usergroups_users_list(usergroup="S0NOBODY01"))
    assert refused == "no_such_subteam"


def test_groups_need_their_scope() -> None:
    """Without usergroups:read both methods are missing_scope."""
    with Stage(FakeSlack(scopes=MANY_SCOPES - {"usergroups:read"})) as stage:
        assert stage.refusal(stage.web.usergroups_list) == "missing_scope"
        one = stage.web.usergroups_users_list
        assert stage.refusal(lambda: one(usergroup="S0ONCALL01")) == "missing_scope"


def test_a_typed_group_becomes_a_mention(stage: Stage) -> None:
    """A handle that exists is written as Slack writes it."""
    ear = stage.listen()
    act(stage, "group oncall alice")
    stage.run(stage.slack.slash("alice", "ops", "/run", "hello @oncall @nobody"))
    assert ear.envelopes[0]["payload"]["text"] == "hello <!subteam^S0ONCALL01|@oncall> @nobody"


def test_users_are_listed_by_pages(stage: Stage) -> None:
    """users.list follows its cursor to the end."""
    first = stage.web.users_list(limit=4)
    rest = stage.web.users_list(limit=4, cursor=first["response_metadata"]["next_cursor"])
    assert len(first["members"]) + len(rest["members"]) == len(stage.slack.people) + 1
    assert rest["response_metadata"]["next_cursor"] == ""


def test_another_apps_bot_writes_as_apps_do(stage: Stage) -> None:
    """Its messages and mentions carry bot_id and bot_profile like the sample; users.info and bots.info know it."""
    stage.slack.subscriptions.add("message.channels")
    ear = stage.listen()
    assert act(stage, "bot ci") == "The bot ci (U0CIBOT) is here."
    stage.run(stage.slack.say("ci", "ops", "@Signalbox build passed"))
    until(lambda: len(ear.events) == 2)
    expected = json.loads((SAMPLES / "events" / "message_bot_modern.json").read_text())["payload"]["event"]
    message, mention = ear.events
    assert message.keys() == expected.keys()
    assert message["bot_profile"].keys() == expected["bot_profile"].keys()
    assert (mention["type"], mention["user"], mention["bot_id"]) == ("app_mention", "U0CIBOT", "B0CIBOT")
    assert user(stage, "ci")["is_bot"] is True
    told = stage.web.bots_info(bot="B0CIBOT")["bot"]
    assert (told["name"], told["user_id"], told["app_id"]) == ("ci", "U0CIBOT", "A0CIBOT")
    assert stage.refusal(lambda: stage.web.bots_info(bot="B0NOBODY")) == "bot_not_found"


def test_another_apps_bot_has_no_hands(stage: Stage) -> None:
    """Apps type no commands, press no buttons and are in no channel that its maker is not in."""
    act(stage, "bot ci")
    posted = stage.web.chat_postMessage(channel=OPS, text="card", blocks=[button(value="a", style="primary")])
    with pytest.raises(ValueError, match="apps cannot type slash commands"):
        stage.run(stage.slack.slash("ci", "ops", "/run", "hello"))
    with pytest.raises(ValueError, match="apps cannot press buttons"):
        stage.run(stage.slack.click("ci", "ops", str(posted["ts"]), "go"))
    stage.run(stage.slack.acts.act("dave", "bot", "quiet"))
    with pytest.raises(ValueError, match="not in secret"):
        stage.run(stage.slack.say("quiet", "secret", "hello"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("promote bob", "`guest NAME`"),
        ("guest", "Name a name"),
        ("guest zoe", "Nobody here is called 'zoe'"),
        ("share #nowhere", "no channel '#nowhere'"),
        ("share #shared", "shared already"),
        ("unshare #ops", "not shared"),
        ("share dm", "stays between the two"),
        ("invite bob #ops", "already"),
        ("kick erin #ops", "not in #ops"),
        ("bot alice", "called alice already"),
        ("bot 7", "no name of a bot"),
    ],
)
def test_what_cannot_be_done_is_said(stage: Stage, line: str, said: str) -> None:
    """A wrong word, person or channel is refused in a sentence."""
    with pytest.raises(ValueError, match=said):
        act(stage, line)


def post(url: str, **body: Any) -> int:
    """Use a response_url; the HTTP status."""
    request = urllib.request.Request(url, json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_used_button_can_be_taken_off_an_ephemeral_message(stage: Stage, clock: Clock) -> None:
    """The response_url of a click replaces or deletes that ephemeral message, five times in half an hour."""
    ear = stage.listen()
    whisper = stage.web.chat_postEphemeral(channel=OPS, user="U0ALICE001", text="sure?", blocks=[button()])
    ts = str(whisper["message_ts"])
    for _ in range(2):
        stage.run(stage.slack.click("alice", "ops", ts, "go"))
    payloads = [each["payload"] for each in ear.envelopes]
    where = {"type": "message", "message_ts": ts, "channel_id": OPS, "is_ephemeral": True}
    assert payloads[0]["container"] == where
    update = stage.web.chat_update
    assert stage.refusal(lambda: update(channel=OPS, ts=ts, text="b")) == "message_not_found"
    first, second = (payload["response_url"] for payload in payloads)
    assert post(first, replace_original=True, text="done") == 200
    (seen,) = stage.slack.visible("alice", "ops")
    assert (seen.ts, seen.ephemeral, seen.message["text"], "blocks" in seen.message) == (
        ts,
        True,
        "done",
        False,
    )
    assert stage.slack.visible("bob", "ops") == []
    assert [post(first, text=str(number)) for number in range(5)] == [200] * 4 + [404]
    assert post(second, delete_original=True) == 200
    assert ts not in [each.ts for each in stage.slack.visible("alice", "ops")]
    clock.now += 1800
    assert post(second, text="late") == 404
