"""The discussion from Slack reaches the issue: once, in order, as who said it, with its edits and deletions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.incidents.room import Room, room_at


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path) as made:
        yield made


def test_a_message_becomes_a_comment(room: Room) -> None:
    """It says who, when and where, in the author's own account, and carries a hidden mark."""
    room.say("Is it *slow* for you, too?")
    room.hear()
    (note,) = room.notes
    assert note.author.username == "alice"
    head, _, rest = note.body.partition("\n")
    assert head.startswith("**`alice`** · [")
    assert " UTC](https://" in head
    assert "/archives/C0OPS00001/p" in head
    assert "Is it **slow** for you, too?" in rest
    (row,) = room.rows
    assert note.body.endswith(f"\n\n<!-- signalbox i=inc01 m={row.id} h={row_hash(note.body)} -->")
    assert (row.note_id, row.state) == (note.id, "live")
    assert row.wanted_hash == row.shown_hash


def row_hash(body: str) -> str:
    return body.rpartition("h=")[2].split()[0]
