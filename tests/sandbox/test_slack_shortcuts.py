"""Shortcuts of the sandbox's Slack: which there are, and what the app hears of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sandbox.slack import FakeSlack
from sandbox.slack.manifest import MANIFEST, PLANNED, Shortcut, read
from tests.fixtures.slack_samples import sample
from tests.sandbox.form_stage import modal, words
from tests.sandbox.slack_stage import LOBBY, MANY_SCOPES, OPS, Ear, Stage, button, shape


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A workspace whose app offers every shortcut there may be."""
    with Stage(FakeSlack(manifest=replace(read(), shortcuts=PLANNED), scopes=MANY_SCOPES)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def test_a_manifest_says_which_shortcuts_there_are(tmp_path: Path) -> None:
    """Those it declares are offered, and no other; without any, those that are planned."""
    declared = yaml.safe_load(MANIFEST.read_text())
    declared["features"].pop("shortcuts", None)
    path = tmp_path / "manifest.yaml"
    path.write_text(yaml.safe_dump(declared))
    assert read(path).shortcuts == PLANNED
    one = {"name": "Ship it", "type": "global", "callback_id": "ship", "description": "Ship"}
    declared["features"]["shortcuts"] = [one]
    declared["features"]["app_home"]["home_tab_enabled"] = True
    path.write_text(yaml.safe_dump(declared))
    assert read(path).shortcuts == (Shortcut("Ship it", "global", "ship"),)
    assert read(path).has_home


def test_a_global_shortcut_has_slacks_own_form(stage: Stage, ear: Ear) -> None:
    """It names nobody's channel, and its trigger opens a form."""
    assert stage.run(stage.slack.shortcuts.use("alice", "run a JOB", "ops")) == "ok"
    got = ear.envelopes[0]
    assert shape(got) == shape(sample("interactive/shortcut_global"))
    assert got["payload"]["callback_id"] == "run.shortcut"
    stage.web.views_open(
        trigger_id=got["payload"]["trigger_id"], view=modal({"type": "divider"}, submit=words("Go"))
    )
    assert stage.slack.forms.seen("alice") is not None


def test_a_message_shortcut_has_slacks_own_form(stage: Stage, ear: Ear) -> None:
    """It brings the message it was used on: a person's, one in a thread, one of an app with its blocks."""
    slack = stage.slack
    root = stage.run(slack.say("bob", "ops", "prod is on fire @alice"))
    use = slack.shortcuts.use_on
    stage.run(use("alice", "create issue", "ops", root))
    reply = stage.run(slack.say("bob", "ops", "looks bad", root))
    stage.run(use("alice", "Add to issue", "ops", reply))
    card = str(stage.web.chat_postMessage(channel=OPS, text="card", blocks=[button()])["ts"])
    stage.run(use("alice", "Add to issue", "ops", card))
    first, second, third = (each for each in ear.envelopes if each["payload"]["type"] == "message_action")
    assert shape(first) == shape(sample("interactive/message_action"))
    assert shape(second) == shape(sample("interactive/message_action_in_thread"))
    assert first["payload"]["callback_id"] == "issue.from_message"
    assert second["payload"]["message"]["thread_ts"] == root
    assert third["payload"]["message"]["bot_id"] == "B0OPSBOT01"
    assert third["payload"]["message"]["blocks"][0]["type"] == "actions"


def test_a_message_shortcut_works_where_the_app_is_not(stage: Stage, ear: Ear) -> None:
    """Slack offers it in channels the app has not joined; its response_url answers there all the same."""
    ts = stage.run(stage.slack.say("bob", "lobby", "please look"))
    stage.run(stage.slack.shortcuts.use_on("alice", "Create issue", "lobby", ts))
    payload = ear.envelopes[-1]["payload"]
    assert payload["channel"] == {"id": LOBBY, "name": "lobby"}
    path = payload["response_url"].removeprefix(stage.slack.desk.base_url)
    assert stage.slack.hooks.post(path, b'{"text": "Done."}') == (200, "ok")
    assert stage.slack.visible("alice", "lobby")[-1].ephemeral


def test_names_that_are_none_are_told(stage: Stage, ear: Ear) -> None:
    """A wrong name is answered with the ones there are of that kind."""
    shortcuts = stage.slack.shortcuts
    ts = stage.run(stage.slack.say("bob", "ops", "hello"))
    with pytest.raises(ValueError, match="there are: Create issue, Add to issue"):
        stage.run(shortcuts.use_on("alice", "Run a job", "ops", ts))
    with pytest.raises(ValueError, match="Run a job, New issue, Declare incident"):
        stage.run(shortcuts.use("alice", "Make tea", "ops"))


def test_some_messages_have_no_shortcuts(stage: Stage, ear: Ear) -> None:
    """Ephemeral messages, Slack's own notices and tombstones offer none."""
    slack = stage.slack
    stage.web.chat_postEphemeral(channel=OPS, user="U0ALICE001", text="psst")
    whisper = slack.visible("alice", "ops")[-1].ts
    stage.run(slack.acts.act("alice", "kick", "bob #dev"))
    notice = slack.visible("alice", "dev")[-1].ts
    for channel, ts in (("ops", whisper), ("dev", notice)):
        with pytest.raises(ValueError, match="offers no shortcuts"):
            stage.run(slack.shortcuts.use_on("alice", "Create issue", channel, ts))


def test_a_shortcut_nobody_answers_is_told(stage: Stage) -> None:
    """Without an ack within three seconds the person is told, where they are."""
    stage.listen(ack=False)
    assert stage.run(stage.slack.shortcuts.use("alice", "Run a job", "ops")) == "operation_timeout"
    (seen,) = stage.slack.visible("alice", "ops")
    assert seen.ephemeral
    assert "did not respond in time" in seen.message["text"]
    assert stage.slack.visible("bob", "ops") == []
