"""A job that is there already, in a pipeline somebody made before: what starting it means for the ladder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.catalogues import Catalogue, ChatJob
from bot.edges.gitlab import GitLab
from bot.errors import BotError, GitLabBusy, GitLabUnreachable
from bot.jobs import guarded
from bot.jobs.catalogue import catalogue_at
from bot.jobs.sources import Source
from bot.model import Job, Project

#: Statuses of a job that will wait for somebody, or start by itself, once its pipeline has come that far.
AHEAD = frozenset({"created", "scheduled"})
#: Statuses of a job that nobody has started.
NOT_BEGUN = AHEAD | {"manual"}
#: Statuses of a job that has ended and may run again (doc/api/jobs.md, "Retry a job").
HAS_ENDED = frozenset({"success", "failed", "canceled"})
#: Statuses of jobs that start by themselves after one that is started, in the same pipeline.
MAY_FOLLOW = frozenset({"created", "skipped", "scheduled"})


def known_at(gitlab: GitLab, project: Project, sha: str) -> Catalogue | None:
    """Return the jobs of a commit; None if its configuration cannot be read any more."""
    try:
        return catalogue_at(gitlab, project, sha)
    except (GitLabUnreachable, GitLabBusy):
        raise
    except BotError:
        return None


def subject(
    project: Project, source: Source, environment: str, there: Catalogue | None, jobs: Sequence[Job], job: Job
) -> guarded.Subject:
    """
    Return what starting a job that is there already means, for the ladder.

    Its commit and its definition are those of its pipeline, for ever; what may follow it in the pipeline are jobs that
    have not begun and wait for nobody. Without a catalogue nobody knows which of these deploy.
    """
    left = [one for one in jobs if one.id != job.id and one.status in MAY_FOLLOW]
    known = {one.name: one for one in there.jobs} if there else {}
    # What they are is told by their names: a definition that is included from elsewhere is not theirs any more.
    along = tuple(
        replace(known[one.name], definition="")
        for one in left
        if one.name in known and _follows(known[one.name])
    )
    perhaps = tuple(one.name for one in left if one.name not in known)
    mine = known.get(job.name)
    tier, asks = (mine.tier, mine.asks) if mine else ("", "")
    chat_job = ChatJob(job.name, job.stage, environment=environment, tier=tier, asks=asks)
    ref = source.ref or job.ref
    return guarded.Subject(project, chat_job, ref, source.sha, "", along=along, perhaps=perhaps)


def _follows(job: ChatJob) -> bool:
    return job.deploys and not job.manual
