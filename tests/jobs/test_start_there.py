"""Jobs that are there already are started once, and what GitLab made of a lost answer is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import blocks.job
from bot.deeds import Permit
from bot.edges.gitlab import GitLab
from bot.jobs import held, lost, start
from bot.ledger import Lock
from bot.model import PLAIN, PLAY, RETRY, Person, Place, Run, RunState
from tests.jobs.deploys import WEB, deployed, pushed, said
from tests.jobs.routed import ruled
from tests.jobs.seen import shown
from tests.jobs.stage import OPS, PEOPLE, SHOP, START, VERBS, Shop, Stage, shop_at

PLAY_CALL, RETRY_CALL = "POST /projects/:id/jobs/:id/play", "POST /projects/:id/jobs/:id/retry"


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[Shop]:
    with shop_at(tmp_path, SHOP, folder=ruled(tmp_path)) as stage:
        yield stage


def intended(shop: Shop, way: str, **changes: object) -> Run:
    """A run that GitLab has not been asked for, of a job of the web project."""
    pipeline = pushed(shop)
    project = shop.kit.gitlab.project(WEB)
    jobs = shop.kit.gitlab.pipeline_jobs(project.id, pipeline)
    job = next(one for one in jobs if one.name == "deploy-staging")
    if way == RETRY:
        shop.kit.gitlab.play(project.id, job.id)
        shop.gitlab.status(shop.gitlab.project(WEB).jobs.get(job.id))
    plain = {
        "project": WEB, "project_id": project.id, "start": way, "pipeline": pipeline, "job_id": job.id,
        "sha": job.sha, "environment": "staging", "command": "deploy", "pipeline_url": job.pipeline_url,
    }  # fmt: skip
    return shop.intend("deploy-staging", **plain | changes)


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_the_answer_to_playing_is_lost(shop: Shop, how: str) -> None:
    """The job tells by its status whether it began; it is not started again."""
    run = intended(shop, PLAY)
    start.call(shop.kit, blocks.job, run)
    shop.break_(how)
    run = shop.ended(run)
    assert (run.status, shop.calls[PLAY_CALL]) == ("success", 1)


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_the_answer_to_retrying_is_lost(shop: Shop, how: str) -> None:
    """The newer job of that name in the pipeline is the one."""
    run = intended(shop, RETRY)
    shop.break_(how)
    start.call(shop.kit, blocks.job, run)
    assert shop.run(run).state is RunState.CALLING
    assert "will not start it twice" in shown(shop.card(run))
    done = shop.ended(run)
    assert (done.status, shop.calls[RETRY_CALL]) == ("success", 1)
    assert (done.job_id or 0) > (run.job_id or 0)


def test_a_retry_that_never_arrived(shop: Shop) -> None:
    """After 65 seconds there is no newer job, so that nothing was started; and nothing is repeated."""
    run = intended(shop, RETRY)
    shop.break_("502", times=1)
    start.call(shop.kit, blocks.job, run)
    shop.clock.pass_(64)
    shop.look()
    assert shop.run(run).state is RunState.CALLING
    shop.clock.pass_(1)
    shop.look()
    done = shop.run(run)
    assert (done.state, shop.calls[RETRY_CALL]) == (RunState.REFUSED, 1)
    assert done.problem == (
        "GitLab did not confirm it, and I found no new job. I did not ask again; nothing was started."
    )


def test_gitlab_is_away_for_long(shop: Shop) -> None:
    """It is not known until GitLab can be asked again; then it is, and nothing was started."""
    run = intended(shop, RETRY)
    shop.break_("down")
    start.call(shop.kit, blocks.job, run)
    shop.clock.pass_(66)
    shop.look()
    assert shop.run(run).state is RunState.UNKNOWN
    shop.mend()
    shop.clock.pass_(66)
    shop.tick()
    assert shop.run(run).state is RunState.REFUSED
    assert shop.run(run).problem.endswith("nothing was started.")


def test_killed_before_the_job_was_looked_at(shop: Shop) -> None:
    """A manual job that was only to be started is there as it was."""
    run = intended(shop, PLAY, state=RunState.CALLING, called_at=shop.clock.now)
    lost.look_up(shop.kit, blocks.job, run)
    assert shop.run(run).state is RunState.RUNNING
    assert (shop.ended(run).status, shop.calls[PLAY_CALL]) == ("success", 1)


def test_a_card_of_a_job_that_was_there_is_retried(shop: Shop) -> None:
    """A retry of it whose answer is lost is found as any other."""
    pushed(shop)
    shop.act("fail-next script_failure web")
    run = deployed(shop)
    assert run.status == "failed"
    shop.break_("cut-after")
    shop.press("retry.press", run.id)
    run = shop.ended(run)
    assert (run.status, shop.calls[RETRY_CALL], shop.calls[PLAY_CALL]) == ("success", 1, 1)
    assert run.landed == f"staging runs main at {run.sha[:8]} now."


def test_a_retried_card_says_no_more_what_it_had_come_to(shop: Shop) -> None:
    """What runs there is told anew when it has ended again."""
    pushed(shop)
    run = deployed(shop)
    assert run.landed
    shop.press("retry.press", run.id)
    assert shop.run(run).landed == ""
    assert shop.ended(run).landed


# A pipeline without variables -----------------------------------------------------------------------------------


def plain(rules: Shop, **changes: object) -> Run:
    project = rules.kit.gitlab.project("acme/ruled")
    head = rules.kit.gitlab.head(project.id, "main").sha
    more = {"project": "acme/ruled", "project_id": project.id, "start": PLAIN, "sha": head, **changes}
    return rules.intend("to-staging", **more)


def as_themselves(rules: Shop) -> Stage:
    """A stage on which alice acts with her own token."""
    fake = rules.gitlab.fake

    def gitlab_as(person: Person) -> GitLab:
        name = next(name for name, one in PEOPLE.items() if one == person)
        return GitLab(fake.url, fake.tokens[name], timeout=(3.0, 5.0), now=rules.clock)

    return rules.with_kit(gitlab_as=gitlab_as)


def test_a_pipeline_that_carries_nothing_of_ours(rules: Shop) -> None:
    """It is found by its commit and by who made it; that of somebody else is not taken for it."""
    stage = as_themselves(rules)
    rules.gitlab.project("acme/ruled", "bob").pipelines.create({"ref": "main"})
    run = plain(rules)
    rules.break_("cut-after")
    start.call(stage.kit, blocks.job, run)
    assert rules.run(run).state is RunState.CALLING
    stage.look()
    found = rules.run(run)
    assert found.state is RunState.RUNNING
    assert rules.kit.gitlab.pipeline(found.project_id, found.pipeline or 0).username == "alice"
    assert rules.calls[START] == 2


def test_it_was_not_made(rules: Shop) -> None:
    """Then it is not known, as for any other; of who has no account any more nothing is taken."""
    run = plain(rules)
    rules.break_("502", times=1)
    start.call(rules.kit, blocks.job, run)
    with rules.store.write() as tx:
        assert tx.accounts.drop(PEOPLE["alice"])
    rules.gitlab.project("acme/ruled", "alice").pipelines.create({"ref": "main"})
    rules.clock.pass_(66)
    rules.look()
    assert rules.run(run).state is RunState.UNKNOWN


# What waits -----------------------------------------------------------------------------------------------------


def waiting(shop: Shop) -> Run:
    """Alice's deployment waits until bob lets go of staging."""
    pushed(shop)
    now = shop.clock()
    lock = Lock(
        "L",
        shop.kit.gitlab.project(WEB).id,
        WEB,
        "staging",
        PEOPLE["bob"],
        "bob",
        8,
        now,
        None,
        "",
        Place(OPS),
    )
    with shop.store.write() as tx:
        assert tx.locks.add(lock)
    said(shop, "deploy main staging", Permit(queue=True))
    run = shop.run()
    assert (run.state, run.hold, run.start) == (RunState.HELD, "lock", PLAY)
    return run


def freed(shop: Shop, run: Run) -> Run:
    """Bob lets go of it; what becomes of the run."""
    with shop.store.write() as tx:
        assert tx.locks.end("L", "released")
    shop.clock.pass_(31)
    held.look(shop.kit, blocks.job)
    return shop.ended(run)


def test_what_waits_for_a_lock_starts_as_it_was_shown(shop: Shop) -> None:
    """The branch may move meanwhile: it is the commit that was asked for that is deployed."""
    run = waiting(shop)
    pushed(shop)
    done = freed(shop, run)
    assert (done.status, done.sha, shop.calls[PLAY_CALL]) == ("success", run.sha, 1)


def test_what_waits_for_a_lock_and_is_taken(shop: Shop) -> None:
    """Somebody starts that very job in GitLab: nothing is started."""
    run = waiting(shop)
    shop.gitlab.project(WEB, "bob").jobs.get(run.job_id).play()
    done = freed(shop, run)
    assert (done.state, shop.calls[PLAY_CALL]) == (RunState.REFUSED, 1)
    assert done.problem == (
        f"Somebody has started `deploy-staging` of pipeline #{run.pipeline} in the meantime. Nothing was started."
    )


def test_what_waits_for_a_lock_while_its_configuration_breaks(shop: Shop) -> None:
    """What is there already needs none."""
    run = waiting(shop)
    refuses = shop.with_kit(gitlab=shop.kit.gitlab)
    shop.act("break-yaml web")
    assert refuses.run(run).state is RunState.HELD
    assert freed(shop, run).status == "success"


def test_a_new_pipeline_that_waits_is_of_the_commit(shop: Shop) -> None:
    """Where the branch moves while it waits, nothing is started: that is not what was asked for."""
    now = shop.clock()
    lock = Lock("L", 42, "acme/shop", "staging", PEOPLE["bob"], "bob", 8, now, None, "", Place(OPS))
    with shop.store.write() as tx:
        assert tx.locks.add(lock)
    request = replace(shop.request("deploy main staging"), permit=Permit(queue=True))
    VERBS["deploy"].run(request, shop.kit)
    run = shop.run()
    assert run.state is RunState.HELD
    shop.act("push main shop")
    done = freed(shop, run)
    assert done.state is RunState.REFUSED
    assert done.problem.startswith(f"main moved {run.sha[:8]} → ")
    assert done.problem.endswith("while it waited. Nothing was started.")
