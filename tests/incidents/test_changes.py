"""What changed before an incident is found, ranked and marked, as the person; a rollback is told of at its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.delivery import letters
from bot.model import Place, Run, RunState
from commands.incident import changes
from tests.evidence.floor import OPS, SHOP, SHOP_ID, floor_at
from tests.incidents.back import Back
from tests.incidents.stage import ID, ROOM


@pytest.fixture
def back(tmp_path: Path) -> Iterator[Back]:
    with floor_at(tmp_path) as floor:
        yield Back(floor)


def story(back: Back) -> None:
    """Staging, then production twice, then a merge; 30 minutes later somebody declares."""
    back.act("record-deployment production main", "alice")
    back.floor.clock.pass_(90 * 60)
    back.act("record-deployment staging main", "alice")
    back.floor.clock.pass_(60)
    back.act("push main", "alice")
    back.act("record-deployment production main", "bob")
    back.floor.clock.pass_(60)
    back.act('push faster shop "Faster basket"', "bob")
    back.act("mr faster Faster basket", "bob")
    back.act("merge-mr !1", "alice")
    back.floor.clock.pass_(30 * 60)
    back.begin()


def rows(told: str) -> list[str]:
    """The titles of what changed, in order."""
    return [
        line
        for line in told.splitlines()
        if " to production" in line or " to staging" in line or "!1" in line
    ]


def reference(back: Back, part: str) -> str:
    """The reference of the newest change whose title has this in it."""
    found = back.reads(lambda tx: [one.reference for one in tx.suspects.of(ID) if part in one.title])
    return str(found[0])


def press(back: Back, button: str, which: str, name: str = "bob") -> str:
    about = f"{ID}:{back.incident.version}:{which}"
    return back._told(back.floor.click(name, f"incident.{button}", about, ROOM))


def test_production_shortly_before_comes_first(back: Back) -> None:
    """Then what is either, then the rest; what is older than the span is not there."""
    story(back)
    told = rows(back.type("changes"))
    assert "to production" in told[0]
    assert len([one for one in told if "to production" in one]) == 1
    assert any("!1 Faster basket" in one for one in told)
    older = rows(back.type("changes 6h"))
    assert len([one for one in older if "to production" in one]) == 2


def test_what_comes_after_the_beginning_is_no_cause(back: Back) -> None:
    """A deployment during the incident is not among what changed before."""
    story(back)
    before = back.type("changes")
    back.floor.clock.pass_(60)
    back.act("record-deployment production main", "bob")
    assert rows(back.type("changes")) == rows(before)


def test_a_span_that_is_none_is_refused(back: Back) -> None:
    """With what can be typed."""
    back.begin()
    assert "I can look back over" in back.type("changes tomorrow")
    assert "I can look back over" in back.type("changes 90d")


def test_it_is_asked_as_the_person(back: Back) -> None:
    """Whoever may not see the project is told what GitLab says to them."""
    story(back)
    back.act(f"role carol none {SHOP}", "root")
    assert "to production" not in back.type("changes", "carol")


def test_a_suspect_stands_on_the_card_the_timeline_and_in_gitlab(back: Back) -> None:
    """One row, one event, one note that names the merge request, written as the person."""
    story(back)
    back.type("changes")
    press(back, "suspect", reference(back, "!1"))
    back.work()
    (note,) = [one for one in back.notes_of(back.iid) if "Suspected" in one.body]
    assert f"{SHOP}!1" in note.body
    assert note.author["username"] == "bob"
    (event,) = back.events("suspect")
    assert event.text == "bob suspects !1 Faster basket"
    with back.kit.store.read() as tx:
        card = tx.cards.get(f"inc.{ID}.card")
    assert card is not None
    assert "Suspects: " in card.wanted


def test_said_again_it_is_refused(back: Back) -> None:
    """Of two who press at once one says it; the other hears who did."""
    story(back)
    back.type("changes")
    which = reference(back, "!1")
    assert "suspected by alice" in press(back, "suspect", which, "alice")  # The list stands there again.
    assert "a suspect already, said by alice" in press(back, "suspect", which, "bob")
    assert len(back.events("suspect")) == 1


def test_what_is_ruled_out_is_struck_and_kept(back: Back) -> None:
    """It is told in the room, and stays in the list without its button; GitLab hears nothing of it."""
    story(back)
    back.type("changes")
    press(back, "rule_out", reference(back, "to production"))
    assert any("ruled out main" in one for one in back.said())
    told = back.type("changes")
    assert "ruled out by bob" in told
    assert "~<" in told or "~main" in told
    back.work()
    assert not [one for one in back.notes_of(back.iid) if "Suspected" in one.body]


def test_hostile_titles_do_nothing(back: Back) -> None:
    """Whatever a merge request is called, it neither notifies nor acts."""
    back.act('push evil shop "x"', "bob")
    back.act("mr evil <!channel> /close @all", "bob")
    back.act("merge-mr !1", "alice")
    back.floor.clock.pass_(60)
    back.begin()
    told = back.type("changes")
    assert "<!channel>" not in told
    press(back, "suspect", reference(back, "!1"))
    back.work()
    assert back.in_gitlab().state == "opened"
    (note,) = [one for one in back.notes_of(back.iid) if "Suspected" in one.body]
    assert "@all" not in note.body.replace("@\u2060all", "")


def test_rolling_back_is_asked_for_in_the_room(back: Back) -> None:
    """The list of rollback, with its own buttons; for what is no deployment there is none."""
    story(back)
    back.type("changes 6h")
    told = press(back, "back", reference(back, "to production"))
    assert "Roll back to this" in told
    assert "Only a deployment" in press(back, "back", reference(back, "!1"))


def roll_back(back: Back, channel: str = ROOM) -> None:
    """A rollback that somebody asked for in a channel runs, and the bot looks at it."""
    run = Run(
        "run1", "source1", back.person("bob"), "bob", Place(channel), SHOP, SHOP_ID, "deploy", "v1.8", "",
        state=RunState.RUNNING, job_id=9, command="rollback", environment="production",
        asked_at=back.floor.clock(),
    )  # fmt: skip
    with back.kit.store.write() as tx:
        tx.runs.add(run)
    tick(back)


def test_the_end_of_a_rollback_is_told_once(back: Back) -> None:
    """Its first line stands on the timeline, and the suspect is rolled back."""
    story(back)
    back.type("changes")
    press(back, "suspect", reference(back, "to production"))
    roll_back(back)
    said = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Back on v1.8\nAll well"}]}
    body = json.dumps({"text": "", "blocks": [{"type": "rich_text", "elements": [said]}], "file": None})
    with back.kit.store.write() as tx:
        letters.say(tx, "run1.9.reply", letters.load(body), Place(ROOM), 0)
        tx.runs.move(
            "run1", RunState.RUNNING, RunState.DONE, status="success", finished_at=back.floor.clock()
        )
    for _ in range(3):
        tick(back)
    (event,) = back.events("rollback")
    assert event.text == "Rolled back production to v1.8: Back on v1.8"
    assert event.who.person == back.person("bob")
    assert back.reads(lambda tx: {one.state for one in tx.suspects.of(ID) if one.by}) == {"rolled"}


def test_a_rollback_that_failed_is_told_as_that(back: Back) -> None:
    """The suspect stays one."""
    story(back)
    roll_back(back)
    with back.kit.store.write() as tx:
        tx.runs.move("run1", RunState.RUNNING, RunState.DONE, status="failed")
    tick(back)
    (event,) = back.events("rollback")
    assert event.text == "The rollback of production to v1.8 failed"


def test_what_is_rolled_back_elsewhere_is_not_this_incidents(back: Back) -> None:
    """Only what is asked for in its room is on its timeline."""
    story(back)
    roll_back(back, OPS)
    with back.kit.store.write() as tx:
        tx.runs.move("run1", RunState.RUNNING, RunState.DONE, status="success")
    tick(back)
    assert back.events("rollback") == []


def test_a_rollback_that_is_refused_at_once_is_told(back: Back) -> None:
    """Before anybody has seen it begin."""
    story(back)
    run = Run(
        "run1", "source1", back.person("bob"), "bob", Place(ROOM), SHOP, SHOP_ID, "deploy", "v1.8", "",
        state=RunState.REFUSED, command="rollback", environment="production", asked_at=back.floor.clock(),
        problem="The job is gone.",
    )  # fmt: skip
    with back.kit.store.write() as tx:
        tx.runs.add(run)
    tick(back)
    (event,) = back.events("rollback")
    assert event.text == "The rollback of production to v1.8 did not begin: The job is gone."


def tick(back: Back) -> None:
    back.floor.clock.pass_(1)
    changes.tick(back.kit)
    back.floor.do([])
