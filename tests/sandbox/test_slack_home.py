"""The App Home of the sandbox's Slack: opening it, publishing it, acting in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from sandbox.slack.manifest import Manifest
from tests.fixtures.slack_samples import sample
from tests.sandbox.form_stage import field, modal, options, sent
from tests.sandbox.slack_stage import MANY_SCOPES, Ear, Stage, button, shape, until

ALICE = "U0ALICE001"
WITH_HOME = Manifest(frozenset(MANY_SCOPES), frozenset({"app_home_opened"}))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(FakeSlack(manifest=WITH_HOME)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def publish(stage: Stage, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Publish alice's Home; answers the view."""
    view = {"type": "home", "blocks": list(blocks)}
    published: dict[str, Any] = stage.web.views_publish(user_id=ALICE, view=view, **more)["view"]
    return published


def test_opening_is_told_with_what_stands_there(stage: Stage, ear: Ear) -> None:
    """The first time there is no view, later it is sent along; the messages tab never sends one."""
    home = stage.slack.home
    stage.run(home.open("alice"))
    publish(stage, button("Refresh", "home_refresh", value="refresh"))
    stage.run(home.open("alice"))
    stage.run(home.open("alice", "messages"))
    until(lambda: len(ear.events) == 3)
    names = ("home_first_time", "home", "messages")
    for got, name in zip(ear.envelopes, names, strict=True):
        assert shape(got) == shape(sample(f"events/app_home_opened_{name}"))


def test_an_app_without_a_home_has_none() -> None:
    """What the manifest has switched off can be neither opened nor published."""
    without = Manifest(frozenset(MANY_SCOPES), frozenset({"app_home_opened"}), has_home=False)
    with Stage(FakeSlack(manifest=without)) as stage:
        with pytest.raises(ValueError, match="home_tab_enabled: false"):
            stage.run(stage.slack.home.open("alice"))
        assert stage.refusal(lambda: publish(stage, {"type": "divider"})) == "not_enabled"


def test_a_press_in_the_home_has_slacks_own_form(stage: Stage, ear: Ear) -> None:
    """It names the view with its hash, no channel and no response_url; its trigger opens a form."""
    view = publish(stage, button("Refresh", "home_refresh", value="refresh"))
    assert stage.run(stage.slack.home.click("alice", "refresh")) == ""
    (got,) = sent(ear, "block_actions")
    assert shape(got) == shape(sample("interactive/block_actions_home"))
    assert got["payload"]["view"]["hash"] == view["hash"]
    stage.web.views_open(trigger_id=got["payload"]["trigger_id"], view=modal({"type": "divider"}))
    assert stage.slack.forms.seen("alice") is not None


def test_a_home_is_published_anew(stage: Stage, ear: Ear) -> None:
    """Its id stays and its hash does not; an old hash is refused; what was picked stays under the same ids."""
    pick = field("Env", "static_select", options=options("Staging", "Production"), dispatch_action=True)
    first = publish(stage, pick)
    stage.run(stage.slack.home.choose("alice", "Env", "Production"))
    second = publish(stage, pick, {"type": "divider"}, hash=first["hash"])
    assert second["id"] == first["id"]
    assert second["hash"] != first["hash"]
    assert stage.refusal(lambda: publish(stage, hash=first["hash"])) == "hash_conflict"
    seen = stage.slack.home.seen("alice")
    assert seen is not None
    assert seen["blocks"][0]["element"]["initial_option"]["value"] == "production"


def test_everybody_has_a_home_of_their_own(stage: Stage, ear: Ear) -> None:
    """Bob sees nothing of what was published for alice."""
    publish(stage, button("Refresh"))
    assert stage.slack.home.seen("bob") is None
    with pytest.raises(ValueError, match="no Home for bob"):
        stage.run(stage.slack.home.click("bob", "Refresh"))
    with pytest.raises(ValueError, match="The Home has no button Stop; there are: Refresh"):
        stage.run(stage.slack.home.click("alice", "Stop"))


def test_a_select_in_the_home_asks_the_app(stage: Stage, ear: Ear) -> None:
    """block_suggestion names the view; the choice comes as block_actions with the state of all fields."""
    select = {"type": "external_select", "action_id": "project", "min_query_length": 0}
    publish(stage, {"type": "section", "text": {"type": "mrkdwn", "text": "*Project*"}, "accessory": select})
    ear.payload = {"options": options("acme/web")}
    stage.run(stage.slack.home.choose("alice", "Project", "acme/web"))
    (asked,), (told,) = sent(ear, "block_suggestion"), sent(ear, "block_actions")
    assert asked["payload"].keys() == sample("interactive/block_suggestion_modal")["payload"].keys()
    assert asked["payload"]["view"]["type"] == "home"
    (state,) = told["payload"]["view"]["state"]["values"].values()
    assert state["project"]["selected_option"]["value"] == "acme/web"


def test_a_home_the_app_does_not_answer(stage: Stage) -> None:
    """The person is told beside it."""
    stage.listen(ack=False)
    publish(stage, button("Refresh"))
    assert "trouble connecting" in stage.run(stage.slack.home.click("alice", "Refresh"))
    seen = stage.slack.home.seen("alice")
    assert seen is not None
    assert "trouble connecting" in seen["said"]
