"""What somebody wants to do with a whole pipeline, and what was done, in words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.ledger import Write
from bot.pipelines.seeing import Target

RUN, CANCEL, RETRY = "pipeline.run", "pipeline.cancel", "pipeline.retry"
DECISIONS = {RUN: "started", CANCEL: "canceled", RETRY: "retried"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A pipeline to be started, or something to be done to one."""

    kind: str
    project_id: int
    project: str
    ref: str
    sha: str
    """The commit that was looked at."""
    pipeline: int = 0
    """0 for one that is to be started."""
    newest: int = 0
    """Id of its newest job before anything is done: a retry makes newer ones."""
    tied: bool = False
    """Whether somebody agreed to that very commit: another one is called off."""
    deploys: bool = False

    @property
    def verb(self) -> str:
        return self.kind.rpartition(".")[2]

    @property
    def target(self) -> Target:
        return Target(self.project_id, self.project, self.pipeline)


def dump(plan: Plan) -> str:
    return json.dumps(asdict(plan), ensure_ascii=False)


def of_write(write: Write) -> Plan:
    """Return what a change is to do."""
    return Plan(**json.loads(write.about))


def remark(plan: Plan, name: str) -> str:
    """Return what was done and by whom, for people, in plain text."""
    return {
        RUN: f"Started by {name}", CANCEL: f"Canceled by {name}", RETRY: f"Failed jobs run again by {name}",
    }[plan.kind]  # fmt: skip
