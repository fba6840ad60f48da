"""Runs and people wait for an environment, and none of them for ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import blocks.lock
from bot.access import handover, locking, locks
from bot.access.lock_telling import Hand, show_stale
from bot.deeds import Mark
from bot.errors import NotUnderstood
from bot.ledger import Waiter
from bot.model import Place, RunState
from tests.access.lock_acts import TOKENS, account, begin, deed, finish, join, lock
from tests.access.lock_stage import NOON, PEOPLE, SHOP, Stage, stage_at
from tests.jobs.seen import shown


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """People with accounts, and a GitLab that is out of reach."""
    with stage_at(tmp_path, "http://127.0.0.1:9", TOKENS) as stage:
        yield stage


def test_a_run_gets_the_environment_in_its_turn(stage: Stage) -> None:
    """At a release it is looked at at once, and holds the environment already, so that nobody comes between."""
    held = lock(stage, "alice")
    run = stage.run()
    assert join(stage, run) == 0
    assert join(stage, run) == 0
    assert [one.run for one in stage.queue()] == [run.id]
    stage.clock.pass_(3)
    with stage.kit.store.write() as tx:
        locks.end(tx, stage.kit, held, "released", blocks.lock, by="alice")
        assert (tx.runs.get(run.id) or run).next_look == stage.clock.now
    mine = stage.lock()
    assert (mine.run, mine.project, mine.until) == (run.id, "acme/shop", None)
    assert locks.step(stage.kit, deed("bob")).mark is Mark.FINE
    assert locks.step(stage.kit, deed("alice")).mark is Mark.STOP
    assert begin(stage, run) == mine
    finish(stage, run)
    assert stage.held() is None


def test_a_run_that_waits_no_more_is_passed_over(stage: Stage) -> None:
    """It was withdrawn meanwhile; the next one is served."""
    held = lock(stage, "alice")
    gone, next_one = stage.run(), stage.run()
    assert [join(stage, gone), join(stage, next_one)] == [0, 1]
    with stage.kit.store.write() as tx:
        tx.runs.move(gone.id, RunState.HELD, RunState.REFUSED)
        locks.end(tx, stage.kit, held, "released")
    assert stage.lock().run == next_one.id
    assert stage.queue() == []


def test_a_run_that_ends_while_it_waits_leaves_the_queue(stage: Stage) -> None:
    """It waits for nothing any more."""
    lock(stage, "alice")
    run = stage.run()
    join(stage, run)
    finish(stage, run, new=RunState.REFUSED)
    assert stage.queue() == []
    assert stage.lock().name == "alice"
    assert stage.decisions() == [("bob", "joined"), ("bob", "left")]


def test_who_joined_too_late_is_served_by_the_clock(stage: Stage) -> None:
    """The lock was released between the look at it and the queue: nobody waits for ever."""
    run = stage.run()
    join(stage, run)
    assert stage.held() is None
    stage.tick()
    assert stage.lock().run == run.id


@pytest.mark.parametrize(
    "changes", [{"state": RunState.REFUSED}, {"state": RunState.HELD, "hold": "approval"}]
)
def test_what_a_run_left_behind_is_let_go(stage: Stage, changes: dict[str, Any]) -> None:
    """A deployment that ended without a word about its lock does not hold it for ever."""
    run = stage.run(**changes)
    begin(stage, run)
    other = stage.run("alice")
    join(stage, other)
    stage.tick()
    assert stage.lock().run == other.id
    assert ("bob", "released") in stage.decisions()


def test_the_end_of_a_run_serves_a_person(stage: Stage) -> None:
    """Their card and the word to them come with the next tick."""
    run = stage.run(state=RunState.RUNNING)
    begin(stage, run)
    with stage.kit.store.write() as tx:
        locks.join(
            tx,
            Waiter(
                "W1",
                SHOP,
                "staging",
                PEOPLE["alice"],
                "alice",
                7,
                Place("C0OPS00001"),
                NOON,
                project="acme/shop",
            ),
        )
    finish(stage, run, RunState.RUNNING)
    mine = stage.lock()
    assert (mine.name, mine.until, mine.stale) == ("alice", NOON + 3_600_000, True)
    assert stage.told("W1.yours") is None
    show_stale(stage.kit, blocks.lock)
    assert "is locked by alice" in shown(stage.card(stage.lock()))
    assert "you now hold the lock on `staging`" in shown(stage.told("W1.yours"))
    assert not stage.lock().stale
    show_stale(stage.kit, blocks.lock)


def test_the_card_names_a_run_that_waits(stage: Stage) -> None:
    """A run joins without a drawing at hand; the clock draws it."""
    lock(stage, "alice")
    join(stage, stage.run())
    stage.tick()
    assert "Waiting: bob (a run)" in shown(stage.card(stage.lock()))


def test_a_request_for_what_nobody_holds_any_more(stage: Stage) -> None:
    """Who asked is served when the time is up, and the environment is free."""
    with stage.kit.store.write() as tx:
        tx.locks.join(
            Waiter(
                "W1", SHOP, "staging", PEOPLE["bob"], "bob", 8, Place("C0OPS00001"), NOON, project="acme/shop"
            )
        )
        tx.locks.ask("W1", NOON + 1)
    stage.tick(1)
    assert stage.lock().name == "bob"


def test_a_request_that_a_deployment_came_before(stage: Stage) -> None:
    """A deployment does not answer: who asked waits for its end."""
    with stage.kit.store.write() as tx:
        tx.locks.join(
            Waiter(
                "W1", SHOP, "staging", PEOPLE["bob"], "bob", 8, Place("C0OPS00001"), NOON, project="acme/shop"
            )
        )
        tx.locks.ask("W1", NOON + 1)
    begin(stage, stage.run("alice", state=RunState.RUNNING))
    stage.tick(1)
    assert stage.lock().name == "alice"
    assert [one.due for one in stage.queue()] == [None]


def test_a_double_release_is_one(stage: Stage) -> None:
    """The second of two presses finds nothing to release, also when it was read before the first."""
    held = lock(stage)
    who = Hand(account(stage), "alice", Place("C0OPS00001"), "k1")
    assert locking.release(stage.kit, blocks.lock, who, held)
    assert not locking.release(stage.kit, blocks.lock, who, held)
    assert locking.extend(stage.kit, blocks.lock, who, held.id, 1, 1) is None
    with pytest.raises(NotUnderstood):
        stage.press("lock.give", "nothing")
    with stage.kit.store.write() as tx:
        locks.end(tx, stage.kit, held, "expired")
    assert stage.decisions() == [("alice", "released")]


def test_to_ask_for_what_became_free(stage: Stage) -> None:
    """Between the card and the press the lock was released: nobody is asked, and nobody queues."""
    held = lock(stage)
    with stage.kit.store.write() as tx:
        tx.locks.end(held.id, "released")
    waiter = Waiter(
        "W", SHOP, "staging", PEOPLE["bob"], "bob", 8, Place("C0OPS00001"), NOON, project="acme/shop"
    )
    who = Hand(account(stage, "bob"), "bob", Place("C0OPS00001"), "k1")
    asked, _ = handover.ask(stage.kit, blocks.lock, who, held, waiter)
    assert asked is handover.Asked.FREE
    assert stage.queue() == []
