"""The timeline from Slack: what is typed and filled in is said in the room once, and can be changed and undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.command import Form
from bot.model import Place
from commands.incident import timeline
from tests.evidence.floor import DEV, OPS
from tests.incidents.desk import ID, Desk, desk_at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as desk:
        yield desk


# What is typed ----------------------------------------------------------------------------------------------


def test_what_is_typed(desk: Desk) -> None:
    """One line in the room says so to all; GitLab has it at that moment, and the asker hears nothing more."""
    assert desk.type("timeline -15m Restarted the *workers* with <@U0BOB00001>") == ""
    desk.post()
    event = desk.event()
    assert (event.text, event.kind, event.who.name) == (
        "Restarted the *workers* with @bob",
        "timeline",
        "alice",
    )
    assert desk.kit.now() - event.at >= 900_000
    (line,) = desk.lines
    assert (line.author, line.at // 1000) == ("alice", event.at // 1000)
    (echo,) = desk.echoes()
    assert "On the timeline by alice, " in echo
    assert "added" in echo
    assert "Restarted the" in echo


def test_the_list(desk: Desk) -> None:
    """Only the asker sees the last fifteen events, with who did them and the way to GitLab."""
    assert "Nothing is on the timeline" in desk.type("timeline")
    for number in range(17):
        desk.put(f"Step {number}", ago=100 - number)
    desk.put("Long ago", name="bob", ago=4_000, tag="Start time")
    desk.work()
    told = desk.type("timeline", "carol")
    assert "the last 15 of 18 events" in told
    assert "Step 1\n" not in told
    assert "Step 2\n" in told
    assert "Full timeline in GitLab" in told
    assert "Long ago" not in told
    assert desk.echoes() == []


def test_late_events_show_both_moments(desk: Desk) -> None:
    """What happened, and when it was written down."""
    desk.put("Long ago", name="bob", ago=4_000, tag="Start time")
    told = desk.type("timeline")
    assert "bob" in told
    assert "added" in told
    assert "Start time" in told


def test_a_moment_to_come_is_asked_about(desk: Desk) -> None:
    """Nothing is written down of what cannot have happened."""
    ahead = "2999-01-01T10:00"
    assert "still to come" in desk.type(f"timeline {ahead} It is over")
    assert desk.events() == []


def test_a_moment_long_before_is_asked_about_once(desk: Desk) -> None:
    """Who means it says so."""
    assert "days before this incident" in desk.type("timeline 2001-01-01T10:00Z It began")
    assert desk.events() == []
    desk.type("timeline 2001-01-01T10:00:00Z! It began")
    assert desk.event().at == 978_343_200_000


def test_a_moment_alone_says_nothing(desk: Desk) -> None:
    """What happened then is asked for."""
    assert "What happened then?" in desk.type("timeline -5m")


def test_who_has_no_account_is_asked_to_connect(desk: Desk) -> None:
    """Nothing is written down as somebody else."""
    assert "onnect" in desk.type("timeline Restarted", "dave")
    assert desk.events() == []


def test_elsewhere_the_asker_is_told(desk: Desk) -> None:
    """The room sees the line all the same."""
    assert f"It is on the timeline of {desk.incident.reference}" in desk.type(
        "timeline inc-1 Restarted", channel=DEV
    )
    desk.post()
    assert len(desk.echoes()) == 1


def test_a_form_on_a_message(desk: Desk) -> None:
    """What is filled in is said in the thread of the message; the moment is the message's, to the second."""
    ts = desk.say("Workers restarted", "bob")
    minute = int(ts.partition(".")[0]) // 60 * 60
    desk.send(f"{ID}:1:m/{ts}/{ts}", text="Restarted them", when=str(minute), tag="Impact mitigated")
    desk.post()
    event = desk.event()
    assert (event.text, event.tag, event.ts, event.at // 1000) == (
        "Restarted them", "Impact mitigated", ts, int(ts.partition(".")[0]),
    )  # fmt: skip
    assert event.link.endswith(ts.replace(".", ""))
    assert desk.lines[0].tags == ("Impact mitigated",)
    (echo,) = [one for one in desk.posts() if "timeline" in one.body["text"]]
    assert echo.body["thread_ts"] == ts


def test_a_form_for_an_incident_that_is_picked(desk: Desk) -> None:
    """The message stands in no room: the line is said in the room itself."""
    ts = "1763650000.000100"
    told = desk.send(
        f"-:0:m/{ts}/{ts}", channel=DEV, text="Restarted", when="1763650000", tag="none", which="inc-1"
    )
    assert "on the timeline of" in told
    desk.post()
    assert desk.event().channel == DEV
    assert [one.body.get("thread_ts") for one in desk.posts() if "timeline" in one.body["text"]] == [None]
    assert "Pick the incident" in desk.send(
        f"-:0:m/{ts}/{ts}", text="Restarted", when="1763650000", tag="none"
    )


def test_an_edit_takes_the_place_of_what_it_was(desk: Desk) -> None:
    """On both sides and in the same line of the room; who may not is told so."""
    desk.type("timeline Restarted the wrokers")
    desk.post()
    first = desk.event()
    form = {"text": "Restarted the workers", "when": str(first.at // 1000), "tag": "none"}
    assert "Only they and the commander" in desk.send(f"{ID}:1:e/{first.id}", "carol", **form)
    desk.alter(commander=desk.floor.person("bob"), commander_name="bob")
    desk.send(f"{ID}:1:e/{first.id}", "bob", **form)
    desk.post()
    assert desk.event().text == "Restarted the workers"
    assert desk.event().at == first.at
    assert [(one.text, one.author) for one in desk.lines] == [("Restarted the workers", "bob")]
    (echo,) = desk.echoes()
    assert "Restarted the workers" in echo
    assert "not on the timeline any more" in desk.send(f"{ID}:1:e/{first.id}", **form)
    same = desk.event()
    form |= {"when": str(same.at // 60_000 * 60)}
    assert desk.send(f"{ID}:1:e/{same.id}", "bob", **form) == ""
    assert desk.event() == same
    desk.press("undo", desk.event(), "bob")
    desk.post()
    assert (desk.events(), desk.lines) == ([], [])
    assert "taken back by bob" in desk.echoes()[0]


def test_what_lies_ahead_is_not_taken_by_the_form(desk: Desk) -> None:
    """Neither is what says nothing."""
    ahead = str(desk.kit.now() // 1000 + 7_200)
    assert "still to come" in desk.send(f"{ID}:1", text="Over", when=ahead, tag="none")
    assert "Say what happened" in desk.send(f"{ID}:1", text=" ", when="1763650000", tag="none")
    assert desk.events() == []


def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    """It says what would be done."""
    assert desk.type("timeline Restarted --dry-run") != ""
    assert desk.events() == []


def test_the_form_can_be_opened_in_every_way(desk: Desk) -> None:
    """From the card, by Edit, and by the button that is offered where there is no trigger."""
    desk.type("timeline Restarted")
    slack = desk.floor.slack.slack
    about = f"{ID}:1:timeline"
    desk.floor.click("alice", "incident.more", about)
    desk.press("edit", desk.event())
    desk.floor.click("alice", "incident.timeline", f"{ID}:1:e/{desk.event().id}")
    desk.floor.click("alice", "incident.timeline", "-:0:m/1763650000.000100/1763650000.000100")
    assert slack.calls["views.open"] == 4
    told = desk._told(desk.floor.click("alice", "incident.timeline", f"{ID}:1", trigger_id=""))
    assert "What happened, and when?" in told


def test_the_shortcut(desk: Desk) -> None:
    """In the room it is about its incident; elsewhere the open ones can be picked, and without one it says so."""
    ts = desk.say("The workers are down", "bob")
    assert desk.use(ts) == ""
    assert desk.use("1763650000.000100", channel=DEV) == ""
    assert desk.floor.slack.slack.calls["views.open"] == 2
    desk.alter(state="closed")
    assert "no open incident" in desk.use("1763650000.000100", channel=DEV)


def test_what_is_wrong_is_said_while_the_form_is_open(desk: Desk) -> None:
    """A text that says nothing, and a moment to come."""
    place, person = Place(OPS), desk.floor.person("alice")
    ahead = str(desk.kit.now() // 1000 + 7_200)
    for values, wrong in (
        ({"text": "It began", "when": "1763650000"}, set()), ({"text": " ", "when": ahead}, {"text", "when"}),
    ):  # fmt: skip
        assert set(timeline.check(Form("k", person, "alice", place, f"{ID}:1", values), desk.kit)) == wrong
