"""A mark of ours that somebody has pasted below words of theirs, and words that would act as another, do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import markdown
from bot.deeds import digest
from bot.incident import FULL
from bot.incidents.crew import blocks_of
from bot.incidents.hindsight.rebuild import rebuild
from bot.incidents.outward import wanted
from tests.evidence.floor import SHOP, Floor, floor_at
from tests.incidents.back import Back
from tests.incidents.below import Below, below
from tests.incidents.room import room_at
from tests.incidents.stage import ID, ROOM

#: Somebody in GitLab whose account nobody here has connected.
STRANGER = "dave"
WORDS = "Nobody shall read this"


def forget(floor: Floor) -> None:
    with floor.kit.store.write() as tx:
        for account in tx.accounts.known_as(STRANGER):
            tx.accounts.drop(account.person)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path) as stage:
        forget(stage.floor)
        yield stage


@pytest.fixture
def back(tmp_path: Path) -> Iterator[Back]:
    with floor_at(tmp_path) as floor:
        made = Back(floor)
        made.begin()
        forget(floor)
        yield made


def test_nobody_hides_their_words_from_the_room(here: Below) -> None:
    """The mark counts on comments of people who are connected here, and of nobody else."""
    project = here.floor.gitlab.project(SHOP, STRANGER)
    body = markdown.marked(WORDS, f"i={here.incident.id} k=x")
    project.issues.get(here.incident.iid).notes.create({"body": body})
    here.follow()
    assert len(here.texts()) == 1
    assert WORDS in here.texts()[0]


def test_nobody_takes_the_place_of_a_copy(tmp_path: Path) -> None:
    """GitLab's answer is lost, and before it is asked again somebody has pasted the mark of the copy below theirs."""
    with room_at(tmp_path, policy=FULL) as room:
        room.break_("cut-after", times=1)
        room.say("It is slow", "bob")
        room.hear()
        room.mend()
        (row,) = room.rows
        assert row.note_id == 0
        issue = room.floor.gitlab.project(SHOP, STRANGER).issues.get(room.incident.iid)
        room.floor.clock.pass_(1)
        theirs = issue.notes.create({"body": markdown.marked(WORDS, wanted.mark_of(row))})
        for _ in range(3):
            room.work(70)
        (row,) = room.rows
        assert row.note_id not in {0, theirs.id}
        assert WORDS in room.bodies[-1]
        assert "It is slow" in room.bodies[0]


@pytest.mark.parametrize("name", ["dave", "bob"])
def test_a_rebuild_takes_nobodys_words_for_ours(back: Back, name: str) -> None:
    """Neither a stranger's nor a member's comment reaches the review as it stands, and calls people there."""
    slack = back.floor.slack
    ts = str(slack.run(slack.slack.say("alice", ROOM, "It burns")))
    link = f"https://acme-dev.slack.com/archives/{ROOM}/p{ts.replace('.', '')}"
    mark = f"i={ID} m=forged h={digest(ID, 'forged')[:8]}"
    body = markdown.marked(
        f"**alice** · [then]({link})\n\n@all ![x](https://evil.example/x.png)\n/close", mark
    )
    back.floor.gitlab.project(SHOP, name).issues.get(back.iid).notes.create({"body": body})
    report = rebuild(back.kit, back.incident)
    assert report.restored == (name == "bob")
    back.change("state", "resolved")
    back.type("review", "alice")
    back.work()
    issue = back.floor.gitlab.project(SHOP, "root").issues.get(back.incident.review_iid)
    assert "@all" not in issue.description
    assert "![x]" not in issue.description


ACTS = ("\r/close", "/clo\rse", "\u00a0/close", "  /label ~bug", "/add_email a@b.example", "/merge")


@pytest.mark.parametrize("text", ACTS)
def test_a_carriage_return_hides_no_quick_action(text: str) -> None:
    """GitLab takes it out before it looks for quick actions, and whoever writes the text anew would act by them."""
    written = blocks_of.disarmed(f"Words\n{text}\nmore").replace("\r", "")
    assert not [line for line in written.split("\n") if line.lstrip().startswith("/")]


def test_words_between_the_blocks_of_a_review_do_not_act(back: Back) -> None:
    """Whoever asks for it to be refreshed writes what others wrote into it."""
    back.change("state", "resolved")
    back.type("review", "alice")
    back.work()
    state = back.floor.asks(
        lambda seen: next(one for one in seen.tracker.issues.values() if one.iid == back.incident.review_iid)
    )
    back.floor.asks(lambda _seen: setattr(state, "description", f"/close\n{state.description}"))
    back.type("summary It burned", "alice")
    back.type("review refresh", "alice")
    back.work()
    issue = back.floor.gitlab.project(SHOP, "root").issues.get(back.incident.review_iid)
    assert "It burned" in issue.description
    assert issue.state == "opened"


@pytest.mark.parametrize(("role", "counts"), [("guest", False), ("planner", True)])
def test_strangers_give_no_updates(here: Below, role: str, *, counts: bool) -> None:
    """Whoever may only comment, as anybody may on a public issue, does not say how it goes, and quiets nobody."""
    here.act(f"role {STRANGER} {role} {SHOP}", "alice")
    here.note("Update: all is well, go to bed", STRANGER)
    here.follow()
    assert here.now().latest == ("all is well, go to bed" if counts else "")
    assert len(here.texts()) == 1
