"""The timeline looks the same whatever stands in it, and its form is one that Slack takes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from blocks import incident_timeline as look
from bot.incident import GITLAB, Event, Incident, State, Who
from bot.model import Option, Person, Place
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import HOME, check, hostile
from tests.jobs.seen import buttons, shown

ALICE = Person("T1", "U1")
INCIDENT = Incident(
    "i1", 7, "key", "T1", "Checkout", 2, State.FIXING, "acme/shop", ALICE, "alice", 0, iid=4,
    url=f"{HOME}/issues/4",
)  # fmt: skip
LINK = "https://acme.slack.com/archives/C1/p1000000100"
MARKED = Event(
    "e1", "i1", 1_000_000, 1_000_500, "timeline", Who("bob", Person("T1", "U2")), "slack", "The workers are down",
    "mark:C1:1000.000100:timeline:1", "C1", "1000.000100", LINK,
)  # fmt: skip
TYPED = replace(MARKED, source="slack:key:timeline", ts="", link="", recorded_at=3_000_000)
THEN, ADDED = "!date^1000^{time}", "!date^3000^{time}"
SHOWN = (LINK, THEN, ADDED, f"{HOME}/issues/4")


NOW = 1_763_650_000_000


def test_the_line_of_a_mark() -> None:
    """It stands below the message itself, so that it says no more than when, and how many think so, too."""
    message = look.echo(MARKED, 4, "i1:1:e1", 1_000_000)
    check(message, links=SHOWN)
    assert shown(message).splitlines()[0] == f"On the timeline, <{THEN}|00:16 UTC> · seconded by 4"
    assert buttons(message) == ["Edit", "Undo"]
    assert shown(look.echo(replace(MARKED, kind="cause"), 0, "i1:1:e1", 1_000_000)).startswith(
        "A possible cause"
    )


def test_the_line_of_what_was_typed() -> None:
    """It says who, when, and when that was written down if that was later, and what."""
    text = shown(look.echo(TYPED, 0, "i1:1:e1", 1_000_000)).splitlines()[0]
    assert text == (
        f"On the timeline by bob, <{THEN}|00:16 UTC>, added <{ADDED}|00:50 UTC>: The workers are down"
    )
    by_hand = replace(MARKED, source=f"{MARKED.source}~1!")
    assert "The workers are down" in shown(look.echo(by_hand, 0, "i1:1:e1", 1_000_000))


def test_what_was_taken_back() -> None:
    """Nothing of its words is left, and there is nothing to press."""
    message = look.struck(TYPED, "by alice", 1_000_000)
    check(message, links=SHOWN)
    assert "taken back by alice" in shown(message)
    assert "workers" not in shown(message)
    assert buttons(message) == []


def test_the_list() -> None:
    """Each with its moment, who, the way to the message, and when it was written down if that was later."""
    theirs = replace(TYPED, origin=GITLAB, tag="Start time", kind="decision")
    message = look.listing(INCIDENT, [(MARKED, 2), (theirs, 0)], 17, 1_000_000, prefix="/")
    check(message, links=SHOWN)
    text = shown(message)
    assert f"*<{THEN}|00:16 UTC>* The workers are down\nbob · seconded by 2 · <{LINK}|message>" in text
    assert (
        f"_A decision_: The workers are down\nbob in GitLab · Start time · added <{ADDED}|00:50 UTC>" in text
    )
    assert "the last 2 of 17 events" in text
    assert buttons(message) == ["Full timeline in GitLab"]
    assert "Nothing is on the timeline" in shown(look.listing(INCIDENT, [], 0, 1_000_000, prefix="/"))


def test_before_there_is_an_issue() -> None:
    """There is no page to open yet."""
    fresh = replace(INCIDENT, iid=0, url="")
    message = look.listing(fresh, [(MARKED, 0)], 1, 1_000_000, prefix="/")
    check(message, links=SHOWN)
    assert "Timeline of inc 7: 1 event" in shown(message)
    assert buttons(message) == []


def test_the_form() -> None:
    """Slack takes it, with whatever is filled in, and with incidents to pick from."""
    place = Place("C1")
    for some in ([], [Option("inc 7 Checkout", "inc-7")]):
        view = look.form("i1:1:m/1/1", place, text="long " * 200, at=NOW, tag="", which=some)
        assert problems_of(view["blocks"]) == []
        (text,) = [one["element"] for one in view["blocks"] if one["block_id"] == look.TEXT]
        assert len(text["initial_value"]) <= look.MOST
    view = look.form("i1:1", place, text="", at=1_000_000, tag="")
    assert problems_of(view["blocks"]) == []
    edit = look.form("i1:1:e/e1", place, text="", at=NOW, tag="Start time", is_new=False)
    assert (edit["title"]["text"], edit["submit"]["text"]) == ("Edit timeline", "Save")


@given(text=hostile, name=hostile)
def test_whatever_is_said(text: str, name: str) -> None:
    """Nobody is called, and no link but ours is there."""
    event = replace(TYPED, text=text, who=Who(name, ALICE), tag=text)
    for message in (
        look.echo(event, 1, "i1:1:e1", 1_000_000), look.struck(event, name, 1_000_000),
        look.listing(INCIDENT, [(event, 0)] * 15, 15, 1_000_000, prefix="/"), look.told(f"x{text}"),
    ):  # fmt: skip
        check(message, links=SHOWN)
