"""Whole pipelines: GitLab's samples and the sandbox's GitLab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.edges.gitlab import GitLab
from tests.edges import wire
from tests.edges.gitlab_calls import NOW, Connect, sample
from tests.edges.wire import Reply, Seen
from tests.sandbox.gitlab_stage import GitLabStage, until

SHOP = 42


@pytest.fixture
def bob(speak: Callable[[str], GitLab]) -> GitLab:
    """The sandbox's GitLab as Bob sees it."""
    return speak("bob")


def script(seen: Seen) -> Reply:
    """Jobs and bridges of one pipeline."""
    name = "pipeline_bridges" if seen.path.endswith("/bridges") else "pipeline_jobs_list"
    return wire.data(sample(name) if seen.query["page"] == "1" else [])


def test_the_jobs_of_a_pipeline_come_with_those_that_stand_for_one_below(connect: Connect) -> None:
    """Oldest first; a bridge leads to the pipeline it has started."""
    with wire.serve(script) as server:
        found = connect(server).whole_jobs(SHOP, 1201)
    assert [one.id for one in found] == sorted(one.id for one in found)
    bridges = {one["name"]: one for one in sample("pipeline_bridges")}
    below = [one for one in found if one.name in bridges]
    assert below
    for one in below:
        downstream: dict[str, Any] = bridges[one.name].get("downstream_pipeline") or {}
        assert one.url == downstream.get("web_url", bridges[one.name]["web_url"])
    assert server.seen[0].query["include_retried"] == "false"


def test_the_newest_of_a_ref_is_asked_for(connect: Connect) -> None:
    """By their ids, so that a slow one does not hide a newer one."""
    with wire.serve(wire.always(wire.data(sample("pipelines_list")))) as server:
        found = connect(server).newest_pipelines(SHOP, "feature/x", most=3)
        connect(server).newest_pipelines(SHOP)
    assert found
    assert server.seen[0].query == {"order_by": "id", "sort": "desc", "per_page": "3", "ref": "feature/x"}
    assert server.seen[1].query == {"order_by": "id", "sort": "desc", "per_page": "1"}


def test_times_of_a_pipeline_are_read(connect: Connect) -> None:
    """Those that it does not have yet are left open."""
    with wire.serve(wire.always(wire.data(sample("pipeline_get")))) as server:
        one = connect(server).pipeline(SHOP, 1201)
    assert one.started_at == NOW + 3_300
    assert one.finished_at is None


def test_a_retry_is_sent_once(connect: Connect) -> None:
    """It is a change like any other."""
    with wire.serve(wire.always(wire.data(sample("pipeline_retry"), 201))) as server:
        assert connect(server).retry_pipeline(SHOP, 1201).id == 1201
    assert server.paths() == ["POST /api/v4/projects/42/pipelines/1201/retry"]


def test_who_made_which_since(stage: GitLabStage, bob: GitLab) -> None:
    """A lost answer is looked for among the pipelines of that person alone."""
    mill = bob.project("acme/mill")
    made = bob.create_pipeline(mill.id, "main", variables={}, inputs={})
    since = made.created_at - 1_000
    assert [one.id for one in bob.pipelines_by(mill.id, "bob", "main", since)] == [made.id]
    assert bob.pipelines_by(mill.id, "alice", "main", since) == []
    assert bob.pipelines_by(mill.id, "bob", "main", made.created_at + 3_600_000) == []
    assert [one.name for one in bob.whole_jobs(mill.id, made.id)] == ["grind", "sift", "taste", "pack"]
    until(lambda: bob.pipeline(mill.id, made.id).status == "success")
