"""People wait for an environment, and ask whoever holds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.deeds import Halted, Permit
from bot.errors import NotUnderstood, Refused
from tests.access.lock_stage import PEOPLE, Stage, shop_at
from tests.jobs.seen import buttons, shown

HOUR, MINUTE = 3_600_000, 60_000


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with shop_at(tmp_path) as stage:
        yield stage


def test_the_queue_of_a_locked_environment(stage: Stage) -> None:
    """Who joins is told their place, the card names them, and `queue` lists them."""
    stage.say("lock staging for 2h", "bob")
    assert "You are next in the queue for `staging`. It is held by bob until" in shown(
        stage.say("queue staging my tests")
    )
    assert [(one.name, one.reason) for one in stage.queue()] == [("alice", "my tests")]
    assert "Waiting: alice" in shown(stage.card(stage.lock()))
    assert "You are next" in shown(stage.press("lock.queue", stage.lock().id)), "twice is once"
    assert "Who waits in acme/shop" in shown(stage.say("queue"))
    assert "waiting: alice" in shown(stage.say("queue"))
    assert "not in the queue for `staging` any more" in shown(stage.say("queue leave staging"))
    assert stage.queue() == []
    assert "Waiting" not in shown(stage.card(stage.lock()))
    assert "You were not in the queue" in shown(stage.say("queue leave staging"))
    assert "Nobody waits for anything" in shown(stage.say("queue"))
    assert stage.decisions() == [("bob", "locked"), ("alice", "joined"), ("alice", "left")]


def test_to_queue_for_what_is_free_takes_it(stage: Stage) -> None:
    """There is nothing to wait for; what somebody holds they need not wait for either."""
    assert stage.say("queue staging tests") is None
    assert (stage.lock().name, stage.lock().reason) == ("alice", "tests")
    assert "You already hold" in shown(stage.say("queue staging"))
    assert stage.queue() == []


def test_the_next_is_served_and_told(stage: Stage) -> None:
    """At a release the first who waits gets the lock for the usual time, a card and a word."""
    stage.say("lock staging for 2h")
    stage.say("queue staging my tests", "bob")
    stage.clock.pass_(5)
    stage.say("unlock staging")
    lock = stage.lock()
    assert (lock.name, lock.until, lock.reason) == ("bob", stage.clock.now + HOUR, "my tests")
    assert "is locked by bob" in shown(stage.card(lock))
    assert f"<@{PEOPLE['bob'].id}>, you now hold the lock on `staging` until" in shown(
        stage.told(f"{lock.id}.yours")
    )
    stage.tick()
    assert (stage.lock().id, stage.lock().name) == (lock.id, "bob")


def test_a_permit_in_a_click_counts(stage: Stage) -> None:
    """A dry run of a button queues nobody up."""
    stage.say("lock staging")
    with pytest.raises(Halted):
        stage.press("lock.queue", stage.lock().id, "bob", permit=Permit(dry_run=True))
    assert stage.queue() == []


def asked(stage: Stage) -> str:
    """Bob asks alice for staging; the id of what she answers to."""
    stage.say("lock staging for 2h")
    stage.press("lock.take", stage.lock().id, "bob", key="ask")
    return stage.queue()[0].id


def test_the_holder_is_asked(stage: Stage) -> None:
    """They are mentioned and told what happens without an answer; so is who asked."""
    stage.say("lock staging for 2h")
    answer = stage.press("lock.take", stage.lock().id, "bob", key="ask")
    assert "I asked alice for `staging`. Without an answer it is yours <!date^" in shown(answer)
    question = stage.told("ask.asked")
    assert (
        f"<@{PEOPLE['alice'].id}>, bob asks for `staging`. Without an answer it is handed over <!date"
        in shown(question)
    )
    assert buttons(question) == ["Give it", "Keep it"]
    assert "Waiting: bob" in shown(stage.card(stage.lock()))
    again = stage.press("lock.take", stage.lock().id, "bob")
    assert "I asked alice" in shown(again)
    assert len(stage.queue()) == 1
    assert "You already hold" in shown(stage.press("lock.take", stage.lock().id))


def test_one_asks_at_a_time(tmp_path: Path) -> None:
    """The second is told who was first, and waits in the queue all the same."""
    with shop_at(tmp_path, ("alice", "bob", "dave")) as stage:
        ask = asked(stage)
        late = stage.press("lock.take", stage.lock().id, "dave")
        assert "bob has asked alice already. You are in the queue for `staging`" in shown(late)
        assert [one.name for one in stage.queue()] == ["bob", "dave"]
        stage.press("lock.keep", ask)
        stage.press("lock.take", stage.lock().id, "dave")
        stage.tick(6)
        assert stage.lock().name == "dave"
        assert [one.name for one in stage.queue()] == ["bob"]


def test_the_holder_gives_it(stage: Stage) -> None:
    """The lock goes on as the asker's, on the same card, with the time that is left."""
    ask = asked(stage)
    lock = stage.lock()
    stage.clock.pass_(2)
    with pytest.raises(Refused, match="Only alice can answer that"):
        stage.press("lock.give", ask, "bob")
    assert stage.press("lock.give", ask) is None
    new = stage.lock()
    assert (new.id, new.name, new.until, new.since) == (lock.id, "bob", lock.until, stage.clock.now)
    assert "is locked by bob" in shown(stage.card(new))
    assert "It was handed over to you." in shown(stage.told(f"{ask}.yours"))
    with pytest.raises(NotUnderstood, match="answered already"):
        stage.press("lock.give", ask)
    assert stage.decisions()[-1] == ("alice", "handed over")


def test_the_holder_keeps_it(stage: Stage) -> None:
    """Who asked is told, and stays in the queue; nothing is handed over when the time is up."""
    ask = asked(stage)
    assert stage.press("lock.keep", ask, key="no") is None
    assert f"<@{PEOPLE['bob'].id}>, alice keeps `staging` until" in shown(stage.told("no.kept"))
    assert "You are next in the queue." in shown(stage.told("no.kept"))
    stage.tick(6)
    assert stage.lock().name == "alice"
    assert [one.name for one in stage.queue()] == ["bob"]


def test_no_answer_is_a_yes(stage: Stage) -> None:
    """After five minutes, and not before, the lock is handed over."""
    ask = asked(stage)
    stage.tick(4.9)
    assert stage.lock().name == "alice"
    stage.tick(0.2)
    assert stage.lock().name == "bob"
    assert "There was no answer" in shown(stage.told(f"{ask}.yours"))
    assert stage.decisions()[-1][1] == "handed over"


def test_a_released_lock_is_not_handed_over_again(stage: Stage) -> None:
    """Who asked is served from the queue, and the next holder is not asked for what another was."""
    asked(stage)
    stage.say("unlock staging")
    assert stage.lock().name == "bob"
    stage.tick(10)
    assert stage.lock().name == "bob"
