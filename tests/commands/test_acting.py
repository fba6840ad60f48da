"""Runs are started once more, cancelled, retried, and their logs are sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from blocks.job import AGAIN, CANCEL, LOG, RETRY
from bot.errors import BotError, LeftOut, NotUnderstood, Refused
from bot.model import Place, RunState
from tests.edges import wire
from tests.jobs.scripted import job_body, running, script
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import BUTTONS, DEV, START, Shop, stage_at
from tests.sandbox.gitlab_stage import until

#: Buttons that begin something new, or are about who presses them, and need no row.
OPEN_SOMETHING = {
    "approvals.reject", "link.new", "link.token", "home.refresh", "settings.edit", "unlink.press",
    # They look at their row when they fill in the form that they open: tests/evidence/test_forged.py holds them to it.
    "issue.add", "issue.comment", "issue.create", "issue.label",
}  # fmt: skip
#: How a sentence says that a row is gone.
GONE = r"too old|no longer know|not remember|is over|was answered|any more|I know no such"


def test_run_alone_asks_for_a_job(shop: Shop) -> None:
    """`run` without a job offers those that can be started."""
    with pytest.raises(LeftOut, match="Which job of acme/shop") as caught:
        shop.say("shop run")
    assert (caught.value.before, caught.value.source) == ("shop run", "")
    offered = {one.value: one.hint for one in caught.value.options}
    assert offered["say"] == "chatops · Repeats what you say"
    assert "chat-only" not in offered


def test_a_card_has_no_buttons_before_gitlab_answers(shop: Shop) -> None:
    """While GitLab is asked there is nothing to press."""
    run = shop.intend("hello", state=RunState.CALLING)
    assert buttons(shop.card(run)) == []


def test_again_runs_the_same_once_more(shop: Shop) -> None:
    """`again` and `!!` make a new run with the same project, job, ref and arguments."""
    shop.say("run say@feature/x  hello   there", channel=DEV)
    assert shop.say("!!", channel=DEV) is None
    new, old = shop.runs()
    assert (
        (new.job, new.ref, new.arguments)
        == (old.job, old.ref, old.arguments)
        == ("say", "feature/x", "hello   there")
    )
    assert new.id != old.id
    assert shop.calls[START] == 2


def test_again_by_button_stays_where_the_card_is(shop: Shop) -> None:
    """Run again posts its card where the old one is, in the name of the one who pressed."""
    old = shop.intend("say", place=Place(DEV), arguments='with "quotes" and $money', state=RunState.REFUSED)
    assert shop.press("run.again", old.id, name="bob") is None
    new = shop.run()
    assert (new.place, new.asker, new.arguments) == (Place(DEV), "bob", old.arguments)


def test_again_keeps_inputs(shop: Shop) -> None:
    """A run with inputs is run again with them, and with its own request id."""
    shop.say("acme/infra run scale service=worker replicas=3")
    shop.say("again scale")
    new, old = shop.runs()
    assert new.inputs == {**old.inputs, "chatops_request_id": new.id}


def test_again_twice_by_one_click_is_one_run(shop: Shop) -> None:
    """The same click done again makes no second run."""
    old = shop.intend("hello", state=RunState.REFUSED)
    shop.press("run.again", old.id, key="click")
    shop.press("run.again", old.id, key="click")
    assert len(shop.runs()) == 2
    assert shop.calls[START] == 1


def test_again_of_a_job_that_is_gone(shop: Shop) -> None:
    """A job that the newest commit does not hold any more is told as any unknown job."""
    shop.intend("goodbye", state=RunState.DONE, status="success")
    with pytest.raises(NotUnderstood, match="acme/shop has no job `goodbye`"):
        shop.say("again")


@pytest.mark.parametrize("action", [AGAIN, CANCEL, LOG, RETRY])
def test_a_button_of_a_forgotten_run(shop: Shop, action: str) -> None:
    """A card outlives its row; its buttons then say so and what to do."""
    with pytest.raises(NotUnderstood, match="That run is too old for me to remember"):
        shop.press(action, "gone")


@pytest.mark.parametrize("action", sorted(BUTTONS.keys() - OPEN_SOMETHING))
def test_a_button_of_a_forgotten_row(shop: Shop, action: str) -> None:
    """Whatever a button is about, once its row is gone a sentence says so, and GitLab hears nothing of it."""
    with pytest.raises(BotError, match=GONE):
        shop.press(action, "gone")
    assert not any(call.startswith(("POST", "PUT", "DELETE")) for call in shop.calls)


def test_words_answer_where_buttons_are_silent(shop: Shop) -> None:
    """Typed, cancel and retry confirm that GitLab was asked; pressed, the card says it all."""
    shop.say("run slow 30")
    shop.until(None, "running")
    assert "I asked GitLab to cancel `slow`" in shown(shop.say("stop"))
    shop.ended()
    assert "I asked GitLab to retry `slow`" in shown(shop.say("retry slow"))
    shop.until(None, "running")
    assert shop.press("cancel.press", shop.run().id) is None
    shop.ended()


def test_the_log_comes_as_a_file_once(shop: Shop) -> None:
    """`log` puts the whole log, without colours and markers, as a file into the thread, once a request."""
    shop.say("run fail")
    run = shop.ended()
    assert "The log of `fail` is on its way" in shown(shop.say("log fail", key="one"))
    shop.say("log fail", key="one")
    letter = shop.letter("one.log")
    sent = shop.letter("one.log.file")
    assert letter is not None
    assert sent is not None
    assert sent.file is not None
    assert sent.file.name == f"{run.job_id}.log.txt"
    assert "Checking part 40 of 40" in sent.file.text
    assert re.search(r"section_start:\d", sent.file.text) is None
    assert "\x1b" not in sent.file.text
    assert f"<{run.job_url}|job {run.job_id}>" in shown(letter)
    with shop.store.read() as tx:
        file = tx.outbox.get("one.log.file")
    assert file is not None
    assert file.kind == "file"


def test_the_log_by_button_while_it_runs(shop: Shop) -> None:
    """While the job runs the log is sent as it is."""
    shop.say("run slow 30")
    shop.until(None, "running")
    run = shop.run()

    def sent() -> bool:
        try:
            return shop.press("log.press", run.id, key="two") is None
        except Refused:
            return False

    until(sent)
    assert shop.letter("two.log")
    shop.say("cancel")
    shop.ended()


def test_a_run_without_a_job_has_no_log(shop: Shop) -> None:
    """A run that never got a job says that it has no log."""
    shop.intend("hello", state=RunState.REFUSED)
    with pytest.raises(Refused, match="`hello` has no log: GitLab never gave it a job"):
        shop.say("log")


def test_hostile_job_names_in_answers(tmp_path: Path) -> None:
    """The name of a job is only text in what is said about it."""
    routes = {"/cancel": [wire.data(job_body("canceled"))], "/retry": [wire.data(job_body("pending", 5502))]}
    with (
        wire.serve(script(routes | {"trace": [wire.plain("a line\n")]})) as server,
        stage_at(tmp_path, server.url) as stage,
    ):
        run = running(stage, job="<!channel>")
        assert "`&lt;!channel&gt;`" in shown(stage.say("cancel"))
        assert "`&lt;!channel&gt;`" in shown(stage.say("log"))
        with stage.store.write() as tx:
            tx.runs.move(run.id, RunState.RUNNING, RunState.DONE, status="failed")
        assert "`&lt;!channel&gt;`" in shown(stage.say("retry"))


def test_run_again_pressed_twice_runs_once(shop: Shop) -> None:
    """A double click is one wish; a press after a while is another one."""
    shop.say("run hello World")
    first = shop.ended()
    shop.clock.pass_(60)
    shop.press("run.again", first.id)
    told = shop.press("run.again", first.id)
    assert told is not None
    assert "just started that" in shown(told)
    assert len(shop.pipelines()) == 2
    shop.clock.pass_(60)
    shop.press("run.again", first.id)
    assert len(shop.pipelines()) == 3
