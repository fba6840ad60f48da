"""Whole pipelines: their jobs by stage, how far they have come, and where in Slack they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import ENDED, RESTS, Job, Millis, Person, Pipeline, Place

#: Statuses of a job that GitLab runs again with its pipeline (doc/api/pipelines.md, Retry jobs in a pipeline).
RETRIED = frozenset({"failed", "canceled"})
#: In which order the jobs of a stage are told, by their status: what somebody has to look at comes first.
_URGENCY = ("failed", "canceled", "canceling", "running", "manual")


@dataclass(frozen=True, slots=True)
class Stage:
    """Jobs of a pipeline that run beside one another."""

    name: str
    jobs: tuple[Job, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing in it moves by itself any more."""
        return all(job.status in RESTS for job in self.jobs)


@dataclass(frozen=True, slots=True)
class Whole:
    """A pipeline with all of its jobs, as one identity saw it."""

    pipeline: Pipeline
    jobs: tuple[Job, ...]
    """The newest of each name, without those that were run again since; oldest first."""

    @property
    def is_active(self) -> bool:
        """Whether it moves by itself."""
        return self.pipeline.status not in RESTS

    @property
    def failed(self) -> tuple[Job, ...]:
        """The jobs that made it fail: those that are allowed to, did not."""
        return tuple(job for job in self.jobs if job.status == "failed" and not job.allow_failure)

    @property
    def manual(self) -> tuple[Job, ...]:
        """The jobs that wait for somebody to play them."""
        return tuple(job for job in self.jobs if job.status == "manual")

    @property
    def can_be_retried(self) -> bool:
        """Whether it came to nothing, and GitLab has jobs to run again in it."""
        return self.pipeline.status in RETRIED and any(job.status in RETRIED for job in self.jobs)

    @property
    def done(self) -> int:
        """How many jobs have ended."""
        return sum(job.status in ENDED for job in self.jobs)

    @property
    def counted(self) -> int:
        """How many jobs there are that run by themselves."""
        return sum(job.status not in {"manual", "scheduled"} for job in self.jobs)


def stages(jobs: Sequence[Job], known: Sequence[str] = ()) -> tuple[Stage, ...]:
    """
    Return the jobs by stage, in the order in which the stages run.

    GitLab tells no order; jobs are made stage by stage, so their ids do, until one is run again: `known` is the order
    as it was seen before. Within a stage, what somebody has to look at comes first.
    """
    names = list(dict.fromkeys((*known, *(job.stage for job in sorted(jobs, key=lambda one: one.id)))))
    found = {name: sorted((job for job in jobs if job.stage == name), key=_rank) for name in names}
    return tuple(Stage(name, tuple(mine)) for name, mine in found.items() if mine)


def _rank(job: Job) -> tuple[int, bool, int]:
    at = _URGENCY.index(job.status) if job.status in _URGENCY else len(_URGENCY)
    return at, job.allow_failure, job.id


def progress(found: Sequence[Stage]) -> tuple[int, int]:
    """Return which stage a pipeline is in, from 1, and how many there are."""
    at = next((n for n, stage in enumerate(found, 1) if not stage.is_over), len(found))
    return at, len(found)


# In Slack ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PipelineCard:
    """A message of ours that shows a pipeline."""

    id: str
    person: Person
    """Who had it shown, or started it."""
    name: str
    """Their name as Slack shows it."""
    place: Place
    project_id: int
    project: str
    """Full path."""
    pipeline: int
    living: bool
    """Whether it is edited as the pipeline goes on: what only one person sees cannot be."""
    started: bool = False
    """Whether it was started from here: then its end is told."""
    title: str = ""
    """Of its commit."""
    at: Millis = 0
    remark: str = ""
    """What was done to it last, in plain text."""
    seen: str = ""
    """Status of the pipeline and of each job as they were seen last, so that a change is noticed."""
    stages: str = ""
    """Names of its stages in their order, as JSON."""
    told: str = ""
    """The end that was told last, so that it is told once."""
    deploys: bool = False
    """Whether it may deploy: then environments are looked at anew afterwards."""
    since: Millis = 0
    """Since when nothing has changed."""
    next_look: Millis = 0
    looks: int = 0
    fails: int = 0
