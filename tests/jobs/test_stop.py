"""A run can be cancelled and retried, by its card or by words, and never twice by one wish."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import blocks.job
from bot.deeds import Halted, Permit
from bot.edges.gitlab import GitLab
from bot.errors import BotError, Refused
from bot.jobs import stop
from bot.jobs.start import SETTLE_MS
from bot.model import Run, RunState
from tests.edges import wire
from tests.jobs.scripted import job_body, running, script
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import Shop, Stage, stage_at

RETRY = "POST /projects/:id/jobs/:id/retry"
CANCEL = "POST /projects/:id/jobs/:id/cancel"


def failed(shop: Shop) -> Run:
    """A run of a job that has failed and is answered."""
    shop.say("run fail")
    return shop.ended()


# Cancel ----------------------------------------------------------------------------------------------------


def test_a_running_job_is_cancelled(shop: Shop) -> None:
    """Cancel stops the job; the card says who asked for it, and how it ended."""
    shop.say("run slow 30")
    shop.until(None, "running")
    assert buttons(shop.card()) == ["Cancel", "Full log"]
    assert shop.press("cancel.press", shop.run().id, name="bob") is None
    assert "canceling" in shown(shop.card())
    run = shop.ended()
    assert (run.status, run.cancelled_by) == ("canceled", "bob")
    assert "canceled" in shown(shop.card())
    assert "Canceled by bob" in shown(shop.card())
    assert shop.calls[CANCEL] == 1


def test_a_job_is_cancelled_before_its_first_look(shop: Shop) -> None:
    """Right after the start the job is found in its pipeline and cancelled."""
    shop.say("run slow 30")
    shop.say("cancel")
    assert shop.ended().status == "canceled"


def test_a_waiting_manual_job_can_be_cancelled(tmp_path: Path) -> None:
    """A job that waits for a hand is still there to be called off."""
    routes = {"/cancel": [wire.data(job_body("canceled"))], "/jobs/5501": [wire.data(job_body("canceled"))]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, status="manual")
        stop.cancel(stage.kit, blocks.job, run, stage.request("cancel", name="bob"))
        stage.look()
        assert stage.run(run).status == "canceled"


def test_a_dry_cancel_before_the_first_look(tmp_path: Path) -> None:
    """What would be asked of GitLab names the job while its number is not known yet; nothing is asked."""
    with wire.serve(script({})) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, job_id=None)
        dry = replace(stage.request("cancel", name="bob"), permit=Permit(dry_run=True))
        with pytest.raises(Halted) as told:
            stop.cancel(stage.kit, blocks.job, run, dry)
        assert told.value.verdict.call == "POST /projects/acme/shop/jobs/hello/cancel"
        assert [seen for seen in server.seen if seen.method == "POST"] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": RunState.ASKED}, "has not confirmed `hello` yet"),
        ({"state": RunState.CALLING}, "has not confirmed `hello` yet"),
        ({"state": RunState.REPLYING, "status": "success"}, "is not running any more"),
        ({"state": RunState.DONE, "status": "failed"}, "is not running any more"),
        ({"state": RunState.REFUSED}, "is not running any more"),
        ({"state": RunState.UNKNOWN}, "is not running any more"),
        ({"state": RunState.RUNNING, "status": "success"}, "is not running any more"),
    ],
)
def test_what_cannot_be_cancelled_says_so(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    """In every other state Cancel is answered with a sentence, and GitLab hears nothing."""
    with wire.serve(script({})) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, **changes)
        with pytest.raises(Refused, match=said):
            stop.cancel(stage.kit, blocks.job, run, stage.request("cancel", name="bob"))
        assert server.seen == []


def test_a_refused_cancel_is_told(shop: Shop) -> None:
    """GitLab's reason for not cancelling goes to the one who asked; the card stays."""
    shop.say("run slow 30")
    shop.until(None, "running")
    shop.act("role bot reporter")
    before = shop.card()
    with pytest.raises(Refused, match="GitLab did not cancel `slow`: "):
        shop.say("cancel")
    assert shop.card() == before
    shop.act("role bot developer")
    shop.say("cancel")
    shop.ended()


def test_a_cancel_without_the_job_in_its_pipeline(tmp_path: Path) -> None:
    """A pipeline that does not hold the job has nothing to cancel."""
    with (
        wire.serve(script({"/pipelines/77/jobs": [wire.data([])]})) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = running(stage, job_id=None, status="")
        with pytest.raises(Refused, match="I find no job `hello` in pipeline #77"):
            stop.cancel(stage.kit, blocks.job, run, stage.request("cancel", name="bob"))


def test_a_cancel_that_gitlab_does_not_answer_can_be_repeated(shop: Shop) -> None:
    """A lost answer is told; to cancel once more does no harm."""
    shop.say("run slow 30")
    shop.until(None, "running")
    shop.break_("cut-after")
    with pytest.raises(BotError, match="The connection to GitLab broke"):
        shop.say("cancel")
    assert shop.ended().status == "canceled"


# Retry -----------------------------------------------------------------------------------------------------


def test_a_failed_job_is_retried_on_its_card(shop: Shop) -> None:
    """Retry runs the job again in its pipeline; card, run and thread stay, and a second reply comes."""
    run = failed(shop)
    first = run.job_id
    assert buttons(shop.card(run)) == ["Retry", "Run again", "Full log", "Declare incident"]
    assert shop.press("retry.press", run.id) is None
    assert "queued" in shown(shop.card(run))
    assert "Reason" not in shown(shop.card(run))
    again = shop.ended(run)
    assert (again.id, again.pipeline) == (run.id, run.pipeline)
    assert again.job_id != first
    assert shop.letter(f"{run.id}.{first}.reply")
    assert shop.letter(f"{run.id}.{again.job_id}.reply")
    assert shop.calls[RETRY] == 1
    assert len(shop.pipelines()) == 1


def test_a_second_press_while_it_runs_is_refused(shop: Shop) -> None:
    """Two who press Retry retry once."""
    run = failed(shop)
    shop.press("retry.press", run.id)
    with pytest.raises(Refused, match="has not ended yet"):
        shop.press("retry.press", run.id, name="bob")
    assert shop.calls[RETRY] == 1


def test_two_who_retry_at_once(shop: Shop) -> None:
    """Of two who both saw the ended run, one retries it, and the other is told."""
    run = failed(shop)
    stop.retry(shop.kit, blocks.job, run, shop.request("retry", key="r-alice"))
    with pytest.raises(Refused, match="Somebody else was faster"):
        stop.retry(shop.kit, blocks.job, run, shop.request("retry", key="r-bob", name="bob"))
    assert shop.calls[RETRY] == 1


def test_a_refused_retry_leaves_the_card_as_it_was(shop: Shop) -> None:
    """When GitLab says no, the run is again what it was, and the asker is told why."""
    run = failed(shop)
    before = shop.card(run)
    shop.act("role bot reporter")
    with pytest.raises(Refused, match="GitLab did not retry `fail`: "):
        shop.press("retry.press", run.id)
    after = shop.run(run)
    assert (after.state, after.status, after.failure_reason) == (RunState.DONE, "failed", "script_failure")
    assert shop.card(run) == before


def test_a_retry_that_could_not_be_sent_leaves_the_card_as_it_was(shop: Shop) -> None:
    """When no connection could be opened, nothing was retried."""
    run = failed(shop)
    before = shop.card(run)
    closed = GitLab(f"http://127.0.0.1:{wire.closed_port()}", "glpat-canary", now=shop.clock)
    with pytest.raises(Refused, match="does not accept connections"):
        shop.with_kit(gitlab_as=lambda person: closed).press("retry.press", run.id)
    closed.close()
    assert shop.card(run) == before


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_retry_is_adopted(shop: Shop, how: str) -> None:
    """When the answer to a retry was lost, the new job is found in the pipeline, and not made once more."""
    run = failed(shop)
    shop.break_(how)
    shop.press("retry.press", run.id)
    assert shop.run(run).state is RunState.CALLING
    again = shop.ended(run)
    assert again.state is RunState.DONE
    assert again.job_id != run.job_id
    assert shop.calls[RETRY] == 1


def test_a_retry_that_never_arrived_leaves_the_job_as_it_was(shop: Shop) -> None:
    """65 seconds later the card says so, nothing was retried, and it can be."""
    run = failed(shop)
    shop.break_("502", times=1)
    shop.press("retry.press", run.id)
    shop.clock.pass_(SETTLE_MS / 1000)
    shop.look()
    assert (shop.run(run).state, shop.run(run).status) == (RunState.DONE, "failed")
    assert "did not confirm the retry" in shown(shop.card(run))
    assert buttons(shop.card(run)) == ["Retry", "Run again", "Full log", "Declare incident"]
    assert shop.calls[RETRY] == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": RunState.REFUSED, "job_id": None}, "never started"),
        ({"state": RunState.UNKNOWN, "job_id": None}, "never started"),
        ({"state": RunState.UNKNOWN}, "do not know yet whether the last retry"),
        ({"state": RunState.RUNNING}, "has not ended yet"),
        ({"state": RunState.REPLYING, "status": "failed"}, "has not ended yet"),
        ({"state": RunState.DONE, "status": "skipped"}, "cannot retry a job that was skipped"),
    ],
)
def test_what_cannot_be_retried_says_so(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    """In every other state Retry is answered with a sentence, and GitLab hears nothing."""
    with wire.serve(script({})) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, **changes)
        with pytest.raises(Refused, match=said):
            stop.retry(stage.kit, blocks.job, run, stage.request("retry", key="r-alice"))
        assert server.seen == []


def test_a_card_of_a_retry_counts_from_the_retry(tmp_path: Path) -> None:
    """The time on the card of a retried job is the retry's."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        run = _retried(stage)
        assert "1 h" not in shown(stage.card(run))


def _retried(stage: Stage) -> Run:
    hour = 3_600_000
    return running(stage, asked_at=stage.clock.now - hour, status="pending", started_at=None)


def test_one_request_retries_once_even_after_a_crash(shop: Shop) -> None:
    """A retry that is done again by the next start, since its end was not written down, retries nothing."""
    run = failed(shop)
    stop.retry(shop.kit, blocks.job, run, shop.request("retry", key="r-1"))
    again = shop.ended(run)
    stop.retry(shop.kit, blocks.job, again, shop.request("retry", key="r-1"))
    assert shop.calls[RETRY] == 1
