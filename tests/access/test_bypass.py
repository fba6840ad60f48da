"""Deployments that went past a lock are noticed, whatever GitLab does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import blocks.lock
from bot.access import bypass
from bot.ledger import Lock
from bot.model import Place, RunState
from tests.access.lock_stage import NOON, PEOPLE, SHOP, Stage, stage_at
from tests.edges import wire
from tests.jobs.seen import shown

LOCK = Lock(
    "L1", SHOP, "acme/shop", "staging", PEOPLE["alice"], "alice", 7, NOON, None, "", Place("C0OPS00001"), watched=10,
    next_look=NOON,
)  # fmt: skip


@dataclass(slots=True)
class Told:
    """A GitLab that tells of these deployments, newest first."""

    deployments: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    asked: list[wire.Seen] = field(default_factory=list)

    def __call__(self, seen: wire.Seen) -> wire.Reply:
        self.asked.append(seen)
        return wire.data(self.deployments if self.status == 200 else {"message": "no"}, self.status)


def deployment(
    number: int, *, by: int = 8, status: str = "success", pipeline: int = 900, **more: Any
) -> dict[str, Any]:
    """A deployment as GitLab tells of it (samples/gitlab/deployments_list.json)."""
    home = "https://gitlab.example.com/acme/shop/-"
    return {
        "id": number, "iid": number, "ref": "main", "sha": "a1b2c3d4e5f60718", "status": status,
        "created_at": "2026-08-07T12:00:00.000Z", "updated_at": "2026-08-07T12:00:00.000Z",
        "user": {"id": by, "username": "bob", "name": "Bob Baker"}, "environment": {"id": 1, "name": "staging"},
        "deployable": {"id": 5, "web_url": f"{home}/jobs/5", "pipeline": {"id": pipeline}},
    } | more  # fmt: skip


@contextmanager
def watched(path: Path, lock: Lock = LOCK) -> Iterator[tuple[Stage, Told]]:
    """A stage on which staging is locked, and what GitLab tells of it."""
    gitlab = Told()
    with wire.serve(gitlab) as server, stage_at(path, server.url, {"bot": "glpat-canary"}) as stage:
        with stage.kit.store.write() as tx:
            assert tx.locks.add(lock)
        yield stage, gitlab


def look(stage: Stage, seconds: float = 0) -> Lock:
    stage.clock.pass_(seconds / 60)
    bypass.look(stage.kit, blocks.lock)
    return stage.lock()


def test_a_deployment_of_another_is_told(tmp_path: Path) -> None:
    """The sentence names who, what, where and whose lock, with a link; it goes into the audit trail."""
    with watched(tmp_path) as (stage, gitlab):
        gitlab.deployments = [deployment(11), deployment(10)]
        assert look(stage).watched == 11
        said = shown(stage.told("L1.11.passed"))
        assert "bob deployed main (`a1b2c3d4`) to `staging` from GitLab while alice holds the lock." in said
        assert "<https://gitlab.example.com/acme/shop/-/jobs/5|Its job>" in said
        assert stage.told("L1.10.passed") is None
        entry = stage.trail()[-1]
        assert (entry.decision, entry.username, entry.pipeline) == ("deployed past the lock", "bob", 900)
        assert (entry.gitlab_id, entry.person.id) == (8, ""), "who is not connected is nobody in Slack"
        assert "environment=staging" in gitlab.asked[0].target


def test_ours_and_the_holder_s_are_nothing_to_tell(tmp_path: Path) -> None:
    """A pipeline that a run started, and whatever the holder's GitLab account did, is left out."""
    with watched(tmp_path) as (stage, gitlab):
        stage.run(state=RunState.RUNNING, pipeline=901)
        gitlab.deployments = [deployment(12, pipeline=901), deployment(11, by=7)]
        assert look(stage).watched == 12
        assert stage.trail() == []


def test_what_only_waits_is_told_once_it_runs(tmp_path: Path) -> None:
    """A deployment that was not begun yet is looked at again; those behind it are told once."""
    with watched(tmp_path) as (stage, gitlab):
        gitlab.deployments = [deployment(12), deployment(11, status="created")]
        look(stage)
        assert stage.told("L1.12.passed") is not None
        assert stage.told("L1.11.passed") is None
        gitlab.deployments = [deployment(12), deployment(11, status="running")]
        assert look(stage, 30).watched == 12
        assert stage.told("L1.11.passed") is not None
        assert len(stage.trail()) == 2


def test_every_thirty_seconds(tmp_path: Path) -> None:
    """Between two looks GitLab is left alone."""
    with watched(tmp_path) as (stage, gitlab):
        look(stage)
        look(stage, 29)
        assert len(gitlab.asked) == 1
        look(stage, 1)
        assert len(gitlab.asked) == 2


def test_gitlab_is_away(tmp_path: Path) -> None:
    """It is asked again a minute later, and what happened meanwhile is told then."""
    with watched(tmp_path) as (stage, gitlab):
        gitlab.status = 502
        assert look(stage).next_look == stage.clock.now + bypass.AGAIN_MS
        asked = len(gitlab.asked)
        look(stage, 59)
        assert len(gitlab.asked) == asked
        gitlab.status, gitlab.deployments = 200, [deployment(11)]
        look(stage, 1)
        assert stage.told("L1.11.passed") is not None
        assert bypass.newest(stage.kit, SHOP, "staging") == 11
        gitlab.status = 403
        assert bypass.newest(stage.kit, SHOP, "staging") == -1


def test_the_first_look_only_remembers(tmp_path: Path) -> None:
    """Where nobody knows what was there at the time of the lock, nothing old is told."""

    with watched(tmp_path, replace(LOCK, watched=-1)) as (stage, gitlab):
        gitlab.deployments = [deployment(11)]
        assert look(stage).watched == 11
        assert stage.trail() == []
        gitlab.deployments = [deployment(12), deployment(11)]
        look(stage, 30)
        assert len(stage.trail()) == 1


def test_a_run_that_is_just_starting_is_waited_for(tmp_path: Path) -> None:
    """Its pipeline has no number yet, and could be taken for somebody else's."""
    with watched(tmp_path) as (stage, gitlab):
        run = stage.run(state=RunState.CALLING)
        gitlab.deployments = [deployment(11, pipeline=902)]
        assert look(stage).watched == 10
        with stage.kit.store.write() as tx:
            tx.runs.move(run.id, RunState.CALLING, RunState.RUNNING, pipeline=902)
        assert look(stage, 5).watched == 11
        assert stage.trail() == []


def test_a_lock_that_ended_meanwhile(tmp_path: Path) -> None:
    """Between the question and its answer the lock may be gone: then there is nothing to tell."""
    with watched(tmp_path) as (stage, gitlab):
        acts: list[Any] = []

        later = replace(stage, kit=replace(stage.kit, apart=lambda name, act: acts.append(act)))
        bypass.look(later.kit, blocks.lock)
        with stage.kit.store.write() as tx:
            tx.locks.end("L1", "released")
        gitlab.deployments = [deployment(11)]
        acts[0]()
        assert stage.trail() == []
        bypass.look(later.kit, blocks.lock)
        assert len(acts) == 1


def test_hostile_names_from_gitlab(tmp_path: Path) -> None:
    """The ref, the user and the address of a deployment are only text."""
    with watched(tmp_path) as (stage, gitlab):
        gitlab.deployments = [
            deployment(11, ref="<!channel>", sha="`<!here>", user={"id": 8, "username": "<@U1>"})
        ]
        look(stage)
        said = shown(stage.told("L1.11.passed"))
        assert "&lt;@U1&gt; deployed &lt;!channel&gt; (`'&lt;!here&gt;`)" in said
