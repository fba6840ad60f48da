"""Runs that wait, and what may happen meanwhile: a push, a crash, another account, a lock, too much time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import blocks.job
from bot.access import audit, locks
from bot.catalogues import Catalogue, ChatJob
from bot.deeds import AGREE
from bot.edges.gitlab_seen import Seen
from bot.environments import FreezePeriod
from bot.jobs import guarded, held, life, start
from bot.model import Place, RunState
from bot.policy import FreezeWindow
from tests.evidence.floor import OPS, SHOP_ID, Floor, floor_at
from tests.evidence.holding import (
    ASK,
    POLICY,
    STARTED,
    failed,
    granted,
    kept,
    locked,
    look,
    newest,
    told,
    unlocked,
    waiting,
)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with floor_at(tmp_path, POLICY) as floor:
        yield floor


@pytest.fixture
def confirming(tmp_path: Path) -> Iterator[Floor]:
    """Production asks for a confirmation, and for nobody's approval."""
    with floor_at(tmp_path, replace(POLICY, rules=())) as floor:
        yield floor


def test_a_turn_that_comes_during_a_look_is_not_slept_through(floor: Floor) -> None:
    """Carol lets go between the look at her lock and its outcome: the run has the lock and starts at the next tick."""
    run = waiting(floor)
    lock = locked(floor)
    floor.click("alice", "approvals.approve", run.id)
    assert newest(floor).hold == held.LOCK

    class Meanwhile(Seen):
        def freeze_periods(self, project_id: int) -> Sequence[FreezePeriod]:
            with floor.store.write() as tx:
                locks.end(tx, floor.kit, lock, "released")
            return super().freeze_periods(project_id)

    floor.clock.pass_(31)
    held.look(replace(floor.kit, seen=Meanwhile(floor.kit.gitlab, floor.clock)), blocks.job)
    floor.do([])
    after = newest(floor)
    assert (after.state, after.next_look) == (RunState.HELD, floor.clock())
    assert look(floor, 0).state in STARTED


# Something moves --------------------------------------------------------------------------------------------


def test_an_approval_is_void_if_the_branch_moves_while_its_run_waits_for_the_lock(floor: Floor) -> None:
    """What alice approved is not what would run once carol's lock is gone, so nothing is started."""
    run = waiting(floor)
    lock = locked(floor)
    floor.click("alice", "approvals.approve", run.id)
    assert newest(floor).hold == held.LOCK
    floor.gitlab.act("push main", "bob")
    before = floor.pipelines()
    after = unlocked(floor, lock)
    assert (after.state, floor.pipelines()) == (RunState.REFUSED, before)
    assert "The approval is void: main moved" in after.problem


def test_an_approved_run_starts_once_the_lock_is_gone(floor: Floor) -> None:
    """If nothing moved, the approval still counts."""
    run = waiting(floor)
    lock = locked(floor)
    floor.click("alice", "approvals.approve", run.id)
    assert unlocked(floor, lock).state in STARTED


def test_a_confirmation_is_no_more_once_the_branch_moves_in_the_queue(confirming: Floor) -> None:
    """Bob confirmed one commit; another one does not go to production by itself when the lock is gone."""
    floor = confirming
    lock = locked(floor)
    floor.slash("bob", "shop run deploy-production")
    floor.click("bob", AGREE.queue, kept(floor).id)
    floor.click("bob", AGREE.go, kept(floor).id)
    assert newest(floor).state is RunState.HELD
    floor.gitlab.act("push main", "bob")
    after = unlocked(floor, lock)
    assert after.state is RunState.REFUSED
    assert "Something moved since you looked" in after.problem


def test_an_approval_is_void_if_its_asker_is_somebody_else_in_gitlab_by_now(floor: Floor) -> None:
    """Who approves must not be who starts it, even if the asker connects the approver's account in between."""
    run = waiting(floor)
    floor.link("bob", "alice")
    before = floor.pipelines()
    floor.click("alice", "approvals.approve", run.id)
    after = newest(floor)
    assert (after.state, floor.pipelines()) == (RunState.REFUSED, before)
    assert "somebody else in GitLab now" in after.problem


def test_an_approval_that_comes_too_late_is_none(floor: Floor) -> None:
    """Even before the clock has ended it, such as right after a start of the bot."""
    run = waiting(floor)
    floor.clock.pass_(2 * 3_600)
    floor.click("alice", "approvals.approve", run.id)
    assert newest(floor).state is RunState.HELD
    assert look(floor, 1).state is RunState.REFUSED


# Everything stops -------------------------------------------------------------------------------------------


def test_an_approved_run_starts_after_a_crash_right_after_the_last_vote(floor: Floor) -> None:
    """The vote is written down, nobody went on: the clock does."""
    granted(floor, waiting(floor))
    assert look(floor, 1).state in STARTED


def test_an_approved_run_can_be_let_go_before_it_starts(floor: Floor) -> None:
    """The button on its card does what it says."""
    run = waiting(floor)
    granted(floor, run)
    floor.click("bob", "cancel.press", run.id)
    assert newest(floor).state is RunState.REFUSED


def test_a_run_that_waited_starts_after_a_crash_right_before_the_call(floor: Floor) -> None:
    """It holds its environment's lock already, so it must not lie there for ever; and it is started once."""
    run = waiting(floor)
    granted(floor, run)
    before = floor.pipelines()
    with floor.store.write() as tx:
        assert tx.runs.move(run.id, RunState.HELD, RunState.ASKED, next_look=floor.clock())
    assert look(floor, 1).state in STARTED
    look(floor)
    assert floor.pipelines() == before + 1


def test_a_run_whose_start_was_confirmed_late_is_not_refused_by_a_lock_of_meanwhile(floor: Floor) -> None:
    """GitLab has it; to say that nothing was started would make somebody start it twice."""
    floor.slash("bob", "shop run deploy-staging")
    run = newest(floor)
    with floor.store.write() as tx:
        calling = replace(run, state=RunState.CALLING)
        assert tx.runs.move(run.id, RunState.RUNNING, RunState.CALLING, pipeline=None)
        assert life.advance_in(tx, floor.kit, blocks.job, calling, RunState.UNKNOWN)
    locked(floor, "staging")
    unknown = newest(floor)
    start.settle(floor.kit, blocks.job, unknown, start.Started(run.pipeline, sha=run.sha))
    assert newest(floor).state is RunState.RUNNING


# What is known of it ----------------------------------------------------------------------------------------


def test_the_trail_tells_who_approved_by_more_than_a_name(floor: Floor) -> None:
    """The name in Slack is anybody's to choose."""
    floor.click("alice", "approvals.approve", waiting(floor).id)
    assert told(floor, "approved").by == "alice (U0ALICE001, @alice)"


def test_the_trail_tells_who_retried_a_run_of_somebody_else(floor: Floor) -> None:
    """It is bob's run, and alice who has it done again."""
    floor.click("alice", "retry.press", failed(floor).id)
    assert told(floor, "retry asked").by == "alice (U0ALICE001, @alice)"


def test_who_decided_is_named_by_both_identities(floor: Floor) -> None:
    """Without a name in Slack the id stands there twice."""
    account = floor.account("alice")
    assert account is not None
    assert audit.whom("", account) == "U0ALICE001 (U0ALICE001, @alice)"


# Where it goes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ref", ["production", "refs/heads/production", "refs/tags/production"])
def test_an_environment_named_after_the_ref_is_the_same_however_the_ref_is_typed(ref: str) -> None:
    """GitLab takes `refs/heads/` off, and so do rules and locks."""
    assert guarded.named("$CI_COMMIT_REF_NAME", ref, "", {}) == "production"


def test_the_tier_a_branch_gives_its_own_job_makes_nothing_less_delicate(confirming: Floor) -> None:
    """What a branch says is its author's word; production stays production if GitLab has it so."""
    floor = confirming
    project = floor.kit.gitlab.project(SHOP_ID)
    job = ChatJob("ship", "deploy", "", "production", tier="development")
    what = guarded.subject(project, job, "main", Catalogue(project, "main", "0" * 40, (job,)), "", {})
    assert guarded.deed(floor.kit, what, floor.person("bob"), Place(OPS)).tier == "production"


# In spite of --------------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[Floor]:
    """Everything is frozen all day, and bob may override that."""
    always = FreezeWindow("always", "0 0 * * *", "59 23 * * *", "UTC", environments=("*",))
    with floor_at(tmp_path, replace(POLICY, freezes=(always,), override=("U0BOB00001",))) as floor:
        yield floor


def test_an_override_that_waits_for_an_approval_is_in_the_trail(frozen: Floor) -> None:
    """Whatever happens to the run then."""
    frozen.slash("bob", f'{ASK} --override "The fix cannot wait."')
    assert newest(frozen).state is RunState.HELD
    assert told(frozen, "overridden").detail == "bob overrides the freeze: The fix cannot wait."


def test_nothing_is_overridden_where_nobody_sees_it(frozen: Floor) -> None:
    """In direct messages the card would be between bob and the bot."""
    before = frozen.pipelines()
    frozen.say("bob", 'shop run deploy-staging --override "The fix cannot wait."')
    assert frozen.pipelines() == before
    assert "for everybody to see" in frozen.voice.problems[-1].sentence


def test_a_retry_in_spite_of_a_freeze_is_public_and_in_the_trail(frozen: Floor) -> None:
    """Its card says so, as that of a run does."""
    failed(frozen, "staging")
    frozen.slash("bob", 'retry --override "The fix cannot wait."')
    assert newest(frozen).overridden == "bob overrides the freeze: The fix cannot wait."
    assert told(frozen, "overridden").by == "bob (U0BOB00001, @bob)"


def test_no_secret_in_a_reason_is_kept_or_repeated(frozen: Floor) -> None:
    """What is typed as a reason is stored, and told to those who approve."""
    secret = "glpat-" + "a1B2c3D4e5F6g7H8i9J0"
    frozen.slash("bob", f'shop run deploy-production --reason "As {secret}" --override "By {secret}"')
    assert newest(frozen).state is RunState.HELD
    assert secret not in frozen.told(frozen.slash("alice", "approvals"))
    stored = b"".join(one.read_bytes() for one in frozen.kit.config.store.path.parent.iterdir())
    assert secret.encode() not in stored
