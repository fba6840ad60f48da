"""What a start is tied to, and what it waits for, with the deployments that begin along with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import blocks.job
from bot.access import ladder
from bot.catalogues import Catalogue, ChatJob
from bot.deeds import Permit, Verdict
from bot.jobs import guarded, held, life, start, tied
from bot.jobs.guarded import Subject
from bot.ledger import Lock
from bot.model import Place, Project, Run, RunState
from bot.policy import Policy
from tests.edges import wire
from tests.jobs.looks import JOB, paths
from tests.jobs.scripted import job_body, script
from tests.jobs.stage import OPS, PEOPLE, Stage, stage_at

PROJECT = Project(42, "acme/shop", "https://gitlab.example.com/acme/shop", "main")
HELLO = ChatJob("hello", "chatops", definition="d1")
DEPLOY = ChatJob("deploy", "deploy", environment="live", tier="production", definition="d2", joins=("hello",))
#: Nothing that has to be asked of GitLab.
QUIET = Policy(tiers={"live": "production", "trial": "testing"}, gate=(), gitlab_freezes=False)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bot whose GitLab is out of reach."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        yield stage.under(QUIET)


def subject(*jobs: ChatJob, job: ChatJob = HELLO) -> Subject:
    return guarded.subject(PROJECT, job, "main", Catalogue(PROJECT, "main", "c0ffee", (job, *jobs)), "", {})


def climbed(stage: Stage, what: Subject, permit: Permit) -> Verdict:
    deed = guarded.deed(stage.kit, what, PEOPLE["alice"], Place(OPS))
    return ladder.climb(stage.kit, deed, permit, what.bound.digest)


def agreed(stage: Stage, what: Subject, permit: Permit | None = None) -> str:
    permit = permit or Permit()
    return tied.agreed(climbed(stage, what, permit), what.bound, permit)


def test_what_comes_along_to_production_ties_a_start(stage: Stage) -> None:
    """A harmless job is tied to its commit if its pipeline deploys to production as well."""
    what = subject(DEPLOY)
    assert agreed(stage, what) == what.bound.digest
    assert agreed(stage, subject()) == ""


def test_what_was_confirmed_ties_a_start(stage: Stage) -> None:
    """Be it only to a trial environment; what was shown is what is tied."""
    what = subject(job=replace(HELLO, environment="trial"))
    assert agreed(stage, what) == ""
    assert agreed(stage, what, Permit(confirmed=what.bound.digest)) == what.bound.digest
    assert agreed(stage, what, Permit(confirmed="something else")) == ""


def test_a_lock_on_what_comes_along_is_waited_for(stage: Stage) -> None:
    """Bob has locked the environment of the deployment that would begin along with it."""
    now = stage.clock()
    lock = Lock("L", 42, "acme/shop", "live", PEOPLE["bob"], "bob", 8, now, now + 60_000, "", Place(OPS))
    with stage.store.write() as tx:
        assert tx.locks.add(lock)
    what = subject(DEPLOY)
    permit = Permit(queue=True, confirmed=what.bound.digest)
    run = Run("run1", "run1", PEOPLE["alice"], "alice", Place(OPS), "acme/shop", 42, "hello", "main", "")
    plan = held.plan(stage.kit, blocks.job, run, climbed(stage, what, permit), what.bound, permit)
    assert (plan.run.state, plan.run.hold, plan.run.next_look) == (
        RunState.HELD, held.LOCK, now + held.LOOK_AGAIN_MS,
    )  # fmt: skip
    assert plan.run.hold_said.startswith("live is locked by bob")
    assert life.begin(stage.kit, blocks.job, plan.run, plan.note)
    with stage.store.read() as tx:
        assert tx.locks.queue(42) == []


@pytest.mark.parametrize(
    ("sha", "state", "cancels"), [("c0ffee", RunState.REFUSED, 1), ("c0ffee00c0ffee00", RunState.RUNNING, 0)]
)
def test_an_answer_that_was_lost_is_held_to_what_was_agreed(
    tmp_path: Path, sha: str, state: RunState, cancels: int
) -> None:
    """A pipeline that is found later has to be of the same commit, too."""
    with (
        wire.serve(script({"/cancel": [wire.data({"id": 77})]})) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = stage.intend(state=RunState.CALLING, called_at=stage.clock.now, sha=sha, agreed="d0")
        found = start.Started(77, "https://gitlab.example.com/77", "c0ffee00c0ffee00")
        start.settle(stage.kit, blocks.job, run, found)
        assert stage.run(run).state is state
        assert len(paths(server, "POST .*/pipelines/77/cancel$")) == cancels


@pytest.mark.parametrize(("agreed", "looks"), [("d0", 1), ("", 0)])
def test_the_commit_of_a_chat_pipeline_is_asked_for_if_one_was_agreed_to(
    tmp_path: Path, agreed: str, looks: int
) -> None:
    """GitLab's slash command tells the id of the job alone."""
    said = wire.data({"text": "[#5501](https://gitlab.example.com/acme/shop/-/jobs/5501)"})
    routes = {JOB: [wire.data(job_body("pending"))], "trigger": [said], "/cancel": [wire.data({"id": 77})]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = stage.intend(state=RunState.ASKED, start="chat", sha="c0ffee", agreed=agreed)
        start.call(stage.kit, blocks.job, run)
        assert len(paths(server, f"GET .*{JOB}$")) == looks
        assert stage.run(run).state is (RunState.REFUSED if agreed else RunState.RUNNING)
