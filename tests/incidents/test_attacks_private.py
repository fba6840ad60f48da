"""Of an incident that turns private nobody else reads another word, wherever it was to be written or shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import blocks.incident as draw
import commands.incident as whole
from bot.command import Heard
from bot.incident_work import Suspect
from bot.incidents import cards
from bot.incidents.crew import people
from bot.incidents.errands import Kind
from bot.incidents.held import inbound
from bot.model import Place
from tests.evidence.floor import OPS, SHOP, SHOP_ID, floor_at
from tests.incidents.crew import Crew
from tests.incidents.stage import ID, ROOM

SECRET = "Umbrella"


@dataclass(slots=True)
class House(Crew):
    """A crew whose project lets nobody hide an issue until somebody may."""

    @property
    def kinds(self) -> dict[str, Kind]:
        return dict(whole.WHOLE.kinds)

    def all_read(self) -> str:
        """All that every reader of the project reads of the issue."""
        issue = self.in_gitlab()
        notes = [one.body for one in issue.notes.list(get_all=True) if not one.internal]
        lines = [one.text for one in self.kit.gitlab.timeline(SHOP, issue.id)]
        return "\n".join([issue.title, issue.description or "", *notes, *lines])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An incident that has turned private, whose issue GitLab lets none of those who take part hide."""
    with floor_at(tmp_path) as floor:
        made = House(floor)
        made.begin(name="bob")
        made.act(f"role bob guest {SHOP}", "alice")
        made.change("private", "on")
        made.settle()
        assert made.incident.private
        assert not made.in_gitlab().confidential
        yield made


def _task(house: House) -> None:
    house.type(f"task {SECRET}")


def _title(house: House) -> None:
    house.change("title", SECRET)


def _suspect(house: House) -> None:
    with house.kit.store.write() as tx:
        tx.suspects.put(Suspect("s1", ID, "merge", SECRET, "https://gitlab/1", 5, "merge 7"))
    house.click("suspect", "merge 7")


def _line(house: House) -> None:
    house.type(f"timeline {SECRET}")


@pytest.mark.parametrize("write", [_task, _title, _suspect, _line])
def test_nothing_is_written_before_gitlab_hides_the_issue(
    house: House, write: Callable[[House], None]
) -> None:
    """While nobody may hide it no word of it gets there; it does as soon as somebody has hidden it."""
    write(house)
    for _ in range(3):
        house.settle(2)
    assert SECRET not in house.all_read()
    house.act(f"role bob developer {SHOP}", "alice")
    house.floor.gitlab.act(f"confidential #{house.iid}", "alice")
    house.look()
    for _ in range(3):
        house.settle(70)
    issue = house.in_gitlab()
    lines = [one.text for one in house.kit.gitlab_as(house.person("bob")).timeline(SHOP, issue.id)]
    written = [issue.title, issue.description, *(one.body for one in issue.notes.list(get_all=True)), *lines]
    assert SECRET in str(written)


# What is shown already --------------------------------------------------------------------------------------


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with floor_at(tmp_path) as floor:
        made = Crew(floor)
        made.begin(title=SECRET, announced_in=OPS)
        made.act(f"title #{made.iid} {SECRET}", "alice")
        yield made


def test_who_follows_and_takes_no_part_loses_it_at_once(crew: Crew) -> None:
    """Not with the next word on it, which may come in an hour, or never."""
    crew.press("follow", "carol")
    crew.press("follow", "alice")
    mine, theirs = (f"follow.{one.team}.{one.id}" for one in map(crew.person, ("alice", "carol")))
    assert SECRET in crew.seen(theirs)
    crew.change("private", "on")
    crew.settle()
    assert SECRET not in crew.seen(theirs)
    assert "private now" in crew.seen(theirs)
    assert SECRET in crew.seen(mine)


def test_what_waits_to_be_told_elsewhere_is_not_told(crew: Crew) -> None:
    """While Slack does not answer words wait below the announcement, and where it was declared."""
    crew.change("severity", "1", reason=f"the {SECRET} leaks")
    with crew.kit.store.write() as tx:
        cards.point(tx, crew.kit, draw, crew.incident, Place(OPS))
    crew.change("private", "on")
    open_ones = crew.sql("SELECT id, channel FROM outbox WHERE state = 'due'")
    assert [one for one in open_ones if one[1] == OPS] == []
    assert crew.sql("SELECT state FROM cards WHERE id = ?", f"inc.{ID}.origin") == [("dead",)]
    assert any(channel == ROOM for _, channel in open_ones)


def test_a_review_that_all_can_read_is_hidden(crew: Crew) -> None:
    """It holds all that is known of the incident: it is confidential before the next word is said."""
    crew.type("review", "alice")
    crew.settle(1)
    project = crew.floor.gitlab.project(SHOP, "root")
    assert not project.issues.get(crew.incident.review_iid).confidential
    crew.change("private", "on")
    crew.settle(1)
    assert project.issues.get(crew.incident.review_iid).confidential


def test_a_look_that_is_too_old_shows_nothing_again(crew: Crew) -> None:
    """GitLab was read a moment before it hid the issue: what was read then does not make the incident visible."""
    before = crew.kit.gitlab.issue(SHOP_ID, crew.iid)
    crew.floor.clock.pass_(1)
    crew.change("private", "on")
    crew.settle()
    assert crew.in_gitlab().confidential
    with crew.kit.store.write() as tx:
        after = inbound.from_gitlab(tx, crew.kit, draw, crew.incident, before, None, ())
    assert after.private
    assert crew.in_pages("confidential off", "alice").private is False


def test_a_review_that_is_written_at_that_moment_is_hidden_too(crew: Crew) -> None:
    """It has begun as one that all read, and is written once more when it is done."""
    crew.type("review", "alice")
    crew.settle(1)
    asked = int(crew.fact("review.asked") or 0)
    with crew.kit.store.write() as tx:
        tx.errands.change("id = ?", (f"{ID}.review",), state="doing")
    crew.change("private", "on")
    assert int(crew.fact("review.asked") or 0) == asked + 1


def test_who_commands_hears_what_can_be_done_about_a_thread(crew: Crew) -> None:
    """Nobody makes a channel private in which other things are announced."""
    said = draw.exposed(replace(crew.incident, thread="1.0")).text
    assert "thread in" in said
    assert "Make the channel private" not in said


def test_who_was_removed_from_the_room_sees_no_more_of_it(crew: Crew) -> None:
    """Neither when they ask, nor in what they follow; once they are let in again they take part again."""
    carol = crew.person("carol")
    crew.change("private", "on", name="alice")
    with crew.kit.store.write() as tx:
        people.joined(tx, crew.kit, crew.incident, carol, "carol")
    crew.press("follow", "carol")
    theirs = f"follow.{carol.team}.{carol.id}"
    assert SECRET in crew.seen(theirs)
    heard = Heard("Ev1", "left", carol.team, carol.id, ROOM, "", None, "1.0")
    whole.WHOLE.hears["left"](crew.kit, crew.incident, heard)
    crew.settle()
    assert SECRET not in crew.seen(theirs)
    assert "not for you" in crew.type("show inc-1", "carol")
    with crew.kit.store.write() as tx:
        people.joined(tx, crew.kit, crew.incident, carol, "carol")
    assert SECRET in crew.type("show inc-1", "carol")
