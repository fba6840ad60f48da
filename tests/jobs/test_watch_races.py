"""Looks that overlap, and manual jobs: whatever comes late changes nothing and plays nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import blocks.job
from bot.jobs import life, watch
from bot.model import RunState
from bot.policy import Policy
from tests.edges import wire
from tests.jobs.looks import JOB, paths
from tests.jobs.scripted import WHOLE, job_body, running, script
from tests.jobs.seen import shown
from tests.jobs.stage import Stage, shop_at, stage_at


def test_a_slow_look_does_not_wipe_out_who_cancels(tmp_path: Path) -> None:
    """A look that began before somebody pressed Cancel leaves that on the card."""
    with (
        wire.serve(script({JOB: [wire.data(job_body("pending"))]})) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        before = running(stage)
        life.update(stage.kit, blocks.job, before, cancelled_by="bob")
        watch._look_closely(stage.kit, blocks.job, before, peek=False)
        assert "Cancel asked by bob" in shown(stage.card(before))


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


def manual(stage: Stage) -> Any:
    return running(stage, status="pending", started_at=None)


def plays(server: wire.Server) -> int:
    return len(paths(server, "POST .*/play$"))


def play_routes(*play: wire.Reply, job: Sequence[wire.Reply] = ()) -> dict[str, Any]:
    return {JOB: job or [wire.data(job_body("manual"))], "/play": list(play)}


def test_a_manual_job_is_not_played_again_while_gitlab_is_slow(tmp_path: Path) -> None:
    """A job that still looks manual after it was played is not played twice: it may run, and end, meanwhile."""
    with (
        wire.serve(script(play_routes(wire.data(job_body("pending"))))) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
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
    with (
        wire.serve(script(play_routes(wire.data(job_body("pending"))))) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = manual(stage)
        stage.clock.pass_(1)
        watch._look_closely(stage.kit, blocks.job, run, peek=True)
        watch._look_closely(stage.kit, blocks.job, run, peek=True)
        assert plays(server) == 1


def test_a_play_that_is_refused_is_told_and_stays_told(tmp_path: Path) -> None:
    """GitLab's reason for not starting a manual job yet stays on the card."""
    refusal = wire.data({"message": "400 Bad request - waits for its resource"}, 400)
    with wire.serve(script(play_routes(refusal))) as server, stage_at(tmp_path, server.url) as stage:
        run = manual(stage)
        for _ in range(3):
            stage.look()
            stage.clock.pass_(5)
            assert "GitLab has not let it start yet: " in shown(stage.card(run))
            assert "waits for its resource" in shown(stage.card(run))
        assert plays(server) == 1


def test_a_play_that_its_asker_may_not_do_ends_the_run(tmp_path: Path) -> None:
    """Who may not start the job in GitLab hears so on the card, and it is not tried again."""
    refusal = wire.data({"message": "403 Forbidden - protected environment"}, 403)
    with wire.serve(script(play_routes(refusal))) as server, stage_at(tmp_path, server.url) as stage:
        run = manual(stage)
        for _ in range(3):
            stage.look()
            stage.clock.pass_(70)
        assert stage.run(run).state is RunState.REFUSED
        assert "GitLab does not let alice start `hello`. Nothing was started" in shown(stage.card(run))
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
        shop.under(Policy(confirm_production=False)).say("run deploy-production")
        shop.ended()
        assert "Deployed main to production." in shown(shop.reply())
        assert shop.calls["POST /projects/:id/jobs/:id/play"] == 1
