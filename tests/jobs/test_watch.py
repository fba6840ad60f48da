"""Jobs are looked at often at first and rarely later, for as long as they run, and survive whatever fails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import blocks.job
from bot.jobs import life, watch
from bot.model import RunState
from tests.edges import wire
from tests.jobs.stage import WHOLE, Shop, Stage, job_body, running, script, shop_at, shown, stage_at
from tests.sandbox.gitlab_stage import until

GRAPHQL = "POST /api/graphql"
JOB = "/jobs/5501"


def jobs(status: str, **more: Any) -> Any:
    """Answers for any job: it has this status."""

    def answer(seen: wire.Seen) -> wire.Reply:
        return wire.data(job_body(status, int(seen.path.rsplit("/", 1)[-1]), **more))

    return answer


def statuses(status: str) -> Any:
    """Answers a batch: every job in it has this status; None for those that are not shown."""

    def answer(seen: wire.Seen) -> wire.Reply:
        asked = re.findall(r"j(\d+):", seen.json["query"])
        return wire.data({"data": {"p0": {f"j{one}": {"status": status.upper()} for one in asked}}})

    return answer


def answered(routes: dict[str, Any]) -> wire.Script:
    """The same, with an end for every job and its log."""
    plain = script(routes)

    def answer(seen: wire.Seen) -> wire.Reply:
        if re.search(r"/jobs/\d+/trace$", seen.path):
            return wire.plain(b"line\n")
        if re.search(r"/jobs/\d+$", seen.path) and "job" in routes:
            reply: wire.Reply = routes["job"](seen)
            return reply
        return plain(seen)

    return answer


def paths(server: wire.Server, pattern: str) -> list[str]:
    return [one for one in server.paths() if re.search(pattern, one)]


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
    "refusal", [wire.data({"errors": [{"message": "Field 'job' doesn't exist"}]}), wire.html(404), wire.data({}, 403)]
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
        assert all(0.8 * want <= got <= 1.2 * want for want, got in zip((3, 6, 12, 24, 48, 60, 60), waits, strict=True))
        assert "I cannot see how it is doing: GitLab had a problem of its own (status 500)." in shown(stage.card(run))
        assert stage.run(run).state is RunState.RUNNING


def test_what_is_not_due_is_left_alone(tmp_path: Path) -> None:
    """Between two looks GitLab hears nothing."""
    with wire.serve(answered({"job": jobs("running")})) as server, stage_at(tmp_path, server.url) as stage:
        running(stage, next_look=stage.clock.now + 1)
        stage.tick()
        assert server.seen == []


def test_a_job_is_watched_for_as_long_as_it_runs(tmp_path: Path) -> None:
    """A job that ran for thirty days is answered like any other."""
    with wire.serve(
        script({JOB: [wire.data(job_body("running")), wire.data(job_body("success"))], "trace": [wire.plain(WHOLE)]})
    ) as server, stage_at(tmp_path, server.url) as stage:
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
    routes = {JOB: [wire.data(job_body("success"))], "trace": [wire.plain(WHOLE)]}
    with wire.serve(script(routes)) as server:
        with stage_at(tmp_path, server.url) as stage:
            run = running(stage, next_look=stage.clock.now + 3_600_000)
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


# What is seen ----------------------------------------------------------------------------------------------


def test_the_card_shows_the_last_line_while_it_runs(shop: Shop) -> None:
    """While a job runs its card tells for how long, and what it printed last."""
    shop.say("run slow 30")
    shop.until(None, "running")
    until(lambda: "Step" in _looked(shop))
    card = shown(shop.card())
    assert "*slow* running" in card
    assert re.search(r"› Step \d+ of 30", card)
    shop.say("cancel")
    shop.ended()


def _looked(stage: Stage) -> str:
    stage.look()
    return shown(stage.card())


def test_a_job_that_is_gone_is_told_and_looked_for(tmp_path: Path) -> None:
    """A job that GitLab does not show any more is not taken for ended: the card says so until it is back."""
    gone = wire.data({"message": "404 Not found"}, 404)
    routes = {JOB: [gone, gone, wire.data(job_body("success"))], "trace": [wire.plain(WHOLE)]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        stage.look()
        assert "I cannot see how it is doing: GitLab knows no job 5501" in shown(stage.card(run))
        stage.look()
        assert stage.run(run).fails == 2
        stage.look()
        assert stage.run(run).state is RunState.DONE
        assert "cannot see" not in shown(stage.card(run))


def test_jobs_that_a_batch_does_not_show_are_asked_for(tmp_path: Path) -> None:
    """What a batch leaves out, as after a project was renamed, is asked for by its numbers."""
    routes = {GRAPHQL: [wire.data({"data": {"p0": None}})], "job": jobs("running")}
    with wire.serve(answered(routes)) as server, stage_at(tmp_path, server.url) as stage:
        runs = [running(stage, 5501 + number) for number in range(5)]
        stage.tick()
        assert len(paths(server, r"/jobs/\d+$")) == 5
        assert all(stage.run(run).fails == 0 for run in runs)


def test_a_pipeline_without_the_job_is_told(tmp_path: Path) -> None:
    """When the rules left the job out of the pipeline, the card says so and names the pipeline."""
    routes = {"/pipelines/77/jobs": [wire.data([job_body("running", 1, "lint"), job_body("running", 2, "test")])]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, job_id=None, status="")
        stage.tick()
        assert stage.run(run).state is RunState.REFUSED
        assert "Pipeline #77 has no job `hello`: the rules left it out." in shown(stage.card(run))


def test_other_jobs_of_the_pipeline_are_told(tmp_path: Path) -> None:
    """A pipeline that started more than what was asked for says how much more."""
    routes = {"/pipelines/77/jobs": [wire.data([job_body("running"), job_body("running", 2, "test")])]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, job_id=None, status="")
        stage.tick()
        assert stage.run(run).others == 1
        assert "The pipeline holds 1 other job as well." in shown(stage.card(run))


def test_a_first_look_that_fails_is_made_again(tmp_path: Path) -> None:
    """A pipeline whose jobs cannot be read yet is asked again later."""
    bad = wire.plain("", 500)
    routes = {"/pipelines/77/jobs": [bad, wire.data([job_body("running")])]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, job_id=None, status="")
        stage.look()
        assert (stage.run(run).job_id, stage.run(run).fails) == (None, 1)
        stage.look()
        assert (stage.run(run).job_id, stage.run(run).fails) == (5501, 0)


def test_a_log_that_cannot_be_read_does_not_stop_the_clock(tmp_path: Path) -> None:
    """While the log is out of reach, the card still shows how time passes."""
    routes = {JOB: [wire.data(job_body("running"))], "trace": [wire.plain("", 500)]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        stage.clock.pass_(42)
        stage.look()
        assert "42 s" in shown(stage.card(run))


def test_of_a_long_log_only_a_part_is_read_while_it_runs(tmp_path: Path) -> None:
    """A look into a running log costs at most about a megabyte."""
    sent: list[int] = []

    def log() -> Any:
        for _ in range(200):
            sent.append(1)
            yield b"x" * 65_536

    routes = {
        JOB: [wire.data(job_body("running"))],
        "trace": lambda seen: wire.Reply(200, log(), {"Content-Type": "text/plain"}, length=200 * 65_536),
    }
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        stage.look()
        assert stage.run(run).state is RunState.RUNNING
    assert len(sent) < 150


# Two who look at once --------------------------------------------------------------------------------------


def test_a_slow_look_does_not_wipe_out_who_cancels(tmp_path: Path) -> None:
    """A look that began before somebody pressed Cancel leaves that on the card."""
    with wire.serve(script({JOB: [wire.data(job_body("pending"))]})) as server, stage_at(tmp_path, server.url) as stage:
        before = running(stage)
        life.update(stage.kit, blocks.job, before, cancelled_by="bob")
        watch._look_closely(stage.kit, blocks.job, before, peek=False)
        assert "Canceled by bob" in shown(stage.card(before))


def test_a_look_from_before_a_retry_changes_nothing(tmp_path: Path) -> None:
    """A look that began before the job was retried does not end the retried job."""
    routes = {JOB: [wire.data(job_body("failed"))], "trace": [wire.plain(WHOLE)]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        before = running(stage)
        stage.clock.pass_(5)
        with stage.store.write() as tx:
            tx.runs.change(before.id, RunState.RUNNING, job_id=5502, called_at=stage.clock.now)
        watch._look_closely(stage.kit, blocks.job, before, peek=False)
        assert (stage.run(before).state, stage.run(before).job_id) == (RunState.RUNNING, 5502)


def test_a_cancelled_job_that_ended_meanwhile_is_only_redrawn(tmp_path: Path) -> None:
    """Drawing time on the card of a run that has moved on draws nothing old."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        before = running(stage)
        life.advance(stage.kit, blocks.job, before, RunState.DONE, status="success")
        life.redraw(stage.kit, blocks.job, [before])
        assert "passed" in shown(stage.card(before))


# Manual jobs -----------------------------------------------------------------------------------------------


def manual(stage: Stage) -> Any:
    return running(stage, status="pending", started_at=None)


def plays(server: wire.Server) -> int:
    return len(paths(server, "POST .*/play$"))


def play_routes(*play: wire.Reply, job: Sequence[wire.Reply] = ()) -> dict[str, Any]:
    return {JOB: job or [wire.data(job_body("manual"))], "/play": list(play)}


def test_a_manual_job_is_not_played_again_while_gitlab_is_slow(tmp_path: Path) -> None:
    """A job that still looks manual after it was played is not played twice: it may run, and end, meanwhile."""
    with wire.serve(script(play_routes(wire.data(job_body("pending"))))) as server:
        with stage_at(tmp_path, server.url) as stage:
            run = manual(stage)
            for _ in range(5):
                stage.look()
                stage.clock.pass_(10)
            assert plays(server) == 1
            stage.clock.pass_(20)
            stage.look()
            assert plays(server) == 2, "after 65 s the first call is surely over"
            assert stage.run(run).state is RunState.RUNNING


def test_two_looks_at_once_play_a_manual_job_once(tmp_path: Path) -> None:
    """Of two looks that see the manual job at the same time, one plays it."""
    with wire.serve(script(play_routes(wire.data(job_body("pending"))))) as server:
        with stage_at(tmp_path, server.url) as stage:
            run = manual(stage)
            stage.clock.pass_(1)
            watch._look_closely(stage.kit, blocks.job, run, peek=True)
            watch._look_closely(stage.kit, blocks.job, run, peek=True)
            assert plays(server) == 1


def test_a_play_that_is_refused_is_told_and_stays_told(tmp_path: Path) -> None:
    """GitLab's reason for not starting a manual job stays on the card."""
    refusal = wire.data({"message": "403 Forbidden - protected environment"}, 403)
    with wire.serve(script(play_routes(refusal))) as server, stage_at(tmp_path, server.url) as stage:
        run = manual(stage)
        for _ in range(3):
            stage.look()
            stage.clock.pass_(5)
            assert "GitLab has not let it start yet: " in shown(stage.card(run))
            assert "protected environment" in shown(stage.card(run))
        assert plays(server) == 1


def test_a_job_that_runs_already_needs_no_play(tmp_path: Path) -> None:
    """Somebody else pressed play first: that is not worth a word."""
    unplayable = wire.data({"message": "400 Bad request - Unplayable Job"}, 400)
    with wire.serve(script(play_routes(unplayable))) as server, stage_at(tmp_path, server.url) as stage:
        run = manual(stage)
        stage.look()
        assert "let it start" not in shown(stage.card(run))


def test_a_manual_job_in_a_deployment_is_played(tmp_path: Path) -> None:
    """A rule that makes a job manual is found out from the job itself."""
    with shop_at(tmp_path) as shop:
        shop.say("run deploy-production")
        shop.ended()
        assert "Deployed main to production." in shown(shop.reply())
        assert shop.calls["POST /projects/:id/jobs/:id/play"] == 1
