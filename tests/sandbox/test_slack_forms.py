"""Forms of the sandbox's Slack, from the person's side: filling in, picking, sending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.sandbox.form_stage import field, keys, opened, options, sample, sent, words
from tests.sandbox.slack_stage import MANY_SCOPES, Clock, Ear, Stage, button


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


def test_a_submission_has_slacks_own_form(stage: Stage, ear: Ear) -> None:
    """What is filled in and picked arrives as view_submission, with the keys and the state of the sample."""
    forms = stage.slack.forms
    opened(
        stage,
        ear,
        field("Title", "plain_text_input", multiline=True),
        field("Num", "number_input", is_decimal_allowed=False),
        field("Sev", "static_select", options=options("S1", "S2")),
        field("Many", "multi_static_select", options=options("One", "Two", "Three")),
        field("Radio", "radio_buttons", options=options("Yes", "No"), optional=True),
        field("Flags", "checkboxes", options=options("Red, white", "Blue")),
        field("Who", "users_select"),
        field("Date", "datepicker"),
        field("When", "datetimepicker"),
        field("Empty", "plain_text_input", optional=True),
        notify_on_close=True,
        close=words("Cancel"),
    )
    for label, text in {
        "title": "DB\ndown", "Num": "3", "Date": "2026-11-20", "When": "2025-11-20T15:46:40",
    }.items():  # fmt: skip
        stage.run(forms.fill("alice", label, text))
    picks = {"Sev": "S1", "Many": "one, Three", "Flags": "Red, white", "Who": "bob"}
    for label, option in picks.items():
        stage.run(forms.choose("alice", label, option))
    assert stage.run(forms.submit("alice")) == "The form is sent."
    (got,) = sent(ear, "view_submission")
    expected = sample("view_submission.json")
    assert keys(got) == keys(expected)
    values = got["payload"]["view"]["state"]["values"]
    known = expected["payload"]["view"]["state"]["values"]
    assert values["title_block"]["title"] == {"type": "plain_text_input", "value": "DB\ndown"}
    for name in ("num", "date", "radio", "empty"):
        assert values[f"{name}_block"][name] == known[f"{name}_block"][name]
    assert values["sev_block"]["sev"].keys() == known["sev_block"]["severity"].keys()
    assert values["when_block"]["when"] == {"type": "datetimepicker", "selected_date_time": 1_763_650_000}
    assert [each["value"] for each in values["many_block"]["many"]["selected_options"]] == ["one", "three"]
    assert [each["value"] for each in values["flags_block"]["flags"]["selected_options"]] == ["red, white"]
    assert values["who_block"]["who"] == {"type": "users_select", "selected_user": "U0BOB00001"}
    assert stage.slack.forms.seen("alice") is None


def test_only_who_opened_it_sees_the_form(stage: Stage, ear: Ear) -> None:
    """A form is before the person whose act triggered it, and before nobody else."""
    opened(stage, ear, field("Title", "plain_text_input", initial_value="old"))
    form = stage.slack.forms.seen("alice")
    assert form is not None
    assert form["blocks"][0]["element"]["initial_value"] == "old"
    assert stage.slack.forms.seen("bob") is None
    with pytest.raises(ValueError, match="No form is open before bob"):
        stage.run(stage.slack.forms.submit("bob"))


@pytest.mark.parametrize(
    ("block", "text", "said"),
    [
        (field("Why", "plain_text_input"), "", "Please complete this required field."),
        (field("Why", "plain_text_input", min_length=5), "abc", "at least 5 characters"),
        (field("Why", "plain_text_input", max_length=2), "abc", "at most 2 characters"),
        (field("Why", "number_input", is_decimal_allowed=False), "1.5", "a whole number"),
        (field("Why", "number_input", is_decimal_allowed=True), "many", "enter a number"),
        (field("Why", "number_input", is_decimal_allowed=True, min_value="2"), "1.5", "2 or more"),
        (field("Why", "number_input", is_decimal_allowed=True, max_value="2"), "2.5", "2 or less"),
        (field("Why", "email_text_input"), "bob at home", "a valid email"),
        (field("Why", "url_text_input"), "x.example", "a valid URL"),
    ],
)
def test_slacks_client_keeps_a_wrong_form_back(
    stage: Stage, ear: Ear, block: dict[str, Any], text: str, said: str
) -> None:
    """What breaks a rule of its input is told beside it, and the app hears nothing."""
    opened(stage, ear, block)
    stage.run(stage.slack.forms.fill("alice", "Why", text))
    assert said in stage.run(stage.slack.forms.submit("alice"))
    form = stage.slack.forms.seen("alice")
    assert form is not None
    assert said in form["errors"]["why_block"]
    assert not sent(ear, "view_submission")


def test_buttons_and_selects_of_a_form_act_at_once(stage: Stage, ear: Ear) -> None:
    """A button, and an input with dispatch_action, send block_actions like the sample; others stay silent."""
    forms = stage.slack.forms
    quiet = field("Sev", "static_select", options=options("S1"))
    loud = field("Project", "static_select", options=options("Web", "Api"), dispatch_action=True)
    opened(stage, ear, quiet, loud, button("Add one", "add"), notify_on_close=True, close=words("Cancel"))
    stage.run(forms.choose("alice", "Sev", "S1"))
    assert not sent(ear, "block_actions")
    stage.run(forms.choose("alice", "Project", "api"))
    stage.run(forms.click("alice", "add"))
    chosen, pressed = sent(ear, "block_actions")
    expected = sample("block_actions_modal.json")
    assert keys(chosen) == keys(expected)
    assert chosen["payload"]["actions"][0].keys() == expected["payload"]["actions"][0].keys()
    assert chosen["payload"]["actions"][0]["selected_option"]["value"] == "api"
    assert (
        chosen["payload"]["view"]["state"]["values"]["sev_block"]["sev"]["selected_option"]["value"] == "s1"
    )
    assert pressed["payload"]["actions"][0]["action_id"] == "add"


def test_an_external_select_asks_the_app(stage: Stage, ear: Ear) -> None:
    """The options come from the app by block_suggestion; what it does not offer cannot be picked."""
    forms = stage.slack.forms
    opened(stage, ear, field("Project", "external_select", min_query_length=2))
    ear.payload = {"options": options("acme/web", "acme/api")}
    stage.run(forms.choose("alice", "Project", "acme/a"))
    (asked,) = sent(ear, "block_suggestion")
    expected = sample("block_suggestion_modal.json")
    assert asked["payload"].keys() == expected["payload"].keys()
    assert asked["payload"]["value"] == "acme/a"
    ear.payload = None
    stage.run(forms.submit("alice"))
    state = sent(ear, "view_submission")[0]["payload"]["view"]["state"]["values"]
    assert state["project_block"]["project"]["selected_option"]["value"] == "acme/api"
    opened(stage, ear, field("Project", "external_select"))
    with pytest.raises(ValueError, match="from 3 letters on"):
        stage.run(forms.choose("alice", "Project", "ac"))
    ear.payload = {"options": []}
    with pytest.raises(ValueError, match="no option 'acme'"):
        stage.run(forms.choose("alice", "Project", "acme"))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda forms: forms.fill("alice", "Colour", "red"), "no field Colour; there are: Title, Sev"),
        (lambda forms: forms.fill("alice", "Sev", "S1"), "picked, not typed"),
        (lambda forms: forms.choose("alice", "Title", "S1"), "typed, not picked"),
        (lambda forms: forms.choose("alice", "Sev", "S9"), "there are: S1"),
        (lambda forms: forms.click("alice", "More"), "no button More; there are: none"),
        (lambda forms: forms.fill("alice", "Title", "a\nb"), "one line only"),
    ],
)
def test_what_a_form_cannot_take_is_said(stage: Stage, ear: Ear, act: Any, said: str) -> None:
    """A field that is not there, or not of that kind, is named in a sentence with those there are."""
    opened(
        stage, ear, field("Title", "plain_text_input"), field("Sev", "static_select", options=options("S1"))
    )
    with pytest.raises(ValueError, match=said):
        stage.run(act(stage.slack.forms))
