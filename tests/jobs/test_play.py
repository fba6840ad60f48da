"""Manual jobs whose turn comes long after the start: what may hold them up by then is looked at once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.ledger import Lock
from bot.model import Place, Run, RunState
from bot.policy import FreezeWindow, Policy
from tests.edges import wire
from tests.jobs.looks import GRAPHQL, JOB, answered, jobs, paths, statuses
from tests.jobs.scripted import job_body, running, script
from tests.jobs.seen import shown
from tests.jobs.stage import FIRST_GITLAB_ID, OPS, PEOPLE, Stage, stage_at
from tests.kits import link

HOUR = 3_600
#: Nothing that has to be asked of GitLab but how the environment is protected.
QUIET = Policy(tiers={"live": "production"}, gate=(), gitlab_freezes=False)


@dataclass(frozen=True, slots=True)
class Scene:
    stage: Stage
    server: wire.Server
    run: Run

    def look(self, seconds: float = 0) -> Run:
        self.stage.clock.pass_(seconds)
        self.stage.look()
        return self.stage.run(self.run)

    @property
    def plays(self) -> int:
        return len(paths(self.server, "POST .*/play$"))


@pytest.fixture
def server() -> Iterator[wire.Server]:
    routes: dict[str, Any] = {JOB: [wire.data(job_body("manual"))], "/play": [wire.data(job_body("pending"))]}
    with wire.serve(script(routes)) as server:
        yield server


@pytest.fixture
def stage(tmp_path: Path, server: wire.Server) -> Iterator[Stage]:
    with stage_at(tmp_path, server.url) as stage:
        yield stage.under(QUIET)


def scene(stage: Stage, server: wire.Server, **changes: Any) -> Scene:
    """Alice's run, whose manual job comes after a long stage."""
    plain = {"status": "created", "started_at": None, "environment": "live", "tier": "production",
             "gitlab_id": FIRST_GITLAB_ID}  # fmt: skip
    return Scene(stage, server, running(stage, **plain | changes))


def locked(stage: Stage, until: int | None) -> Lock:
    now = stage.clock()
    lock = Lock("L", 42, "acme/shop", "live", PEOPLE["bob"], "bob", 8, now, until, "", Place(OPS))
    with stage.store.write() as tx:
        assert tx.locks.add(lock)
    return lock


def window(stage: Stage, hours: int) -> Policy:
    """A freeze of the configuration that holds now, and ends after so many hours."""
    now = datetime.fromtimestamp(stage.clock() / 1000, UTC)
    start, end = now - timedelta(hours=1), now + timedelta(hours=hours)
    crons = [f"{at.minute} {at.hour} {at.day} {at.month} *" for at in (start, end)]
    freeze = FreezeWindow("release", crons[0], crons[1], "UTC", environments=("live",))
    return Policy(tiers={"live": "production"}, gate=(), gitlab_freezes=False, freezes=(freeze,))


def test_within_a_minute_nothing_is_asked_twice(stage: Stage, server: wire.Server) -> None:
    """What was looked at right before the start still counts: the job is looked at, and played."""
    there = scene(stage, server)
    there.look(50)
    assert [line.rpartition("/")[2] for line in paths(server, ".*")] == ["5501", "play"]


def test_a_manual_job_whose_turn_comes_late_is_played_if_nothing_is_against_it(
    stage: Stage, server: wire.Server
) -> None:
    """Hours later everything is as it was."""
    there = scene(stage, server)
    there.look(5 * HOUR)
    assert there.plays == 1


def test_a_freeze_that_began_meanwhile_is_waited_for(stage: Stage, server: wire.Server) -> None:
    """The card says what holds it up; the job is played once that is over."""
    there = scene(stage, server)
    stage.clock.pass_(5 * HOUR)
    frozen = Scene(stage.under(window(stage, 2)), server, there.run)
    after = frozen.look()
    assert (after.state, frozen.plays) == (RunState.RUNNING, 0)
    assert "live is frozen by “release”. `hello` starts once that is over." in shown(stage.card(there.run))
    frozen.look(HOUR)
    assert frozen.plays == 0
    assert frozen.look(2 * HOUR).problem == ""
    assert frozen.plays == 1


def test_a_freeze_that_was_overridden_holds_up_nothing(stage: Stage, server: wire.Server) -> None:
    """What was said when it was asked for still counts."""
    there = scene(stage, server, overridden="alice overrides the freeze: It burns.", eased="freeze")
    stage.clock.pass_(5 * HOUR)
    policy = window(stage, 2)
    allowed = Policy(
        tiers=policy.tiers, gate=(), gitlab_freezes=False, freezes=policy.freezes, override=("U0ALICE001",)
    )
    burning = Scene(stage.under(allowed), server, there.run)
    burning.look()
    assert burning.plays == 1


def test_a_lock_with_an_end_is_waited_for(stage: Stage, server: wire.Server) -> None:
    """Bob has locked the environment for two hours."""
    there = scene(stage, server)
    lock = locked(stage, stage.clock() + 7 * HOUR * 1000)
    assert "live has been locked by bob" in there.look(5 * HOUR).problem
    assert there.plays == 0
    with stage.store.write() as tx:
        assert tx.locks.end(lock.id, "released")
    there.look(31)
    assert there.plays == 1


def test_a_lock_without_an_end_ends_the_run(stage: Stage, server: wire.Server) -> None:
    """Nobody can say how long that would be."""
    there = scene(stage, server)
    locked(stage, None)
    after = there.look(5 * HOUR)
    assert (after.state, there.plays) == (RunState.REFUSED, 0)
    assert "Nothing was started; its pipeline is there." in after.problem


def test_a_gitlab_that_does_not_tell_is_asked_again(stage: Stage, server: wire.Server) -> None:
    """Of incidents nothing is known: nothing is played and nothing is thrown away."""
    there = scene(stage, server)
    policy = Policy(tiers={"live": "production"}, gitlab_freezes=False)
    with closing(GitLab("http://127.0.0.1:9", "glpat-nobody", now=stage.clock)) as gone:
        away = Scene(stage.with_kit(seen=Seen(gone, stage.clock)).under(policy), server, there.run)
        after = away.look(5 * HOUR)
    assert (after.state, away.plays) == (RunState.RUNNING, 0)
    assert "I could not ask GitLab for incidents on live" in after.problem


def test_who_asked_is_who_plays_it(stage: Stage, server: wire.Server) -> None:
    """Alice has connected another account since: it is not played as that one."""
    there = scene(stage, server)
    link(stage.kit, PEOPLE["alice"], 99, "else")
    after = there.look(5 * HOUR)
    assert (after.state, there.plays) == (RunState.REFUSED, 0)
    assert "alice is somebody else in GitLab now" in after.problem


def test_a_job_of_somebody_who_is_not_connected_any_more_is_not_played(
    stage: Stage, server: wire.Server
) -> None:
    """Nothing is done in the name of somebody who has parted with their account."""
    there = scene(stage, server)
    with stage.store.write() as tx:
        assert tx.accounts.drop(PEOPLE["alice"])
    after = there.look(5 * HOUR)
    assert (after.state, there.plays) == (RunState.REFUSED, 0)
    assert "has no connection to GitLab any more" in after.problem


def test_a_manual_job_is_looked_at_again_among_many(tmp_path: Path) -> None:
    """In a batch it is manual as before, and the moment to play it may have come all the same."""
    routes: dict[str, Any] = {GRAPHQL: statuses("manual"), "job": jobs("manual")}
    routes["/play"] = [wire.data(job_body("pending"))]
    with wire.serve(answered(routes)) as server, stage_at(tmp_path, server.url) as stage:
        quiet = stage.under(QUIET)
        for number in range(5501, 5506):
            running(quiet, number, status="manual")
        quiet.clock.pass_(HOUR)
        quiet.tick()
        assert len(paths(server, "POST .*/play$")) == 5
