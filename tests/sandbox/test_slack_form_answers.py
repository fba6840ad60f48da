"""What an app does with a form of the sandbox's Slack: opening it, answering it, hearing of its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from sandbox.slack.surface import TROUBLE
from tests.sandbox.form_stage import field, keys, modal, opened, sample, sent, words
from tests.sandbox.slack_stage import MANY_SCOPES, OPS, Clock, Ear, Stage, button, until


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[Stage]:
    with Stage(FakeSlack(clock=clock, scopes=MANY_SCOPES)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def test_errors_stand_beside_their_fields(stage: Stage, ear: Ear) -> None:
    """An app that answers with errors keeps the form open; the next try clears them."""
    opened(stage, ear, field("Title", "plain_text_input"))
    stage.run(stage.slack.forms.fill("alice", "Title", "x"))
    ear.payload = {"response_action": "errors", "errors": {"title_block": "Too short."}}
    assert stage.run(stage.slack.forms.submit("alice")) == "The app has refused the form."
    form = stage.slack.forms.seen("alice")
    assert form is not None
    assert form["errors"] == {"title_block": "Too short."}
    assert form["blocks"][0]["element"]["initial_value"] == "x"
    ear.payload = None
    stage.run(stage.slack.forms.submit("alice"))
    assert stage.slack.forms.seen("alice") is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"other_block": "No."}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "shrug"},
        {"text": "thanks"},
        {"response_action": "update", "view": {"type": "home", "blocks": []}},
        {"response_action": "push", "view": modal(field("Title" * 500, "plain_text_input"))},
    ],
)
def test_a_wrong_answer_to_a_form_is_refused(stage: Stage, ear: Ear, answer: dict[str, Any]) -> None:
    """Errors for a block the form has not, a view Slack refuses: the form stays, and the fake says why."""
    opened(stage, ear, field("Title", "plain_text_input", initial_value="x"))
    ear.payload = answer
    with pytest.raises(ValueError, match="Slack refuses the app's answer"):
        stage.run(stage.slack.forms.submit("alice"))
    form = stage.slack.forms.seen("alice")
    assert form is not None
    assert form["said"] == TROUBLE


def test_an_answer_can_update_push_and_clear(stage: Stage, ear: Ear) -> None:
    """update keeps what is filled in under the same ids, push lays a form on top, clear closes all."""
    forms = stage.slack.forms
    view = opened(stage, ear, field("Title", "plain_text_input"))
    stage.run(forms.fill("alice", "Title", "kept"))
    more = modal(field("Title", "plain_text_input"), field("Why", "plain_text_input", initial_value="new"))
    ear.payload = {"response_action": "update", "view": more}
    assert stage.run(forms.submit("alice")) == "The form has changed."
    form = forms.seen("alice")
    assert form is not None
    assert form["id"] == view["id"]
    assert form["hash"] != view["hash"]
    assert [each["element"]["initial_value"] for each in form["blocks"]] == ["kept", "new"]
    ear.payload = {"response_action": "push", "view": modal({"type": "divider"}, title=words("Sure?"))}
    assert stage.run(forms.submit("alice")) == "Another form is on top."
    top = forms.seen("alice")
    assert top is not None
    assert (top["title"]["text"], top["previous_view_id"]) == ("Sure?", view["id"])
    ear.payload = {"response_action": "clear"}
    stage.run(forms.submit("alice"))
    assert forms.seen("alice") is None


def test_a_form_the_app_does_not_answer_stays_open(stage: Stage) -> None:
    """Without an ack in time the person is told so, and can try again."""
    deaf = stage.listen(ack=False)
    trigger = stage.slack.views.trigger("U0ALICE001", stage.slack.workspace.clock())
    stage.web.views_open(trigger_id=trigger, view=modal(field("Title", "plain_text_input")))
    stage.run(stage.slack.forms.fill("alice", "Title", "x"))
    assert stage.run(stage.slack.forms.submit("alice")) == f"Slack says: {TROUBLE}"
    form = stage.slack.forms.seen("alice")
    assert form is not None
    assert form["said"] == TROUBLE
    deaf.ack = True
    assert stage.run(stage.slack.forms.submit("alice")) == "The form is sent."


def test_closing_is_told_only_on_wish(stage: Stage, ear: Ear) -> None:
    """view_closed comes for a form with notify_on_close, in the form of the sample, and for no other."""
    opened(stage, ear, field("Title", "plain_text_input"))
    stage.run(stage.slack.forms.cancel("alice"))
    assert not sent(ear, "view_closed")
    opened(stage, ear, field("Title", "plain_text_input"), notify_on_close=True, close=words("Cancel"))
    stage.run(stage.slack.forms.cancel("alice"))
    assert keys(sent(ear, "view_closed")[0]) == keys(sample("view_closed.json"))
    assert stage.slack.forms.seen("alice") is None


def test_the_app_can_change_a_form_while_it_is_open(stage: Stage, ear: Ear) -> None:
    """views.update changes what the person sees and keeps what was typed."""
    view = opened(stage, ear, field("Title", "plain_text_input"))
    stage.run(stage.slack.forms.fill("alice", "Title", "kept"))
    changed = modal(field("Title", "plain_text_input"), {"type": "divider"})
    stage.web.views_update(view_id=view["id"], view=changed)
    form = stage.slack.forms.seen("alice")
    assert form is not None
    assert [each["type"] for each in form["blocks"]] == ["input", "divider"]
    assert form["blocks"][0]["element"]["initial_value"] == "kept"


def test_a_trigger_opens_one_form_within_three_seconds(stage: Stage, ear: Ear, clock: Clock) -> None:
    """A trigger_id is good once and for three seconds; a click on an ephemeral message brings one too."""
    stage.web.chat_postEphemeral(channel=OPS, user="U0ALICE001", text="a", blocks=[button()])
    whisper = stage.slack.visible("alice", "ops")[-1]
    stage.run(stage.slack.click("alice", "ops", whisper.ts, "go"))
    until(lambda: bool(sent(ear, "block_actions")))
    trigger = sent(ear, "block_actions")[0]["payload"]["trigger_id"]
    form = modal(field("Title", "plain_text_input"))

    def open_it(name: str) -> str:
        return stage.refusal(lambda: stage.web.views_open(trigger_id=name, view=form))

    assert open_it(trigger) == "ok"
    assert open_it(trigger) == "exchanged_trigger_id"
    assert open_it("1.2.3") == "invalid_trigger_id"
    stage.run(stage.slack.slash("alice", "ops", "/gitlab", "form"))
    clock.now += 3
    assert open_it(ear.envelopes[-1]["payload"]["trigger_id"]) == "expired_trigger_id"
