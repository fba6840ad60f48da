"""What was said for members alone is not published by what somebody does later, or on the other side."""

from __future__ import annotations

from pathlib import Path

import pytest

import blocks.incident
import blocks.incident_talk
from bot.incident import FULL, FULL_INTERNAL
from bot.incidents.watching import looking
from tests.evidence.floor import SHOP, SHOP_ID
from tests.incidents.back import Back
from tests.incidents.room import room_at
from tests.incidents.stage import ROOM

SECRET = "Umbrella"


def reviewed(back: Back) -> str:
    """The review of an incident, which everybody reads."""
    back.change("state", "resolved")
    back.type("review", "alice")
    back.work()
    issue = back.floor.gitlab.project(SHOP, "root").issues.get(back.incident.review_iid)
    assert not issue.confidential
    return str(issue.description)


def test_an_update_for_members_stays_out_of_a_review_for_all(back: Back) -> None:
    """It is an internal note, and one text more that is left out; what says nothing new is none."""
    with back.kit.store.write() as tx:
        tx.incidents.note(back.incident.id, policy=FULL_INTERNAL)
    back.type(f"update The {SECRET} leaks", "alice")
    back.work()
    assert [one.internal for one in back.notes_of(back.iid)] == [True]
    written = reviewed(back)
    assert SECRET not in written
    assert "1 internal text left out" in written


def test_an_internal_note_that_was_an_update_stays_out_of_it(back: Back) -> None:
    """It was told while the incident was private, and is still internal when it is not any more."""
    back.floor.slack.slack.workspace.channels[ROOM].kind = "group"
    back.change("private", "on", name="alice")
    back.work()
    issue = back.floor.gitlab.project(SHOP, "alice").issues.get(back.iid)
    issue.notes.create({"body": f"Update: the {SECRET} leaks", "internal": True})
    back.floor.clock.pass_(10)
    seen = looking.Seen(back.incident, back.kit.gitlab.issue(SHOP_ID, back.iid))
    looking.listen(back.kit, blocks.incident, blocks.incident_talk, seen)
    assert SECRET in back.incident.latest
    back.change("private", "off", name="alice")
    back.work()
    assert SECRET not in reviewed(back)


# Policies ---------------------------------------------------------------------------------------------------


def test_a_policy_that_was_set_in_private_publishes_nothing_later(back: Back) -> None:
    """Whoever shows a private incident to everybody does not show them all that will be said in its room."""
    back.change("private", "on", name="alice")
    back.work()
    back.type("policy full", "alice")
    assert back.incident.policy == FULL
    back.type("private off", "alice")
    assert (back.incident.private, back.incident.policy) == (False, FULL_INTERNAL)


def test_who_has_no_say_there_does_not_widen_what_all_read(back: Back) -> None:
    """All that is said in the room, by whomever, would be read by everybody who sees the project."""
    back.act(f"role bob guest {SHOP}", "alice")
    before = back.incident.policy
    assert "no right to show what is said here to everybody" in back.type("policy full", "bob")
    assert back.incident.policy == before
    back.type("policy full", "alice")
    assert back.incident.policy == FULL


@pytest.mark.parametrize("before", ["private", "internal"])
def test_what_waits_is_written_for_those_it_was_said_to(tmp_path: Path, before: str) -> None:
    """GitLab was down while it was said; when it answers again everybody may read what is said from then on."""
    with room_at(tmp_path, policy=FULL_INTERNAL) as room:
        room.alter(private=before == "private")
        room.break_("down")
        room.say(f"The {SECRET} leaks", "bob")
        room.hear()
        room.alter(private=False, policy=FULL)
        room.mend()
        room.work(70)
        room.work(70)
        (note,) = room.notes
        assert note.internal
        room.say("All is well", "bob")
        room.hear()
        assert [one.internal for one in room.notes] == [True, False]
