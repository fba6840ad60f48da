"""What GitLab started is found when its answer was lost, and nothing is started twice."""

from __future__ import annotations

import pytest

import blocks.job
from bot.jobs import lost, start
from bot.model import RunState
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import START, Shop

CALL = start.call


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_answer_is_adopted_by_the_request_id(shop: Shop, how: str) -> None:
    """When GitLab did the work and its answer was lost, the pipeline is found, and not started again."""
    shop.say("run say first")
    shop.break_(how)
    shop.say("run hello World")
    assert shop.run().state is RunState.CALLING
    assert "will not start it twice" in shown(shop.card())
    shop.ended()
    assert "Hello World." in shown(shop.reply())
    assert "will not start" not in shown(shop.card())
    assert shop.calls[START] == 2
    assert len(shop.pipelines()) == 2


def test_a_request_that_never_arrived_ends_as_not_known(shop: Shop) -> None:
    """65 seconds after the call nothing was found: the card says so, offers Run again, and nothing is repeated."""
    shop.say("jobs")
    run = shop.intend("hello")
    shop.break_("502", times=1)
    CALL(shop.kit, blocks.job, run)
    shop.clock.pass_(64)
    shop.look()
    assert shop.run(run).state is RunState.CALLING
    shop.clock.pass_(1)
    shop.look()
    assert shop.run(run).state is RunState.UNKNOWN
    assert "I found no pipeline of it. I did not start it again." in shown(shop.card(run))
    assert "not known" in shown(shop.card(run))
    assert buttons(shop.card(run)) == ["Run again"]
    assert shop.calls[START] == 1
    asked = sum(shop.calls.values())
    shop.clock.pass_(3600)
    shop.look()
    assert sum(shop.calls.values()) == asked


def test_it_is_looked_for_as_long_as_gitlab_cannot_be_asked(shop: Shop) -> None:
    """While GitLab is down the card says that it is not known; when GitLab is back the pipeline is adopted."""
    run = shop.intend("hello", arguments="World")
    shop.break_("cut-after")
    CALL(shop.kit, blocks.job, run)
    shop.break_("down")
    shop.look()
    assert shop.run(run).state is RunState.CALLING
    shop.clock.pass_(66)
    shop.look()
    assert shop.run(run).state is RunState.UNKNOWN
    assert "GitLab has not answered since I asked" in shown(shop.card(run))
    shop.clock.pass_(3600)
    shop.tick()
    assert shop.run(run).state is RunState.UNKNOWN
    shop.mend()
    shop.clock.pass_(66)
    shop.tick()
    assert shop.run(run).state is RunState.RUNNING
    shop.ended(run)
    assert "Hello World." in shown(shop.reply(run))
    assert shop.calls[START] == 1


def test_it_is_not_known_once_gitlab_could_be_asked(shop: Shop) -> None:
    """GitLab was down for long, and now that it is back it holds nothing: then the looking ends."""
    run = shop.intend("hello")
    shop.break_("down")
    CALL(shop.kit, blocks.job, run)
    shop.clock.pass_(66)
    shop.look()
    shop.mend()
    shop.clock.pass_(66)
    shop.tick()
    assert "I found no pipeline of it" in shown(shop.card(run))
    assert shop.pipelines() == []


def test_an_answer_that_comes_late_still_counts(shop: Shop) -> None:
    """A call that is answered after it was given up is believed: the run goes on."""
    run = shop.intend("hello", state=RunState.CALLING, called_at=shop.clock.now)
    pipeline = shop.kit.gitlab.create_pipeline(
        42, "main", variables=start.variables(shop.kit, run), inputs={}
    )
    lost.give_up(shop.kit, blocks.job, run, looked=True)
    start.settle(shop.kit, blocks.job, run, start.of_pipeline(pipeline))
    assert shop.run(run).state is RunState.RUNNING
    assert shop.run(run).pipeline == pipeline.id


def test_run_again_after_not_known_is_a_new_run(shop: Shop) -> None:
    """The button of a card that is not known starts another run, since a person decided so."""
    run = shop.intend("hello", state=RunState.UNKNOWN, arguments="World")
    shop.press("run.again", run.id)
    assert [one.arguments for one in shop.runs()] == ["World", "World"]
    assert shop.calls[START] == 1


def test_a_busy_project_is_not_searched_without_end(shop: Shop) -> None:
    """Only the newest pipelines are looked into, whatever others start."""
    for _ in range(lost.MOST_LOOKED_INTO + 5):
        shop.gitlab.start("quiet")
    run = shop.intend("hello", state=RunState.CALLING, called_at=shop.clock.now)
    lost.look_up(shop.kit, blocks.job, run)
    assert shop.calls["GET /projects/:id/pipelines/:id/variables"] <= lost.MOST_LOOKED_INTO
