"""A word on an incident reaches everybody who shall hear it, from whichever side it is said, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import blocks.incident as drawing
from blocks import incident_updates
from bot.incident import FULL_INTERNAL, Incident, State
from bot.incidents.crew import updates
from bot.model import Place
from tests.evidence.floor import SHOP_ID, floor_at
from tests.incidents.crew import Crew
from tests.incidents.stage import ID, ROOM

NEWS = "C0OPS00001"


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with floor_at(tmp_path) as floor:
        crew = Crew(floor)
        crew.begin(announced_in=NEWS, next_update=floor.clock() + 900_000)
        yield crew


def test_an_update_is_said_everywhere(crew: Crew) -> None:
    """In the room, below the announcement, in the issue, and on the card."""
    assert crew.type("update Rolled back, errors are falling") == ""
    crew.settle()
    crew.settle()
    assert crew.said() == ["Update by bob: Rolled back, errors are falling"]
    assert [text for key, room, text in crew.letters() if room == NEWS and ".twin." in key] == crew.said()
    assert crew.incident.latest == "Rolled back, errors are falling"
    assert crew.incident.next_update == crew.incident.latest_at + 15 * 60_000  # type: ignore[operator]
    assert "Rolled back, errors are falling" in crew.seen("card")
    notes = crew.notes()
    assert [(note.author["username"], note.internal) for note in notes] == [("bob", False)]
    assert "**Update** by bob in Slack\n\nRolled back, errors are falling" in notes[0].body
    assert [one.text for one in crew.events("update")] == ["bob: Rolled back, errors are falling"]


def test_the_form_sets_state_and_severity_as_well(crew: Crew) -> None:
    """All of it or nothing, and the next one is due when somebody says."""
    crew.send(
        "update", changed="The cache is warm", impact="None any more", next="Watch it for an hour", state="monitoring",
        severity="3", minutes="240", audience="followers\npublic",
    )  # fmt: skip
    crew.settle()
    crew.settle()
    now = crew.incident
    assert (now.state, now.severity, now.impact) == (State.MONITORING, 3, "None any more")
    assert now.next_update == crew.events("update")[0].at + 240 * 60_000
    assert crew.said()[-1] == "Update by bob: The cache is warm"
    assert "**Next step:** Watch it for an hour" in crew.notes()[0].body
    assert not [text for key, room, text in crew.letters() if room == NEWS and "Update by" in text]


def test_the_form_begins_with_how_it_is(crew: Crew) -> None:
    """State and severity are picked already, and what is legal can be."""
    view = incident_updates.form(crew.incident, Place(ROOM), (State.FIXING, State.RESOLVED), public=True)
    fields = {block["block_id"]: block["element"] for block in view["blocks"] if "block_id" in block}
    assert fields["state"]["initial_option"]["value"] == "investigating"
    assert [one["value"] for one in fields["state"]["options"]] == ["investigating", "fixing"]
    assert fields["severity"]["initial_option"]["value"] == "2"
    assert [one["value"] for one in fields["audience"]["initial_options"]] == [
        "followers",
        "announce",
        "public",
    ]


@pytest.mark.parametrize("more", [{"policy": FULL_INTERNAL}, {"private": True}])
def test_what_is_for_members_is_an_internal_note(crew: Crew, more: dict[str, object]) -> None:
    """By the policy of the discussion; of a private incident always."""
    change(crew, **more)
    crew.type("update Rolled back", "alice")
    crew.settle()
    crew.settle()
    assert [note.internal for note in crew.notes()] == [True]


def test_who_may_write_no_internal_notes_any_more(crew: Crew) -> None:
    """GitLab is asked each time, so that the keeper writes it, and nothing is published for a moment."""
    change(crew, policy=FULL_INTERNAL)
    bob, fake = crew.person("bob"), crew.floor.gitlab.fake
    with crew.kit.store.write() as tx:
        tx.incident_facts.put(ID, f"internal.{bob.team}/{bob.id}", f"yes {crew.kit.now()}")
    crew.floor.asks(lambda state: state.projects[SHOP_ID].members.update(bob=10))
    crew.type("update Rolled back")
    crew.settle()
    crew.settle()
    assert [(note.author["username"], note.internal) for note in crew.notes()] == [("alice", True)]
    assert fake.calls["DELETE /projects/:id/issues/:issue_iid/notes/:note_id"] == 0


def test_a_private_incident_is_announced_to_nobody(crew: Crew) -> None:
    """Its room alone hears it."""
    change(crew, private=True)
    crew.type("update Rolled back", "alice")
    crew.settle()
    assert not [text for _, room, text in crew.letters() if room == NEWS and "Update" in text]


def test_an_update_that_comes_too_late_is_given_back(crew: Crew) -> None:
    """Somebody has resolved it while the form was open: it says so, with what was written."""
    crew.change("state", State.RESOLVED, "alice")
    told = crew.send("update", changed="The cache is warm", state="monitoring", audience="followers")
    assert "It is Resolved. From there it can become" in told
    assert "You wrote: The cache is warm" in told
    assert crew.events("update") == []


def test_an_update_that_says_nothing_is_refused(crew: Crew) -> None:
    """Alone to who asked."""
    assert "has to say something" in crew.send(
        "update", changed="  ", severity="2", minutes="usual", audience=""
    )
    assert crew.events("update") == []


def test_the_same_request_says_it_once(crew: Crew) -> None:
    """Also if Slack delivers it again."""
    key = crew.floor.slash_payload("bob", "incident update Rolled back", ROOM)
    crew.floor.send("slash_commands", key)
    crew.floor.send("slash_commands", key)
    crew.settle()
    crew.settle()
    assert len(crew.said()) == len(crew.notes()) == len(crew.events("update")) == 1


def test_hostile_words_do_nothing(crew: Crew) -> None:
    """No quick action in GitLab, no mention in Slack."""
    crew.type("update /close <!channel> @all")
    crew.settle()
    crew.settle()
    assert crew.in_gitlab().state == "opened"
    assert all("<!channel>" not in line for line in crew.said())


def test_the_lost_answer_to_a_note_is_looked_for(crew: Crew) -> None:
    """There is one."""
    crew.type("update Rolled back")
    gitlab = crew.floor.gitlab
    gitlab.loop.ask(lambda: gitlab.fake.break_("cut-after", times=1))
    crew.settle()
    crew.settle(70)
    crew.settle(70)
    assert len(crew.notes()) == 1


# Said in GitLab ---------------------------------------------------------------------------------------------


def test_a_note_of_the_commander_is_an_update(crew: Crew) -> None:
    """It is the latest word, and the clock is set anew; it is not written back."""
    crew.press("take", "alice")
    crew.settle(60)
    note = (
        crew.floor.gitlab.project("acme/shop", "alice")
        .issues.get(crew.iid)
        .notes.create({"body": "Rolled back"})
    )
    assert heard(crew, note.id)
    assert not heard(crew, note.id)
    crew.settle()
    assert crew.incident.latest == "Rolled back"
    assert [one.origin for one in crew.events("update")] == ["gitlab"]
    assert len(crew.notes()) == 1
    assert crew.incident.next_update is not None
    assert crew.incident.next_update > crew.floor.clock()


def test_a_note_that_says_so_is_one_whoever_writes_it(crew: Crew) -> None:
    """What others say is talk."""
    crew.settle(60)
    issue = crew.floor.gitlab.project("acme/shop", "carol").issues.get(crew.iid)
    talk = issue.notes.create({"body": "I think it is the cache"})
    said = issue.notes.create({"body": "Update: it was the cache"})
    assert not heard(crew, talk.id)
    assert heard(crew, said.id)
    assert crew.incident.latest == "it was the cache"


def test_an_internal_note_is_not_shown_in_an_open_room(crew: Crew) -> None:
    """Only that there is one."""
    crew.settle(60)
    issue = crew.floor.gitlab.project("acme/shop", "carol").issues.get(crew.iid)
    note = issue.notes.create({"body": "Update: the customer is ACME", "internal": True})
    assert heard(crew, note.id)
    assert "ACME" not in crew.incident.latest
    assert "internal note" in crew.seen("card")


def test_our_own_note_is_no_update(crew: Crew) -> None:
    """The commander's update from Slack does not come back."""
    crew.press("take", "alice")
    crew.type("update Rolled back", "alice")
    crew.settle()
    crew.settle()
    crew.floor.clock.pass_(60)
    assert not heard(crew, crew.notes()[0].id)
    assert len(crew.events("update")) == 1


# Those who follow -------------------------------------------------------------------------------------------


def test_who_follows_has_one_message_that_is_edited(crew: Crew) -> None:
    """However often something is said."""
    assert "You follow it" in crew.press("follow", "carol")
    assert "already" in crew.press("follow", "carol")
    for text in ("First word", "Second word"):
        crew.type(f"update {text}")
        crew.settle()
    name = f"follow.{crew.person('carol').team}.{crew.person('carol').id}"
    assert "Second word" in crew.seen(name)
    assert crew.reads(lambda tx: tx.cards.get(f"inc.{ID}.{name}")).place.channel == "D0CAROLBOT"
    assert "any more" in crew.press("unfollow", "carol")
    crew.type("update Third word")
    crew.settle()
    assert "You do not follow acme/shop#1 any more" in crew.seen(name)


def test_who_follows_sees_another_state_without_a_word(crew: Crew) -> None:
    """What is over does not burn on in their messages, and what became private is taken from them at once."""
    crew.press("follow", "carol")
    crew.settle()
    name = f"follow.{crew.person('carol').team}.{crew.person('carol').id}"
    assert "Investigating" in crew.seen(name)
    crew.change("state", State.RESOLVED, "alice")
    crew.settle()
    assert "Resolved" in crew.seen(name)
    crew.change("private", "on", "alice")
    crew.settle()
    assert "private now" in crew.seen(name)


def test_what_becomes_private_is_taken_from_who_takes_no_part(crew: Crew) -> None:
    """Nothing of it is left in their messages."""
    crew.press("follow", "carol")
    crew.type("update Rolled back")
    crew.settle()
    change(crew, private=True)
    crew.type("update The customer is ACME", "alice")
    crew.settle()
    name = f"follow.{crew.person('carol').team}.{crew.person('carol').id}"
    assert "Rolled back" not in crew.seen(name)
    assert "private now" in crew.seen(name)


def test_anybody_asks_for_an_update_now_and_then(crew: Crew) -> None:
    """Once in ten minutes for each incident, and it is written down."""
    assert "The room is asked" in crew.press("request_update", "carol")
    assert "already" in crew.press("request_update", "bob")
    crew.settle(601)
    assert "The room is asked" in crew.press("request_update", "bob")
    assert crew.said() == ["carol asks for an update.", "bob asks for an update."]
    assert len(crew.events("request")) == 2


def change(crew: Crew, **columns: object) -> Incident:
    with crew.kit.store.write() as tx:
        tx.incidents.alter(crew.incident, **columns)
    return crew.incident


def heard(crew: Crew, note_id: int) -> bool:
    """What the watcher does with a note that it has read."""
    note = crew.kit.gitlab.note(42, crew.iid, note_id)
    with crew.kit.store.write() as tx:
        return updates.from_note(tx, crew.kit, drawing, crew.incident, note, is_open=True)
