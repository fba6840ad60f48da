"""The card of an incident in every state, its announcement, and that nothing in them is alive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import forms, incident, incident_forms, parts
from bot.incident import ENDED, Incident, State
from bot.incident_work import Suspect, Task
from bot.incidents.drawing import Draft, Shown
from bot.incidents.states import LEGAL
from bot.model import Message, Person, Place
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import HOME, check, hostile
from tests.jobs.seen import shown

NOW = 3_600_000
ALICE = Person("T0ACME0001", "U0ALICE001")
URL = f"{HOME}/issues/4"
ONE = Incident(
    "i1", 7, "s", "T0ACME0001", "Checkout 500s", 2, State.INVESTIGATING, "acme/shop", ALICE, "alice", 600_000,
    iid=4, url=URL, channel="C0INC00001", channel_name="inc-7-checkout", commander=ALICE, commander_name="alice",
    summary="Half of all orders fail.", latest="We roll back.", latest_at=3_000_000, latest_link=f"{HOME}/p1",
    next_update=4_200_000,
)  # fmt: skip


def whole(one: Incident, **more: Any) -> Shown:
    return Shown(one, LEGAL[one.state], **more)


def labels(message: Message) -> list[str]:
    """What can be pressed or picked."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [(one.get("text") or one["placeholder"])["text"] for row in rows for one in row]


def times(*moments: int) -> set[str]:
    return {
        text[1:-1].split("|")[0]
        for each in moments
        for text in (parts.moment(each, now=NOW), parts.ago(each))
    }


def test_the_card() -> None:
    """Everything that is known, in words beside every emoji, in at most twelve blocks."""
    tasks = [Task(f"t{n}", "i1", n, "x", state="done" if n < 3 else "open") for n in range(1, 6)]
    suspect = Suspect(
        "s1", "i1", "deployment", "Deployment 71", f"{HOME}/71", 0, "deployment 71", state="suspect"
    )
    message = incident.card(whole(ONE, tasks=tasks, suspects=[suspect]), NOW)
    seen = shown(message)
    for words in (
        "🟠 S2 High · Checkout 500s", "🔥 Investigating", "*Commander*\nalice", "*Next update due*",
        "Half of all orders", "We roll back.", "Tasks: 2 of 5 done", "Suspects: ", "acme/shop#4",
        "marked messages reach GitLab",
    ):  # fmt: skip
        assert words in seen
    assert len(message.blocks) <= 12
    assert message.text == "S2 High: Checkout 500s is investigating"
    links = {URL, f"{HOME}/p1", f"{HOME}/71", *times(600_000, 3_000_000, 4_200_000)}
    check(message, links=links)


@pytest.mark.parametrize("state", State)
def test_only_what_is_legal_can_be_pressed(state: State) -> None:
    """While it burns all of it; once it has ended only the way back."""
    card = incident.card(whole(replace(ONE, state=state)), NOW)
    if state in ENDED:
        assert labels(card) == ["Reopen"]
    else:
        burning = replace(ONE, state=state).is_burning
        first = ["Update", "Change state", "Hand over"] if burning else ["Change state"]
        assert labels(card) == [*first, "Add task", "More"]
    moves = [one for block in card.blocks if block["type"] == "actions" for one in block["elements"]]
    picked = {option["value"].rpartition(":")[2] for one in moves if one["action_id"] == "incident.state"
              for option in one.get("options", [{"value": one.get("value", "")}])}  # fmt: skip
    assert picked == {str(each) for each in LEGAL[state] if each is not State.MERGED}


def test_command_is_taken_where_nobody_has_it() -> None:
    """The button follows who commands."""
    assert "Take command" in labels(
        incident.card(whole(replace(ONE, commander=None, commander_name="")), NOW)
    )


def test_trouble_is_said_and_goes() -> None:
    """One line, as long as it is so."""
    assert "GitLab does not answer" in shown(
        incident.card(whole(replace(ONE, trouble="GitLab does not answer.")), NOW)
    )
    assert "GitLab does not answer" not in shown(incident.card(whole(ONE), NOW))


def test_how_long_it_lasted() -> None:
    """Of one that is over; a late word is called overdue."""
    over = replace(ONE, state=State.RESOLVED, resolved_at=600_000 + 3_720_000)
    assert "lasted 1 h 02 m" in shown(incident.card(whole(over), NOW))
    assert "overdue" in shown(incident.card(whole(replace(ONE, next_update=1_000)), NOW))
    assert "opened again 2 times" in shown(incident.card(whole(replace(ONE, episodes=3)), NOW))


def test_the_announcement() -> None:
    """Less of the same, and the ways in, until it has ended."""
    twin = incident.twin(whole(ONE), NOW)
    assert labels(twin) == ["Join", "Follow", "Request update", "Open in GitLab"]
    assert "<#C0INC00001>" in shown(twin)
    assert labels(incident.twin(whole(replace(ONE, state=State.CLOSED)), NOW)) == ["Open in GitLab"]


def test_the_block_of_the_buttons_is_another_at_each_version() -> None:
    """A select in Slack shows what was picked last as long as its block stays the same."""
    blocks = {incident.card(whole(replace(ONE, version=n)), NOW).blocks[-1]["block_id"] for n in (1, 2)}
    assert len(blocks) == 2


@given(hostile, hostile, hostile, st.sampled_from(State), st.sampled_from([0, 1, 4]))
def test_hostile_words_are_shown(title: str, words: str, name: str, state: State, number: int) -> None:
    """Whatever is written calls nobody, links nowhere, and keeps within Slack's limits."""
    one = replace(
        ONE, title=title, summary=words, latest=words, commander_name=name, declarer_name=name, trouble=words,
        project=name or "p", state=state, severity=number, closed_at=None, resolved_at=None,
    )  # fmt: skip
    links = {URL, f"{HOME}/p1", "#C0INC00001", *times(600_000, 3_000_000, 4_200_000)}
    drawn = (incident.card, incident.twin, incident.own)
    for message in [each(whole(one), NOW) for each in drawn]:
        check(message, links=links)
    for message in (
        incident.signpost(one), incident.declared(one, [one]), incident.again(one), incident.restored(words),
        incident.line(f"bob said {words}"), incident.menu([one] * 9, prefix="/gitlab "), incident.joined(one),
        incident.muted(one, "is_archived"), incident.moved_on(one, "C0INC00001"),
    ):  # fmt: skip
        check(message, links=links)
    assert len(incident.topic(one)) <= 250


@given(hostile, hostile)
def test_forms_keep_within_the_limits_of_slack(title: str, words: str) -> None:
    """Whatever they are filled in with."""
    draft = Draft(title[:150], 2, words, "acme/shop", about=words)
    one = replace(ONE, title=title, summary=words, iid=0)
    made = [
        incident_forms.declare(incident.DECLARE, "s1", Place("C1"), draft, near=[one], line=words),
        incident_forms.edit("i1:1", Place("C1"), one),
        forms.loading(incident.DECLARE, Place("C1"), title="Declare incident"),
    ]
    for view in made:
        assert problems_of(view["blocks"], view=True) == []
