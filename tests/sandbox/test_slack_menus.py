"""Menus of the sandbox's Slack, opened and typed into: what they show, and what is picked from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.sandbox.form_stage import field, opened, options, sent, words
from tests.sandbox.slack_stage import MANY_SCOPES, OPS, Ear, Stage, button


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(FakeSlack(scopes=MANY_SCOPES)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def menu(stage: Stage, index: int = 0) -> dict[str, Any]:
    """The menu that is open in a block of alice's form."""
    form = stage.slack.forms.seen("alice")
    assert form is not None
    element: dict[str, Any] = form["blocks"][index]["element"]
    return dict(element.get("menu", {}))


def labels(shown: dict[str, Any]) -> list[str]:
    return [each["text"]["text"] for each in shown["options"]]


def test_what_the_app_offers_is_seen_and_picked_from(stage: Stage, ear: Ear) -> None:
    """Letters are sent as they are typed; the option is then picked from the open menu, which closes."""
    opened(stage, ear, field("Project", "external_select", min_query_length=0))
    ear.payload = {"options": options("Acme web (#12)", "Acme api (#13)")}
    stage.run(stage.slack.forms.letters("alice", "Project", "ac"))
    assert labels(menu(stage)) == ["Acme web (#12)", "Acme api (#13)"]
    assert menu(stage)["letters"] == "ac"
    ear.payload = None
    stage.run(stage.slack.forms.choose("alice", "Project", "Acme api"))
    assert [each["payload"]["value"] for each in sent(ear, "block_suggestion")] == ["ac"]
    assert menu(stage) == {}


def test_groups_and_several_choices(stage: Stage, ear: Ear) -> None:
    """Options may come in groups, and a multi select takes several of them, or none again."""
    opened(stage, ear, field("Labels", "multi_external_select", optional=True))
    groups = [
        {"label": words("Type"), "options": options("bug", "idea")},
        {"label": words("Team"), "options": options("web")},
    ]
    ear.payload = {"option_groups": groups}
    forms = stage.slack.forms
    stage.run(forms.letters("alice", "Labels", "any"))
    assert [each["label"]["text"] for each in menu(stage)["option_groups"]] == ["Type", "Team"]
    stage.run(forms.choose("alice", "Labels", "bug, web"))
    form = forms.seen("alice")
    assert form is not None
    assert [each["value"] for each in form["blocks"][0]["element"]["initial_options"]] == ["bug", "web"]
    stage.run(forms.choose("alice", "Labels", ""))
    form = forms.seen("alice")
    assert form is not None
    assert "initial_options" not in form["blocks"][0]["element"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "either options or option_groups"),
        ({"options": options(*map(str, range(101)))}, "no more than 100 items"),
        ({"options": options("x" * 76)}, "less than 76 characters"),
        ({"options": options("a", "a")}, "must be unique"),
        ({"option_groups": [{"options": options("a")}]}, "missing required field: label"),
        ({"option_groups": [{"label": words("L"), "options": []}]}, "no less than 1 items"),
        ({"options": options("a"), "text": "x"}, "invalid additional property: text"),
    ],
)
def test_options_slack_would_refuse(stage: Stage, ear: Ear, answer: dict[str, Any] | None, said: str) -> None:
    """An answer over Slack's limits is refused, and the fake says why."""
    opened(stage, ear, field("Project", "external_select"))
    ear.payload = answer
    with pytest.raises(ValueError, match=said):
        stage.run(stage.slack.forms.letters("alice", "Project", "acme"))


def test_no_option_at_all_is_an_answer(stage: Stage, ear: Ear) -> None:
    """An app that finds nothing offers an empty list."""
    opened(stage, ear, field("Project", "external_select"))
    ear.payload = {"options": []}
    stage.run(stage.slack.forms.letters("alice", "Project", "zzz"))
    assert labels(menu(stage)) == []


def test_an_app_too_slow_to_offer_anything(stage: Stage, ear: Ear) -> None:
    """Options are waited for three seconds."""
    opened(stage, ear, field("Project", "external_select"))
    ear.ack = False
    with pytest.raises(ValueError, match="no options for Project in time"):
        stage.run(stage.slack.forms.letters("alice", "Project", "acme"))


def test_an_app_hears_nothing_of_the_other_fields_when_asked_for_options(stage: Stage, ear: Ear) -> None:
    """As in Slack, the state is empty in block_suggestion; block_actions have it."""
    opened(stage, ear, field("Project", "external_select"), field("Title", "plain_text_input"))
    stage.run(stage.slack.forms.fill("alice", "Title", "Crash"))
    ear.payload = {"options": options("web")}
    stage.run(stage.slack.forms.letters("alice", "Project", "web"))
    assert sent(ear, "block_suggestion")[0]["payload"]["view"]["state"] == {"values": {}}


def test_menus_that_bring_their_options_along(stage: Stage, ear: Ear) -> None:
    """Letters narrow what a select holds, without the app; people and channels are found too."""
    opened(
        stage,
        ear,
        field("Env", "static_select", options=options("Staging", "Production")),
        field("Who", "users_select"),
        field("Where", "conversations_select"),
        field("Why", "plain_text_input", optional=True),
    )
    forms = stage.slack.forms
    for label, letters in (("Env", "prod"), ("Who", "ali"), ("Where", "op")):
        stage.run(forms.letters("alice", label, letters))
    assert labels(menu(stage, 2)) == ["#ops"]
    stage.run(forms.letters("alice", "Who", "ali"))
    assert labels(menu(stage, 1)) == ["@alice", "@alice2"]
    stage.run(forms.letters("alice", "Env", "prod"))
    assert labels(menu(stage)) == ["Production"]
    assert not sent(ear, "block_suggestion")
    with pytest.raises(ValueError, match="no field Why; there are: Env, Who, Where"):
        stage.run(forms.letters("alice", "Why", "x"))


def test_overflow_menus_and_pickers_of_a_form(stage: Stage, ear: Ear) -> None:
    """An overflow menu acts at once; a date is picked as well as typed, and can be emptied."""
    overflow = {"type": "overflow", "action_id": "more", "options": options("Copy", "Remove")}
    text = {"type": "mrkdwn", "text": "Step one"}
    section = {"type": "section", "text": text, "accessory": overflow}
    opened(stage, ear, section, field("Due", "datepicker", optional=True))
    forms = stage.slack.forms
    stage.run(forms.choose("alice", "Step", "Remove"))
    assert sent(ear, "block_actions")[0]["payload"]["actions"][0]["selected_option"]["value"] == "remove"
    stage.run(forms.choose("alice", "Due", "2026-03-02"))
    form = forms.seen("alice")
    assert form is not None
    assert form["blocks"][1]["element"]["initial_date"] == "2026-03-02"
    stage.run(forms.choose("alice", "Due", ""))
    form = forms.seen("alice")
    assert form is not None
    assert "initial_date" not in form["blocks"][1]["element"]


def card(stage: Stage) -> str:
    """A message with two selects that act at once, an input that does not, and a button."""
    selects = [
        {"type": "external_select", "action_id": "who", "placeholder": words("Who"), "min_query_length": 1},
        {"type": "static_select", "action_id": "env", "options": options("Staging", "Live")},
    ]
    note = field("Note", "static_select", options=options("Short", "Long"))
    blocks = [{"type": "actions", "block_id": "b", "elements": selects}, note, button()]
    return str(stage.web.chat_postMessage(channel=OPS, text="card", blocks=blocks)["ts"])


def test_what_is_picked_in_a_message_stays_there_for_that_person(stage: Stage, ear: Ear) -> None:
    """Slack's client keeps it and sends it along with the next press; nobody else sees it."""
    ts, slack = card(stage), stage.slack
    stage.run(slack.click("alice", "ops", ts, "env", option="Live"))
    stage.run(slack.click("alice", "ops", ts, "note", option="Long"))
    assert len(sent(ear, "block_actions")) == 1
    stage.run(slack.click("alice", "ops", ts, "go"))
    state = sent(ear, "block_actions")[-1]["payload"]["state"]["values"]
    assert state["b"]["env"]["selected_option"]["value"] == "live"
    assert state["note_block"]["note"]["selected_option"]["value"] == "long"
    assert state["b"]["who"]["selected_option"] is None
    mine, theirs = (slack.visible(name, "ops")[0].message["blocks"][0] for name in ("alice", "bob"))
    assert mine["elements"][1]["initial_option"]["value"] == "live"
    assert "initial_option" not in theirs["elements"][1]
    assert (
        "initial_option"
        not in sent(ear, "block_actions")[-1]["payload"]["message"]["blocks"][0]["elements"][1]
    )


def test_an_open_menu_of_a_message(stage: Stage, ear: Ear) -> None:
    """What the app offers stands in the message, before the one who opened it, until something is picked."""
    ts, slack = card(stage), stage.slack
    ear.payload = {"options": options("bob", "bea")}
    stage.run(slack.hands.letters("alice", "ops", ts, "who", block_id="b", text="b"))
    (asked,) = sent(ear, "block_suggestion")
    assert asked["payload"]["container"]["message_ts"] == ts
    (seen,), (other,) = slack.visible("alice", "ops"), slack.visible("bob", "ops")
    assert labels(seen.message["blocks"][0]["elements"][0]["menu"]) == ["bob", "bea"]
    assert "menu" not in other.message["blocks"][0]["elements"][0]
    stage.run(slack.click("alice", "ops", ts, "who", "b", option="bea"))
    assert len(sent(ear, "block_suggestion")) == 1
    (seen,) = slack.visible("alice", "ops")
    assert "menu" not in seen.message["blocks"][0]["elements"][0]
