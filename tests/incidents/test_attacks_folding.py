"""The timeline of a private incident is folded below another one for nobody else to read, not for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import markdown
from bot.incidents import folding
from tests.evidence.floor import SHOP, floor_at
from tests.incidents.back import Back
from tests.incidents.stage import ID

SECRET = "Umbrella"


@pytest.fixture
def back(tmp_path: Path) -> Iterator[Back]:
    """A private incident that a Guest of the project takes part in, and another that is not private."""
    with floor_at(tmp_path) as floor:
        made = Back(floor)
        made.begin(commander=floor.person("alice"), commander_name="alice")
        made.another(2, "Basket")
        made.happened("pinned", 3, text=f"{SECRET} rises")
        made.change("private", "on")
        made.work()
        made.act(f"role bob guest {SHOP}", "alice")
        yield made


def folded(back: Back) -> list[tuple[bool, str]]:
    notes = back.notes_of(back.now("inc0002").iid)
    return [(one.internal, one.author["username"]) for one in notes if SECRET in one.body]


def mailed(back: Back) -> str:
    return str(back.floor.asks(lambda state: list(state.tracker.notices)))


def test_a_guest_cannot_have_it_published(back: Back) -> None:
    """GitLab publishes the internal notes of Guests: the commander writes it, and nobody has mail of it."""
    back.type("duplicate inc-2")
    back.work(ID, "inc0002")
    assert folded(back) == [(True, "alice")]
    assert SECRET not in mailed(back)


def test_what_was_published_without_an_answer_is_deleted(back: Back) -> None:
    """Found later, a note that everybody reads is taken away, and written again by who may."""
    back.type("duplicate inc-2")
    errand = back.reads(lambda tx: tx.errands.get(f"inc0002.fold.{ID}.1"))
    survivor = back.now("inc0002")
    mark = folding.mark(survivor, ID)
    for note in back.notes_of(survivor.iid):
        note.delete()
    bob = back.kit.gitlab_as(back.person("bob"))
    bob.write_note(survivor.project_id, survivor.iid, markdown.marked(SECRET, mark))
    assert folded(back) == [(False, "bob")]
    with back.kit.store.write() as tx:
        tx.errands.change("id = ?", (errand.id,), state="unknown", since=back.kit.now())
    for _ in range(3):
        back.work(ID, "inc0002", seconds=70)
    assert folded(back) == [(True, "alice")]


def test_nothing_goes_into_another_project(back: Back) -> None:
    """Its members are others."""
    with back.kit.store.write() as tx:
        tx.incidents.note(ID, project_id=back.incident.project_id + 1)
    back.type("duplicate inc-2", "alice")
    back.work(ID, "inc0002")
    assert folded(back) == []
