"""A room that cannot be reached misses nothing: afterwards it is shown in order, or in one message if it is much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evidence.floor import OPS
from tests.incidents.below import SECRET, Below, below


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path) as stage:
        yield stage


def _write(here: Below, count: int) -> list[int]:
    return [here.note(f"Number {number}") for number in range(count)]


def test_held_while_muted(here: Below) -> None:
    """What is written while the room cannot be reached is kept."""
    here.alter(muted="is_archived")
    _write(here, 2)
    here.follow()
    assert here.posts() == []
    assert [one.state for one in here.rows()] == ["held", "held"]
    assert _waiting(here) == []  # Nothing is read of it on every tick.
    here.alter(muted="")
    assert _waiting(here) == [here.incident.id]


def _waiting(here: Below) -> list[str]:
    with here.kit.store.read() as tx:
        return tx.mirror.with_unposted()


def test_few_each_for_itself(here: Below) -> None:
    """Up to five are shown each for itself, in order."""
    here.alter(muted="is_archived")
    _write(here, 5)
    here.follow()
    here.alter(muted="")
    here.follow()
    assert here.texts() == [f"Bob Baker in GitLab: Number {number}" for number in range(5)]


def test_many_in_one(here: Below) -> None:
    """More than five are told of by one message, with a link to each."""
    here.alter(muted="is_archived")
    notes = _write(here, 7)
    here.follow()
    here.alter(muted="")
    here.follow()
    (post,) = here.posts()
    assert post.body["text"] == "7 comments were written in GitLab while I could not speak here"
    assert all(f"#note_{note}" in str(post.body["blocks"]) for note in notes)
    later = here.note("And now this")
    reply = here.note("Yes", how=f"reply #1 {notes[0]}")
    here.follow()
    assert here.texts()[1:] == ["Bob Baker in GitLab: And now this", "Bob Baker in GitLab: Yes"]
    assert [one.thread for one in here.posts()][1:] == [None, post.ts]
    assert here.row(later).state == here.row(reply).state == "live"


def test_no_room_yet(here: Below) -> None:
    """What is written before there is a room is shown once there is one."""
    here.alter(channel="")
    _write(here, 2)
    here.follow()
    assert here.posts() == []
    here.alter(channel=OPS)
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: Number 0", "Bob Baker in GitLab: Number 1"]


def test_archived_meanwhile(here: Below) -> None:
    """A room that turns out to be archived is muted, and nothing of what was to be said there is lost."""
    slack = here.floor.slack
    slack.web.conversations_archive(channel=OPS)
    _write(here, 2)
    here.follow()
    here.follow()
    assert here.now().muted == "is_archived"
    assert [one.state for one in here.rows()] == ["held", "held"]
    slack.slack.workspace.channels[OPS].is_archived = False
    here.alter(muted="")
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: Number 0", "Bob Baker in GitLab: Number 1"]


def test_bot_was_removed(here: Below) -> None:
    """A room that the bot is not in is muted."""
    here.alter(channel=SECRET)
    _write(here, 1)
    here.follow()
    here.follow()
    assert here.now().muted == "channel_not_found"
    assert here.rows()[0].state == "held"


def test_edited_and_deleted_while_muted(here: Below) -> None:
    """What was edited meanwhile is shown as it reads in the end, and what was deleted not at all."""
    here.alter(muted="is_archived")
    first, second = _write(here, 2)
    here.follow()
    here.act(f"edit-note {first} Better")
    here.act(f"delete-note {second}")
    here.follow(70)
    here.alter(muted="")
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: Better"]
