"""What the looks at a job bring to its card."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.model import RunState
from tests.edges import wire
from tests.jobs.looks import GRAPHQL, JOB, answered, jobs, paths
from tests.jobs.scripted import WHOLE, job_body, running, script
from tests.jobs.seen import shown
from tests.jobs.stage import Shop, Stage, stage_at
from tests.sandbox.gitlab_stage import until


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
    routes = {
        "/pipelines/77/jobs": [wire.data([job_body("running", 1, "lint"), job_body("running", 2, "test")])]
    }
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

    routes: dict[str, Any] = {
        JOB: [wire.data(job_body("running"))],
        "trace": lambda seen: wire.Reply(200, log(), {"Content-Type": "text/plain"}, length=200 * 65_536),
    }
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        stage.look()
        assert stage.run(run).state is RunState.RUNNING
    assert len(sent) < 150
