"""What is deleted in GitLab is struck in Slack within a minute, and nothing of its text is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evidence.floor import SHOP_ID
from tests.incidents.below import Below, below


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path) as stage:
        yield stage


def test_copy_is_struck(here: Below) -> None:
    """The copy of a deleted comment says so, with no word of it, within a minute."""
    note = here.note("The database, I fear")
    here.note("Something else")
    here.follow()
    here.act(f"delete-note {note}")
    here.follow(61)
    assert here.texts() == ["Bob Baker in GitLab: deleted in GitLab", "Bob Baker in GitLab: Something else"]
    assert "database" not in str(here.posts()[0].body)
    assert (here.row(note).state, here.row(note).wanted) == ("gone", "")


def test_deletion_that_touches_nothing(here: Below) -> None:
    """It is noticed also where GitLab does not count it as a change of the issue."""
    note = here.note("Hello")
    here.follow()
    for _ in range(3):
        here.follow(70)
    here.floor.asks(lambda state: _drop(state, note))
    here.follow(70)
    assert here.texts() == ["Bob Baker in GitLab: deleted in GitLab"]


def _drop(state: object, note: int) -> None:
    for issue in state.tracker.issues.values():  # type: ignore[attr-defined]  # the fake's own state
        issue.notes[:] = [one for one in issue.notes if one.id != note]


def test_message_from_slack_is_not_written_again(here: Below) -> None:
    """If the copy of a message is deleted in GitLab it stays so: its row is gone."""
    row = here.said("Is it up?")
    here.follow()
    here.act(f"delete-note {row.note_id}", "alice")
    here.follow(70)
    assert here.rows()[0].state == "gone"
    here.follow(70)
    assert here.in_gitlab() == []
    assert here.posts() == []


def test_what_the_bot_may_not_see_any_more(here: Below) -> None:
    """Is not gone: an internal copy is kept as long as who answers for the incident sees it."""
    row = here.said_internally("Between us")
    here.follow()
    here.floor.asks(lambda state: state.projects[SHOP_ID].members.__setitem__("signalbox", 10))
    here.act(f"comment #{here.incident.iid} Hello")
    for _ in range(10):
        here.follow(70)
    assert here.row(row.note_id).state == "live"
    here.act(f"delete-note {row.note_id}", "alice")
    for _ in range(10):
        here.follow(70)
    assert here.rows()[0].state == "gone"


def test_a_clock_that_was_set_back(here: Below) -> None:
    """Deletions are noticed as soon as before."""
    note = here.note("Hello")
    here.follow()
    here.follow(70)
    here.floor.clock.pass_(-7_200)
    here.floor.asks(lambda state: _drop(state, note))
    with here.kit.store.write() as tx:
        tx.not_later_than(here.kit.now())
    here.follow(70)
    here.follow(70)
    assert here.texts() == ["Bob Baker in GitLab: deleted in GitLab"]


def test_deleted_before_it_is_shown(here: Below) -> None:
    """A comment that is gone before it was posted is not posted."""
    here.alter(muted="is_archived")
    note = here.note("Too early")
    here.follow()
    here.act(f"delete-note {note}")
    here.follow(70)
    here.alter(muted="")
    here.follow()
    assert here.posts() == []


def test_no_look_for_nothing(here: Below) -> None:
    """Ids are read only if GitLab counts other comments than are known, or every ten minutes."""
    here.note("Hello")
    for _ in range(3):
        here.follow(70)
    fake = here.floor.gitlab.fake
    before = fake.calls["GET /projects/:id/issues/:issue_iid/notes"]
    for _ in range(4):
        here.look(70)
    assert fake.calls["GET /projects/:id/issues/:issue_iid/notes"] == before
    for _ in range(6):
        here.look(70)
    assert fake.calls["GET /projects/:id/issues/:issue_iid/notes"] == before + 1
