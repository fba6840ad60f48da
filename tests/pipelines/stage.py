"""A stage on which everybody has a GitLab account of their own, with pipelines that take their time in acme/mill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import commands.pipeline
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.model import Message, Run
from bot.policy import Policy, Rule
from bot.stages import PipelineCard
from tests.jobs.speaking import everybody, through
from tests.jobs.stage import Shop, shop_at
from tests.sandbox.gitlab_stage import until

MILL, WEB = "acme/mill", "acme/web"
CREATE, CANCEL = "POST /projects/:id/pipeline", "POST /projects/:id/pipelines/:id/cancel"
RETRY, PLAY = "POST /projects/:id/pipelines/:id/retry", "POST /projects/:id/jobs/:id/play"


@dataclass(frozen=True, slots=True)
class Mill(Shop):
    """What tests of whole pipelines do again and again."""

    def pushed(self, branch: str, path: str = MILL, name: str = "bob") -> int:
        """Id of the pipeline that a push makes."""
        self.act(f"push {branch} {path}", name)
        return int(self.gitlab.project(path).pipelines.list(get_all=False, ref=branch)[0].id)

    def status(self, pipeline: int, path: str = MILL) -> str:
        return str(self.gitlab.project(path).pipelines.get(pipeline).status)

    def finished(self, pipeline: int, status: str, path: str = MILL) -> None:
        """Wait until GitLab says so of a pipeline."""
        until(lambda: self.status(pipeline, path) == status)

    def newest(self, path: str = MILL) -> int:
        return int(self.gitlab.project(path).pipelines.list(get_all=False)[0].id)

    def cards(self) -> list[PipelineCard]:
        """All living cards, by when they were put."""
        with self.store.read() as tx:
            found = tx.pipeline_cards.due(2**60, 1000)
        return sorted(found, key=lambda one: (one.at, one.id))

    def shown(self, card: PipelineCard | None = None) -> Message:
        """What a card is to show; the newest if none is named."""
        one = card or self.cards()[-1]
        with self.store.read() as tx:
            found = tx.cards.get(one.id)
        assert found is not None
        return letters.load(found.wanted)

    def look(self, seconds: float = 5) -> None:
        """What the clock does for pipelines, after some time."""
        self.clock.pass_(seconds)
        commands.pipeline.tick(self.kit)

    def _looked(self, run: Run | str | None) -> Run:
        """A run, after a round in which everything unfinished was looked at; time stands still."""
        Shop.look(self)
        return self.run(run)

    def decisions(self) -> list[tuple[str, str, int | None]]:
        """What the audit trail tells."""
        with self.store.read() as tx:
            return [(one.command, one.decision, one.pipeline) for one in tx.audit.since(0)]

    def speaking(self, kind: type[GitLab]) -> Mill:
        """The same stage, on which everybody speaks with GitLab through an edge of this kind."""
        return replace(self, kit=through(self, kind))

    def ruled(self, *rules: Rule, **more: Any) -> Mill:
        """The same stage under a policy."""
        config = replace(self.kit.config, policy=Policy(rules=rules, **more))
        return replace(self, kit=replace(self.kit, config=config))


@contextmanager
def mill_at(path: Path) -> Iterator[Mill]:
    """The bot's rooms with the sandbox's GitLab behind them, each person with their own token."""
    with shop_at(path) as stage, everybody(stage) as kit:
        yield Mill(kit, stage.clock, gitlab=stage.gitlab)
