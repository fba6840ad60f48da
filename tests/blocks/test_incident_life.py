"""The life of an incident looks the same whatever stands in it, in its forms and in its room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from blocks import incident_life as look
from bot.incident import Incident, State
from bot.incident_work import Task
from bot.model import Block, Message, Person, Place
from sandbox.slack.views import problems_of
from tests.blocks.looks import check, hostile
from tests.jobs.seen import buttons, shown

ALICE, PLACE = Person("T1", "U1"), Place("C0OPS00001", "17.1")
ONE = Incident(
    "inc0001", 1, "key1", "T1", "Checkout", 2, State.INVESTIGATING, "acme/shop", ALICE, "alice", 1_763_650_000_000,
    iid=4, channel="C0DEV00001", version=7,
)  # fmt: skip
TIMES = {"started_at": 1_763_650_000_000, "resolved_at": 1_763_650_100_999}
ROOM = "#C0DEV00001"


def resolve(one: Incident, *tasks: str, fix: str = "", needs_cause: bool = True) -> Block:
    rows = [Task(f"t{number}", one.id, number, text) for number, text in enumerate(tasks, 1)]
    return look.resolve(one, PLACE, TIMES, rows, fix=fix, needs_cause=needs_cause)


def test_the_form_names_what_is_still_open() -> None:
    """Open tasks are listed for information, at most ten of them."""
    form = resolve(ONE, *(f"Task {number}" for number in range(1, 13)))
    text = shown(Message("form", tuple(form["blocks"])))
    assert "12 tasks still open:\n☐ Task 1\n" in text
    assert "Task 10" in text
    assert "Task 11" not in text
    assert "and 2 more" in text


def test_a_moment_is_one_of_a_minute() -> None:
    """Slack's field for a moment is filled in whole minutes; what is not known is empty."""
    blocks = {one["block_id"]: one["element"] for one in resolve(ONE)["blocks"] if one["type"] == "input"}
    assert blocks["resolved_at"]["initial_date_time"] == 1_763_650_080
    assert "initial_date_time" not in blocks["detected_at"]


@pytest.mark.parametrize(
    ("state", "title", "sends"),
    [(State.FIXING, "Resolve incident", "Resolve"), (State.CLOSED, "Incident", "Save")],
)
def test_what_is_over_is_filled_in(state: State, title: str, sends: str) -> None:
    """The same form resolves what burns, and fills in what a closed one lacks."""
    form = resolve(replace(ONE, state=state))
    assert (form["title"]["text"], form["submit"]["text"]) == (title, sends)


def test_what_a_bot_closed_has_two_answers() -> None:
    """They carry the incident and its version."""
    asked = look.proposal(ONE, "project_42_bot_1")
    assert buttons(asked) == ["Keep closed", "Reopen"]
    assert {one["value"] for one in asked.blocks[-1]["elements"]} == {"inc0001:7"}


@given(hostile)
def test_nothing_from_outside_does_anything(text: str) -> None:
    """Whatever stands in titles, names, tasks and texts, Slack takes every message and form, and nobody is called."""
    one = replace(ONE, title=text, project=text, cause=text, iid=0)
    for message in (
        look.missing(one, ["what fixed it", text]), look.proposal(one, text),
        look.offer(f"What fixed {text}?", "Resolve incident", look.RESOLVE, "inc0001:7"),
    ):  # fmt: skip
        check(message)
    check(look.exposed(one), links=[ROOM])
    forms = (
        resolve(one, text, "x", fix=text, needs_cause=False), look.private(one, PLACE),
        look.private(replace(one, private=True), PLACE), look.severity(one, PLACE),
        look.reason("inc0001:7:declined", PLACE, State.DECLINED, least=10),
    )  # fmt: skip
    for form in forms:
        assert problems_of(form, "modal") == []
