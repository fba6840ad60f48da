"""What people do in the sandbox's Slack, and the payloads the app gets of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import ALICE_DM, MANY_SCOPES, OPS, Clock, Ear, Stage, button, shape, until

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack"
EVERYTHING = {
    "app_mention",
    "message.im",
    "message.channels",
    "message.groups",
    "app_home_opened",
    "reaction_added",
    "reaction_removed",
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[Stage]:
    with Stage(FakeSlack(clock=clock, scopes=MANY_SCOPES, subscriptions=EVERYTHING)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def sample(name: str) -> dict[str, Any]:
    """A whole envelope from the payload samples."""
    loaded: dict[str, Any] = json.loads((SAMPLES / name).read_text())
    return loaded


@pytest.mark.parametrize(
    ("channel", "name"),
    [("ops", "commands/channel.json"), ("dm", "commands/direct_message_with_bot.json")],
)
def test_a_command_has_slacks_own_form(stage: Stage, ear: Ear, channel: str, name: str) -> None:
    """A slash command's envelope has the keys and fixed values of the sample."""
    stage.run(stage.slack.slash("alice", channel, "/gitlab", "acme/web issue show 42"))
    expected = sample(name)
    got = ear.envelopes[0]
    assert shape(got) == shape(expected)
    same = ("team_id", "channel_id", "channel_name", "user_id", "user_name", "command", "text", "api_app_id")
    assert {key: got["payload"][key] for key in same} == {key: expected["payload"][key] for key in same}


def test_events_have_slacks_own_form(stage: Stage, ear: Ear) -> None:
    """Mentions, direct messages, edits, deletions and reactions have the keys of the samples."""
    slack = stage.slack
    mention = stage.run(slack.say("alice", "ops", "@Signalbox incident list"))
    direct = stage.run(slack.say("alice", "dm", "help"))
    stage.run(slack.say("alice", "dm", "yes", direct))
    stage.run(slack.react("alice", "ops", mention, ":eyes:"))
    stage.run(slack.home.open("alice", "messages"))
    until(lambda: len(ear.envelopes) == 6)
    by_kind = {
        (each["payload"]["event"]["type"], "thread_ts" in each["payload"]["event"]): each
        for each in ear.envelopes
    }
    assert shape(by_kind["app_mention", False]) == shape(sample("events/app_mention.json"))
    assert shape(by_kind["message", False]) == shape(sample("events/message_im.json"))
    assert shape(by_kind["message", True]) == shape(sample("events/message_im_in_thread.json"))
    assert shape(by_kind["reaction_added", False]) == shape(sample("events/reaction_added.json"))
    assert shape(by_kind["app_home_opened", False]) == shape(sample("events/app_home_opened_messages.json"))


def test_edits_and_deletions_are_told(stage: Stage, ear: Ear) -> None:
    """An edit sends message_changed with both bodies, a deletion message_deleted."""
    ts = stage.run(stage.slack.say("alice", "dm", "hello"))
    stage.run(stage.slack.edit("alice", "dm", ts, "hello (edited)"))
    stage.run(stage.slack.delete("alice", "dm", ts))
    until(lambda: len(ear.events) == 3)
    _, changed, deleted = ear.events
    assert changed["subtype"] == "message_changed"
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("hello (edited)", "hello")
    assert changed.keys() == sample("events/message_changed.json")["payload"]["event"].keys()
    assert deleted.keys() == sample("events/message_deleted.json")["payload"]["event"].keys()
    assert stage.slack.visible("alice", "dm") == []


def test_a_command_the_app_has_not(stage: Stage, ear: Ear) -> None:
    """Slack keeps back a command that no manifest declares, and names those there are."""
    with pytest.raises(ValueError, match=r"/frob is not a valid command: .* /gitlab, "):
        stage.run(stage.slack.slash("alice", "ops", "/frob", "now"))
    assert ear.envelopes == []


def test_a_click_has_slacks_own_form(stage: Stage, ear: Ear) -> None:
    """A press on a button sends block_actions like the sample, an ephemeral one without the message."""
    posted = stage.web.chat_postMessage(
        channel=OPS,
        text="card",
        blocks=[button(value="inc:42", style="primary")],
        metadata={"event_type": "signalbox", "event_payload": {"oid": "1"}},
    )
    assert stage.run(stage.slack.click("alice", "ops", str(posted["ts"]), "go")) == "ok"
    stage.web.chat_postEphemeral(
        channel=OPS, user="U0ALICE001", text="card", blocks=[button(value="a", style="danger")]
    )
    ephemeral = stage.slack.visible("alice", "ops")[-1]
    stage.run(stage.slack.click("alice", "ops", ephemeral.ts, "go"))
    public, private = (each for each in ear.envelopes if each["type"] == "interactive")
    assert shape(public) == shape(sample("interactive/block_actions_message.json"))
    assert shape(private) == shape(sample("interactive/block_actions_ephemeral.json"))


def test_an_option_can_be_chosen(stage: Stage, ear: Ear) -> None:
    """A select sends the chosen option, by label or by value, and stands in the state."""
    options = [
        {"text": {"type": "plain_text", "text": label}, "value": label.lower()} for label in ("One", "Two")
    ]
    select = {"type": "static_select", "action_id": "pick", "options": options}
    posted = stage.web.chat_postMessage(
        channel=OPS, text="a", blocks=[{"type": "actions", "elements": [select]}]
    )
    ts = str(posted["ts"])
    stage.run(stage.slack.click("alice", "ops", ts, "pick", option="Two"))
    payload = next(each["payload"] for each in ear.envelopes if each["type"] == "interactive")
    assert payload["actions"][0]["selected_option"]["value"] == "two"
    (state,) = payload["state"]["values"].values()
    assert state["pick"]["selected_option"]["value"] == "two"
    with pytest.raises(ValueError, match="One, Two"):
        stage.run(stage.slack.click("alice", "ops", ts, "pick", option="Three"))
    with pytest.raises(ValueError, match="nothing with action_id"):
        stage.run(stage.slack.click("alice", "ops", ts, "other"))


def test_what_a_select_does_not_bring_is_asked_for(stage: Stage, ear: Ear) -> None:
    """An external select of a message asks the app first; a users_select takes a name."""
    selects = [
        {"type": "external_select", "action_id": "assignee"},
        {"type": "users_select", "action_id": "who"},
    ]
    blocks = [{"type": "actions", "elements": selects}]
    ts = str(stage.web.chat_postMessage(channel=OPS, text="a", blocks=blocks)["ts"])
    ear.payload = {"options": [{"text": {"type": "plain_text", "text": "bob"}, "value": "8"}]}
    stage.run(stage.slack.click("alice", "ops", ts, "assignee", option="bob"))
    stage.run(stage.slack.click("alice", "ops", ts, "who", option="@carol"))
    asked, chosen, picked = (each for each in ear.envelopes if each["type"] == "interactive")
    assert shape(asked["payload"]) == shape(sample("interactive/block_suggestion_message.json")["payload"])
    assert chosen["payload"]["actions"][0]["selected_option"]["value"] == "8"
    assert picked["payload"]["actions"][0]["selected_user"] == "U0CAROL001"


def test_what_is_typed_reaches_the_app_in_slacks_words(stage: Stage, ear: Ear) -> None:
    """Mentions, channels, links and the three entities are written as Slack writes them; raw text stays."""
    slack = stage.slack
    stage.run(
        slack.slash("alice", "ops", "/gitlab", "a <b> & @bob in #dev see https://x.example/1 for @nobody")
    )
    stage.run(slack.slash("alice", "ops", "/gitlab", "“raw” &amp; <@U1>", raw=True))
    stage.run(slack.say("alice", "ops", "@Signalbox run for @bob"))
    until(lambda: len(ear.envelopes) == 4)
    texts = [each["payload"]["text"] for each in ear.envelopes[:2]]
    link = "<https://x.example/1>"
    assert texts[0] == f"a &lt;b&gt; &amp; <@U0BOB00001|bob> in <#C0DEV00001|dev> see {link} for @nobody"
    assert texts[1] == "“raw” &amp; <@U1>"
    assert ear.events[0]["text"] == "<@U0OPSBOT01> run for <@U0BOB00001>"


def test_a_guest_carries_the_name_of_the_other_workspace(stage: Stage, ear: Ear) -> None:
    """Erin's commands and mentions in the shared channel name her own team."""
    stage.run(stage.slack.slash("erin", "shared", "/gitlab", "help"))
    stage.run(stage.slack.say("erin", "shared", "@Signalbox help"))
    until(lambda: len(ear.envelopes) == 3)
    assert ear.envelopes[0]["payload"]["team_id"] == "T0PARTNER1"
    mention = next(
        each["payload"] for each in ear.envelopes[1:] if each["payload"]["event"]["type"] == "app_mention"
    )
    expected = sample("events/app_mention_slack_connect_foreign_user.json")["payload"]
    assert shape(mention) == shape(expected)
    assert (mention["team_id"], mention["event"]["user_team"]) == ("T0ACME0001", "T0PARTNER1")
    assert mention["is_ext_shared_channel"] is True
    with pytest.raises(ValueError, match="erin is not in ops"):
        stage.run(stage.slack.say("erin", "ops", "hello"))


def test_the_bot_hears_of_its_own_writes(stage: Stage, ear: Ear) -> None:
    """Posting and updating in a direct message sends the bot its own message events."""
    sent = stage.web.chat_postMessage(channel=ALICE_DM, text="hello")
    stage.web.chat_update(channel=ALICE_DM, ts=str(sent["ts"]), text="hello again")
    until(lambda: len(ear.events) == 2)
    posted, changed = ear.events
    assert (posted["bot_id"], posted["channel_type"]) == ("B0OPSBOT01", "im")
    assert changed["subtype"] == "message_changed"


def test_only_subscribed_events_come() -> None:
    """An app that asked for mentions and direct messages hears nothing else, and nothing of a channel without it."""
    with Stage(FakeSlack(subscriptions={"app_mention", "message.im"})) as stage:
        ear = stage.listen()
        stage.run(stage.slack.say("alice", "ops", "just talk"))
        stage.run(stage.slack.say("alice", "lobby", "@Signalbox hello"))
        stage.run(stage.slack.say("alice", "ops", "@Signalbox hello"))
        stage.run(stage.slack.say("alice", "dm", "@Signalbox hello"))
        until(lambda: len(ear.events) == 2)
        assert [event["type"] for event in ear.events] == ["app_mention", "message"]


def test_an_edit_can_add_a_mention(stage: Stage, ear: Ear) -> None:
    """A mention added by an edit is told as app_mention with `edited`."""
    ts = stage.run(stage.slack.say("alice", "ops", "run hello"))
    stage.run(stage.slack.edit("alice", "ops", ts, "@Signalbox run hello"))
    until(lambda: len(ear.events) == 3)
    mention = ear.events[-1]
    assert (mention["type"], mention["edited"]["user"]) == ("app_mention", "U0ALICE001")


def test_a_file_from_a_person_is_told(stage: Stage, ear: Ear, tmp_path: Path) -> None:
    """An upload sends a file_share message with the file."""
    path = tmp_path / "graph.png"
    path.write_bytes(b"png")
    stage.run(stage.slack.upload("alice", "dm", path, text="see graph"))
    until(lambda: len(ear.events) == 1)
    assert (ear.events[0]["subtype"], ear.events[0]["files"][0]["name"]) == ("file_share", "graph.png")
