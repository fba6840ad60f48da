"""What runs where is told by GitLab's deployments, and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import blocks.job
from bot.environments import Standing
from bot.jobs import standings
from bot.model import Project
from tests.edges import wire
from tests.edges.gitlab_calls import sample
from tests.jobs.seen import shown
from tests.jobs.stage import Shop, stage_at

SHOP = Project(42, "acme/shop", "https://gitlab.example.com/acme/shop", "main")


def deployment(
    number: int, environment: str = "staging", status: str = "success", **more: Any
) -> Mapping[str, Any]:
    """One as GitLab tells of it."""
    whole: dict[str, Any] = dict(sample("deployments_list")[0])
    return whole | {"id": number, "environment": {"name": environment}, "status": status, **more}


def environment(name: str, **more: Any) -> Mapping[str, Any]:
    whole: dict[str, Any] = dict(sample("environments_list")[0])
    return whole | {"name": name, "tier": None, "external_url": None, **more}


def gitlab(environments: Sequence[Any], recent: Sequence[Any], **single: Sequence[Any]) -> wire.Script:
    """A GitLab with these environments, these deployments, and those of one environment."""

    def answer(seen: wire.Seen) -> wire.Reply:
        if seen.path.endswith("/environments"):
            return wire.data(environments)
        rows = single.get(seen.query["environment"], ()) if "environment" in seen.query else recent
        return wire.data([one for one in rows if one["status"] == seen.query["status"]])

    return answer


def looked(path: Path, script: wire.Script) -> tuple[tuple[Standing, ...], list[Standing], int]:
    """What is found, what is kept, and in how many requests."""
    with wire.serve(script) as server, stage_at(path, server.url) as stage:
        found = standings.refresh(stage.kit, stage.kit.gitlab, SHOP)
        with stage.store.read() as tx:
            return found, tx.environments.of_project(42), len(server.seen)


def test_the_last_success_is_what_runs(tmp_path: Path) -> None:
    """A newer one that failed is told beside it; all in three requests, however many only wait."""
    recent = [
        deployment(6, status="blocked"), deployment(5, status="running"),
        deployment(4, status="failed", ref="v9", sha="bad"),
        deployment(3, "production", ref="v8"), deployment(2, ref="v7", sha="good"), deployment(1, status="failed"),
    ]  # fmt: skip
    names = [environment("staging"), environment("production", external_url="https://shop.example.com")]
    found, kept, requests = looked(tmp_path, gitlab(names, recent))
    assert (list(found), requests) == (kept, 3)
    production, staging = found
    assert (staging.ref, staging.sha, staging.by, staging.failed_ref, staging.failed_sha) == (
        "v7", "good", "dana", "v9", "bad",
    )  # fmt: skip
    assert staging.since == 1_795_101_720_000
    assert (production.ref, production.failed_ref, production.url, production.tier) == (
        "v8", "", "https://shop.example.com", "production",
    )  # fmt: skip


def test_an_environment_that_is_quiet_is_asked_for_by_name(tmp_path: Path) -> None:
    """Where the newest hundred of a project tell nothing of it; a stopped one runs nothing."""
    recent = [deployment(1000 - n, "busy") for n in range(100)]
    names = [environment("busy"), environment("quiet/eu"), environment("old", state="stopped")]
    found, _, requests = looked(tmp_path, gitlab(names, recent, **{"quiet/eu": [deployment(1, "quiet/eu")]}))
    assert [(one.name, one.ref, one.state) for one in found] == [
        ("busy", "v8.9.2", "available"), ("old", "", "stopped"), ("quiet/eu", "v8.9.2", "available"),
    ]  # fmt: skip
    assert requests == 4


def test_nothing_was_ever_deployed(tmp_path: Path) -> None:
    """Then nothing runs there, and what failed is told all the same."""
    found, kept, _ = looked(tmp_path, gitlab([environment("staging")], [deployment(1, status="failed")]))
    assert [(one.ref, one.since, one.failed_ref) for one in found] == [("", None, "v8.9.2")]
    assert list(found) == kept


def test_what_has_begun(tmp_path: Path) -> None:
    """However it ended, the newest for each environment; what only waits has not begun."""
    rows = [
        deployment(9, status="blocked"), deployment(8, status="canceled"), deployment(7, "production", "running"),
        deployment(6), deployment(5, "production"), deployment(4, status="created"),
    ]  # fmt: skip
    with wire.serve(gitlab([], rows, staging=rows)) as server, stage_at(tmp_path, server.url) as stage:
        found = standings.begun(stage.kit.gitlab, 42)
        assert {name: one.id for name, one in found.items()} == {"staging": 8, "production": 7}
        lately = standings.lately(stage.kit.gitlab, 42, "staging", 3)
        assert [one.id for one in lately] == [8, 7, 6]


def kept(shop: Shop) -> dict[str, str]:
    """What runs where, as it is kept."""
    with shop.store.read() as tx:
        return {one.name: one.ref for one in tx.environments.of_project(42)}


def test_a_deployment_from_chat_is_seen_when_it_ends(shop: Shop) -> None:
    """What runs there is known without anybody asking; a job without an environment changes nothing."""
    shop.say("run hello")
    shop.ended()
    assert kept(shop) == {}
    shop.say("run deploy-staging")
    run = shop.ended()
    assert kept(shop) == {"production": "", "staging": "main"}
    with shop.store.read() as tx:
        staging = tx.environments.get(42, "staging")
    assert staging is not None
    assert (staging.sha, staging.by, staging.project) == (run.sha, "signalbox", "acme/shop")
    assert shop.run(run).landed == f"staging runs main at {run.sha[:8]} now."
    assert f"staging runs main at {run.sha[:8]} now." in shown(shop.card(run))


def test_what_runs_is_told_though_another_came_between(shop: Shop) -> None:
    """The card says what runs now, be it something else; that of a run that is retried says nothing."""
    shop.say("run deploy-staging")
    run = shop.ended()
    shop.say("run deploy-staging@feature/x")
    other = shop.ended()
    standings.after(shop.kit, blocks.job, run)
    assert shop.run(run).landed == f"staging runs feature/x at {other.sha[:8]} now."
    standings.after(shop.kit, blocks.job, replace(other, job_id=1))
    standings.after(shop.kit, blocks.job, replace(other, id="gone"))
    assert shop.run(other).landed == f"staging runs feature/x at {other.sha[:8]} now."


def test_gitlab_does_not_show_them(tmp_path: Path) -> None:
    """That an environment cannot be looked at hinders nothing."""
    refuse = wire.always(wire.data({"message": "403 Forbidden"}, 403))
    with wire.serve(refuse) as server, stage_at(tmp_path, server.url) as stage:
        standings.after(stage.kit, blocks.job, stage.intend("deploy-staging", environment="staging"))
        with stage.store.read() as tx:
            assert tx.environments.of_project(42) == []
