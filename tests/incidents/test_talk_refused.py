"""What GitLab or Slack does not let us do with a copy is done in another way, or told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config.incidents import REMOVE
from bot.errors import GitLabUnreachable, LinkLost
from bot.incident import CURATED, FULL_INTERNAL
from bot.incidents.outward import outwards, queueing, refusals, writers
from bot.incidents.outward.writers import Writer
from tests.evidence.floor import SHOP_ID
from tests.incidents.room import Room, room_at


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path) as made:
        yield made


def test_a_copy_that_was_deleted_in_gitlab(room: Room) -> None:
    """Is not written again by an edit: whoever took it away has meant it."""
    ts = room.say("Hello")
    room.hear()
    room.floor.gitlab.act("delete-note newest", "alice")
    room.edit(ts, "Hello there")
    room.hear()
    room.work(2)
    assert room.notes == []
    assert room.rows[0].state == "gone"
    assert room.waiting() == []


def test_a_copy_that_was_deleted_on_both_sides(room: Room) -> None:
    """Is gone, and nothing waits."""
    room.alter(policy=CURATED)
    ts = room.say("Hello")
    room.hear()
    room.mark(ts)
    room.floor.gitlab.act("delete-note newest", "alice")
    room.unmark(ts)
    assert room.notes == []
    assert room.waiting() == []


def test_a_thread_that_is_gone(room: Room) -> None:
    """Whoever answers in it then has a comment by itself."""
    root = room.say("It is slow")
    room.say("Yes", "bob", thread=root)
    room.hear()
    for _ in range(2):
        room.floor.gitlab.act("delete-note newest", "alice")
    room.say("Still", thread=root)
    room.hear()
    assert room.words == ["Still"]


def test_a_thread_that_the_keeper_does_not_see(room: Room) -> None:
    """Is that of whoever answers in it, all the same."""
    root = room.say("It is slow", "bob")
    room.hear()
    room.floor.asks(lambda state: state.projects[SHOP_ID].members.pop("alice"))
    room.say("Still", "bob", thread=root)
    room.hear()
    assert room.words == ["It is slow", "Still"]
    assert len({note.discussion for note in room.notes}) == 1


def test_deletions_that_leave_nothing(tmp_path: Path) -> None:
    """With `remove` the comment of a deleted message is deleted, and its replies stay."""
    with room_at(tmp_path) as room:
        incidents = replace(room.kit.config.incidents, deletes=REMOVE)
        room.floor.kit = replace(room.kit, config=replace(room.kit.config, incidents=incidents))
        root = room.say("It is slow")
        room.say("Yes", "bob", thread=root)
        room.hear()
        assert outwards.gone(room.kit, room.incident, "C0OPS00001", root)
        room.work()
        assert room.words == ["Yes"]


def test_an_account_that_gitlab_does_not_accept_any_more(room: Room) -> None:
    """The keeper writes for its owner; if that is the keeper's own, it waits."""
    room.floor.gitlab.loop.ask(lambda: setattr(token(room, "bob"), "revoked", True))
    room.say("Yes", "bob")
    room.hear()
    assert [note.author.username for note in room.notes] == ["alice"]
    room.floor.gitlab.loop.ask(lambda: setattr(token(room, "alice"), "revoked", True))
    room.say("No", "alice")
    room.hear()
    assert len(room.notes) == 1
    assert len(room.waiting()) == 1


def token(room: Room, name: str) -> object:
    return next(one for one in room.floor.gitlab.fake._state.tokens.values() if one.person.username == name)


def test_slack_does_not_say_who_it_was(room: Room) -> None:
    """It waits until it does, unless the account in GitLab is known; a deletion does not wait."""
    room.alter(iid=0)
    room.say("Me, too", "carol")
    ts = room.say("And me")
    room.hear()
    room.alter(iid=1)
    room.floor.clock.pass_(7_200)
    slack = room.floor.slack.slack
    slack.break_("500")
    room.work(2)
    assert room.notes == []
    outwards.gone(room.kit, room.incident, "C0OPS00001", ts)
    slack.mend()
    room.floor.clock.pass_(10)
    for _ in range(3):
        room.work(60)
    assert room.words == ["Me, too"]
    assert room.bodies[0].startswith("**carol (Slack)**")


def test_a_copy_that_was_edited_in_gitlab(room: Room) -> None:
    """Is put back; one that reads as it shall is left alone."""
    room.say("Hello")
    room.hear()
    (row,) = room.rows
    changes = room.changes()
    with room.kit.store.write() as tx:
        queueing.restore(tx, room.kit, room.incident, row, room.bodies[0])
    room.work()
    assert room.changes() == changes
    room.floor.gitlab.act(f"edit-note {row.note_id} Something else", "alice")
    with room.kit.store.write() as tx:
        queueing.restore(tx, room.kit, room.incident, row, "Something else")
    room.work()
    assert room.words == ["Hello"]


def test_what_leaked_and_cannot_be_deleted_now(room: Room) -> None:
    """Counts as not answered, so that it is looked for and deleted; one that is gone is gone."""
    room.alter(policy=FULL_INTERNAL)
    gitlab = room.kit.gitlab_as(room.floor.person("alice"))
    note = gitlab.write_note(42, 1, "For all")
    one = Writer(room.floor.person("alice"), gitlab)
    room.break_("503", times=1)
    with pytest.raises(GitLabUnreachable) as raised:
        writers.checked(room.kit, room.incident, one, note, internal=True)
    assert raised.value.sent
    assert writers.checked(room.kit, room.incident, one, note, internal=True) is None
    assert writers.checked(room.kit, room.incident, one, note, internal=True) is None
    assert room.notes == []


def test_nobody_s_account_works(room: Room) -> None:
    """Is raised as what it is, and not taken for a lack of rights."""
    lost = LinkLost("Connect it again.")

    def as_nobody(_person: object) -> None:
        raise lost

    kit = replace(room.kit, gitlab_as=as_nobody)  # type: ignore[arg-type]  # it never returns
    with pytest.raises(LinkLost):
        list(writers.writers(kit, room.incident, room.floor.person("bob"), internal=True))


def test_what_gitlab_refuses_for_another_reason(room: Room) -> None:
    """Is the card's to say, and is told by no line in the room."""
    room.floor.asks(lambda state: setattr(state.projects[42], "archived", True))
    room.say("Hello")
    room.hear()
    assert room.notes == []
    assert room.incident.trouble.startswith(refusals.REFUSED)
    assert room.said_in_room() == []
