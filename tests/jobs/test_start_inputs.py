"""A project that declares inputs gets inputs, each with its type."""

from __future__ import annotations

import pytest

import blocks.job
from bot.errors import NotUnderstood
from bot.jobs import lost
from bot.model import RunState
from tests.jobs.seen import shown
from tests.jobs.stage import START, Shop


def test_inputs_go_where_the_project_declares_them(shop: Shop) -> None:
    """A project with inputs gets typed inputs and the names it reserves for us, and no variables."""
    shop.say("acme/infra run scale service=worker replicas=3 dry_run=no")
    run = shop.run()
    assert run.inputs == {
        "service": "worker", "replicas": 3, "dry_run": False,
        "chatops_job": "scale", "chatops_request_id": run.id,
    }  # fmt: skip
    assert shop.kit.gitlab.pipeline_variables(run.project_id, run.pipeline or 0) == {}
    shop.ended()
    assert "service=worker replicas=3 dry_run=false" in shown(shop.reply())


def test_wrong_inputs_are_all_named_at_once(shop: Shop) -> None:
    """Every wrong input is named in one answer, and nothing is started."""
    with pytest.raises(NotUnderstood) as caught:
        shop.say("acme/infra run scale service=db replicas=many color=red")
    assert all(name in caught.value.sentence for name in ("`service`", "`replicas`", "`color`"))
    assert shop.runs() == []


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_answer_of_a_run_with_inputs_is_adopted(shop: Shop, how: str) -> None:
    """Inputs are not shown by GitLab, so the one new pipeline that holds the job is the one."""
    shop.say("acme/infra jobs")
    shop.break_(how)
    shop.say("acme/infra run scale replicas=4")
    assert shop.run().state is RunState.CALLING
    shop.ended()
    assert "replicas=4" in shown(shop.reply())
    assert shop.calls[START] == 1


def test_a_stranger_s_pipeline_is_not_adopted(shop: Shop) -> None:
    """A pipeline that somebody else started, without the job, is not taken for the lost one."""
    stranger = shop.gitlab.project("acme/shop").pipelines.create(
        {"ref": "main", "variables": [{"key": "CHATOPS_JOB", "value": "ls"}]}
    )
    run = shop.intend("scale", inputs={"replicas": 4}, state=RunState.CALLING, called_at=shop.clock.now)
    lost.look_up(shop.kit, blocks.job, run)
    assert shop.run(run).state is RunState.CALLING
    assert stranger.id not in {one.pipeline for one in shop.runs()}
