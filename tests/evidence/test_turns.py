"""Runs whose turn has come: what is of this moment alone throws none away, and each starts what was agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.access import locks
from bot.deeds import AGREE
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.jobs import held, life
from bot.model import Person, Place, Run, RunState
from bot.policy import CONFIRM, Rule
from tests.evidence.floor import NO_LIMITS, OPS, SHOP, SHOP_ID, Floor, floor_at
from tests.evidence.holding import (
    POLICY,
    STARTED,
    granted,
    kept,
    locked,
    look,
    newest,
    unlocked,
    waiting,
    with_kit,
)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with floor_at(tmp_path, POLICY) as floor:
        yield floor


# A moment ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tiers", [{}, {"production": "production"}])
def test_a_gitlab_that_does_not_answer_throws_nothing_away(tmp_path: Path, tiers: dict[str, str]) -> None:
    """Whether there is a freeze cannot be asked when it is the run's turn: it looks again by itself."""
    with floor_at(tmp_path, replace(POLICY, tiers=tiers)) as floor:
        _waits_for_gitlab(floor)


def _waits_for_gitlab(floor: Floor) -> None:
    granted(floor, waiting(floor))
    with closing(GitLab("http://127.0.0.1:9", "glpat-nobody", now=floor.clock)) as away:
        after = with_kit(floor, seen=Seen(away, floor.clock))
    assert (after.state, after.next_look) == (RunState.HELD, floor.clock() + held.LOOK_AGAIN_MS)
    told_so = "I could not ask GitLab whether production is frozen" in after.problem
    assert told_so is bool(floor.kit.config.policy.tiers)
    started = look(floor)
    assert (started.state in STARTED, started.problem) == (True, "")


def test_a_slack_that_does_not_answer_throws_nothing_away(floor: Floor) -> None:
    """Whether its asker is a member still cannot be asked just now."""
    granted(floor, waiting(floor))
    away = People(Slack("xoxb-nobody", "http://127.0.0.1:9/api/"), floor.clock)
    after = with_kit(floor, people=away)
    assert after.state is RunState.HELD
    assert "Slack does not tell me just now who you are" in after.problem
    assert look(floor).state in STARTED


def test_a_waiting_run_waits_for_a_free_place(tmp_path: Path) -> None:
    """The project is full in the moment of the last vote."""
    limits = replace(NO_LIMITS, open_runs_per_project=2)
    with floor_at(tmp_path, replace(POLICY, limits=limits)) as floor:
        run = waiting(floor)
        others = [
            Run(f"other{n}", f"other{n}", Person("T0ACME0001", "U0X"), "x", Place(OPS), SHOP, SHOP_ID, "hello", "main",
                "", state=RunState.RUNNING, next_look=life.NEVER)
            for n in range(2)
        ]  # fmt: skip
        with floor.store.write() as tx:
            assert tx.runs.add(others[0])
            assert tx.runs.add(others[1])

        def mine() -> Run:
            with floor.store.read() as tx:
                found = tx.runs.get(run.id)
            assert found is not None
            return found

        floor.click("alice", "approvals.approve", run.id)
        assert mine().state is RunState.HELD
        assert "one project may have 2" in mine().problem
        with floor.store.write() as tx:
            assert tx.runs.move(others[0].id, RunState.RUNNING, RunState.DONE)
        look(floor)
        assert mine().state in STARTED


# A commit ----------------------------------------------------------------------------------------------------


def test_what_was_confirmed_by_a_rule_is_tied_to_its_commit(tmp_path: Path) -> None:
    """The branch moves in the very moment of the start: its pipeline is canceled, be it only staging."""
    sure = Rule("sure", CONFIRM, environments=("staging",))
    with floor_at(tmp_path, replace(POLICY, rules=(sure,))) as floor:
        lock = locked(floor, "staging")
        floor.slash("bob", "shop run deploy-staging")
        floor.click("bob", AGREE.queue, kept(floor).id)
        floor.click("bob", AGREE.go, kept(floor).id)
        assert newest(floor).agreed
        with floor.store.write() as tx:
            locks.end(tx, floor.kit, lock, "released")

        def moving(person: Person) -> GitLab:
            if newest(floor).state is RunState.CALLING and floor.kit.now() not in moved:
                moved.append(floor.kit.now())
                floor.gitlab.act("push main", "bob")
            return floor.identities(person)

        moved: list[int] = []
        after = with_kit(floor, gitlab_as=moving)
        assert after.state is RunState.REFUSED
        assert "in the moment it started, so I canceled its pipeline at once" in after.problem


def test_who_asked_is_who_starts_it(tmp_path: Path) -> None:
    """Bob connects another account while his run waits for a lock: it is not started as that one."""
    with floor_at(tmp_path, replace(POLICY, rules=())) as floor:
        lock = locked(floor, "staging")
        floor.slash("bob", "shop run deploy-staging")
        floor.click("bob", AGREE.queue, kept(floor).id)
        floor.link("bob", "alice")
        after = unlocked(floor, lock)
        assert after.state is RunState.REFUSED
        assert "bob is somebody else in GitLab now" in after.problem
