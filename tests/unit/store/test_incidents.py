"""Incidents, what happened in them, and the work on them are kept, and move by one conditional UPDATE."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.edges.store import Store
from bot.incident import Event, Incident, State, Who
from bot.incident_work import Due, Errand, Holder, Mirrored, Suspect, Task
from bot.model import Person, Place

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")
ONE = Incident(
    "i1", 1, "key1", "T1", "Checkout", 2, State.INVESTIGATING, "acme/shop", ALICE, "alice", 1_000, project_id=42,
    iid=7, channel="C9", channel_name="inc-1-checkout", origin=Place("C1", "17.1"), commander=BOB, private=True,
)  # fmt: skip
EVENT = Event("e1", "i1", 1_000, 1_100, "declared", Who("alice", ALICE, "alice"), "slack", "Declared", "key1")
ERRAND = Errand("i1.a", "i1", "gitlab.note", "gitlab")


def test_it_comes_back_as_it_was(store: Store) -> None:
    """People, places, states and truth too; the same request declares one incident."""
    with store.write() as tx:
        assert tx.incidents.next_number() == 1
        assert tx.incidents.put(ONE)
        assert not tx.incidents.put(replace(ONE, id="i2", number=2))
        assert tx.incidents.get("i1") == tx.incidents.of_source("key1") == ONE
        assert tx.incidents.of_issue(42, 7) == tx.incidents.numbered(1) == ONE
        assert tx.incidents.next_number() == 2
        assert tx.incidents.get("gone") is None


def test_it_moves_from_the_version_it_was_read_in(store: Store) -> None:
    """Of two who change it at once one does; what nobody decides makes no version."""
    with store.write() as tx:
        tx.incidents.put(ONE)
        tx.incidents.note("i1", trouble="GitLab is away.")
        assert tx.incidents.alter(ONE, state=State.MONITORING, commander=None)
        assert not tx.incidents.alter(ONE, state=State.FIXING)
        assert tx.incidents.get("i1") == replace(
            ONE, state=State.MONITORING, commander=None, version=2, trouble="GitLab is away."
        )


def test_a_room_is_a_channel_or_a_thread(store: Store) -> None:
    """A thread of a channel that is a room belongs to it; one whose incident lives in a thread is only that."""
    thread = replace(ONE, id="i2", number=2, source="key2", iid=8, channel="C1", thread="9.1")
    with store.write() as tx:
        tx.incidents.put(ONE)
        tx.incidents.put(thread)
        assert tx.incidents.at(Place("C9")) == tx.incidents.at(Place("C9", "3.1")) == ONE
        assert tx.incidents.at(Place("C1", "9.1")) == thread
        assert tx.incidents.at(Place("C1")) is None
        assert sorted(tx.incidents.channels()) == ["C1", "C9"]
        assert tx.incidents.in_channel("C1") == [thread]


def test_open_ones_come_the_worst_first(store: Store) -> None:
    """An unknown severity is the last; what is resolved is open and does not burn."""
    with store.write() as tx:
        for number, (severity, state) in enumerate(
            [(0, State.TRIAGE), (3, State.FIXING), (1, State.RESOLVED), (1, State.CLOSED)], 1
        ):
            one = replace(ONE, id=f"i{number}", number=number, source=f"key{number}", iid=number)
            tx.incidents.put(replace(one, severity=severity, state=state))
        assert [one.number for one in tx.incidents.open_ones()] == [3, 2, 1]
        assert [one.number for one in tx.incidents.open_ones(burning=True)] == [2, 1]


def test_a_source_is_one_event(store: Store) -> None:
    """Events come in the order they happened; what was taken back is left out, once."""
    with store.write() as tx:
        assert tx.incident_events.put(EVENT)
        assert not tx.incident_events.put(replace(EVENT, id="e2"))
        earlier = replace(EVENT, id="e0", at=500, source="key0", kind="timeline", who=Who("Bot", is_bot=True))
        tx.incident_events.put(replace(earlier, channel="C9", ts="5.1"))
        assert [one.id for one in tx.incident_events.of("i1")] == ["e0", "e1"]
        assert tx.incident_events.of("i1", kinds=("declared",)) == [EVENT]
        assert [one.id for one in tx.incident_events.of_message("C9", "5.1")] == ["e0"]
        assert tx.incident_events.retract("e0", 9)
        assert not tx.incident_events.retract("e0", 10)
        assert tx.incident_events.of("i1") == [EVENT]
        assert [one.retracted_at for one in tx.incident_events.of("i1", retracted=True)] == [9, None]


def test_facts_have_names(store: Store) -> None:
    """One is put, claimed once, found by how its name begins, and dropped."""
    with store.write() as tx:
        tx.incident_facts.put("i1", "seen.state", "opened")
        tx.incident_facts.put("i1", "seen.state", "closed")
        assert tx.incident_facts.claim("i1", "seen.title", "x")
        assert not tx.incident_facts.claim("i1", "seen.title", "y")
        assert tx.incident_facts.begin("i1", "seen.") == {"state": "closed", "title": "x"}
        assert tx.incident_facts.drop("i1", "seen.title")
        assert tx.incident_facts.get("i1", "seen.title") is None


def test_errands_go_by_priority_and_keep_their_order(store: Store) -> None:
    """What waits keeps others of its priority behind it, and nothing of another."""
    with store.write() as tx:
        for key, priority in (("talk1", 3), ("talk2", 3), ("state", 1)):
            tx.errands.put(replace(ERRAND, id=key, priority=priority))
        assert tx.errands.lanes(0) == [("i1", "gitlab")]
        first = tx.errands.next("i1", "gitlab", 0)
        assert first is not None
        assert first.id == "state"
        assert tx.errands.claim(first, 5)
        assert not tx.errands.claim(first, 5)
        talk = tx.errands.next("i1", "gitlab", 0)
        assert talk is not None
        assert talk.id == "talk1"
        tx.errands.claim(talk, 5)
        tx.errands.settle(talk, "ready", "later", not_before=100)
        assert tx.errands.next("i1", "gitlab", 99) is None
        again = tx.errands.next("i1", "gitlab", 100)
        assert again is not None
        assert (again.id, again.tries, again.why) == ("talk1", 1, "later")


def test_an_errand_is_asked_for_again_when_it_is_over(store: Store) -> None:
    """One that waits stays as it is; after a start nobody knows of what was under way."""
    with store.write() as tx:
        tx.errands.put(ERRAND)
        tx.errands.again(replace(ERRAND, payload='{"a": 1}'))
        assert tx.errands.get("i1.a") == ERRAND
        tx.errands.claim(ERRAND, 5)
        assert tx.errands.recover() == 1
        unknown = tx.errands.get("i1.a")
        assert unknown == replace(ERRAND, state="unknown", since=5)
        tx.errands.settle(unknown, "done")
        tx.errands.again(replace(ERRAND, payload='{"a": 1}'))
        assert tx.errands.get("i1.a") == replace(ERRAND, payload='{"a": 1}')
        assert tx.errands.waiting("i1", "gitlab") == 1


def test_a_message_and_a_note_are_mapped_once(store: Store) -> None:
    """For each way in which a message is copied; copies that are not posted yet do not get into each other's way."""
    one = Mirrored("m1", "i1", "slack", "talk", "C9", "5.1", "", 5_100, "U1", "alice", note_id=70)
    with store.write() as tx:
        assert tx.mirror.put(one)
        assert not tx.mirror.put(replace(one, id="m2", note_id=0))
        assert not tx.mirror.put(replace(one, id="m2", ts="6.1"))
        assert tx.mirror.put(replace(one, id="m2", kind="mark", note_id=0))
        assert tx.mirror.put(replace(one, id="m3", born="gitlab", ts="", note_id=71))
        assert tx.mirror.put(replace(one, id="m4", born="gitlab", ts="", note_id=72))
        assert tx.mirror.of_message("C9", "5.1") == tx.mirror.of_note("i1", 70) == one
        assert [each.id for each in tx.mirror.all_of_message("C9", "5.1")] == ["m1", "m2"]
        assert tx.mirror.note_ids("i1") == {70, 71, 72}


def test_there_is_one_commander(store: Store) -> None:
    """And any number of responders; who has held a part stays known."""
    one = Holder("h1", "i1", "commander", ALICE, "alice", 1)
    with store.write() as tx:
        assert tx.holders.put(one)
        assert not tx.holders.put(replace(one, id="h2", person=BOB))
        assert tx.holders.end("h1", 9)
        assert not tx.holders.end("h1", 10)
        assert tx.holders.put(replace(one, id="h2", person=BOB))
        for number in (3, 4):
            assert tx.holders.put(replace(one, id=f"h{number}", role="responder"))
        current = tx.holders.now("i1", "commander")
        assert current is not None
        assert current.person == BOB
        assert len(tx.holders.present("i1")) == 3
        assert tx.holders.is_known("i1", ALICE)
        assert not tx.holders.is_known("i1", Person("T2", "U1"))


@pytest.mark.parametrize("state", ["done", "dropped"])
def test_a_task_moves_once(store: Store, state: str) -> None:
    """From the state it was read in; numbers count up in an incident."""
    one = Task("t1", "i1", 1, "Restart", owner=BOB, source="key")
    with store.write() as tx:
        assert tx.tasks.next_number("i1") == 1
        assert tx.tasks.put(one)
        assert not tx.tasks.put(replace(one, id="t2", number=2))
        assert tx.tasks.next_number("i1") == 2
        assert tx.tasks.move(one, state, done_by="bob")
        assert not tx.tasks.move(one, state)
        assert tx.tasks.of("i1") == [replace(one, state=state, done_by="bob")]


def test_a_suspect_moves_once(store: Store) -> None:
    """From the state it was read in."""
    one = Suspect("s1", "i1", "merge", "!12", "https://x", 5, "merge 12")
    with store.write() as tx:
        assert tx.suspects.put(one)
        assert tx.suspects.move(one, "out", "bob")
        assert not tx.suspects.move(one, "suspect", "bob")
        assert tx.suspects.of("i1") == [replace(one, state="out", by="bob")]


def test_what_is_due_fires_once(store: Store) -> None:
    """However often it is looked at, until it is armed again; what is off does not."""
    one = Due("i1", "update", 100)
    with store.write() as tx:
        tx.dues.arm(one)
        assert tx.dues.fire(99, 10) == []
        assert tx.dues.fire(100, 10) == [one]
        assert tx.dues.claim(one)
        assert not tx.dues.claim(one)
        tx.dues.arm(replace(one, due_at=200, stage=1))
        assert tx.dues.of("i1", "update") == replace(one, due_at=200, stage=1)
        assert tx.dues.off("i1", "update")
        assert tx.dues.fire(300, 10) == []
