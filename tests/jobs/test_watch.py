"""Jobs are looked at often at first and rarely later, for as long as they run, and survive whatever fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.jobs import watch
from bot.model import RunState
from tests.edges import wire
from tests.jobs.looks import GRAPHQL, JOB, answered, jobs, paths, statuses
from tests.jobs.scripted import WHOLE, job_body, running, script
from tests.jobs.seen import shown
from tests.jobs.stage import Shop, stage_at

# How GitLab is asked ---------------------------------------------------------------------------------------


def test_few_jobs_are_asked_for_one_by_one(tmp_path: Path) -> None:
    """Up to three jobs cost a request each and a look into the log, and no batch."""
    with wire.serve(answered({"job": jobs("running")})) as server, stage_at(tmp_path, server.url) as stage:
        for number in range(watch.FEW):
            running(stage, 5501 + number)
        stage.tick()
        assert len(paths(server, r"/jobs/\d+$")) == watch.FEW
        assert paths(server, "graphql") == []


def test_many_jobs_cost_few_requests(tmp_path: Path) -> None:
    """300 jobs are one round of a few batches and a few logs, not 300 requests."""
    routes = {"job": jobs("running"), GRAPHQL: statuses("running")}
    with wire.serve(answered(routes)) as server, stage_at(tmp_path, server.url) as stage:
        for number in range(300):
            running(stage, 5501 + number)
        stage.tick()
        assert 1 <= len(paths(server, "graphql")) <= 5
        assert len(paths(server, "trace")) == watch.PEEKS
        assert paths(server, r"/jobs/\d+$") == []
        stage.tick()
        assert len(paths(server, "graphql")) <= 5, "nothing is due again in the same moment"


def test_only_what_changed_is_looked_at_closely(tmp_path: Path) -> None:
    """Of many jobs, those whose status is another one now are asked for by themselves."""
    routes = {"job": jobs("success"), GRAPHQL: statuses("running")}
    with wire.serve(answered(routes)) as server, stage_at(tmp_path, server.url) as stage:
        for number in range(10):
            running(stage, 5501 + number, status="pending" if number == 4 else "running")
        stage.tick()
        assert paths(server, r"/jobs/\d+$") == ["GET /api/v4/projects/42/jobs/5505"]


@pytest.mark.parametrize(
    "refusal",
    [wire.data({"errors": [{"message": "Field 'job' doesn't exist"}]}), wire.html(404), wire.data({}, 403)],
)
def test_where_graphql_is_refused_jobs_are_asked_for_one_by_one(tmp_path: Path, refusal: wire.Reply) -> None:
    """A GitLab that answers no batches is asked for each job, a bounded number a round, and for all in the end."""
    routes = {"job": jobs("running"), GRAPHQL: [refusal]}
    with wire.serve(answered(routes)) as server, stage_at(tmp_path, server.url) as stage:
        runs = [running(stage, 5501 + number, status="pending") for number in range(watch.MOST_SINGLY + 10)]
        stage.tick()
        assert len(paths(server, r"/jobs/\d+$")) == watch.MOST_SINGLY
        stage.tick()
        assert len(set(paths(server, r"/jobs/\d+$"))) == len(runs)
        assert {stage.run(one).status for one in runs} == {"running"}


def test_a_rejected_token_is_not_tried_one_by_one(tmp_path: Path) -> None:
    """When GitLab does not take the token, no job is asked for by itself, and all are looked at later."""
    routes = {"job": jobs("running"), GRAPHQL: [wire.data({"errors": [{"message": "Invalid token"}]}, 401)]}
    with wire.serve(answered(routes)) as server, stage_at(tmp_path, server.url) as stage:
        runs = [running(stage, 5501 + number) for number in range(5)]
        stage.tick()
        assert paths(server, r"/jobs/\d+$") == []
        assert all(stage.run(one).fails == 1 and stage.run(one).next_look > stage.clock.now for one in runs)


# When it is asked ------------------------------------------------------------------------------------------


def test_looks_become_rarer(tmp_path: Path) -> None:
    """3 s at first, then 5, 10 and 30 s, each a fifth more or less."""
    with wire.serve(answered({"job": jobs("running")})) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        for age, every in ((0, 3), (29, 3), (31, 5), (119, 5), (121, 10), (601, 30), (86_400, 30)):
            stage.clock.now = (run.called_at or 0) + age * 1000
            watch.resume(stage.kit)
            stage.tick()
            ahead = stage.run(run).next_look - stage.clock.now
            assert every * 800 <= ahead <= every * 1200, (age, ahead)


def test_looks_that_fail_are_pushed_ahead(tmp_path: Path) -> None:
    """Each look that fails doubles the wait, up to a minute; then the card says so, and looking goes on."""
    with wire.serve(wire.always(wire.plain("", 500))) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        waits = []
        for _ in range(7):
            stage.clock.now = stage.run(run).next_look
            stage.tick()
            waits.append((stage.run(run).next_look - stage.clock.now) / 1000)
        assert all(
            0.8 * want <= got <= 1.2 * want
            for want, got in zip((3, 6, 12, 24, 48, 60, 60), waits, strict=True)
        )
        assert "I cannot see how it is doing: GitLab had a problem of its own (status 500)." in shown(
            stage.card(run)
        )
        assert stage.run(run).state is RunState.RUNNING


def test_what_is_not_due_is_left_alone(tmp_path: Path) -> None:
    """Between two looks GitLab hears nothing."""
    with wire.serve(answered({"job": jobs("running")})) as server, stage_at(tmp_path, server.url) as stage:
        running(stage, next_look=stage.clock.now + 1)
        stage.tick()
        assert server.seen == []


def test_a_job_is_watched_for_as_long_as_it_runs(tmp_path: Path) -> None:
    """A job that ran for thirty days is answered like any other."""
    with (
        wire.serve(
            script(
                {
                    JOB: [wire.data(job_body("running")), wire.data(job_body("success"))],
                    "trace": [wire.plain(WHOLE)],
                }
            )
        ) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = running(stage)
        stage.clock.pass_(15 * 86_400)
        stage.look()
        assert stage.run(run).state is RunState.RUNNING
        assert "15 d 00 h" in shown(stage.card(run))
        stage.clock.pass_(15 * 86_400)
        stage.look()
        assert stage.run(run).state is RunState.DONE
        assert "Hello you." in shown(stage.reply(run))


def test_runs_are_taken_up_after_a_restart(tmp_path: Path) -> None:
    """A new process on the same store looks at everything unfinished at once."""
    with wire.serve(script({JOB: [wire.data(job_body("success"))], "trace": [wire.plain(WHOLE)]})) as server:
        with stage_at(tmp_path, server.url) as before:
            run = running(before, next_look=before.clock.now + 3_600_000)
        with stage_at(tmp_path, server.url) as stage:
            stage.tick()
            assert stage.run(run).state is RunState.RUNNING
            assert watch.resume(stage.kit) == 1
            stage.tick()
            assert stage.run(run).state is RunState.DONE


def test_runs_in_flight_all_come_home(shop: Shop) -> None:
    """Five jobs that run while nobody looks are all answered when somebody does."""
    for number in range(5):
        shop.say(f"run say number {number}")
    for run in shop.runs():
        shop.ended(run)
    assert sorted(shown(shop.reply(run)).strip()[-1] for run in shop.runs()) == list("01234")
