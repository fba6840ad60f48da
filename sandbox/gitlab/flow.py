"""Moves jobs and pipelines through their statuses: what runs next, what is skipped, what it adds up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sandbox.gitlab.nouns import ENDED, Job, Pipeline

ACTIVE = frozenset({"pending", "running", "canceling", "preparing"})
#: Statuses that leave the pipeline's outcome to the other jobs.
SETTLED = frozenset({"success", "skipped", "ignored"})


def ready(pipeline: Pipeline) -> list[Job]:
    """Settle what the created jobs become, stage by stage; answers those that may now be queued."""
    queue: list[Job] = []
    for stage in pipeline.stages:
        before = [job for job in latest(pipeline) if _earlier(pipeline, job.stage, stage)]
        if any(not _over(job) for job in before):
            break
        failed = any(_counts(job) in ("failed", "canceled") for job in before)
        for job in latest(pipeline):
            if job.stage == stage and job.status == "created":
                _settle(job, failed, queue)
    return queue


def _settle(job: Job, failed: bool, queue: list[Job]) -> None:
    runs = {"always": True, "on_failure": failed}.get(job.when, not failed)
    if not runs:
        job.status = "skipped"
    elif job.manual and not job.at_once:
        job.status = "manual"
    else:
        queue.append(job)


def _earlier(pipeline: Pipeline, one: str, other: str) -> bool:
    return pipeline.stages.index(one) < pipeline.stages.index(other)


def _over(job: Job) -> bool:
    """Whether later stages need not wait for it: a manual job that may fail holds nobody up."""
    return job.status in ENDED or (job.status == "manual" and job.allow_failure)


def latest(pipeline: Pipeline) -> list[Job]:
    """The jobs that count: retried ones do not."""
    return [job for job in pipeline.jobs if not job.retried]


def _counts(job: Job) -> str:
    """The status as it counts for the pipeline: what may fail or be left out is ignored."""
    if job.allow_failure and job.status in ("failed", "canceled", "manual"):
        return "warning" if job.status == "failed" else "ignored"
    return job.status


def status_of(pipeline: Pipeline) -> str:
    """The status of a pipeline out of its jobs' (`Gitlab::Ci::Status::Composite`)."""
    return composite(_counts(job) for job in latest(pipeline))


def composite(statuses: Iterable[str]) -> str:
    """Add statuses up: the first question that is answered with yes decides."""
    found = {"success" if status == "warning" else status for status in statuses}
    return next(status for holds, status in QUESTIONS if holds(found))


#: In the order in which GitLab asks (`Gitlab::Ci::Status::Composite`).
QUESTIONS: tuple[tuple[Callable[[set[str]], bool], str], ...] = (
    (lambda found: found <= {"skipped", "ignored"}, "skipped"),
    (lambda found: found <= SETTLED, "success"),
    (lambda found: found <= {"ignored", "created"}, "created"),
    (lambda found: found <= SETTLED | {"canceled"}, "canceled"),
    (lambda found: "pending" in found and found <= {"ignored", "skipped", "created", "pending"}, "pending"),
    (lambda found: "canceling" in found, "canceling"),
    (lambda found: bool(found & ACTIVE), "running"),
    (lambda found: "manual" in found, "manual"),
    (lambda found: "created" in found, "running"),
    (lambda found: True, "failed"),
)
