"""The form of a job and the buttons that open it: whatever stands in a definition, Slack takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import run_form
from bot.catalogues import ChatJob, Entry, Input, JobForm, Kind, Picked
from bot.model import Block, Message, Place
from sandbox.slack import mentions
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import check, hostile
from tests.jobs.seen import buttons, shown

PLACE = Place("C0OPS00001", "17.1")
JOB = ChatJob("scale", "chatops", "Scales a service", environment="staging", asks="Are you sure?")


def field(kind: Kind, **more: Any) -> Entry:
    return Entry(**{"id": "input.c0ffee.0.0", "name": "x", "kind": kind, "label": "X", **more})


def view(*entries: Entry, **more: Any) -> Block:
    """A form that Slack would take."""
    made = run_form.form(
        JobForm(**{"id": "sheet", "project": "acme/infra", "job": JOB, "entries": entries, **more}), PLACE
    )
    taken(made)
    return made


def taken(made: Block) -> None:
    assert problems_of(made["blocks"], view=True) == []
    assert len(json.dumps(made)) < 250_000
    assert mentions.fired({"text": "", "blocks": made["blocks"]}) == []
    assert len({block["block_id"] for block in made["blocks"] if "block_id" in block}) == sum(
        "block_id" in block for block in made["blocks"]
    )


def element(entry: Entry) -> Block:
    made: Block = next(block for block in view(entry)["blocks"] if block["type"] == "input")
    return made


@pytest.mark.parametrize(
    ("entry", "kind", "initial"),
    [
        (field(Kind.YES_NO, value="false"), "radio_buttons", "No"),
        (field(Kind.OPTIONS, options=("a", "b"), value="b"), "radio_buttons", "b"),
        (field(Kind.OPTIONS, options=tuple("abcdefghijkl"), value="b"), "static_select", "b"),
        (field(Kind.MANY, options=("a",), value="a"), "external_select", "a"),
        (field(Kind.NUMBER, value="2.5"), "number_input", "2.5"),
        (field(Kind.TEXT, value="words"), "plain_text_input", "words"),
        (field(Kind.LINES, value="a\nb"), "plain_text_input", "a\nb"),
        (field(Kind.LIST, value="a\nb"), "plain_text_input", "a\nb"),
    ],
)
def test_each_kind_has_its_field(entry: Entry, kind: str, initial: str) -> None:
    """With what stands in it."""
    made = element(entry)["element"]
    assert made["type"] == kind
    option = made.get("initial_option")
    assert (option["text"]["text"] if option else made["initial_value"]) == initial
    assert made.get("multiline", False) == (entry.kind in {Kind.LINES, Kind.LIST})


def test_a_list_of_options_has_boxes() -> None:
    """Each with its own, ticked if it is in the list."""
    made = element(field(Kind.BOXES, options=("a", "b", "c"), value="a\nc"))["element"]
    assert [one["value"] for one in made["initial_options"]] == ["a", "c"]


@pytest.mark.parametrize(
    ("entry", "optional"),
    [
        (field(Kind.TEXT, required=True), False),
        (field(Kind.TEXT), True),
        (field(Kind.YES_NO, value="true"), False),
        (field(Kind.YES_NO), True),
        (field(Kind.OPTIONS, options=("a",), value="a"), False),
    ],
)
def test_what_may_be_left_empty_says_so(entry: Entry, optional: bool) -> None:
    """What is picked is only changed, so nobody calls it optional."""
    assert element(entry).get("optional", False) is optional


def test_a_field_that_others_hang_on_tells_at_once() -> None:
    """As the button that draws the form anew."""
    made = element(field(Kind.OPTIONS, options=("a",), leads=True))
    assert (made["dispatch_action"], made["element"]["action_id"]) == (True, run_form.FORM)
    assert "dispatch_action" not in element(field(Kind.OPTIONS, options=("a",)))


def test_what_a_form_tells() -> None:
    """The job, what it asks, where it deploys, the same as it is typed, and what is filled in."""
    said = str(view(line="/run scale --defaults", remembered=True, left_out=3, trouble="No such branch."))
    for words in ("*scale* in acme/infra", "Scales a service · stage chatops · environment staging",
                  "It will ask you: “Are you sure?”", "Typed, it is: /run scale --defaults", "what you gave it last",
                  "3 more values can only be typed", "No such branch."):  # fmt: skip
        assert words in said


def test_a_form_in_which_a_job_is_picked() -> None:
    """First the project, then the job, then what it takes."""
    one = view(job=None, pick_project=Picked("project"), pick_job=Picked(""))
    two = view(job=None, pick_project=Picked("project", "a/b", "a/b"), pick_job=Picked("job.1"), jobs=13)
    three = view(
        field(Kind.TEXT), pick_project=Picked("project", "a/b", "a/b"), pick_job=Picked("job.1", "x", "x"),
        pick_ref=Picked("ref.1", "main", "main"), text_id="text.c0ffee", text="words",
    )  # fmt: skip
    labels = [
        [block["label"]["text"] for block in made["blocks"] if block["type"] == "input"]
        for made in (one, two, three)
    ]
    assert labels == [["Project"], ["Project", "Job"], ["Project", "Job", "X", "Free text", "Branch or tag"]]
    assert "13 jobs of acme/infra" in str(two)
    assert all(block.get("dispatch_action") for block in two["blocks"] if block["type"] == "input")


@given(st.data())
def test_no_definition_breaks_a_form(data: st.DataObject) -> None:
    """Whatever a project writes into its configuration, and somebody into an argument."""

    def some() -> str:
        return data.draw(hostile)

    job = ChatJob(some() or "x", some(), some(), environment=some(), asks=some())
    entries = [
        field(
            kind,
            id=f"input.c0ffee.{number}.0",
            label=some() or "x",
            hint=some(),
            value=some()[:3_000],
            leads=True,
        )
        for number, kind in enumerate((Kind.TEXT, Kind.LINES, Kind.LIST))
    ]
    view(
        *entries, job=job, project=some(), line=some(), trouble=some(), text_id="text.x", text=some()[:3_000]
    )
    check_offer(run_form.offer(some(), some(), [Input(some() or "x")] * 30, "sheet", some(), at_once=some()))
    check_offer(run_form.changed(some(), some(), [some(), some()], "sheet"))


def check_offer(message: Message) -> None:
    check(message)
    assert len(buttons(message)) == 1


def test_buttons_open_the_form() -> None:
    """They carry the id of what it is about."""
    offer = run_form.offer("scale", "acme/infra", [Input("a")], "sheet", "run scale", at_once="")
    for message in (
        run_form.late("sheet"), offer, run_form.changed("scale", "acme/infra", ["a is new"], "sheet")
    ):  # fmt: skip
        (row,) = (block for block in message.blocks if block["type"] == "actions")
        assert (row["elements"][0]["action_id"], row["elements"][0]["value"]) == (run_form.FORM, "sheet")
        check(message)
    assert "a is new" in shown(message)
