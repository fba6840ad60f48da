"""The timeline: what is typed, filled in and written in GitLab is on both sides once, whatever GitLab answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incident import BOT, GITLAB, Event, Who
from bot.incidents import charting, timeline, timeline_watch
from tests.evidence.floor import DEV
from tests.incidents.desk import ID, Desk, desk_at

LONG = "The payment workers of the second zone do not answer any more " * 12


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as desk:
        yield desk


def put(desk: Desk, text: str, *, name: str = "alice", ago: int = 0, **more: object) -> Event:
    """Something is on the timeline that happened so many seconds ago."""
    at = desk.kit.now() - ago * 1000
    with desk.kit.store.write() as tx:
        made = timeline.add(
            tx, desk.kit, desk.incident, Who(name, desk.floor.person(name)), text, source=f"test:{text[:40]}", at=at,
            **more,  # type: ignore[arg-type]  # as the fields of an event
        )  # fmt: skip
    assert made is not None
    return made


def back(desk: Desk, event: Event) -> None:
    with desk.kit.store.write() as tx:
        assert timeline.take_back(tx, desk.kit, desk.incident, event, event.who.person)


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
        put(desk, f"Step {number}", ago=100 - number)
    put(desk, "Long ago", name="bob", ago=4_000, tag="Start time")
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
    put(desk, "Long ago", name="bob", ago=4_000, tag="Start time")
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
    assert f"On the timeline of {desk.incident.reference}" in desk.type(
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
    assert "On the timeline of" in told
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


# GitLab's timeline ------------------------------------------------------------------------------------------


def test_what_gitlab_writes_by_itself_is_not_sent(desk: Desk) -> None:
    """What is not shown stays here."""
    put(desk, "closed it", shown=False)
    desk.work()
    assert desk.lines == []


def test_nothing_in_a_line_acts(desk: Desk) -> None:
    """Quick actions and mentions are words."""
    put(desk, "/close @root &lt;b&gt; <b>x</b>")
    desk.work()
    assert desk.texts[0].startswith("\\/close @\u2060root ")
    assert desk.floor.gitlab.project("acme/shop", "root").issues.get(desk.incident.iid).state == "opened"


def test_a_long_text_is_cut_at_a_word(desk: Desk) -> None:
    """The line ends in a link to the message that holds it all."""
    put(desk, LONG, link="https://acme.slack.com/archives/C1/p1")
    desk.work()
    (text,) = desk.texts
    assert len(text) <= 280
    assert text.endswith("… [the whole](https://acme.slack.com/archives/C1/p1)")
    words = text.partition("…")[0].split()
    assert words == LONG.split()[: len(words)]
    assert desk.notes == []


def test_a_long_text_of_no_message_has_a_note(desk: Desk) -> None:
    """The note holds it all, the line leads there, and both go when it is taken back."""
    desk.type(f"timeline {LONG}")
    (text,), (note,) = desk.texts, desk.notes
    assert len(text) <= 280
    assert text.endswith(f"… [the whole]({desk.incident.url}#note_{desk.event().note_id})")
    assert LONG.strip() in note
    back(desk, desk.event())
    desk.work()
    assert (desk.texts, desk.notes) == ([], [])


def test_a_reporter_is_written_for_by_the_keeper(desk: Desk) -> None:
    """GitLab lets only Developers write; the line names who did it, and GitLab is not asked for them again soon."""
    put(desk, "Restarted", name="carol")
    desk.work()
    (line,) = desk.lines
    assert (line.author, line.text) == ("alice", "Restarted (carol in Slack)")
    before = desk.calls("POST /graphql")
    put(desk, "Again", name="carol")
    desk.work()
    assert desk.calls("POST /graphql") - before == 1
    desk.act("role carol developer", "root")
    desk.work(4_000)
    put(desk, "As myself", name="carol")
    desk.work()
    assert [one.author for one in desk.lines] == ["alice", "alice", "carol"]


def test_where_gitlab_takes_no_lines_a_note_says_it(desk: Desk) -> None:
    """Once, with the clock; it is remembered, and gone when it is taken back."""
    desk.break_("timeline")
    event = put(desk, "Restarted")
    desk.work()
    (note,) = desk.notes
    assert note.startswith("🕒 ")
    assert " UTC Restarted\n" in note
    assert note.endswith(f"<!-- signalbox i={ID} e={event.id} -->")
    assert desk.fact(charting.LACKS)
    desk.work(60)
    assert len(desk.notes) == 1
    back(desk, event)
    desk.work()
    assert desk.notes == []
    desk.mend()
    desk.work(4_000)
    put(desk, "It works")
    desk.work()
    assert desk.texts == ["It works"]
    assert desk.fact(charting.LACKS) is None


@pytest.mark.parametrize("how", ["cut-after", "502-after"])
def test_a_lost_answer_is_found_again(desk: Desk, how: str) -> None:
    """There is one line, and it is known, also if it was taken back meanwhile."""
    desk.break_(how)
    event = put(desk, "Restarted")
    desk.work()
    assert desk.errand(event).state == "unknown"
    desk.work(10)
    assert desk.texts == ["Restarted"]
    assert desk.event().timeline == desk.lines[0].gid
    desk.break_(how)
    other = put(desk, "Restarted again")
    desk.work()
    back(desk, other)
    desk.work(10)
    desk.work(70)
    assert desk.texts == ["Restarted"]


@pytest.mark.parametrize("how", ["cut-after", "502-after"])
def test_a_lost_answer_to_taking_back(desk: Desk, how: str) -> None:
    """It is gone, and nothing is asked for twice."""
    event = put(desk, "Restarted")
    desk.work()
    desk.break_(how)
    back(desk, event)
    desk.work()
    desk.work(70)
    assert desk.lines == []
    assert desk.errand(event).state == "done"


def test_a_note_whose_answer_was_lost(desk: Desk) -> None:
    """It is known again by its mark."""
    desk.break_("timeline")
    desk.break_("cut-after")
    event = put(desk, "Restarted")
    desk.work()
    desk.work(10)
    desk.work(70)
    assert len(desk.notes) == 1
    back(desk, event)
    desk.work()
    assert desk.notes == []


def test_a_crash_between_asking_and_writing_down(desk: Desk) -> None:
    """After a start the line is looked for."""
    event = put(desk, "Restarted")
    with desk.kit.store.write() as tx:
        tx.errands.claim(desk.errand(event), desk.kit.now())
    charting.kind().act(desk.kit, desk.errand(event), desk.incident)
    desk.restart()
    desk.work(70)
    assert desk.texts == ["Restarted"]
    assert desk.event().timeline == desk.lines[0].gid


def test_it_waits_for_the_issue(desk: Desk) -> None:
    """The moment stays that of what happened."""
    iid = desk.incident.iid
    desk.alter(iid=0)
    event = put(desk, "Restarted", ago=60)
    desk.work()
    desk.alter(iid=iid)
    desk.work(5)
    (line,) = desk.lines
    assert line.at // 1000 == event.at // 1000


def test_nothing_is_written_before_the_issue_is_confidential(desk: Desk) -> None:
    """Of a private incident nobody else reads a line, not for a moment."""
    desk.alter(private=True)
    put(desk, "Restarted")
    desk.work()
    assert (desk.lines, desk.notes) == ([], [])
    alice = desk.kit.gitlab_as(desk.floor.person("alice"))
    alice.change_issue(desk.incident.project_id, desk.incident.iid, {"confidential": True})
    desk.work(5)
    found = alice.timeline("acme/shop", desk.incident.issue_id)
    assert [one.text for one in found if one.action == "comment"] == ["Restarted"]


# From GitLab ------------------------------------------------------------------------------------------------


def test_what_is_written_in_gitlab(desk: Desk) -> None:
    """It is an event of ours, once, as whoever wrote it; GitLab's own lines are none, and it is not sent back."""
    desk.act(f"timeline #{desk.incident.iid} Saw it in **staging** first", "bob")
    desk.act(f"severity #{desk.incident.iid} critical", "bob")
    (new,) = desk.look()
    assert (new.text, new.origin, new.who.person, new.who.username) == (
        "Saw it in staging first", GITLAB, desk.floor.person("bob"), "bob",
    )  # fmt: skip
    assert desk.look() == []
    desk.work()
    assert len(desk.lines) == 1
    assert "in GitLab" in desk.type("timeline")


def test_ours_is_not_taken_for_theirs(desk: Desk) -> None:
    """Neither when it is known by its id, nor while its answer is lost."""
    put(desk, "Restarted")
    desk.work()
    desk.break_("cut-after")
    put(desk, "Again", name="bob")
    desk.work()
    assert desk.look() == []
    assert all(one.timeline for one in desk.events())
    desk.work(70)
    assert len(desk.lines) == 2


def test_what_is_changed_or_taken_away_in_gitlab(desk: Desk) -> None:
    """Their own words follow; what is gone twice in a row is taken back, of theirs and of ours."""
    desk.act(f"timeline #{desk.incident.iid} Saw it", "bob")
    ours = put(desk, "Restarted")
    desk.work()
    desk.look()
    theirs = next(one for one in desk.lines if one.text == "Saw it")
    bob = desk.kit.gitlab_as(desk.floor.person("bob"))
    bob.change_timeline(theirs.gid, "Saw it in staging", theirs.at, ("Impact detected",))
    (new,) = desk.look()
    assert (new.text, new.tag) == ("Saw it in staging", "Impact detected")
    for one in desk.lines:
        bob.drop_timeline(one.gid)
    desk.look()
    assert len(desk.events()) == 2
    desk.look()
    assert desk.events() == []
    desk.work()
    assert desk.errand(ours).state == "done"


def test_gitlabs_timeline_is_read_once_a_minute(desk: Desk) -> None:
    """While it burns; when GitLab is away, the next time."""
    desk.act(f"timeline #{desk.incident.iid} Saw it", "bob")
    desk.break_("down")
    timeline_watch.tick(desk.kit)
    desk.floor.do([])
    desk.mend()
    desk.floor.clock.pass_(59)
    timeline_watch.tick(desk.kit)
    desk.floor.do([])
    assert desk.events() == []
    desk.floor.clock.pass_(2)
    timeline_watch.tick(desk.kit)
    desk.floor.do([])
    assert [one.text for one in desk.events()] == ["Saw it"]
    before = desk.calls("POST /graphql")
    timeline_watch.tick(desk.kit)
    desk.floor.do([])
    assert desk.calls("POST /graphql") == before


def test_what_the_bot_writes_down_is_named(desk: Desk) -> None:
    """An event of nobody with an account is the keeper's in GitLab."""
    with desk.kit.store.write() as tx:
        timeline.add(
            tx, desk.kit, desk.incident, Who("Signalbox", is_bot=True), "The pipeline passed", source="b:1",
            at=desk.kit.now(), origin=BOT,
        )  # fmt: skip
    desk.work()
    assert desk.texts == ["The pipeline passed (Signalbox in Slack)"]
