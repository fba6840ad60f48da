"""Runs that wait, and those who decide about them: what was said counts for what it was said of, and while it is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.edges.gitlab_seen import Seen
from bot.environments import FreezePeriod
from bot.jobs import held
from bot.model import Place, Run, RunState
from bot.policy import APPROVE, DENY, FreezeWindow, Rule
from tests.evidence.floor import DEV, OPS, SHOP_ID, Floor, floor_at
from tests.evidence.holding import (
    ASK,
    POLICY,
    STARTED,
    granted,
    locked,
    newest,
    told,
    unlocked,
    waiting,
    with_kit,
)

ALWAYS = FreezeWindow("always", "0 0 * * *", "59 23 * * *", "UTC", environments=("*",))
OVERRIDE = '--override "The fix cannot wait."'
THREE = ("U0ALICE001", "U0ANNA0001", "U0CAROL001")


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with floor_at(tmp_path, POLICY) as floor:
        yield floor


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[Floor]:
    """Everything is frozen all day, a critical incident would hold it back as well, and bob may override both."""
    policy = replace(POLICY, freezes=(ALWAYS,), override=("U0BOB00001",), gate=("critical",))
    with floor_at(tmp_path, policy) as floor:
        yield floor


# An override -------------------------------------------------------------------------------------------------


def overridden(floor: Floor) -> Run:
    """Bob asks for an approval in spite of the freeze."""
    floor.slash("bob", f"{ASK} {OVERRIDE}")
    run = newest(floor)
    assert (run.state, run.eased) == (RunState.HELD, "freeze")
    return run


def test_an_override_goes_past_what_it_was_about(frozen: Floor) -> None:
    """The freeze that bob overrode is there still when alice approves."""
    frozen.click("alice", "approvals.approve", overridden(frozen).id)
    assert newest(frozen).state in STARTED


def test_an_override_of_a_freeze_is_none_of_a_lock_that_comes_later(frozen: Floor) -> None:
    """Carol locks the environment while the approval waits: the run waits for her, and starts after that."""
    run = overridden(frozen)
    lock = locked(frozen)
    before = frozen.pipelines()
    frozen.click("alice", "approvals.approve", run.id)
    after = newest(frozen)
    assert (after.state, after.hold, frozen.pipelines()) == (RunState.HELD, held.LOCK, before)
    assert unlocked(frozen, lock).state in STARTED


def test_an_override_of_a_freeze_is_none_of_an_incident_that_comes_later(frozen: Floor) -> None:
    """Nobody has said anything of the incident."""
    run = overridden(frozen)
    frozen.clock.pass_(3)  # What was seen of GitLab a moment ago still counts.
    frozen.gitlab.act("incident Checkout fails severity=critical", "alice")
    frozen.click("alice", "approvals.approve", run.id)
    after = newest(frozen)
    assert after.state is RunState.REFUSED
    assert "Checkout fails" in after.problem


def test_an_override_of_a_freeze_is_none_of_a_lock_of_the_last_moment(frozen: Floor) -> None:
    """Carol is faster than the ladder can see; the transaction that starts the run sees it."""
    run = overridden(frozen)
    granted(frozen, run)

    class Meanwhile(Seen):
        def freeze_periods(self, project_id: int) -> Sequence[FreezePeriod]:
            locked(frozen)
            return super().freeze_periods(project_id)

    policy = replace(frozen.kit.config.policy, freezes=())
    seen = Meanwhile(frozen.kit.gitlab, frozen.clock)
    after = with_kit(frozen, seen=seen, config=replace(frozen.kit.config, policy=policy))
    assert after.state is RunState.HELD
    assert "carol has just locked production" in after.hold_said


def test_a_lock_that_was_overridden_is_passed_at_the_start(frozen: Floor) -> None:
    """Bob saw both, and overrode both; carol is told."""
    locked(frozen, "staging")
    frozen.slash("bob", f"shop run deploy-staging {OVERRIDE}")
    run = newest(frozen)
    assert (run.state in STARTED, run.eased) == (True, "lock freeze")
    assert told(frozen, "overridden").detail == "bob overrides the lock and the freeze: The fix cannot wait."


# An approval -------------------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Floor]:
    """It takes two of three."""
    rule = Rule("four-eyes", APPROVE, environments=("production",), by=("leads",), approvals=2)
    policy = replace(POLICY, rules=(rule,), groups={"leads": THREE})
    with floor_at(tmp_path, policy) as floor:
        floor.gitlab.act("role carol developer", "alice")
        yield floor


def demoted(floor: Floor) -> None:
    floor.gitlab.act("role alice reporter", "alice")


def revoked(floor: Floor) -> None:
    floor.gitlab.act("revoke alice", "root")


def blocked(floor: Floor) -> None:
    floor.gitlab.act("block alice", "root")


def relinked(floor: Floor) -> None:
    floor.link("alice", "root")


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (demoted, "they are not a Developer of acme/shop any more"),
        (revoked, "they are not connected to GitLab any more"),
        (blocked, "GitLab does not let them in any more"),
        (relinked, "they are somebody else in GitLab now"),
    ],
)
def test_who_approved_and_may_no_more_counts_no_more(
    two: Floor, happens: Callable[[Floor], None], why: str
) -> None:
    """The last press looks at those before it once more; a third person has to approve then."""
    run = waiting(two)
    two.click("alice", "approvals.approve", run.id)
    happens(two)
    two.clock.pass_(1)
    two.click("anna", "approvals.approve", run.id)
    two.clock.pass_(1)
    after = newest(two)
    assert after.state is RunState.HELD
    assert "1 so far (anna)" in after.hold_said
    assert f"alice's approval counts no more: {why}." in after.hold_said
    assert told(two, "vote dropped").detail == f"alice (U0ALICE001): {why}"
    two.click("carol", "approvals.approve", run.id)
    assert newest(two).state in STARTED
    assert newest(two).approved_by == "anna, carol"


def test_a_gitlab_that_does_not_answer_takes_no_approval_away(two: Floor) -> None:
    """Nothing is counted and nothing dropped by chance: the same press works a moment later."""
    run = waiting(two)
    two.click("alice", "approvals.approve", run.id)
    two.gitlab.loop.ask(lambda: two.gitlab.fake.break_("502"))
    two.click("anna", "approvals.approve", run.id)
    two.gitlab.loop.ask(two.gitlab.fake.mend)
    assert "1 so far (alice)" in newest(two).hold_said
    two.clock.pass_(61)
    two.click("anna", "approvals.approve", run.id)
    assert newest(two).state in STARTED


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Floor]:
    """Those who approve sit in a channel in which nothing may be run."""
    away = replace(POLICY.rules[0], channel=DEV)
    deny = Rule("not here", DENY, commands=("run",), channels=(DEV,))
    with floor_at(tmp_path, replace(POLICY, rules=(deny, away))) as floor:
        yield floor


def test_a_run_is_judged_where_it_was_asked_for(elsewhere: Floor) -> None:
    """Its card stands with those who approve; the rules, the trail and the job go by where it was typed."""
    run = waiting(elsewhere)
    assert (run.place, run.asked_in) == (Place(DEV), OPS)
    elsewhere.click("alice", "approvals.approve", run.id, DEV)
    after = newest(elsewhere)
    assert after.state in STARTED
    assert told(elsewhere, "started").place.channel == OPS
    variables = elsewhere.kit.gitlab_as(run.person).pipeline_variables(SHOP_ID, after.pipeline or 0)
    assert variables["CHAT_CHANNEL"] == OPS


@pytest.mark.parametrize(("name", "state"), [("alice", RunState.REFUSED), ("carol", RunState.HELD)])
def test_an_approved_run_is_let_go_by_those_who_approve_it(floor: Floor, name: str, state: RunState) -> None:
    """Whoever may approve may think better of it while it waits for the lock; others may not."""
    run = waiting(floor)
    locked(floor)
    floor.click("alice", "approvals.approve", run.id)
    assert newest(floor).hold == held.LOCK
    floor.click(name, "cancel.press", run.id)
    assert newest(floor).state is state
    if state is RunState.REFUSED:
        assert told(floor, "withdrawn").by == "alice (U0ALICE001, @alice)"
