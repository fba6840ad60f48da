"""Locks bind runs: they are refused, they wait, and they lock their environment themselves while they deploy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import blocks.lock
from bot.access import handover, locking, locks
from bot.access.lock_telling import Hand, show_stale
from bot.access.locking import Taken, Wish, take
from bot.deeds import Deed, Mark
from bot.errors import NotLinked, NotUnderstood, Refused
from bot.ledger import Account, Lock, Waiter
from bot.model import Place, Run, RunState
from tests.access.lock_stage import NOON, PEOPLE, SHOP, Stage, stage_at
from tests.jobs.seen import shown

TOKENS = {name: f"glpat-{name}" for name in ("bot", "alice", "bob")}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """People with accounts, and a GitLab that is out of reach."""
    with stage_at(tmp_path, "http://127.0.0.1:9", TOKENS) as stage:
        yield stage


def lock(stage: Stage, name: str = "alice", environment: str = "staging", **changes: object) -> Lock:
    """Somebody holds an environment."""
    plain = Lock(
        f"lock-{environment}", SHOP, "acme/shop", environment, PEOPLE[name], name, {"alice": 7, "bob": 8}[name], NOON,
        NOON + 7_200_000, "load test", Place("C0OPS00001"), reminded=True, next_look=NOON,
    )  # fmt: skip
    made = replace(plain, **changes)  # type: ignore[arg-type]  # fields of Lock
    with stage.kit.store.write() as tx:
        assert tx.locks.add(made)
    return made


def deed(name: str = "bob", environment: str = "staging") -> Deed:
    return Deed(
        ("run",), PEOPLE[name], "C0OPS00001", project="acme/shop", project_id=SHOP, environment=environment, risky=True
    )


def join(stage: Stage, run: Run) -> int:
    """A held run waits for its environment, as jobs/held.py does it."""
    waiter = Waiter(f"{run.id}.wait", SHOP, run.environment, run.person, run.asker, 8, run.place, stage.clock.now, run=run.id)
    with stage.kit.store.write() as tx:
        return locks.join(tx, waiter)


def begin(stage: Stage, run: Run, account: Account | None = None) -> Lock | None:
    """A run starts, as jobs/trail.py has it."""
    with stage.kit.store.write() as tx:
        account = account or tx.accounts.get(run.person)
        assert account is not None
        return locks.take_for_run(tx, stage.kit, run, account, stage.clock.now)


def finish(stage: Stage, run: Run, old: RunState = RunState.HELD, new: RunState = RunState.DONE) -> None:
    """A run ends, as jobs/trail.py has it."""
    with stage.kit.store.write() as tx:
        assert tx.runs.move(run.id, old, new)
        locks.release_run(tx, stage.kit, run, stage.clock.now)


# The step of the ladder -------------------------------------------------------------------------------------


def test_a_free_environment(stage: Stage) -> None:
    """Nothing stands in the way."""
    step = locks.step(stage.kit, deed())
    assert (step.name, step.mark, step.said) == ("lock", Mark.FINE, "Nobody has locked staging.")


def test_what_another_holds(stage: Stage) -> None:
    """The refusal names who, for how long, why and until when, and that one can queue."""
    lock(stage)
    stage.clock.pass_(12)
    step = locks.step(stage.kit, deed())
    assert (step.mark, step.remedy, step.until) == (Mark.STOP, "queue", NOON + 7_200_000)
    assert step.said == "staging has been locked by alice for 12 m 00 s, because: load test."


def test_what_a_deployment_holds(stage: Stage) -> None:
    """It is told as what it is."""
    begin(stage, stage.run("alice", state=RunState.RUNNING))
    step = locks.step(stage.kit, deed())
    assert step.said == "staging has been locked by a deployment of alice for 0 s."
    assert step.until is None


def test_what_one_holds_oneself(stage: Stage) -> None:
    """The holder passes, also under a second Slack account of the same GitLab user."""
    lock(stage)
    assert locks.step(stage.kit, deed("alice")).mark is Mark.FINE
    with stage.kit.store.write() as tx:
        tx.accounts.put(Account(PEOPLE["bob"], 7, "alice", "Alice", "token", "", "", None, NOON))
    assert locks.step(stage.kit, deed("bob")).said == "You hold the lock on staging."


def test_an_environment_whose_name_is_not_known_yet(stage: Stage) -> None:
    """A name with variables meets every lock that it may become."""
    lock(stage, environment="review/x")
    assert locks.step(stage.kit, deed(environment="review/$CI_COMMIT_REF_SLUG")).mark is Mark.STOP
    assert locks.step(stage.kit, deed(environment="preview/$CI_COMMIT_REF_SLUG")).mark is Mark.FINE
    assert locks.step(stage.kit, deed("alice", environment="review/$CI_COMMIT_REF_SLUG")).mark is Mark.FINE


def test_the_step_needs_an_account(stage: Stage) -> None:
    """Nobody knows whose lock it is for somebody who is not connected."""
    with pytest.raises(NotLinked):
        locks.step(stage.kit, deed("carol"))


# Deployments ------------------------------------------------------------------------------------------------


def test_a_deployment_locks_its_environment(stage: Stage) -> None:
    """From its start to its end others are kept out; twice is once."""
    run = stage.run(state=RunState.RUNNING)
    taken = begin(stage, run)
    assert taken is not None
    assert (taken.run, taken.until, taken.name, taken.reason) == (run.id, None, "bob", "deploy-staging on main")
    stage.clock.pass_(1)
    assert begin(stage, run) == taken
    finish(stage, run, RunState.RUNNING)
    assert stage.held() is None
    assert stage.decisions() == [("bob", "locked"), ("bob", "released")]


def test_a_retry_locks_it_again(stage: Stage) -> None:
    """The same run may deploy a second time."""
    run = stage.run(state=RunState.RUNNING)
    begin(stage, run)
    finish(stage, run, RunState.RUNNING)
    stage.clock.pass_(1)
    again = begin(stage, run)
    assert again is not None
    assert stage.lock() == again


@pytest.mark.parametrize("environment", ["", "review/$CI_COMMIT_REF_SLUG"])
def test_nothing_to_lock(stage: Stage, environment: str) -> None:
    """A job without an environment, or one that is not known yet, locks nothing."""
    run = stage.run(state=RunState.RUNNING, environment=environment)
    assert begin(stage, run) is None
    finish(stage, run, RunState.RUNNING)
    assert stage.trail() == []


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_a_lock_by_hand_outlives_a_deployment(stage: Stage, name: str) -> None:
    """The holder's own stays what it is; so does another's that was overridden."""
    sticky = lock(stage)
    run = stage.run(name, state=RunState.RUNNING)
    assert begin(stage, run) is None
    finish(stage, run, RunState.RUNNING)
    assert stage.lock() == sticky


def test_a_deployment_s_lock_made_one_s_own(stage: Stage) -> None:
    """Whoever deploys and then locks keeps the environment after the deployment."""
    run = stage.run("alice", state=RunState.RUNNING)
    begin(stage, run)
    who = Hand(account(stage), "alice", Place("C0OPS00001"), "k1")
    taken, kept = take(stage.kit, blocks.lock, who, Wish(SHOP, "acme/shop", "staging", None, "tests"))
    assert (taken, kept.run, kept.until, kept.reason) == (Taken.CHANGED, "", NOON + 3_600_000, "tests")
    assert "is locked by alice" in shown(stage.card(kept))
    finish(stage, run, RunState.RUNNING)
    assert stage.lock() == kept


def account(stage: Stage, name: str = "alice") -> Account:
    with stage.kit.store.read() as tx:
        found = tx.accounts.get(PEOPLE[name])
    assert found is not None
    return found


def test_a_deployment_is_not_asked(stage: Stage) -> None:
    """It ends by itself; its lock is not made longer, and not asked for."""
    begin(stage, stage.run("alice", state=RunState.RUNNING))
    waiter = Waiter("W", SHOP, "staging", PEOPLE["bob"], "bob", 8, Place("C0OPS00001"), NOON, project="acme/shop")
    who = Hand(account(stage, "bob"), "bob", Place("C0OPS00001"), "k1")
    with pytest.raises(Refused, match="A deployment of alice holds staging"):
        handover.ask(stage.kit, blocks.lock, who, stage.lock(), waiter)
    with pytest.raises(Refused, match="lasts as long as its deployment"):
        stage.press("lock.extend", stage.lock().id, "alice")
    assert stage.queue() == []


# Runs that wait ---------------------------------------------------------------------------------------------


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
    assert stage.decisions() == [("bob", "queue joined"), ("bob", "queue left")]


def test_who_joined_too_late_is_served_by_the_clock(stage: Stage) -> None:
    """The lock was released between the look at it and the queue: nobody waits for ever."""
    run = stage.run()
    join(stage, run)
    assert stage.held() is None
    stage.tick()
    assert stage.lock().run == run.id


@pytest.mark.parametrize("changes", [{"state": RunState.REFUSED}, {"state": RunState.HELD, "hold": "approval"}])
def test_what_a_run_left_behind_is_let_go(stage: Stage, changes: dict[str, object]) -> None:
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
        locks.join(tx, Waiter("W1", SHOP, "staging", PEOPLE["alice"], "alice", 7, Place("C0OPS00001"), NOON, project="acme/shop"))
    finish(stage, run, RunState.RUNNING)
    mine = stage.lock()
    assert (mine.name, mine.until, mine.stale) == ("alice", NOON + 3_600_000, True)
    assert stage.told("W1.yours") is None
    show_stale(stage.kit, blocks.lock)
    assert "is locked by alice" in shown(stage.card(stage.lock()))
    assert "you hold the lock on `staging` now" in shown(stage.told("W1.yours"))
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
        tx.locks.join(Waiter("W1", SHOP, "staging", PEOPLE["bob"], "bob", 8, Place("C0OPS00001"), NOON, project="acme/shop"))
        tx.locks.ask("W1", NOON + 1)
    stage.tick(1)
    assert stage.lock().name == "bob"


def test_a_request_that_a_deployment_came_before(stage: Stage) -> None:
    """A deployment does not answer: who asked waits for its end."""
    with stage.kit.store.write() as tx:
        tx.locks.join(Waiter("W1", SHOP, "staging", PEOPLE["bob"], "bob", 8, Place("C0OPS00001"), NOON, project="acme/shop"))
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
