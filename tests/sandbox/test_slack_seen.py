"""What people see in the sandbox's Slack, which mentions fire, and what answers and forms are allowed."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import MANY_SCOPES, OPS, Clock, Ear, Stage, button

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


@pytest.mark.parametrize(
    ("content", "fired"),
    [
        ({"text": "hi <!channel> and <@U0ALICE001>"}, ["<!channel>", "<@U0ALICE001>"]),
        ({"text": "hi &lt;!channel&gt; @here"}, []),
        (
            {"text": "a", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "@here"}}]},
            ["@here"],
        ),
        (
            {"text": "a", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "<!here>"}}]},
            [],
        ),
        (
            {
                "text": "a",
                "blocks": [
                    {"type": "section", "text": {"type": "mrkdwn", "text": "@here", "verbatim": True}}
                ],
            },
            [],
        ),
        (
            {
                "text": "a",
                "blocks": [
                    {"type": "section", "text": {"type": "mrkdwn", "text": "<!here>", "verbatim": True}}
                ],
            },
            ["<!here>"],
        ),
        ({"text": "a", "blocks": [{"type": "markdown", "text": "@channel"}]}, ["@channel"]),
        (
            {
                "text": "a",
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "broadcast", "range": "here"},
                                    {"type": "text", "text": "<!here>"},
                                ],
                            }
                        ],
                    }
                ],
            },
            ["<!here>"],
        ),
    ],
)
def test_mentions_that_fire_are_kept(stage: Stage, content: dict[str, Any], fired: list[str]) -> None:
    """Every mention a message of the app sets off is recorded with the message and with the workspace."""
    stage.web.chat_postMessage(channel=OPS, **content)
    assert [mention for _, _, mention in stage.slack.fired] == fired
    assert stage.slack.visible("bob", "ops")[0].fired == fired


def _post(url: str, body: dict[str, Any]) -> int:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_deleted_parent_leaves_a_tombstone(stage: Stage) -> None:
    """A parent with replies becomes a tombstone, and nothing can be added to its thread."""
    ts = stage.run(stage.slack.say("alice", "ops", "parent"))
    stage.run(stage.slack.say("bob", "ops", "reply", ts))
    stage.run(stage.slack.delete("alice", "ops", ts))
    (left,) = stage.slack.visible("bob", "ops")
    assert (left.message["subtype"], left.message["reply_count"]) == ("tombstone", 1)
    refused = stage.refusal(lambda: stage.web.chat_postMessage(channel=OPS, text="a", thread_ts=ts))
    assert refused == "thread_not_found"


def test_a_person_sees_only_their_own_channels(stage: Stage) -> None:
    """A private channel is hidden from strangers, a guest sees only what is shared."""
    stage.run(stage.slack.say("alice", "secret", "psst"))
    stage.run(stage.slack.say("alice", "ops", "hello"))
    assert len(stage.slack.visible("bob", "secret")) == 1
    assert stage.slack.visible("carol", "secret") == []
    assert stage.slack.visible("erin", "ops") == []


def test_a_mention_fires_once_however_often_its_message_is_changed(stage: Stage) -> None:
    """Updating a message notes only the mentions it did not have before."""
    ts = str(stage.web.chat_postMessage(channel=OPS, text="<@U0ALICE001>")["ts"])
    stage.web.chat_update(channel=OPS, ts=ts, text="<@U0ALICE001> and <@U0BOB00001>")
    assert [mention for _, _, mention in stage.slack.fired] == ["<@U0ALICE001>", "<@U0BOB00001>"]


def test_a_response_url_holds_five_answers_and_half_an_hour(stage: Stage, ear: Ear, clock: Clock) -> None:
    """A response_url takes five answers, then none; another one ends after thirty minutes."""
    for _ in range(2):
        stage.run(stage.slack.slash("alice", "ops", "/gitlab", "help"))
    first, second = (each["payload"]["response_url"] for each in ear.envelopes)
    assert [_post(first, {"text": "a"}) for _ in range(6)] == [200] * 5 + [404]
    assert len(stage.slack.visible("alice", "ops")) == 5
    assert stage.slack.visible("bob", "ops") == []
    assert _post(second, {"text": "b", "response_type": "in_channel"}) == 200
    assert len(stage.slack.visible("bob", "ops")) == 1
    clock.now += 1_801
    assert _post(second, {"text": "c"}) == 404


def test_a_clicks_response_url_can_replace_and_delete(stage: Stage, ear: Ear) -> None:
    """The response_url of a click replaces the clicked message, or deletes it."""
    stage.web.chat_postEphemeral(channel=OPS, user="U0ALICE001", text="a", blocks=[button()])
    (seen,) = stage.slack.visible("alice", "ops")
    stage.run(stage.slack.click("alice", "ops", seen.ts, "go"))
    url = ear.envelopes[-1]["payload"]["response_url"]
    assert _post(url, {"text": "done", "replace_original": True}) == 200
    (seen,) = stage.slack.visible("alice", "ops")
    assert (seen.message["text"], "blocks" in seen.message) == ("done", False)
    assert _post(url, {"delete_original": True}) == 200
    assert stage.slack.visible("alice", "ops") == []


def test_a_trigger_lives_three_seconds_and_once(stage: Stage, ear: Ear, clock: Clock) -> None:
    """A trigger_id opens one form within three seconds."""
    for _ in range(2):
        stage.run(stage.slack.slash("alice", "ops", "/gitlab", "run"))
    first, second = (each["payload"]["trigger_id"] for each in ear.envelopes)
    title = {"type": "plain_text", "text": "Run a job"}
    view = {"type": "modal", "title": title, "blocks": [{"type": "divider"}]}
    open_view = stage.web.views_open
    assert stage.refusal(lambda: open_view(trigger_id=first, view=view)) == "ok"
    assert stage.refusal(lambda: open_view(trigger_id=first, view=view)) == "exchanged_trigger_id"
    assert stage.refusal(lambda: open_view(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"
    clock.now += 3
    assert stage.refusal(lambda: open_view(trigger_id=second, view=view)) == "expired_trigger_id"
    long = {**view, "title": {"type": "plain_text", "text": "t" * 25}}
    assert stage.refusal(lambda: open_view(trigger_id=second, view=long)) == "invalid_arguments"


def test_forms_stack_three_deep_and_know_their_hash(stage: Stage, ear: Ear) -> None:
    """A fourth form is push_limit_reached, an update with an old hash is hash_conflict, inputs need a submit."""
    web = stage.web
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Run"}, "blocks": [{"type": "divider"}]}
    for _ in range(4):
        stage.run(stage.slack.slash("alice", "ops", "/gitlab", "run"))
    first, *others = (each["payload"]["trigger_id"] for each in ear.envelopes)
    opened = web.views_open(trigger_id=first, view=view)["view"]
    pushes = [stage.refusal(lambda: web.views_push(trigger_id=each, view=view)) for each in others]  # noqa: B023
    assert pushes == ["ok", "ok", "push_limit_reached"]
    update = web.views_update
    assert stage.refusal(lambda: update(view_id=opened["id"], hash="old", view=view)) == "hash_conflict"
    assert stage.refusal(lambda: update(view_id=opened["id"], hash=opened["hash"], view=view)) == "ok"
    assert stage.refusal(lambda: update(view_id="V0NOWHERE", view=view)) == "not_found"
    label, element = {"type": "plain_text", "text": "Job"}, {"type": "plain_text_input", "action_id": "job"}
    asking = {**view, "blocks": [{"type": "input", "label": label, "element": element}]}
    assert stage.refusal(lambda: update(view_id=opened["id"], view=asking)) == "invalid_arguments"


def test_every_visible_change_moves_the_version(stage: Stage) -> None:
    """version grows with posts, edits and reactions, so that a watcher can wait for it."""
    seen = [stage.slack.version]
    ts = stage.run(stage.slack.say("alice", "ops", "a"))
    seen.append(stage.slack.version)
    stage.run(stage.slack.edit("alice", "ops", ts, "b"))
    seen.append(stage.slack.version)
    stage.run(stage.slack.react("bob", "ops", ts, "eyes"))
    seen.append(stage.slack.version)
    assert seen == sorted(set(seen))
