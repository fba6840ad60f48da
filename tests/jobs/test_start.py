"""One request makes one run and one call, and the job is handed what was typed."""

from __future__ import annotations

import threading
from pathlib import Path

from bot.config import ProjectConfig
from bot.model import RunState
from tests.jobs.seen import shown
from tests.jobs.stage import START, Shop, shop_at


def test_a_run_comes_to_its_reply(shop: Shop) -> None:
    """`run hello World` starts one pipeline, and the reply of its job lands in the thread of the card."""
    assert shop.say("run hello World") is None
    assert shop.run().state is RunState.RUNNING
    assert "queued" in shown(shop.card())
    run = shop.ended()
    assert (run.status, run.others) == ("success", 0)
    assert "passed" in shown(shop.card())
    assert "Hello World." in shown(shop.reply())
    assert shop.calls[START] == 1


def test_the_same_request_twice_is_one_run(shop: Shop) -> None:
    """A request that is done again, as after a crash, makes no second run and no second call."""
    shop.say("run hello World", key="once")
    shop.say("run hello World", key="once")
    assert len(shop.runs()) == 1
    assert shop.calls[START] == 1


def test_the_same_request_at_the_same_time_is_one_run(shop: Shop) -> None:
    """Four threads with one request make one run and one call."""
    shop.say("jobs")
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait()
        shop.say("run hello", key="once")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(shop.runs()) == 1
    assert shop.calls[START] == 1


def test_a_run_that_was_only_written_down_is_called_when_its_request_is_done_again(shop: Shop) -> None:
    """A crash between the row and the call loses nothing: the request, done again, calls GitLab."""
    run = shop.intend("hello")
    shop.say("run hello", key=run.source)
    assert [one.id for one in shop.runs()] == [run.id]
    assert shop.run(run).state is RunState.RUNNING
    assert shop.calls[START] == 1


def test_a_run_whose_call_is_under_way_is_not_called_again(shop: Shop) -> None:
    """A request that is done again while GitLab is being asked leaves it at that."""
    run = shop.intend("hello", state=RunState.CALLING, called_at=shop.clock.now)
    shop.say("run hello", key=run.source)
    assert shop.calls[START] == 0
    assert shop.run(run).state is RunState.CALLING


def test_variables_of_a_run(shop: Shop) -> None:
    """The job is handed the five variables of the documentation and nothing else; `$` is escaped."""
    shop.say("run say costs $5 and $CI_JOB_TOKEN")
    run = shop.run()
    variables = shop.kit.gitlab.pipeline_variables(run.project_id, run.pipeline or 0)
    assert variables == {
        "CHAT_INPUT": "costs $$5 and $$CI_JOB_TOKEN",
        "CHAT_CHANNEL": "C0OPS00001",
        "CHAT_USER_ID": "U0ALICE001",
        "CHATOPS_JOB": "say",
        "CHATOPS_REQUEST_ID": run.id,
    }


def test_what_was_typed_is_what_the_job_sees(shop: Shop) -> None:
    """Quotes, dollars, newlines and shell signs reach the job just as they were typed."""
    typed = 'don\'t forget "the $HOME" `id` $(id) ; *\n  and the second line'
    shop.say(f"run say {typed}")
    shop.ended()
    assert f"You said: {typed}" in shown(shop.reply())


def test_dollars_stay_when_the_project_says_so(tmp_path: Path) -> None:
    """With `escape_dollar = false` what is typed goes to GitLab as it is."""
    with shop_at(tmp_path, {"acme/shop": ProjectConfig(escape_dollar=False)}) as shop:
        shop.say("run say $SHOP_REGION")
        run = shop.run()
        assert shop.kit.gitlab.pipeline_variables(42, run.pipeline or 0)["CHAT_INPUT"] == "$SHOP_REGION"


def test_run_on_another_ref(shop: Shop) -> None:
    """`job@ref` runs on that branch."""
    shop.say("run hello@feature/x")
    assert shop.pipelines()[0].ref == "feature/x"
    assert "feature/x" in shown(shop.card())


def test_run_on_another_ref_while_the_default_branch_is_broken(shop: Shop) -> None:
    """A broken configuration on the default branch does not keep a job of another branch from running."""
    shop.act("break-yaml")
    shop.say("run hello@feature/x")
    assert shop.pipelines()[0].ref == "feature/x"


def test_a_manual_job_is_played_once(shop: Shop) -> None:
    """A job that waits for a hand is played, once, since somebody asked for it."""
    shop.say("run by-hand")
    shop.ended()
    assert "signalbox pressed play." in shown(shop.reply())
    assert shop.calls["POST /projects/:id/jobs/:id/play"] == 1
