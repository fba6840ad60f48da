"""Locks bind runs: they are refused, they wait, and they lock their environment themselves while they deploy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import blocks.lock
from bot.access import handover, locks
from bot.access.lock_telling import Hand
from bot.access.locking import Taken, Wish, take
from bot.deeds import Mark
from bot.errors import NotLinked, Refused
from bot.ledger import Account, Waiter
from bot.model import Place, RunState
from tests.access.lock_acts import TOKENS, account, begin, deed, finish, lock
from tests.access.lock_stage import NOON, PEOPLE, SHOP, Stage, stage_at
from tests.jobs.seen import shown


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """People with accounts, and a GitLab that is out of reach."""
    with stage_at(tmp_path, "http://127.0.0.1:9", TOKENS) as stage:
        yield stage


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
    assert step.said == "staging is locked by a deployment of alice."
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
    assert (taken.run, taken.until, taken.name, taken.reason) == (
        run.id,
        None,
        "bob",
        "deploy-staging on main",
    )
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


def test_a_lock_lasts_as_long_as_any_deployment_of_its_holder(stage: Stage) -> None:
    """The first of two has ended, and its lock goes on as the other's; a deployment of somebody else gets none."""
    first, others, second = (stage.run(name, state=RunState.RUNNING) for name in ("alice", "bob", "alice"))
    taken = begin(stage, first)
    assert taken is not None
    assert begin(stage, second) is None
    finish(stage, first, RunState.RUNNING)
    held = stage.lock()
    assert (held.id, held.run, held.person) == (taken.id, second.id, PEOPLE["alice"])
    with stage.kit.store.read() as tx:
        assert tx.locks.orphans(10) == []
    finish(stage, second, RunState.RUNNING)
    with stage.kit.store.read() as tx:
        assert tx.locks.held(SHOP, "staging") is None
        assert tx.locks.of_run(others.id) is None


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


def test_a_deployment_is_not_asked(stage: Stage) -> None:
    """It ends by itself; its lock is not made longer, and not asked for."""
    begin(stage, stage.run("alice", state=RunState.RUNNING))
    waiter = Waiter(
        "W", SHOP, "staging", PEOPLE["bob"], "bob", 8, Place("C0OPS00001"), NOON, project="acme/shop"
    )
    who = Hand(account(stage, "bob"), "bob", Place("C0OPS00001"), "k1")
    with pytest.raises(Refused, match="A deployment of alice holds staging"):
        handover.ask(stage.kit, blocks.lock, who, stage.lock(), waiter)
    with pytest.raises(Refused, match="lasts as long as its deployment"):
        stage.press("lock.extend", stage.lock().id, "alice")
    assert stage.queue() == []
