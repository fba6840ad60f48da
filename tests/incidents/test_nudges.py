"""Whoever owes an update is asked once, in one message that is edited, also after a restart; not for what was said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import blocks.incident as drawing
from blocks import incident_updates
from bot.incident import State
from bot.incidents.crew import nudges as asking
from bot.incidents.crew import updates
from bot.incidents.crew.updates import Desk
from tests.evidence.floor import floor_at
from tests.incidents.crew import Crew
from tests.incidents.stage import ID

#: Severity 2 (bot/config/incidents.py).
WAIT = 15 * 60


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with floor_at(tmp_path) as floor:
        crew = Crew(floor)
        crew.begin()
        crew.press("take", "alice")
        crew.type("update It begins", "alice")
        crew.settle()
        crew.settle()
        yield crew


def nudges(crew: Crew) -> int:
    """How many messages have asked for an update."""
    rows = crew.sql("SELECT COUNT(*) FROM cards WHERE id LIKE ?", f"inc.{ID}.nudge.%")
    return int(rows[0][0])


def directs(crew: Crew) -> list[str]:
    return [room for _, room, _ in crew.letters(f"inc.{ID}.nudge.")]


def test_one_message_asks_and_grows_late(crew: Crew) -> None:
    """In the room when it is due, edited after half of the time, and a direct one after all of it."""
    crew.settle(WAIT - 1)
    assert nudges(crew) == 0
    crew.settle(2)
    assert "an update is due." in crew.seen("nudge.1")
    assert "U0ALICE001" in str(crew.card("nudge.1").blocks)  # type: ignore[union-attr]
    crew.settle(WAIT // 2)
    assert "an update is overdue." in crew.seen("nudge.1")
    assert "7 m 31 s overdue" in crew.seen("nudge.1")
    assert directs(crew) == []
    crew.settle(WAIT // 2 + 1)
    assert directs(crew) == ["D0ALICEBOT"]
    assert "overdue" in crew.seen("card")
    crew.settle(WAIT * 3)
    assert nudges(crew) == 1
    assert directs(crew) == ["D0ALICEBOT"]


def test_the_communications_lead_is_asked_if_there_is_one(crew: Crew) -> None:
    """Instead of the commander."""
    crew.type("role comms <@U0CAROL001>", "alice")
    crew.settle(WAIT + 1)
    assert "U0CAROL001" in str(crew.card("nudge.1").blocks)  # type: ignore[union-attr]


def test_an_update_ends_it(crew: Crew) -> None:
    """Nothing can be pressed on the message any more, and the next is asked for anew."""
    crew.settle(WAIT + 1)
    crew.type("update Rolled back", "alice")
    crew.settle()
    assert "alice gave an update." in crew.seen("nudge.1")
    assert "Post update" not in crew.seen("nudge.1")
    crew.settle(WAIT + 1)
    assert nudges(crew) == 2


def test_nothing_new_is_one_press(crew: Crew) -> None:
    """It is said in the room, and the clock is set anew; a second press changes nothing."""
    crew.settle(WAIT + 1)
    assert crew.press("nothing_new", "alice") == ""
    assert "somebody was faster" in crew.press("nothing_new", "bob")
    crew.settle()
    crew.settle()
    assert crew.said()[-1] == "Update by alice: No change."
    assert len(crew.notes()) == 1
    crew.settle(WAIT - 2)
    assert nudges(crew) == 1


def test_it_can_be_put_off(crew: Crew) -> None:
    """By fifteen minutes or thirty; and that is written down."""
    crew.settle(WAIT + 1)
    assert crew.press("snooze_more", "alice") == ""
    crew.settle()
    assert "alice put the update off by 30 minutes." in crew.seen("nudge.1")
    crew.settle(30 * 60 - 2)
    assert nudges(crew) == 1
    crew.settle(2)
    assert nudges(crew) == 2
    assert [one.kind for one in crew.events("late", "snooze")] == ["late", "snooze", "late"]


def test_after_a_long_absence_it_is_asked_once(crew: Crew) -> None:
    """With how long it is overdue."""
    crew.settle(WAIT + 30 * 60)
    assert nudges(crew) == 1
    assert "30 m 00 s overdue" in crew.seen("nudge.1")
    crew.settle(1)
    crew.settle(1)
    assert nudges(crew) == 1
    assert directs(crew) == []


def test_a_snooze_survives_an_absence(crew: Crew) -> None:
    """It is kept with the rest."""
    crew.settle(WAIT + 1)
    crew.press("snooze", "alice")
    crew.settle(15 * 60 - 1)
    assert nudges(crew) == 1
    crew.settle(40 * 60)
    assert nudges(crew) == 2
    assert "39 m 59 s overdue" in crew.seen("nudge.2")


def test_what_was_said_in_gitlab_meanwhile_counts(crew: Crew) -> None:
    """Nobody is asked, though the watcher has told of nothing yet."""
    crew.floor.clock.pass_(WAIT + 600)
    issue = crew.floor.gitlab.project("acme/shop", "alice").issues.get(crew.iid)
    issue.notes.create({"body": "Rolled back, all quiet"})
    crew.floor.clock.pass_(1200)
    crew.settle()
    assert nudges(crew) == 0
    assert crew.incident.latest == "Rolled back, all quiet"
    assert crew.incident.next_update is not None
    assert crew.incident.next_update > crew.floor.clock()


def test_a_gitlab_that_is_down_keeps_nobody_from_being_asked(crew: Crew) -> None:
    """That there is no answer is no update."""
    gitlab = crew.floor.gitlab
    gitlab.loop.ask(lambda: gitlab.fake.break_("down", seconds=3_600))
    crew.settle(WAIT + 1)
    assert nudges(crew) == 1


def test_an_update_in_gitlab_answers_what_was_asked(crew: Crew) -> None:
    """At the next look."""
    crew.settle(WAIT + 1)
    issue = crew.floor.gitlab.project("acme/shop", "alice").issues.get(crew.iid)
    note = crew.kit.gitlab.note(42, crew.iid, issue.notes.create({"body": "Rolled back"}).id)
    with crew.kit.store.write() as tx:
        updates.from_note(tx, crew.kit, drawing, crew.incident, note, is_open=True)
    crew.settle()
    assert "gave an update in GitLab." in crew.seen("nudge.1")


def test_nobody_is_asked_while_it_does_not_burn(crew: Crew) -> None:
    """And what was asked is closed."""
    crew.settle(WAIT + 1)
    crew.change("state", State.RESOLVED, "alice")
    crew.settle(6)
    assert "No update is due any more." in crew.seen("nudge.1")
    crew.settle(WAIT * 4)
    assert nudges(crew) == 1


def test_a_change_of_state_sets_the_clock_anew(crew: Crew) -> None:
    """What was asked is closed then, too."""
    crew.settle(WAIT + 1)
    crew.change("state", State.MONITORING, "alice")
    crew.settle(6)
    assert "The next update is due later." in crew.seen("nudge.1")
    crew.settle(60 * 60 - 8)
    assert nudges(crew) == 1
    crew.settle(4)
    assert nudges(crew) == 2


def test_two_who_look_at_the_same_moment_ask_once(crew: Crew) -> None:
    """What is due is claimed in the transaction that asks."""
    crew.floor.clock.pass_(WAIT + 1)
    due = crew.reads(lambda tx: tx.dues.of(ID, "update"))
    for _ in range(2):
        asking.nudge(Desk(crew.kit, drawing, incident_updates), due, crew.incident)
    assert nudges(crew) == 1
