"""What can be done with a run that is there: cancel it, retry it."""

from __future__ import annotations

from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, Refused
from bot.jobs import life, start
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import ENDED, Person, Run, RunState

#: Jobs in these states may be run again in their pipeline (doc/api/jobs.md, "Retry a job").
RETRYABLE = frozenset({"failed", "canceled", "success"})


def cancel(kit: Kit, draw: Drawing, run: Run, *, person: Person, name: str) -> None:
    """
    Ask GitLab, as `person`, to cancel the job of a run; asking twice does no harm.

    Raises Refused when there is nothing to cancel or GitLab says no.
    """
    if run.state in {RunState.ASKED, RunState.CALLING}:
        raise Refused(
            f"GitLab has not confirmed `{run.job}` yet, so there is nothing to cancel. Try again in a moment."
        )
    if run.state is not RunState.RUNNING or run.status in ENDED:
        raise Refused(f"`{run.job}` is not running any more, so there is nothing to cancel.")
    gitlab = kit.gitlab_as(person)
    try:
        gitlab.cancel(run.project_id, run.job_id or _its_job(gitlab, run))
    except GitLabSaidNo as error:
        raise Refused(f"GitLab did not cancel `{run.job}`: {error}") from error
    life.update(kit, draw, run, cancelled_by=name or person.id, next_look=kit.now() + start.FIRST_LOOK_MS)


def _its_job(gitlab: GitLab, run: Run) -> int:
    """Return the job of a run that has only just begun, before the first look at it."""
    jobs = gitlab.pipeline_jobs(run.project_id, run.pipeline or 0)
    found = next((job.id for job in jobs if job.name == run.job), None)
    if found is None:
        raise Refused(
            f"I find no job `{run.job}` in pipeline #{run.pipeline}, so there is nothing to cancel."
        )
    return found


def retry(kit: Kit, draw: Drawing, run: Run, *, key: str, person: Person) -> None:
    """
    Retry the job of a run that has ended, as `person`, once for each request.

    Raises Refused when it cannot be retried.
    """
    if run.retried_by == key:
        return  # It was done before a crash; the card tells the rest.
    if run.state is RunState.UNKNOWN and run.job_id is not None:
        raise Refused(f"I do not know yet whether the last retry of `{run.job}` began. Its card will tell.")
    if run.state in {RunState.REFUSED, RunState.UNKNOWN} or run.job_id is None:
        raise Refused(f"`{run.job}` never started, so there is nothing to retry. Use `again` to run it.")
    if run.state is not RunState.DONE:
        raise Refused(f"`{run.job}` has not ended yet. Cancel it first, or wait.")
    if run.status not in RETRYABLE:
        raise Refused(
            f"GitLab cannot retry a job that was {run.status}. Use `again` to run it in a new pipeline."
        )
    start.again(kit, draw, run, key=key, person=person)
