"""GitLab's timeline has what ours has, and ours what people write there, once, whatever GitLab answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.edges.gitlab_incidents import TIMELINE_MOST
from bot.incident import BOT, GITLAB, Who
from bot.incidents.chart import charting, timeline, timeline_watch
from bot.tracker import TimelineEvent
from tests.incidents.desk import ID, Desk, desk_at

LONG = "The payment workers of the second zone do not answer any more " * 12


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as desk:
        yield desk


# GitLab's timeline ------------------------------------------------------------------------------------------


def test_what_gitlab_writes_by_itself_is_not_sent(desk: Desk) -> None:
    """What is not shown stays here."""
    desk.put("closed it", shown=False)
    desk.work()
    assert desk.lines == []


def test_nothing_in_a_line_acts(desk: Desk) -> None:
    """Quick actions and mentions are words."""
    desk.put("/close @root &lt;b&gt; <b>x</b>")
    desk.work()
    assert desk.texts[0].startswith("\\/close @\u2060root ")
    assert desk.floor.gitlab.project("acme/shop", "root").issues.get(desk.incident.iid).state == "opened"


def test_a_long_text_is_cut_at_a_word(desk: Desk) -> None:
    """The line ends in a link to the message that holds it all."""
    desk.put(LONG, link="https://acme.slack.com/archives/C1/p1")
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
    desk.back(desk.event())
    desk.work()
    assert (desk.texts, desk.notes) == ([], [])


def test_a_reporter_is_written_for_by_the_keeper(desk: Desk) -> None:
    """GitLab lets only Developers write; the line names who did it, and GitLab is not asked for them again soon."""
    desk.put("Restarted", name="carol")
    desk.work()
    (line,) = desk.lines
    assert (line.author, line.text) == ("alice", "Restarted (carol in Slack)")
    before = desk.calls("POST /graphql")
    desk.put("Again", name="carol")
    desk.work()
    assert desk.calls("POST /graphql") - before == 1
    desk.act("role carol developer", "root")
    desk.work(4_000)
    desk.put("As myself", name="carol")
    desk.work()
    assert [one.author for one in desk.lines] == ["alice", "alice", "carol"]


def test_where_gitlab_takes_no_lines_a_note_says_it(desk: Desk) -> None:
    """Once, with the clock; it is remembered, and gone when it is taken back."""
    desk.break_("timeline")
    event = desk.put("Restarted")
    desk.work()
    (note,) = desk.notes
    assert note.startswith("🕒 ")
    assert " UTC Restarted\n" in note
    assert note.endswith(f"<!-- signalbox i={ID} e={event.id} -->")
    assert desk.fact(charting.LACKS)
    desk.work(60)
    assert len(desk.notes) == 1
    desk.back(event)
    desk.work()
    assert desk.notes == []
    desk.mend()
    desk.work(4_000)
    desk.put("It works")
    desk.work()
    assert desk.texts == ["It works"]
    assert desk.fact(charting.LACKS) is None


@pytest.mark.parametrize("how", ["cut-after", "502-after"])
def test_a_lost_answer_is_found_again(desk: Desk, how: str) -> None:
    """There is one line, and it is known, also if it was taken back meanwhile."""
    desk.break_(how)
    event = desk.put("Restarted")
    desk.work()
    assert desk.errand(event).state == "unknown"
    desk.work(10)
    assert desk.texts == ["Restarted"]
    assert desk.event().timeline == desk.lines[0].gid
    desk.break_(how)
    other = desk.put("Restarted again")
    desk.work()
    desk.back(other)
    desk.work(10)
    desk.work(70)
    assert desk.texts == ["Restarted"]


@pytest.mark.parametrize("how", ["cut-after", "502-after"])
def test_a_lost_answer_to_taking_back(desk: Desk, how: str) -> None:
    """It is gone, and nothing is asked for twice."""
    event = desk.put("Restarted")
    desk.work()
    desk.break_(how)
    desk.back(event)
    desk.work()
    desk.work(70)
    assert desk.lines == []
    assert desk.errand(event).state == "done"


@pytest.mark.parametrize("how", ["cut-after", "502-after"])
def test_a_note_whose_answer_was_lost(desk: Desk, how: str) -> None:
    """It is known again by its mark, and there is one."""
    desk.break_("timeline")
    desk.put("Slow")
    desk.work()
    desk.break_(how)
    event = desk.put("Restarted")
    desk.work()
    assert desk.errand(event).state == "unknown"
    desk.work(10)
    assert desk.errand(event).state == "done"
    assert len(desk.notes) == 2
    desk.back(event)
    desk.work()
    assert len(desk.notes) == 1


def test_a_tag_that_gitlab_does_not_know(desk: Desk) -> None:
    """The line is there without it."""
    desk.put("Restarted", tag="Coffee break")
    desk.work()
    assert [(one.text, one.tags) for one in desk.lines] == [("Restarted", ())]


def test_what_gitlab_refuses_is_given_up(desk: Desk) -> None:
    """A text in which nothing is left is no line."""
    event = desk.put("\u200b")
    desk.work()
    assert desk.errand(event).state == "dead"
    assert desk.lines == []


def test_a_crash_between_asking_and_writing_down(desk: Desk) -> None:
    """After a start the line is looked for."""
    event = desk.put("Restarted")
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
    event = desk.put("Restarted", ago=60)
    desk.work()
    desk.alter(iid=iid)
    desk.work(5)
    (line,) = desk.lines
    assert line.at // 1000 == event.at // 1000


def test_nothing_is_written_before_the_issue_is_confidential(desk: Desk) -> None:
    """Of a private incident nobody else reads a line, not for a moment."""
    desk.alter(private=True)
    desk.put("Restarted")
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
    desk.put("Restarted")
    desk.work()
    desk.break_("cut-after")
    desk.put("Again", name="bob")
    desk.work()
    assert desk.look() == []
    assert all(one.timeline for one in desk.events())
    desk.work(70)
    assert len(desk.lines) == 2


def test_what_is_changed_or_taken_away_in_gitlab(desk: Desk) -> None:
    """Their own words follow; what is gone twice in a row is taken back, of theirs and of ours."""
    desk.act(f"timeline #{desk.incident.iid} Saw it", "bob")
    ours = desk.put("Restarted")
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


def test_what_gitlab_does_not_show_is_not_gone(desk: Desk) -> None:
    """Neither all of it, as for who may not see it any more, nor what comes behind the thousand that are read."""
    desk.put("Restarted")
    desk.work()
    own = TimelineEvent(
        "gid://gitlab/IncidentManagement::TimelineEvent/9", "carol created it", 0, action="issues"
    )
    for found in ([], [replace(own, gid=f"{own.gid}{number}") for number in range(TIMELINE_MOST)]):
        for _ in range(2):
            with desk.kit.store.write() as tx:
                timeline.from_gitlab(tx, desk.kit, desk.incident, found)
        assert [one.text for one in desk.events()] == ["Restarted"]


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
