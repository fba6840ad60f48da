"""What starting a whole pipeline means for the ladder: every deployment that begins with it is looked at."""

from __future__ import annotations

from dataclasses import replace

from bot.access.decide import kinds
from bot.catalogues import ChatJob
from bot.command import By, Click, Request
from bot.deeds import Deed
from bot.edges.gitlab import GitLab
from bot.jobs import guarded, standing_job
from bot.jobs.catalogue import catalogue_for
from bot.kit import Kit
from bot.model import PLAIN, Project
from bot.stages import RETRIED, Whole

#: Statuses of jobs that begin again with a pipeline that is retried, or after a job of it.
_BEGIN_AGAIN = RETRIED | {"created", "skipped"}
#: It stands for the pipeline itself, which is no job.
_NO_JOB = ChatJob("", "")


def of_new(kit: Kit, gitlab: GitLab, project: Project, ref: str) -> guarded.Subject:
    """
    Return what a new pipeline of a ref would start by itself; raises as `catalogue_for` does.

    What people agree to has to be how it is now, with all that is included from elsewhere: it is read anew.
    """
    found = catalogue_for(gitlab, kit.store, project, ref, start=PLAIN, now=kit.now(), fresh=lambda _: True)
    mine = [job for job in found.jobs if job.deploys and job.startable and not job.manual]
    return guarded.Subject(
        project, _NO_JOB, ref, found.sha, "", declared=found.inputs,
        along=tuple(job for job in mine if job.joins), perhaps=tuple(job.name for job in mine if not job.joins),
    )  # fmt: skip


def of_retry(gitlab: GitLab, project: Project, whole: Whole) -> guarded.Subject:
    """
    Return what begins again when the failed jobs of a pipeline are run once more, and what follows them.

    Of jobs that its configuration does not tell of, any may deploy, and those deploy anywhere whose inputs choose.
    """
    one, again = whole.pipeline, [job for job in whole.jobs if job.status in _BEGIN_AGAIN]
    found = standing_job.known_at(gitlab, project, one.sha)
    known = {job.name: job for job in found.jobs if not job.passed} if found else {}
    # What they are is told by their names: a definition that is included from elsewhere is not theirs any more.
    along = tuple(
        replace(known[name], definition="")
        for name in dict.fromkeys(job.name for job in again if job.name in known)
        if known[name].deploys
    )
    perhaps = tuple(sorted({job.name for job in again if job.name not in known}))
    return guarded.Subject(project, _NO_JOB, one.ref, one.sha, "", along=along, perhaps=perhaps)


def deed(kit: Kit, what: guarded.Subject, asked: Request | Click, verb: str) -> Deed:
    """Return the deed of starting a pipeline (`run`), or its failed jobs (`retry`), as a whole."""
    return _named(guarded.deed(kit, what, asked.person, asked.place), verb)


def plain_deed(asked: Request | Click | By, project_id: int, project: str, ref: str, verb: str = "") -> Deed:
    """Return the deed of something that starts nothing: showing a pipeline, or canceling it."""
    made = Deed(
        (), asked.person, asked.place.channel, project=project, project_id=project_id, ref=ref,
    )  # fmt: skip
    return _named(made, verb)


def _named(made: Deed, verb: str) -> Deed:
    """Name it so that no rule about `run`, `retry` or `cancel` is got round by the word `pipeline`."""
    return replace(made, commands=("pipeline", *(kinds(verb) if verb else ())))
