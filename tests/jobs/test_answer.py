"""The log of a job that has ended is read until the reply is there, and the reply is said once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import blocks.job
from bot.jobs import answer, watch
from bot.model import Run, RunState
from tests.edges import wire
from tests.jobs.scripted import TRACE_BEGIN, WHOLE, job_body, running, script
from tests.jobs.seen import shown
from tests.jobs.stage import Shop, Stage, stage_at

CUT = TRACE_BEGIN + b"section_start:1:chat_reply\r\x1b[0K\nHello y"


def served(*logs: wire.Reply, status: str = "success", **more: Any) -> wire.Script:
    """A job that has ended, and its log as it is read each time."""
    return script({"/jobs/5501": [wire.data(job_body(status, **more))], "trace": list(logs)})


def replying(stage: Stage, **changes: Any) -> Run:
    """A run whose job has ended and whose log is being read."""
    ended: dict[str, Any] = {"state": RunState.REPLYING, "status": "success", "finished_at": stage.clock.now}
    return running(stage, **ended | changes)


def looks(stage: Stage, run: Run, most: int = 100) -> int:
    """Turn the clock to each next look until the run is answered; how many looks that took."""
    for number in range(1, most + 1):
        stage.clock.now = max(stage.clock.now, stage.run(run).next_look)
        stage.tick()
        if stage.run(run).state is RunState.DONE:
            return number
    raise AssertionError("it was never answered")


def test_a_log_that_comes_late_is_read_again(tmp_path: Path) -> None:
    """A job may end before its log is whole: it is read again until the reply is there."""
    with (
        wire.serve(served(wire.plain(CUT), wire.plain(b""), wire.plain(WHOLE))) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = running(stage)
        stage.tick()
        assert stage.run(run).state is RunState.REPLYING
        assert "Reading its log" in shown(stage.card(run))
        begun = stage.clock.now
        looks(stage, run)
        assert "Hello you." in shown(stage.reply(run))
        assert stage.clock.now - begun < 10_000


def test_a_log_that_never_becomes_whole_is_read_for_five_minutes(tmp_path: Path) -> None:
    """After five minutes what is there is said, with a word that it is not whole; in few readings."""
    with wire.serve(served(wire.plain(CUT))) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        begun = stage.clock.now
        assert looks(stage, run) < 40
        assert 300_000 < stage.clock.now - begun <= 300_000 + answer.LONGEST_WAIT_MS
        said = shown(stage.reply(run))
        assert "Hello y" in said
        assert "The log was not complete when I read it last." in said


def test_a_log_that_cannot_be_read_is_told_after_five_minutes(tmp_path: Path) -> None:
    """While GitLab does not hand the log over it is asked again; then the thread tells why, and where the log is."""
    with wire.serve(served(wire.plain("", 500))) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        looks(stage, run)
        said = shown(stage.reply(run))
        assert "The job has ended, but I could not read its log: GitLab had a problem of its own" in said
        assert "https://gitlab.example.com/acme/shop/-/jobs/5501" in said


def test_a_log_that_is_gone_is_told(tmp_path: Path) -> None:
    """A log that was erased is waited for, and then the run is answered without it."""
    gone = wire.data({"message": "404 Not found"}, 404)
    with wire.serve(served(gone)) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        looks(stage, run)
        assert "could not read what the job printed" in shown(stage.reply(run))


@pytest.mark.parametrize("status", ["canceled", "skipped"])
def test_nothing_is_waited_for_where_no_log_is_owed(tmp_path: Path, status: str) -> None:
    """A job that was cancelled or skipped is answered at once, whatever its log holds."""
    with (
        wire.serve(served(wire.plain(b""), status=status)) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = running(stage)
        stage.tick()
        assert stage.run(run).state is RunState.DONE


def test_the_reply_is_said_once_by_many_at_once(tmp_path: Path) -> None:
    """Whoever reads the log at the same time, one letter is written."""
    with wire.serve(served(wire.plain(WHOLE))) as server, stage_at(tmp_path, server.url) as stage:
        run = replying(stage)
        together = threading.Barrier(6)

        def give() -> None:
            together.wait()
            answer.give(stage.kit, blocks.job, run)

        threads = [threading.Thread(target=give) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        with stage.store.read() as tx:
            waiting = tx.outbox.heads(stage.clock.now, (), 10)
        assert len(waiting) <= 1
        assert "Hello you." in shown(stage.reply(run))
        watch.look(stage.kit, blocks.job)
        assert stage.run(run).state is RunState.DONE


def test_a_run_that_was_answered_before_a_crash_is_not_answered_again(tmp_path: Path) -> None:
    """State and letter are written together, so a restart finds both or neither."""
    with wire.serve(served(wire.plain(WHOLE))) as server:
        with stage_at(tmp_path, server.url) as before:
            answer.give(before.kit, blocks.job, replying(before))
        with stage_at(tmp_path, server.url) as stage:
            assert watch.resume(stage.kit) == 0
            asked = len(server.seen)
            stage.tick()
            assert len(server.seen) == asked


def test_an_answer_from_before_a_retry_is_not_the_retry_s(tmp_path: Path) -> None:
    """A log that was read before the job was retried does not end the retried job."""
    with wire.serve(served(wire.plain(WHOLE))) as server, stage_at(tmp_path, server.url) as stage:
        old = replying(stage)
        stage.clock.pass_(5)
        with stage.store.write() as tx:
            tx.runs.change(old.id, RunState.REPLYING, job_id=5502, called_at=stage.clock.now)
        answer.give(stage.kit, blocks.job, old)
        assert stage.run(old).state is RunState.REPLYING


@pytest.mark.parametrize(
    ("status", "seconds", "mentioned"),
    [("success", 60, False), ("success", 61, True), ("failed", 1, True), ("canceled", 5, False)],
)
def test_whom_a_reply_mentions(tmp_path: Path, status: str, seconds: int, mentioned: bool) -> None:
    """The asker is mentioned when the job failed or took over a minute, else nobody is."""
    with (
        wire.serve(served(wire.plain(WHOLE), status=status)) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = running(stage)
        stage.clock.pass_(seconds)
        stage.look()
        looks(stage, run) if stage.run(run).state is not RunState.DONE else None
        assert ("<@U0ALICE001>" in shown(stage.reply(run))) is mentioned


def test_a_retry_that_was_quick_mentions_nobody(tmp_path: Path) -> None:
    """What counts is how long the retry took, not when the job was asked for first."""
    with wire.serve(served(wire.plain(WHOLE))) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage, asked_at=stage.clock.now - 3_600_000)
        stage.look()
        assert "<@" not in shown(stage.reply(run))


def test_a_failed_job_brings_its_reply_and_the_end_of_its_log(shop: Shop) -> None:
    """A job that failed shows what it wanted to say, why it failed and its last lines, and calls the asker."""
    shop.say("run fail")
    run = shop.ended()
    assert run.failure_reason == "script_failure"
    said = shown(shop.reply())
    assert "Part 41 is missing." in said
    assert "its script failed" in said
    assert "Checking part 40 of 40" in said
    assert "<@U0ALICE001>" in said
    assert "failed" in shown(shop.card())


def test_secrets_of_the_bot_do_not_leave(tmp_path: Path) -> None:
    """What the kit redacts is redacted in replies."""
    log = WHOLE.replace(b"Hello you.", b"token canary")
    with wire.serve(served(wire.plain(log))) as server, stage_at(tmp_path, server.url) as stage:
        run = running(stage)
        stage.look()
        assert "token *" in shown(stage.reply(run))


def test_what_the_job_prints_mentions_nobody(shop: Shop) -> None:
    """A link of the job's author is a link; a mention is text."""
    shop.say("run link")
    shop.ended()
    assert {"type": "link", "url": "https://example.com/report", "text": "here"} in _elements(
        shop.reply().blocks
    )
    assert "<!channel>" in shown(shop.reply())
    assert "<!channel>" not in shop.reply().text


def _elements(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return [part, *(each for value in part.values() for each in _elements(value))]
    if isinstance(part, list | tuple):
        return [each for value in part for each in _elements(value)]
    return []
